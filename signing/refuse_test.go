package signing_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
)

// trySign signs with the P-256 key and returns what was written.
func trySign(t testing.TB, pdf []byte, req signing.Request) ([]byte, error) {
	t.Helper()
	var out bytes.Buffer
	_, err := signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, key(t, testca.P256), req, nil)
	return out.Bytes(), err
}

// wantProblem fails unless err is a Problem with this code, a kind, and a
// sentence in both languages.
func wantProblem(t testing.TB, err error, code string) {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("error = %v, want the problem %s", err, code)
		return
	}
	for _, lang := range []sohoa.Lang{sohoa.Vietnamese, sohoa.English} {
		if s := p.Text(lang); p.Kind == nil || strings.HasPrefix(s, code) || strings.Contains(s, "{") {
			t.Errorf("%s in %s = %q of kind %v, want a sentence and a kind", code, lang, s, p.Kind)
		}
	}
}

// signed is a signature dictionary of another program, with more entries.
func signed(entries string) string {
	return "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 3]/Contents<00>" + entries + ">>"
}

// withSignature is a file with one signed field and more catalog entries.
func withSignature(value, lock, catalog string) []byte {
	return plain{objects: map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]/SigFlags 3>>" + catalog + ">>",
		5: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Old)/Rect[0 0 0 0]/V 6 0 R" + lock + ">>",
		6: value,
	}}.table()
}

func TestRefuses(t *testing.T) {
	good := plain{}.table()
	mdp := func(method, params string) string {
		return signed("/Reference[<</Type/SigRef/TransformMethod/" + method + "/TransformParams<</Type/TransformParams" + params + ">>>>]")
	}
	shifted := bytes.Replace(good, []byte("3 0 obj"), []byte("% shifts what follows\n3 0 obj"), 1)
	tests := []struct {
		name string
		pdf  []byte
		code string
	}{
		{"empty", nil, "sign.refused-damaged"},
		{"text", []byte("Kính gửi"), "sign.refused-damaged"},
		{"no end", good[:len(good)-8], "sign.refused-trailing"},
		{"2 MB behind the end", append(bytes.Clone(good), make([]byte, 2<<20)...), "sign.refused-trailing"},
		{"encrypted", plain{trailer: "/Encrypt<</Filter/Standard>>"}.table(), "sign.refused-encrypted"},
		{"objects elsewhere", shifted, "sign.refused-damaged"},
		{"certified, no changes", withSignature(mdp("DocMDP", "/P 1"), "", "/Perms<</DocMDP 6 0 R>>"), "sign.refused-certified"},
		{"certified, in a field only", withSignature(mdp("DocMDP", "/P 1"), "", ""), "sign.refused-certified"},
		{"all fields locked", withSignature(mdp("FieldMDP", "/Action/All"), "", ""), "sign.refused-locked"},
		{"all but one locked", withSignature(mdp("FieldMDP", "/Action/Exclude/Fields[(X)]"), "", ""), "sign.refused-locked"},
		{"locked by the field", withSignature(signed(""), "/Lock<</Action/All>>", ""), "sign.refused-locked"},
		{"closed by the field", withSignature(signed(""), "/Lock<</Action/Include/Fields[(X)]/P 1>>", ""), "sign.refused-certified"},
		{"page tree in circles", plain{objects: map[int]string{2: "<</Type/Pages/Kids[2 0 R]/Count 1>>"}}.table(), "sign.refused-damaged"},
		{"fields in circles", plain{objects: map[int]string{
			1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>",
			5: "<</T(a)/Kids[5 0 R]>>"}}.table(), "sign.refused-damaged"},
		{"no pages", plain{objects: map[int]string{2: "<</Type/Pages/Kids[]/Count 0>>"}}.table(), "sign.no-page"},
		{"deep brackets", plain{objects: map[int]string{1: strings.Repeat("[", 1<<20)}}.table(), "sign.refused-damaged"},
		{"huge subsection", hostileXref("xref\n200000000 10\n"), "sign.refused-damaged"},
		{"start beyond int", hostileXref("xref\n99999999999999999999 1\n"), "sign.refused-damaged"},
		{"huge stream", hostileXref("9 0 obj\n<</Type/XRef/Size 900000000/W[1 2 1]/Root 1 0 R/Length 0>>\nstream\n\nendstream\nendobj\n"), "sign.refused-damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			out, err := trySign(t, tt.pdf, signing.Request{})
			wantProblem(t, err, tt.code)
			if len(out) != 0 {
				t.Errorf("%d bytes were written", len(out))
			}
			if d := time.Since(start); d > time.Second {
				t.Errorf("refusal took %v, want less than 1 s", d)
			}
		})
	}
}

// hostileXref is a PDF that consists of a cross-reference section.
func hostileXref(section string) []byte {
	return fmt.Appendf(nil, "%%PDF-1.7\n%sstartxref\n9\n%%%%EOF\n", section)
}

func TestPermits(t *testing.T) {
	mdp := func(method, params string) string {
		return signed("/Reference[<</Type/SigRef/TransformMethod/" + method + "/TransformParams<</Type/TransformParams" + params + ">>>>]")
	}
	tests := []struct {
		name string
		pdf  []byte
	}{
		{"an approval signature", withSignature(signed(""), "", "")},
		{"certified, signatures permitted", withSignature(mdp("DocMDP", "/P 2"), "", "/Perms<</DocMDP 6 0 R>>")},
		{"certified, default", withSignature(mdp("DocMDP", ""), "", "/Perms<</DocMDP 6 0 R>>")},
		{"other fields locked", withSignature(mdp("FieldMDP", "/Action/Include/Fields[(X)]"), "", "")},
		{"one kilobyte behind the end", append(plain{}.table(), bytes.Repeat([]byte{'\n'}, 1000)...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := trySign(t, tt.pdf, signing.Request{})
			if err != nil {
				t.Fatalf("Sign = %v, want success", err)
			}
			vs := pdfsig(t, out)
			if last := vs[len(vs)-1]; !last.Valid || !last.Total {
				t.Errorf("pdfsig: %+v, want a valid signature over everything", last)
			}
		})
	}
}

func TestRefusesRequests(t *testing.T) {
	pdf := withSignature(signed(""), "", "")
	tests := []struct {
		name string
		req  signing.Request
		code string
	}{
		{"no level", signing.Request{Level: "B-X"}, "sign.level"},
		{"signed field", signing.Request{Field: "Old"}, "sign.field-taken"},
		{"dotted field", signing.Request{Field: "a.b"}, "sign.field-taken"},
		{"before the certificate", signing.Request{Time: moment.AddDate(-1, 0, 0)}, "sign.key-expired"},
		{"after the certificate", signing.Request{Time: moment.AddDate(9, 0, 0)}, "sign.key-expired"},
		{"no room for the signature", signing.Request{Reserve: 100}, "sign.reserve"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := trySign(t, pdf, tt.req)
			wantProblem(t, err, tt.code)
			if len(out) != 0 {
				t.Errorf("%d bytes were written", len(out))
			}
		})
	}
}
