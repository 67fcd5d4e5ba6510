package signing_test

import (
	"testing"

	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

// TestPyHanko lets pyHanko judge a row of signatures on one file: each must
// be whole, trusted, PAdES, and undisturbed by those after it.
func TestPyHanko(t *testing.T) {
	tsa, _ := stamper(t, testca.FaultNone)
	rows := []struct {
		alg testca.Algorithm
		req signing.Request
	}{
		{testca.RSA2048, signing.Request{Level: signing.LevelT, Mark: mark.Operator("Nguyễn Vĩnh Nghĩa", moment)}},
		{testca.P256, signing.Request{Level: signing.LevelT, Mark: mark.Agency("Sao y", "Hà Tĩnh", moment)}},
		{testca.RSA2048, signing.Request{PSS: true, Reason: "Sĩ"}},
		{testca.P521, signing.Request{}},
	}
	for name, pdf := range map[string][]byte{"table": plain{}.table(), "stream": plain{}.stream()} {
		t.Run(name, func(t *testing.T) {
			for _, r := range rows {
				pdf, _ = signWith(t, pdf, key(t, r.alg), r.req, tsa)
			}
			js := pyhanko(t, pdf, ca(t).Root())
			if len(js) != len(rows) {
				t.Fatalf("pyHanko finds %d signatures, want %d", len(js), len(rows))
			}
			for i, j := range js {
				want := judgement{Field: j.Field, Coverage: "ENTIRE_REVISION", Intact: true, Valid: true, Trusted: true,
					Modification: "FORM_FILLING", DocMDP: true, PAdES: true, Timestamp: rows[i].req.Level == signing.LevelT}
				if i == len(js)-1 {
					want.Coverage, want.Modification = "ENTIRE_FILE", "NONE"
				}
				if j != want {
					t.Errorf("signature %d = %+v, want %+v", i+1, j, want)
				}
			}
		})
	}
}

// TestPyHankoFindsFilledField fills a field whose widget is an object of its
// own, which poppler does not read.
func TestPyHankoFindsFilledField(t *testing.T) {
	pdf := plain{objects: map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>/Annots[6 0 R]>>",
		5: "<</FT/Sig/T(Thu truong)/Kids[6 0 R]>>",
		6: "<</Type/Annot/Subtype/Widget/Parent 5 0 R/Rect[300 100 400 300]/F 4/P 3 0 R>>",
	}}.table()
	out, _ := sign(t, pdf, signing.Request{Field: "Thu truong", Mark: mark.Operator("Nguyễn", moment)}, nil)
	js := pyhanko(t, out, ca(t).Root())
	if len(js) != 1 || js[0].Field != "Thu truong" || !js[0].Valid || !js[0].Trusted || js[0].Coverage != "ENTIRE_FILE" {
		t.Errorf("pyHanko = %+v, want one valid, trusted signature over everything", js)
	}
}
