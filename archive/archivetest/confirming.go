package archivetest

import (
	"slices"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
)

// testUnconfirmed finds documents whose fields wait for a person, oldest
// first, and loses sight of one that is confirmed.
func testUnconfirmed(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	var docs []sohoa.Document
	for i, dossier := range []string{"H1", "H2", "H1", "H1", "H1"} {
		d := document(dossier, i)
		d.State, d.Pages, d.Fields = sohoa.StateKept, 1, []sohoa.Field{{Name: sohoa.FieldCodeNumber, Value: "12"}}
		docs = append(docs, d)
	}
	docs[2].State, docs[2].Stage = sohoa.StateRead, sohoa.StageSign
	docs[3].State, docs[3].Stage = sohoa.StateRead, sohoa.StageCompose // not searched for fields yet
	docs[4].Fields[0].Confirmed = true
	put := func(docs ...sohoa.Document) {
		update(t, c, func(tx archive.Tx) error {
			for _, d := range docs {
				if err := tx.PutDocument(d); err != nil {
					return err
				}
			}
			return nil
		})
	}
	put(docs...)
	a := sohoa.Scope{Agencies: []string{"A"}}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		q     archive.UnconfirmedQuery
		want  []int
	}{
		"everywhere":      {sohoa.Everything, archive.UnconfirmedQuery{}, []int{0, 1, 2}},
		"of an agency":    {a, archive.UnconfirmedQuery{}, []int{0, 2}},
		"of nobody":       {sohoa.Scope{}, archive.UnconfirmedQuery{}, nil},
		"of a dossier":    {sohoa.Everything, archive.UnconfirmedQuery{Dossier: "H2"}, []int{1}},
		"outside":         {a, archive.UnconfirmedQuery{Dossier: "H2"}, nil},
		"brought in late": {sohoa.Everything, archive.UnconfirmedQuery{Since: docs[1].AcceptedAt}, []int{1, 2}},
		"after one":       {sohoa.Everything, archive.UnconfirmedQuery{After: docs[0].ID}, []int{1, 2}},
		"all but one":     {a, archive.UnconfirmedQuery{Besides: docs[0].ID}, []int{2}},
	} {
		var want, got []sohoa.DocumentID
		for _, i := range tt.want {
			want = append(want, docs[i].ID)
		}
		found, err := c.Unconfirmed(t.Context(), tt.scope, tt.q)
		for _, d := range found {
			got = append(got, d.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: Unconfirmed = %v, %v, want %v", name, got, err, want)
		}
		if n, err := c.CountUnconfirmed(t.Context(), tt.scope, tt.q); err != nil || n != len(want) {
			t.Errorf("%s: CountUnconfirmed = %d, %v, want %d", name, n, err, len(want))
		}
	}
	docs[0].Fields[0] = sohoa.Field{Name: sohoa.FieldCodeNumber, Value: "13", Confirmed: true, By: "lan", At: moment.Add(time.Hour),
		Read: &sohoa.Reading{Value: "12", Page: 1, Rule: "number-in-heading"}}
	put(docs[0])
	back, err := c.Document(t.Context(), a, docs[0].ID)
	if err != nil || back.Fields[0].By != "lan" || !back.Fields[0].At.Equal(moment.Add(time.Hour)) || back.Fields[0].Read == nil || back.Fields[0].Read.Value != "12" {
		t.Errorf("the confirmed field came back as %+v, %v", back.Fields, err)
	}
	if left, err := c.Unconfirmed(t.Context(), a, archive.UnconfirmedQuery{Limit: 1}); err != nil || len(left) != 1 || left[0].ID != docs[2].ID {
		t.Errorf("after one was confirmed %d wait, %v, want the other", len(left), err)
	}
}
