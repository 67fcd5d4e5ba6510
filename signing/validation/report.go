package validation

import (
	"io"
	"time"

	"sohoa"
)

// Indication is the outcome of a validation (ETSI EN 319 102-1, 5.1.2).
type Indication string

// The indications, and NoSignature for a file that carries none.
const (
	TotalPassed   Indication = "TOTAL-PASSED"
	Indeterminate Indication = "INDETERMINATE"
	TotalFailed   Indication = "TOTAL-FAILED"
	NoSignature   Indication = "NO-SIGNATURE"
)

// SubIndication says why a signature did not pass (EN 319 102-1, table 5).
type SubIndication string

// The sub-indications that are given.
const (
	FormatFailure         SubIndication = "FORMAT_FAILURE"
	HashFailure           SubIndication = "HASH_FAILURE"
	SigCryptoFailure      SubIndication = "SIG_CRYPTO_FAILURE"
	NotYetValid           SubIndication = "NOT_YET_VALID"
	Revoked               SubIndication = "REVOKED"
	RevokedNoPOE          SubIndication = "REVOKED_NO_POE"
	RevokedCANoPOE        SubIndication = "REVOKED_CA_NO_POE"
	TryLater              SubIndication = "TRY_LATER"
	SigConstraintsFailure SubIndication = "SIG_CONSTRAINTS_FAILURE"
	ChainConstraints      SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	CryptoConstraints     SubIndication = "CRYPTO_CONSTRAINTS_FAILURE"
	CryptoConstraintsPOE  SubIndication = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
	OutOfBoundsNoPOE      SubIndication = "OUT_OF_BOUNDS_NO_POE"
	NoSigningCertificate  SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
	NoCertificateChain    SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	SignedDataNotFound    SubIndication = "SIGNED_DATA_NOT_FOUND"
	GenericFailure        SubIndication = "GENERIC"
)

// Reason is one finding about a signature. Code and Args pick and fill the
// sentence for people; an empty Indication is a remark that decides nothing.
type Reason struct {
	Code       string        `json:"code"`
	Args       []string      `json:"args,omitempty"`
	Indication Indication    `json:"indication,omitempty"`
	Sub        SubIndication `json:"subIndication,omitempty"`
}

// Type tells what a signature field holds.
type Type string

// The types of signatures.
const (
	TypeSignature Type = "signature"
	TypeTimestamp Type = "document-timestamp"
)

// Kind says what sort of change a later revision made, from harmless to not
// permitted.
type Kind string

// The kinds of changes.
const (
	ChangeNone        Kind = "NONE"
	ChangeLTA         Kind = "LTA_UPDATES"  // validation evidence, document timestamps, metadata
	ChangeForm        Kind = "FORM_FILLING" // further signatures, values of fields
	ChangeAnnotations Kind = "ANNOTATIONS"
	ChangeOther       Kind = "OTHER"
)

// Change is one thing that a later revision changed.
type Change struct {
	Revision int      `json:"revision"` // 1-based, the revision that made it
	Kind     Kind     `json:"kind"`
	Code     string   `json:"code"` // picks the sentence, as Reason.Code
	Args     []string `json:"args,omitempty"`

	field    string // the signature or form field concerned
	class    class
	evidence bool // a document timestamp
}

// Coverage says which bytes a signature covers.
type Coverage struct {
	ByteRange []int64 `json:"byteRange"`
	WholeFile bool    `json:"wholeFile"`          // up to the end of the file
	Revision  int     `json:"revision,omitempty"` // 1-based: the revision that it covers; 0 when none
	Bytes     int64   `json:"bytes,omitempty"`    // length of that revision: the file's first bytes, whole; 0 when none
	GapOK     bool    `json:"gapOK"`              // only the signature's own Contents is left out
}

// Proof tells how the time of a signature is proven.
type Proof string

// The proofs of time. Without one the time of validation counts.
const (
	ProofNone      Proof = "none"
	ProofSignature Proof = "signature-timestamp"
	ProofDocument  Proof = "document-timestamp"
)

// Signature is what was found out about one signature or document timestamp.
type Signature struct {
	Field        string        `json:"field"`
	Type         Type          `json:"type"`
	SubFilter    string        `json:"subFilter"`
	Signer       string        `json:"signer"` // common name of the certificate's subject
	Organisation string        `json:"organisation,omitempty"`
	Issuer       string        `json:"issuer,omitempty"`
	Serial       string        `json:"serial,omitempty"` // hexadecimal
	Algorithm    string        `json:"algorithm,omitempty"`
	ClaimedTime  time.Time     `json:"claimedTime,omitzero"` // the signer's word
	ProofTime    time.Time     `json:"proofTime,omitzero"`   // the signature existed then, by a trusted timestamp
	Proof        Proof         `json:"proof"`
	Covers       Coverage      `json:"covers"`
	DigestOK     bool          `json:"digestOK"`        // the covered bytes are those that were signed
	SignatureOK  bool          `json:"signatureOK"`     // the signer's key made the signature
	Chain        []string      `json:"chain,omitempty"` // subjects, signer first, trust anchor last
	TrustedRoot  string        `json:"trustedRoot,omitempty"`
	TrustedWorld string        `json:"trustedWorld,omitempty"`
	Level        string        `json:"level,omitempty"`        // PAdES level reached: B-B, B-T, B-LT, B-LTA
	Certifies    int           `json:"certifies,omitempty"`    // DocMDP permission, 1 to 3; 0 is an approval signature
	Revocation   Revocation    `json:"revocation"`             // of the signer: not-checked, good, revoked or on-hold
	Certificates []Certificate `json:"certificates,omitempty"` // the chain to TrustedRoot, signer first
	Timestamps   []Timestamp   `json:"timestamps,omitempty"`   // of the signature
	Modification Kind          `json:"modification"`           // worst of Changes
	Changes      []Change      `json:"changes,omitempty"`
	Indication   Indication    `json:"indication"`
	Sub          SubIndication `json:"subIndication,omitempty"`
	Reasons      []Reason      `json:"reasons,omitempty"` // worst first
}

// Intact reports whether the signature is sound in itself, whoever made it: it
// covers a whole revision, the bytes are those that were signed, and the key
// of its certificate signed them. It says nothing about trust, nor about what
// came later.
func (s *Signature) Intact() bool {
	return s.Covers.Revision > 0 && s.Covers.GapOK && s.DigestOK && s.SignatureOK
}

// Signed is the revision that s covers, as it was signed: the first
// Covers.Bytes bytes of the file that r reads, which must be the one that was
// validated. It fails with verify.no-revision if s covers none.
func (s *Signature) Signed(r io.ReaderAt) (*io.SectionReader, error) {
	if s.Covers.Bytes == 0 {
		return nil, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "verify.no-revision", Args: []string{s.Field}}
	}
	return io.NewSectionReader(r, 0, s.Covers.Bytes), nil
}

// Signature is the last one in a field, or nil.
func (r *Report) Signature(field string) *Signature {
	for i := len(r.Signatures) - 1; i >= 0; i-- {
		if r.Signatures[i].Field == field {
			return &r.Signatures[i]
		}
	}
	return nil
}

// Report is what was found out about a file.
type Report struct {
	Size       int64       `json:"size"`
	Revisions  int         `json:"revisions"`
	CheckedAt  time.Time   `json:"checkedAt"`
	Conclusion Indication  `json:"conclusion"`          // worst of the signatures
	ProofUntil time.Time   `json:"proofUntil,omitzero"` // when the newest timestamp stops proving anything by itself; zero without one that counts
	Signatures []Signature `json:"signatures"`          // in the order of the revisions that they cover
}

// rank orders indications from good to bad.
func (i Indication) rank() int {
	switch i {
	case TotalPassed:
		return 1
	case Indeterminate:
		return 2
	case TotalFailed:
		return 3
	}
	return 0
}

// rank orders kinds from harmless to not permitted.
func (k Kind) rank() int {
	switch k {
	case ChangeLTA:
		return 1
	case ChangeForm:
		return 2
	case ChangeAnnotations:
		return 3
	case ChangeOther:
		return 4
	}
	return 0
}

// conclude sets the conclusion from the signatures.
func (r *Report) conclude() {
	r.Conclusion = NoSignature
	for i := range r.Signatures {
		if s := &r.Signatures[i]; s.Indication.rank() > r.Conclusion.rank() {
			r.Conclusion = s.Indication
		}
	}
}
