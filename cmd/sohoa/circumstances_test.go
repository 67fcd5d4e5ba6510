package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/signing/testca"
)

// says runs a command in both languages: it must fail with this message in
// each.
func (p *program) says(vi, en string, args ...string) {
	p.t.Helper()
	for lang, want := range map[string]string{"vi": vi, "en": en} {
		r := p.run(append(args, "--lang", lang)...)
		if r.status != exitFailed || !strings.Contains(r.err, want) || r.out != "" {
			p.t.Errorf("sohoa %q --lang %s = status %d, %q, %q; want 1 and %q", args, lang, r.status, r.out, r.err, want)
		}
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	p := &program{t: t, data: filepath.Join(t.TempDir(), "data")}
	p.env = []string{"SOHOA_DATA=" + p.data}
	p.says("đang được chương trình khác sử dụng", "in use by another program", "serve", "--listen", l.Addr().String())
	if _, err := os.Stat(p.data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a data folder was made: %v", err)
	}
}

func TestMissingModel(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "SOHOA_TESSDATA="+t.TempDir())
	scan := filepath.Join(samples, "trang-trang-01.jpg")
	p.says("Thiếu mô hình nhận dạng “vie”", "The recognition model “vie” is missing", "add", scan)
	p.says("Thiếu mô hình nhận dạng “vie”", "The recognition model “vie” is missing", "serve", "--listen", "127.0.0.1:0")
	if left := p.workCopies(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestMissingKey(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "SOHOA_SIGN_KEY=nowhere.p12")
	scan := filepath.Join(samples, "trang-trang-01.jpg")
	p.says("Không dùng được khóa nowhere.p12", "Key nowhere.p12 cannot be used", "add", scan)
	if left := p.workCopies(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestLookingNeedsNoModelOrKey looks at an archive on a machine that cannot
// work on documents.
func TestLookingNeedsNoModelOrKey(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	doc := decode[sohoa.Document](t, p.ok("add", "--json", write(t, t.TempDir(), "mot.jpg", page(t, "So 48213"))))
	p.env = append(p.env, "SOHOA_TESSDATA="+t.TempDir(), "SOHOA_SIGN_KEY=nowhere.p12")
	id := doc.ID.String()
	for _, args := range [][]string{{"show", id}, {"get", "--rendition", "text", id}, {"search", "48213"}, {"fixity"},
		{"reindex"}, {"recover"}, {"retry", id}, {"journal", "verify"}, {"user", "lan"}, {"config"}} {
		p.ok(args...)
	}
}

func TestUnwritableDataFolder(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can run a program as somebody else")
	}
	// As somebody else, the program has to lie where they may go.
	dir := must(os.MkdirTemp("", "sohoa-nobody-*"))(t)
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	exe := filepath.Join(dir, "sohoa")
	copyFile(t, exe, must(os.Executable())(t))
	for name, data := range map[string]string{"folder of another": dir, "folder to be made": filepath.Join(dir, "data")} {
		p := &program{t: t, data: data}
		for lang, want := range map[string]string{"vi": "Không ghi được vào thư mục dữ liệu " + data, "en": "The data folder " + data + " cannot be written"} {
			cmd := p.command("add", "--data", data, "--lang", lang, "/dev/null")
			cmd.Path = exe
			cmd.Dir = "/"
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
			if r := finish(t, cmd); r.status != exitFailed || !strings.Contains(r.err, want) {
				t.Errorf("%s: status %d, %q, want 1 and %q", name, r.status, r.err, want)
			}
		}
	}
	if left := must(os.ReadDir(dir))(t); len(left) != 1 {
		t.Errorf("%v, want the program alone", left)
	}
}

func copyFile(t *testing.T, to, from string) {
	t.Helper()
	in := must(os.Open(from))(t)
	defer in.Close()
	out := must(os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755))(t)
	_, err := io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
}

// smallDisk is a program whose data folder is a disk of its own.
func smallDisk(t *testing.T, size string) *program {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can make a small disk")
	}
	p := &program{t: t, data: filepath.Join(t.TempDir(), "data")}
	p.env = []string{"SOHOA_DATA=" + p.data, "SOHOA_LANG=en"}
	if err := os.Mkdir(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", p.data, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("this machine does not let root mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(p.data, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	if err := os.Symlink(compiled, filepath.Join(p.data, cacheDir)); err != nil {
		t.Fatal(err)
	}
	return p
}

// fill leaves so many bytes free on the program's disk, until the file that
// it returns is removed.
func (p *program) fill(free int64) (filler string) {
	p.t.Helper()
	var stat syscall.Statfs_t
	if err := syscall.Statfs(p.data, &stat); err != nil {
		p.t.Fatal(err)
	}
	n := int64(stat.Bavail)*stat.Bsize - free
	if n < 0 {
		p.t.Fatalf("%d bytes are free, want %d", n+free, free)
	}
	filler = filepath.Join(p.data, "filler")
	f := must(os.Create(filler))(p.t)
	_, err := io.CopyN(f, rand.Reader, n)
	if err := errors.Join(err, f.Close()); err != nil {
		p.t.Fatal(err)
	}
	return filler
}

// TestFullDisk fills the disk before a file is taken in: it is refused, and
// taken in once there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	p := smallDisk(t, "12m")
	p.ok("add", "--dossier", "HS-1", write(t, t.TempDir(), "mot.jpg", page(t, "So 48213")))
	scan := filepath.Join(samples, "bien-ban-01.pdf") // 600 KB
	filler := p.fill(200 << 10)
	p.says("Hết chỗ trên đĩa", "The disk is full", "add", "--dossier", "HS-1", scan)
	if left := p.workCopies(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
	p.ok("search", "48213")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	doc := decode[sohoa.Document](t, p.ok("add", "--json", "--dossier", "HS-1", scan))
	if doc.State != sohoa.StateKept {
		t.Errorf("%s, want kept", doc.State)
	}
	p.ok("journal", "verify")
	p.ok("fixity")
	checkRoot(t, p, 2)
}

// TestDiskFillsUpDuringWork lets the disk be full when the file is taken in
// already: the work goes on when there is room again.
func TestDiskFillsUpDuringWork(t *testing.T) {
	t.Parallel()
	p := smallDisk(t, "12m")
	p.ok("add", "--dossier", "HS-1", write(t, t.TempDir(), "mot.jpg", page(t, "So 48213")))
	filler := p.fill(900 << 10)
	cmd := p.command("add", "--json", "--dossier", "HS-1", filepath.Join(samples, "bien-ban-01.pdf"))
	var added result
	var wait sync.WaitGroup
	done := make(chan struct{})
	wait.Go(func() { added = finish(t, cmd); close(done) })
	until(t, "a stage that fails, or the end", func() bool {
		select {
		case <-done:
			return true
		default:
			return len(jobs(t, p, `json_array_length(coalesce(errors, '[]')) > 0`)) > 0
		}
	})
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	wait.Wait()
	if added.status != exitDone {
		t.Fatalf("add = status %d\n%s%s", added.status, added.out, added.err)
	}
	if doc := decode[sohoa.Document](t, added.out); doc.State != sohoa.StateKept || doc.PagesRead != 4 {
		t.Errorf("%s, %d pages read, want kept, 4", doc.State, doc.PagesRead)
	}
	if failed := jobs(t, p, `json_array_length(coalesce(errors, '[]')) > 0`); len(failed) == 0 {
		t.Error("no stage failed: the disk was large enough")
	}
	p.ok("journal", "verify")
	checkRoot(t, p, 2)
}

// TestTimestampComesLater keeps a document while the timestamp authority is
// down, under the name of that state, and stamps it when it is back.
func TestTimestampComesLater(t *testing.T) {
	t.Parallel()
	env := officeKey(t)
	ca := must(testca.Open(filepath.Dir(strings.TrimPrefix(env[2], "SOHOA_TRUST=")), time.Now))(t)
	tsa := ca.TSA()
	tsa.Misbehave(testca.FaultStatus)
	authority := httptest.NewServer(tsa)
	defer authority.Close()
	p := newProgram(t, append(env, "SOHOA_TSA="+authority.URL)...)
	path := write(t, t.TempDir(), "mot.jpg", page(t, "So 48213"))
	out := p.ok("add", "--dossier", "HS-1", path)
	if !strings.Contains(out, "awaiting-timestamp") || !strings.Contains(out, "Signed, awaiting a timestamp") {
		t.Errorf("add says %q, want that a timestamp is missing", out)
	}
	if out := p.ok("add", "--dossier", "HS-1", "--lang", "vi", path); !strings.Contains(out, "đang chờ dấu thời gian") {
		t.Errorf("add --lang vi says %q, want that a timestamp is missing", out)
	}
	doc := decode[sohoa.Document](t, p.ok("add", "--dossier", "HS-1", "--json", path))
	if doc.State != sohoa.StateKept || doc.Signature != sohoa.SignatureAwaiting || doc.Revision != 1 {
		t.Fatalf("%s, %s, revision %d, want kept, awaiting-timestamp, 1", doc.State, doc.Signature, doc.Revision)
	}
	tsa.Misbehave(testca.FaultNone)
	s := p.serve()
	b := s.signIn()
	until(t, "the timestamp", func() bool { return b.document(t, doc.ID).Signature == sohoa.SignatureTimed })
	s.stop()
	if doc := p.shown(doc.ID); doc.Revision != 2 || doc.SignReason != nil {
		t.Errorf("revision %d, reason %v, want 2 and none", doc.Revision, doc.SignReason)
	}
	if out := p.ok("verify", "--json", doc.ID.String()); !strings.Contains(out, `"level":"B-T"`) {
		t.Errorf("verify = %s, want B-T", out)
	}
	checkRoot(t, p, 1)
}

// TestInterruptedUpload cuts an upload off: nothing of it stays.
func TestInterruptedUpload(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.ok("add", "--dossier", "HS-1", write(t, t.TempDir(), "mot.jpg", page(t, "So 48213")))
	s := p.serve()
	b := s.signIn()
	half := mustRead(t, filepath.Join(samples, "danh-sach-01.jpg"))
	body := io.MultiReader(bytes.NewReader(half[:len(half)/2]), brokenLine{})
	if _, err := b.upload(t.Context(), "HS-1", "dut.jpg", body); !errors.Is(err, errNotAcknowledged) {
		t.Fatalf("upload over a line that breaks = %v, want none", err)
	}
	until(t, "the rest to be removed", func() bool { return len(p.workCopies()) == 0 })
	s.stop()
}

type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, errors.New("the line broke") }
