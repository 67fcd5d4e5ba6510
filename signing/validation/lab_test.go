package validation_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"

	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// now is the time of every test.
var now = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// authority is the CA of these tests, four years old; its keys are made once.
var authority = sync.OnceValues(func() (*testca.Authority, error) {
	at := now.AddDate(-4, 0, 0)
	a, err := testca.New(func() time.Time { return at })
	at = now
	return a, err
})

func ca(t testing.TB) *testca.Authority {
	t.Helper()
	a, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func person(t testing.TB, opts ...testca.Option) *testca.Identity {
	t.Helper()
	id, err := ca(t).Person("Nguyễn Vĩnh Nghĩa", "UBND tỉnh Hà Tĩnh", append([]testca.Option{testca.WithKey(testca.P256)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// trust are the options that trust the test authority.
func trust(t testing.TB) validation.Options {
	return validation.Options{Now: now, Roots: []validation.Root{{World: "test", Certificate: ca(t).Root()}}}
}

func validate(t testing.TB, pdf []byte, opts validation.Options) *validation.Report {
	t.Helper()
	r, err := validation.Validate(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), opts)
	if err != nil {
		t.Fatalf("Validate = %v", err)
	}
	return r
}

// object is one indirect object to write.
type object struct {
	num  int
	body string
}

// stream is the body of a stream object.
func stream(content string) string {
	return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
}

func form(content string) string {
	return fmt.Sprintf("<</Type/XObject/Subtype/Form/BBox[0 0 200 40]/Length %d>>\nstream\n%s\nendstream", len(content), content)
}

// base is a page with a text field, an annotation, and a reference to a
// content stream (30) that does not exist.
var base = []object{
	{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DA(/F1 0 Tf)/DR<</Font<</F1 5 0 R>>>>>>>>"},
	{2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
	{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 30 0 R]/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R 8 0 R]>>"},
	{4, stream("BT /F1 24 Tf 60 700 Td (The sum is 100 dong) Tj ET")},
	{5, "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>"},
	{6, "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(An)/Rect[60 600 260 640]/P 3 0 R/AP<</N 7 0 R>>>>"},
	{7, form("BT /F1 12 Tf (An) Tj ET")},
	{8, "<</Type/Annot/Subtype/Text/Contents(approved)/Rect[10 10 20 20]/P 3 0 R>>"},
	{9, "<</Title(Test)>>"},
}

// build writes a file of one revision.
func build(objects []object) []byte {
	return appendRevision([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), objects, -1, "/Info 9 0 R")
}

// update appends a revision.
func update(pdf []byte, objects ...object) []byte {
	return appendRevision(bytes.Clone(pdf), objects, lastXRef(pdf), "/Info 9 0 R")
}

func lastXRef(pdf []byte) int {
	tail := string(pdf[bytes.LastIndex(pdf, []byte("startxref"))+9:])
	n, err := strconv.Atoi(strings.Fields(tail)[0])
	if err != nil {
		panic(err)
	}
	return n
}

func appendRevision(pdf []byte, objects []object, prev int, trailer string) []byte {
	root := "/Root 1 0 R"
	if strings.Contains(trailer, "/Root") {
		root = ""
	}
	w := bytes.NewBuffer(pdf)
	var table strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&table, "%d 1\n%010d 00000 n \n", o.num, w.Len())
		fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", o.num, o.body)
	}
	at := w.Len()
	fmt.Fprintf(w, "xref\n0 1\n0000000000 65535 f \n%strailer\n<</Size 100%s%s", table.String(), root, trailer)
	if prev >= 0 {
		fmt.Fprintf(w, "/Prev %d", prev)
	}
	fmt.Fprintf(w, ">>\nstartxref\n%d\n%%%%EOF\n", at)
	return w.Bytes()
}

// current is the newest body of an object, by its text.
func current(t testing.TB, pdf []byte, num int) string {
	t.Helper()
	head := fmt.Appendf(nil, "\n%d 0 obj", num)
	i := bytes.LastIndex(pdf, head)
	if i < 0 {
		t.Fatalf("no object %d", num)
	}
	rest := pdf[i+len(head):]
	return strings.TrimSpace(string(rest[:bytes.Index(rest, []byte("endobj"))]))
}

// replaced is the newest body of an object with one text replaced by another.
func replaced(t testing.TB, pdf []byte, num int, from, to string) object {
	t.Helper()
	body := current(t, pdf, num)
	if !strings.Contains(body, from) {
		t.Fatalf("object %d has no %q: %s", num, from, body)
	}
	return object{num, strings.Replace(body, from, to, 1)}
}

// sealed is pdf signed by package signing.
func sealed(t testing.TB, pdf []byte, id *testca.Identity, req signing.Request, tsa signing.Stamper) []byte {
	t.Helper()
	key := &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	if req.Time.IsZero() {
		req.Time = now
	}
	var out bytes.Buffer
	if _, err := signing.Sign(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), &out, key, req, tsa); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// handmade is a signature made by hand, so that it can be made wrong.
type handmade struct {
	id        *testca.Identity
	num       int                                       // of the dictionary; its field is the next
	field     string                                    // "" is Hand, number 20
	rect      string                                    // of its mark; "" is none
	cms       func(t testing.TB, content []byte) []byte // nil is a good CMS
	byteRange func(start, end, size int) []int          // nil is the right one
	dict      string                                    // more entries of the dictionary
	widget    string                                    // and of the field
	subFilter string                                    // "" is ETSI.CAdES.detached
}

const reserve = 12000

// sign appends a revision with the signature in field Hand.
func (h handmade) sign(t testing.TB, pdf []byte) []byte { return h.signAs(t, pdf, "Sig") }

// signAs is sign with a dictionary of the type.
func (h handmade) signAs(t testing.TB, pdf []byte, kind string) []byte {
	t.Helper()
	h = h.named()
	return h.fill(t, update(pdf, append(h.objects(kind), listed(t, pdf, 1, "/Fields", h.num+1), listed(t, pdf, 3, "/Annots", h.num+1))...))
}

// named is h with what it leaves out.
func (h handmade) named() handmade {
	if h.subFilter == "" {
		h.subFilter = "ETSI.CAdES.detached"
	}
	if h.field == "" {
		h.num, h.field = 20, "Hand"
	}
	if h.rect == "" {
		h.rect = "0 0 0 0"
	}
	if h.cms == nil {
		h.cms = goodCMS(h.id, crypto.SHA256)
	}
	return h
}

// numbers is a byte range that fill replaces.
const numbers = "0000000000 0000000000 0000000000 0000000000"

// objects are the dictionary, to be filled, and its field.
func (h handmade) objects(kind string) []object {
	dict := fmt.Sprintf("<</Type/%s/Filter/Adobe.PPKLite/SubFilter/%s/M(D:20260302150000+07'00')%s/ByteRange[%s]/Contents<%s>>>",
		kind, h.subFilter, h.dict, numbers, strings.Repeat("0", 2*reserve))
	field := fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(%s)/V %d 0 R/Rect[%s]/F 132/P 3 0 R%s>>", h.field, h.num, h.rect, h.widget)
	return []object{{h.num, dict}, {h.num + 1, field}}
}

// fill signs the dictionary that is in out.
func (h handmade) fill(t testing.TB, out []byte) []byte {
	t.Helper()
	start := bytes.LastIndex(out, []byte("/Contents<"+strings.Repeat("0", 100))) + len("/Contents")
	end := start + 2*reserve + 2
	r := []int{0, start, end, len(out) - end}
	if h.byteRange != nil {
		r = h.byteRange(start, end, len(out))
	}
	text := strings.Trim(fmt.Sprint(r), "[]")
	at := bytes.LastIndex(out, []byte(numbers))
	copy(out[at:], text+strings.Repeat(" ", len(numbers)-len(text)))
	content := out
	if len(r) == 4 && r[1] >= 0 && r[2] >= 0 && r[2]+r[3] <= len(out) && r[0] >= 0 {
		content = append(bytes.Clone(out[r[0]:r[0]+r[1]]), out[r[2]:r[2]+r[3]]...)
	}
	hex.Encode(out[start+1:], h.cms(t, content))
	return out
}

// listed is an object with a reference put first in its array key.
func listed(t testing.TB, pdf []byte, num int, key string, ref int) object {
	t.Helper()
	body := current(t, pdf, num)
	if strings.Contains(body, key+" [") {
		key += " "
	}
	return replaced(t, pdf, num, key+"[", fmt.Sprintf("%s[%d 0 R ", key, ref))
}

var digestOIDs = map[crypto.Hash]asn1.ObjectIdentifier{crypto.SHA1: pkcs7.OIDDigestAlgorithmSHA1, crypto.SHA256: pkcs7.OIDDigestAlgorithmSHA256}

// binding is the signing-certificate-v2 attribute for cert.
func binding(cert *x509.Certificate) pkcs7.Attribute {
	digest := sha256.Sum256(cert.Raw)
	type essCertID struct{ Hash []byte }
	type signingCertificate struct{ Certs []essCertID }
	return pkcs7.Attribute{
		Type:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47},
		Value: signingCertificate{[]essCertID{{digest[:]}}},
	}
}

// buildCMS makes a CMS over content; change may make it wrong.
func buildCMS(t testing.TB, content []byte, id *testca.Identity, hash crypto.Hash, change func(*pkcs7.SignedData)) []byte {
	t.Helper()
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	sd.SetDigestAlgorithm(digestOIDs[hash])
	if change == nil {
		attrs := pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{binding(id.Certificate)}}
		if err := sd.AddSignerChain(id.Certificate, id.Signer, id.Chain, attrs); err != nil {
			t.Fatal(err)
		}
		sd.Detach()
	} else {
		change(sd)
	}
	der, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func goodCMS(id *testca.Identity, hash crypto.Hash) func(testing.TB, []byte) []byte {
	return func(t testing.TB, content []byte) []byte { return buildCMS(t, content, id, hash, nil) }
}

// stamped is goodCMS with a signature timestamp over over(signature value).
func stamped(id *testca.Identity, by stampUnit, over func([]byte) []byte) func(testing.TB, []byte) []byte {
	return func(t testing.TB, content []byte) []byte {
		return buildCMS(t, content, id, crypto.SHA256, func(sd *pkcs7.SignedData) {
			attrs := pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{binding(id.Certificate)}}
			if err := sd.AddSignerChain(id.Certificate, id.Signer, id.Chain, attrs); err != nil {
				t.Fatal(err)
			}
			sd.Detach()
			signer := &sd.GetSignedData().SignerInfos[0]
			signer.SetUnauthenticatedAttributes([]pkcs7.Attribute{{
				Type:  asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14},
				Value: asn1.RawValue{FullBytes: token(t, by, over(signer.EncryptedDigest))},
			}})
		})
	}
}

// stampUnit turns a TimeStampReq into a TimeStampResp.
type stampUnit interface {
	Respond(request []byte) ([]byte, error)
}

// token is a timestamp token over data.
func token(t testing.TB, by stampUnit, data []byte) []byte {
	t.Helper()
	req, err := timestamp.CreateRequest(bytes.NewReader(data), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := by.Respond(req)
	if err != nil {
		t.Fatal(err)
	}
	ts, err := timestamp.ParseResponse(answer)
	if err != nil {
		t.Fatal(err)
	}
	return ts.RawToken
}

func same(b []byte) []byte { return b }

// widget finds the object number of the signature field named name.
func widget(t testing.TB, pdf []byte, name string) int {
	t.Helper()
	pattern := regexp.MustCompile(`\n(\d+) 0 obj\s*<<[^>]*/FT\s*/Sig`)
	all := pattern.FindAllSubmatch(pdf, -1)
	if len(all) == 0 {
		t.Fatalf("no signature field %q", name)
	}
	n, _ := strconv.Atoi(string(all[len(all)-1][1]))
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
