package ingest

import (
	"context"
	"crypto/x509"
	"io"

	"sohoa/signing"
	"sohoa/signing/evidence"
	"sohoa/signing/validation"
)

// Signing is what signatures on kept documents are made with. Every field is
// optional; without any of them only whoever brings a value themselves signs,
// to B-B.
type Signing struct {
	Stamper       signing.Stamper     // without it no timestamp is asked for
	Keys          Keys                // of users, that this server reaches
	Roots         []validation.Root   // what certificates must lead to that people bring themselves
	Certificates  Certificates        // by which users are known; without it by the name in their certificate
	Images        Images              // that marks show
	Level         signing.Level       // of documents that everybody has signed; "" is B-T with a Stamper
	Evidence      *evidence.Collector // for B-LT and B-LTA
	OperatorFirst bool                // whoever digitised a paper signs it before the office does (TT 01/2023/TT-VPCP, Article 8.1)
	PublicURL     string              // where marks send people to look a document up; "" shows no code
}

// Keys are the keys of users that this server reaches: files, tokens, remote
// services. Implementations are safe for concurrent use.
type Keys interface {
	// KeyOf describes the key of a user; sohoa.ErrNotExist without one.
	KeyOf(ctx context.Context, user string) (SignerKey, error)
	// Open opens the key of a user for signing. A wrong PIN is a Problem. To
	// collect what a remote service has for a ticket, it is opened without.
	Open(ctx context.Context, user, pin string) (signing.Signatory, io.Closer, error)
}

// Certificates are those by which users are known.
type Certificates interface {
	// CertificateOf returns the one certificate that a user signs with, or
	// sohoa.ErrNotExist.
	CertificateOf(ctx context.Context, user string) (*x509.Certificate, error)
}
