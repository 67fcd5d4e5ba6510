package validation

import (
	"crypto/x509"
	"strings"
	"time"

	"sohoa"
)

// Revocation tells what is known about the revocation of a certificate at the
// time that counts for it.
type Revocation string

// RevocationNotChecked is an openly stated limit: no evidence that counts was
// found, so the certificate may have been revoked.
const (
	RevocationNotChecked Revocation = "not-checked"
	RevocationGood       Revocation = "good"     // evidence inside the file says so
	RevocationRevoked    Revocation = "revoked"  // evidence inside the file says so
	RevocationOnHold     Revocation = "on-hold"  // evidence inside the file says so
	RevocationOutdated   Revocation = "outdated" // evidence inside the file says that it was good earlier
	RevocationNoCheck    Revocation = "no-check" // a responder whose issuer asks not to check it (RFC 6960, 4.2.2.2.1)
	RevocationAnchor     Revocation = "anchor"   // trusted by configuration; nothing speaks about it
)

// settled reports whether the certificate may be relied on.
func (r Revocation) settled() bool {
	return r == RevocationGood || r == RevocationNoCheck || r == RevocationAnchor
}

// Certificate is one that was relied on, and what is known about it.
type Certificate struct {
	Subject      string     `json:"subject"`
	Organisation string     `json:"organisation,omitempty"`
	Issuer       string     `json:"issuer"`
	Serial       string     `json:"serial"` // hexadecimal
	NotBefore    time.Time  `json:"notBefore"`
	NotAfter     time.Time  `json:"notAfter"`
	SHA256       string     `json:"sha256"` // of its DER, hexadecimal
	Revocation   Revocation `json:"revocation"`
	RevokedAt    time.Time  `json:"revokedAt,omitzero"` // may be later than the time that counts: then it was good
	Evidence     *Evidence  `json:"evidence,omitempty"` // what Revocation rests on
	Ignored      []Reason   `json:"ignored,omitempty"`  // why other evidence about it does not count
}

// describeCertificate fills in what a certificate says of itself.
func describeCertificate(c *x509.Certificate) Certificate {
	out := Certificate{Subject: displayName(c), Organisation: strings.Join(c.Subject.Organization, ", "),
		Issuer: c.Issuer.CommonName, NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
		SHA256: sohoa.Sum(c.Raw).String(), Revocation: RevocationNotChecked}
	if c.SerialNumber != nil {
		out.Serial = c.SerialNumber.Text(16)
	}
	return out
}

// Kinds of evidence.
const (
	EvidenceOCSP = "ocsp"
	EvidenceCRL  = "crl"
)

// Place tells where in the file a piece of evidence is.
type Place string

// The places of evidence.
const (
	PlaceStore     Place = "dss"       // the document security store, its VRI included
	PlaceSignature Place = "signature" // the message of a signature, e.g. Adobe's attribute
	PlaceTimestamp Place = "timestamp" // the message of a timestamp
)

// Evidence is an OCSP answer or a revocation list that was used.
type Evidence struct {
	Kind       string       `json:"kind"` // "ocsp" or "crl"
	Place      Place        `json:"place"`
	Revision   int          `json:"revision"` // 1-based: the first one that has it
	SHA256     string       `json:"sha256"`   // of its DER, hexadecimal
	ProducedAt time.Time    `json:"producedAt"`
	ThisUpdate time.Time    `json:"thisUpdate"`
	NextUpdate time.Time    `json:"nextUpdate,omitzero"`
	ProvenAt   time.Time    `json:"provenAt,omitzero"`   // it existed then, by a document timestamp
	Issuer     string       `json:"issuer"`              // who signed it
	Responder  *Certificate `json:"responder,omitempty"` // of an answer that the issuer did not sign itself
}

// Timestamp is what was found out about a timestamp of a signature.
type Timestamp struct {
	Time         time.Time     `json:"time"`
	Authority    string        `json:"authority"` // common name of the unit's certificate
	Organisation string        `json:"organisation,omitempty"`
	Serial       string        `json:"serial"` // of the token, hexadecimal
	Algorithm    string        `json:"algorithm"`
	Trusted      bool          `json:"trusted"` // its time counts
	TrustedRoot  string        `json:"trustedRoot,omitempty"`
	TrustedWorld string        `json:"trustedWorld,omitempty"`
	ExistedAt    time.Time     `json:"existedAt,omitzero"` // the timestamp itself existed then, by a document timestamp
	Certificates []Certificate `json:"certificates,omitempty"`
	Reasons      []Reason      `json:"reasons,omitempty"`

	hash string // name of its imprint's hash
}
