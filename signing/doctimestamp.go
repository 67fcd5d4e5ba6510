package signing

import (
	"context"
	"fmt"
	"io"
	"time"

	"sohoa/signing/revision"
)

// AddDocumentTimestamp adds a timestamp over all of the size bytes in pdf, in
// a field of its own (ETSI.RFC3161), and writes the result to dst: the same
// bytes and a revision. After AddEvidence it makes a signature B-LTA; repeated
// before the last timestamp's certificate ends, and after AddEvidence, it keeps
// it so for ever. Level is not reported, since what is in the document is not
// judged here.
func AddDocumentTimestamp(ctx context.Context, pdf io.ReaderAt, size int64, dst io.Writer, tsa Stamper) (Result, error) {
	doc := document{pdf: pdf, size: size}
	tail, res, err := doc.timestamp(ctx, tsa)
	if err != nil {
		return Result{}, fmt.Errorf("add a document timestamp: %w", refusal(err))
	}
	return res, doc.write(ctx, dst, tail)
}

// timestamp returns the revision that adds a document timestamp.
func (d document) timestamp(ctx context.Context, tsa Stamper) ([]byte, Result, error) {
	fm, err := d.form()
	if err != nil {
		return nil, Result{}, err
	}
	w := &draft{form: fm, update: fm.file.NewUpdate(), req: Request{Time: time.Now()}, prepared: &Prepared{Reserve: tokenReserve}}
	w.prepared.Field = fm.freeName()
	value := w.update.Add(w.timestampDictionary())
	if err := w.addField(w.prepared.Field, value); err != nil {
		return nil, Result{}, err
	}
	digest, err := w.lay(ctx, d.pdf, d.size)
	if err != nil {
		return nil, Result{}, err
	}
	token, at, err := stampDigest(ctx, tsa, digest)
	if err != nil {
		return nil, Result{}, err
	}
	tail, err := w.prepared.tail(token)
	return tail, Result{Field: w.prepared.Field, Size: d.size + int64(len(tail)), TimestampTime: at}, err
}

// timestampDictionary is that of a document timestamp (ISO 32000-2, 12.8.5).
func (d *draft) timestampDictionary() *revision.Dict {
	d.openSlots()
	return revision.NewDict(
		"Type", revision.Name("DocTimeStamp"),
		"Filter", revision.Name("Adobe.PPKLite"),
		"SubFilter", revision.Name("ETSI.RFC3161"),
		"ByteRange", d.byteRange,
		"Contents", d.contents,
	)
}
