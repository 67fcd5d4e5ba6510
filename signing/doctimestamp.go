package signing

import (
	"context"
	"time"

	"sohoa/signing/evidence"
	"sohoa/signing/revision"
	"sohoa/signing/validation/cms"
)

// stamped is a document timestamp that was made.
type stamped struct {
	Result
	tail  []byte // to append to the document
	token []byte
}

// timestamp adds a document timestamp, and evidence about the unit that made it
// where the document has none yet: after the last change of units nothing else
// would vouch for the timestamp on its own. Without that evidence it is a
// document timestamp all the same; the next renewal adds it.
func (d document) timestamp(ctx context.Context, tsa Stamper, source *evidence.Collector) (*stamped, error) {
	s, err := d.stamp(ctx, tsa)
	if err != nil {
		return nil, err
	}
	grown := document{pdf: joined{d.pdf, d.size, s.tail}, size: s.Size}
	more, err := grown.vouch(ctx, s.token, source)
	if err == nil {
		s.tail = append(s.tail, more...)
		s.Size += int64(len(more))
	}
	return s, ctx.Err()
}

// stamp adds a document timestamp alone.
func (d document) stamp(ctx context.Context, tsa Stamper) (*stamped, error) {
	fm, err := d.form()
	if err != nil {
		return nil, err
	}
	w := &draft{form: fm, update: fm.file.NewUpdate(), req: Request{Time: time.Now()}, prepared: &Prepared{Reserve: tokenReserve}}
	w.prepared.Field = fm.freeName()
	value := w.update.Add(w.timestampDictionary())
	if err := w.addField(w.prepared.Field, value); err != nil {
		return nil, err
	}
	digest, err := w.lay(ctx, d.pdf, d.size)
	if err != nil {
		return nil, err
	}
	token, at, err := stampDigest(ctx, tsa, digest)
	if err != nil {
		return nil, err
	}
	tail, err := w.prepared.tail(token)
	return &stamped{Result{Field: w.prepared.Field, Size: d.size + int64(len(tail)), TimestampTime: at}, tail, token}, err
}

// vouch returns the revision that adds evidence about the unit that made a
// timestamp just now, empty if there is none to add.
func (d document) vouch(ctx context.Context, token []byte, source *evidence.Collector) ([]byte, error) {
	t, err := cms.ParseToken(token)
	if err != nil {
		return nil, err
	}
	g, store, err := d.gather(source)
	if err != nil {
		return nil, err
	}
	if err := g.token(ctx, t); err != nil {
		return nil, err
	}
	return store.append(&g.gained)
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
