package evidence_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa/signing/evidence"
)

// server answers with what the test says, and counts.
type server struct {
	url      string
	requests atomic.Int64
	say      atomic.Value // func(path string, body []byte) []byte; nil bytes are status 500
}

func newServer(t testing.TB, answer func(path string, body []byte) []byte) *server {
	t.Helper()
	s := &server{}
	s.say.Store(answer)
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		body, _ := io.ReadAll(r.Body)
		b := s.say.Load().(func(string, []byte) []byte)(r.URL.Path, body)
		if b == nil {
			http.Error(w, "out of order", http.StatusInternalServerError)
			return
		}
		w.Write(b)
	}))
	t.Cleanup(h.Close)
	s.url = h.URL
	return s
}

// clock is a collector's, and can be moved.
type clock struct{ atomic.Pointer[time.Time] }

func (c *clock) set(t time.Time) { c.Store(&t) }
func (c *clock) now() time.Time  { return *c.Load() }

// desk is a collector with a clock, at an issuer whose list or answers come
// from a server.
type desk struct {
	*issuer
	*server
	*evidence.Collector
	clock clock
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{}
	d.server = newServer(t, func(string, []byte) []byte { return d.list(t) })
	d.issuer = newIssuer(t, d.url+"/list.crl")
	d.Collector = d.collector("127.0.0.1")
	d.clock.set(d.now)
	d.Now = d.clock.now
	return d
}

// want fails unless evidence about the leaf, used at a time, is what code says,
// after n requests in all.
func (d *desk) want(t testing.TB, used time.Time, wantCode string, n int64) {
	t.Helper()
	_, err := d.Collect(t.Context(), evidence.Need{Certificate: d.leaf, Used: used, Signer: true}, nil)
	if code(err) != wantCode || err != nil && wantCode == "" {
		t.Errorf("Collect = %v, want %q", err, wantCode)
	}
	if got := d.requests.Load(); got != n {
		t.Errorf("%d requests so far, want %d", got, n)
	}
}

// TestAskedOnce collects for hundreds of signatures, at once and in turn.
func TestAskedOnce(t *testing.T) {
	d := newDesk(t)
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			_, err := d.Collect(t.Context(), evidence.Need{Certificate: d.leaf, Used: d.now.Add(-time.Duration(i) * time.Second), Signer: true}, nil)
			if err != nil {
				t.Errorf("Collect = %v", err)
			}
		})
	}
	wg.Wait()
	d.want(t, d.now, "", 1)
}

// TestAskedAgain wants an answer to be used as long as it is current and says
// what is wanted, and no longer.
func TestAskedAgain(t *testing.T) {
	d := newDesk(t)
	start := d.now
	d.want(t, start, "", 1)

	// A signature that is younger than the list, which is still the newest.
	d.want(t, start.Add(time.Minute), "sign.evidence-early", 2)
	d.want(t, start.Add(time.Minute), "sign.evidence-early", 2) // it was asked just now
	d.want(t, start, "", 2)                                     // and does for others
	d.clock.set(start.Add(2 * time.Minute))
	d.want(t, start.Add(time.Minute), "sign.evidence-early", 3)

	// The next list is out.
	d.clock.set(start.Add(30 * time.Minute))
	d.issuer.now = start.Add(30 * time.Minute)
	d.want(t, start.Add(time.Minute), "", 4)

	// It has ended, and certificates with it.
	d.clock.set(start.Add(100 * time.Minute))
	d.issuer.now = start.Add(100 * time.Minute)
	d.want(t, start.Add(time.Minute), "sign.evidence-late", 5)
	d.say.Store(func(string, []byte) []byte {
		since := asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: []byte("20200101000000Z")}
		der, err := asn1.Marshal(since)
		if err != nil {
			t.Error(err)
		}
		return d.list(t, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 60}, Value: der})
	})
	d.clock.set(start.Add(102 * time.Minute))
	d.want(t, start.Add(time.Minute), "", 6) // this one tells about ended ones too
}

// TestFailingAddressRests asks an address that fails once a minute.
func TestFailingAddressRests(t *testing.T) {
	for name, tt := range map[string]struct {
		answer []byte
		code   string
	}{"status 500": {nil, "sign.evidence-unavailable"}, "garbage": {[]byte("<html>"), "sign.evidence-answer"}} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.say.Store(func(string, []byte) []byte { return tt.answer })
			for range 3 {
				d.want(t, d.now, tt.code, 1)
			}
			d.say.Store(func(string, []byte) []byte { return d.list(t) })
			d.clock.set(d.now.Add(59 * time.Second))
			d.want(t, d.now, tt.code, 1)
			d.clock.set(d.now.Add(time.Minute))
			d.want(t, d.now, "", 2)
		})
	}
}

// TestSeveralAddresses goes on to the next where one fails.
func TestSeveralAddresses(t *testing.T) {
	d := newDesk(t)
	d.leaf = d.issue(t, &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "Leaf"},
		KeyUsage: x509.KeyUsageDigitalSignature, OCSPServer: []string{"ldap://127.0.0.1/", d.url + "/ocsp"},
		CRLDistributionPoints: []string{d.url + "/1.crl", d.url + "/2.crl", d.url + "/3.crl"}})
	d.say.Store(func(path string, _ []byte) []byte {
		if path == "/3.crl" {
			return d.list(t)
		}
		return nil
	})
	d.want(t, d.now, "", 4)
	d.want(t, d.now, "", 4) // those that failed rest
}

// hasNonce reports whether an OCSP request has one.
func hasNonce(body []byte) bool {
	return bytes.Contains(body, []byte{0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02})
}

// TestNonceIsRefused asks a responder without a nonce that refuses it, and
// remembers that.
func TestNonceIsRefused(t *testing.T) {
	for status, want := range map[byte]struct {
		code        string
		first, then int64 // requests in all, after a signature and a younger one
	}{
		1: {"", 2, 3},                          // malformedRequest
		6: {"", 2, 3},                          // unauthorized
		2: {"sign.evidence-unavailable", 1, 1}, // internalError
		3: {"sign.evidence-unavailable", 1, 1}, // tryLater
		5: {"sign.evidence-answer", 1, 1},      // sigRequired
	} {
		t.Run(fmt.Sprintf("status %d", status), func(t *testing.T) {
			d := newDesk(t)
			d.leaf = d.issue(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Leaf"},
				KeyUsage: x509.KeyUsageDigitalSignature, OCSPServer: []string{d.url + "/ocsp"}})
			d.say.Store(func(_ string, body []byte) []byte {
				if hasNonce(body) {
					return []byte{0x30, 0x03, 0x0a, 0x01, status}
				}
				return d.issuer.answer(t)
			})
			d.want(t, d.now, want.code, want.first)
			if want.code == "" {
				d.issuer.now = d.now.Add(time.Minute)
				d.clock.set(d.now)
			}
			d.want(t, d.now, want.code, want.then) // a younger signature
		})
	}
}

// TestStatements wants answers that the responder does not stand for, or that
// say what is not wanted, not to count.
func TestStatements(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*ocsp.Response)
		code   string
	}{
		"good":          {func(*ocsp.Response) {}, ""},
		"unknown":       {func(r *ocsp.Response) { r.Status = ocsp.Unknown }, "sign.evidence-answer"},
		"other serial":  {func(r *ocsp.Response) { r.SerialNumber = big.NewInt(9) }, "sign.evidence-answer"},
		"revoked":       {func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, r.ThisUpdate.Add(-time.Hour) }, "sign.evidence-revoked"},
		"revoked later": {func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, r.ThisUpdate.Add(time.Minute) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.leaf = d.issue(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Leaf"},
				KeyUsage: x509.KeyUsageDigitalSignature, OCSPServer: []string{d.url + "/ocsp"}})
			r := ocsp.Response{Status: ocsp.Good, SerialNumber: d.leaf.SerialNumber, ThisUpdate: d.now, NextUpdate: d.now.Add(time.Hour)}
			tt.change(&r)
			der, err := ocsp.CreateResponse(d.cert, d.cert, r, d.key)
			if err != nil {
				t.Fatal(err)
			}
			d.say.Store(func(string, []byte) []byte { return der })
			d.want(t, d.now, tt.code, 1)
		})
	}
}

// TestIssuerIsAskedFor finds the certificate above a signer's where that says,
// in the forms that authorities give it out.
func TestIssuerIsAskedFor(t *testing.T) {
	other := newIssuer(t, "http://127.0.0.1/x")
	for name, tt := range map[string]struct {
		body func(cert *x509.Certificate) []byte
		good bool
	}{
		"DER":         {func(c *x509.Certificate) []byte { return c.Raw }, true},
		"CMS":         {func(c *x509.Certificate) []byte { return bag(t, other.cert.Raw, c.Raw) }, true},
		"another":     {func(*x509.Certificate) []byte { return other.cert.Raw }, false},
		"another CMS": {func(*x509.Certificate) []byte { return bag(t, other.cert.Raw) }, false},
		"garbage":     {func(*x509.Certificate) []byte { return []byte("<html>") }, false},
		"cut":         {func(c *x509.Certificate) []byte { return bag(t, c.Raw)[:100] }, false},
		"oversized":   {func(*x509.Certificate) []byte { return make([]byte, 1<<20) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			between := d.issue(t, &x509.Certificate{SerialNumber: big.NewInt(3), Subject: pkix.Name{CommonName: "Between"}, IsCA: true,
				BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, CRLDistributionPoints: []string{d.url + "/root.crl"}})
			below := &issuer{cert: between, key: d.key, now: d.now}
			d.leaf = below.issue(t, &x509.Certificate{SerialNumber: big.NewInt(4), Subject: pkix.Name{CommonName: "Leaf"},
				KeyUsage: x509.KeyUsageDigitalSignature, CRLDistributionPoints: []string{d.url + "/between.crl"},
				IssuingCertificateURL: []string{d.url + "/between.cer"}})
			d.say.Store(func(path string, _ []byte) []byte {
				switch path {
				case "/root.crl":
					return d.list(t)
				case "/between.crl":
					return below.list(t)
				}
				return tt.body(between)
			})
			if tt.good {
				d.want(t, d.now, "", 3)
				d.want(t, d.now, "", 3)
			} else {
				d.want(t, d.now, "sign.evidence-chain", 1)
				d.want(t, d.now, "sign.evidence-chain", 1)
			}
		})
	}
}

// bag is a CMS message with certificates and nothing else (RFC 5652, 5.1).
func bag(t testing.TB, certificates ...[]byte) []byte {
	t.Helper()
	wrap := func(tag byte, parts ...[]byte) []byte {
		der, err := asn1.Marshal(asn1.RawValue{FullBytes: nil, Class: int(tag >> 6), Tag: int(tag & 31), IsCompound: true, Bytes: bytes.Join(parts, nil)})
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	oid := func(last byte) []byte { return []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, last} }
	return wrap(16, oid(2), wrap(0x80, wrap(16, []byte{2, 1, 1}, wrap(17), wrap(16, oid(1)), wrap(0x80, certificates...), wrap(17))))
}

// FuzzCertificates reads what is said to be an issuer.
func FuzzCertificates(f *testing.F) {
	i := newIssuer(f, "http://127.0.0.1/x")
	f.Add(i.cert.Raw)
	f.Add(bag(f, i.cert.Raw, i.leaf.Raw))
	f.Add(bag(f))
	f.Fuzz(func(t *testing.T, der []byte) {
		for _, c := range evidence.Certificates(der) {
			if !bytes.Contains(der, c.Raw) {
				t.Fatal("a certificate was read that is not there")
			}
		}
	})
}

// TestMemoryIsBounded forgets what was not used for longest.
func TestMemoryIsBounded(t *testing.T) {
	d := newDesk(t)
	first := d.leaf
	for i := range 2001 {
		d.leaf = d.issue(t, &x509.Certificate{SerialNumber: big.NewInt(int64(i) + 10), Subject: pkix.Name{CommonName: "Leaf"},
			KeyUsage: x509.KeyUsageDigitalSignature, CRLDistributionPoints: []string{fmt.Sprintf("%s/%d.crl", d.url, i)}})
		d.want(t, d.now, "", int64(i)+1)
		if i == 0 {
			first = d.leaf
		}
	}
	d.want(t, d.now, "", 2001) // the last one is there
	d.leaf = first
	d.want(t, d.now, "", 2002)
}
