package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"sohoa"
)

// wrongFile is a file that cannot be digitised, and what people are told.
type wrongFile struct {
	name, file string // of the row; of the file
	make       func(t *testing.T) []byte
	refused    bool // not taken in at all; otherwise kept as it came and parked
	code       string
	vi, en     string // in the message
}

func ofBytes(b []byte) func(*testing.T) []byte { return func(*testing.T) []byte { return b } }

var wrongFiles = []wrongFile{
	{"empty", "rong.jpg", ofBytes(nil), true, "file.empty", "rỗng", "is empty"},
	{"text named pdf", "van-ban.pdf", ofBytes([]byte("Cộng hòa xã hội chủ nghĩa Việt Nam\n")), true, "file.type",
		"không phải JPEG, PNG, TIFF, WebP, HEIC hoặc PDF", "is not JPEG, PNG, TIFF, WebP, HEIC or PDF"},
	{"zip named jpg", "anh.jpg", ofBytes([]byte("PK\x03\x04\x14\x00\x00\x00")), true, "file.type",
		"không phải JPEG, PNG, TIFF, WebP, HEIC hoặc PDF", "is not JPEG, PNG, TIFF, WebP, HEIC or PDF"},
	{"truncated jpeg", "cut.jpg", func(t *testing.T) []byte { b := page(t, "So 48213"); return b[:len(b)/2] }, false, "image.damaged",
		"Ảnh bị hỏng hoặc bị cắt cụt", "The image is damaged or cut short"},
	{"encrypted pdf", "mat-khau.pdf", encryptedPDF, false, "pdf.encrypted", "được đặt mật khẩu", "protected by a password"},
	{"damaged pdf", "hong.pdf", ofBytes([]byte("%PDF-1.7\nnothing follows\n")), false, "pdf.damaged", "bị hỏng", "is damaged"},
	{"2000 pages", "2000.pdf", ofBytes(pdfOf(2000)), false, "document.too-many-pages",
		"2000 trang, vượt giới hạn 1000", "2000 pages, more than the limit of 1000"},
	{"30000 x 30000 pixels", "bomb.png", func(t *testing.T) []byte { return bombPNG(t, 30_000) }, false, "image.too-many-pixels",
		"30000×30000 điểm ảnh", "30000×30000 pixels"},
	{"1200 frames", "1200.tif", ofBytes(tiffOf(1200)), false, "document.too-many-pages", "vượt giới hạn 1000", "more than the limit of 1000"},
}

// encryptedPDF is a PDF that needs a password.
func encryptedPDF(t *testing.T) []byte {
	qpdf := needs(t, "qpdf")
	in := write(t, t.TempDir(), "in.pdf", pdfOf(1))
	out := in + ".encrypted"
	cmd := exec.Command(qpdf, "--encrypt", "user", "owner", "256", "--", in, out)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWrongFiles brings in what cannot be digitised, all into one archive:
// each is refused or parked with a reason in both languages, and the archive
// goes on.
func TestWrongFiles(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, w := range wrongFiles {
		t.Run(w.name, func(t *testing.T) {
			path := write(t, t.TempDir(), w.file, w.make(t))
			before := len(p.workCopies())
			r := p.run("add", "--dossier", "HS-1", "--lang", "vi", path)
			if r.status != exitFailed || !strings.Contains(r.out+r.err, w.vi) {
				t.Errorf("add --lang vi = status %d, want 1 and %q\n%s%s", r.status, w.vi, r.out, r.err)
			}
			r = p.run("add", "--dossier", "HS-1", "--lang", "en", path)
			if r.status != exitFailed || !strings.Contains(r.out+r.err, w.en) {
				t.Errorf("add --lang en = status %d, want 1 and %q\n%s%s", r.status, w.en, r.out, r.err)
			}
			if w.refused {
				if after := len(p.workCopies()); after != before || r.out != "" {
					t.Errorf("refused, but %d files remain and %q was printed", after-before, r.out)
				}
				return
			}
			p.checkParked(t, path, w)
		})
	}
	good := write(t, t.TempDir(), "tot.jpg", page(t, "So 48213"))
	if out := p.ok("add", "--dossier", "HS-1", good); !strings.Contains(out, " kept ") {
		t.Errorf("add of a good file afterwards: %s", out)
	}
	p.ok("fixity")
	p.ok("journal", "verify")
}

// checkParked looks at the document of a file that was taken in and cannot be
// digitised.
func (p *program) checkParked(t *testing.T, path string, w wrongFile) {
	t.Helper()
	doc := decode[sohoa.Document](t, p.run("add", "--dossier", "HS-1", "--json", path).out)
	if doc.State != sohoa.StateParked || doc.Problem == nil || doc.Problem.Code != w.code {
		t.Fatalf("state %s, problem %v, want parked for %s", doc.State, doc.Problem, w.code)
	}
	if shown := p.ok("show", "--lang", "en", doc.ID.String()); !strings.Contains(shown, w.en) {
		t.Errorf("show does not say %q:\n%s", w.en, shown)
	}
	out := filepath.Join(t.TempDir(), "again")
	p.ok("get", "--rendition", "original", "-o", out, doc.ID.String())
	if got, want := mustRead(t, out), mustRead(t, path); string(got) != string(want) {
		t.Error("the original is not what was brought")
	}
	// Trying again ends the same way, and does not touch anything else.
	p.ok("retry", doc.ID.String())
	if again := p.shown(doc.ID); again.State != sohoa.StateAccepted || again.Problem != nil {
		t.Errorf("after retry: state %s, problem %v, want accepted", again.State, again.Problem)
	}
	r := p.run("add", "--dossier", "HS-1", path)
	if r.status != exitFailed || !strings.Contains(r.out, w.en) {
		t.Errorf("after retry: status %d, want 1 and %q\n%s%s", r.status, w.en, r.out, r.err)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestWrongFilesWithoutArchive recognises some of them.
func TestWrongFilesWithoutArchive(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, w := range wrongFiles {
		if w.name == "1200 frames" || w.name == "zip named jpg" {
			continue // the same as another row here
		}
		t.Run(w.name, func(t *testing.T) {
			dir := t.TempDir()
			path := write(t, dir, w.file, w.make(t))
			out := filepath.Join(dir, "out.txt")
			for lang, want := range map[string]string{"vi": w.vi, "en": w.en} {
				r := p.run("ocr", "--lang", lang, "-o", out, path)
				if r.status != exitFailed || !strings.Contains(r.err, want) {
					t.Errorf("ocr --lang %s = status %d, want 1 and %q\n%s", lang, r.status, want, r.err)
				}
			}
			if _, err := os.Stat(out); !os.IsNotExist(err) {
				t.Errorf("an output was made: %v", err)
			}
		})
	}
}

// TestManyFrames keeps a TIFF of a few frames, page by page.
func TestManyFrames(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	path := write(t, t.TempDir(), "fax.tif", tiffOf(5))
	doc := decode[sohoa.Document](t, p.ok("add", "--json", path))
	if doc.State != sohoa.StateKept || doc.Pages != 5 || doc.PagesRead != 5 {
		t.Errorf("state %s, %d of %d pages read, want 5 of 5 kept", doc.State, doc.PagesRead, doc.Pages)
	}
}

// TestStrangeNames brings in files whose names mean harm: each is kept under
// a name that can be shown, and nothing is written elsewhere.
func TestStrangeNames(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	long := strings.Repeat("ế", 83) // 249 bytes of a file name's 255
	for n, row := range []struct{ name, file, want string }{
		{"folder that climbs", "..a/../..b/x.jpg", "x.jpg"},
		{"newline", "dòng\nmột.jpg", "dòngmột.jpg"},
		{"right to left", "hồ-sơ\u202Egpj.exe.jpg", "hồ-sơgpj.exe.jpg"},
		{"escape", "\x1b[31mđỏ.jpg", "[31mđỏ.jpg"},
		{"backslashes", `..\..\windows\a.jpg`, "a.jpg"},
		{"dots", "...", "khong-ten"},
		{"long", long + ".jpg", long + ".jpg"},
		{"not UTF-8", "a\xff\xfe.jpg", "a\uFFFD.jpg"},
		{"decomposed", "Ho\u0302\u0300.jpg", "Hồ.jpg"},
	} {
		t.Run(row.name, func(t *testing.T) {
			dir := t.TempDir()
			// The path is not cleaned: it may climb.
			path := filepath.Join(dir, "in") + "/" + row.file
			write(t, filepath.Dir(path), filepath.Base(path), page(t, numbered("So", n)))
			for _, folder := range []string{"..a", "..b"} {
				if err := os.MkdirAll(filepath.Join(dir, "in", folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			r := p.run("add", "--json", "--dossier", "HS-1", path)
			if r.status != exitDone {
				t.Fatalf("add %q = status %d\n%s", row.file, r.status, r.err)
			}
			if doc := decode[sohoa.Document](t, r.out); doc.Name != row.want || doc.State != sohoa.StateKept {
				t.Errorf("add %q = %q %s, want %q kept", row.file, doc.Name, doc.State, row.want)
			}
		})
	}
	for _, file := range must(listFiles([]string{p.data}))(t) {
		rel := strings.TrimPrefix(file, p.data)
		if strings.ContainsFunc(rel, func(r rune) bool { return r < ' ' || r > '~' }) || strings.Contains(rel, "windows") {
			t.Errorf("a name from outside became a path: %q", rel)
		}
	}
}

// TestRefusedNamesAreHarmless refuses files whose names would change what a
// terminal shows.
func TestRefusedNamesAreHarmless(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, name := range []string{"\x1b[31mđỏ.jpg", "hai\ndòng.jpg", "\u202Egpj.exe", "a\xff.jpg"} {
		path := write(t, t.TempDir(), name, nil)
		for _, args := range [][]string{{"add", path}, {"add", path + "?"}, {"ocr", path, path + "?"}} {
			r := p.run(args...)
			if r.status == exitDone || strings.ContainsAny(r.err, "\x1b\u202E") || !utf8.ValidString(r.err) || strings.Contains(r.err, "hai\n") {
				t.Errorf("sohoa %q = status %d and says %q", args, r.status, r.err)
			}
		}
	}
}

// must unwraps what a call returned.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
