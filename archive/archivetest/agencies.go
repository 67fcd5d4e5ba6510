package archivetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

var agencyTests = map[string]func(*testing.T, archive.Catalog){
	"agencies stand in a tree":       testAgencies,
	"scopes of thousands of offices": testManyAgencies,
}

func testAgencies(t *testing.T, c archive.Catalog) {
	want := []sohoa.Agency{{Code: "A", Name: "Xã A", Parent: "T"}, {Code: "T", Name: "Tỉnh T"}}
	update(t, c, func(tx archive.Tx) error {
		if _, err := tx.Agency("A"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Agency of none = %v, want ErrNotExist", err)
		}
		return errors.Join(tx.PutAgency(sohoa.Agency{Code: "A", Name: "cũ"}), tx.PutAgency(want[1]), tx.PutAgency(want[0]))
	})
	got, err := c.Agencies(t.Context())
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Agencies: %v (-want +got):\n%s", err, d)
	}
	update(t, c, func(tx archive.Tx) error {
		got, err := tx.Agencies()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("Agencies in a transaction (-want +got):\n%s", d)
		}
		a, err1 := tx.Agency("A")
		if a != want[0] {
			t.Errorf("Agency = %+v, want %+v", a, want[0])
		}
		return errors.Join(err, err1)
	})
}

// manyAgencies is a province with its communes, and more.
const manyAgencies = 3_000

// testManyAgencies asks within the scope of somebody who oversees a region.
func testManyAgencies(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A.2999")
	seed(t, c, "H2", "B")
	a, b := document("H1", 1), document("H2", 2)
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutDocument(a), tx.PutDocument(b)) })
	var scope sohoa.Scope
	for i := range manyAgencies {
		scope.Agencies = append(scope.Agencies, fmt.Sprintf("A.%d", i))
	}
	ctx := t.Context()
	if docs, err := c.FindDocuments(ctx, scope, archive.DocumentQuery{}); err != nil || len(docs) != 1 || docs[0].ID != a.ID {
		t.Errorf("FindDocuments = %d documents, %v, want the one in scope", len(docs), err)
	}
	if all, err := c.FindDossiers(ctx, scope, archive.DossierQuery{}); err != nil || len(all) != 1 || all[0].Code != "H1" {
		t.Errorf("FindDossiers = %d dossiers, %v, want the one in scope", len(all), err)
	}
	if states, err := c.States(ctx, scope); err != nil || states[sohoa.StateAccepted] != 1 {
		t.Errorf("States = %v, %v, want one", states, err)
	}
	if _, err := c.Document(ctx, scope, a.ID); err != nil {
		t.Errorf("Document in scope: %v", err)
	}
	if _, err := c.Document(ctx, scope, b.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Document out of scope: %v, want ErrNotExist", err)
	}
	_, sets := c.FindSigningSets(ctx, scope, archive.SetQuery{})
	_, disposals := c.FindDisposals(ctx, scope, archive.DisposalQuery{})
	_, due := c.Due(ctx, scope, archive.DueQuery{Day: "2030-01-01"})
	_, reuses := c.FindReuses(ctx, scope, archive.ReuseQuery{})
	_, expired := c.Expired(ctx, scope, "2030-01-01", sohoa.DocumentID{}, 0)
	if err := errors.Join(sets, disposals, due, reuses, expired); err != nil {
		t.Errorf("the other queries: %v", err)
	}
}
