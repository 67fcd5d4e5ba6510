package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
)

// corpus are the folders of scans that are digitised: the samples, and the
// shared ones where they are.
func corpus() []string {
	folders := []string{samples}
	for _, set := range []string{"dev", "real"} {
		dir := filepath.Join("..", "..", "..", "shared", "corpus", set, "pages")
		if _, err := os.Stat(dir); err == nil {
			folders = append(folders, dir)
		}
	}
	return folders
}

// TestEveryRenditionOfTheCorpusIsPDFA digitises and signs whole folders, and
// has veraPDF judge the pdf rendition, the access copy and the signed file of
// each document.
func TestEveryRenditionOfTheCorpusIsPDFA(t *testing.T) {
	t.Parallel()
	p := newProgram(t, officeKey(t)...)
	out := p.ok(append([]string{"add", "--json"}, corpus()...)...)
	dir := t.TempDir()
	var files []string
	forms := map[sohoa.Form]int{}
	for line := range strings.Lines(out) {
		doc := decode[sohoa.Document](t, line)
		files = append(files, p.renditions(dir, doc, forms)...)
	}
	if forms[sohoa.FormLayered] < 3 {
		t.Errorf("access copies have pages of the forms %v, want some that are layered", forms)
	}
	t.Logf("%d files; pages of access copies: %v", len(files), forms)
	archivetest.VeraPDF(t, files...)
}

// renditions writes the PDFs of a document into dir, and counts how its pages
// went into the access copy.
func (p *program) renditions(dir string, doc sohoa.Document, forms map[sohoa.Form]int) []string {
	p.t.Helper()
	s := p.shown(doc.ID)
	if s.State != sohoa.StateKept || s.Signature != sohoa.SignatureBasic {
		p.t.Errorf("%s is %s and %s, want kept and signed-B-B", s.Name, s.State, s.Signature)
	}
	for _, page := range s.PageList {
		if page.PDF.Form == "" {
			p.t.Errorf("%s: nothing is said of page %d", s.Name, page.Number)
		}
		forms[page.Access.Form]++
	}
	var files []string
	for _, f := range s.Files {
		if f.Role != sohoa.RolePDF && f.Role != sohoa.RoleAccess && f.Role != sohoa.RoleSigned {
			continue
		}
		path := filepath.Join(dir, doc.ID.String()+"-"+string(f.Role)+".pdf")
		p.ok("get", "--rendition", string(f.Role), "-o", path, doc.ID.String())
		files = append(files, path)
	}
	return files
}
