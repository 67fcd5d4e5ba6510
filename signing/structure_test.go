package signing_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

func TestMain(m *testing.M) {
	api.DisableConfigDir()
	os.Exit(m.Run())
}

// open reads a file with another program's parser.
func open(t testing.TB, pdf []byte) *model.Context {
	t.Helper()
	ctx, err := api.ReadContext(bytes.NewReader(pdf), model.NewDefaultConfiguration())
	if err != nil {
		t.Fatalf("pdfcpu: %v", err)
	}
	return ctx
}

// entry resolves one entry of a dictionary.
func entry(t testing.TB, ctx *model.Context, d types.Dict, key string) types.Object {
	t.Helper()
	o, _ := d.Find(key)
	o, err := ctx.Dereference(o)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The files that other signers break: each must keep what it has, and every
// earlier signature.
func TestSignKeepsTheDocument(t *testing.T) {
	form := "/AcroForm<</Fields[5 0 R 7 0 R]/DR<</Font<<>>>>/DA(/Helv 0 Tf \\(x\\))/NeedAppearances false/Q 1>>"
	fields := map[int]string{
		5: "<</FT/Tx/T(hoten)/V(Nguy\\342n)/Rect[0 0 1 1]/Type/Annot/Subtype/Widget>>",
		7: "<</T(form)/Kids[8 0 R]>>",
		8: "<</Parent 7 0 R/T(kyso)/FT/Sig/Rect[0 0 0 0]/Type/Annot/Subtype/Widget>>",
	}
	with := func(catalog string, more map[int]string) plain {
		objects := map[int]string{1: "<</Type/Catalog/Pages 2 0 R" + catalog + ">>"}
		for n, o := range more {
			objects[n] = o
		}
		return plain{objects: objects}
	}
	rewritten := with("", map[int]string{3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Contents 4 0 R/Resources<<>>" +
		"/LastModified(D:2026\\(x\\))/Annots[<</Type/Annot/Subtype/Text/Rect[1 1 2 2]/Contents(\\)\\\\)>>]/PieceInfo<</My#20App<<>>>>>>"})
	tests := []struct {
		name string
		pdf  []byte
		keep []string // patterns that the last revision must have
	}{
		{"form", with(form, fields).table(), []string{`/NeedAppearances false`, `/DA <2f48656c7620302054662028782`, `/Q 1`, `/DR <<`}},
		{"form in an object of its own", with("/AcroForm 9 0 R", map[int]string{5: fields[5], 9: "<</Fields[5 0 R]/DR<<>>>>"}).table(), []string{`9 0 obj`}},
		{"fields in an array of their own", with("/AcroForm<</Fields 9 0 R>>", map[int]string{5: fields[5], 9: "[5 0 R]"}).table(), []string{`9 0 obj\n\[5 0 R \d+ 0 R\]`}},
		{"odd names and strings in the catalog", with(`/PageLabels<</Nums[0<</P(a\(b\)\\)>>]>>/My#20Key#2F(\\\)\()/Lang(vi)`, nil).table(), []string{`/My#20Key#2F <5c2928>`, `/P <612862295c>`}},
		{"odd strings on the page", rewritten.table(), []string{`/LastModified <443a3230323628782`, `595\.276`, `/My#20App`, `/Contents <295c>`}},
		{"odd strings in object streams", rewritten.stream(), []string{`595\.276`}},
		{"Root on two lines", plain{root: "/Root\n1 0 R"}.table(), []string{`/Root 1 0 R`}},
		{"information", plain{objects: map[int]string{9: "<</Title(T)>>"}, trailer: "/Info 9 0 R/ID[<01><02>]"}.table(), []string{`/Info 9 0 R`, `/ID \[<01> <`}},
		{"information behind a stream", plain{objects: map[int]string{9: "<</Title(T)>>"}, trailer: "/Info 9 0 R/ID[<01><02>]"}.stream(), []string{`/Info 9 0 R`}},
		{"zeros", plain{objects: map[int]string{4: fmt.Sprintf("<</Length 60000>>\nstream\n%s\nendstream", strings.Repeat("0", 60000))}}.table(), nil},
		{"placeholder in a comment", plain{objects: map[int]string{4: "<</Length 40>>\nstream\n% /ByteRange[0 ********** **********    ]\nendstream"}}.table(), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			once, _ := signWith(t, tt.pdf, key(t, testca.RSA2048), signing.Request{Level: signing.LevelT, Reason: "Hà Tĩnh"}, nil)
			for _, p := range tt.keep {
				if !regexp.MustCompile(p).Match(once[len(tt.pdf):]) {
					t.Errorf("%q is not in the revision:\n%s", p, once[len(tt.pdf):])
				}
			}
			// The first signature is padded with zeros, which is where
			// others write the second one.
			twice, _ := sign(t, once, signing.Request{Mark: mark.Operator("Ngô Sĩ Liên", moment)}, nil)
			thrice, _ := sign(t, twice, signing.Request{}, nil)
			vs := pdfsig(t, thrice)
			for _, v := range vs {
				if !v.Valid {
					t.Errorf("pdfsig: %s is not valid", v.Field)
				}
			}
			if len(vs) != 3 {
				t.Errorf("pdfsig finds %d signatures, want 3", len(vs))
			}
			before, after := open(t, tt.pdf), open(t, thrice)
			for key := range before.RootDict {
				if _, kept := after.RootDict[key]; !kept {
					t.Errorf("/%s of the catalog is lost", key)
				}
			}
		})
	}
}

// TestStringsSurvive reads our dictionary with another program's parser: ĩ is
// 01 29 in UTF-16, and 29 ends a string that is not escaped.
func TestStringsSurvive(t *testing.T) {
	req := signing.Request{Name: vietnamese + "Ĩ(\\", Reason: "CHỦ NGHĨA", Location: "Hà Tĩnh 𠀀"}
	out, res := sign(t, plain{}.table(), req, nil)
	ctx := open(t, out)
	form := entry(t, ctx, ctx.RootDict, "AcroForm").(types.Dict)
	field, err := ctx.DereferenceDict(entry(t, ctx, form, "Fields").(types.Array)[0])
	if err != nil {
		t.Fatal(err)
	}
	value := entry(t, ctx, field, "V").(types.Dict)
	for key, want := range map[string]string{"Name": req.Name, "Reason": req.Reason, "Location": req.Location} {
		h, ok := value[key].(types.HexLiteral)
		got, err := types.HexLiteralToString(h)
		if !ok || err != nil || got != want {
			t.Errorf("/%s = %q, %v; want %q", key, got, err, want)
		}
	}
	if res.Field != "Signature1" {
		t.Errorf("field %q, want Signature1", res.Field)
	}
}

func TestFieldNamesAreUnique(t *testing.T) {
	pdf := plain{}.table()
	seen := map[string]bool{}
	for range 4 {
		var res signing.Result
		pdf, res = sign(t, pdf, signing.Request{}, nil)
		if seen[res.Field] {
			t.Errorf("%s was used twice", res.Field)
		}
		seen[res.Field] = true
	}
	wantSigned(t, pdf, 4)
}

func TestFillsEmptyField(t *testing.T) {
	objects := map[int]string{
		1: "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 7 0 R]>>>>",
		3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate 90/Contents 4 0 R/Resources<<>>/Annots[5 0 R 8 0 R]>>",
		5: "<</Type/Annot/Subtype/Widget/FT/Sig/T(Thu truong)/Rect[300 100 400 300]/F 4/P 3 0 R>>",
		7: "<</T(form)/FT/Sig/Kids[8 0 R]>>", // what is below inherits the kind
		8: "<</Type/Annot/Subtype/Widget/Parent 7 0 R/T(Van thu)/Rect[10 10 60 200]/F 4/P 3 0 R>>",
	}
	for _, field := range []string{"Thu truong", "form.Van thu"} {
		for _, m := range []*mark.Mark{nil, {Lines: []string{"Nguyễn", mark.Time(moment)}}} {
			t.Run(field+" "+strconv.FormatBool(m != nil), func(t *testing.T) {
				out, res := sign(t, plain{objects: objects}.table(), signing.Request{Field: field, Mark: m}, nil)
				if res.Field != field {
					t.Errorf("signed %q, want %q", res.Field, field)
				}
				vs := pdfsig(t, out)
				if len(vs) != 1 || !vs[0].Valid || !vs[0].Total {
					t.Errorf("pdfsig = %+v, want a valid signature over everything", vs)
				}
				if _, shown := words(t, out, true)["Nguyễn"]; shown != (m != nil) {
					t.Errorf("the mark is shown: %v, want %v", shown, m != nil)
				}
				_, err := trySign(t, out, signing.Request{Field: field})
				wantProblem(t, err, "sign.field-taken")
			})
		}
	}
}

// TestOpenSSL lets openssl verify the CMS object over the signed bytes, with
// the rules of CAdES for the signing certificate.
func TestOpenSSL(t *testing.T) {
	for _, tt := range []struct {
		alg testca.Algorithm
		pss bool
	}{{testca.RSA2048, false}, {testca.RSA2048, true}, {testca.P256, false}, {testca.P384, false}, {testca.P521, false}} {
		t.Run(fmt.Sprint(tt.alg, tt.pss), func(t *testing.T) {
			out, _ := signWith(t, plain{}.table(), key(t, tt.alg), signing.Request{PSS: tt.pss}, nil)
			content, cms := split(t, out)
			root := "-----BEGIN CERTIFICATE-----\n" + base64Lines(ca(t).Root().Raw) + "-----END CERTIFICATE-----\n"
			cmd := exec.Command(need(t, "openssl"), "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-purpose", "any",
				"-in", temp(t, "a.cms", cms), "-content", temp(t, "content", content), "-CAfile", temp(t, "root.pem", []byte(root)))
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			if got, err := cmd.Output(); err != nil || !bytes.Equal(got, content) {
				t.Errorf("openssl cms -verify: %v\n%s", err, stderr.String())
			}
		})
	}
}
