package signing

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"sohoa"
	"sohoa/signing/revision"
)

// AddTimestamp puts the missing timestamp into the newest signature of the
// size bytes in pdf and writes the result to dst: the same bytes but for the
// room that was kept for it. The signature must be the last revision, without
// a timestamp, and with room; otherwise a Problem says what is not so.
// Nothing is written before the timestamp is there.
func AddTimestamp(ctx context.Context, pdf io.ReaderAt, size int64, dst io.Writer, tsa Stamper) (Result, error) {
	w, err := findWaiting(pdf, size)
	if err != nil {
		return Result{}, fmt.Errorf("add a timestamp: %w", refusal(err))
	}
	token, at, err := stampValue(ctx, tsa, w.cms.value)
	if err != nil {
		return Result{}, fmt.Errorf("add a timestamp: %w", err)
	}
	if err := w.put(token); err != nil {
		return Result{}, fmt.Errorf("add a timestamp: %w", err)
	}
	if err := w.write(ctx, pdf, size, dst); err != nil {
		return Result{}, err
	}
	return Result{Level: LevelT, Field: w.field, Size: size, TimestampTime: at}, nil
}

// waiting is a signature that waits for its timestamp.
type waiting struct {
	field string
	start int64 // of Contents in the file, at the bracket
	room  int   // bytes between the brackets
	cms   *parsed
	hexed []byte // the new content between the brackets
}

// findWaiting finds the signature that covers the whole file.
func findWaiting(pdf io.ReaderAt, size int64) (*waiting, error) {
	file, err := revision.Open(pdf, size)
	if err != nil {
		return nil, err
	}
	fm, err := readForm(file)
	if err != nil {
		return nil, err
	}
	for _, f := range fm.fields {
		if !f.isSignature() || f.value == nil {
			continue
		}
		if start, end, ok := gap(f.value, size); ok {
			return readWaiting(pdf, f, start, end)
		}
	}
	return nil, problem(sohoa.ErrConflict, "sign.not-waiting")
}

// gap returns where Contents stands, if the signature covers all of the file
// but that.
func gap(v *revision.Dict, size int64) (start, end int64, ok bool) {
	n, ok := ranges(v, size)
	return n[1], n[2], ok && n[2]+n[3] == size
}

// maxContents is far above any CMS object, bytes in hexadecimal.
const maxContents = 16 << 20

// ranges returns the byte range of a signature, if it leaves out one piece of
// the first size bytes.
func ranges(v *revision.Dict, size int64) (n [4]int64, ok bool) {
	a, _ := v.Get("ByteRange").(revision.Array)
	if len(a) != 4 {
		return n, false
	}
	for i, o := range a {
		num, _ := o.(revision.Number)
		if n[i], ok = num.Int64(); !ok || n[i] < 0 || n[i] > size {
			return n, false
		}
	}
	return n, n[0] == 0 && n[2] > n[1]+2 && n[2]-n[1] < maxContents && n[2]+n[3] <= size
}

func readWaiting(pdf io.ReaderAt, f field, start, end int64) (*waiting, error) {
	padded, err := readContents(pdf, start, end)
	if err != nil {
		return nil, fmt.Errorf("contents of %s: %w", f.name, err)
	}
	w := &waiting{field: f.name, start: start, room: int(end-start) - 2}
	der, err := withoutPadding(padded)
	if err == nil {
		w.cms, err = parseCMS(der)
	}
	if err != nil {
		return nil, fmt.Errorf("contents of %s: %v: %w", f.name, err, revision.ErrDamaged)
	}
	if !w.cms.plain {
		return nil, problem(sohoa.ErrConflict, "sign.not-waiting")
	}
	return w, nil
}

// readContents reads the hexadecimal string that stands from start to end.
func readContents(pdf io.ReaderAt, start, end int64) ([]byte, error) {
	b := make([]byte, end-start)
	if _, err := pdf.ReadAt(b, start); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read signature: %w", err)
	}
	if b[0] != '<' || b[len(b)-1] != '>' {
		return nil, fmt.Errorf("byte range: %w", revision.ErrDamaged)
	}
	out := make([]byte, hex.DecodedLen(len(b)-2))
	if _, err := hex.Decode(out, b[1:len(b)-1]); err != nil {
		return nil, fmt.Errorf("%v: %w", err, revision.ErrDamaged)
	}
	return out, nil
}

// put makes the new content of the signature dictionary.
func (w *waiting) put(token []byte) error {
	der, err := w.cms.stamp(token)
	if err != nil {
		return err
	}
	if hex.EncodedLen(len(der)) > w.room {
		return problem(sohoa.ErrTooLarge, "sign.reserve")
	}
	w.hexed = bytes.Repeat([]byte("0"), w.room)
	hex.Encode(w.hexed, der)
	return nil
}

// write copies the file with the new content in its place.
func (w *waiting) write(ctx context.Context, pdf io.ReaderAt, size int64, dst io.Writer) error {
	behind := w.start + 1 + int64(w.room)
	_, err := io.Copy(dst, withContext(ctx, io.MultiReader(
		io.NewSectionReader(pdf, 0, w.start+1),
		bytes.NewReader(w.hexed),
		io.NewSectionReader(pdf, behind, size-behind),
	)))
	if err != nil {
		return fmt.Errorf("write the timestamped document: %w", err)
	}
	return nil
}
