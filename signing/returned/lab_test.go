package returned_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"

	"sohoa/signing"
	"sohoa/signing/evidence"
	"sohoa/signing/mark"
	"sohoa/signing/returned"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// lab is one test authority for all tests, a year old, which can be reached.
var lab struct {
	*testca.Authority
	url string
}

func TestMain(m *testing.M) {
	at := time.Now().AddDate(-1, 0, 0)
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	ca, err := testca.NewAt(func() time.Time { return at }, server.URL)
	if err != nil {
		panic(err)
	}
	at = time.Now()
	handler, lab.Authority, lab.url = ca.Handler(), ca, server.URL
	status := m.Run()
	server.Close()
	os.Exit(status)
}

var (
	peopleMu sync.Mutex
	people   = map[string]*testca.Identity{}
)

// person is the one identity of that name.
func person(t testing.TB, name string, opts ...testca.Option) *testca.Identity {
	t.Helper()
	peopleMu.Lock()
	defer peopleMu.Unlock()
	if id, ok := people[name]; ok {
		return id
	}
	id, err := lab.Person(name, "UBND tỉnh Hà Tĩnh", append([]testca.Option{testca.WithKey(testca.P256)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	people[name] = id
	return id
}

const chair = "Nguyễn Vĩnh Nghĩa"

// expected is the chair, by certificate.
func expected(t testing.TB) returned.Expected {
	t.Helper()
	return returned.Expected{
		Certificates: []*x509.Certificate{person(t, chair).Certificate},
		Roots:        []validation.Root{{World: "test", Certificate: lab.Root()}},
	}
}

// object is one indirect object to write.
type object struct {
	num  int
	body string
}

func stream(content string) string {
	return fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(content), content)
}

// base is a page with a text field and an annotation; its content names a
// stream (30) that does not exist.
var base = []object{
	{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]/DA(/F1 0 Tf)/DR<</Font<</F1 5 0 R>>>>>>>>"},
	{2, "<</Type/Pages/Kids[3 0 R]/Count 1>>"},
	{3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 30 0 R]/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R 8 0 R]>>"},
	{4, stream("BT /F1 24 Tf 60 700 Td (The sum is 100 dong) Tj ET")},
	{5, "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>"},
	{6, "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/V(An)/Rect[60 600 260 640]/P 3 0 R>>"},
	{8, "<</Type/Annot/Subtype/Text/Contents(approved)/Rect[10 10 20 20]/P 3 0 R>>"},
	{9, "<</Title(Quyet dinh)/Producer(sohoa)>>"},
}

// document is what is sent.
func document() []byte { return revision([]byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), -1, base...) }

// update appends a revision.
func update(pdf []byte, objects ...object) []byte {
	tail := string(pdf[bytes.LastIndex(pdf, []byte("startxref"))+9:])
	prev, err := strconv.Atoi(strings.Fields(tail)[0])
	if err != nil {
		panic(err)
	}
	return revision(bytes.Clone(pdf), prev, objects...)
}

func revision(pdf []byte, prev int, objects ...object) []byte {
	w := bytes.NewBuffer(pdf)
	var table strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&table, "%d 1\n%010d 00000 n \n", o.num, w.Len())
		fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", o.num, o.body)
	}
	at := w.Len()
	fmt.Fprintf(w, "xref\n0 1\n0000000000 65535 f \n%strailer\n<</Size 100/Root 1 0 R/Info 9 0 R", table.String())
	if prev >= 0 {
		fmt.Fprintf(w, "/Prev %d", prev)
	}
	fmt.Fprintf(w, ">>\nstartxref\n%d\n%%%%EOF\n", at)
	return w.Bytes()
}

// edited is the newest body of an object with one text replaced.
func edited(t testing.TB, pdf []byte, num int, from, to string) object {
	t.Helper()
	head := fmt.Appendf(nil, "\n%d 0 obj", num)
	i := bytes.LastIndex(pdf, head)
	if i < 0 {
		t.Fatalf("no object %d", num)
	}
	rest := pdf[i+len(head):]
	body := strings.TrimSpace(string(rest[:bytes.Index(rest, []byte("endobj"))]))
	if !strings.Contains(body, from) {
		t.Fatalf("object %d has no %q: %s", num, from, body)
	}
	return object{num, strings.Replace(body, from, to, 1)}
}

// signed is pdf signed by package signing, at the level that req asks for.
func signed(t testing.TB, pdf []byte, id *testca.Identity, req signing.Request) []byte {
	t.Helper()
	key := &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	tsa := &signing.TSA{URLs: []string{lab.url + "/tsa"}, Roots: lab.Pool()}
	req.Evidence = &evidence.Collector{Roots: lab.Pool(), Hosts: []string{"127.0.0.1"}}
	var out bytes.Buffer
	res, err := signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, key, req, tsa)
	if err != nil {
		t.Fatal(err)
	}
	if req.Level != "" && res.Level != req.Level {
		t.Fatalf("level %s (%v, %v), want %s", res.Level, res.TimestampProblem, res.EvidenceProblem, req.Level)
	}
	return out.Bytes()
}

// visible asks for a mark on the page.
func visible() signing.Request {
	return signing.Request{Mark: &mark.Mark{Corner: mark.TopRight, Lines: []string{"UBND tỉnh Hà Tĩnh", mark.Time(time.Now())}}}
}

// handmade is a signature made by hand, so that it can be made wrong.
type handmade struct {
	id        *testca.Identity
	rect      string                                 // of its mark; "" is none
	dict      string                                 // more entries of the dictionary
	byteRange func(start, end, size, sent int) []int // nil is the right one
}

// sign appends a revision with the signature.
func (h handmade) sign(t testing.TB, pdf []byte) []byte {
	t.Helper()
	const reserve = 4000
	const numbers = "0000000000 0000000000 0000000000 0000000000"
	rect := h.rect
	if rect == "" {
		rect = "0 0 0 0"
	}
	dict := fmt.Sprintf("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached%s/ByteRange[%s]/Contents<%s>>>",
		h.dict, numbers, strings.Repeat("0", 2*reserve))
	out := update(pdf,
		edited(t, pdf, 1, "/Fields[", "/Fields[21 0 R "), edited(t, pdf, 3, "/Annots[", "/Annots[21 0 R "), object{20, dict},
		object{21, fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Hand)/V 20 0 R/Rect[%s]/F 132/P 3 0 R>>", rect)})
	start := bytes.LastIndex(out, []byte("/Contents<00")) + len("/Contents")
	end := start + 2*reserve + 2
	r := []int{0, start, end, len(out) - end}
	if h.byteRange != nil {
		r = h.byteRange(start, end, len(out), len(pdf))
	}
	text := strings.Trim(fmt.Sprint(r), "[]")
	copy(out[bytes.LastIndex(out, []byte(numbers)):], text+strings.Repeat(" ", len(numbers)-len(text)))
	covered := append(bytes.Clone(out[r[0]:r[0]+r[1]]), out[r[2]:r[2]+r[3]]...)
	hex.Encode(out[start+1:], h.cms(t, covered))
	return out
}

// cms is a good CMS object over content.
func (h handmade) cms(t testing.TB, content []byte) []byte {
	t.Helper()
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	sd.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	digest := sha256.Sum256(h.id.Certificate.Raw)
	type essCertID struct{ Hash []byte }
	type signingCertificate struct{ Certs []essCertID }
	binding := pkcs7.Attribute{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47},
		Value: signingCertificate{[]essCertID{{digest[:]}}}}
	config := pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{binding}}
	if err := sd.AddSignerChain(h.id.Certificate, h.id.Signer, h.id.Chain, config); err != nil {
		t.Fatal(err)
	}
	sd.Detach()
	der, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return der
}
