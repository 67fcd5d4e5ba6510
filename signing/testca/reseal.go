package testca

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
)

// The parts of a TimeStampResp (RFC 3161, 2.4.2) whose token is signed again.
type stampResponse struct {
	Status asn1.RawValue
	Token  struct {
		Type    asn1.ObjectIdentifier
		Content stampData `asn1:"explicit,tag:0"`
	}
}

type stampData struct {
	Version          int
	Digests, Content asn1.RawValue
	Certificates     asn1.RawValue     `asn1:"optional,tag:0"`
	Signers          []stampSignerInfo `asn1:"set"`
}

type stampSignerInfo struct {
	Version    int
	ID, Digest asn1.RawValue
	Attributes asn1.RawValue `asn1:"tag:0"`
	Algorithm  pkix.AlgorithmIdentifier
	Value      []byte
}

var oidSigningTime = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}

// withoutClock takes the signing-time attribute out of a token, where the
// library states the machine's time, and signs the token again: the time of
// the authority's clock is in the token itself.
func withoutClock(response []byte, key crypto.Signer) ([]byte, error) {
	var r stampResponse
	if _, err := asn1.Unmarshal(response, &r); err != nil {
		return nil, err
	}
	s := &r.Token.Content.Signers[0]
	attributes, err := withoutAttribute(s.Attributes.Bytes, oidSigningTime)
	if err != nil {
		return nil, err
	}
	set, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: attributes})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(set)
	if s.Value, err = key.Sign(rand.Reader, sum[:], crypto.SHA256); err != nil {
		return nil, err
	}
	s.Attributes = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: attributes}
	return asn1.Marshal(r)
}

// withoutAttribute leaves an attribute out of the elements of a SET OF
// Attribute.
func withoutAttribute(elements []byte, id asn1.ObjectIdentifier) ([]byte, error) {
	var out bytes.Buffer
	for rest := elements; len(rest) > 0; {
		var a struct {
			Raw    asn1.RawContent
			Type   asn1.ObjectIdentifier
			Values asn1.RawValue
		}
		var err error
		if rest, err = asn1.Unmarshal(rest, &a); err != nil {
			return nil, err
		}
		if !a.Type.Equal(id) {
			out.Write(a.Raw)
		}
	}
	return out.Bytes(), nil
}
