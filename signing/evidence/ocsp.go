package evidence

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa"
	"sohoa/signing/validation/revocation"
)

var (
	oidSHA1  = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidNonce = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
)

// subjectKey returns the bits of a certificate's key, which CertID hashes.
func subjectKey(c *x509.Certificate) ([]byte, error) {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &info); err != nil {
		return nil, fmt.Errorf("read the key of %s: %w", name(c), err)
	}
	return info.Key.RightAlign(), nil
}

// request makes an OCSPRequest (RFC 6960, 4.1.1), with a nonce if it is to be
// answered once (4.4.1; RFC 9654). SHA-1 names the certificate there: every responder knows it, and
// nothing hangs on its strength.
func request(cert, issuer *x509.Certificate, once bool) (der, nonce []byte, err error) {
	nonce = make([]byte, 16)
	rand.Read(nonce) // never fails since Go 1.24
	key, err := subjectKey(issuer)
	if err != nil {
		return nil, nil, err
	}
	nameHash, keyHash := sha1.Sum(issuer.RawSubject), sha1.Sum(key)
	id := func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oidSHA1)
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(nameHash[:])
		b.AddASN1OctetString(keyHash[:])
		b.AddASN1BigInt(cert.SerialNumber)
	}
	extension := func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidNonce)
		b.AddASN1(cbasn1.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(nonce) })
	}
	var b cryptobyte.Builder
	sequences(&b, 2, func(b *cryptobyte.Builder) { // OCSPRequest, TBSRequest
		sequences(b, 3, id) // requestList, Request, CertID
		if once {
			b.AddASN1(cbasn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { sequences(b, 2, extension) })
		}
	})
	der, err = b.Bytes()
	return der, nonce, err
}

// sequences writes n sequences around what fn writes.
func sequences(b *cryptobyte.Builder, n int, fn func(*cryptobyte.Builder)) {
	if n == 0 {
		fn(b)
		return
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { sequences(b, n-1, fn) })
}

// Response status of OCSP (RFC 6960, 4.2.1).
const (
	successful       = 0
	malformedRequest = 1
	internalError    = 2
	tryLater         = 3
	unauthorized     = 6
)

// askResponder asks with a nonce, so that nobody can pass an old answer off as
// new. A responder that refuses the request for it is asked again without:
// many make their answers in advance, and then their time has to do. That is
// remembered in e.
func (c *Collector) askResponder(ctx context.Context, d demand, url string, e *entry) ([]byte, error) {
	for {
		body, nonce, err := request(d.cert, d.issuer, !e.bare)
		if err != nil {
			return nil, err
		}
		der, err := c.get(ctx, question{url: url, body: body, limit: sohoa.MaxOCSPBytes})
		if err != nil {
			return nil, err
		}
		status, err := responseStatus(der)
		switch {
		case err != nil:
			return nil, err
		case status == successful:
			return der, fits(der, nonce)
		case status == internalError || status == tryLater:
			return nil, detailed(sohoa.ErrUnavailable, "sign.evidence-unavailable", fmt.Errorf("OCSP status %d", status), url)
		case e.bare || status != malformedRequest && status != unauthorized:
			e.bare = false
			return nil, fmt.Errorf("OCSP status %d", status)
		}
		e.bare = true
	}
}

// responseStatus reads OCSPResponseStatus.
func responseStatus(der cryptobyte.String) (status int, err error) {
	var response cryptobyte.String
	if !der.ReadASN1(&response, cbasn1.SEQUENCE) || !response.ReadASN1Enum(&status) {
		return 0, errors.New("the answer is not an OCSP response")
	}
	return status, nil
}

// fits returns an error if an answer is to another request. Responders that
// answer in advance leave the nonce out.
func fits(der, nonce []byte) error {
	a, err := revocation.ParseAnswer(der)
	if err == nil && a.Nonce != nil && !bytes.Equal(a.Nonce, nonce) {
		err = errors.New("the OCSP answer is to another request")
	}
	return err
}
