package validation_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// stamper is a timestamp client for the test authority.
func stamper(t testing.TB, tsa *testca.TSA) *signing.TSA {
	t.Helper()
	server := httptest.NewServer(tsa)
	t.Cleanup(server.Close)
	return &signing.TSA{URLs: []string{server.URL}, Roots: ca(t).Pool()}
}

// genuine is a good file and what must be said of its signatures.
type genuine struct {
	name   string
	make   func(t *testing.T) []byte
	levels []string
	kinds  []validation.Kind
}

func TestGenuineFilesPass(t *testing.T) {
	for _, g := range genuineFiles() {
		t.Run(g.name, func(t *testing.T) {
			r := validate(t, g.make(t), trust(t))
			if r.Conclusion != validation.TotalPassed || len(r.Signatures) != len(g.levels) {
				t.Fatalf("conclusion = %s with %d signatures:\n%s", r.Conclusion, len(r.Signatures), r.Text(sohoa.English))
			}
			for i, s := range r.Signatures {
				if s.Level != g.levels[i] || s.Modification != g.kinds[i] {
					t.Errorf("signature %d = %q, %s, want %q, %s", i, s.Level, s.Modification, g.levels[i], g.kinds[i])
				}
				if s.TrustedWorld != "test" || !s.Intact() {
					t.Errorf("signature %d: trusted in %q, intact %t", i, s.TrustedWorld, s.Intact())
				}
			}
		})
	}
}

func genuineFiles() []genuine {
	none, form, lta := validation.ChangeNone, validation.ChangeForm, validation.ChangeLTA
	levels := func(l ...string) []string { return l }
	kinds := func(k ...validation.Kind) []validation.Kind { return k }
	with := func(alg testca.Algorithm, req signing.Request) func(t *testing.T) []byte {
		return func(t *testing.T) []byte { return sealed(t, build(base), person(t, testca.WithKey(alg)), req, nil) }
	}
	return []genuine{
		{"P-256", with(testca.P256, signing.Request{}), levels("B-B"), kinds(none)},
		{"P-384", with(testca.P384, signing.Request{}), levels("B-B"), kinds(none)},
		{"RSA", with(testca.RSA2048, signing.Request{}), levels("B-B"), kinds(none)},
		{"RSA-PSS", with(testca.RSA2048, signing.Request{PSS: true}), levels("B-B"), kinds(none)},
		{"Vietnamese field", with(testca.P256, signing.Request{Field: "Chữ ký Vĩnh"}), levels("B-B"), kinds(none)},
		{"by hand", func(t *testing.T) []byte { return handmade{id: person(t)}.sign(t, build(base)) }, levels(""), kinds(none)},
		{"adbe.pkcs7.detached", func(t *testing.T) []byte {
			return handmade{id: person(t), subFilter: "adbe.pkcs7.detached"}.sign(t, build(base))
		}, levels(""), kinds(none)},
		{"timestamp", func(t *testing.T) []byte {
			return sealed(t, build(base), person(t), signing.Request{Level: signing.LevelT}, stamper(t, ca(t).TSA()))
		}, levels("B-T"), kinds(none)},
		{"three signatures", func(t *testing.T) []byte {
			pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
			pdf = sealed(t, pdf, person(t), signing.Request{}, nil)
			return sealed(t, pdf, person(t), signing.Request{Level: signing.LevelT}, stamper(t, ca(t).TSA()))
		}, levels("B-B", "B-B", "B-T"), kinds(form, form, none)},
		{"second by hand", func(t *testing.T) []byte {
			return addSecond(t, handmade{id: person(t)}.sign(t, build(base)))
		}, levels("", ""), kinds(form, none)},
		{"expired since, timestamp inside", func(t *testing.T) []byte {
			id := person(t, testca.WithValidity(now.AddDate(-3, 0, 0), now.AddDate(-1, 0, 0)))
			tsa := ca(t).TSA()
			tsa.SetClock(func() time.Time { return now.AddDate(-2, 0, 0) })
			return handmade{id: id, cms: stamped(id, tsa, same)}.sign(t, build(base))
		}, levels(""), kinds(none)},
		{"certified for filling, filled", func(t *testing.T) []byte {
			pdf := handmade{id: person(t), dict: "/Reference[<</TransformMethod/DocMDP/TransformParams<</P 2/V/1.2>>>>]"}.sign(t, build(base))
			return update(pdf, replaced(t, pdf, 6, "(An)", "(Binh)"), object{7, "<</Subtype/Form/BBox[0 0 1 1]/Length 0>>\nstream\n\nendstream"})
		}, levels(""), kinds(form)},
		{"evidence and metadata", func(t *testing.T) []byte { return withEvidence(t) }, levels("B-LT"), kinds(lta)},
		{"evidence and document timestamp", func(t *testing.T) []byte {
			return withDocumentTimestamp(t, withEvidence(t))
		}, levels("B-LTA", ""), kinds(lta, none)},
	}
}

// withEvidence is a B-T signature with later revocation lists in a DSS.
func withEvidence(t *testing.T) []byte {
	t.Helper()
	pdf := sealed(t, build(base), person(t), signing.Request{Level: signing.LevelT}, stamper(t, ca(t).TSA()))
	pdf = inStore(t, pdf, []*x509.Certificate{ca(t).Issuing()}, nil, lists(t, ca(t))...)
	return update(pdf, replaced(t, pdf, 1, "/Pages", "/Metadata 71 0 R/Pages"),
		object{71, strings.Replace(stream("<x/>"), "<<", "<</Type/Metadata/Subtype/XML", 1)})
}

func withDocumentTimestamp(t *testing.T, pdf []byte) []byte {
	t.Helper()
	h := handmade{subFilter: "ETSI.RFC3161", cms: func(t testing.TB, content []byte) []byte {
		return token(t, ca(t).TSA(), content)
	}}
	return h.signAs(t, pdf, "DocTimeStamp")
}

func TestReportSaysWhatIsLimited(t *testing.T) {
	pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
	r := validate(t, pdf, trust(t))
	if got := r.Signatures[0].Revocation; got != validation.RevocationNotChecked {
		t.Errorf("revocation = %s, want not-checked", got)
	}
	for lang, want := range map[sohoa.Lang]string{
		sohoa.Vietnamese: "Chưa kiểm tra việc thu hồi", sohoa.English: "Revocation was NOT checked",
	} {
		if text := r.Text(lang); !strings.Contains(text, want) || !strings.Contains(text, "Nguyễn Vĩnh Nghĩa") {
			t.Errorf("text in %s lacks %q:\n%s", lang, want, text)
		}
	}
	b, err := json.Marshal(r)
	if err != nil || !bytes.Contains(b, []byte(`"indication":"TOTAL-PASSED"`)) || !bytes.Contains(b, []byte(`"revocation":"not-checked"`)) {
		t.Errorf("JSON = %s, %v", b, err)
	}
}

func TestNobodyIsTrustedByDefault(t *testing.T) {
	pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
	r := validate(t, pdf, validation.Options{Now: now})
	s := r.Signatures[0]
	if s.Indication != validation.Indeterminate || s.Sub != validation.NoCertificateChain || !s.Intact() {
		t.Errorf("signature = %s %s, intact %t, want INDETERMINATE, intact", s.Indication, s.Sub, s.Intact())
	}
}

func TestUnsigned(t *testing.T) {
	r := validate(t, build(base), trust(t))
	if r.Conclusion != validation.NoSignature || len(r.Signatures) != 0 {
		t.Errorf("conclusion = %s, %d signatures, want %s", r.Conclusion, len(r.Signatures), validation.NoSignature)
	}
}

// TestSecondOpinion compares with poppler what both judge: the bytes and the
// signature value.
func TestSecondOpinion(t *testing.T) {
	if _, err := exec.LookPath("pdfsig"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	good := sealed(t, build(base), person(t), signing.Request{}, nil)
	bad := bytes.Clone(good)
	bad[bytes.Index(bad, []byte("100 dong"))] = '9'
	for name, pdf := range map[string][]byte{"good": good, "bad": bad} {
		file := filepath.Join(t.TempDir(), "x.pdf")
		if err := os.WriteFile(file, pdf, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(context.Background(), "pdfsig", "-nocert", file).CombinedOutput()
		theirs := strings.Contains(string(out), "Signature is Valid")
		if ours := validate(t, pdf, trust(t)).Signatures[0].Intact(); ours != theirs {
			t.Errorf("%s: ours %t, poppler %t (%v): %s", name, ours, theirs, err, out)
		}
	}
}
