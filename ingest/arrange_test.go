package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/ingest"
)

// held adds a sample scan that waits to be arranged, and waits until it is
// read.
func (of *office) held(name string) sohoa.Document {
	of.t.Helper()
	data := scan(of.t, name)
	doc, _, err := of.Accept(of.t.Context(), ingest.Request{Dossier: dossier, Name: name, Actor: "lan", Body: bytes.NewReader(data), Size: -1, Hold: true})
	if err != nil {
		of.t.Fatal(err)
	}
	return of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead || d.State == sohoa.StateParked })
}

// arrangement is the present one.
func (of *office) arrangement(id sohoa.DocumentID) sohoa.Arrangement {
	of.t.Helper()
	return must(of.Arrangement(of.t.Context(), id))(of.t)
}

// arrange gives a document the pages of a list and returns the error.
func (of *office) tryArrange(id sohoa.DocumentID, pages string) error {
	of.t.Helper()
	now := of.arrangement(id)
	now.Pages = must(sohoa.ParsePages(id, pages))(of.t)
	_, err := of.Arrange(of.t.Context(), "lan", now)
	return err
}

func (of *office) arrange(id sohoa.DocumentID, pages string) {
	of.t.Helper()
	if err := of.tryArrange(id, pages); err != nil {
		of.t.Fatalf("Arrange(%s) = %v", pages, err)
	}
}

func (of *office) release(id sohoa.DocumentID) sohoa.Document {
	of.t.Helper()
	if err := of.Release(of.t.Context(), "lan", id); err != nil {
		of.t.Fatalf("Release = %v", err)
	}
	return of.kept(id)
}

// checkPages checks what a document's pages are, dropped ones after a bar, and
// that their texts are those of the right pages.
func (of *office) checkPages(id sohoa.DocumentID, want string) {
	of.t.Helper()
	a := of.arrangement(id)
	got := sohoa.FormatPages(id, a.Pages)
	if len(a.Dropped) > 0 {
		got += "|" + sohoa.FormatPages(id, a.Dropped)
	}
	if got != want {
		of.t.Errorf("pages of %s are %q, want %q", id, got, want)
	}
	doc := must(of.catalog.Document(of.t.Context(), sohoa.Everything, id))(of.t)
	pages := must(of.catalog.Pages(of.t.Context(), id))(of.t)
	if doc.Pages != len(a.Pages) || doc.PagesRead != len(a.Pages) || len(pages) != len(a.Pages) {
		of.t.Fatalf("%d pages listed, %d counted, %d read; want %d", len(pages), doc.Pages, doc.PagesRead, len(a.Pages))
	}
	for i, p := range pages {
		if p.Origin() != a.Pages[i] || p.Number != i+1 || p.Document != id {
			of.t.Errorf("page %d is number %d of %s from %v, want it from %v", i+1, p.Number, p.Document, p.Origin(), a.Pages[i])
		}
		text := must(of.PageText(of.t.Context(), id, i+1))(of.t)
		if text.Page != i+1 || text.Turn != p.Turn || countWords(text) != p.Words {
			of.t.Errorf("text of page %d says page %d, turn %d, %d words; want turn %d, %d words", i+1, text.Page, text.Turn, countWords(text), p.Turn, p.Words)
		}
	}
}

func countWords(t sohoa.PageText) (n int) {
	for _, l := range t.Lines {
		n += len(l.Words)
	}
	return n
}

func problemOf(err error) string {
	var p *sohoa.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return fmt.Sprint(err)
}

func TestHeldDocumentWaitsForItsRelease(t *testing.T) {
	of := openOffice(t, options{})
	doc := of.held("bien-ban-01.pdf")
	if !doc.Held || doc.PagesRead != 4 || doc.Stage != sohoa.StageCompose {
		t.Fatalf("held: %+v, want it read and waiting to be composed", doc)
	}
	free := of.kept(of.add("trang-trang-01.jpg", scan(t, "trang-trang-01.jpg")).ID) // others go on
	if err := of.Hold(t.Context(), "lan", free.ID); problemOf(err) != "arrange.signed" {
		t.Errorf("Hold of a kept document = %v, want arrange.signed", err)
	}
	if err := of.tryArrange(free.ID, "1@90"); problemOf(err) != "arrange.signed" {
		t.Errorf("Arrange of a kept document = %v, want arrange.signed", err)
	}
	if text := plain(must(of.PageText(t.Context(), doc.ID, 1))(t)); !strings.Contains(text, "BIÊN BẢN") {
		t.Errorf("text of the held document %q, want it readable", text)
	}
	kept := of.release(doc.ID)
	if kept.Held || kept.Signature != sohoa.SignatureTimed || kept.Pages != 4 {
		t.Errorf("released: %+v, want it signed with 4 pages", kept)
	}
	for _, again := range []func(context.Context, string, sohoa.DocumentID) error{of.Release, of.Retry} {
		if err := again(t.Context(), "lan", doc.ID); err != nil {
			t.Errorf("once more: %v, want nothing to happen", err)
		}
	}
	of.stop()
	of.checkArchive()
}

func TestArrangedPagesBecomeThePDF(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir})
	doc := of.held("bien-ban-01.pdf")
	images := map[int]sohoa.Digest{}
	for _, p := range must(of.catalog.Pages(t.Context(), doc.ID))(t) {
		images[p.Number] = p.Image
	}
	before := must(of.PageText(t.Context(), doc.ID, 3))(t)
	of.arrange(doc.ID, "3@90,1,4@180")
	of.checkPages(doc.ID, "3@90,1,4@180|2")
	after := must(of.PageText(t.Context(), doc.ID, 1))(t)
	checkTurned(t, before, after)
	of.checkThumb(doc.ID, 1, true)

	kept := of.release(doc.ID)
	of.stop()
	pages := must(of.catalog.Pages(t.Context(), doc.ID))(t)
	for i, from := range []int{3, 1, 4} {
		image := of.read(doc.ID, sohoa.RoleImage, i+1)
		if pages[i].Image != images[from] || sohoa.Sum(image) != images[from] {
			t.Errorf("image of page %d is %s, want the bytes of page %d, %s", i+1, sohoa.Sum(image), from, images[from])
		}
	}
	of.checkSigned("arranged", kept)
	path := of.pdfFile(doc.ID)
	archivetest.VeraPDF(t, path)
	checkBoxes(t, path, 1, after)
	sizes := outputOf(t, "pdfinfo", "-f", "1", "-l", "3", path)
	for _, want := range []string{"1 size:  841.68 x 595.2 ", "2 size:  595.2 x 841.68 ", "3 size:  595.2 x 841.68 "} {
		if !strings.Contains(sizes, want) {
			t.Errorf("pdfinfo says\n%s\nwant %q in it", sizes, want)
		}
	}
	if text := outputOf(t, "pdftotext", "-f", "2", "-l", "2", path, "-"); !strings.Contains(text, "BIÊN BẢN") {
		t.Errorf("text of page 2 of the PDF %q, want that of the first page of the original", text)
	}
	of.checkArchive()
	of.checkRecovers(dir, doc.ID, images[3])
}

// checkTurned checks that text is before, a quarter turned clockwise.
func checkTurned(t *testing.T, before, after sohoa.PageText) {
	t.Helper()
	if after.Width != before.Height || after.Height != before.Width || after.Turn != (before.Turn+90)%360 {
		t.Errorf("the turned page is %dx%d, turn %d; was %dx%d, turn %d", after.Width, after.Height, after.Turn, before.Width, before.Height, before.Turn)
	}
	a, b := before.Lines[0].Words[0].Box, after.Lines[0].Words[0].Box
	h := float64(before.Height)
	if want := (sohoa.Rect{X0: h - a.Y1, Y0: a.X0, X1: h - a.Y0, Y1: a.X1}); b != want {
		t.Errorf("the box of a word is %v, want %v", b, want)
	}
}

// checkThumb checks that the thumbnail of a page lies or stands.
func (of *office) checkThumb(id sohoa.DocumentID, page int, lies bool) {
	of.t.Helper()
	file := filepath.Join(of.t.TempDir(), "thumb.jpg")
	if err := os.WriteFile(file, of.read(id, sohoa.RoleThumb, page), 0o600); err != nil {
		of.t.Fatal(err)
	}
	f := must(os.Open(file))(of.t)
	defer f.Close()
	cfg := must(jpeg.DecodeConfig(f))(of.t)
	if (cfg.Width > cfg.Height) != lies {
		of.t.Errorf("the thumbnail of page %d is %dx%d, want it lying: %t", page, cfg.Width, cfg.Height, lies)
	}
}

// pdfFile is the PDF of a document as a file.
func (of *office) pdfFile(id sohoa.DocumentID) string {
	of.t.Helper()
	path := filepath.Join(of.t.TempDir(), "document.pdf")
	if err := os.WriteFile(path, of.read(id, sohoa.RolePDF, 0), 0o600); err != nil {
		of.t.Fatal(err)
	}
	return path
}

// outputOf runs a program that tests need.
func outputOf(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// checkBoxes checks that the words of a page lie in the PDF where the text has
// them, by what poppler finds.
func checkBoxes(t *testing.T, path string, page int, text sohoa.PageText) {
	t.Helper()
	n := fmt.Sprint(page)
	boxes := outputOf(t, "pdftotext", "-f", n, "-l", n, "-bbox", path, "-")
	scale := 72 / text.DPI
	found := 0
	for line := range strings.Lines(boxes) {
		var x0, y0, x1, y1 float64
		if _, err := fmt.Sscanf(strings.TrimSpace(line), `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f">`, &x0, &y0, &x1, &y1); err != nil {
			continue
		}
		x, y := (x0+x1)/2/scale, (y0+y1)/2/scale
		if slices.ContainsFunc(text.Lines, func(l sohoa.Line) bool { return inside(l.Box, x, y, l.Height) }) {
			found++
		}
	}
	if found == 0 || found != strings.Count(boxes, "<word ") {
		t.Errorf("%d of %d words on page %d lie on a line of the text, want all", found, strings.Count(boxes, "<word "), page)
	}
}

func inside(r sohoa.Rect, x, y, air float64) bool {
	return r.X0-air <= x && x <= r.X1+air && r.Y0-air <= y && y <= r.Y1+air
}

// checkRecovers loses the catalogue and all that can be made again, and checks
// that the arranged document comes back.
func (of *office) checkRecovers(dir string, id sohoa.DocumentID, first sohoa.Digest) {
	t := of.t
	t.Helper()
	want := must(of.catalog.Document(t.Context(), sohoa.Everything, id))(t)
	pages := sohoa.FormatPages(id, of.arrangement(id).Pages)
	of.catalog.Close()
	for _, lost := range []string{"c.db", "c.db-wal", "c.db-shm", "objects/cache"} {
		if err := os.RemoveAll(filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
	}
	again := openOffice(t, options{dir: dir, idle: true})
	if _, err := again.Recover(t.Context(), func(id sohoa.DocumentID, err error) {
		if err != nil {
			t.Errorf("recover %s: %v", id, err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	got := must(again.catalog.Document(t.Context(), sohoa.Everything, id))(t)
	if got.Pages != want.Pages || got.Arrangement != want.Arrangement || sohoa.FormatPages(id, again.arrangement(id).Pages) != pages {
		t.Errorf("recovered %+v, want %+v", got, want)
	}
	if image := again.read(id, sohoa.RoleImage, 1); sohoa.Sum(image) != first {
		t.Errorf("the image of page 1 is %s after recovery, want %s", sohoa.Sum(image), first)
	}
	for n := 1; n <= got.Pages; n++ {
		again.read(id, sohoa.RoleThumb, n)
		if text := must(again.PageText(t.Context(), id, n))(t); text.Page != n {
			t.Errorf("text of page %d says %d", n, text.Page)
		}
	}
}

// TestPartIsSufficientByItself splits a document, keeps the part alone, and
// loses everything but its object.
func TestPartIsSufficientByItself(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir})
	doc := of.held("bien-ban-01.pdf")
	part := must(of.Split(t.Context(), "lan", of.arrangement(doc.ID), 2))(t)
	if part.SplitFrom != doc.ID || part.Dossier != dossier || part.Name != "bien-ban-01 (3-4).pdf" || !part.Held {
		t.Errorf("the part is %+v", part)
	}
	of.checkPages(doc.ID, "1-2")
	of.checkPages(part.ID, fmt.Sprintf("%s:3-4", doc.ID))
	image := must(of.catalog.Pages(t.Context(), part.ID))(t)[0].Image
	text := plain(must(of.PageText(t.Context(), part.ID, 1))(t))

	// The document is kept first: the part must not miss its working files.
	of.release(doc.ID)
	if err := of.tryArrange(part.ID, fmt.Sprintf("%s:4,%s:3@270", doc.ID, doc.ID)); err != nil {
		t.Fatalf("Arrange of the part after its source was kept = %v", err)
	}
	if err := of.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "objects", "cache")); err != nil {
		t.Fatal(err)
	}
	kept := of.release(part.ID)
	of.stop()
	of.checkSigned("part", kept)
	of.checkArchive()
	files := map[string]bool{}
	for _, f := range must(of.catalog.Files(t.Context(), part.ID))(t) {
		files[f.Key[strings.Index(f.Key, "/content/")+1:]] = true
		if !strings.HasPrefix(f.Key, "ocfl/") {
			t.Errorf("%s %d of the part is at %s, want it in its object", f.Role, f.Page, f.Key)
		}
	}
	for _, want := range []string{"content/pages/0001.jpg", "content/pages/0002.jpg", "content/text/0001.json", "content/document.pdf", "content/signed.pdf", "content/metadata.json"} {
		if !files[want] {
			t.Errorf("the object of the part lacks %s: %v", want, files)
		}
	}
	of.loseObject(doc.ID)
	of.catalog.Close()
	for _, lost := range []string{"c.db", "c.db-wal", "c.db-shm", "objects/cache", "objects/work"} {
		if err := os.RemoveAll(filepath.Join(dir, lost)); err != nil {
			t.Fatal(err)
		}
	}
	of = openOffice(t, options{dir: dir, idle: true})
	if _, err := of.Recover(t.Context(), func(sohoa.DocumentID, error) {}); err != nil {
		t.Fatal(err)
	}
	if got := of.read(part.ID, sohoa.RoleImage, 2); sohoa.Sum(got) != image {
		t.Errorf("image of page 2 is %s, want %s", sohoa.Sum(got), image)
	}
	turned := must(of.PageText(t.Context(), part.ID, 2))(t)
	if plain(turned) != text || turned.Turn != 270 {
		t.Errorf("text of page 2 is %q, turn %d; want %q, turn 270", plain(turned), turned.Turn, text)
	}
	of.checkThumb(part.ID, 2, true)
}

// loseObject removes the object of a document from the storage root.
func (of *office) loseObject(id sohoa.DocumentID) {
	of.t.Helper()
	f, _, err := of.Open(of.t.Context(), id, sohoa.RoleOriginal, 0)
	if err != nil {
		of.t.Fatal(err)
	}
	f.Close()
	for _, file := range must(of.catalog.Files(of.t.Context(), id))(of.t) {
		if root, _, ok := strings.Cut(file.Key, "/v1/content/"); ok {
			if err := os.RemoveAll(filepath.Join(of.dir, "objects", root)); err != nil {
				of.t.Fatal(err)
			}
			return
		}
	}
	of.t.Fatalf("%s has no object", id)
}

func TestMergeMoveReplaceAndUndo(t *testing.T) {
	of := openOffice(t, options{})
	a, b := of.held("bien-ban-01.pdf"), of.held("to-khai-01.jpg")
	// A better scan of page 3 takes its place.
	of.arrange(a.ID, fmt.Sprintf("1-2,%s:1,4", b.ID))
	of.checkPages(a.ID, fmt.Sprintf("1-2,%s:1,4|3", b.ID))
	of.checkPages(b.ID, "")
	emptied := must(of.catalog.Document(t.Context(), sohoa.Everything, b.ID))(t)
	if !slices.Equal(emptied.MovedTo, []sohoa.DocumentID{a.ID}) {
		t.Errorf("the emptied document was moved to %v, want %v", emptied.MovedTo, a.ID)
	}
	if err := of.Release(t.Context(), "lan", b.ID); problemOf(err) != "arrange.emptied" {
		t.Errorf("Release of an emptied document = %v, want arrange.emptied", err)
	}
	// Taking it back gives each what it had.
	undone := must(of.Undo(t.Context(), "lan", of.arrangement(a.ID)))(t)
	if undone.Version != 2 || undone.State != 0 {
		t.Errorf("Undo = version %d state %d, want 2 and 0", undone.Version, undone.State)
	}
	of.checkPages(a.ID, "1-4")
	of.checkPages(b.ID, "1")
	if _, err := of.Undo(t.Context(), "lan", of.arrangement(a.ID)); problemOf(err) != "arrange.undo-none" {
		t.Errorf("Undo of nothing = %v, want arrange.undo-none", err)
	}
	// Merged again, changed in one, and taken back from the other side.
	of.arrange(b.ID, fmt.Sprintf("1,%s:1-4", a.ID))
	of.checkPages(b.ID, fmt.Sprintf("1,%s:1-4", a.ID))
	of.arrange(b.ID, fmt.Sprintf("%s:1-4,1@90", a.ID))
	if _, err := of.Undo(t.Context(), "lan", of.arrangement(a.ID)); problemOf(err) != "arrange.undo-later" {
		t.Errorf("Undo behind a later change = %v, want arrange.undo-later", err)
	}
	must(of.Undo(t.Context(), "lan", of.arrangement(b.ID)))(t)
	must(of.Undo(t.Context(), "lan", of.arrangement(a.ID)))(t)
	of.checkPages(a.ID, "1-4")
	of.checkPages(b.ID, "1")
	// A part that is taken back is gone.
	part := must(of.Split(t.Context(), "lan", of.arrangement(a.ID), 1))(t)
	must(of.Undo(t.Context(), "lan", of.arrangement(part.ID)))(t)
	of.checkPages(a.ID, "1-4")
	if _, err := of.catalog.Document(t.Context(), sohoa.Everything, part.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("the part after Undo: %v, want ErrNotExist", err)
	}
	of.checkArchive()
}

// TestEmptiedDocumentsAreKeptWithTheirOriginals moves all pages of one
// document away, through a part that is emptied as well.
func TestEmptiedDocumentsAreKeptWithTheirOriginals(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir})
	a, b := of.held("bien-ban-01.pdf"), of.held("to-khai-01.jpg")
	part := must(of.Split(t.Context(), "lan", of.arrangement(a.ID), 3))(t)
	of.arrange(b.ID, fmt.Sprintf("1,%s:1-4", a.ID))
	of.checkPages(a.ID, "")
	of.checkPages(part.ID, "")
	kept := of.release(b.ID)
	moved := of.kept(a.ID)
	of.stop()
	if kept.Pages != 5 || kept.Signature != sohoa.SignatureTimed {
		t.Errorf("the merged document is %+v, want 5 pages and a signature", kept)
	}
	if !slices.Equal(moved.MovedTo, []sohoa.DocumentID{b.ID}) || moved.Signature != sohoa.SignatureNone || moved.SignReason == nil || moved.Held {
		t.Errorf("the emptied document is %+v, want it kept, unsigned, moved to %s", moved, b.ID)
	}
	if original := of.read(a.ID, sohoa.RoleOriginal, 0); !bytes.Equal(original, scan(t, "bien-ban-01.pdf")) {
		t.Error("the original of the emptied document is not what came in")
	}
	if _, err := of.catalog.Document(t.Context(), sohoa.Everything, part.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("the emptied part: %v, want ErrNotExist", err)
	}
	of.checkSigned("merged", kept)
	of.checkArchive()
	of.checkRecovers(dir, b.ID, must(of.catalog.Pages(t.Context(), b.ID))(t)[0].Image)
}

func TestArrangeRefuses(t *testing.T) {
	of := openOffice(t, options{})
	doc := of.held("bien-ban-01.pdf")
	born := of.held("cong-van-01.png")
	absent := sohoa.NewDocumentID(of.Now())
	tests := map[string]struct{ pages, code string }{
		"nothing":         {"", "arrange.empty"},
		"twice":           {"1,2,1@90", "arrange.twice"},
		"no such page":    {"1,5", "arrange.page"},
		"absent document": {"1," + absent.String() + ":1", "arrange.page"},
		"foreign dossier": {"1," + of.elsewhere().String() + ":1", "arrange.page"},
	}
	for name, test := range tests {
		want := of.arrangement(doc.ID)
		want.Pages = nil
		if test.pages != "" {
			want.Pages = must(sohoa.ParsePages(doc.ID, test.pages))(t)
		}
		if _, err := of.Arrange(t.Context(), "lan", want); problemOf(err) != test.code {
			t.Errorf("%s: Arrange(%s) = %v, want %s", name, test.pages, err, test.code)
		}
	}
	for _, after := range []int{0, 4, -1} {
		if _, err := of.Split(t.Context(), "lan", of.arrangement(doc.ID), after); problemOf(err) != "arrange.split" {
			t.Errorf("Split after %d = %v, want arrange.split", after, err)
		}
	}
	of.checkPages(doc.ID, "1-4")
	of.release(born.ID)
	if err := of.tryArrange(doc.ID, fmt.Sprintf("1-4,%s:1", born.ID)); problemOf(err) != "arrange.signed" {
		t.Errorf("taking a page of a kept document = %v, want arrange.signed", err)
	}
	original := of.kept(of.add("da-ky.pdf", of.read(born.ID, sohoa.RoleSigned, 0)).ID)
	if original.Master != sohoa.MasterOriginal {
		t.Errorf("a signed PDF is %s, want its own master", original.Master)
	}
}

// elsewhere is a held document of another dossier.
func (of *office) elsewhere() sohoa.DocumentID {
	of.t.Helper()
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		return tx.PutDossier(sohoa.Dossier{Code: "H2", Agency: "H00.00.01"})
	})
	if err != nil {
		of.t.Fatal(err)
	}
	doc, _, err := of.Accept(of.t.Context(), ingest.Request{Dossier: "H2", Name: "x.jpg", Actor: "lan",
		Body: bytes.NewReader(scan(of.t, "trang-trang-01.jpg")), Size: -1, Hold: true})
	if err != nil {
		of.t.Fatal(err)
	}
	return of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead }).ID
}

// TestSignedPDFsAreNotArranged holds one before it is kept.
func TestSignedPDFsAreNotArranged(t *testing.T) {
	of := openOffice(t, options{})
	signed := of.read(of.kept(of.add("a.jpg", scan(t, "trang-trang-01.jpg")).ID).ID, sohoa.RoleSigned, 0)
	doc, _, err := of.Accept(t.Context(), ingest.Request{Dossier: dossier, Name: "da-ky.pdf", Actor: "lan", Body: bytes.NewReader(signed), Size: -1, Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead })
	if err := of.tryArrange(doc.ID, "1@90"); problemOf(err) != "arrange.original" {
		t.Errorf("Arrange of a signed PDF = %v, want arrange.original", err)
	}
	of.release(doc.ID)
}

// TestTwoClerksDoNotLoseEachOthersWork has many change the same version: one
// gets in.
func TestTwoClerksDoNotLoseEachOthersWork(t *testing.T) {
	of := openOffice(t, options{})
	doc := of.held("bien-ban-01.pdf")
	base := of.arrangement(doc.ID)
	orders := []string{"2,1,3,4", "4,3,2,1", "1@90,2-4", "1,3", "2-4", "3,1,2,4"}
	results := make([]error, len(orders))
	var wg sync.WaitGroup
	for i, order := range orders {
		want := base
		want.Pages = must(sohoa.ParsePages(doc.ID, order))(t)
		wg.Go(func() { _, results[i] = of.Arrange(t.Context(), "lan", want) })
	}
	wg.Wait()
	winner := -1
	for i, err := range results {
		switch {
		case err == nil && winner < 0:
			winner = i
		case err == nil:
			t.Errorf("both %q and %q got in", orders[winner], orders[i])
		case problemOf(err) != "arrange.changed" || !errors.Is(err, sohoa.ErrConflict):
			t.Errorf("Arrange(%s) = %v, want arrange.changed", orders[i], err)
		}
	}
	if winner < 0 {
		t.Fatal("nobody got in")
	}
	want := must(sohoa.ParsePages(doc.ID, orders[winner]))(t)
	if got := of.arrangement(doc.ID).Pages; !slices.Equal(got, want) {
		t.Errorf("pages are %v, want the winner's %v", got, want)
	}
	if _, err := of.Split(t.Context(), "lan", base, 1); problemOf(err) != "arrange.changed" {
		t.Errorf("Split of an old version = %v, want arrange.changed", err)
	}
	if _, err := of.Undo(t.Context(), "lan", base); problemOf(err) != "arrange.changed" {
		t.Errorf("Undo of an old version = %v, want arrange.changed", err)
	}
}

// TestUndoSurvivesARestart takes a change back in a later run of the program.
func TestUndoSurvivesARestart(t *testing.T) {
	dir := t.TempDir()
	of := openOffice(t, options{dir: dir})
	doc := of.held("bien-ban-01.pdf")
	of.arrange(doc.ID, "2-4")
	of.arrange(doc.ID, "2,4@180")
	of.stop()
	of.catalog.Close()
	of = openOffice(t, options{dir: dir})
	for _, want := range []string{"2-4|1", "1-4"} {
		must(of.Undo(t.Context(), "lan", of.arrangement(doc.ID)))(t)
		of.checkPages(doc.ID, want)
	}
	of.release(doc.ID)
	history := must(of.catalog.History(t.Context(), doc.ID))(t)
	var details []string
	for _, e := range history {
		if e.Action == sohoa.ActionArrange {
			details = append(details, e.Actor+" "+e.Detail)
		}
	}
	want := []string{
		`lan {"after":"2-4","before":"1-4","dropped":"1","version":1}`,
		`lan {"after":"2,4@180","before":"2-4","dropped":"1,3","version":2}`,
		`lan {"after":"2-4","before":"2,4@180","dropped":"1","undo":true,"version":3}`,
		`lan {"after":"1-4","before":"2-4","undo":true,"version":4}`,
	}
	if !slices.Equal(details, want) {
		t.Errorf("the journal has\n%s\nwant\n%s", strings.Join(details, "\n"), strings.Join(want, "\n"))
	}
}

// overtaken is a catalogue in which somebody else does something just before
// the pages of a document are read.
type overtaken struct {
	archive.Catalog
	pagesOf sohoa.DocumentID
	by      func()
}

func (c *overtaken) Pages(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Page, error) {
	if by := c.by; id == c.pagesOf && by != nil {
		c.by = nil
		by()
	}
	return c.Catalog.Pages(ctx, id)
}

// TestArrangeOvertaken takes a page of a document that another takes first,
// after it was looked at.
func TestArrangeOvertaken(t *testing.T) {
	c := &overtaken{}
	var other *ingest.Service
	of := openOffice(t, options{config: func(cfg *ingest.Config) {
		other = ingest.New(*cfg)
		c.Catalog = cfg.Catalog
		cfg.Catalog = c
	}})
	a, b := of.held("bien-ban-01.pdf"), of.held("trang-trang-01.jpg")
	take := func(by *ingest.Service, pages string) error {
		_, err := by.Arrange(t.Context(), "lan", sohoa.Arrangement{Document: a.ID, Pages: must(sohoa.ParsePages(a.ID, pages))(t)})
		return err
	}
	c.pagesOf, c.by = b.ID, func() {
		if err := take(other, fmt.Sprintf("4-1,%s:1", b.ID)); err != nil {
			t.Error(err)
		}
	}
	if err := take(of.Service, fmt.Sprintf("1-4,%s:1", b.ID)); problemOf(err) != "arrange.changed" {
		t.Errorf("Arrange with a page that was taken meanwhile = %v, want arrange.changed", err)
	}
	of.checkPages(a.ID, fmt.Sprintf("4,3,2,1,%s:1", b.ID))
}
