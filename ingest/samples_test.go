package ingest_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// stock puts documents into the catalogue that were kept an hour ago, of the
// agency of the office and one below it.
func (of *office) stock(n int) (ids []sohoa.DocumentID) {
	of.t.Helper()
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		err := errors.Join(tx.PutAgency(sohoa.Agency{Code: "H00.00.01.1", Name: "Bộ phận Một cửa", Parent: "H00.00.01"}),
			tx.PutDossier(sohoa.Dossier{Code: "H-below", Agency: "H00.00.01.1", CreatedAt: time.Now()}))
		for i := range n {
			d := sohoa.Document{ID: sohoa.NewDocumentID(time.Now()), Dossier: []string{dossier, "H-below"}[i%2], Digest: sohoa.Sum([]byte{byte(i)}),
				State: sohoa.StateKept, Pages: 1, KeptAt: time.Now().Add(-time.Hour)}
			ids = append(ids, d.ID)
			err = errors.Join(err, tx.PutDocument(d))
		}
		return err
	})
	if err != nil {
		of.t.Fatal(err)
	}
	return ids
}

// answers are those of one page, or of a document as a whole; fault is the
// answer to the second question.
func answers(questions []sohoa.SampleQuestion, fault sohoa.SampleFault) []sohoa.SampleAnswer {
	all := []sohoa.SampleAnswer{{Question: questions[0]}, {Question: questions[1], Fault: fault}, {Question: questions[2]}}
	if fault == sohoa.FaultOther {
		all[1].Note = "vết cà phê"
	}
	return all
}

// TestSample draws, judges with an interruption, closes, and corrects.
func TestSample(t *testing.T) {
	of := openOffice(t, options{idle: true})
	stocked := of.stock(40)
	ctx, today := t.Context(), sohoa.DateOf(time.Now())
	yesterday := sohoa.DateOf(time.Now().Add(-24 * time.Hour))
	below := sohoa.Scope{Agencies: []string{"H00.00.01", "H00.00.01.1"}}
	an, binh := ingest.Inspector{Name: "an", Scope: below}, ingest.Inspector{Name: "binh", Scope: below}
	draw := ingest.SampleDraw{Agency: "H00.00.01", From: yesterday, Until: today, Size: 5}
	for name, tt := range map[string]struct {
		change func(d *ingest.SampleDraw)
		want   string
	}{
		"nothing":        {func(d *ingest.SampleDraw) { d.Size = 0 }, "sample.size"},
		"too much":       {func(d *ingest.SampleDraw) { d.Size = sohoa.MaxSampleItems + 1 }, "sample.size"},
		"no day":         {func(d *ingest.SampleDraw) { d.From = "" }, "sample.days"},
		"days turned":    {func(d *ingest.SampleDraw) { d.From, d.Until = today, yesterday }, "sample.days"},
		"not theirs":     {func(d *ingest.SampleDraw) { d.Agency = "H99" }, "sample.agency"},
		"everything":     {func(d *ingest.SampleDraw) { d.Agency = "" }, "sample.agency"},
		"two lines":      {func(d *ingest.SampleDraw) { d.Seed = "a\nb" }, "sample.seed"},
		"nothing is one": {func(d *ingest.SampleDraw) { d.Procedure = "none" }, "sample.none"},
	} {
		d := draw
		tt.change(&d)
		if _, err := of.DrawSample(ctx, an, d); problemOf(err) != tt.want {
			t.Errorf("DrawSample of %s = %v, want %s", name, err, tt.want)
		}
	}
	s, err := of.DrawSample(ctx, an, draw)
	if err != nil || s.Among != 40 || s.Drawn != 5 || len(s.Seed) != 64 || s.Given {
		t.Fatalf("DrawSample = %+v, %v, want 5 of 40", s, err)
	}
	items := must(of.catalog.SampleItems(ctx, s.ID))(t)
	for n, i := range items {
		if !slices.Contains(stocked, i.Document) || i.Pages != 1 || n > 0 && s.Rank(items[n-1].Document).String() > s.Rank(i.Document).String() {
			t.Errorf("item %d = %+v, want a document in the order of ranks", n, i)
		}
	}
	judge := func(by ingest.Inspector, n, page int, fault sohoa.SampleFault) error {
		questions := sohoa.PageQuestions
		if page == 0 {
			questions = sohoa.DocumentQuestions
		}
		_, err := of.JudgeSample(ctx, by, s.ID, items[n].Document, sohoa.SampleVerdict{Page: page, Answers: answers(questions, fault)})
		return err
	}
	for n := range 4 {
		by, fault := []ingest.Inspector{an, binh}[n/2], []sohoa.SampleFault{"", "faint", "", "other"}[n]
		if err := errors.Join(judge(by, n, 1, fault), judge(by, n, 0, "")); err != nil {
			t.Fatal(err)
		}
	}
	if err := judge(ingest.Inspector{Name: "x", Scope: sohoa.Scope{Agencies: []string{"H99"}}}, 4, 1, ""); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("JudgeSample by another agency = %v, want ErrNotExist", err)
	}
	if _, err := of.CloseSample(ctx, an, s.ID, ""); problemOf(err) != "sample.open" {
		t.Errorf("CloseSample with one left = %v, want sample.open", err)
	}
	of.vanish(items[4].Document)
	closed, err := of.CloseSample(ctx, binh, s.ID, "kiểm tra tuần 48")
	want := sohoa.SampleResult{Documents: 4, DocumentsGood: 2, Pages: 4, PagesGood: 2, Gone: 1, Faults: map[sohoa.SampleFault]int{"faint": 1, "legible:other": 1}}
	if err != nil || closed.Closed.By != "binh" || string(must(json.Marshal(closed.Result))(t)) != string(must(json.Marshal(want))(t)) {
		t.Fatalf("CloseSample = %+v, %v, want %+v", closed.Result, err, want)
	}
	if err := judge(an, 0, 1, ""); problemOf(err) != "sample.closed" {
		t.Errorf("JudgeSample after the end = %v, want sample.closed", err)
	}
	lan := ingest.Inspector{Name: "lan", Scope: sohoa.Scope{Agencies: []string{items[1].Agency}}}
	other := ingest.Inspector{Name: "ai", Scope: sohoa.Scope{Agencies: []string{"H99"}}}
	if _, err := of.CorrectFault(ctx, other, s.ID, items[1].Document, "quét lại"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("CorrectFault by another agency = %v, want ErrNotExist", err)
	}
	if _, err := of.CorrectFault(ctx, lan, s.ID, items[1].Document, " "); problemOf(err) != "life.reason" {
		t.Errorf("CorrectFault without a note = %v, want life.reason", err)
	}
	if i, err := of.CorrectFault(ctx, lan, s.ID, items[1].Document, "quét lại"); err != nil || i.Corrected.By != "lan" {
		t.Errorf("CorrectFault = %+v, %v", i, err)
	}
	if _, err := of.CorrectFault(ctx, lan, s.ID, items[1].Document, "quét lại"); problemOf(err) != "sample.not-due" {
		t.Errorf("CorrectFault twice = %v, want sample.not-due", err)
	}
	if _, err := archive.VerifyJournal(ctx, of.catalog); err != nil {
		t.Error(err)
	}
}

// vanish makes a document one that was destroyed.
func (of *office) vanish(id sohoa.DocumentID) {
	of.t.Helper()
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		d, err := tx.Document(id)
		d.State, d.Destroyed = sohoa.StateDestroyed, time.Now()
		return errors.Join(err, tx.PutDocument(d))
	})
	if err != nil {
		of.t.Fatal(err)
	}
}

// TestVerifySample draws again: as it was, after something was destroyed, and
// after the documents of a sample were exchanged.
func TestVerifySample(t *testing.T) {
	of := openOffice(t, options{idle: true})
	of.stock(30)
	ctx, today := t.Context(), sohoa.DateOf(time.Now())
	by := ingest.Inspector{Name: "an", Scope: sohoa.Everything}
	draw := ingest.SampleDraw{From: sohoa.DateOf(time.Now().Add(-24 * time.Hour)), Until: today, Size: 8, Seed: "xổ số 30/11", Fresh: true}
	first, err := of.DrawSample(ctx, by, draw)
	if err != nil || !first.Given {
		t.Fatalf("DrawSample = %+v, %v", first, err)
	}
	second, err := of.DrawSample(ctx, by, draw)
	if err != nil || second.Earlier != 8 || second.List != first.List {
		t.Fatalf("DrawSample again = %+v, %v, want it without the first's 8", second, err)
	}
	for _, s := range []sohoa.Sample{first, second} {
		c, err := of.VerifySample(ctx, sohoa.Everything, s.ID)
		if err != nil || !c.Same || !c.Holds() || c.Among != 30 || len(c.Gone)+len(c.Passed) > 0 {
			t.Errorf("VerifySample = %+v, %v, want it as it was", c, err)
		}
	}
	items := must(of.catalog.SampleItems(ctx, first.ID))(t)
	of.vanish(items[3].Document)
	c, err := of.VerifySample(ctx, sohoa.Everything, first.ID)
	if err != nil || c.Same || !c.Holds() || !slices.Equal(c.Gone, []sohoa.DocumentID{items[3].Document}) {
		t.Errorf("VerifySample after one is gone = %+v, %v, want that one named", c, err)
	}
	rest := must(of.catalog.SampleItems(ctx, second.ID))(t)
	forged := first
	forged.ID, forged.Fresh = sohoa.SetIDOf(first.At, make([]byte, 10)), false
	err = of.catalog.Update(ctx, func(tx archive.Tx) error {
		err := tx.PutSample(forged)
		for n, i := range append(slices.Clone(items[:7]), rest[7]) {
			i.Sample, i.Position = forged.ID, n
			err = errors.Join(err, tx.PutSampleItem(i))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if c, err = of.VerifySample(ctx, sohoa.Everything, forged.ID); err != nil || c.Holds() {
		t.Errorf("VerifySample of an exchanged document = %+v, %v, want what was passed over", c, err)
	}
}
