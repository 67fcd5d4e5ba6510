package signing

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	oidData        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertV2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimestamp   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
)

const (
	context0 = cbasn1.Tag(0xa0) // [0] constructed
	context1 = cbasn1.Tag(0xa1) // [1] constructed
	context4 = cbasn1.Tag(0xa4) // [4] constructed
)

// builder is a function that writes DER.
type builder = func(*cryptobyte.Builder)

// signedAttributes is the DER of the attributes that a baseline signature
// signs (EN 319 142-1, 6.3), as the SET that is hashed. The time is claimed in
// the signature dictionary; a signing-time attribute is not permitted.
func signedAttributes(cert *x509.Certificate, digest []byte) ([]byte, error) {
	return derSet(
		attribute(oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidData) }),
		attribute(oidDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }),
		attribute(oidCertV2, signingCertificate(cert)),
	)
}

// signingCertificate writes SigningCertificateV2 (RFC 5035, 3) with the
// default hash, SHA-256, and the issuer and serial number.
func signingCertificate(cert *x509.Certificate) builder {
	hash := sha256.Sum256(cert.Raw)
	return func(b *cryptobyte.Builder) {
		nest(b, 3, func(b *cryptobyte.Builder) { // SigningCertificateV2, certs, ESSCertIDv2
			b.AddASN1OctetString(hash[:])
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(context4, func(b *cryptobyte.Builder) { b.AddBytes(cert.RawIssuer) })
				})
				b.AddASN1BigInt(cert.SerialNumber)
			})
		})
	}
}

// nest writes n sequences around what fn writes.
func nest(b *cryptobyte.Builder, n int, fn builder) {
	if n == 0 {
		fn(b)
		return
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { nest(b, n-1, fn) })
}

func attribute(oid asn1.ObjectIdentifier, value builder) builder {
	return func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddASN1(cbasn1.SET, value)
		})
	}
}

// derSet is the SET OF elements, in DER order.
func derSet(elements ...builder) ([]byte, error) {
	var ders [][]byte
	for _, e := range elements {
		var b cryptobyte.Builder
		e(&b)
		der, err := b.Bytes()
		if err != nil {
			return nil, err
		}
		ders = append(ders, der)
	}
	slices.SortFunc(ders, bytes.Compare)
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
		for _, der := range ders {
			b.AddBytes(der)
		}
	})
	return b.Bytes()
}

// retag returns der with another tag in front: SET OF goes into SignedData
// as [0] or [1] IMPLICIT.
func retag(der []byte, tag cbasn1.Tag) []byte {
	out := bytes.Clone(der)
	out[0] = byte(tag)
	return out
}

// signature is what goes into a CMS object.
type signature struct {
	certs      []*x509.Certificate // the signer's first
	algorithm  Algorithm
	attributes []byte // SET OF Attribute, as hashed
	value      []byte
	token      []byte // a timestamp, or nil
}

// cms is the DER of ContentInfo with SignedData (RFC 5652, 5) around s, the
// content left out.
func (s signature) cms() ([]byte, error) {
	var raw []builder
	for _, c := range s.certs {
		raw = append(raw, func(b *cryptobyte.Builder) { b.AddBytes(c.Raw) })
	}
	certs, err := derSet(raw...)
	if err != nil {
		return nil, fmt.Errorf("encode certificates: %w", err)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(cbasn1.SET, addSHA256)
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidData) })
				b.AddBytes(retag(certs, context0))
				b.AddASN1(cbasn1.SET, s.addSignerInfo)
			})
		})
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("encode CMS: %w", err)
	}
	return der, nil
}

func (s signature) addSignerInfo(b *cryptobyte.Builder) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(s.certs[0].RawIssuer)
			b.AddASN1BigInt(s.certs[0].SerialNumber)
		})
		addSHA256(b)
		b.AddBytes(retag(s.attributes, context0))
		s.algorithm.addIdentifier(b)
		b.AddASN1OctetString(s.value)
		if s.token != nil {
			b.AddASN1(context1, attribute(oidTimestamp, func(b *cryptobyte.Builder) { b.AddBytes(s.token) }))
		}
	})
}

// errCMS says that a CMS object is not as we write them.
var errCMS = errors.New("unexpected CMS structure")

// parsed is a CMS object with one SignerInfo, taken apart.
type parsed struct {
	head  []byte // SignedData up to its SignerInfos
	info  []byte // SignerInfo up to its unsigned attributes
	value []byte // the signature value
	plain bool   // there are no unsigned attributes
}

// parseCMS takes DER apart.
func parseCMS(der []byte) (*parsed, error) {
	input := cryptobyte.String(der)
	var body, wrapped, signed, list, info cryptobyte.String
	if !input.ReadASN1(&body, cbasn1.SEQUENCE) || !body.SkipASN1(cbasn1.OBJECT_IDENTIFIER) ||
		!body.ReadASN1(&wrapped, context0) || !wrapped.ReadASN1(&signed, cbasn1.SEQUENCE) {
		return nil, errCMS
	}
	head := signed
	ok := skipDataHead(&signed)
	head = head[:len(head)-len(signed)]
	if !ok || !signed.ReadASN1(&list, cbasn1.SET) || !signed.Empty() ||
		!list.ReadASN1(&info, cbasn1.SEQUENCE) || !list.Empty() {
		return nil, errCMS
	}
	p := &parsed{head: head, info: info}
	rest := info
	if !skipSignerHead(&rest) || !rest.ReadASN1((*cryptobyte.String)(&p.value), cbasn1.OCTET_STRING) {
		return nil, errCMS
	}
	p.plain = rest.Empty()
	return p, nil
}

// skipDataHead skips SignedData up to its SignerInfos.
func skipDataHead(s *cryptobyte.String) bool {
	return s.SkipASN1(cbasn1.INTEGER) && s.SkipASN1(cbasn1.SET) && s.SkipASN1(cbasn1.SEQUENCE) &&
		s.SkipOptionalASN1(context0) && s.SkipOptionalASN1(context1)
}

// skipSignerHead skips a SignerInfo up to its signature value.
func skipSignerHead(s *cryptobyte.String) bool {
	return s.SkipASN1(cbasn1.INTEGER) && s.SkipASN1(cbasn1.SEQUENCE) && s.SkipASN1(cbasn1.SEQUENCE) &&
		s.SkipOptionalASN1(context0) && s.SkipASN1(cbasn1.SEQUENCE)
}

// stamp writes the object with a timestamp token as its unsigned attribute.
func (p *parsed) stamp(token []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(context0, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(p.head)
				b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
						b.AddBytes(p.info)
						b.AddASN1(context1, attribute(oidTimestamp, func(b *cryptobyte.Builder) { b.AddBytes(token) }))
					})
				})
			})
		})
	})
	return b.Bytes()
}

// withoutPadding is the DER at the start of b; zeros may follow it.
func withoutPadding(b []byte) ([]byte, error) {
	rest := cryptobyte.String(b)
	var der cryptobyte.String
	if !rest.ReadASN1Element(&der, cbasn1.SEQUENCE) || len(bytes.Trim(rest, "\x00")) != 0 {
		return nil, errCMS
	}
	return der, nil
}
