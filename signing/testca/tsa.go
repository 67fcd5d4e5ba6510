package testca

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/digitorus/timestamp"
)

// Fault is a way in which a timestamp authority misbehaves.
type Fault string

// The faults.
const (
	FaultNone      Fault = ""
	FaultImprint   Fault = "wrong imprint"  // a good token over another digest
	FaultNonce     Fault = "wrong nonce"    // a good token for another request
	FaultNoNonce   Fault = "no nonce"       // a good token, nonce left out
	FaultUntrusted Fault = "untrusted"      // by a unit of an unknown authority
	FaultUsage     Fault = "wrong usage"    // by a unit whose certificate is not for timestamps
	FaultRejected  Fault = "rejected"       // PKIStatus rejection
	FaultStatus    Fault = "status 500"     // an HTTP error
	FaultHang      Fault = "hang"           // no answer until the client gives up
	FaultOversized Fault = "oversized"      // megabytes of zeros
	FaultGarbage   Fault = "garbage"        // an HTML page with status 200
	FaultTampered  Fault = "tampered token" // one bit of the signature is wrong
)

// TSA answers RFC 3161 requests, over HTTP (RFC 3161, 3.4) or directly. Its
// clock and fault may be changed while it runs.
type TSA struct {
	authority *Authority
	fault     atomic.Value // Fault
	clock     atomic.Value // Clock
	requests  atomic.Int64

	once    sync.Once
	rogue   pair // of another authority
	misused pair // not for timestamps
	err     error
}

// TSA returns a new front of the authority's timestamp unit.
func (a *Authority) TSA() *TSA {
	t := &TSA{authority: a}
	t.fault.Store(FaultNone)
	t.clock.Store(a.clock)
	return t
}

// Misbehave makes the following answers wrong as f says; FaultNone ends it.
func (t *TSA) Misbehave(f Fault) { t.fault.Store(f) }

// SetClock sets the time that the following tokens state.
func (t *TSA) SetClock(c Clock) { t.clock.Store(c) }

// Requests is how many requests arrived so far.
func (t *TSA) Requests() int { return int(t.requests.Load()) }

// Certificate returns the certificate of the timestamp unit.
func (t *TSA) Certificate() *x509.Certificate { return t.authority.tsa.cert }

// makeTSA issues a certificate with usage as its one, critical extended key
// usage (RFC 3161, 2.3).
func (a *Authority) makeTSA(issuer pair, usage x509.ExtKeyUsage) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, err
	}
	t := a.template(pkix.Name{Country: []string{"VN"}, Organization: []string{"sohoa TEST"}, CommonName: "sohoa TEST TSA"}, tsaYears)
	t.KeyUsage, t.NotBefore = x509.KeyUsageDigitalSignature, issuer.cert.NotBefore
	ids := []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 8}}
	if usage != x509.ExtKeyUsageTimeStamping {
		ids = []asn1.ObjectIdentifier{{1, 3, 6, 1, 5, 5, 7, 3, 4}}
	}
	value, err := asn1.Marshal(ids)
	if err != nil {
		return pair{}, err
	}
	t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value}}
	a.addURLs(t)
	return a.sign(t, issuer, key)
}

// maxRequest bounds one request; a real one has about 70 bytes.
const maxRequest = 16 << 10

// ServeHTTP answers one request.
func (t *TSA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.requests.Add(1)
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch t.fault.Load() {
	case FaultHang:
		<-r.Context().Done()
		return
	case FaultStatus:
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	case FaultGarbage:
		io.WriteString(w, "<html>welcome to the captive portal</html>")
		return
	case FaultOversized:
		w.Header().Set("Content-Type", "application/timestamp-reply")
		w.Write(make([]byte, 8<<20))
		return
	}
	answer, err := t.Respond(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(answer)
}

// Respond turns a TimeStampReq into a TimeStampResp, both DER.
func (t *TSA) Respond(request []byte) ([]byte, error) {
	req, err := timestamp.ParseRequest(request)
	if err != nil {
		return nil, fmt.Errorf("read timestamp request: %w", err)
	}
	ts := &timestamp.Timestamp{
		HashAlgorithm:     req.HashAlgorithm,
		HashedMessage:     req.HashedMessage,
		Time:              t.clock.Load().(Clock).now(),
		Nonce:             req.Nonce,
		Policy:            asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1},
		Accuracy:          time.Second,
		AddTSACertificate: req.Certificates,
		Certificates:      []*x509.Certificate{t.authority.issuing.cert},
	}
	unit := t.authority.tsa
	switch t.fault.Load() {
	case FaultRejected:
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.TimeNotAvailable)
	case FaultImprint:
		ts.HashedMessage = append([]byte(nil), req.HashedMessage...)
		ts.HashedMessage[0] ^= 1
	case FaultNonce:
		ts.Nonce = big.NewInt(1)
	case FaultNoNonce:
		ts.Nonce = nil
	case FaultUntrusted, FaultUsage:
		if unit, err = t.strange(ts); err != nil {
			return nil, err
		}
	}
	return t.seal(ts, unit)
}

func (t *TSA) seal(ts *timestamp.Timestamp, unit pair) ([]byte, error) {
	der, err := ts.CreateResponseWithOpts(unit.cert, unit.key, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("make timestamp: %w", err)
	}
	if t.fault.Load() == FaultTampered {
		der[len(der)-1] ^= 1 // the signature value stands last
	}
	return der, nil
}

// strange returns the unit that the fault asks for, with its chain put in ts.
func (t *TSA) strange(ts *timestamp.Timestamp) (pair, error) {
	t.once.Do(func() {
		var other *Authority
		if other, t.err = New(t.authority.clock); t.err != nil {
			return
		}
		t.rogue = other.tsa
		t.misused, t.err = t.authority.makeTSA(t.authority.issuing, x509.ExtKeyUsageEmailProtection)
	})
	if t.err != nil {
		return pair{}, t.err
	}
	if t.fault.Load() == FaultUsage {
		return t.misused, nil
	}
	ts.Certificates = nil
	return t.rogue, nil
}
