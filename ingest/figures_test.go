package ingest_test

import (
	"errors"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// TestFigures sums a tree of agencies: a province with two communes, one with a
// desk of its own below it.
func TestFigures(t *testing.T) {
	of := openOffice(t, options{idle: true})
	at := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC) // a Monday
	agencies := []sohoa.Agency{{Code: "P", Name: "Tỉnh"}, {Code: "P.1", Name: "Xã 1", Parent: "P"}, {Code: "P.2", Name: "Xã 2", Parent: "P"},
		{Code: "P.1.1", Name: "Quầy", Parent: "P.1"}, {Code: "X", Name: "Tỉnh khác"}}
	err := of.catalog.Update(t.Context(), func(tx archive.Tx) error {
		var errs []error
		for i, a := range agencies {
			code := "F-" + a.Code
			day := at.AddDate(0, 0, 7*i) // each in a week of its own
			scan := sohoa.Document{ID: sohoa.NewDocumentID(time.Now()), Dossier: code, Digest: sohoa.Sum([]byte{byte(i)}), State: sohoa.StateKept, Pages: 10,
				Master: sohoa.MasterPDFA, AcceptedAt: day, KeptAt: day.Add(time.Duration(i+1) * time.Minute)}
			result := scan
			result.ID, result.Digest, result.Life.Result = sohoa.NewDocumentID(time.Now()), sohoa.Sum([]byte{99, byte(i)}), code+"-KQ1"
			errs = append(errs, tx.PutAgency(a), tx.PutDossier(sohoa.Dossier{Code: code, Agency: a.Code, Procedure: "p" + a.Code, CreatedAt: day}), tx.PutDocument(scan))
			if i%2 == 0 {
				errs = append(errs, tx.PutDocument(result))
			}
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	province := sohoa.Scope{Agencies: []string{"P", "P.1", "P.2", "P.1.1"}}
	q := ingest.FiguresQuery{From: "2026-03-02", Until: "2026-03-29", Step: ingest.StepWeek}
	f, err := of.Figures(t.Context(), province, q)
	if err != nil || f.Agency.Code != "P" || len(f.Lines) != 3 || len(f.Steps) != 4 || len(f.Procedures) != 4 {
		t.Fatalf("Figures = top %q, %d lines, %d steps, %d procedures, %v", f.Agency.Code, len(f.Lines), len(f.Steps), len(f.Procedures), err)
	}
	for i, want := range []struct {
		code      string
		received  int
		digitised int
		below     int
		own       bool
	}{{"P", 1, 1, 0, true}, {"P.1", 2, 0, 1, false}, {"P.2", 1, 1, 0, false}} {
		l := f.Lines[i]
		if l.Code != want.code || l.Received != want.received || l.Digitised != want.digitised || l.Below != want.below || l.Own != want.own {
			t.Errorf("line %d = %s: received %d, digitised %d, below %d, own %t, want %+v", i, l.Code, l.Received, l.Digitised, l.Below, l.Own, want)
		}
	}
	if n, d := ingest.Indicators[0].Of(f.Total); n != 2 || d != 4 || f.Total.Pages != 60 {
		t.Errorf("digitised %d of %d, %d pages, want 2 of 4 and 60", n, d, f.Total.Pages)
	}
	if w := f.Total.Waits[archive.WaitKept]; w.N != 6 || w.Median != 2*time.Minute || w.P90 != 4*time.Minute {
		t.Errorf("waits = %+v, want 6, half within 2 minutes, nine of ten within 4", w)
	}
	if w := f.Total.Waiting[archive.WaitDone]; w.N != 4 || !w.Oldest.Equal(at) {
		t.Errorf("waiting = %+v, want 4 dossiers, the first since %v", w, at)
	}
	for i, s := range f.Steps {
		if s.Received != 1 || s.From != sohoa.DateOf(at.AddDate(0, 0, 7*i)) || s.Until != sohoa.DateOf(at.AddDate(0, 0, 7*i+6)) {
			t.Errorf("step %d = %s to %s: %d received, want a week with one", i, s.From, s.Until, s.Received)
		}
	}
	q.Agency, q.Step = "P.1", ingest.StepQuarter
	if f, err = of.Figures(t.Context(), province, q); err != nil || len(f.Lines) != 2 || !f.Lines[0].Own || f.Total.Received != 2 || len(f.Steps) != 1 || f.Steps[0].From != "2026-03-02" {
		t.Errorf("Figures of P.1 = %+v, %v, want itself and its desk, in a part of a quarter", f.Lines, err)
	}
	for name, tt := range map[string]struct {
		change func(q *ingest.FiguresQuery)
		want   string
	}{
		"another's":      {func(q *ingest.FiguresQuery) { q.Agency = "X" }, "sample.agency"},
		"too many steps": {func(q *ingest.FiguresQuery) { q.Until, q.Step = "2027-03-01", ingest.StepDay }, "figures.step"},
		"no step":        {func(q *ingest.FiguresQuery) { q.Step = "" }, "figures.step"},
		"days turned":    {func(q *ingest.FiguresQuery) { q.Until = "2026-01-01" }, "sample.days"},
	} {
		q := q
		tt.change(&q)
		if _, err := of.Figures(t.Context(), province, q); problemOf(err) != tt.want {
			t.Errorf("Figures of %s = %v, want %s", name, err, tt.want)
		}
	}
}
