package sohoa_test

import (
	"testing"
	"time"

	"sohoa"
)

func TestFacts(t *testing.T) {
	made := func(part sohoa.SignPart, user string) []sohoa.SignatureMade {
		return []sohoa.SignatureMade{{Part: part, User: user}}
	}
	kept := func(master sohoa.Master, result string, signatures []sohoa.SignatureMade) sohoa.Document {
		return sohoa.Document{State: sohoa.StateKept, Master: master, Life: sohoa.Life{Result: result}, Signatures: signatures}
	}
	moved := kept(sohoa.MasterPDFA, "", nil)
	moved.MovedTo = []sohoa.DocumentID{sohoa.NewDocumentID(time.Now())}
	for name, tt := range map[string]struct {
		doc  sohoa.Document
		want sohoa.FigureFacts
	}{
		"a scan":              {kept(sohoa.MasterPDFA, "", nil), sohoa.FactComponent},
		"born electronic":     {kept(sohoa.MasterOriginal, "", nil), 0},
		"not kept":            {sohoa.Document{State: sohoa.StateRead, Master: sohoa.MasterPDFA}, 0},
		"all pages went":      {moved, 0},
		"a digitised result":  {kept(sohoa.MasterPDFA, "H-KQ1", nil), sohoa.FactResult},
		"sealed by itself":    {kept(sohoa.MasterPDFA, "H-KQ1", made("", "")), sohoa.FactResult | sohoa.FactSealed},
		"sealed by somebody":  {kept(sohoa.MasterOriginal, "H-KQ1", made(sohoa.PartSeal, "an")), sohoa.FactResult | sohoa.FactBorn | sohoa.FactSealed},
		"signed by the clerk": {kept(sohoa.MasterPDFA, "H-KQ1", made(sohoa.PartOperator, "lan")), sohoa.FactResult},
		"signed, not sealed":  {kept(sohoa.MasterOriginal, "H-KQ1", made(sohoa.PartPerson, "an")), sohoa.FactResult | sohoa.FactBorn},
	} {
		if got := tt.doc.Facts(); got != tt.want {
			t.Errorf("Facts of %s = %b, want %b", name, got, tt.want)
		}
	}
}

func TestRoundWait(t *testing.T) {
	for d, want := range map[time.Duration]int{-time.Hour: 0, 999 * time.Millisecond: 0, 99 * time.Second: 99, 100 * time.Second: 100, 105 * time.Second: 110,
		1234 * time.Second: 1200, 86_400 * time.Second: 86_000, 999 * time.Second: 1000} {
		if got := sohoa.RoundWait(d); got != want {
			t.Errorf("RoundWait(%v) = %d, want %d", d, got, want)
		}
	}
}
