package sohoa_test

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"sohoa"
)

func drawOf(s sohoa.Sample, ids []sohoa.DocumentID, before int) (sohoa.Sample, []sohoa.DocumentID) {
	d := sohoa.NewDraw(s)
	for i, id := range ids {
		d.Add(id, i < before)
	}
	return d.Done()
}

// TestDraw draws by the lowest ranks, which anybody can work out.
func TestDraw(t *testing.T) {
	var ids []sohoa.DocumentID
	for i := range 200 {
		ids = append(ids, sohoa.NewDocumentID(time.UnixMilli(int64(1_700_000_000_000+i))))
	}
	s := sohoa.Sample{Size: 20, Seed: "xổ số 30/11/2026: 123456"}
	got, drawn := drawOf(s, ids, 50)
	if got.Among != 200 || got.Drawn != 20 || got.Earlier != 0 || len(drawn) != 20 {
		t.Fatalf("drawn %d of %d (%d earlier), want 20 of 200", len(drawn), got.Among, got.Earlier)
	}
	rest := slices.DeleteFunc(slices.Clone(ids), func(id sohoa.DocumentID) bool { return slices.Contains(drawn, id) })
	highest := s.Rank(drawn[19]).String()
	for _, id := range rest {
		if s.Rank(id).String() < highest {
			t.Fatalf("%s was not drawn, but its rank is below one that was", id)
		}
	}
	again, same := drawOf(s, ids, 0)
	if !slices.Equal(same, drawn) || again.List != got.List {
		t.Error("the same seed drew others")
	}
	s.Fresh = true
	got, drawn = drawOf(s, ids, 190)
	if got.Earlier != 190 || len(drawn) != 10 || got.List != again.List {
		t.Errorf("fresh: %d drawn, %d left out, want the 10 that no sample had; and the same list", len(drawn), got.Earlier)
	}
}

// TestDrawIsEven draws often, each document about as often.
func TestDrawIsEven(t *testing.T) {
	var ids []sohoa.DocumentID
	for i := range 40 {
		ids = append(ids, sohoa.NewDocumentID(time.UnixMilli(int64(i+1))))
	}
	times := map[sohoa.DocumentID]int{}
	for n := range 4000 {
		_, drawn := drawOf(sohoa.Sample{Size: 10, Seed: sohoa.NewSeed([32]byte{byte(n), byte(n >> 8)})}, ids, 0)
		for _, id := range drawn {
			times[id]++
		}
	}
	square := 0.0
	for _, id := range ids {
		d := float64(times[id]) - 1000
		square += d * d / 750 // variance of 4000 draws with probability 1/4
	}
	if square > 80 { // 39 degrees of freedom: beyond 72 once in a thousand
		t.Errorf("chi-squared = %.1f, want about 39", square)
	}
}

func TestJudge(t *testing.T) {
	yes := func(questions []sohoa.SampleQuestion, fault ...sohoa.SampleAnswer) []sohoa.SampleAnswer {
		var all []sohoa.SampleAnswer
		for _, q := range questions {
			a := sohoa.SampleAnswer{Question: q}
			for _, f := range fault {
				if f.Question == q {
					a = f
				}
			}
			all = append(all, a)
		}
		return all
	}
	blurred := sohoa.SampleAnswer{Question: sohoa.AskLegible, Fault: "blurred", Note: "góc dưới"}
	for name, v := range map[string]sohoa.SampleVerdict{
		"no such page":         {Page: 3, Answers: yes(sohoa.PageQuestions)},
		"answers missing":      {Page: 1, Answers: yes(sohoa.PageQuestions[:2])},
		"others' questions":    {Page: 1, Answers: yes(sohoa.DocumentQuestions)},
		"another one's fault":  {Page: 1, Answers: yes(sohoa.PageQuestions, sohoa.SampleAnswer{Question: sohoa.AskLegible, Fault: "cut-off"})},
		"other without a note": {Page: 1, Answers: yes(sohoa.PageQuestions, sohoa.SampleAnswer{Question: sohoa.AskLegible, Fault: sohoa.FaultOther})},
	} {
		i := sohoa.SampleItem{Pages: 2}
		if err := i.Judge(v); !errors.Is(err, sohoa.ErrInvalid) || len(i.Verdicts) != 0 {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	i := sohoa.SampleItem{Pages: 2}
	for _, v := range []sohoa.SampleVerdict{{Page: 2, Answers: yes(sohoa.PageQuestions, blurred)}, {Page: 0, Answers: yes(sohoa.DocumentQuestions)}} {
		if err := i.Judge(v); err != nil {
			t.Fatal(err)
		}
	}
	if page, open := i.Next(); page != 1 || !open || i.Judged() {
		t.Errorf("Next = %d, %v, want page 1", page, open)
	}
	if err := i.Judge(sohoa.SampleVerdict{Page: 1, Answers: yes(sohoa.PageQuestions)}); err != nil || !i.Judged() || !i.Faulty() {
		t.Errorf("Judge = %v, judged %v, faulty %v", err, i.Judged(), i.Faulty())
	}
	if err := i.Correct(sohoa.Decision{Reason: "quét lại"}); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("Correct before the sample is closed = %v, want ErrConflict", err)
	}
	r := sohoa.ResultOf([]sohoa.SampleItem{i, {Gone: true}})
	if r.Documents != 1 || r.DocumentsGood != 0 || r.Pages != 2 || r.PagesGood != 1 || r.Gone != 1 || r.Faults["blurred"] != 1 {
		t.Errorf("ResultOf = %+v", r)
	}
	i.Closed = time.Unix(1, 0)
	if err := i.Judge(sohoa.SampleVerdict{Page: 1, Answers: yes(sohoa.PageQuestions)}); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("Judge after the sample was closed = %v, want ErrConflict", err)
	}
	if err := i.Correct(sohoa.Decision{Reason: "quét lại"}); err != nil || i.Due() {
		t.Errorf("Correct = %v, due %v", err, i.Due())
	}
}

// TestWilson has the figures of Newcombe, Statistics in Medicine 17 (1998),
// table I.
func TestWilson(t *testing.T) {
	for _, tt := range []struct {
		good, n   int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}, {0, 0, 0, 1}} {
		low, high := sohoa.Wilson(tt.good, tt.n)
		if math.Abs(low-tt.low) > 5e-5 || math.Abs(high-tt.high) > 5e-5 {
			t.Errorf("Wilson(%d, %d) = %.4f to %.4f, want %.4f to %.4f", tt.good, tt.n, low, high, tt.low, tt.high)
		}
	}
}
