package signing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"io"
	"time"

	"sohoa"
	"sohoa/signing/revision"
)

// Prepared is a signature that waits for its value. It travels as JSON, holds
// some kilobytes whatever the size of the document, and is never changed:
// Complete may be called again with the same record.
type Prepared struct {
	BaseSize     int64        `json:"baseSize"`   // of the document to sign, bytes
	BaseDigest   sohoa.Digest `json:"baseDigest"` // of that document
	Before       []byte       `json:"before"`     // appended up to the CMS object
	Reserve      int          `json:"reserve"`    // bytes kept for the CMS object
	After        []byte       `json:"after"`      // appended behind it
	Certificates [][]byte     `json:"certificates"`
	Attributes   []byte       `json:"attributes"` // signed attributes, DER
	Algorithm    Algorithm    `json:"algorithm"`
	Field        string       `json:"field"`
	Level        Level        `json:"level"` // wanted
	Expires      time.Time    `json:"expires"`

	certs []*x509.Certificate // parsed; nil in a record that was read
	seen  *sighting           // of the document; nil in a record that was read
}

// SignedAttributes returns the bytes whose SHA-256 the key signs. Tokens that
// hash themselves get these.
func (p *Prepared) SignedAttributes() []byte { return bytes.Clone(p.Attributes) }

// Digest returns the SHA-256 of the signed attributes: what Algorithm signs.
func (p *Prepared) Digest() []byte {
	sum := sha256.Sum256(p.Attributes)
	return sum[:]
}

// tokenReserve is the room for a timestamp token with its chain, bytes. Real
// ones have 3,000 to 7,000.
const tokenReserve = 10 << 10

// Prepare decides everything about a signature on the size bytes in pdf, by
// the first of certs; the others are its chain. It reads pdf once and checks
// the certificate at req.Time. Documents that permit no signature are refused
// with a Problem whose code begins with "sign.".
func Prepare(ctx context.Context, pdf io.ReaderAt, size int64, certs []*x509.Certificate, req Request) (*Prepared, error) {
	d, err := newDraft(certs, req)
	if err != nil {
		return nil, err
	}
	if err := d.compose(ctx, pdf, size); err != nil {
		return nil, fmt.Errorf("prepare a signature: %w", refusal(err))
	}
	return d.prepared, nil
}

// draft is a signature that is being prepared.
type draft struct {
	req       Request
	certs     []*x509.Certificate
	prepared  *Prepared
	form      *form
	update    *revision.Update
	contents  *revision.Slot
	byteRange *revision.Slot
}

// newDraft checks what needs no document.
func newDraft(certs []*x509.Certificate, req Request) (*draft, error) {
	if len(certs) == 0 {
		return nil, problem(sohoa.ErrInvalid, "sign.no-key")
	}
	if req.Level == "" {
		req.Level = LevelB
	}
	if _, err := ParseLevel(string(req.Level)); err != nil {
		return nil, err
	}
	if req.Time.IsZero() {
		req.Time = time.Now()
	}
	if err := checkCertificate(certs[0], req.Time); err != nil {
		return nil, err
	}
	alg, err := algorithmFor(certs[0], req.PSS)
	if err != nil {
		return nil, err
	}
	p := &Prepared{Algorithm: alg, Level: req.Level, Expires: time.Now().Add(sohoa.MaxPendingSignature), certs: certs}
	for _, c := range certs {
		p.Certificates = append(p.Certificates, c.Raw)
	}
	return &draft{req: req, certs: certs, prepared: p}, nil
}

// compose writes the revision around a hole, and hashes all but the hole.
func (d *draft) compose(ctx context.Context, pdf io.ReaderAt, size int64) error {
	file, err := d.open(pdf, size)
	if err != nil {
		return err
	}
	if d.form, err = readForm(file); err != nil {
		return err
	}
	target, name, err := d.form.choose(d.req.Field)
	if err != nil {
		return err
	}
	if err := d.form.permit(name); err != nil {
		return err
	}
	if d.prepared.Reserve, err = d.reserve(); err != nil {
		return err
	}
	d.prepared.Field = name
	d.update = file.NewUpdate()
	value := d.update.Add(d.dictionary())
	if target != nil {
		err = d.fill(target, value)
	} else {
		err = d.addField(name, value)
	}
	if err != nil {
		return err
	}
	return d.finish(ctx, pdf, size)
}

// finish writes the tail and computes what is to be signed.
func (d *draft) finish(ctx context.Context, pdf io.ReaderAt, size int64) error {
	digest, err := d.lay(ctx, pdf, size)
	if err != nil {
		return err
	}
	d.prepared.Attributes, err = signedAttributes(d.certs[0], digest)
	return err
}

// lay writes the tail around the hole and returns the SHA-256 of all but that.
func (d *draft) lay(ctx context.Context, pdf io.ReaderAt, size int64) ([]byte, error) {
	h, err := d.hash(ctx, pdf, size)
	if err != nil {
		return nil, err
	}
	p := d.prepared
	p.BaseSize = size
	h.Sum(p.BaseDigest[:0])
	tail, err := d.update.Bytes(d.identifier())
	if err != nil {
		return nil, err
	}
	start := d.contents.Offset
	end := start + int64(len(d.contents.Fill))
	ranges := fmt.Sprintf("[0 %d %d %d]", start, end, size+int64(len(tail))-end)
	copy(tail[d.byteRange.Offset-size:], ranges)
	p.Before, p.After = tail[:start-size+1], tail[end-size-1:] // the brackets are written, not filled
	h.Write(p.Before[:len(p.Before)-1])
	h.Write(p.After[1:])
	return h.Sum(nil), nil
}

// identifier is the new second half of the file identifier: it depends on
// what is signed, by whom and when, and on nothing else.
func (d *draft) identifier() revision.String {
	h := sha256.New()
	h.Write(d.prepared.BaseDigest[:])
	if len(d.certs) > 0 {
		h.Write(d.certs[0].Raw)
	}
	fmt.Fprint(h, d.prepared.Field, d.req.Time.UnixNano())
	return h.Sum(nil)[:16]
}

// reserve is the size of the CMS object to come.
func (d *draft) reserve() (int, error) {
	if d.req.Reserve > 0 {
		return d.req.Reserve, nil
	}
	attributes, err := signedAttributes(d.certs[0], make([]byte, sha256Size))
	if err != nil {
		return 0, err
	}
	dummy := signature{certs: d.certs, algorithm: d.prepared.Algorithm, attributes: attributes,
		value: make([]byte, valueSize(d.certs[0].PublicKey))}
	der, err := dummy.cms()
	if err != nil {
		return 0, err
	}
	if d.req.Level != LevelB {
		return len(der) + tokenReserve, nil
	}
	return len(der), nil
}

// dictionary is the signature dictionary (ISO 32000-2, table 255; EN 319
// 142-1, 6.3).
func (d *draft) dictionary() *revision.Dict {
	d.openSlots()
	v := revision.NewDict(
		"Type", revision.Name("Sig"),
		"Filter", revision.Name("Adobe.PPKLite"),
		"SubFilter", revision.Name("ETSI.CAdES.detached"),
		"ByteRange", d.byteRange,
		"Contents", d.contents,
		"M", revision.String(pdfTime(d.req.Time)),
	)
	for _, t := range []struct {
		key  revision.Name
		text string
	}{{"Name", d.req.Name}, {"Reason", d.req.Reason}, {"Location", d.req.Location}} {
		if t.text != "" {
			v.Set(t.key, revision.Text(t.text))
		}
	}
	return v
}

// openSlots makes the room for what is known only later.
func (d *draft) openSlots() {
	d.byteRange = &revision.Slot{Fill: bytes.Repeat([]byte(" "), len("[0 9999999999999 9999999999999 9999999999999]"))}
	d.contents = &revision.Slot{Fill: append(append([]byte("<"), bytes.Repeat([]byte("0"), 2*d.prepared.Reserve)...), '>')}
}

// pdfTime is a date as ISO 32000-2, 7.9.4 has it, in the time of Việt Nam.
func pdfTime(t time.Time) string {
	return t.In(sohoa.Hanoi).Format("D:20060102150405") + "+07'00'"
}

// sighting tells in a tenth of the time of SHA-256 whether bytes are those
// that this process saw before, by a hash whose secret seed nobody else has.
type sighting struct {
	seed maphash.Seed
	sum  uint64
}

// hashAll returns SHA-256 after the size bytes of r, and the sighting of them.
func hashAll(ctx context.Context, r io.ReaderAt, size int64) (hash.Hash, *sighting, error) {
	h, quick := sha256.New(), &maphash.Hash{}
	if _, err := io.Copy(io.MultiWriter(h, quick), withContext(ctx, io.NewSectionReader(r, 0, size))); err != nil {
		return nil, nil, fmt.Errorf("read the document: %w", err)
	}
	return h, &sighting{quick.Seed(), quick.Sum64()}, nil
}

// contextReader fails once its context has ended.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func withContext(ctx context.Context, r io.Reader) io.Reader { return contextReader{ctx, r} }

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// errChanged says that a document is not the one that was prepared.
var errChanged = errors.New("the document changed since the signature was prepared")
