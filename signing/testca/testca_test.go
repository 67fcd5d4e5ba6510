package testca_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"golang.org/x/crypto/ocsp"
	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"sohoa/signing/testca"
)

var noon = time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func newCA(t *testing.T) *testca.Authority {
	t.Helper()
	ca, err := testca.New(clock)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestIdentitiesChainToRoot(t *testing.T) {
	ca := newCA(t)
	for _, alg := range []testca.Algorithm{testca.RSA2048, testca.P256, testca.P384, testca.P521} {
		t.Run(string(alg), func(t *testing.T) {
			id, err := ca.Person("Nguyễn Vĩnh Nghĩa", "UBND xã Kỳ Sơn, Hà Tĩnh", testca.WithKey(alg))
			if err != nil {
				t.Fatal(err)
			}
			between := x509.NewCertPool()
			between.AddCert(id.Chain[0])
			_, err = id.Certificate.Verify(x509.VerifyOptions{Roots: ca.Pool(), Intermediates: between, CurrentTime: noon})
			if err != nil {
				t.Errorf("Verify(%v) = %v, want a chain", id.Certificate.Subject, err)
			}
			p12, err := id.PKCS12("mật khẩu")
			if err != nil {
				t.Fatal(err)
			}
			_, cert, chain, err := pkcs12.DecodeChain(p12, "mật khẩu")
			if err != nil || !cert.Equal(id.Certificate) || len(chain) != 1 {
				t.Errorf("DecodeChain = %v, %d above, %v; want the certificate with 1 above", cert, len(chain), err)
			}
		})
	}
}

func TestCreateThenOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	made, err := testca.Create(dir, clock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := testca.Create(dir, clock); err == nil {
		t.Error("Create over an authority succeeded, want refusal")
	}
	opened, err := testca.Open(dir, clock)
	if err != nil {
		t.Fatal(err)
	}
	if !opened.Root().Equal(made.Root()) || !opened.Issuing().Equal(made.Issuing()) {
		t.Error("Open returned another authority than Create made")
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 6 {
		t.Errorf("%d files kept, want 6", len(files))
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %s = %v, %v; want 0600", f, info.Mode(), err)
		}
	}
}

func TestTSA(t *testing.T) {
	ca := newCA(t)
	tsa := ca.TSA()
	digest := sha256.Sum256([]byte("giấy khai sinh"))
	request, err := (&timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest[:], Certificates: true, Nonce: big.NewInt(42)}).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		fault testca.Fault
		ok    func(*timestamp.Timestamp, error) bool // whether the fault shows
	}{
		{testca.FaultNone, func(ts *timestamp.Timestamp, err error) bool {
			return err == nil && bytes.Equal(ts.HashedMessage, digest[:]) && ts.Nonce.Int64() == 42 && ts.Time.Equal(noon)
		}},
		{testca.FaultImprint, func(ts *timestamp.Timestamp, err error) bool {
			return err == nil && !bytes.Equal(ts.HashedMessage, digest[:])
		}},
		{testca.FaultNonce, func(ts *timestamp.Timestamp, err error) bool { return err == nil && ts.Nonce.Int64() == 1 }},
		{testca.FaultNoNonce, func(ts *timestamp.Timestamp, err error) bool { return err == nil && ts.Nonce == nil }},
		{testca.FaultRejected, func(_ *timestamp.Timestamp, err error) bool { return err != nil }},
		{testca.FaultTampered, func(_ *timestamp.Timestamp, err error) bool { return err != nil }},
		{testca.FaultUntrusted, func(ts *timestamp.Timestamp, err error) bool {
			return err == nil && !ts.Certificates[0].Equal(tsa.Certificate())
		}},
		{testca.FaultUsage, func(ts *timestamp.Timestamp, err error) bool {
			return err == nil && ts.Certificates[0].ExtKeyUsage[0] == x509.ExtKeyUsageEmailProtection
		}},
	}
	for _, tt := range tests {
		t.Run(string(tt.fault), func(t *testing.T) {
			tsa.Misbehave(tt.fault)
			answer, err := tsa.Respond(request)
			if err != nil {
				t.Fatal(err)
			}
			if ts, err := timestamp.ParseResponse(answer); !tt.ok(ts, err) {
				t.Errorf("answer under fault %q = %+v, %v", tt.fault, ts, err)
			}
		})
	}
}

func TestTSAHangsUntilTheClientLeaves(t *testing.T) {
	tsa := newCA(t).TSA()
	tsa.Misbehave(testca.FaultHang)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
	w := httptest.NewRecorder()
	tsa.ServeHTTP(w, r)
	if w.Body.Len() != 0 || tsa.Requests() != 1 {
		t.Errorf("a hanging TSA answered %d bytes to %d requests, want 0 to 1", w.Body.Len(), tsa.Requests())
	}
}

func TestRevocation(t *testing.T) {
	ca := newCA(t)
	id, err := ca.Agency("Văn phòng UBND tỉnh", testca.WithKey(testca.P256))
	if err != nil {
		t.Fatal(err)
	}
	request, err := ocsp.CreateRequest(id.Certificate, ca.Issuing(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{ocsp.Good, ocsp.Revoked} {
		der, err := ca.OCSP(request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ocsp.ParseResponseForCert(der, id.Certificate, ca.Issuing())
		if err != nil || got.Status != want {
			t.Errorf("OCSP status = %v, %v; want %d", got, err, want)
		}
		ca.Revoke(id.Certificate, testca.Revocation{Time: noon, Reason: ocsp.KeyCompromise})
	}
	der, err := ca.CRL()
	if err != nil {
		t.Fatal(err)
	}
	crl, err := x509.ParseRevocationList(der)
	if err != nil || crl.CheckSignatureFrom(ca.Issuing()) != nil || len(crl.RevokedCertificateEntries) != 1 {
		t.Errorf("CRL = %+v, %v; want 1 entry signed by the issuing CA", crl, err)
	}
}
