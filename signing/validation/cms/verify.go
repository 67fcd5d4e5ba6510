package cms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	_ "crypto/md5" // to say that a signature is right and its digest is broken
	"crypto/rsa"
	_ "crypto/sha1"
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"
)

// Hash is a digest algorithm with the name that reports use.
type Hash struct {
	Func crypto.Hash
	Name string
}

// Sum is the digest of b.
func (h Hash) Sum(b ...[]byte) []byte {
	w := h.Func.New()
	for _, part := range b {
		w.Write(part)
	}
	return w.Sum(nil)
}

var hashes = map[string]Hash{
	"1.2.840.113549.2.5":      {crypto.MD5, "MD5"},
	"1.3.14.3.2.26":           {crypto.SHA1, "SHA-1"},
	"2.16.840.1.101.3.4.2.4":  {crypto.SHA224, "SHA-224"},
	"2.16.840.1.101.3.4.2.1":  {crypto.SHA256, "SHA-256"},
	"2.16.840.1.101.3.4.2.2":  {crypto.SHA384, "SHA-384"},
	"2.16.840.1.101.3.4.2.3":  {crypto.SHA512, "SHA-512"},
	"2.16.840.1.101.3.4.2.8":  {crypto.SHA3_256, "SHA3-256"},
	"2.16.840.1.101.3.4.2.9":  {crypto.SHA3_384, "SHA3-384"},
	"2.16.840.1.101.3.4.2.10": {crypto.SHA3_512, "SHA3-512"},
}

func hashOf(oid asn1.ObjectIdentifier) (Hash, error) {
	h, ok := hashes[oid.String()]
	if !ok || !h.Func.Available() {
		return Hash{}, fmt.Errorf("digest %v: %w", oid, ErrUnsupported)
	}
	return h, nil
}

// scheme is what a signature algorithm identifier says.
type scheme struct {
	family string // "RSA", "PSS", "ECDSA", "Ed25519"
	digest string // OID it implies, or ""
}

var schemes = map[string]scheme{
	"1.2.840.113549.1.1.1":    {"RSA", ""},
	"1.2.840.113549.1.1.4":    {"RSA", "1.2.840.113549.2.5"},
	"1.2.840.113549.1.1.5":    {"RSA", "1.3.14.3.2.26"},
	"1.3.14.3.2.29":           {"RSA", "1.3.14.3.2.26"},
	"1.2.840.113549.1.1.14":   {"RSA", "2.16.840.1.101.3.4.2.4"},
	"1.2.840.113549.1.1.11":   {"RSA", "2.16.840.1.101.3.4.2.1"},
	"1.2.840.113549.1.1.12":   {"RSA", "2.16.840.1.101.3.4.2.2"},
	"1.2.840.113549.1.1.13":   {"RSA", "2.16.840.1.101.3.4.2.3"},
	"2.16.840.1.101.3.4.3.14": {"RSA", "2.16.840.1.101.3.4.2.8"},
	"2.16.840.1.101.3.4.3.15": {"RSA", "2.16.840.1.101.3.4.2.9"},
	"2.16.840.1.101.3.4.3.16": {"RSA", "2.16.840.1.101.3.4.2.10"},
	"1.2.840.113549.1.1.10":   {"PSS", ""},
	"1.2.840.10045.2.1":       {"ECDSA", ""},
	"1.2.840.10045.4.1":       {"ECDSA", "1.3.14.3.2.26"},
	"1.2.840.10045.4.3.1":     {"ECDSA", "2.16.840.1.101.3.4.2.4"},
	"1.2.840.10045.4.3.2":     {"ECDSA", "2.16.840.1.101.3.4.2.1"},
	"1.2.840.10045.4.3.3":     {"ECDSA", "2.16.840.1.101.3.4.2.2"},
	"1.2.840.10045.4.3.4":     {"ECDSA", "2.16.840.1.101.3.4.2.3"},
	"2.16.840.1.101.3.4.3.10": {"ECDSA", "2.16.840.1.101.3.4.2.8"},
	"2.16.840.1.101.3.4.3.11": {"ECDSA", "2.16.840.1.101.3.4.2.9"},
	"2.16.840.1.101.3.4.3.12": {"ECDSA", "2.16.840.1.101.3.4.2.10"},
	"1.3.101.112":             {"Ed25519", ""},
}

// Algorithm names the signature algorithm for reports, e.g. "RSA-2048
// SHA-256", or its OID when it is unknown.
func (s *Signer) Algorithm() string {
	known, ok := schemes[s.scheme.oid.String()]
	if !ok {
		return s.scheme.oid.String()
	}
	name := known.family
	if bits := s.KeyBits(); bits > 0 {
		name = fmt.Sprintf("%s-%d", name, bits)
	}
	return name + " " + s.Digest.Name
}

// KeyBits is the size of the certificate's key, or 0 when it is unknown.
func (s *Signer) KeyBits() int {
	if s.Certificate == nil {
		return 0
	}
	switch k := s.Certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		return k.N.BitLen()
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return 256
	}
	return 0
}

// Verify checks the signature value with Certificate's key: over the signed
// attributes, or over the content that the parts make together when there are
// none. It does not compare the message digest. It fails with ErrSignature or
// ErrUnsupported.
func (s *Signer) Verify(content ...[]byte) error {
	if s.Certificate == nil {
		return fmt.Errorf("no certificate: %w", ErrSignature)
	}
	if s.Attributes {
		content = [][]byte{s.signedDER}
	}
	known, ok := schemes[s.scheme.oid.String()]
	if !ok {
		return fmt.Errorf("signature algorithm %v: %w", s.scheme.oid, ErrUnsupported)
	}
	hash, opts, err := s.digestFor(known)
	if err != nil {
		return err
	}
	if known.family == "Ed25519" {
		return s.verifyEd25519(content)
	}
	return s.verifyDigest(known.family, hash, opts, hash.Sum(content...))
}

// VerifyDigest is Verify where only the content's digest, by Digest, is at hand.
// Ed25519 without signed attributes needs the content: that is ErrUnsupported.
func (s *Signer) VerifyDigest(digest []byte) error {
	known, ok := schemes[s.scheme.oid.String()]
	if s.Attributes || s.Certificate == nil || !ok {
		return s.Verify()
	}
	hash, opts, err := s.digestFor(known)
	if err != nil {
		return err
	}
	if known.family == "Ed25519" || hash != s.Digest {
		return fmt.Errorf("%s without signed attributes: %w", known.family, ErrUnsupported)
	}
	return s.verifyDigest(known.family, hash, opts, digest)
}

// CheckSignature checks a signature value over signed with cert's key, as
// certificates, revocation lists and OCSP answers are signed: algorithm is an
// AlgorithmIdentifier in DER. It returns the digest that was used, and fails
// with ErrMalformed, ErrUnsupported or ErrSignature.
func CheckSignature(cert *x509.Certificate, algorithm, signed, value []byte) (Hash, error) {
	input := cryptobyte.String(algorithm)
	a, err := readAlgorithm(&input)
	if err != nil {
		return Hash{}, err
	}
	known, ok := schemes[a.oid.String()]
	if !ok {
		return Hash{}, fmt.Errorf("signature algorithm %v: %w", a.oid, ErrUnsupported)
	}
	s := &Signer{Certificate: cert, Value: value, Attributes: true, signedDER: signed, scheme: a, Digest: hashes[known.digest]}
	if known.digest == "" && known.family != "PSS" && known.family != "Ed25519" {
		return Hash{}, fmt.Errorf("signature without a digest: %w", ErrUnsupported)
	}
	hash, _, err := s.digestFor(known)
	if err != nil {
		return Hash{}, err
	}
	return hash, s.Verify()
}

// digestFor is the digest that the signature is over. The algorithm that the
// scheme implies must be the one that the signer announced.
func (s *Signer) digestFor(known scheme) (Hash, *rsa.PSSOptions, error) {
	if known.family == "PSS" {
		return pss(s.scheme.params)
	}
	if known.digest == "" {
		return s.Digest, nil, nil
	}
	implied := hashes[known.digest]
	if implied != s.Digest {
		return Hash{}, nil, fmt.Errorf("signed with %s, announced %s: %w", implied.Name, s.Digest.Name, ErrSignature)
	}
	return implied, nil, nil
}

func (s *Signer) verifyDigest(family string, hash Hash, opts *rsa.PSSOptions, digest []byte) error {
	ok := false
	switch key := s.Certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		if key.E > 1<<31-1 || key.N.BitLen() < 1024 { // crypto/rsa refuses these
			return fmt.Errorf("RSA key of %d bits, exponent %d: %w", key.N.BitLen(), key.E, ErrUnsupported)
		}
		if family == "PSS" {
			ok = rsa.VerifyPSS(key, hash.Func, digest, s.Value, opts) == nil
		} else if family == "RSA" {
			ok = rsa.VerifyPKCS1v15(key, hash.Func, digest, s.Value) == nil
		}
	case *ecdsa.PublicKey:
		ok = family == "ECDSA" && ecdsa.VerifyASN1(key, digest, s.Value)
	default:
		return fmt.Errorf("key %T: %w", key, ErrUnsupported)
	}
	if !ok {
		return ErrSignature
	}
	return nil
}

func (s *Signer) verifyEd25519(content [][]byte) error {
	key, ok := s.Certificate.PublicKey.(ed25519.PublicKey)
	var message []byte
	for _, part := range content {
		message = append(message, part...)
	}
	if !ok || !ed25519.Verify(key, message, s.Value) {
		return ErrSignature
	}
	return nil
}

// pss reads RSASSA-PSS-params (RFC 4055, 3.1).
func pss(params cryptobyte.String) (Hash, *rsa.PSSOptions, error) {
	sha1 := Hash{crypto.SHA1, "SHA-1"}
	hash, mgf, salt := sha1, sha1, 20
	var seq, field cryptobyte.String
	var has bool
	var err error
	if !params.ReadASN1(&seq, tag.SEQUENCE) || !seq.ReadOptionalASN1(&field, &has, explicit(0)) {
		return hash, nil, malformed("PSS parameters")
	}
	if has {
		if hash, err = readHash(&field); err != nil {
			return hash, nil, err
		}
	}
	if !seq.ReadOptionalASN1(&field, &has, explicit(1)) {
		return hash, nil, malformed("PSS parameters")
	}
	if has {
		a, err := readAlgorithm(&field)
		if err != nil {
			return hash, nil, err
		}
		if mgf, err = readHash(&a.params); err != nil {
			return hash, nil, err
		}
	}
	if !seq.ReadOptionalASN1(&field, &has, explicit(2)) || has && !field.ReadASN1Integer(&salt) {
		return hash, nil, malformed("PSS parameters")
	}
	if mgf != hash || salt < 0 || salt > 512 {
		return hash, nil, fmt.Errorf("PSS with MGF1 over %s and %s, salt %d: %w", mgf.Name, hash.Name, salt, ErrUnsupported)
	}
	// A salt of 0 is rsa.PSSSaltLengthAuto, which accepts it.
	return hash, &rsa.PSSOptions{SaltLength: salt, Hash: hash.Func}, nil
}

func readHash(from *cryptobyte.String) (Hash, error) {
	a, err := readAlgorithm(from)
	if err != nil {
		return Hash{}, err
	}
	return hashOf(a.oid)
}
