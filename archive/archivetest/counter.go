package archivetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sohoa"
	"sohoa/archive"
)

// counterTests are those of a clerk's counter in Catalog.
var counterTests = map[string]func(*testing.T, archive.Catalog){
	"omissions come back":              testOmissions,
	"what a dossier has covers papers": testCovers,
	"people are known again":           testOwners,
	"codes of a day are counted":       testLastDossier,
	"two clerks, two codes":            testTwoCodes,
	"other numbers of pages are found": testMiscounted,
}

// counterDossiers are two of one agency and one of another.
func counterDossiers(t *testing.T, c archive.Catalog) {
	t.Helper()
	update(t, c, func(tx archive.Tx) error {
		var errs []error
		for i, d := range []sohoa.Dossier{
			{Code: "A-1", Agency: "A", Owner: sohoa.Owner{Name: "Phạm Mỹ Huệ", IDNumber: "001090012345"}},
			{Code: "A-2", Agency: "A", Owner: sohoa.Owner{Name: "Phạm Mỹ Huệ", IDNumber: "001090012345", BirthDate: "1990-12-31"}},
			{Code: "B-1", Agency: "B", Owner: sohoa.Owner{Name: "Phạm Văn Tư"}},
			{Code: "A-3", Agency: "A", Owner: sohoa.Owner{Name: "Phạm Văn Ba"}},
		} {
			d.CreatedAt = moment.Add(time.Duration(i) * time.Hour)
			errs = append(errs, tx.PutDossier(d))
		}
		return errors.Join(errs...)
	})
}

// ofA and ofB are the scopes of agencies.
var ofA, ofB = sohoa.Scope{Agencies: []string{"A"}}, sohoa.Scope{Agencies: []string{"B"}}

func testOmissions(t *testing.T, c archive.Catalog) {
	counterDossiers(t, c)
	shown := sohoa.Omission{Dossier: "A-1", Requirement: "TP2", Reason: sohoa.OmitShown, By: "lan", At: moment}
	secret := sohoa.Omission{Dossier: "A-1", Requirement: "TP1", Reason: sohoa.OmitSecret, Note: "theo văn bản", By: "lan", At: moment}
	other := sohoa.Omission{Dossier: "B-1", Requirement: "TP1", Reason: sohoa.OmitCopy, By: "binh", At: moment}
	update(t, c, func(tx archive.Tx) error {
		first := shown
		first.Reason = sohoa.OmitBeyond
		return errors.Join(tx.PutOmission(first), tx.PutOmission(shown), tx.PutOmission(secret), tx.PutOmission(other))
	})
	want := func(scope sohoa.Scope, all ...sohoa.Omission) {
		t.Helper()
		got, err := c.Omissions(t.Context(), scope, "A-1", "B-1", "nowhere")
		if d := cmp.Diff(all, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("Omissions in %v: %v (-want +got):\n%s", scope, err, d)
		}
	}
	want(sohoa.Everything, secret, shown, other)
	want(ofA, secret, shown)
	want(ofB, other)
	if got, err := c.Omissions(t.Context(), sohoa.Everything); err != nil || len(got) > 0 {
		t.Errorf("Omissions of no dossiers = %v, %v, want none", got, err)
	}
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.Omissions("A-1")
		if d := cmp.Diff([]sohoa.Omission{secret, shown}, got); d != "" {
			t.Errorf("Omissions in a transaction (-want +got):\n%s", d)
		}
		return errors.Join(err, tx.RemoveOmission("A-1", "TP1"), tx.RemoveOmission("A-1", "TP9"))
	})
	want(sohoa.Everything, shown, other)
}

func testCovers(t *testing.T, c archive.Catalog) {
	counterDossiers(t, c)
	doc := func(n int, dossier string, change func(*sohoa.Document)) sohoa.Document {
		d := document(dossier, n)
		d.State = sohoa.StateRead
		change(&d)
		return d
	}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(
			tx.PutDocument(doc(1, "A-1", func(d *sohoa.Document) { d.Life.Requirement, d.Life.Type = "TP1", "k1" })),
			tx.PutDocument(doc(2, "A-1", func(d *sohoa.Document) { d.Life.Type = "k2" })),
			tx.PutDocument(doc(3, "A-1", func(d *sohoa.Document) {
				d.Life.Requirement, d.MovedTo = "TP3", []sohoa.DocumentID{document("A-1", 1).ID}
			})),
			tx.PutDocument(doc(4, "A-1", func(d *sohoa.Document) { d.Life.Requirement, d.State = "TP4", sohoa.StateDestroyed })),
			tx.PutDocument(doc(5, "B-1", func(d *sohoa.Document) { d.Life.Requirement = "TP5" })),
			tx.PutReuse(reuse("A-1", "TP6", document("B-1", 5).ID, 1)),
			tx.PutOmission(sohoa.Omission{Dossier: "A-1", Requirement: "TP7", Reason: sohoa.OmitShown, By: "lan", At: moment}))
	})
	want := []archive.Cover{{Dossier: "A-1", By: archive.CoverDocument, Type: "k2"}, {Dossier: "A-1", By: archive.CoverDocument, Requirement: "TP1", Type: "k1"},
		{Dossier: "A-1", By: archive.CoverOmission, Requirement: "TP7"}, {Dossier: "A-1", By: archive.CoverReuse, Requirement: "TP6"}}
	sorted := func(all []archive.Cover) []archive.Cover {
		slices.SortFunc(all, func(x, y archive.Cover) int {
			return slices.Compare([]string{string(x.By), x.Requirement}, []string{string(y.By), y.Requirement})
		})
		return all
	}
	got, err := c.Covers(t.Context(), ofA, "A-1", "B-1")
	if d := cmp.Diff(want, sorted(got)); err != nil || d != "" {
		t.Errorf("Covers: %v (-want +got):\n%s", err, d)
	}
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.Covers("A-1")
		if d := cmp.Diff(want, sorted(got)); d != "" {
			t.Errorf("Covers in a transaction (-want +got):\n%s", d)
		}
		return err
	})
}

func testOwners(t *testing.T, c archive.Catalog) {
	counterDossiers(t, c)
	hue := sohoa.Owner{Name: "Phạm Mỹ Huệ", IDNumber: "001090012345", BirthDate: "1990-12-31"} // as the newer dossier says
	ba, tu := sohoa.Owner{Name: "Phạm Văn Ba"}, sohoa.Owner{Name: "Phạm Văn Tư"}
	for name, test := range map[string]struct {
		scope sohoa.Scope
		q     archive.OwnerQuery
		want  []sohoa.Owner
	}{
		"by the beginning of a number":  {ofA, archive.OwnerQuery{IDNumber: "00109"}, []sohoa.Owner{hue}},
		"by no number of another scope": {ofB, archive.OwnerQuery{IDNumber: "00109"}, nil},
		"by part of a name":             {ofA, archive.OwnerQuery{Name: "pham"}, []sohoa.Owner{ba, hue}},
		"of another scope":              {ofB, archive.OwnerQuery{Name: "PHẠM"}, []sohoa.Owner{tu}},
		"no more than wanted":           {sohoa.Everything, archive.OwnerQuery{Name: "pham", Limit: 2}, []sohoa.Owner{ba, tu}},
		"not by a code":                 {ofA, archive.OwnerQuery{Name: "A-1"}, nil},
	} {
		got, err := c.Owners(t.Context(), test.scope, test.q)
		if d := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
	}
}

func testLastDossier(t *testing.T, c archive.Catalog) {
	const prefix = "H49.64-260304-"
	last := func(want string) {
		t.Helper()
		update(t, c, func(tx archive.Tx) error {
			got, err := tx.LastDossier(prefix)
			if got != want {
				t.Errorf("LastDossier(%q) = %q, want %q", prefix, got, want)
			}
			return err
		})
	}
	put := func(codes ...string) {
		update(t, c, func(tx archive.Tx) error {
			var errs []error
			for _, code := range codes {
				errs = append(errs, tx.PutDossier(sohoa.Dossier{Code: code, Agency: "A", CreatedAt: moment}))
			}
			return errors.Join(errs...)
		})
	}
	last("")
	put("H49.64-260304-0002", "H49.64-260304-0010", "H49.64-260304-0099a", "H49.64-260304-", "H49.64-260305-0500")
	last("H49.64-260304-0010")
	put("H49.64-260304-9999", "H49.64-260304-10000")
	last("H49.64-260304-10000")
}

// testTwoCodes has several clerks ask for the next code at once.
func testTwoCodes(t *testing.T, c archive.Catalog) {
	const prefix, clerks = "H49-260304-", 8
	var wait sync.WaitGroup
	for range clerks {
		wait.Go(func() {
			err := c.Update(t.Context(), func(tx archive.Tx) error {
				last, err := tx.LastDossier(prefix)
				if err != nil {
					return err
				}
				return tx.PutDossier(sohoa.Dossier{Code: sohoa.NextDossierCode(prefix, last), Agency: "A", CreatedAt: moment})
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		})
	}
	wait.Wait()
	for n := 1; n <= clerks; n++ {
		if _, err := c.Dossier(t.Context(), ofA, fmt.Sprintf("%s%04d", prefix, n)); err != nil {
			t.Errorf("number %d: %v, want a dossier for every clerk", n, err)
		}
	}
}

func testMiscounted(t *testing.T, c archive.Catalog) {
	counterDossiers(t, c)
	put := func(n int, held bool, expected, pages int) sohoa.DocumentID {
		d := document("A-1", n)
		d.State, d.Held, d.Expected, d.Pages = sohoa.StateRead, held, expected, pages
		update(t, c, func(tx archive.Tx) error { return tx.PutDocument(d) })
		return d.ID
	}
	first := put(1, true, 4, 3)
	put(2, true, 4, 4)
	put(3, true, 0, 4)
	put(4, true, 4, 0)
	put(5, false, 4, 3)
	got, err := c.FindDocuments(t.Context(), ofA, archive.DocumentQuery{Counted: true})
	if err != nil || len(got) != 1 || got[0].ID != first {
		t.Errorf("FindDocuments of other numbers of pages = %v, %v, want the first only", got, err)
	}
}
