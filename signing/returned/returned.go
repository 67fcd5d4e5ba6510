// Package returned judges PDFs that were sent out to be signed, whole, and
// came back: the way of the state's token tool, which takes a document by a
// one-time address and gives it back signed.
//
// A returned file is accepted only if all of this holds:
//
//   - The document that was sent is its exact beginning.
//   - What was added has exactly one signature, over the whole of it, which
//     passes by ETSI EN 319 102-1 with the roots that are given. A timestamp
//     inside the signature belongs to it.
//   - It is by a certificate that was expected.
//   - It is an approval, without a lock: where another signature was possible
//     before, one is possible after it.
//   - Nothing else changed: no page, annotation, form field, script or
//     description. The mark of the signature may stand on a page, and evidence
//     (DSS) may be added, beside or behind the signature. Programs that save a
//     file change its date, its producer and its XMP packet; that is permitted
//     in the revision that is signed.
//
// Every other file is refused with a Problem whose code begins with
// "returned.". The returned file is foreign: it costs bounded time and memory
// (sohoa.MaxVerifyBytes, sohoa.MaxReturnedBytes, sohoa.MaxOpenTime a step).
package returned

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"sohoa"
	"sohoa/signing/validation"
)

// File is a PDF that is read in place. It must not change meanwhile.
type File struct {
	io.ReaderAt
	Size int64 // bytes
}

// Expected says whose signature is expected, and what it is checked with. At
// least one certificate or one part of Subject is needed.
type Expected struct {
	Certificates  []*x509.Certificate // one of these signs
	Subject       Subject             // without certificates: what the signer's certificate says
	Roots         []validation.Root   // what its chain must lead to
	Intermediates []*x509.Certificate // help to find the chain
	Now           time.Time           // of the check; zero is time.Now
}

// Accepted is a returned file that is what was expected.
type Accepted struct {
	Signature   validation.Signature // the new one
	Certificate *x509.Certificate    // of the signer
	Changes     []validation.Change  // that were made and are permitted
	Report      *validation.Report   // on the whole file
}

// Check judges the file that came back for the one that was sent. The error is
// a *sohoa.Problem that says why it is not accepted, or it is ctx's or that of
// a reader. It is safe for concurrent use.
func Check(ctx context.Context, sent, back File, want Expected) (*Accepted, error) {
	if len(want.Certificates) == 0 && want.Subject == (Subject{}) {
		return nil, errors.New("check a returned file: nobody is expected")
	}
	if err := checkSize(sent, back); err != nil {
		return nil, err
	}
	if err := checkPrefix(ctx, sent, back); err != nil {
		return nil, err
	}
	c := &check{sent: sent, back: back, want: want}
	for _, step := range []func(context.Context) error{c.findSignature, c.checkChanges, c.checkSigner, c.checkVerdict, c.checkFollowers} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return &c.Accepted, nil
}

// check is one check.
type check struct {
	sent, back File
	want       Expected
	Accepted
}

// findSignature finds the one signature that was added.
func (c *check) findSignature(ctx context.Context) error {
	options := validation.Options{Roots: c.want.Roots, Intermediates: c.want.Intermediates, Now: c.want.Now}
	before, err := validation.Validate(ctx, c.sent, c.sent.Size, validation.Options{Now: c.want.Now})
	if err != nil {
		return unreadable(ctx, err)
	}
	if c.Report, err = validation.Validate(ctx, c.back, c.back.Size, options); err != nil {
		return unreadable(ctx, err)
	}
	var added []validation.Signature
	for _, s := range c.Report.Signatures {
		if !slices.ContainsFunc(before.Signatures, func(b validation.Signature) bool { return same(b, s) }) {
			added = append(added, s)
		}
	}
	switch {
	case len(added) == 0:
		return problem(sohoa.ErrInvalid, "returned.unsigned")
	case len(added) > 1:
		return problem(sohoa.ErrInvalid, "returned.several", strconv.Itoa(len(added)))
	case added[0].Type != validation.TypeSignature:
		return problem(sohoa.ErrInvalid, "returned.timestamp")
	}
	c.Signature = added[0]
	return nil
}

// same reports whether a signature is the one that was there before.
func same(a, b validation.Signature) bool {
	return a.Field == b.Field && a.Type == b.Type && slices.Equal(a.Covers.ByteRange, b.Covers.ByteRange)
}

// unreadable is what err from reading a file means.
func unreadable(ctx context.Context, err error) error {
	var known *sohoa.Problem
	if ctx.Err() != nil || !errors.As(err, &known) {
		return err
	}
	if errors.Is(known, sohoa.ErrTooLarge) {
		return known
	}
	return detailed(sohoa.ErrInvalid, "returned.unreadable", known)
}

// problem makes a Problem.
func problem(kind error, code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: kind, Code: code, Args: args}
}

// detailed is problem with err as detail for operators.
func detailed(kind error, code string, err error, args ...string) *sohoa.Problem {
	p := problem(kind, code, args...)
	p.Detail = err.Error()
	return p
}
