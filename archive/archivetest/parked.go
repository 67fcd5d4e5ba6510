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

var parkedTests = map[string]func(*testing.T, archive.Catalog){"parked documents are counted and found": testParked}

func testParked(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	park := func(dossier string, n int, stage sohoa.Stage, code string) sohoa.Document {
		d := document(dossier, n)
		d.State, d.Stage, d.Problem = sohoa.StateParked, stage, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code}
		return d
	}
	first, second, third := park("H1", 1, sohoa.StageSplit, "file.kind"), park("H1", 2, sohoa.StageSplit, "file.kind"), park("H2", 3, sohoa.StageSign, "sign.key")
	kept := document("H1", 4)
	kept.State = sohoa.StateKept
	at := moment.Add(time.Hour)
	update(t, c, func(tx archive.Tx) error {
		var errs []error
		for _, d := range []sohoa.Document{first, second, third, kept} {
			errs = append(errs, tx.PutDocument(d))
		}
		for _, when := range []time.Time{moment, at} {
			_, err := tx.Append(sohoa.Entry{Actor: "system", Action: sohoa.ActionPark, Document: first.ID, Dossier: "H1", Time: when})
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
	ctx, ofA := t.Context(), sohoa.Scope{Agencies: []string{"A"}}
	counts, err := c.CountParked(ctx, sohoa.Everything)
	want := []archive.ParkedCount{{Agency: "A", Stage: sohoa.StageSplit, Reason: "file.kind", Count: 2}, {Agency: "B", Stage: sohoa.StageSign, Reason: "sign.key", Count: 1}}
	if d := cmp.Diff(want, counts); err != nil || d != "" {
		t.Errorf("CountParked: %v (-want +got):\n%s", err, d)
	}
	if counts, err = c.CountParked(ctx, ofA); err != nil || len(counts) != 1 {
		t.Errorf("CountParked of A = %v, %v, want one reason", counts, err)
	}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		q     archive.ParkedQuery
		want  []sohoa.DocumentID
	}{
		"all":             {sohoa.Everything, archive.ParkedQuery{}, []sohoa.DocumentID{first.ID, second.ID, third.ID}},
		"of A":            {ofA, archive.ParkedQuery{}, []sohoa.DocumentID{first.ID, second.ID}},
		"of an agency":    {sohoa.Everything, archive.ParkedQuery{Agency: "B"}, []sohoa.DocumentID{third.ID}},
		"out of scope":    {ofA, archive.ParkedQuery{Agency: "B"}, nil},
		"of a stage":      {sohoa.Everything, archive.ParkedQuery{Stage: sohoa.StageSign}, []sohoa.DocumentID{third.ID}},
		"for a reason":    {sohoa.Everything, archive.ParkedQuery{Reason: "file.kind"}, []sohoa.DocumentID{first.ID, second.ID}},
		"the first":       {sohoa.Everything, archive.ParkedQuery{Limit: 1}, []sohoa.DocumentID{first.ID}},
		"after the first": {sohoa.Everything, archive.ParkedQuery{After: first.ID}, []sohoa.DocumentID{second.ID, third.ID}},
	} {
		found, err := c.FindParked(ctx, tt.scope, tt.q)
		var got []sohoa.DocumentID
		for _, p := range found {
			got = append(got, p.ID)
		}
		if err != nil || !slices.Equal(tt.want, got) {
			t.Errorf("FindParked %s = %v, %v, want %v", name, got, err, tt.want)
		}
	}
	found, err := c.FindParked(ctx, ofA, archive.ParkedQuery{})
	if err != nil || len(found) != 2 || found[0].Times != 2 || !found[0].Since.Equal(at) || found[0].Agency != "A" || found[1].Times != 0 || !found[1].Since.IsZero() {
		t.Errorf("FindParked says %+v, %v, want parked twice, the last time at %v", found, err, at)
	}
}
