package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"sohoa"
	"sohoa/signing/testca"
)

// compiled holds what is compiled once for all tests: the PDF engine.
var compiled = filepath.Join(os.TempDir(), "sohoa-test-pdfium")

// samples are the sample scans.
var samples, _ = filepath.Abs(filepath.Join("..", "..", "testdata", "scans"))

// tick is how often a test looks at something that tells nobody.
const tick = 20 * time.Millisecond

// patience is how long a test waits for what must happen, on a machine that
// has other things to do.
const patience = 3 * time.Minute

// program is sohoa with a data folder of its own.
type program struct {
	t    testing.TB
	data string
	env  []string
}

func newProgram(t testing.TB, env ...string) *program {
	t.Helper()
	p := &program{t: t, data: filepath.Join(t.TempDir(), "data")}
	p.env = append([]string{"SOHOA_DATA=" + p.data, "SOHOA_LANG=en", "SOHOA_SECOND_FACTOR=none"}, env...)
	furnish(t, p.data)
	return p
}

// furnish makes a data folder that shares the compiled PDF engine.
func furnish(t testing.TB, data string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(compiled, 0o755), os.MkdirAll(data, 0o700),
		os.Symlink(compiled, filepath.Join(data, cacheDir)))
	if err != nil {
		t.Fatal(err)
	}
}

// command is the program in a process of its own.
func (p *program) command(args ...string) *exec.Cmd {
	p.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Args = append([]string{"sohoa"}, args...)
	cmd.Env = append(os.Environ(), p.env...)
	return cmd
}

// result is what a finished process left.
type result struct {
	out, err string
	status   int
}

// run runs the program to its end.
func (p *program) run(args ...string) result {
	p.t.Helper()
	return finish(p.t, p.command(args...))
}

// finish runs a command to its end.
func finish(t testing.TB, cmd *exec.Cmd) result {
	t.Helper()
	return begin(t, cmd)()
}

// begin starts a command; end waits until it has ended.
func begin(t testing.TB, cmd *exec.Cmd) (end func() result) {
	t.Helper()
	var out, errw bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errw
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() result {
		t.Helper()
		timer := time.AfterFunc(patience, func() { cmd.Process.Kill() })
		defer timer.Stop()
		err := cmd.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if !cmd.ProcessState.Exited() {
			t.Fatalf("%q was ended by %v; it had said:\n%s%s", cmd.Args, cmd.ProcessState, out.String(), errw.String())
		}
		return result{out.String(), errw.String(), cmd.ProcessState.ExitCode()}
	}
}

// ok runs the program, which must succeed, and returns what it printed.
func (p *program) ok(args ...string) string {
	p.t.Helper()
	r := p.run(args...)
	if r.status != exitDone {
		p.t.Fatalf("sohoa %q = status %d, want 0\n%s%s", args, r.status, r.out, r.err)
	}
	return r.out
}

// shown is what `sohoa show` knows of a document.
func (p *program) shown(id sohoa.DocumentID) showJSON {
	p.t.Helper()
	return decode[showJSON](p.t, p.ok("show", "--json", id.String()))
}

// workCopies are the files of documents that are not kept.
func (p *program) workCopies() []string {
	p.t.Helper()
	var files []string
	for _, dir := range []string{filepath.Join(p.data, objectsDir, "work"), filepath.Join(p.data, tempDir)} {
		found, err := listFiles([]string{dir})
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			p.t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// officeKey makes a test authority and is the environment in which documents
// are signed by a key of it.
func officeKey(t testing.TB) []string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "ca")
	ca, err := testca.Create(dir, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	agency, err := ca.Agency("Ủy ban nhân dân xã Vĩnh Nghĩa")
	if err != nil {
		t.Fatal(err)
	}
	key, err := agency.PKCS12("x")
	if err != nil {
		t.Fatal(err)
	}
	return []string{"SOHOA_SIGN_KEY=" + write(t, dir, "agency.p12", key), "SOHOA_SIGN_PASSWORD=x",
		"SOHOA_TRUST=" + filepath.Join(dir, "root.pem")}
}

// jobs are the jobs of the queue, as JSON, for which a condition holds.
func jobs(t testing.TB, p *program, where string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(p.data, catalogueFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), `SELECT state || ' ' || attempt || ' ' || json(args) || ' ' || json(coalesce(errors, '[]')) FROM river_job WHERE `+where)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		found = append(found, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// decode reads one JSON line.
func decode[T any](t testing.TB, line string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatalf("%q is not JSON: %v", line, err)
	}
	return v
}

// until waits for ok, which looks at something that tells nobody.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	pause := time.NewTicker(tick)
	defer pause.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for %s in vain", patience, what)
		}
		<-pause.C
	}
}

// kill ends a process at once.
func kill(t testing.TB, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	cmd.Wait() // "signal: killed" is what was asked for
}

// drawPage draws a small page with a line of text, as a JPEG.
func drawPage(line string) ([]byte, error) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 40, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, err
	}
	img := image.NewGray(image.Rect(0, 0, 800, 240))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{20}), Face: face, Dot: fixed.P(80, 130)}
	d.DrawString(line)
	var b bytes.Buffer
	err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 90})
	return b.Bytes(), err
}

// page is drawPage for tests.
func page(t testing.TB, line string) []byte {
	t.Helper()
	b, err := drawPage(line)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// write puts a file into a folder and returns its path.
func write(t testing.TB, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

// needs finds an outside program; without it the test is left out, but never
// in CI.
func needs(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("%s is needed: %v", name, err)
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// lines are the lines of an output.
func lines(out string) []string {
	return strings.FieldsFunc(out, func(r rune) bool { return r == '\n' })
}

// numbered names the n-th of something.
func numbered(what string, n int) string { return fmt.Sprintf("%s-%02d", what, n) }
