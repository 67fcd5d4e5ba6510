package signing

import (
	"context"
	"time"

	"sohoa/signing/revision"
)

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
