package signing

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"time"

	"github.com/digitorus/timestamp"

	"sohoa"
)

// Stamper gets RFC 3161 timestamps. A TSA is one.
type Stamper interface {
	// Stamp returns a token over digest, a SHA-256. It returns only tokens
	// that it checked, and a Problem when it has none.
	Stamp(ctx context.Context, digest []byte) (token []byte, err error)
}

// Completed is a signature that was made: the bytes to append to the document
// that was prepared.
type Completed struct {
	Result
	Tail []byte

	prepared *Prepared
}

// Complete turns the signature value over p.Digest into a signature. The value
// is checked first; one that does not verify is the Problem sign.self-check.
// ECDSA values may be DER or the two halves that tokens give.
//
// Where p.Level asks for a timestamp, tsa is asked for one. Without an answer
// the signature is complete all the same, as B-B, with TimestampProblem set;
// AddTimestamp adds the timestamp later. Only when ctx itself has ended is
// there an error instead. For B-LT and B-LTA, Extend goes on from there.
func Complete(ctx context.Context, p *Prepared, value []byte, tsa Stamper) (*Completed, error) {
	if time.Now().After(p.Expires) {
		return nil, problem(sohoa.ErrConflict, "sign.expired")
	}
	s := signature{algorithm: p.Algorithm, attributes: p.Attributes}
	var err error
	if s.certs, err = p.parsed(); err != nil {
		return nil, fmt.Errorf("complete a signature: %w", err)
	}
	if s.value, err = p.Algorithm.Verify(s.certs[0].PublicKey, p.Digest(), value); err != nil {
		return nil, detailed(sohoa.ErrVerification, "sign.self-check", err)
	}
	c := &Completed{prepared: p, Result: Result{Level: LevelB, Field: p.Field}}
	if p.Level != LevelB {
		c.stamp(ctx, &s, tsa)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("complete a signature: %w", err)
	}
	return c, c.embed(s)
}

// parsed returns the signer's certificate and its chain.
func (p *Prepared) parsed() ([]*x509.Certificate, error) {
	certs := p.certs
	if certs != nil {
		return certs, nil
	}
	for _, der := range p.Certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certs = append(certs, c)
	}
	if len(certs) == 0 {
		return nil, errors.New("no certificate")
	}
	return certs, nil
}

// stamp adds a timestamp to s, or notes why there is none.
func (c *Completed) stamp(ctx context.Context, s *signature, tsa Stamper) {
	token, at, err := stampValue(ctx, tsa, s.value)
	if err != nil {
		c.TimestampProblem = sohoa.AsProblem(err)
		return
	}
	withToken := *s
	withToken.token = token
	if der, err := withToken.cms(); err != nil || len(der) > c.prepared.Reserve {
		c.TimestampProblem = problem(sohoa.ErrTooLarge, "sign.reserve")
		return
	}
	s.token, c.TimestampTime, c.Level = token, at, LevelT
}

// stampValue gets a timestamp over a signature value.
func stampValue(ctx context.Context, tsa Stamper, value []byte) ([]byte, time.Time, error) {
	digest := sha256.Sum256(value)
	return stampDigest(ctx, tsa, digest[:])
}

// stampDigest gets a timestamp over a SHA-256.
func stampDigest(ctx context.Context, tsa Stamper, digest []byte) ([]byte, time.Time, error) {
	if tsa == nil {
		return nil, time.Time{}, problem(sohoa.ErrInvalid, "sign.no-tsa")
	}
	token, err := tsa.Stamp(ctx, digest)
	if err != nil {
		return nil, time.Time{}, err
	}
	var ts *timestamp.Timestamp
	err = guard(func() (err error) {
		ts, err = timestamp.Parse(token)
		return err
	})
	if err != nil {
		return nil, time.Time{}, detailed(sohoa.ErrVerification, "sign.tsa-answer", err, "")
	}
	return token, ts.Time, nil
}

// embed writes the CMS object into the hole.
func (c *Completed) embed(s signature) error {
	der, err := s.cms()
	if err != nil {
		return fmt.Errorf("complete a signature: %w", err)
	}
	c.Tail, err = c.prepared.tail(der)
	c.Size = c.prepared.BaseSize + int64(len(c.Tail))
	return err
}

// tail is the revision with der in its hole.
func (p *Prepared) tail(der []byte) ([]byte, error) {
	if len(der) > p.Reserve {
		return nil, problem(sohoa.ErrTooLarge, "sign.reserve")
	}
	hole := make([]byte, 2*p.Reserve)
	for i := hex.Encode(hole, der); i < len(hole); i++ {
		hole[i] = '0'
	}
	tail := make([]byte, 0, len(p.Before)+len(hole)+len(p.After))
	return append(append(append(tail, p.Before...), hole...), p.After...), nil
}

// Write writes the signed document to dst: the bytes of pdf, which must be
// what was prepared, and the tail. A document that changed meanwhile is found
// only after its bytes were written; dst must then be thrown away.
func (c *Completed) Write(ctx context.Context, dst io.Writer, pdf io.ReaderAt) error {
	base := withContext(ctx, io.NewSectionReader(pdf, 0, c.prepared.BaseSize))
	same, err := c.prepared.copy(dst, base)
	if err != nil {
		return fmt.Errorf("copy the document: %w", err)
	}
	if !same {
		return detailed(sohoa.ErrConflict, "sign.changed", errChanged)
	}
	if _, err := dst.Write(c.Tail); err != nil {
		return fmt.Errorf("append the signature: %w", err)
	}
	return nil
}

// copy copies the document and reports whether it is the one that was prepared.
func (p *Prepared) copy(dst io.Writer, base io.Reader) (bool, error) {
	if p.seen != nil {
		var quick maphash.Hash
		quick.SetSeed(p.seen.seed)
		_, err := io.Copy(io.MultiWriter(dst, &quick), base)
		return quick.Sum64() == p.seen.sum, err
	}
	h := sha256.New()
	_, err := io.Copy(io.MultiWriter(dst, h), base)
	return sohoa.Digest(h.Sum(nil)) == p.BaseDigest, err
}

// Sign signs the size bytes in pdf with key and writes the signed document to
// dst. It is Prepare, Complete, Extend and Write in a row; nothing is written
// before the signature is made. It reads pdf twice, for B-LTA three times.
func Sign(ctx context.Context, pdf io.ReaderAt, size int64, dst io.Writer, key *Key, req Request, tsa Stamper) (Result, error) {
	if req.Time.IsZero() {
		req.Time = time.Now()
	}
	if err := key.Check(req.Time); err != nil {
		return Result{}, err
	}
	p, err := Prepare(ctx, pdf, size, key.Certificates(), req)
	if err != nil {
		return Result{}, err
	}
	value, err := key.Sign(ctx, p)
	if err != nil {
		return Result{}, err
	}
	c, err := Complete(ctx, p, value, tsa)
	if err != nil {
		return Result{}, err
	}
	if err := c.Extend(ctx, pdf, tsa, req.Evidence); err != nil {
		return Result{}, err
	}
	return c.Result, c.Write(ctx, dst, pdf)
}
