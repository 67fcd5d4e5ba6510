package ingest_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/ingest"
	"sohoa/signing"
	"sohoa/signing/evidence"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// decades is an office with an authority that answers about revocation, and a
// clock that can be moved.
type decades struct {
	*testca.Authority
	time atomic.Pointer[time.Time]
	key  *signing.Key
	tsa  *signing.TSA
}

func newDecades(t *testing.T) *decades {
	t.Helper()
	d := &decades{}
	d.moveTo(time.Now())
	var handler atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.Load().(http.Handler).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	d.Authority = must(testca.NewAt(d.now, server.URL))(t)
	handler.Store(d.Handler())
	id := must(d.Agency(agencyName, testca.WithKey(testca.P256)))(t)
	d.key = &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	d.tsa = &signing.TSA{URLs: []string{server.URL + "/tsa"}, Roots: d.Pool()}
	return d
}

func (d *decades) now() time.Time     { return *d.time.Load() }
func (d *decades) moveTo(t time.Time) { d.time.Store(&t) }

// configure makes the office one of level.
func (d *decades) configure(level signing.Level) func(*ingest.Config) {
	return func(c *ingest.Config) {
		roots := []validation.Root{{World: "test", Certificate: d.Root()}}
		c.Now = d.now
		c.Sealer = &ingest.OfficeSealer{Key: d.key, Agency: agencyName, Stamper: d.tsa, Now: d.now, Roots: roots}
		c.Signing = ingest.Signing{Stamper: d.tsa, Roots: roots, Level: level,
			Evidence: &evidence.Collector{Roots: d.Pool(), Hosts: []string{"127.0.0.1"}, Now: d.now}}
	}
}

// TestProofIsRenewed keeps a document at B-LTA, and renews it when the last
// timestamp's certificate is about to end.
func TestProofIsRenewed(t *testing.T) {
	d := newDecades(t)
	o := options{dir: t.TempDir(), config: d.configure(signing.LevelLTA)}
	of := openOffice(t, o)
	id := of.add("a.jpg", page(t, 1)).ID
	archived := func(revision int) func(sohoa.Document) bool {
		return func(doc sohoa.Document) bool {
			return doc.Revision == revision && doc.Signature == sohoa.SignatureArchived
		}
	}
	doc := of.await(id, archived(2))
	if left := doc.ProofUntil.Sub(d.now()); left < 4*365*24*time.Hour {
		t.Fatalf("the proof ends at %v, want it to last for about five years", doc.ProofUntil)
	}
	of.checkSignatures(id, agencyName)
	of.stop()
	of.catalog.Close()

	d.moveTo(doc.ProofUntil.AddDate(0, -1, 0))
	if err := d.RenewTSA(); err != nil {
		t.Fatal(err)
	}
	of = openOffice(t, o)
	renewed := of.await(id, archived(3))
	if !renewed.ProofUntil.After(doc.ProofUntil.AddDate(3, 0, 0)) {
		t.Errorf("after the renewal the proof ends at %v, before at %v", renewed.ProofUntil, doc.ProofUntil)
	}
	of.checkSignatures(id, agencyName)
	of.stop()
	of.checkArchive()
}

// TestEvidenceAfterTheLastSigner adds evidence once, when everybody has signed.
func TestEvidenceAfterTheLastSigner(t *testing.T) {
	d := newDecades(t)
	of := openOffice(t, options{config: func(c *ingest.Config) {
		d.configure(signing.LevelLT)(c)
		c.Signing.OperatorFirst = true
		c.Signing.Keys = oneKey{d.key}
	}})
	id := of.add("a.jpg", page(t, 1)).ID
	doc := of.kept(id)
	must(of.SignSet(t.Context(), "lan", doc.Set, nil, ""))(t)
	doc = of.await(id, func(doc sohoa.Document) bool { return doc.Signature == sohoa.SignatureLongTerm })
	if doc.Revision != 4 || len(doc.Signatures) != 2 {
		t.Errorf("kept as %+v, want two signatures and revision 4", doc)
	}
	of.stop()
	of.checkArchive()
}

// oneKey is the key of everybody.
type oneKey struct{ *signing.Key }

func (oneKey) KeyOf(context.Context, string) (ingest.SignerKey, error) {
	return ingest.SignerKey{Kind: ingest.KeyFile}, nil
}

func (k oneKey) Open(context.Context, string, string) (signing.Signatory, io.Closer, error) {
	return k.Key, io.NopCloser(nil), nil
}

// pictures are images of marks.
type pictures struct{ png []byte }

func (p pictures) SignatureImage(context.Context, string) ([]byte, error) { return p.png, nil }
func (p pictures) SealImage(context.Context) ([]byte, error)              { return p.png, nil }

// ring is a picture with transparency.
func ring(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 100, 100))
	for y := range 100 {
		for x := range 100 {
			if d := (x-50)*(x-50) + (y-50)*(y-50); d > 1600 && d < 2400 {
				img.Set(x, y, color.NRGBA{B: 200, A: 255})
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestMarksOfASet has a document signed as operator, person, seal and copy: it
// shows them all, stays PDF/A, and can be looked up.
func TestMarksOfASet(t *testing.T) {
	of := openOffice(t, options{config: func(c *ingest.Config) {
		c.Signing.Images, c.Signing.PublicURL = pictures{ring(t)}, "https://tra-cuu.example.vn"
	}})
	id := of.kept(of.add("quyet-dinh-01.jpg", scan(t, "quyet-dinh-01.jpg")).ID).ID
	steps := append(inOrder[:3:3], sohoa.SignStep{Part: sohoa.PartCopy, Form: mark.FormCopy})
	set := of.set([]sohoa.DocumentID{id}, steps...)
	item := must(of.catalog.SetItems(t.Context(), set.ID))(t)[0]
	if err := of.Place(t.Context(), "binh", item, 1, &sohoa.Place{Page: 1, X: 300, Y: 600, Width: 100, Height: 50}); err != nil {
		t.Fatal(err)
	}
	must(of.SignSet(t.Context(), "lan", set.ID, nil, pin))(t)
	of.item(set.ID, id, at(1, sohoa.ItemDue))
	must(of.SignSet(t.Context(), "binh", set.ID, nil, pin))(t)
	of.item(set.ID, id, at(4, sohoa.ItemDone))
	doc := of.checkSignatures(id, agencyName, people["lan"], people["binh"], agencyName, agencyName)
	found, err := of.catalog.Lookup(t.Context(), doc.Lookup)
	if err != nil || found.ID != id || doc.Lookup == "" {
		t.Errorf("Lookup(%q) = %s, %v, want %s", doc.Lookup, found.ID, err, id)
	}
	signed := of.read(id, sohoa.RoleSigned, 0)
	pdf := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(pdf, signed, 0o600); err != nil {
		t.Fatal(err)
	}
	archivetest.VeraPDF(t, pdf)
	if n := bytes.Count(signed, []byte("/SMask ")); n < 2 {
		t.Errorf("the signed PDF has %d pictures with transparency, want the signature's and the seal's", n)
	}
	if !strings.Contains(string(signed), "/Rect") {
		t.Error("the signed PDF shows no signature")
	}
}
