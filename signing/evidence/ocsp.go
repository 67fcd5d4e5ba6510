package evidence

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

var (
	oidSHA1    = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256  = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidNonce   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}
	oidNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
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

// request makes an OCSPRequest with a nonce (RFC 6960, 4.1.1 and 4.4.1; RFC
// 9654). SHA-1 names the certificate there: every responder knows it, and
// nothing hangs on its strength.
func request(cert, issuer *x509.Certificate) (der, nonce []byte, err error) {
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
		b.AddASN1(cbasn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { sequences(b, 2, extension) })
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

// responseData is that part of ResponseData (RFC 6960, 4.2.1) which
// golang.org/x/crypto/ocsp does not look at.
type responseData struct {
	Version    int `asn1:"optional,default:0,explicit,tag:0"`
	Responder  asn1.RawValue
	ProducedAt time.Time        `asn1:"generalized"`
	Responses  []singleResponse `asn1:""`
	Extensions []pkix.Extension `asn1:"optional,explicit,tag:1"`
}

type singleResponse struct {
	ID struct {
		Hash              pkix.AlgorithmIdentifier
		NameHash, KeyHash []byte
		Serial            *big.Int
	}
}

// answer is an OCSP answer that is signed as it should be.
type answer struct {
	*ocsp.Response
	data responseData
}

// readAnswer verifies an answer about cert, which issuer issued. Its time is
// not looked at.
func readAnswer(der []byte, cert, issuer *x509.Certificate) (a *answer, err error) {
	defer func() {
		if r := recover(); r != nil {
			a, err = nil, fmt.Errorf("read OCSP answer: panic: %v", r)
		}
	}()
	r, err := ocsp.ParseResponseForCert(der, cert, issuer)
	if err != nil {
		return nil, err
	}
	a = &answer{Response: r}
	if _, err := asn1.Unmarshal(r.TBSResponseData, &a.data); err != nil {
		return nil, fmt.Errorf("read OCSP answer: %w", err)
	}
	switch {
	case !a.names(cert, issuer):
		return nil, errors.New("the OCSP answer is about a certificate of another issuer")
	case !mayAnswer(r, issuer):
		return nil, errors.New("the OCSP answer is signed by somebody who may not answer for the issuer")
	case r.Status == ocsp.Unknown:
		return nil, errors.New("the OCSP responder does not know the certificate")
	}
	return a, nil
}

// names reports whether the answer that the library took is about a
// certificate of issuer: it compares serial numbers only.
func (a *answer) names(cert, issuer *x509.Certificate) bool {
	key, err := subjectKey(issuer)
	i := slices.IndexFunc(a.data.Responses, func(s singleResponse) bool {
		return s.ID.Serial != nil && s.ID.Serial.Cmp(cert.SerialNumber) == 0
	})
	if err != nil || i < 0 {
		return false
	}
	id := a.data.Responses[i].ID
	hash := crypto.SHA1
	if id.Hash.Algorithm.Equal(oidSHA256) {
		hash = crypto.SHA256
	} else if !id.Hash.Algorithm.Equal(oidSHA1) {
		return false
	}
	sum := func(b []byte) []byte { h := hash.New(); h.Write(b); return h.Sum(nil) }
	return bytes.Equal(id.NameHash, sum(issuer.RawSubject)) && bytes.Equal(id.KeyHash, sum(key))
}

// mayAnswer reports whether the signer of r is the issuer or was given the
// task by it (RFC 6960, 4.2.2.2).
func mayAnswer(r *ocsp.Response, issuer *x509.Certificate) bool {
	c := r.Certificate
	return c == nil || c.Equal(issuer) ||
		c.CheckSignatureFrom(issuer) == nil && slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) &&
			!r.ThisUpdate.Before(c.NotBefore) && !r.ThisUpdate.After(c.NotAfter)
}

// fits returns an error if the answer is to another request. Responders that
// answer in advance leave the nonce out; then its time has to do.
func (a *answer) fits(nonce []byte) error {
	for _, e := range a.data.Extensions {
		if !e.Id.Equal(oidNonce) {
			continue
		}
		var got []byte
		if _, err := asn1.Unmarshal(e.Value, &got); err != nil || !bytes.Equal(got, nonce) {
			return errors.New("the OCSP answer is to another request")
		}
	}
	return nil
}

// unchecked is the responder's certificate if it is neither the issuer's nor
// free of checks (RFC 6960, 4.2.2.2.1).
func (a *answer) unchecked(issuer *x509.Certificate) *x509.Certificate {
	c := a.Certificate
	if c == nil || c.Equal(issuer) {
		return nil
	}
	if slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidNoCheck) }) {
		return nil
	}
	return c
}
