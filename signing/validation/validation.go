// Package validation checks the signatures of PDF files.
//
// It answers per signature, after ETSI EN 319 102-1, TOTAL-PASSED,
// INDETERMINATE or TOTAL-FAILED with the reason, in the sense of ISO 32000-2,
// 12.8 (signatures), EN 319 142 (PAdES) and RFC 3161 (timestamps). A signature
// passes only when all of these hold:
//
//   - its byte range is the whole of a revision but for its own Contents;
//   - the digest and the signature value are right, with one signer, signed
//     attributes and no content of the message's own;
//   - every later revision changed nothing but what a signature permits:
//     evidence, document timestamps, further signatures, and what a
//     certification names;
//   - a chain leads to a configured root at the time that is proven, by a
//     trusted timestamp or else now, with algorithms that were strong then.
//
// The system's certificate store is never used, nothing is fetched, and
// without roots nothing passes. Revocation is judged for every certificate that
// counts from evidence inside the file; without any, Certificate.Revocation says
// not-checked, and so does the text. The policy and its reasons are in docs/decisions/validation-policy.md.
//
// Foreign bytes cost bounded time and memory: the file is read where it lies,
// mostly once however many signatures it has, and its parsing is bounded by
// package pdfrev.
package validation

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"sohoa"
	"sohoa/signing/validation/pdfrev"
)

// maxSignatures bounds the signatures of one file.
const maxSignatures = 500

// Root is a trust anchor. World names the realm of trust that it stands for,
// e.g. "public-service", "national" or the file that it came from.
type Root struct {
	World          string
	Certificate    *x509.Certificate
	TimestampsOnly bool // trusted to say when, not who
}

// Options say what to trust. The zero value trusts nobody: then the outcome is
// at best INDETERMINATE.
type Options struct {
	Roots         []Root
	Intermediates []*x509.Certificate // help to find chains; they are not trusted
	Now           time.Time           // the time of validation; zero is time.Now
	Policy        *Policy             // nil is DefaultPolicy
}

// validator is one validation.
type validator struct {
	opts struct {
		Roots  []Root
		Policy Policy
	}
	now        time.Time
	roots      *x509.CertPool
	stampRoots *x509.CertPool // for timestamps
	between    *x509.CertPool
	file       *pdfrev.File
	hasher     hasher
	forms      []*form // of each revision
	found      []*found
	changes    [][]Change // made by each revision
	ambiguous  []bool     // each revision that can be read in several ways
	evidence   evidence
	existences []existence // proven so far
}

// Validate checks every signature of a PDF of size bytes. Whatever is wrong
// with a signature is in the report; the error, a *sohoa.Problem, is for
// what cannot be read: verify.not-pdf, verify.too-large, verify.too-complex,
// pdf.damaged, pdf.encrypted; or it is r's or ctx's. It is safe for concurrent use.
func Validate(ctx context.Context, r io.ReaderAt, size int64, opts Options) (report *Report, err error) {
	defer func() {
		if p := recover(); p != nil {
			report, err = nil, damaged(fmt.Errorf("panic: %v", p))
		}
	}()
	if size > sohoa.MaxVerifyBytes {
		return nil, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "verify.too-large", Args: []string{strconv.Itoa(sohoa.MaxVerifyBytes >> 20)}}
	}
	limited, cancel := context.WithTimeout(ctx, sohoa.MaxOpenTime)
	defer cancel()
	v := newValidator(opts)
	if err := v.readFailure(v.run(limited, r, size)); err != nil {
		return nil, unreadable(ctx, err)
	}
	return v.report(), nil
}

// readFailure is the failure of reading the file, if there was one, else err:
// what was found after it is not to be relied on.
func (v *validator) readFailure(err error) error {
	if v.file != nil && v.file.Failed() != nil {
		return v.file.Failed()
	}
	return err
}

// unreadable is what people are told when err ended a validation.
func unreadable(ctx context.Context, err error) error {
	var known *sohoa.Problem
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("validate: %w", ctx.Err())
	case errors.Is(err, pdfrev.ErrRead):
		return fmt.Errorf("validate: %w", err)
	case errors.As(err, &known):
		return known
	case errors.Is(err, pdfrev.ErrNotPDF):
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "verify.not-pdf"}
	case errors.Is(err, pdfrev.ErrBound), errors.Is(err, context.DeadlineExceeded):
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "verify.too-complex", Detail: err.Error()}
	}
	return damaged(err)
}

func damaged(err error) *sohoa.Problem {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.damaged", Detail: err.Error()}
}

func newValidator(opts Options) *validator {
	v := &validator{now: opts.Now, roots: x509.NewCertPool(), stampRoots: x509.NewCertPool(), between: x509.NewCertPool()}
	if v.now.IsZero() {
		v.now = time.Now()
	}
	v.opts.Roots, v.opts.Policy = opts.Roots, DefaultPolicy()
	if opts.Policy != nil {
		v.opts.Policy = *opts.Policy
	}
	for _, r := range opts.Roots {
		if r.Certificate == nil {
			continue
		}
		v.stampRoots.AddCert(r.Certificate)
		if !r.TimestampsOnly {
			v.roots.AddCert(r.Certificate)
		}
	}
	for _, c := range opts.Intermediates {
		v.between.AddCert(c)
	}
	return v
}

// run does the steps in order: structure, bytes, changes, trust.
func (v *validator) run(ctx context.Context, r io.ReaderAt, size int64) error {
	var err error
	if v.file, err = pdfrev.Open(ctx, r, size); err != nil {
		return err
	}
	v.hasher = hasher{file: v.file, running: map[crypto.Hash]*prefix{}}
	if v.file.Encrypted {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.encrypted"}
	}
	if v.file.View(len(v.file.Revisions)-1).Root() == nil {
		return fmt.Errorf("no document catalogue: %w", pdfrev.ErrDamaged)
	}
	if err := v.collect(ctx); err != nil || len(v.found) == 0 {
		return err
	}
	for _, s := range v.found {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.checkCoverage(s)
		if err := v.checkCryptography(ctx, s); err != nil {
			return err
		}
	}
	if err := v.compare(ctx); err != nil {
		return err
	}
	v.readEvidence()
	for _, c := range v.evidence.certificates {
		v.between.AddCert(c)
	}
	if err := v.checkTrust(ctx); err != nil {
		return err
	}
	for _, s := range v.found {
		v.judgeChanges(s)
		v.level(s)
		s.settle()
	}
	return nil
}

func (v *validator) report() *Report {
	r := &Report{Size: v.file.Size(), Revisions: len(v.file.Revisions), CheckedAt: v.now.UTC(), Signatures: []Signature{}}
	for _, s := range v.found {
		r.Signatures = append(r.Signatures, *s.Signature)
	}
	r.conclude()
	r.ProofUntil = v.proofEnd().UTC()
	return r
}
