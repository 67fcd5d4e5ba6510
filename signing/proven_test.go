package signing_test

import (
	"bytes"
	"testing"

	"sohoa/signing"
	"sohoa/signing/validation"
)

// TestEveryCertificateIsProven renews a document for twelve years, past the end
// of every certificate of its beginning but the authorities', and wants our
// validator to name evidence about each one that counts, dated by a document
// timestamp but for the last.
func TestEveryCertificateIsProven(t *testing.T) {
	for _, responder := range []string{"issuer", "exempt", "checked"} {
		t.Run(responder, func(t *testing.T) {
			l := newLab(t)
			if responder != "issuer" {
				if err := l.Delegate(responder == "exempt"); err != nil {
					t.Fatal(err)
				}
			}
			pdf, _ := l.sign(t, scan(t), signing.LevelLTA)
			for _, year := range []int{4, 8, 12} {
				l.moveTo(years(year))
				if err := l.RenewTSA(); err != nil {
					t.Fatal(err)
				}
				if responder != "issuer" {
					if err := l.Delegate(responder == "exempt"); err != nil {
						t.Fatal(err)
					}
				}
				pdf = l.renew(t, pdf)
			}
			var last bytes.Buffer
			if _, err := signing.AddEvidence(t.Context(), reader(pdf), int64(len(pdf)), &last, l.source); err != nil {
				t.Fatal(err)
			}
			l.wantLevel(t, last.Bytes(), l.now(), signing.LevelLTA)
			l.wantProven(t, last.Bytes())
		})
	}
}

func (l *lab) wantProven(t *testing.T, pdf []byte) {
	t.Helper()
	r, err := validation.Validate(t.Context(), reader(pdf), int64(len(pdf)), validation.Options{
		Now: l.now(), Roots: []validation.Root{{World: "test", Certificate: l.Root()}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Signatures) != 5 {
		t.Fatalf("%d signatures, want one and 4 document timestamps", len(r.Signatures))
	}
	for i, s := range r.Signatures {
		chains := [][]validation.Certificate{s.Certificates}
		for _, stamp := range s.Timestamps {
			chains = append(chains, stamp.Certificates)
		}
		for _, chain := range chains {
			wantChainProven(t, chain, i < len(r.Signatures)-1)
		}
	}
}

func wantChainProven(t *testing.T, chain []validation.Certificate, dated bool) {
	t.Helper()
	if len(chain) != 3 {
		t.Errorf("chain of %d, want 3", len(chain))
		return
	}
	for _, c := range chain[:2] {
		if c.Revocation != validation.RevocationGood || c.Evidence == nil || dated && c.Evidence.ProvenAt.IsZero() {
			t.Errorf("%s until %v = %s by %+v, ignored %v; want good, dated %t", c.Subject, c.NotAfter, c.Revocation, c.Evidence, c.Ignored, dated)
		}
	}
	if chain[2].Revocation != validation.RevocationAnchor {
		t.Errorf("%s = %s, want the anchor", chain[2].Subject, chain[2].Revocation)
	}
}
