package archivetest

import (
	"errors"
	"slices"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// testWaiting finds what waits for somebody across sets and dossiers, the most
// urgent first, and what was refused until it is put up again.
func testWaiting(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	docs := []sohoa.Document{document("H1", 1), document("H1", 2), document("H2", 3), document("H1", 4)}
	calm, urgent, again := signingSet(1, "A", "hoa"), signingSet(2, "A", "hoa"), signingSet(3, "A", "binh")
	urgent.Due = "2026-12-01"
	later := item(calm, docs[0], 1)
	refused := item(urgent, docs[3], 1)
	refused.State, refused.Signer, refused.Ended = sohoa.ItemRefused, "", &sohoa.Decision{By: "hoa", At: moment, Reason: "sai năm sinh"}
	refused.Since = moment
	update(t, c, func(tx archive.Tx) error {
		var errs []error
		for _, d := range docs {
			errs = append(errs, tx.PutDocument(d))
		}
		d, err := tx.Dossier("H2")
		d.Due = "2026-11-30"
		errs = append(errs, err, tx.PutDossier(d), tx.PutSigningSet(calm), tx.PutSigningSet(urgent), tx.PutSigningSet(again),
			tx.PutSetItem(later), tx.PutSetItem(item(urgent, docs[1], 0)), tx.PutSetItem(item(calm, docs[2], 0)), tx.PutSetItem(refused))
		return errors.Join(errs...)
	})
	find := func(scope sohoa.Scope, q archive.WaitingQuery) []sohoa.DocumentID {
		t.Helper()
		found, err := c.FindWaiting(t.Context(), scope, q)
		if err != nil {
			t.Fatal(err)
		}
		var ids []sohoa.DocumentID
		for _, w := range found {
			if w.Document.ID != w.Item.Document || w.Set.ID != w.Item.Set || w.Dossier.Code != w.Document.Dossier {
				t.Errorf("FindWaiting joins %s of %s with the set %s and the dossier %s", w.Item.Document, w.Item.Set, w.Set.ID, w.Dossier.Code)
			}
			ids = append(ids, w.Document.ID)
		}
		return ids
	}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		q     archive.WaitingQuery
		want  []sohoa.DocumentID
	}{
		"by urgency":        {sohoa.Everything, archive.WaitingQuery{Signer: "hoa"}, []sohoa.DocumentID{docs[2].ID, docs[1].ID, docs[0].ID}},
		"of one agency":     {sohoa.Scope{Agencies: []string{"A"}}, archive.WaitingQuery{Signer: "hoa"}, []sohoa.DocumentID{docs[1].ID, docs[0].ID}},
		"the first":         {sohoa.Everything, archive.WaitingQuery{Signer: "hoa", Limit: 1}, []sohoa.DocumentID{docs[2].ID}},
		"for nobody":        {sohoa.Everything, archive.WaitingQuery{Signer: "binh"}, nil},
		"with what refused": {sohoa.Everything, archive.WaitingQuery{Creator: "lan"}, []sohoa.DocumentID{docs[2].ID, docs[1].ID, docs[3].ID, docs[0].ID}},
	} {
		if got := find(tt.scope, tt.q); !slices.Equal(got, tt.want) {
			t.Errorf("%s: FindWaiting = %v, want %v", name, got, tt.want)
		}
	}
	if d, err := c.Dossier(t.Context(), sohoa.Everything, "H2"); err != nil || d.Due != "2026-11-30" {
		t.Errorf("Dossier = %+v, %v, want the day of return", d, err)
	}
	update(t, c, func(tx archive.Tx) error { return tx.PutSetItem(item(again, docs[3], 0)) })
	if got, want := find(sohoa.Everything, archive.WaitingQuery{Creator: "lan"}), 4; len(got) != want || got[3] != docs[3].ID {
		t.Errorf("after it was put up again FindWaiting = %v, want it last and once", got)
	}
	items, err := c.DossierItems(t.Context(), "H1")
	if err != nil || len(items) != 3 || items[2].Set != again.ID {
		t.Errorf("DossierItems = %+v, %v, want each document's newest item", items, err)
	}
}
