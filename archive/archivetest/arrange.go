package archivetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// sameID compares identifiers, whose fields are not exported.
var sameID = cmp.Comparer(func(a, b sohoa.DocumentID) bool { return a == b })

func testArrangements(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc, other := document("H1", 1), document("H1", 2)
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutDocument(doc), tx.PutDocument(other)) })
	first := sohoa.Arrangement{Document: doc.ID, Pages: []sohoa.PageRef{{Document: doc.ID, Page: 1}}}
	second := sohoa.Arrangement{Document: doc.ID, Version: 1, State: 1, Pages: []sohoa.PageRef{{Document: other.ID, Page: 3, Turn: 90}},
		Dropped: first.Pages, With: []sohoa.Together{{Document: other.ID, State: 4}}}
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutArrangement(first), tx.PutArrangement(second)) })
	for _, want := range []sohoa.Arrangement{first, second} {
		got, err := c.Arrangement(t.Context(), doc.ID, want.Version)
		if d := cmp.Diff(want, got, sameID); err != nil || d != "" {
			t.Errorf("Arrangement(%d): %v (-want +got):\n%s", want.Version, err, d)
		}
	}
	if _, err := c.Arrangement(t.Context(), doc.ID, 2); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a version that is not there: %v, want ErrNotExist", err)
	}
}

func testLeaves(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	a, b := document("H1", 1), document("H1", 2)
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutDocument(a), tx.PutDocument(b)) })
	leaf := func(holder sohoa.Document, n int) sohoa.Leaf {
		return sohoa.Leaf{Ref: sohoa.PageRef{Document: a.ID, Page: n}, Holder: holder.ID, Page: sohoa.Page{Document: a.ID, Number: n, Read: true},
			Files: []sohoa.File{{Role: sohoa.RoleImage, Page: n, Key: "cache/x", Digest: sohoa.Sum([]byte("x"))}}}
	}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutLeaves(leaf(a, 2), leaf(a, 1)), tx.PutLeaves(leaf(b, 2)), tx.PutLeaves())
	})
	for _, tt := range []struct {
		holder sohoa.Document
		want   []sohoa.Leaf
	}{{a, []sohoa.Leaf{leaf(a, 1)}}, {b, []sohoa.Leaf{leaf(b, 2)}}} {
		got, err := c.Leaves(t.Context(), tt.holder.ID)
		if d := cmp.Diff(tt.want, got, sameID); err != nil || d != "" {
			t.Errorf("Leaves(%s): %v (-want +got):\n%s", tt.holder.ID, err, d)
		}
	}
	got, err := c.Leaf(t.Context(), sohoa.PageRef{Document: a.ID, Page: 2, Turn: 180})
	if err != nil || got.Holder != b.ID {
		t.Errorf("Leaf = %+v, %v, want the one that b has", got, err)
	}
	if _, err := c.Leaf(t.Context(), sohoa.PageRef{Document: b.ID, Page: 1}); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a leaf that is not there: %v, want ErrNotExist", err)
	}
	update(t, c, func(tx archive.Tx) error {
		holders, err := tx.Holders(a.ID)
		if !slices.Equal(holders, []sohoa.DocumentID{b.ID}) {
			t.Errorf("Holders = %v, want b alone", holders)
		}
		return err
	})
}

func testReplacePages(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc := document("H1", 1)
	page := func(n, width int) sohoa.Page {
		return sohoa.Page{Document: doc.ID, Number: n, Width: width, Read: true}
	}
	file := func(role sohoa.Role, page int, key string) sohoa.File {
		return sohoa.File{Role: role, Page: page, Key: key}
	}
	update(t, c, func(tx archive.Tx) error {
		err := tx.PutDocument(doc)
		for n := 1; n <= 4; n++ {
			err = errors.Join(err, tx.PutPage(page(n, n)), tx.PutFile(doc.ID, file(sohoa.RoleImage, n, "i")), tx.PutFile(doc.ID, file(sohoa.RoleText, n, "t")))
		}
		return errors.Join(err, tx.PutFile(doc.ID, file(sohoa.RoleOriginal, 0, "o")), tx.PutFile(doc.ID, file(sohoa.RolePDF, 0, "p")))
	})
	update(t, c, func(tx archive.Tx) error {
		return tx.ReplacePages(doc.ID, 2, []sohoa.Page{page(2, 40)}, []sohoa.File{file(sohoa.RoleImage, 2, "other")})
	})
	pages, err := c.Pages(t.Context(), doc.ID)
	if d := cmp.Diff([]sohoa.Page{page(1, 1), page(2, 40)}, pages, sameID); err != nil || d != "" {
		t.Errorf("Pages: %v (-want +got):\n%s", err, d)
	}
	files, err := c.Files(t.Context(), doc.ID)
	want := []sohoa.File{file(sohoa.RoleImage, 1, "i"), file(sohoa.RoleImage, 2, "other"), file(sohoa.RoleOriginal, 0, "o"), file(sohoa.RoleText, 1, "t")}
	if d := cmp.Diff(want, files); err != nil || d != "" {
		t.Errorf("Files: %v (-want +got):\n%s", err, d)
	}
	update(t, c, func(tx archive.Tx) error { return tx.ReplacePages(doc.ID, 0, nil, nil) })
	if pages, err := c.Pages(t.Context(), doc.ID); err != nil || len(pages) != 0 {
		t.Errorf("Pages of an emptied document = %+v, %v, want none", pages, err)
	}
}

// testParts enters documents that were split off another one: several in one
// dossier have no digest.
func testParts(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	first, second := document("H1", 1), document("H1", 2)
	first.Digest, second.Digest = sohoa.Digest{}, sohoa.Digest{}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(first), tx.PutDocument(second), tx.PutArrangement(sohoa.Arrangement{Document: first.ID}),
			tx.PutPage(sohoa.Page{Document: first.ID, Number: 1}), tx.PutFile(first.ID, sohoa.File{Role: sohoa.RoleText, Page: 1}))
	})
	if got, err := c.Document(t.Context(), sohoa.Everything, second.ID); err != nil || !got.Digest.IsZero() {
		t.Errorf("Document = %v, %v, want one without a digest", got.Digest, err)
	}
	update(t, c, func(tx archive.Tx) error { return tx.RemoveDocument(first.ID) })
	if _, err := c.Document(t.Context(), sohoa.Everything, first.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Document after RemoveDocument = %v, want ErrNotExist", err)
	}
	if _, err := c.Document(t.Context(), sohoa.Everything, second.ID); err != nil {
		t.Errorf("Document beside the removed one = %v", err)
	}
}

func testHeld(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "A")
	free, held, emptied, elsewhere := document("H1", 1), document("H1", 2), document("H1", 3), document("H2", 4)
	for _, d := range []*sohoa.Document{&held, &emptied, &elsewhere} {
		d.Held, d.State = true, sohoa.StateRead
	}
	free.State, held.Pages = sohoa.StateRead, 2
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(free), tx.PutDocument(held), tx.PutDocument(emptied), tx.PutDocument(elsewhere))
	})
	docs, err := c.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{Dossier: "H1", Held: true})
	if err != nil || len(docs) != 2 || docs[0].ID != emptied.ID || docs[1].ID != held.ID {
		t.Errorf("FindDocuments(held) = %+v, %v, want the two of H1", docs, err)
	}
	update(t, c, func(tx archive.Tx) error {
		docs, err := tx.Emptied("H1")
		if len(docs) != 1 || docs[0].ID != emptied.ID {
			t.Errorf("Emptied = %+v, want the one without pages", docs)
		}
		return err
	})
	held.Held = false
	update(t, c, func(tx archive.Tx) error { return tx.PutDocument(held) })
	if docs, err := c.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{Held: true}); err != nil || len(docs) != 2 {
		t.Errorf("FindDocuments(held) after one was let go = %d, %v, want 2", len(docs), err)
	}
}
