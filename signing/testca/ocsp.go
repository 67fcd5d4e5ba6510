package testca

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// MisbehaveStatus makes the following OCSP answers and lists of the issuing CA
// wrong as f says; FaultNone ends it.
func (a *Authority) MisbehaveStatus(f Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = f
}

// StatusRequests is how many OCSP requests and requests for the list of the
// issuing CA arrived so far.
func (a *Authority) StatusRequests() int { return int(a.requests.Load()) }

func (a *Authority) statusFault() Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fault
}

// Delegate gives OCSP to a responder of its own from now on. Unless nocheck is
// set, its certificate asks to be checked itself (RFC 6960, 4.2.2.2.1).
func (a *Authority) Delegate(nocheck bool) error {
	responder, err := a.makeResponder(x509.ExtKeyUsageOCSPSigning, nocheck)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.responder = &responder
	return nil
}

func (a *Authority) makeResponder(usage x509.ExtKeyUsage, nocheck bool) (pair, error) {
	key, err := newKey(P256)
	if err != nil {
		return pair{}, err
	}
	t := a.template(pkix.Name{Country: []string{"VN"}, Organization: []string{"sohoa TEST"}, CommonName: "sohoa TEST OCSP"}, 1)
	t.KeyUsage, t.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{usage}
	if nocheck {
		t.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}, Value: asn1.NullBytes}}
	}
	a.addURLs(t)
	return a.sign(t, a.issuing, key)
}

// other is an authority that nobody knows.
func (a *Authority) other() (*Authority, error) {
	a.strangerOnce.Do(func() { a.stranger, a.strangerErr = New(a.clock) })
	return a.stranger, a.strangerErr
}

// OCSP answers one DER request (RFC 6960) for certificates of the issuing CA,
// signed by that CA itself or by its delegate. It repeats a nonce.
func (a *Authority) OCSP(request []byte) ([]byte, error) { return a.front().ocsp(request) }

func (d front) ocsp(request []byte) ([]byte, error) {
	req, err := ocsp.ParseRequest(request)
	if err != nil {
		return nil, fmt.Errorf("read OCSP request: %w", err)
	}
	fault := d.fault()
	from, to := d.period()
	answer := ocsp.Response{Status: ocsp.Good, SerialNumber: req.SerialNumber, ThisUpdate: from, NextUpdate: to, IssuerHash: crypto.SHA1}
	list, err := d.revocations()
	if err != nil {
		return nil, err
	}
	if r, revoked := list[req.SerialNumber.String()]; revoked {
		answer.Status, answer.RevokedAt, answer.RevocationReason = ocsp.Revoked, r.Time, r.Reason
	}
	if fault == FaultSerial {
		answer.SerialNumber = new(big.Int).Add(req.SerialNumber, big.NewInt(1))
	}
	issuer, by, err := d.answerer(fault)
	if err != nil {
		return nil, err
	}
	if !by.cert.Equal(issuer) {
		answer.Certificate = by.cert
	}
	der, err := ocsp.CreateResponse(issuer, by.cert, answer, by.key)
	if err != nil {
		return nil, fmt.Errorf("make OCSP answer: %w", err)
	}
	return d.finish(der, nonceOf(request), by)
}

// answerer is the issuer that an answer names, and who signs it.
func (a *Authority) answerer(fault Fault) (*x509.Certificate, pair, error) {
	switch fault {
	case FaultIssuer:
		other, err := a.other()
		if err != nil {
			return nil, pair{}, err
		}
		return other.issuing.cert, other.issuing, nil
	case FaultUnfit:
		by, err := a.makeResponder(x509.ExtKeyUsageEmailProtection, true)
		return a.issuing.cert, by, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.responder != nil {
		return a.issuing.cert, *a.responder, nil
	}
	return a.issuing.cert, a.issuing, nil
}

var oidNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}

// nonceOf returns the value of the nonce extension of a request, or nil.
func nonceOf(request []byte) []byte {
	var req struct {
		TBS struct {
			Version    int           `asn1:"explicit,tag:0,default:0,optional"`
			Requestor  asn1.RawValue `asn1:"explicit,tag:1,optional"`
			List       []asn1.RawValue
			Extensions []pkix.Extension `asn1:"explicit,tag:2,optional"`
		}
	}
	if _, err := asn1.Unmarshal(request, &req); err != nil {
		return nil
	}
	for _, e := range req.TBS.Extensions {
		if e.Id.Equal(oidNonce) {
			return e.Value
		}
	}
	return nil
}

// answerData is ResponseData (RFC 6960, 4.2.1).
type answerData struct {
	Responder  asn1.RawValue
	ProducedAt time.Time `asn1:"generalized"`
	Responses  asn1.RawValue
	Extensions []pkix.Extension `asn1:"optional,explicit,tag:1"`
}

// finish puts the time by the authority's clock and the nonce into an answer,
// where the library has the machine's and none, and signs it again.
func (d front) finish(der, nonce []byte, by pair) ([]byte, error) {
	var outer struct {
		Status asn1.Enumerated
		Bytes  struct {
			Type     asn1.ObjectIdentifier
			Response []byte
		} `asn1:"explicit,tag:0"`
	}
	var inner struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
		Certs     []asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil {
		return nil, err
	}
	if _, err := asn1.Unmarshal(outer.Bytes.Response, &inner); err != nil {
		return nil, err
	}
	tbs, err := d.answerData(inner.TBS.FullBytes, nonce)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(tbs)
	value, err := by.key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	if d.fault() == FaultTampered {
		value[len(value)-1] ^= 1
	}
	inner.TBS, inner.Signature = asn1.RawValue{FullBytes: tbs}, asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	if outer.Bytes.Response, err = asn1.Marshal(inner); err != nil {
		return nil, err
	}
	return asn1.Marshal(outer)
}

func (d front) answerData(tbs, nonce []byte) ([]byte, error) {
	var data answerData
	if _, err := asn1.Unmarshal(tbs, &data); err != nil {
		return nil, err
	}
	data.ProducedAt = d.clock.now()
	switch d.fault() {
	case FaultNoNonce:
		nonce = nil
	case FaultNonce:
		nonce = []byte{4, 2, 0, 0}
	}
	if nonce != nil {
		data.Extensions = []pkix.Extension{{Id: oidNonce, Value: nonce}}
	}
	return asn1.Marshal(data)
}
