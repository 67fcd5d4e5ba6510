package evidence_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"sohoa"
	"sohoa/signing/evidence"
)

// issuer is a root that issues one certificate and a list.
type issuer struct {
	cert, leaf *x509.Certificate
	key        *ecdsa.PrivateKey
	now        time.Time
}

func newIssuer(t testing.TB, list string) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, now: time.Now().Truncate(time.Second)}
	i.cert = i.issue(t, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Root"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign})
	i.leaf = i.issue(t, &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "Leaf"},
		KeyUsage: x509.KeyUsageDigitalSignature, CRLDistributionPoints: []string{list}})
	return i
}

func (i *issuer) issue(t testing.TB, template *x509.Certificate) *x509.Certificate {
	t.Helper()
	template.NotBefore, template.NotAfter = i.now.Add(-time.Hour), i.now.Add(time.Hour)
	parent := i.cert
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, i.key.Public(), i.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func (i *issuer) list(t testing.TB, extensions ...pkix.Extension) []byte {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1),
		ThisUpdate: i.now, NextUpdate: i.now.Add(time.Hour), ExtraExtensions: extensions}, i.cert, i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (i *issuer) answer(t testing.TB) []byte {
	t.Helper()
	der, err := ocsp.CreateResponse(i.cert, i.cert, ocsp.Response{Status: ocsp.Good, SerialNumber: i.leaf.SerialNumber,
		ThisUpdate: i.now, NextUpdate: i.now.Add(time.Hour)}, i.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func (i *issuer) need() evidence.Need {
	return evidence.Need{Certificate: i.leaf, Used: i.now, Signer: true}
}

func (i *issuer) collector(hosts ...string) *evidence.Collector {
	roots := x509.NewCertPool()
	roots.AddCert(i.cert)
	return &evidence.Collector{Roots: roots, Hosts: hosts}
}

// code is the code of the Problem in err, or nothing.
func code(err error) string {
	var p *sohoa.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

// point is the value of an issuing distribution point for uri, and more.
func point(t testing.TB, uri string, more ...asn1.RawValue) []byte {
	t.Helper()
	wrap := func(tag int, b []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: b}
	}
	der := func(v asn1.RawValue) []byte {
		b, err := asn1.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	var fields []byte
	if uri != "" {
		name := der(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(uri)})
		fields = der(wrap(0, der(wrap(0, name))))
	}
	for _, m := range more {
		fields = append(fields, der(m)...)
	}
	return der(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: fields})
}

func flag(tag int) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: []byte{0xff}}
}

// TestScopeOfLists wants lists that are not about the certificate to say
// nothing about it.
func TestScopeOfLists(t *testing.T) {
	const url = "http://127.0.0.1/part1.crl"
	scope := func(value []byte) pkix.Extension {
		return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value}
	}
	tests := []struct {
		name string
		ext  []pkix.Extension
		good bool
	}{
		{"whole", nil, true},
		{"its part", []pkix.Extension{scope(point(t, url))}, true},
		{"another part", []pkix.Extension{scope(point(t, url+"0"))}, false},
		{"end entities", []pkix.Extension{scope(point(t, "", flag(1)))}, true},
		{"authorities", []pkix.Extension{scope(point(t, "", flag(2)))}, false},
		{"some reasons", []pkix.Extension{scope(point(t, "", flag(3)))}, false},
		{"indirect", []pkix.Extension{scope(point(t, "", flag(4)))}, false},
		{"attributes", []pkix.Extension{scope(point(t, "", flag(5)))}, false},
		{"garbled", []pkix.Extension{scope([]byte{0x30, 0x05, 0xa0})}, false},
		{"delta", []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}, false},
		{"unknown", []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}, false},
	}
	i := newIssuer(t, url)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			have := evidence.Read(&evidence.Set{CRLs: [][]byte{i.list(t, tt.ext...)}})
			set, err := i.collector("nobody").Collect(t.Context(), i.need(), have)
			if tt.good && (err != nil || len(set.CRLs) != 1 || len(set.Certificates) != 2) {
				t.Errorf("Collect = %+v, %v; want the list", set, err)
			}
			if !tt.good && code(err) != "sign.evidence-refused" { // it has to ask, and may not
				t.Errorf("Collect = %+v, %v; want nothing known", set, err)
			}
		})
	}
}

// TestWhoIsAsked wants only permitted hosts to be asked, and no redirection to
// lead to others.
func TestWhoIsAsked(t *testing.T) {
	asked := false
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	turn := httptest.NewServer(http.RedirectHandler(inside.URL, http.StatusFound))
	defer turn.Close()
	port := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	tests := []struct {
		name, url string
		hosts     []string
		code      string
	}{
		{"loopback", inside.URL, nil, "sign.evidence-refused"},
		{"loopback by name", strings.Replace(inside.URL, "127.0.0.1", "localhost", 1), nil, "sign.evidence-refused"},
		{"mapped", strings.Replace(inside.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), nil, "sign.evidence-refused"},
		{"private", "http://10.0.0.1/x", nil, "sign.evidence-refused"},
		{"link-local", "http://169.254.169.254/x", nil, "sign.evidence-refused"},
		{"carrier", "http://100.64.0.1/x", nil, "sign.evidence-refused"},
		{"unique local", "http://[fd00::1]/x", nil, "sign.evidence-refused"},
		{"other port", inside.URL, []string{"127.0.0.1:1"}, "sign.evidence-refused"},
		{"not listed", inside.URL, []string{"crl.example.vn"}, "sign.evidence-refused"},
		{"redirected", turn.URL, []string{port(turn)}, "sign.evidence-unavailable"},
		{"redirected to a listed host", turn.URL, []string{"127.0.0.1"}, "sign.evidence-unavailable"},
		{"file", "file:///etc/passwd", []string{""}, "sign.evidence-none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			i := newIssuer(t, tt.url)
			_, err := i.collector(tt.hosts...).Collect(t.Context(), i.need(), nil)
			if code(err) != tt.code {
				t.Errorf("Collect = %v, want %s", err, tt.code)
			}
		})
	}
	if asked {
		t.Error("a host was asked that may not be")
	}
}

func TestCollectStopsWithItsContext(t *testing.T) {
	i := newIssuer(t, "http://127.0.0.1:1/x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.collector("127.0.0.1").Collect(ctx, i.need(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Collect = %v, want %v", err, context.Canceled)
	}
}

// FuzzCollect reads foreign OCSP answers and lists out of a store. Only what
// the standard library finds signed by the issuer may count.
func FuzzCollect(f *testing.F) {
	i := newIssuer(f, "http://127.0.0.1/x")
	f.Add(i.answer(f), i.list(f))
	f.Add([]byte{0x30, 0x03, 0x0a, 0x01, 0x03}, []byte{0x30, 0x80})
	f.Add([]byte{}, i.list(f, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: point(f, "http://127.0.0.1/x", flag(1))}))
	f.Fuzz(func(t *testing.T, answer, list []byte) {
		have := evidence.Read(&evidence.Set{OCSPs: [][]byte{answer}, CRLs: [][]byte{list}, Certificates: [][]byte{list}})
		set, err := i.collector("nobody").Collect(t.Context(), i.need(), have)
		if err != nil {
			if code(err) == "" {
				t.Fatalf("Collect = %v, want a Problem", err)
			}
			return
		}
		for _, der := range set.OCSPs {
			if r, err := ocsp.ParseResponseForCert(der, i.leaf, i.cert); err != nil || r.Status != ocsp.Good {
				t.Fatalf("an answer was taken that says %+v, %v", r, err)
			}
		}
		for _, der := range set.CRLs {
			if l, err := x509.ParseRevocationList(der); err != nil || l.CheckSignatureFrom(i.cert) != nil {
				t.Fatalf("a list was taken that is not the issuer's: %v", err)
			}
		}
		if len(set.OCSPs)+len(set.CRLs) == 0 {
			t.Fatal("nothing was taken, and nothing is missing")
		}
	})
}
