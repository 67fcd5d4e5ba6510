package signing_test

import (
	"bytes"
	"testing"

	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// validate judges pdf with our own validator, trusting the test authority.
func validate(t testing.TB, pdf []byte) *validation.Report {
	t.Helper()
	r, err := validation.Validate(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), validation.Options{
		Roots: []validation.Root{{World: "test", Certificate: ca(t).Root()}}})
	if err != nil {
		t.Fatalf("Validate = %v", err)
	}
	return r
}

// TestOwnValidator wants every signature of a document that was signed three
// times, and timestamped afterwards, to pass at the level reported.
func TestOwnValidator(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultNone)
	for name, pdf := range map[string][]byte{"table": plain{}.table(), "stream": plain{}.stream(), "scan": scan(t)} {
		t.Run(name, func(t *testing.T) {
			pdf, _ = signWith(t, pdf, key(t, testca.RSA2048), signing.Request{Mark: mark.Operator("Nguyễn Sĩ", moment)}, nil)
			pdf, _ = signWith(t, pdf, key(t, testca.P256), signing.Request{Level: signing.LevelT, Mark: mark.Agency("Sao y", "Hà Tĩnh", moment)}, tsa)
			pdf, _ = signWith(t, pdf, key(t, testca.RSA2048), signing.Request{Level: signing.LevelT, PSS: true}, nil)
			pdf, _ = addTimestamp(t, pdf, tsa)
			r := validate(t, pdf)
			if r.Conclusion != validation.TotalPassed || len(r.Signatures) != 3 {
				t.Errorf("%s with %d signatures, want %s with 3", r.Conclusion, len(r.Signatures), validation.TotalPassed)
			}
			for i, want := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelT} {
				if s := r.Signatures[i]; string(s.Level) != string(want) || s.Indication != validation.TotalPassed {
					t.Errorf("signature %d is %s at %s: %+v, want %s", i+1, s.Indication, s.Level, s.Reasons, want)
				}
			}
		})
	}
}
