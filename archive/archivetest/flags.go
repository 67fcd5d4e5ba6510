package archivetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

var flagTests = map[string]func(*testing.T, archive.Catalog){
	"who reads a lot is flagged":             testFlags,
	"what one brought in does not count":     testOwnReadings,
	"programs and exports are flagged":       testFlaggedPrograms,
	"entries are found in a scope":           testEntriesWithin,
	"readings of different hours are no one": testReadWindow,
}

// library is n papers of as many people, brought in by lan, and the users binh
// and lan of agency A.
func library(t *testing.T, c archive.Catalog, n int) []sohoa.Document {
	t.Helper()
	var docs []sohoa.Document
	update(t, c, func(tx archive.Tx) error {
		errs := []error{tx.PutAgency(sohoa.Agency{Code: "A", Name: "A"})}
		for _, name := range []string{"lan", "binh"} {
			errs = append(errs, tx.PutUser(sohoa.User{Name: name, FullName: name, Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "A", CreatedAt: moment}))
		}
		for i := range n {
			code := fmt.Sprintf("H%d", i)
			doc := document(code, i)
			docs = append(docs, doc)
			errs = append(errs, tx.PutDossier(sohoa.Dossier{Code: code, Agency: "A", CreatedAt: moment, Owner: sohoa.Owner{Name: "Nguyễn An", IDNumber: fmt.Sprintf("0010900%05d", i)}}), tx.PutDocument(doc))
		}
		return errors.Join(errs...)
	})
	return docs
}

// reads has somebody read documents one after the other, a second each.
func reads(t *testing.T, c archive.Catalog, actor string, from time.Time, docs ...sohoa.Document) {
	t.Helper()
	for i, d := range docs {
		update(t, c, func(tx archive.Tx) error {
			_, err := tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionView, Document: d.ID, Dossier: d.Dossier, Purpose: "H0", Time: from.Add(time.Duration(i) * time.Second)})
			return err
		})
	}
}

func wantFlags(t *testing.T, c archive.Catalog, scope sohoa.Scope, open bool, documents ...int) []sohoa.Flag {
	t.Helper()
	got, err := c.Flags(t.Context(), scope, archive.FlagQuery{Open: open})
	if err != nil {
		t.Fatal(err)
	}
	var counts []int
	for _, f := range got {
		counts = append(counts, f.Documents)
	}
	if d := cmp.Diff(documents, counts); d != "" {
		t.Fatalf("documents of the flags (-want +got):\n%s", d)
	}
	return got
}

func flagEntries(t *testing.T, c archive.Catalog, a sohoa.Action) int {
	t.Helper()
	found, err := c.FindEntries(t.Context(), archive.JournalQuery{Actions: []sohoa.Action{a}})
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

func testFlags(t *testing.T, c archive.Catalog) {
	docs := library(t, c, 170)
	inA := sohoa.Scope{Agencies: []string{"A"}}
	reads(t, c, "binh", moment, docs[:100]...)
	reads(t, c, "binh", moment.Add(2*time.Minute), docs[:50]...) // again
	wantFlags(t, c, sohoa.Everything, false)
	reads(t, c, "binh", moment.Add(3*time.Minute), docs[100])
	f := wantFlags(t, c, inA, true, 101)[0]
	if f.Actor != "binh" || f.Agency != "A" || f.Persons != 101 || len(f.Dossiers) != sohoa.MaxFlagLines || f.Until != moment.Add(3*time.Minute) ||
		!cmp.Equal(f.Purposes, []sohoa.FlagCount{{Name: "H0", Documents: 101}}) {
		t.Errorf("the flag is %+v", f)
	}
	wantFlags(t, c, sohoa.Scope{Agencies: []string{"B"}}, false)
	reads(t, c, "binh", moment.Add(4*time.Minute), docs[101:140]...)
	if got := wantFlags(t, c, inA, true, 121)[0]; got.ID != f.ID {
		t.Errorf("what goes on is another flag, %s after %s, want that it grows", got.ID, f.ID)
	}
	if n := flagEntries(t, c, sohoa.ActionFlag); n != 1 {
		t.Errorf("%d entries about the flag, want one", n)
	}
	closed := sohoa.Decision{By: "thanhtra", At: moment.Add(10 * time.Minute), Reason: "kiểm kê theo kế hoạch"}
	if err := archive.CloseFlag(t.Context(), c, f.ID, closed); err != nil {
		t.Fatal(err)
	}
	if err := archive.CloseFlag(t.Context(), c, f.ID, closed); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("closed again: %v, want ErrConflict", err)
	}
	if err := archive.CloseFlag(t.Context(), c, "01JABCDEFGHJKMNPQRSTVWXYZ0", closed); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("one that is not there: %v, want ErrNotExist", err)
	}
	reads(t, c, "binh", moment.Add(11*time.Minute), docs[140:]...) // what was before was looked at
	wantFlags(t, c, inA, true)
	if got := wantFlags(t, c, inA, false, 121)[0]; *got.Closed != closed {
		t.Errorf("closed by %+v, want %+v", got.Closed, closed)
	}
	reads(t, c, "binh", moment.Add(20*time.Minute), docs[:90]...)
	if got := wantFlags(t, c, inA, true, 101)[0]; got.ID == f.ID {
		t.Error("much reading after a flag was closed is not flagged anew")
	}
	if n := flagEntries(t, c, sohoa.ActionFlagClosed); n != 1 {
		t.Errorf("%d entries about its end, want one", n)
	}
}

func testOwnReadings(t *testing.T, c archive.Catalog) {
	docs := library(t, c, 110)
	reads(t, c, "lan", moment, docs...)
	reads(t, c, "system", moment, docs...)
	wantFlags(t, c, sohoa.Everything, false)
}

func testReadWindow(t *testing.T, c archive.Catalog) {
	docs := library(t, c, 110)
	reads(t, c, "binh", moment, docs[:60]...)
	reads(t, c, "binh", moment.Add(sohoa.ReadWindow+2*time.Minute), docs[60:]...)
	wantFlags(t, c, sohoa.Everything, false)
}

func testFlaggedPrograms(t *testing.T, c archive.Catalog) {
	docs := library(t, c, 110)
	k := sohoa.APIKey{Name: "mot-cua", Hash: sohoa.Sum([]byte("k")), Agencies: []string{"A"}, Scopes: sohoa.KeyScopes, Rate: 60, CreatedAt: moment, Expires: moment.Add(time.Hour)}
	update(t, c, func(tx archive.Tx) error { return tx.PutAPIKey(k) })
	update(t, c, func(tx archive.Tx) error {
		var errs []error
		for _, d := range docs {
			_, err := tx.Append(sohoa.Entry{Actor: k.Actor(), Action: sohoa.ActionHeld, Dossier: d.Dossier, Time: moment, Detail: `{"found":["` + d.ID.String() + `"]}`})
			_, err2 := tx.Append(sohoa.Entry{Actor: "binh", Action: sohoa.ActionExport, Document: d.ID, Dossier: d.Dossier, Time: moment, Purpose: "bàn giao"})
			errs = append(errs, err, err2)
		}
		return errors.Join(errs...)
	})
	actors := map[string]string{}
	for _, f := range wantFlags(t, c, sohoa.Scope{Agencies: []string{"A"}}, true, 101, 101) {
		actors[f.Actor] = f.Agency
	}
	if d := cmp.Diff(map[string]string{"binh": "A", k.Actor(): "A"}, actors); d != "" {
		t.Errorf("flagged with their agencies (-want +got):\n%s", d)
	}
}

// testEntriesWithin looks for entries within a scope: of its dossiers, its
// people, and of searches that found its papers.
func testEntriesWithin(t *testing.T, c archive.Catalog) {
	docs := library(t, c, 1)
	seed(t, c, "B1", "B")
	theirs := document("B1", 500)
	update(t, c, func(tx archive.Tx) error {
		errs := []error{tx.PutDocument(theirs)}
		for i, e := range []sohoa.Entry{
			{Actor: "ba", Action: sohoa.ActionView, Document: docs[0].ID, Dossier: "H0"},
			{Actor: "ba", Action: sohoa.ActionView, Document: theirs.ID, Dossier: "B1"},
			{Actor: "binh", Action: sohoa.ActionSignIn},
			{Actor: "ba", Action: sohoa.ActionSignIn},
			{Actor: "ba", Action: sohoa.ActionSearch, Detail: `{"found":["` + docs[0].ID.String() + `"]}`},
			{Actor: "ba", Action: sohoa.ActionSearch, Detail: `{"found":["` + theirs.ID.String() + `"]}`},
		} {
			e.Time = moment.Add(time.Duration(i) * time.Second)
			_, err := tx.Append(e)
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	for name, tt := range map[string]struct {
		within *sohoa.Scope
		want   []uint64
	}{
		"everywhere": {nil, []uint64{6, 5, 4, 3, 2, 1}},
		"all":        {&sohoa.Everything, []uint64{6, 5, 4, 3, 2, 1}},
		"A":          {&sohoa.Scope{Agencies: []string{"A"}}, []uint64{5, 3, 1}},
		"B":          {&sohoa.Scope{Agencies: []string{"B"}}, []uint64{6, 2}},
		"nothing":    {&sohoa.Scope{}, []uint64{}},
	} {
		got, err := c.FindEntries(t.Context(), archive.JournalQuery{Within: tt.within})
		if d := cmp.Diff(tt.want, sequence(got)); err != nil || d != "" {
			t.Errorf("within %s: %v (-want +got):\n%s", name, err, d)
		}
	}
}
