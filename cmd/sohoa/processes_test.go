package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
)

// TestStopGivesWorkBack ends the server while it reads a page that takes
// longer than it may still live: it ends in time, the page counts as not
// tried, and the next server reads it.
func TestStopGivesWorkBack(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	small := page(t, "So 48213")
	p.ok("add", "--dossier", "HS-1", write(t, t.TempDir(), "mot.jpg", small))
	s := p.serve()
	b := s.signIn()
	doc, err := b.upload(t.Context(), "HS-1", "lon.jpg", bytes.NewReader(slowPage(t)))
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the page to be read", func() bool {
		return len(jobs(t, p, `state = 'running' AND json_extract(args, '$.stage') = 'read'`)) > 0
	})
	began := time.Now()
	s.stop()
	took := time.Since(began)
	t.Logf("the server ended after %v", took.Round(time.Millisecond))
	if took > sohoa.ShutdownGrace {
		t.Errorf("the server took %v to end, want %v at most", took, sohoa.ShutdownGrace)
	}
	if doc := p.shown(doc.ID); doc.State != sohoa.StateReading || doc.PagesRead != 0 {
		t.Errorf("state %s, %d pages read, want reading and 0: the page was too quick for this test", doc.State, doc.PagesRead)
	}
	if failed := jobs(t, p, `json_array_length(coalesce(errors, '[]')) > 0 OR state = 'running'`); len(failed) > 0 {
		t.Errorf("jobs after the end: %q, want none that failed or runs", failed)
	}
	again := p.serve()
	b.base = again.base
	until(t, "the document", func() bool { return b.document(t, doc.ID).State == sohoa.StateKept })
	if doc := b.document(t, doc.ID); doc.PagesRead != 1 || doc.Revision != 1 {
		t.Errorf("%d pages read, revision %d, want 1 and 1", doc.PagesRead, doc.Revision)
	}
	again.stop()
}

// slowPage is a page that takes many seconds to read: eight scans in one image.
func slowPage(t *testing.T) []byte {
	t.Helper()
	var scans []image.Image
	for _, name := range []string{"danh-sach-01.jpg", "quyet-dinh-01.jpg", "bien-ban-02.jpg", "to-khai-01.jpg"} {
		img, _, err := image.Decode(bytes.NewReader(mustRead(t, filepath.Join(samples, name))))
		if err != nil {
			t.Fatal(err)
		}
		scans = append(scans, img)
	}
	const w, h, columns, rows = 1700, 2400, 4, 2
	sheet := image.NewGray(image.Rect(0, 0, columns*w, rows*h))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	for n := range columns * rows {
		at := image.Pt(n%columns*w, n/columns*h)
		draw.Draw(sheet, image.Rectangle{at, at.Add(image.Pt(w, h))}, scans[n%len(scans)], image.Point{}, draw.Src)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, sheet, &jpeg.Options{Quality: 70}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestOneWorksAndOthersAsk runs commands beside a server: it does the work
// and answers the searches.
func TestOneWorksAndOthersAsk(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	worker := *p
	worker.env = append(worker.env, officeKey(t)...) // only the server can sign
	s := worker.serve()
	files := t.TempDir()
	out := p.ok("add", "--json", "--dossier", "HS-1", write(t, files, "mot.jpg", page(t, "So 48213")))
	doc := decode[sohoa.Document](t, out)
	if doc.State != sohoa.StateKept || doc.Signature != sohoa.SignatureBasic {
		t.Errorf("added beside the server: %s %s, want kept and signed by it", doc.State, doc.Signature)
	}
	if found := p.ok("search", "48213"); !strings.Contains(found, doc.ID.String()) {
		t.Errorf("search = %q, want %s", found, doc.ID)
	}
	r := p.run("search", "--lang", "vi", "")
	if r.status != exitFailed || !strings.Contains(r.err, "Hãy nhập từ cần tìm") {
		t.Errorf("an empty search beside the server = %d %q", r.status, r.err)
	}
	for lang, want := range map[string]string{"vi": "đang dùng thư mục dữ liệu", "en": "is using the data folder"} {
		if r := p.run("serve", "--listen", "127.0.0.1:0", "--lang", lang); r.status != exitFailed || !strings.Contains(r.err, want) {
			t.Errorf("a second server = %d %q, want 1 and %q", r.status, r.err, want)
		}
	}
	p.ok("reindex")
	if found := p.ok("search", "48213"); !strings.Contains(found, doc.ID.String()) {
		t.Errorf("search after reindex = %q, want %s", found, doc.ID)
	}
	s.stop()
	if found := p.ok("search", "48213"); !strings.Contains(found, doc.ID.String()) {
		t.Errorf("search without the server = %q, want %s", found, doc.ID)
	}
}

// TestAddTakesOver kills the server that works for an add: the add goes on
// by itself.
func TestAddTakesOver(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := p.serve()
	cmd := p.command("add", "--json", "--dossier", "HS-1", filepath.Join(samples, "to-khai-01.jpg"))
	var added result
	var wait sync.WaitGroup
	wait.Go(func() { added = finish(t, cmd) })
	until(t, "work", func() bool {
		return len(jobs(t, p, `state = 'running' AND json_extract(args, '$.stage') = 'read'`)) > 0
	})
	s.kill()
	wait.Wait()
	if added.status != exitDone {
		t.Fatalf("add = status %d\n%s", added.status, added.err)
	}
	if doc := decode[sohoa.Document](t, added.out); doc.State != sohoa.StateKept || doc.Revision != 1 {
		t.Errorf("%s, revision %d, want kept, 1", doc.State, doc.Revision)
	}
	checkRoot(t, p, 1)
}

// TestTwoAddsOfOneFile brings the same bytes in twice at once, in two
// processes: both get the same document.
func TestTwoAddsOfOneFile(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	path := write(t, t.TempDir(), "mot.jpg", page(t, "So 48213"))
	var results [2]result
	var wait sync.WaitGroup
	for n := range results {
		cmd := p.command("add", "--json", "--dossier", "HS-1", path)
		wait.Go(func() { results[n] = finish(t, cmd) })
	}
	wait.Wait()
	ids := map[sohoa.DocumentID]bool{}
	for _, r := range results {
		if r.status != exitDone {
			t.Fatalf("add = status %d\n%s", r.status, r.err)
		}
		doc := decode[sohoa.Document](t, r.out)
		ids[doc.ID] = true
		if doc.State != sohoa.StateKept {
			t.Errorf("%s is %s, want kept", doc.ID, doc.State)
		}
	}
	if len(ids) != 1 {
		t.Errorf("documents %v, want one", ids)
	}
	if left := p.workCopies(); len(left) > 0 {
		t.Errorf("left in the store: %q", left)
	}
	checkRoot(t, p, 1)
}

// TestSearchesAtOnce runs several commands that each need the index, without
// a server and while one starts.
func TestSearchesAtOnce(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.ok("add", "--dossier", "HS-1", write(t, t.TempDir(), "mot.jpg", page(t, "So 48213")))
	var wait sync.WaitGroup
	results := make([]result, 6)
	run := func() {
		for n := range results {
			cmd := p.command("search", "--json", "48213")
			wait.Go(func() { results[n] = finish(t, cmd) })
		}
	}
	check := func(when string) {
		wait.Wait()
		for _, r := range results {
			if r.status != exitDone || len(lines(r.out)) != 1 {
				t.Errorf("search %s = status %d, %q, %q, want one hit", when, r.status, r.out, r.err)
			}
		}
	}
	run()
	check("without a server")
	run()
	s := p.serve()
	check("while a server starts")
	run()
	s.kill()
	check("while a server dies")
}

// TestInterruptedAdd ends an add as a person does with Ctrl-C: what it took
// in is kept by the next one.
func TestInterruptedAdd(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	scan := filepath.Join(samples, "to-khai-01.jpg")
	cmd := p.command("add", "--dossier", "HS-1", scan)
	end := begin(t, cmd)
	until(t, "work", func() bool {
		_, err := os.Stat(filepath.Join(p.data, lockFile))
		return err == nil && len(jobs(t, p, `state = 'running' AND json_extract(args, '$.stage') = 'read'`)) > 0
	})
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	first := end()
	if first.status != exitFailed && first.status != exitDone { // it may just have finished
		t.Errorf("the interrupted add = status %d\n%s", first.status, first.err)
	}
	doc := decode[sohoa.Document](t, p.ok("add", "--json", "--dossier", "HS-1", scan))
	if doc.State != sohoa.StateKept || doc.Revision != 1 {
		t.Errorf("%s, revision %d, want kept, 1", doc.State, doc.Revision)
	}
}
