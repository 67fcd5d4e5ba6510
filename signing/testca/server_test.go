package testca_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ocsp"

	"sohoa/signing/testca"
)

// TestRevocationReachesAnotherProcess revokes in one Authority of a folder and
// asks another, at its own address and below those of faults.
func TestRevocationReachesAnotherProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ca")
	made, err := testca.CreateAt(dir, clock, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	id, err := made.Agency("Văn phòng UBND tỉnh", testca.WithKey(testca.P256))
	if err != nil {
		t.Fatal(err)
	}
	serving, err := testca.Open(dir, clock)
	if err != nil {
		t.Fatal(err)
	}
	if serving.BaseURL() != made.BaseURL() {
		t.Errorf("BaseURL = %q, want %q", serving.BaseURL(), made.BaseURL())
	}
	server := httptest.NewServer(serving.Handler())
	defer server.Close()
	if err := made.Revoke(id.Certificate, testca.Revocation{Time: noon, Reason: ocsp.KeyCompromise}); err != nil {
		t.Fatal(err)
	}
	request, err := ocsp.CreateRequest(id.Certificate, made.Issuing(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := ocsp.ParseResponseForCert(post(t, server.URL+"/ocsp", request), id.Certificate, made.Issuing())
	if err != nil || answer.Status != ocsp.Revoked {
		t.Errorf("OCSP answer = %+v, %v; want revoked", answer, err)
	}
	early, err := ocsp.ParseResponseForCert(post(t, server.URL+"/expired/ocsp", request), id.Certificate, made.Issuing())
	if err != nil || !early.NextUpdate.Before(noon) {
		t.Errorf("OCSP answer below /expired = %+v, %v; want one that ended", early, err)
	}
	crl, err := x509.ParseRevocationList(get(t, server.URL+"/issuing.crl"))
	if err != nil || len(crl.RevokedCertificateEntries) != 1 {
		t.Errorf("list = %+v, %v; want one entry", crl, err)
	}
	if got := get(t, server.URL+"/garbage/issuing.crl"); !bytes.Contains(got, []byte("<html>")) {
		t.Errorf("list below /garbage = %.40q, want HTML", got)
	}
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	answer, err := http.Get(url)
	return body(t, answer, err)
}

func post(t *testing.T, url string, b []byte) []byte {
	t.Helper()
	answer, err := http.Post(url, "application/octet-stream", bytes.NewReader(b))
	return body(t, answer, err)
}

func body(t *testing.T, answer *http.Response, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
