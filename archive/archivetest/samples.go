package archivetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sohoa"
	"sohoa/archive"
)

// sampleTests are about quality samples.
var sampleTests = map[string]func(*testing.T, archive.Catalog){
	"what can be drawn is listed": testSampleable,
	"samples come back":           testSamples,
	"faults are found":            testFaults,
}

// keptAt is a kept document of a moment.
func keptAt(dossier string, n int, at time.Time) sohoa.Document {
	d := document(dossier, n)
	d.State, d.KeptAt, d.Pages = sohoa.StateKept, at, 2
	return d
}

func putDocuments(t *testing.T, c archive.Catalog, docs ...sohoa.Document) {
	t.Helper()
	update(t, c, func(tx archive.Tx) error {
		for _, d := range docs {
			if err := tx.PutDocument(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func testSampleable(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	update(t, c, func(tx archive.Tx) error {
		return tx.PutDossier(sohoa.Dossier{Code: "H2", Agency: "B", Procedure: "p", CreatedAt: moment})
	})
	hour := func(n int) time.Time { return moment.Add(time.Duration(n) * time.Hour) }
	docs := []sohoa.Document{keptAt("H1", 1, hour(5)), keptAt("H1", 2, hour(1)), keptAt("H2", 3, hour(2)), keptAt("H1", 4, hour(9)),
		keptAt("H1", 5, hour(3)), keptAt("H1", 6, hour(3)), keptAt("H1", 7, hour(0))}
	docs[2].Life.Type = "x"
	docs[4].MovedTo = []sohoa.DocumentID{docs[0].ID}
	docs[5].State = sohoa.StateRead
	putDocuments(t, c, docs...)
	s := sohoa.Sample{ID: sohoa.SetIDOf(moment, []byte{9: 5}), Agency: "A", At: moment}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutSample(s), tx.PutSampleItem(sohoa.SampleItem{Sample: s.ID, Document: docs[1].ID, Agency: "A"}))
	})
	for name, tt := range map[string]struct {
		scope  sohoa.Scope
		q      archive.SampleableQuery
		want   []int
		before []int
	}{
		"all":        {sohoa.Everything, archive.SampleableQuery{Before: "Z"}, []int{0, 1, 2}, []int{1}},
		"of itself":  {sohoa.Everything, archive.SampleableQuery{Before: s.ID}, []int{0, 1, 2}, nil},
		"an agency":  {sohoa.Scope{Agencies: []string{"A", "C"}}, archive.SampleableQuery{}, []int{0, 1}, nil},
		"nobody's":   {sohoa.Scope{}, archive.SampleableQuery{}, nil, nil},
		"procedure":  {sohoa.Everything, archive.SampleableQuery{Procedure: "p"}, []int{2}, nil},
		"type":       {sohoa.Everything, archive.SampleableQuery{Type: "x"}, []int{2}, nil},
		"type there": {sohoa.Scope{Agencies: []string{"A"}}, archive.SampleableQuery{Type: "x"}, nil, nil},
	} {
		tt.q.From, tt.q.Until = hour(1), hour(9)
		var want, wantBefore, got, before []sohoa.DocumentID
		for _, i := range tt.want {
			want = append(want, docs[i].ID)
		}
		for _, i := range tt.before {
			wantBefore = append(wantBefore, docs[i].ID)
		}
		err := c.Sampleable(t.Context(), tt.scope, tt.q, func(id sohoa.DocumentID, had bool) error {
			got = append(got, id)
			if had {
				before = append(before, id)
			}
			return nil
		})
		if err != nil || !slices.Equal(got, want) || !slices.Equal(before, wantBefore) {
			t.Errorf("Sampleable, %s = %v, before %v, %v, want %v, before %v", name, got, before, err, want, wantBefore)
		}
	}
	err := c.Sampleable(t.Context(), sohoa.Everything, archive.SampleableQuery{From: hour(0), Until: hour(9)}, func(sohoa.DocumentID, bool) error { return errStop })
	if !errors.Is(err, errStop) {
		t.Errorf("Sampleable with an error of visit = %v, want that error", err)
	}
}

func testSamples(t *testing.T, c archive.Catalog) {
	a := sohoa.Sample{ID: sohoa.SetIDOf(moment, []byte{9: 1}), Agency: "A", From: "2026-03-01", Until: "2026-03-07", Size: 2, Seed: "x", Among: 9, By: "an", At: moment}
	whole := sohoa.Sample{ID: sohoa.SetIDOf(moment, []byte{9: 2}), Size: 1, At: moment, Closed: &sohoa.Decision{By: "an", At: moment}, Result: &sohoa.SampleResult{Documents: 1}}
	first := sohoa.SampleItem{Sample: a.ID, Document: sohoa.NewDocumentID(moment), Position: 0, Agency: "A", Pages: 1}
	second := sohoa.SampleItem{Sample: a.ID, Document: sohoa.NewDocumentID(moment), Position: 1, Agency: "A", Pages: 1}
	update(t, c, func(tx archive.Tx) error {
		if had, err := tx.Sampled(first.Document); had || err != nil {
			t.Errorf("Sampled before = %v, %v", had, err)
		}
		return errors.Join(tx.PutSample(a), tx.PutSample(whole), tx.PutSampleItem(second), tx.PutSampleItem(first))
	})
	first.Verdicts = []sohoa.SampleVerdict{{Page: 1, Answers: []sohoa.SampleAnswer{{Question: sohoa.AskLegible, Fault: "faint", Note: "mờ"}}, By: "an", At: moment}}
	update(t, c, func(tx archive.Tx) error {
		if had, err := tx.Sampled(first.Document); !had || err != nil {
			t.Errorf("Sampled after = %v, %v", had, err)
		}
		got, err := tx.SampleItem(a.ID, second.Document)
		if d := cmp.Diff(second, got, sameID); err != nil || d != "" {
			t.Errorf("SampleItem: %v (-want +got):\n%s", err, d)
		}
		if _, err := tx.SampleItem(whole.ID, second.Document); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("SampleItem of another sample = %v, want ErrNotExist", err)
		}
		if _, err := tx.Sample("01ARZ3NDEKTSV4RRFFQ69G5FAV"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("an unknown sample in a transaction: %v, want ErrNotExist", err)
		}
		if all, err := tx.SampleItems(a.ID); err != nil || len(all) != 2 {
			t.Errorf("SampleItems in a transaction = %d, %v, want 2", len(all), err)
		}
		return tx.PutSampleItem(first)
	})
	items, err := c.SampleItems(t.Context(), a.ID)
	if d := cmp.Diff([]sohoa.SampleItem{first, second}, items, sameID); err != nil || d != "" {
		t.Errorf("SampleItems: %v (-want +got):\n%s", err, d)
	}
	inA := sohoa.Scope{Agencies: []string{"A"}}
	got, err := c.Sample(t.Context(), inA, a.ID)
	if d := cmp.Diff(a, got); err != nil || d != "" {
		t.Errorf("Sample: %v (-want +got):\n%s", err, d)
	}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		id    sohoa.SetID
	}{"another agency's": {sohoa.Scope{Agencies: []string{"B"}}, a.ID}, "the whole installation's": {inA, whole.ID}, "nobody's": {sohoa.Scope{}, a.ID}} {
		if _, err := c.Sample(t.Context(), tt.scope, tt.id); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Sample, %s = %v, want ErrNotExist", name, err)
		}
	}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		open  bool
		want  []sohoa.SetID
	}{"all": {sohoa.Everything, false, []sohoa.SetID{whole.ID, a.ID}}, "open": {sohoa.Everything, true, []sohoa.SetID{a.ID}}, "A's": {inA, false, []sohoa.SetID{a.ID}}} {
		found, err := c.FindSamples(t.Context(), tt.scope, archive.SampleQuery{Open: tt.open})
		var ids []sohoa.SetID
		for _, s := range found {
			ids = append(ids, s.ID)
		}
		if err != nil || !slices.Equal(ids, tt.want) {
			t.Errorf("FindSamples, %s = %v, %v, want %v", name, ids, err, tt.want)
		}
	}
}

func testFaults(t *testing.T, c archive.Catalog) {
	s := sohoa.Sample{ID: sohoa.SetIDOf(moment, []byte{9: 1}), At: moment}
	verdict := func(page int, fault sohoa.SampleFault) sohoa.SampleVerdict {
		return sohoa.SampleVerdict{Page: page, Answers: []sohoa.SampleAnswer{{Question: sohoa.AskLegible, Fault: fault}}}
	}
	item := func(n int, agency string, closed time.Time, verdicts ...sohoa.SampleVerdict) sohoa.SampleItem {
		return sohoa.SampleItem{Sample: s.ID, Document: document("H", n).ID, Position: n, Agency: agency, Pages: 2, Closed: closed, Verdicts: verdicts}
	}
	items := []sohoa.SampleItem{
		item(0, "A", moment, verdict(1, "faint"), verdict(2, ""), verdict(0, "")),
		item(1, "A", moment, verdict(1, ""), verdict(2, ""), verdict(0, "")),
		item(2, "B", moment, verdict(1, "dark"), verdict(2, "dark"), verdict(0, "")),
		item(3, "A", time.Time{}, verdict(1, "faint")),
		item(4, "A", moment, verdict(1, "faint"), verdict(2, ""), verdict(0, "")),
		item(5, "A", moment.Add(time.Hour), verdict(1, ""), verdict(2, ""), verdict(0, "")),
		item(6, "B", moment),
	}
	items[4].Corrected = &sohoa.Decision{By: "lan", At: moment, Reason: "quét lại"}
	items[6].Gone = true
	update(t, c, func(tx archive.Tx) error {
		err := tx.PutSample(s)
		for _, i := range items {
			err = errors.Join(err, tx.PutSampleItem(i))
		}
		return err
	})
	inA := sohoa.Scope{Agencies: []string{"A"}}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		q     archive.FaultQuery
		want  []int
	}{
		"all":         {sohoa.Everything, archive.FaultQuery{}, []int{0, 2, 4}},
		"limit":       {sohoa.Everything, archive.FaultQuery{Limit: 1}, []int{0}},
		"due":         {sohoa.Everything, archive.FaultQuery{Due: true}, []int{0, 2}},
		"due of A":    {inA, archive.FaultQuery{Due: true}, []int{0}},
		"a document":  {inA, archive.FaultQuery{Document: items[4].Document}, []int{4}},
		"another's":   {inA, archive.FaultQuery{Document: items[2].Document}, nil},
		"not closed":  {inA, archive.FaultQuery{Document: items[3].Document}, nil},
		"nobody's":    {sohoa.Scope{}, archive.FaultQuery{}, nil},
		"one not due": {inA, archive.FaultQuery{Document: items[4].Document, Due: true}, nil},
	} {
		found, err := c.FindFaults(t.Context(), tt.scope, tt.q)
		var got []int
		for _, i := range found {
			got = append(got, i.Position)
		}
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("FindFaults, %s = %v, %v, want %v", name, got, err, tt.want)
		}
	}
	want := []archive.QualityCount{{Agency: "A", Documents: 3, DocumentsGood: 1, Pages: 6, PagesGood: 4, Due: 1}, {Agency: "B", Documents: 1, Pages: 2, Due: 1}}
	got, err := c.Quality(t.Context(), sohoa.Everything, moment, moment.Add(time.Hour))
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Quality: %v (-want +got):\n%s", err, d)
	}
	got, err = c.Quality(t.Context(), inA, moment.Add(time.Minute), moment.Add(2*time.Hour))
	if d := cmp.Diff([]archive.QualityCount{{Agency: "A", Documents: 1, DocumentsGood: 1, Pages: 2, PagesGood: 2}}, got, cmpopts.EquateEmpty()); err != nil || d != "" {
		t.Errorf("Quality later, of A: %v (-want +got):\n%s", err, d)
	}
}
