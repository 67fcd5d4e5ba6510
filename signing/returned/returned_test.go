package returned_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/digitorus/pdf"
	pdfsign "github.com/digitorus/pdfsign/sign"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/evidence"
	"sohoa/signing/returned"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// file is b as it is checked.
func file(b []byte) returned.File {
	return returned.File{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

// check judges back for sent.
func check(t testing.TB, sent, back []byte, want returned.Expected) (*returned.Accepted, error) {
	t.Helper()
	return returned.Check(t.Context(), file(sent), file(back), want)
}

// byPdfsign signs with github.com/digitorus/pdfsign, which knows nothing of us.
func byPdfsign(t testing.TB, in []byte, id *testca.Identity, kind pdfsign.CertType) []byte {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	data := pdfsign.SignData{Signer: id.Signer, Certificate: id.Certificate, DigestAlgorithm: crypto.SHA256}
	data.Signature.CertType, data.Signature.DocMDPPerm = kind, pdfsign.AllowFillingExistingFormFieldsAndSignaturesPerms
	data.Signature.Info.Date = time.Now()
	for _, c := range id.Chain {
		data.CertificateChains = append(data.CertificateChains, []*x509.Certificate{id.Certificate, c})
	}
	var out bytes.Buffer
	if err := pdfsign.Sign(bytes.NewReader(in), &out, r, int64(len(in)), data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// plainDocument has no form, as the archival PDFs of sohoa have none.
func plainDocument() []byte {
	return revision([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), -1, object{1, "<</Type/Catalog/Pages 2 0 R>>"}, base[1],
		object{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"}, base[3], base[4], base[7])
}

func TestSignedDocumentIsAccepted(t *testing.T) {
	id := person(t, chair)
	cosigned := signed(t, document(), person(t, "Trần Thị Văn Thư"), visible())
	tests := []struct {
		name  string
		sent  []byte
		sign  func(sent []byte) []byte
		level string
	}{
		{"B-B", document(), func(b []byte) []byte { return signed(t, b, id, signing.Request{}) }, "B-B"},
		{"B-T with a mark", document(), func(b []byte) []byte {
			req := visible()
			req.Level = signing.LevelT
			return signed(t, b, id, req)
		}, "B-T"},
		{"evidence behind the signature", document(), func(b []byte) []byte {
			return signed(t, b, id, signing.Request{Level: signing.LevelLT})
		}, "B-LT"},
		{"after another signature", cosigned, func(b []byte) []byte { return signed(t, b, id, visible()) }, "B-B"},
		{"made by hand", document(), func(b []byte) []byte {
			return handmade{id: id, rect: "400 700 560 760"}.sign(t, b)
		}, ""},
		{"empty field filled", update(document(), edited(t, document(), 1, "6 0 R", "6 0 R 21 0 R"),
			object{21, "<</FT/Sig/T(Chair)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R>>"}),
			func(b []byte) []byte { return signed(t, b, id, signing.Request{Field: "Chair"}) }, "B-B"},
		{"pdfsign", plainDocument(), func(b []byte) []byte { return byPdfsign(t, b, id, pdfsign.ApprovalSignature) }, ""},
		{"date and producer changed by the tool", document(), func(b []byte) []byte {
			b = update(b, object{9, "<</Title(Quyet dinh)/Producer(tool)/ModDate(D:20260302150000+07'00')>>"})
			return signed(t, b, id, signing.Request{})
		}, "B-B"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			back := tt.sign(tt.sent)
			got, err := check(t, tt.sent, back, expected(t))
			if err != nil {
				t.Fatalf("Check = %v, want accepted", err)
			}
			if !got.Certificate.Equal(id.Certificate) || got.Signature.Level != tt.level || got.Signature.Indication != validation.TotalPassed {
				t.Errorf("Check = signature of %s, level %q, %s; want level %q", got.Certificate.Subject, got.Signature.Level, got.Signature.Indication, tt.level)
			}
		})
	}
}

func TestSubjectRules(t *testing.T) {
	sent := document()
	back := signed(t, sent, person(t, chair), signing.Request{})
	for _, tt := range []struct {
		subject returned.Subject
		ok      bool
	}{
		{returned.Subject{Name: "Nguyễn  Vĩnh Nghĩa"}, true},
		{returned.Subject{Name: "Nguye\u0302\u0303n Vi\u0303nh Nghi\u0303a", Organisation: "UBND tỉnh Hà Tĩnh"}, true}, // not NFC
		{returned.Subject{Organisation: "UBND tỉnh Hà Tĩnh"}, true},
		{returned.Subject{Name: "Nguyễn Vĩnh Nghĩa", Organisation: "UBND tỉnh Nghệ An"}, false},
		{returned.Subject{Name: "Nguyen Vinh Nghia"}, false},
		{returned.Subject{Name: "Nguyễn Vĩnh Nghĩa", Number: "CCCD:001099000001"}, false},
	} {
		want := expected(t)
		want.Certificates, want.Subject = nil, tt.subject
		_, err := check(t, sent, back, want)
		if (err == nil) != tt.ok {
			t.Errorf("Check by %+v = %v, want accepted: %v", tt.subject, err, tt.ok)
		}
	}
	want := expected(t)
	want.Certificates = nil
	if _, err := check(t, sent, back, want); err == nil {
		t.Error("Check that expects nobody accepted somebody")
	}
}

// upload is a hostile or mistaken file that comes back for document().
type upload struct {
	name string
	code string
	make func(t *testing.T, sent []byte) []byte
}

// after makes an upload that changes objects and then signs properly.
func after(name, code string, change func(t *testing.T, sent []byte) []object) upload {
	return upload{name, code, func(t *testing.T, sent []byte) []byte {
		return signed(t, update(sent, change(t, sent)...), person(t, chair), signing.Request{})
	}}
}

// behind makes an upload that signs properly and then changes objects.
func behind(name, code string, change func(t *testing.T, pdf []byte) []object) upload {
	return upload{name, code, func(t *testing.T, sent []byte) []byte {
		pdf := signed(t, sent, person(t, chair), signing.Request{})
		return update(pdf, change(t, pdf)...)
	}}
}

func edit(num int, from, to string, more ...object) func(*testing.T, []byte) []object {
	return func(t *testing.T, pdf []byte) []object {
		return append([]object{edited(t, pdf, num, from, to)}, more...)
	}
}

func one(objects ...object) func(*testing.T, []byte) []object {
	return func(*testing.T, []byte) []object { return objects }
}

var forged = stream("BT /F1 24 Tf 60 700 Td (The sum is 900 dong) Tj ET")

// changes are uploads in which more changed than a signature needs.
func changes() []upload {
	note := object{40, "<</Type/Annot/Subtype/FreeText/Rect[0 600 595 800]/DA(/F1 24 Tf)/Contents(900 dong)/P 3 0 R>>"}
	return []upload{
		after("content swapped under the signature", "returned.page", one(object{4, forged})),
		after("missing content appears", "returned.page", one(object{30, forged})),
		after("font replaced", "returned.field", edit(5, "Times-Roman", "Wingdings")),
		after("page turned", "returned.page", edit(3, "/MediaBox", "/Rotate 180/MediaBox")),
		after("extra page", "returned.pages", edit(2, "/Kids[3 0 R]", "/Kids[3 0 R 41 0 R]", object{41, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"})),
		after("extra annotation", "returned.annotation", edit(3, "/Annots[6 0 R 8 0 R]", "/Annots[6 0 R 8 0 R 40 0 R]", note)),
		after("annotation taken away", "returned.annotation", edit(3, "/Annots[6 0 R 8 0 R]", "/Annots[6 0 R]")),
		after("annotation changed", "returned.annotation", edit(8, "approved", "refused")),
		after("field filled", "returned.field", edit(6, "(An)", "(Binh)")),
		after("field added", "returned.field", edit(1, "6 0 R", "6 0 R 42 0 R", object{42, "<</FT/Tx/T(more)/V(x)>>"})),
		after("empty signature field added", "returned.field", edit(1, "6 0 R", "6 0 R 42 0 R", object{42, "<</FT/Sig/T(more)>>"})),
		after("script on opening", "returned.script", edit(1, "/Pages", "/OpenAction<</S/JavaScript/JS(app.alert)>>/Pages")),
		after("form in XML added", "returned.script", edit(1, "/Fields", "/XFA 43 0 R/Fields", object{43, stream("<xdp/>")})),
		after("title changed", "returned.description", edit(9, "Quyet dinh", "Cong van")),
		behind("content swapped behind the signature", "returned.page", one(object{4, forged})),
		behind("note over the page behind the signature", "returned.annotation", edit(3, "/Annots", "/Annots[6 0 R 8 0 R 40 0 R]/Old", note)),
		behind("title changed behind the signature", "returned.description", edit(9, "Quyet dinh", "Cong van")),
		behind("date changed behind the signature", "returned.description", edit(9, "sohoa", "tool")),
	}
}

// signatures are uploads whose signature is not the one that was asked for.
func signatures() []upload {
	sign := func(id func(*testing.T) *testca.Identity, req signing.Request) func(*testing.T, []byte) []byte {
		return func(t *testing.T, sent []byte) []byte { return signed(t, sent, id(t), req) }
	}
	boss := func(t *testing.T) *testca.Identity { return person(t, chair) }
	byHand := func(id func(*testing.T) *testca.Identity, h handmade) func(*testing.T, []byte) []byte {
		return func(t *testing.T, sent []byte) []byte {
			h.id = id(t)
			return h.sign(t, sent)
		}
	}
	return []upload{
		{"two signatures", "returned.several", func(t *testing.T, sent []byte) []byte {
			return signed(t, signed(t, sent, boss(t), signing.Request{}), boss(t), signing.Request{})
		}},
		{"own signature and another's", "returned.several", func(t *testing.T, sent []byte) []byte {
			return signed(t, signed(t, sent, person(t, "Phạm Kẻ Khác"), signing.Request{}), boss(t), signing.Request{})
		}},
		{"document timestamp too", "returned.several", sign(boss, signing.Request{Level: signing.LevelLTA})},
		{"another signer", "returned.signer", sign(func(t *testing.T) *testca.Identity { return person(t, "Phạm Kẻ Khác") }, signing.Request{})},
		{"the same name from elsewhere", "returned.signer", sign(stranger, signing.Request{})},
		{"expired certificate", "returned.expired", sign(former, signing.Request{Time: time.Now().AddDate(0, -2, 0)})},
		{"revoked certificate, with the list that says so", "returned.revoked", func(t *testing.T, sent []byte) []byte {
			pdf := signed(t, sent, revoked(t), signing.Request{})
			list, err := lab.CRL()
			if err != nil {
				t.Fatal(err)
			}
			return update(pdf, edited(t, pdf, 1, "/Pages", "/DSS<</CRLs[60 0 R]>>/Pages"), object{60, stream(string(list))})
		}},
		{"key too weak", "returned.weak", byHand(weak, handmade{})},
		{"certification", "returned.certifies", byHand(boss, handmade{dict: "/Reference[<</TransformMethod/DocMDP/TransformParams<</P 2/V/1.2>>>>]"})},
		{"lock of all fields", "returned.certifies", byHand(boss, handmade{dict: "/Reference[<</TransformMethod/FieldMDP/TransformParams<</Action/All/V/1.2>>>>]"})},
		{"mark over the page", "returned.large-mark", byHand(boss, handmade{rect: "0 0 595 842"})},
		{"earlier revision only", "returned.partial", byHand(boss, handmade{byteRange: func(_, _, _, sent int) []int {
			return []int{0, sent / 2, sent / 2, sent - sent/2}
		}})},
		{"part of the file only", "returned.partial", byHand(boss, handmade{byteRange: func(start, end, size, _ int) []int {
			return []int{0, start, end, size - end - 40}
		}})},
		{"wide gap", "returned.partial", byHand(boss, handmade{byteRange: func(start, end, size, _ int) []int {
			return []int{0, start - 300, end, size - end}
		}})},
		{"signature of another document", "returned.broken", func(t *testing.T, sent []byte) []byte {
			other := handmade{id: boss(t)}.sign(t, update(sent, object{4, forged}))
			pdf := handmade{id: boss(t)}.sign(t, sent)
			from, to := bytes.LastIndex(other, []byte("/Contents<")), bytes.LastIndex(pdf, []byte("/Contents<"))
			copy(pdf[to:to+8000], other[from:])
			return pdf
		}},
		{"signature without certificate of a known form", "returned.broken", func(t *testing.T, sent []byte) []byte {
			pdf := handmade{id: boss(t)}.sign(t, sent)
			copy(pdf[bytes.LastIndex(pdf, []byte("/Contents<"))+10:], bytes.Repeat([]byte("a5"), 300))
			return pdf
		}},
	}
}

// files are uploads that are no continuation of what was sent.
func files() []upload {
	boss := func(t *testing.T, pdf []byte) []byte { return signed(t, pdf, person(t, chair), signing.Request{}) }
	return []upload{
		{"another document", "returned.other", func(t *testing.T, _ []byte) []byte { return boss(t, plainDocument()) }},
		{"one byte of the document changed", "returned.other", func(t *testing.T, sent []byte) []byte {
			return boss(t, bytes.Replace(sent, []byte("sum is 100"), []byte("sum is 900"), 1))
		}},
		{"document saved anew", "returned.other", func(t *testing.T, sent []byte) []byte {
			return append([]byte("%PDF-1.4\n"), boss(t, sent)[9:]...)
		}},
		{"as it was sent", "returned.unsigned", func(_ *testing.T, sent []byte) []byte { return sent }},
		{"a revision without signature", "returned.unsigned", func(t *testing.T, sent []byte) []byte {
			return update(sent, object{50, "null"})
		}},
		{"beginning of the document", "returned.truncated", func(_ *testing.T, sent []byte) []byte { return sent[:len(sent)-9] }},
		{"nothing", "returned.truncated", func(*testing.T, []byte) []byte { return nil }},
		{"signed file cut off", "returned.unreadable", func(t *testing.T, sent []byte) []byte {
			pdf := boss(t, sent)
			return pdf[:len(pdf)-200]
		}},
		{"rubbish behind the document", "returned.unreadable", func(_ *testing.T, sent []byte) []byte {
			return append(bytes.Clone(sent), bytes.Repeat([]byte("rubbish "), 1000)...)
		}},
		{"bytes behind the signature", "returned.trailing", func(t *testing.T, sent []byte) []byte {
			return append(boss(t, sent), "% or anything else\n"...)
		}},
		{"huge", "returned.too-large", func(t *testing.T, sent []byte) []byte {
			return append(boss(t, sent), make([]byte, sohoa.MaxReturnedBytes)...)
		}},
		{"cross-reference that refers to itself", "returned.unreadable", func(_ *testing.T, sent []byte) []byte {
			return fmt.Appendf(bytes.Clone(sent), "xref\n0 0\ntrailer\n<</Size 1/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", len(sent), len(sent))
		}},
		{"object listed twice", "returned.ambiguous", func(t *testing.T, sent []byte) []byte {
			pdf := update(sent, object{4, stream("BT (x) Tj ET")})
			i := bytes.LastIndex(pdf, []byte("0000000000 65535 f \n")) + 20
			old := bytes.Index(sent, []byte("\n4 0 obj")) + 1
			pdf = append(append(bytes.Clone(pdf[:i]), fmt.Sprintf("4 1\n%010d 00000 n \n", old)...), pdf[i:]...)
			return boss(t, pdf)
		}},
		{"earlier history cut off", "returned.unreadable", func(t *testing.T, sent []byte) []byte {
			whole := document()
			return boss(t, revision(bytes.Clone(sent), -1, edited(t, whole, 1, "6 0 R", "6 0 R"), base[1], base[2], object{4, forged}, base[4], base[5], base[6], base[7]))
		}},
	}
}

func TestOtherFilesAreRefused(t *testing.T) {
	sent := document()
	uploads := append(append(changes(), signatures()...), files()...)
	for _, u := range uploads {
		t.Run(u.name, func(t *testing.T) {
			back := u.make(t, sent)
			want := expected(t)
			want.Certificates = append(want.Certificates, former(t).Certificate, weak(t).Certificate, revoked(t).Certificate)
			_, err := check(t, sent, back, want)
			var p *sohoa.Problem
			if !errors.As(err, &p) || p.Code != u.code {
				t.Fatalf("Check = %v, want %s", err, u.code)
			}
			if errors.Is(err, sohoa.ErrUnavailable) || p.Text(sohoa.Vietnamese) == p.Text(sohoa.English) {
				t.Errorf("%s: %q is for nobody", u.code, p.Text(sohoa.Vietnamese))
			}
		})
	}
	t.Logf("%d files refused", len(uploads))
}

// former is a signer whose certificate has ended.
func former(t *testing.T) *testca.Identity {
	t.Helper()
	return person(t, "Lê Văn Cũ", testca.WithValidity(time.Now().AddDate(0, -9, 0), time.Now().AddDate(0, -1, 0)))
}

// revoked is a signer whose certificate was revoked a month ago.
func revoked(t *testing.T) *testca.Identity {
	t.Helper()
	id := person(t, "Đỗ Thị Thu Hồi")
	lab.Revoke(id.Certificate, testca.Revocation{Time: time.Now().AddDate(0, -1, 0)})
	return id
}

// weak is a signer whose key is too short.
func weak(t *testing.T) *testca.Identity {
	t.Helper()
	return person(t, "Khóa Yếu", testca.WithKey(testca.RSA1024))
}

// stranger has the chair's name from an authority that is not trusted.
func stranger(t *testing.T) *testca.Identity {
	t.Helper()
	ca, err := testca.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Person(chair, "UBND tỉnh Hà Tĩnh", testca.WithKey(testca.P256))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestNamesakeOfAnotherAuthorityIsNotTrusted(t *testing.T) {
	sent := document()
	want := expected(t)
	want.Certificates, want.Subject = nil, returned.Subject{Name: chair}
	_, err := check(t, sent, signed(t, sent, stranger(t), signing.Request{}), want)
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "returned.untrusted" {
		t.Errorf("Check = %v, want returned.untrusted", err)
	}
}

func TestTimestampAloneIsNoSignature(t *testing.T) {
	sent := signed(t, document(), person(t, "Trần Thị Văn Thư"), signing.Request{Level: signing.LevelT})
	tsa := &signing.TSA{URLs: []string{lab.url + "/tsa"}, Roots: lab.Pool()}
	source := &evidence.Collector{Roots: lab.Pool(), Hosts: []string{"127.0.0.1"}}
	var out bytes.Buffer
	if _, err := signing.Renew(t.Context(), bytes.NewReader(sent), int64(len(sent)), &out, tsa, source); err != nil {
		t.Fatal(err)
	}
	_, err := check(t, sent, out.Bytes(), expected(t))
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "returned.timestamp" {
		t.Errorf("Check = %v, want returned.timestamp", err)
	}
}

func TestDocumentThatWasLockedMayComeBackSigned(t *testing.T) {
	clerk := handmade{id: person(t, "Trần Thị Văn Thư"), dict: "/Reference[<</TransformMethod/FieldMDP/TransformParams<</Action/Exclude/Fields[(Chair)]/V/1.2>>>>]"}
	field := object{50, "<</FT/Sig/T(Chair)/Type/Annot/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R>>"}
	sent := clerk.sign(t, update(document(), edited(t, document(), 1, "6 0 R", "6 0 R 50 0 R"), field))
	back := signed(t, sent, person(t, chair), signing.Request{Field: "Chair"})
	if _, err := check(t, sent, back, expected(t)); err != nil {
		t.Errorf("Check = %v, want accepted: the lock is not of this signature", err)
	}
}

func TestEarlierSignatureMustStay(t *testing.T) {
	sent := signed(t, document(), person(t, "Trần Thị Văn Thư"), signing.Request{})
	fields := edited(t, sent, 1, "/Fields", "/Fields[6 0 R]/Old")
	back := signed(t, update(sent, fields), person(t, chair), signing.Request{})
	if _, err := check(t, sent, back, expected(t)); err == nil {
		t.Error("Check accepted a file whose earlier signature was taken out")
	}
}

func TestCheckEndsWithItsContext(t *testing.T) {
	sent := document()
	back := signed(t, sent, person(t, chair), signing.Request{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := returned.Check(ctx, file(sent), file(back), expected(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Check = %v, want the context's error", err)
	}
}
