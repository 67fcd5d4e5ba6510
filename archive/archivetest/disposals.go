package archivetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

func testSchedule(t *testing.T, c archive.Catalog) {
	got, err := c.Schedule(t.Context())
	if d := cmp.Diff(sohoa.DefaultSchedule(), got); err != nil || d != "" {
		t.Errorf("Schedule at first: %v (-want +got):\n%s", err, d)
	}
	want := sohoa.Schedule{Version: 1, By: "admin", At: moment, Rules: []sohoa.Rule{{Name: "Mọi loại", Code: sohoa.Retention10, Basis: "thử"}}}
	update(t, c, func(tx archive.Tx) error {
		if s, err := tx.Schedule(); err != nil || s.Version != 0 {
			t.Errorf("Schedule in a transaction = version %d, %v, want 0", s.Version, err)
		}
		return tx.PutSchedule(want)
	})
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutSchedule(want) }); err == nil {
		t.Error("a version of the schedule was replaced")
	}
	got, err = c.Schedule(t.Context())
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Schedule: %v (-want +got):\n%s", err, d)
	}
}

// aged is a kept document whose retention ends on a day.
func aged(dossier string, n int, due sohoa.Date, kind string) sohoa.Document {
	d := document(dossier, n)
	d.State = sohoa.StateKept
	d.Life = sohoa.Life{Type: kind, Retention: sohoa.Retention{Code: sohoa.Retention10, Due: due, Rule: 2}}
	return d
}

func testDue(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	docs := []sohoa.Document{aged("H1", 1, "2030-01-01", "x"), aged("H1", 2, "2029-01-01", ""), aged("H2", 3, "2030-01-01", "x"),
		aged("H2", 4, "2031-01-01", "x"), aged("H2", 5, "", "x"), aged("H1", 6, "2020-01-01", "x")}
	docs[4].Life.Retention.Rule = 0
	docs[5].State = sohoa.StateDestroyed
	update(t, c, func(tx archive.Tx) error {
		for _, d := range docs {
			if err := tx.PutDocument(d); err != nil {
				return err
			}
		}
		return nil
	})
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		q     archive.DueQuery
		want  []int
	}{
		"all":      {sohoa.Everything, archive.DueQuery{}, []int{1, 0, 2}},
		"year":     {sohoa.Everything, archive.DueQuery{Year: 2030}, []int{0, 2}},
		"type":     {sohoa.Everything, archive.DueQuery{Type: "x"}, []int{0, 2}},
		"no type":  {sohoa.Everything, archive.DueQuery{Type: "-"}, []int{1}},
		"dossier":  {sohoa.Everything, archive.DueQuery{Dossier: "H2"}, []int{2}},
		"limit":    {sohoa.Everything, archive.DueQuery{Limit: 1}, []int{1}},
		"agency A": {sohoa.Scope{Agencies: []string{"A"}}, archive.DueQuery{}, []int{1, 0}},
	} {
		tt.q.Day = "2030-06-01"
		found, err := c.Due(t.Context(), tt.scope, tt.q)
		var want, got []sohoa.DocumentID
		for _, i := range tt.want {
			want = append(want, docs[i].ID)
		}
		for _, d := range found {
			got = append(got, d.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("Due, %s = %v, %v, want %v", name, got, err, want)
		}
	}
	if found, err := c.Unscheduled(t.Context(), 2, 0); err != nil || len(found) != 1 || found[0].ID != docs[4].ID {
		t.Errorf("Unscheduled(2) = %d documents, %v, want the one that no rule was compared with", len(found), err)
	}
}

func testDisposals(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc := aged("H1", 1, "2030-01-01", "x")
	d := sohoa.Disposal{ID: sohoa.NewSetID(moment), Title: "Hủy năm 2030", Agency: "A", State: sohoa.DisposalProposed,
		Proposed: sohoa.Decision{By: "lan", At: moment, Reason: "hết thời hạn"}}
	done := d
	done.ID, done.State = sohoa.NewSetID(moment.Add(time.Second)), sohoa.DisposalDone
	item := sohoa.DisposalItem{Disposal: d.ID, Document: doc.ID, Position: 1, State: sohoa.VerdictNone, Dossier: "H1", Due: "2030-01-01"}
	first := item
	first.Document, first.Position = sohoa.NewDocumentID(moment), 0
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(doc), tx.PutDisposal(d), tx.PutDisposal(done), tx.PutDisposalItem(item), tx.PutDisposalItem(first))
	})
	item.State = sohoa.VerdictDestroy
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.DisposalItems(d.ID)
		if err != nil || len(got) != 2 {
			t.Errorf("DisposalItems in a transaction = %d, %v, want 2", len(got), err)
		}
		if _, err := tx.Disposal("01ARZ3NDEKTSV4RRFFQ69G5FAV"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("an unknown disposal in a transaction: %v, want ErrNotExist", err)
		}
		return tx.PutDisposalItem(item)
	})
	got, err := c.Disposal(t.Context(), sohoa.Scope{Agencies: []string{"A"}}, d.ID)
	if diff := cmp.Diff(d, got); err != nil || diff != "" {
		t.Errorf("Disposal: %v (-want +got):\n%s", err, diff)
	}
	if _, err := c.Disposal(t.Context(), sohoa.Scope{Agencies: []string{"B"}}, d.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a disposal of another agency: %v, want ErrNotExist", err)
	}
	items, err := c.DisposalItems(t.Context(), d.ID)
	if diff := cmp.Diff([]sohoa.DisposalItem{first, item}, items, sameID); err != nil || diff != "" {
		t.Errorf("DisposalItems: %v (-want +got):\n%s", err, diff)
	}
	for open, want := range map[bool]int{true: 1, false: 2} {
		found, err := c.FindDisposals(t.Context(), sohoa.Everything, archive.DisposalQuery{Open: open})
		if err != nil || len(found) != want || found[len(found)-1].ID != d.ID {
			t.Errorf("FindDisposals(open %v) = %d, %v, want %d, the newest first", open, len(found), err, want)
		}
	}
}

func testSharing(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	whole, part, third, alone := document("H1", 1), document("H1", 2), document("H1", 3), document("H1", 4)
	update(t, c, func(tx archive.Tx) error {
		leaf := sohoa.Leaf{Ref: sohoa.PageRef{Document: whole.ID, Page: 2}, Holder: third.ID}
		page := sohoa.Page{Document: part.ID, Number: 1, From: sohoa.PageRef{Document: whole.ID, Page: 1}}
		return errors.Join(tx.PutDocument(whole), tx.PutDocument(part), tx.PutDocument(third), tx.PutDocument(alone),
			tx.PutPage(page), tx.PutLeaves(leaf))
	})
	for name, tt := range map[string]struct {
		id   sohoa.DocumentID
		want []sohoa.DocumentID
	}{
		"whose pages went": {whole.ID, []sohoa.DocumentID{part.ID, third.ID}},
		"by its pages":     {part.ID, []sohoa.DocumentID{whole.ID}},
		"by a leaf":        {third.ID, []sohoa.DocumentID{whole.ID}},
		"alone":            {alone.ID, nil},
	} {
		update(t, c, func(tx archive.Tx) error {
			got, err := tx.Sharing(tt.id)
			if err != nil || !slices.Equal(got, tt.want) {
				t.Errorf("Sharing, %s = %v, %v, want %v", name, got, err, tt.want)
			}
			return nil
		})
	}
}

func testBury(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc, other := document("H1", 1), document("H1", 2)
	doc.Lookup, doc.Fields = sohoa.NewLookup(), []sohoa.Field{{Name: sohoa.FieldSubject, Value: "khai sinh"}}
	set := sohoa.SigningSet{ID: sohoa.NewSetID(moment), Agency: "A", State: sohoa.SetDone}
	tomb := sohoa.Document{ID: doc.ID, Dossier: "H1", State: sohoa.StateDestroyed, Disposal: sohoa.NewSetID(moment), Destroyed: moment}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(doc), tx.PutDocument(other), tx.PutPage(sohoa.Page{Document: doc.ID, Number: 1}),
			tx.PutFile(doc.ID, sohoa.File{Role: sohoa.RoleOriginal, Key: "k"}), tx.PutArrangement(sohoa.Arrangement{Document: doc.ID, Version: 1}),
			tx.PutLeaves(sohoa.Leaf{Ref: sohoa.PageRef{Document: doc.ID, Page: 1}, Holder: doc.ID}, sohoa.Leaf{Ref: sohoa.PageRef{Document: other.ID, Page: 1}, Holder: doc.ID}),
			tx.PutSigningSet(set), tx.PutSetItem(sohoa.SetItem{Set: set.ID, Document: doc.ID, State: sohoa.ItemDone}))
	})
	file := sohoa.File{Role: sohoa.RoleSigned, Key: "s", Digest: sohoa.Sum([]byte("signed"))}
	update(t, c, func(tx archive.Tx) error { return tx.PutFile(doc.ID, file) })
	if got, err := c.Stored(t.Context(), file.Digest); err != nil || got.ID != doc.ID {
		t.Errorf("Stored = %s, %v, want the document", got.ID, err)
	}
	update(t, c, func(tx archive.Tx) error { return tx.BuryDocument(tomb) })
	if _, err := c.Stored(t.Context(), file.Digest); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Stored of what is gone: %v, want ErrNotExist", err)
	}
	got, err := c.Document(t.Context(), sohoa.Everything, doc.ID)
	if d := cmp.Diff(tomb, got, sameID); err != nil || d != "" {
		t.Errorf("what is left: %v (-want +got):\n%s", err, d)
	}
	pages, err1 := c.Pages(t.Context(), doc.ID)
	files, err2 := c.Files(t.Context(), doc.ID)
	items, err3 := c.SetItems(t.Context(), set.ID)
	leaves, err4 := c.Leaves(t.Context(), doc.ID)
	if err := errors.Join(err1, err2, err3, err4); err != nil || len(pages)+len(files)+len(items)+len(leaves) > 0 {
		t.Errorf("%d pages, %d files, %d items, %d leaves are left, %v, want none", len(pages), len(files), len(items), len(leaves), err)
	}
	if _, err := c.Lookup(t.Context(), doc.Lookup); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("its lookup code finds %v, want ErrNotExist", err)
	}
	if _, err := c.Document(t.Context(), sohoa.Everything, other.ID); err != nil {
		t.Errorf("another document: %v", err)
	}
}

func testEnded(t *testing.T, c archive.Catalog) {
	for code, ended := range map[string]sohoa.Date{"H1": "2026-01-05", "H2": "2026-01-01", "H3": "", "H4": "2026-06-01", "H5": "2026-01-02"} {
		update(t, c, func(tx archive.Tx) error {
			return tx.PutDossier(sohoa.Dossier{Code: code, Agency: "A", CreatedAt: moment, Ended: ended})
		})
	}
	update(t, c, func(tx archive.Tx) error {
		var errs []error
		for i, code := range []string{"H1", "H2", "H3", "H4", "H5"} {
			d := document(code, i)
			if code == "H5" {
				d.State = sohoa.StateKept
			}
			errs = append(errs, tx.PutDocument(d))
		}
		return errors.Join(errs...)
	})
	found, err := c.EndedDossiers(t.Context(), sohoa.Scope{Agencies: []string{"A"}}, "2026-03-01", 0)
	var codes []string
	for _, d := range found {
		codes = append(codes, d.Code)
	}
	if err != nil || !slices.Equal(codes, []string{"H2", "H1"}) {
		t.Errorf("EndedDossiers = %v, %v, want H2 and H1", codes, err)
	}
	if d, err := c.Dossier(t.Context(), sohoa.Everything, "H1"); err != nil || d.Ended != "2026-01-05" {
		t.Errorf("Dossier ended on %q, %v, want what was entered", d.Ended, err)
	}
	if list, err := c.FindDossiers(t.Context(), sohoa.Everything, archive.DossierQuery{Text: "H1"}); err != nil || len(list) != 1 || list[0].Ended != "2026-01-05" {
		t.Errorf("FindDossiers = %+v, %v, want H1 with what was entered", list, err)
	}
}
