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

// TSA answers RFC 3161 requests, over HTTP (RFC 3161, 3.4) or directly. Its
// clock and fault may be changed while it runs.
type TSA struct {
	authority *Authority
	fault     atomic.Value // Fault
	clock     atomic.Value // Clock
	requests  atomic.Int64

	once    sync.Once
	strange map[Fault]pair // units that are not to be trusted
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
	t.KeyUsage = x509.KeyUsageDigitalSignature
	t.ExtraExtensions = timestampUsage(usage)
	a.addURLs(t)
	return a.sign(t, issuer, key)
}

// timestampUsage is the extension with one usage, critical; any other than for
// timestamps is for e-mail.
func timestampUsage(usage x509.ExtKeyUsage) []pkix.Extension {
	value := []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 8} // SEQUENCE of one OBJECT IDENTIFIER
	if usage != x509.ExtKeyUsageTimeStamping {
		value[len(value)-1] = 4
	}
	return []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: value}}
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
	if t.authority.misbehave(w, r, t.fault.Load().(Fault)) {
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
	switch f := t.fault.Load(); f {
	case FaultRejected:
		return timestamp.CreateErrorResponse(timestamp.Rejection, timestamp.TimeNotAvailable)
	case FaultImprint:
		ts.HashedMessage = append([]byte(nil), req.HashedMessage...)
		ts.HashedMessage[0] ^= 1
	case FaultNonce:
		ts.Nonce = big.NewInt(1)
	case FaultNoNonce:
		ts.Nonce = nil
	case FaultVague:
		ts.Accuracy = time.Hour
	case FaultUntrusted, FaultUsage, FaultLapsed:
		if unit, err = t.stranger(f.(Fault)); err != nil {
			return nil, err
		}
		if f == FaultUntrusted {
			ts.Certificates = nil
		}
	}
	return t.seal(ts, unit)
}

func (t *TSA) seal(ts *timestamp.Timestamp, unit pair) ([]byte, error) {
	der, err := ts.CreateResponseWithOpts(unit.cert, unit.key, crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("make timestamp: %w", err)
	}
	if der, err = withoutClock(der, unit.key); err != nil {
		return nil, fmt.Errorf("make timestamp: %w", err)
	}
	if t.fault.Load() == FaultTampered {
		der[len(der)-1] ^= 1 // the signature value stands last
	}
	return der, nil
}

// stranger returns the unit that the fault asks for.
func (t *TSA) stranger(f Fault) (pair, error) {
	t.once.Do(func() { t.err = t.makeStrangers() })
	return t.strange[f], t.err
}

func (t *TSA) makeStrangers() error {
	a := t.authority
	other, err := a.other()
	if err != nil {
		return err
	}
	misused, err := a.makeTSA(a.issuing, x509.ExtKeyUsageEmailProtection)
	if err != nil {
		return err
	}
	lapsed, err := a.makeTSA(a.issuing, x509.ExtKeyUsageTimeStamping)
	if err != nil {
		return err
	}
	old := *lapsed.cert
	old.NotBefore, old.NotAfter = a.clock.now().AddDate(-tsaYears, 0, 0), a.clock.now().AddDate(0, 0, -1)
	old.ExtraExtensions = timestampUsage(x509.ExtKeyUsageTimeStamping)
	if lapsed, err = a.sign(&old, a.issuing, lapsed.key); err != nil {
		return err
	}
	t.strange = map[Fault]pair{FaultUntrusted: other.tsa, FaultUsage: misused, FaultLapsed: lapsed}
	return nil
}
