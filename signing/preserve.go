package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"sohoa"
	"sohoa/signing/evidence"
	"sohoa/signing/revision"
	"sohoa/signing/validation/cms"
)

// AddEvidence adds to the size bytes in pdf what proves that the certificates
// of its signatures and timestamps were good, and writes the result to dst: the
// same bytes, and a revision with a document security store, unless all of it
// was there already. Then the newest signature is B-LT, which is reported.
//
// The newest signature must be sound and timestamped, and there must be
// evidence for it and for every timestamp over it; otherwise a Problem says
// what is not so, and nothing is written. What is found for older signatures
// is added too, and not missed. Changes after a signature are not judged here;
// package validation does that.
func AddEvidence(ctx context.Context, pdf io.ReaderAt, size int64, dst io.Writer, source *evidence.Collector) (Result, error) {
	doc := document{pdf: pdf, size: size}
	tail, err := doc.evidence(ctx, source)
	if err != nil {
		return Result{}, fmt.Errorf("add evidence: %w", refusal(err))
	}
	if err := doc.write(ctx, dst, tail); err != nil {
		return Result{}, err
	}
	return Result{Level: LevelLT, Size: size + int64(len(tail))}, nil
}

// Renew adds evidence as AddEvidence does, and over it a document timestamp,
// and writes the result to dst; the newest signature is B-LTA then, which is
// reported. Called before the last timestamp's certificate ends, or its
// algorithm, it keeps a document provable for the life of the new timestamp
// (EN 319 142-1, 5.5); validation.Report.ProofUntil says when that is. It also
// raises B-T to B-LTA. Nothing is written before both are there. Evidence about
// the new timestamp's own unit follows it if it is to be had.
func Renew(ctx context.Context, pdf io.ReaderAt, size int64, dst io.Writer, tsa Stamper, source *evidence.Collector) (Result, error) {
	doc := document{pdf: pdf, size: size}
	tail, err := doc.evidence(ctx, source)
	if err != nil {
		return Result{}, fmt.Errorf("renew: %w", refusal(err))
	}
	grown := document{pdf: joined{pdf, size, tail}, size: size + int64(len(tail))}
	stamp, err := grown.timestamp(ctx, tsa, source)
	if err != nil {
		return Result{}, fmt.Errorf("renew: %w", refusal(err))
	}
	stamp.Level = LevelLTA
	return stamp.Result, doc.write(ctx, dst, append(tail, stamp.tail...))
}

// Extend adds what B-LT and B-LTA ask for beyond a timestamp, where p.Level
// asks for it: evidence from source, and a document timestamp by tsa. pdf is
// the document that was prepared. What cannot be had is not there:
// EvidenceProblem, or TimestampProblem, says why, and Level is the level
// reached; AddEvidence and Renew add it later. The error is for
// a document that cannot be read, and for ctx.
func (c *Completed) Extend(ctx context.Context, pdf io.ReaderAt, tsa Stamper, source *evidence.Collector) error {
	want := c.prepared.Level
	if c.Level != LevelT || want != LevelLT && want != LevelLTA {
		return nil
	}
	doc := document{pdf: joined{pdf, c.prepared.BaseSize, c.Tail}, size: c.Size, made: c.Size}
	tail, err := doc.evidence(ctx, source)
	if err != nil {
		return c.missing(ctx, err, &c.EvidenceProblem)
	}
	c.append(tail)
	c.Level = LevelLT
	if want == LevelLT {
		return nil
	}
	doc = document{pdf: joined{pdf, c.prepared.BaseSize, c.Tail}, size: c.Size}
	stamp, err := doc.timestamp(ctx, tsa, source)
	if err != nil {
		return c.missing(ctx, err, &c.TimestampProblem)
	}
	c.append(stamp.tail)
	c.Level = LevelLTA
	return nil
}

func (c *Completed) append(tail []byte) {
	c.Tail = append(c.Tail, tail...)
	c.Size += int64(len(tail))
}

// missing notes a Problem; any other error stays one.
func (c *Completed) missing(ctx context.Context, err error, note **sohoa.Problem) error {
	err = refusal(err)
	if !errors.As(err, note) || ctx.Err() != nil {
		return fmt.Errorf("extend a signature: %w", errors.Join(err, ctx.Err()))
	}
	return nil
}

// joined is a document with what was appended to it.
type joined struct {
	base io.ReaderAt
	size int64 // of base
	tail []byte
}

// ReadAt implements io.ReaderAt.
func (j joined) ReadAt(b []byte, at int64) (n int, err error) {
	if at < j.size {
		n, err = j.base.ReadAt(b[:min(int64(len(b)), j.size-at)], at)
		if n == len(b) || at+int64(n) < j.size {
			return n, err
		}
	}
	from := at + int64(n) - j.size
	if from > int64(len(j.tail)) {
		return n, io.EOF
	}
	if n += copy(b[n:], j.tail[from:]); n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// document is a signed document that is to be preserved.
type document struct {
	pdf  io.ReaderAt
	size int64
	made int64 // the signature that ends here was made by us just now
}

func (d document) write(ctx context.Context, dst io.Writer, tail []byte) error {
	if _, err := io.Copy(dst, withContext(ctx, io.NewSectionReader(d.pdf, 0, d.size))); err != nil {
		return fmt.Errorf("copy the document: %w", err)
	}
	if _, err := dst.Write(tail); err != nil {
		return fmt.Errorf("append to the document: %w", err)
	}
	return nil
}

func (d document) form() (*form, error) {
	file, err := revision.Open(d.pdf, d.size)
	if err != nil {
		return nil, err
	}
	return readForm(file)
}

// evidence returns the revision that adds evidence, empty if there is none to
// add.
func (d document) evidence(ctx context.Context, source *evidence.Collector) ([]byte, error) {
	g, store, err := d.gather(source)
	if err != nil {
		return nil, err
	}
	witnesses, err := findWitnesses(d.pdf, d.size, store.form)
	if err != nil {
		return nil, err
	}
	if err := g.run(ctx, witnesses); err != nil {
		return nil, err
	}
	return store.append(&g.gained)
}

// gather begins to gather evidence that the document's store lacks.
func (d document) gather(source *evidence.Collector) (*gathering, *securityStore, error) {
	if source == nil {
		return nil, nil, problem(sohoa.ErrInvalid, "sign.no-evidence")
	}
	fm, err := d.form()
	if err != nil {
		return nil, nil, err
	}
	store, err := readStore(fm)
	if err != nil {
		return nil, nil, err
	}
	return &gathering{document: d, source: source, have: evidence.Read(&store.have), now: source.Time()}, store, nil
}

// gathering walks from the newest witness to the oldest, as a validator does:
// a good timestamp proves the time of all that it covers.
type gathering struct {
	document
	source *evidence.Collector
	have   *evidence.Known
	gained evidence.Set
	now    time.Time
	later  time.Time // of the oldest good document timestamp so far; zero without one
}

func (g *gathering) run(ctx context.Context, witnesses []*witness) error {
	needed := true // up to the newest signature
	for i := len(witnesses) - 1; i >= 0; i-- {
		w := witnesses[i]
		err := g.one(ctx, w)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if needed && err != nil {
			return err
		}
		needed = needed && w.token != nil
	}
	if needed {
		return problem(sohoa.ErrConflict, "sign.unsigned")
	}
	return nil
}

func (g *gathering) one(ctx context.Context, w *witness) error {
	if w.end() != g.made {
		if err := w.verify(ctx, g.pdf); err != nil {
			return detailed(sohoa.ErrVerification, "sign.unsound", err)
		}
	}
	if w.token != nil {
		err := g.token(ctx, w.token)
		if err == nil {
			g.later = w.token.Time
		}
		return err
	}
	at := g.proof(ctx, w)
	if at.time.IsZero() {
		return at.err
	}
	return g.collect(ctx, evidence.Need{Certificate: w.signer.Certificate, Bag: w.message.Certificates, Used: at.time, Signer: true})
}

// proven is a time, or why there is none.
type proven struct {
	time time.Time
	err  error
}

// proof is the earliest time for which a timestamp vouches for a signature.
func (g *gathering) proof(ctx context.Context, w *witness) proven {
	best := proven{g.later, problem(sohoa.ErrConflict, "sign.untimed")}
	for _, der := range w.signer.Timestamps() {
		t, err := cms.ParseToken(der)
		if err == nil {
			err = t.Covers(w.signer.Value)
		}
		if err == nil {
			err = g.token(ctx, t)
		}
		if err != nil {
			best.err = err
		} else if best.time.IsZero() || t.Time.Before(best.time) {
			best.time = t.Time
		}
	}
	return best
}

// token gathers evidence for the unit that made a token.
func (g *gathering) token(ctx context.Context, t *cms.Token) error {
	unit := t.Signers[0].Certificate
	if unit == nil || !cms.MayStamp(unit) || t.Time.Before(unit.NotBefore) || t.Time.After(unit.NotAfter) {
		return detailed(sohoa.ErrVerification, "sign.unsound", errors.New("the certificate may not make this timestamp"))
	}
	until := g.later
	if until.IsZero() {
		until = g.now
	}
	return g.collect(ctx, evidence.Need{Certificate: unit, Bag: t.Certificates, Used: t.Time, Until: until})
}

func (g *gathering) collect(ctx context.Context, n evidence.Need) error {
	set, err := g.source.Collect(ctx, n, g.have)
	if err == nil {
		g.gained.Add(set)
	}
	return err
}
