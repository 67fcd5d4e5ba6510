package testca

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Revocation says when and why a certificate was revoked.
type Revocation struct {
	Time   time.Time
	Reason int // RFC 5280, 5.3.1
}

// statusValidity is how long an OCSP answer or a CRL is current.
const statusValidity = 24 * time.Hour

// Revoke revokes a certificate that the issuing CA issued.
func (a *Authority) Revoke(c *x509.Certificate, r Revocation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.revoked[c.SerialNumber.String()] = r
}

// CRL returns the issuing CA's revocation list as of now, DER.
func (a *Authority) CRL() ([]byte, error) {
	if a.statusFault() == FaultIssuer {
		other, err := a.other()
		if err != nil {
			return nil, err
		}
		return a.crl(other.issuing, nil)
	}
	return a.crl(a.issuing, a.revocations())
}

// RootCRL returns the root's revocation list as of now, DER. It is empty.
func (a *Authority) RootCRL() ([]byte, error) { return a.crl(a.root, nil) }

func (a *Authority) revocations() []x509.RevocationListEntry {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []x509.RevocationListEntry
	for serial, r := range a.revoked {
		n, _ := new(big.Int).SetString(serial, 10)
		list = append(list, x509.RevocationListEntry{SerialNumber: n, RevocationTime: r.Time, ReasonCode: r.Reason})
	}
	return list
}

func (a *Authority) crl(issuer pair, entries []x509.RevocationListEntry) ([]byte, error) {
	from, to := a.period()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number:                    big.NewInt(from.Unix()),
		ThisUpdate:                from,
		NextUpdate:                to,
		RevokedCertificateEntries: entries,
	}, issuer.cert, issuer.key)
	if err != nil {
		return nil, fmt.Errorf("make revocation list: %w", err)
	}
	return der, nil
}

// Handler serves the authority below one address: /tsa, /ocsp, /issuing.crl,
// /root.crl, /issuing.cer and /root.cer.
func (a *Authority) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /tsa", a.TSA())
	mux.Handle("POST /ocsp", a.faulty(http.HandlerFunc(a.serveOCSP)))
	mux.Handle("GET /ocsp/", a.faulty(http.HandlerFunc(a.serveOCSP)))
	mux.Handle("GET /issuing.crl", a.faulty(der("application/pkix-crl", a.CRL)))
	mux.Handle("GET /root.crl", der("application/pkix-crl", a.RootCRL))
	mux.Handle("GET /issuing.cer", der("application/pkix-cert", func() ([]byte, error) { return a.issuing.cert.Raw, nil }))
	mux.Handle("GET /root.cer", der("application/pkix-cert", func() ([]byte, error) { return a.root.cert.Raw, nil }))
	return mux
}

// der serves what make makes.
func der(mediaType string, make func() ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := make()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Write(b)
	})
}

func (a *Authority) serveOCSP(w http.ResponseWriter, r *http.Request) {
	request, err := ocspRequest(r)
	if err == nil {
		request, err = a.OCSP(request)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(request)
}

// ocspRequest takes the request out of the body or, with GET, out of the path
// (RFC 6960, A.1).
func ocspRequest(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodPost {
		return io.ReadAll(io.LimitReader(r.Body, maxRequest))
	}
	s, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/ocsp/"))
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(s)
}
