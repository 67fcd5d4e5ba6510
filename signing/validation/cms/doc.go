// Package cms reads and checks the CMS messages of PDF signatures and RFC 3161
// timestamps: RFC 5652 SignedData, RFC 5035 certificate binding, RFC 3161
// tokens.
//
// It says what a message contains and whether its signature is right; whether
// the certificate is trusted, and whether the algorithms are strong enough, is
// for the caller. It is strict where laxness has been used in attacks: what is
// signed, which certificate signed, and which digest is meant are unambiguous
// or an error. BER is accepted where DER is required, since writers use it,
// and is converted first.
//
// Work is bounded: messages by MaxBytes, nesting by maxDepth, certificates by
// maxCertificates. Values are read-only and safe for concurrent use.
package cms

import (
	"encoding/asn1"
	"errors"
)

// MaxBytes bounds a message.
const MaxBytes = 16 << 20

const (
	maxDepth        = 48
	maxCertificates = 100
	maxCRLs         = 100
)

// Errors of messages.
var (
	ErrMalformed   = errors.New("malformed CMS")
	ErrUnsupported = errors.New("unsupported algorithm")
	ErrSignature   = errors.New("signature does not verify")
	ErrBinding     = errors.New("certificate is not the one that the signer bound")
)

// Content types and attributes.
var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}

	oidContentType    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningTime    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidSigningCert    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimestampToken = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidRevocationVals = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 24}
	oidAdobeArchival  = asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}
	oidOCSPFormat     = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 16, 2}
)
