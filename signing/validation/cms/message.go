package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Message is a SignedData.
type Message struct {
	Certificates []*x509.Certificate // that could be read
	Unreadable   int                 // certificates that could not
	CRLs         [][]byte            // DER
	Answers      [][]byte            // OCSP, DER
	Content      []byte              // encapsulated content; nil when detached
	Detached     bool                // no encapsulated content
	Signers      []*Signer
	Padding      []byte // bytes after the message; writers leave zeros

	contentType asn1.ObjectIdentifier
}

// Signer is one SignerInfo.
type Signer struct {
	Certificate *x509.Certificate // nil when the message does not contain it
	Digest      Hash
	Value       []byte // signature value
	Attributes  bool   // has signed attributes

	contentType asn1.ObjectIdentifier
	scheme      algorithm
	signed      []attribute
	signedDER   []byte // SET OF, as it is signed
	unsigned    []attribute
}

// attribute is one Attribute with its values, each an element in DER.
type attribute struct {
	oid    asn1.ObjectIdentifier
	values [][]byte
}

// algorithm is an AlgorithmIdentifier.
type algorithm struct {
	oid    asn1.ObjectIdentifier
	params cryptobyte.String
}

// Parse reads a SignedData in BER or DER. What follows it is Padding.
func Parse(b []byte) (*Message, error) {
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%d bytes: %w", len(b), ErrMalformed)
	}
	der, rest, err := toDER(b, 0)
	if err != nil {
		return nil, err
	}
	m := &Message{Padding: rest}
	if err := m.parse(der); err != nil {
		return nil, err
	}
	return m, nil
}

func malformed(what string) error { return fmt.Errorf("%s: %w", what, ErrMalformed) }

func (m *Message) parse(der cryptobyte.String) error {
	var info, inner, data cryptobyte.String
	var oid asn1.ObjectIdentifier
	if !der.ReadASN1(&info, tag.SEQUENCE) || !info.ReadASN1ObjectIdentifier(&oid) || !oid.Equal(oidSignedData) {
		return malformed("not SignedData")
	}
	if !info.ReadASN1(&inner, explicit(0)) || !inner.ReadASN1(&data, tag.SEQUENCE) {
		return malformed("SignedData")
	}
	var version int
	var digests, encap cryptobyte.String
	if !data.ReadASN1Integer(&version) || !data.ReadASN1(&digests, tag.SET) || !data.ReadASN1(&encap, tag.SEQUENCE) {
		return malformed("SignedData")
	}
	if err := m.parseContent(encap); err != nil {
		return err
	}
	if err := m.parseBags(&data); err != nil {
		return err
	}
	return m.parseSigners(data)
}

func explicit(n uint8) tag.Tag { return tag.Tag(n).Constructed().ContextSpecific() }

func (m *Message) parseContent(encap cryptobyte.String) error {
	if !encap.ReadASN1ObjectIdentifier(&m.contentType) {
		return malformed("content type")
	}
	var wrapped, octets cryptobyte.String
	var has bool
	if !encap.ReadOptionalASN1(&wrapped, &has, explicit(0)) || !encap.Empty() {
		return malformed("encapsulated content")
	}
	if m.Detached = !has; m.Detached {
		return nil
	}
	if !wrapped.ReadASN1(&octets, tag.OCTET_STRING) {
		return malformed("encapsulated content")
	}
	m.Content = append([]byte{}, octets...)
	return nil
}

// parseBags reads the optional certificates and CRLs.
func (m *Message) parseBags(data *cryptobyte.String) error {
	var certs, crls cryptobyte.String
	if !data.ReadOptionalASN1(&certs, nil, explicit(0)) || !data.ReadOptionalASN1(&crls, nil, explicit(1)) {
		return malformed("certificates")
	}
	for n := 0; !certs.Empty(); n++ {
		var one cryptobyte.String
		var kind tag.Tag
		if n == maxCertificates || !certs.ReadAnyASN1Element(&one, &kind) {
			return malformed("certificates")
		}
		cert, err := x509.ParseCertificate(one)
		if err != nil || kind != tag.SEQUENCE { // or another kind of certificate
			m.Unreadable++
			continue
		}
		m.Certificates = append(m.Certificates, cert)
	}
	for !crls.Empty() && len(m.CRLs)+len(m.Answers) < maxCRLs {
		var one cryptobyte.String
		var kind tag.Tag
		if !crls.ReadAnyASN1Element(&one, &kind) {
			return malformed("revocation lists")
		}
		m.addRevocation(one, kind)
	}
	return nil
}

// addRevocation keeps a RevocationInfoChoice: a list, or in another format an
// OCSP answer (RFC 5940, 2.1).
func (m *Message) addRevocation(one cryptobyte.String, kind tag.Tag) {
	if kind == tag.SEQUENCE {
		m.CRLs = append(m.CRLs, one)
		return
	}
	var other, answer cryptobyte.String
	var format asn1.ObjectIdentifier
	if one.ReadASN1(&other, explicit(1)) && other.ReadASN1ObjectIdentifier(&format) && format.Equal(oidOCSPFormat) &&
		other.ReadASN1Element(&answer, tag.SEQUENCE) {
		m.Answers = append(m.Answers, answer)
	}
}

func (m *Message) parseSigners(data cryptobyte.String) error {
	var set cryptobyte.String
	if !data.ReadASN1(&set, tag.SET) || !data.Empty() {
		return malformed("signers")
	}
	for !set.Empty() {
		var info cryptobyte.String
		if len(m.Signers) == 16 || !set.ReadASN1(&info, tag.SEQUENCE) {
			return malformed("signers")
		}
		s, err := m.parseSigner(info)
		if err != nil {
			return err
		}
		m.Signers = append(m.Signers, s)
	}
	return nil
}

func (m *Message) parseSigner(info cryptobyte.String) (*Signer, error) {
	s := &Signer{contentType: m.contentType}
	var version int
	if !info.ReadASN1Integer(&version) {
		return nil, malformed("signer version")
	}
	match, err := readSignerID(&info)
	if err != nil {
		return nil, err
	}
	for _, c := range m.Certificates {
		if match(c) {
			s.Certificate = c
			break
		}
	}
	digest, err := readAlgorithm(&info)
	if err != nil {
		return nil, err
	}
	if s.Digest, err = hashOf(digest.oid); err != nil {
		return nil, err
	}
	return s, s.parseRest(info)
}

// parseRest reads what follows the digest algorithm.
func (s *Signer) parseRest(info cryptobyte.String) error {
	var attrs, value cryptobyte.String
	var err error
	if !info.ReadOptionalASN1(&attrs, &s.Attributes, explicit(0)) {
		return malformed("signed attributes")
	}
	if s.Attributes {
		s.signedDER = element([]byte{0x31}, attrs)
		if s.signed, err = parseAttributes(attrs); err != nil {
			return err
		}
	}
	if s.scheme, err = readAlgorithm(&info); err != nil {
		return err
	}
	if !info.ReadASN1(&value, tag.OCTET_STRING) {
		return malformed("signature value")
	}
	s.Value = value
	var unsigned cryptobyte.String
	if !info.ReadOptionalASN1(&unsigned, nil, explicit(1)) || !info.Empty() {
		return malformed("unsigned attributes")
	}
	s.unsigned, err = parseAttributes(unsigned)
	return err
}

// readSignerID reads a SignerIdentifier and returns what tells its certificate.
func readSignerID(info *cryptobyte.String) (func(*x509.Certificate) bool, error) {
	var ski, pair, issuer cryptobyte.String
	var has bool
	if !info.ReadOptionalASN1(&ski, &has, tag.Tag(0).ContextSpecific()) {
		return nil, malformed("signer identifier")
	}
	if has {
		return func(c *x509.Certificate) bool { return bytes.Equal(c.SubjectKeyId, ski) && len(ski) > 0 }, nil
	}
	serial := new(big.Int)
	if !info.ReadASN1(&pair, tag.SEQUENCE) || !pair.ReadASN1Element(&issuer, tag.SEQUENCE) || !pair.ReadASN1Integer(serial) {
		return nil, malformed("signer identifier")
	}
	return func(c *x509.Certificate) bool {
		return bytes.Equal(c.RawIssuer, issuer) && c.SerialNumber.Cmp(serial) == 0
	}, nil
}

func readAlgorithm(from *cryptobyte.String) (algorithm, error) {
	var seq cryptobyte.String
	var a algorithm
	if !from.ReadASN1(&seq, tag.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&a.oid) {
		return a, malformed("algorithm")
	}
	a.params = seq
	return a, nil
}

func parseAttributes(set cryptobyte.String) ([]attribute, error) {
	var out []attribute
	for !set.Empty() {
		var seq, values cryptobyte.String
		var a attribute
		if len(out) == 64 || !set.ReadASN1(&seq, tag.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&a.oid) || !seq.ReadASN1(&values, tag.SET) {
			return nil, malformed("attributes")
		}
		for !values.Empty() {
			var v cryptobyte.String
			var kind tag.Tag
			if !values.ReadAnyASN1Element(&v, &kind) {
				return nil, malformed("attribute values")
			}
			a.values = append(a.values, v)
		}
		out = append(out, a)
	}
	return out, nil
}
