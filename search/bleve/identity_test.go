package bleve_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	plain "github.com/blevesearch/bleve/v2"
	index "github.com/blevesearch/bleve_index_api"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// The numbers of the person on the page of these tests.
const (
	number    = "001085012345"
	oldNumber = "123456789"
)

// person is a page that has numbers wherever it may.
func person() search.PageDoc {
	says := "CCCD " + number + " CMND " + oldNumber
	return search.PageDoc{Document: searchtest.ID(1), Page: 1, Text: "Ông Lò Văn Pịt, " + says + ", trú tại bản Nà Ngần",
		Name: says + ".pdf", Dossier: "H1-240305-0012", Agency: "H1", AgencyName: says, Owner: "Lò Văn Pịt",
		OwnerNumber: number, Procedure: "1.001", ProcedureName: says,
		Fields: map[string]string{sohoa.FieldTypeName: says, sohoa.FieldSubject: says, sohoa.FieldOrganName: says}}
}

// TestIndexHoldsNoNumbers looks for identity numbers in the files of an
// index, in every term of every field, and in what is stored.
func TestIndexHoldsNoNumbers(t *testing.T) {
	dir, d := t.TempDir(), person()
	idx := open(t, dir)
	if err := idx.Apply(t.Context(), []search.Change{{Document: d.Document, Page: 1, Put: &d}}, 1); err != nil {
		t.Fatal(err)
	}
	if err := idx.Close(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{number, oldNumber} {
		if name := grep(t, dir, n); name != "" {
			t.Errorf("%s has %s", name, n)
		}
	}
	for where, s := range contents(t, one(t, dir, "v*")) {
		for _, x := range s {
			if strings.Contains(x, number) || strings.Contains(x, oldNumber) {
				t.Errorf("%s has %q", where, x)
			}
		}
	}
}

// grep is a file below dir that has s; "" if none has.
func grep(t *testing.T, dir, s string) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(s)) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// contents is what a generation has, by field, read by bleve itself: terms
// and stored values.
func contents(t *testing.T, path string) map[string][]string {
	t.Helper()
	ix, err := plain.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	adv, err := ix.Advanced()
	if err != nil {
		t.Fatal(err)
	}
	r, err := adv.Reader()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := map[string][]string{}
	fields, err := r.Fields()
	if err != nil || len(fields) < 10 {
		t.Fatalf("fields = %v, %v, want all of them", fields, err)
	}
	for _, f := range fields {
		dict, err := r.FieldDict(f)
		if err != nil {
			t.Fatal(err)
		}
		for e, err := dict.Next(); e != nil || err != nil; e, err = dict.Next() {
			if err != nil {
				t.Fatal(err)
			}
			all[f] = append(all[f], e.Term)
		}
	}
	docs, err := r.DocIDReaderAll()
	if err != nil {
		t.Fatal(err)
	}
	for id, err := docs.Next(); id != nil; id, err = docs.Next() {
		ext, err2 := r.ExternalID(id)
		d, err3 := r.Document(ext)
		if err != nil || err2 != nil || err3 != nil {
			t.Fatal(err, err2, err3)
		}
		d.VisitFields(func(f index.Field) { all["stored "+f.Name()] = append(all["stored "+f.Name()], string(f.Value())) })
	}
	return all
}

func TestFindsNumbers(t *testing.T) {
	idx, d := open(t, t.TempDir()), person()
	defer idx.Close()
	bare := scan(2) // only the owner's number is known
	bare.OwnerNumber = number
	other := scan(3)
	other.Text = "CMND 123456788, CCCD 001085012346, số seri 123456780"
	var changes []search.Change
	for _, p := range []search.PageDoc{d, bare, other} {
		changes = append(changes, search.Change{Document: p.Document, Page: 1, Put: &p})
	}
	if err := idx.Apply(t.Context(), changes, 1); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		query, want string // numbers of documents
		hidden      int
		marked      string // in the first hit
	}{
		{number, "12", 1, "001•••••••345"},
		{"001 085 012 345", "12", 1, "001•••••••345"},
		{oldNumber, "1", 1, "123•••••••789"},
		{"cmnd " + oldNumber, "1", 1, "CMND 123•••••••789"},
		{"Lò Văn Pịt " + number, "12", 1, "Lò Văn Pịt|001•••••••345"},
		{`"cccd ` + number + `"`, "1", 1, "CCCD 001•••••••345"},
		{"nguoi:" + number, "12", 1, ""},
		{"001085012346", "3", 1, "001•••••••346"},
		{"123456780", "3", 1, "123456780"},
		{"001085012347", "", 1, ""},
		{"bản nà ngần -" + number, "", 1, ""},
		{"bản nà ngần", "1", 0, "bản Nà Ngần"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			res, err := idx.Search(t.Context(), search.Query{Text: tt.query, Scope: sohoa.Everything})
			if err != nil {
				t.Fatal(err)
			}
			got := map[sohoa.DocumentID]bool{}
			for _, h := range res.Hits {
				got[h.Document] = true
				for _, p := range append(h.Pages[0].Snippet, search.Span{Text: h.Name + h.Dossier}) {
					if strings.Contains(p.Text, number) || strings.Contains(p.Text, oldNumber) {
						t.Errorf("shows %q", p.Text)
					}
				}
			}
			for i, n := range "123" {
				if got[searchtest.ID(i+1)] != strings.ContainsRune(tt.want, n) {
					t.Errorf("found %v, want %q", got, tt.want)
				}
			}
			if res.Hidden != tt.hidden {
				t.Errorf("Hidden = %d, want %d", res.Hidden, tt.hidden)
			}
			if tt.want == "" || tt.marked == "" {
				return
			}
			var marked []string
			for _, s := range res.Hits[0].Pages[0].Snippet {
				if s.Marked {
					marked = append(marked, s.Text)
				}
			}
			if got := strings.Join(marked, "|"); !strings.Contains(got, tt.marked) {
				t.Errorf("marks %q, want %q", got, tt.marked)
			}
		})
	}
}

// TestOpenWithAnotherKey makes an index anew of which the old terms would
// never be found, and leaves nothing of the old one.
func TestOpenWithAnotherKey(t *testing.T) {
	dir, src := t.TempDir(), searchtest.NewSource()
	src.Put(person(), sohoa.ActionRead)
	for i, p := range []search.Privacy{{}, search.NewPrivacy(search.IdentityKey{7}), search.NewPrivacy(search.IdentityKey{7})} {
		idx, rebuilt, err := bleve.Open(dir, p)
		if err != nil || rebuilt != (i == 1) {
			t.Fatalf("Open %d = rebuilt %v, %v", i+1, rebuilt, err)
		}
		q := search.Query{Text: number, Scope: sohoa.Everything}
		if res, err := idx.Search(t.Context(), q); err != nil || res.Rebuilding != (i < 2) || res.Total != i/2 {
			t.Errorf("Search %d = %+v, %v", i+1, res, err)
		}
		if err := search.CatchUp(t.Context(), idx, src); err != nil {
			t.Fatal(err)
		}
		if err := idx.CaughtUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := count(t, idx, q); got != 1 {
			t.Errorf("after catching up: %d documents, want 1", got)
		}
		if err := idx.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*-*")); err != nil || len(left) != 1 {
		t.Errorf("generations = %v, %v, want one", left, err)
	}
}
