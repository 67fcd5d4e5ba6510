package journal

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"sohoa"
)

// maxLine bounds one entry as a line; a search that found 200 documents has
// 7,000 bytes.
const maxLine = 1 << 20

// line is an entry as it stands in the storage root. JSON cannot say what is
// not UTF-8; of such text Raw has the bytes.
type line struct {
	sohoa.Entry
	Raw map[string][]byte `json:"raw,omitempty"`
}

// texts are the fields of an entry that people's input gets into.
func texts(e *sohoa.Entry) map[string]*string {
	return map[string]*string{"actor": &e.Actor, "dossier": &e.Dossier, "purpose": &e.Purpose, "detail": &e.Detail}
}

// writeLine writes an entry.
func writeLine(w io.Writer, e sohoa.Entry) error {
	l := line{Entry: e}
	for name, text := range texts(&e) {
		if !utf8.ValidString(*text) {
			if l.Raw == nil {
				l.Raw = map[string][]byte{}
			}
			l.Raw[name] = []byte(*text)
		}
	}
	b, err := json.Marshal(l)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// readLine reads an entry; io.EOF is the end. A line that is no entry is
// sohoa.ErrVerification.
func readLine(r *bufio.Reader) (sohoa.Entry, error) {
	var b []byte
	for {
		part, err := r.ReadSlice('\n')
		b = append(b, part...)
		switch {
		case err == nil:
			return parseLine(b)
		case errors.Is(err, io.EOF) && len(b) == 0:
			return sohoa.Entry{}, io.EOF
		case errors.Is(err, io.EOF), errors.Is(err, bufio.ErrBufferFull) && len(b) > maxLine:
			return sohoa.Entry{}, fmt.Errorf("a line without an end: %w", sohoa.ErrVerification)
		case !errors.Is(err, bufio.ErrBufferFull):
			return sohoa.Entry{}, err
		}
	}
}

func parseLine(b []byte) (sohoa.Entry, error) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return l.Entry, fmt.Errorf("a line is no entry: %w: %w", sohoa.ErrVerification, err)
	}
	fields := texts(&l.Entry)
	for name, raw := range l.Raw {
		text, ok := fields[name]
		if !ok {
			return l.Entry, fmt.Errorf("a line has raw %.40q: %w", name, sohoa.ErrVerification)
		}
		*text = string(raw)
	}
	return l.Entry, nil
}

// eachLine calls f with the entries of a blob.
func (k *Keeper) eachLine(ctx context.Context, key string, f func(sohoa.Entry) error) (err error) {
	blob, err := k.Blobs.Open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blob.Close()) }()
	r := bufio.NewReaderSize(blob, 64<<10)
	for {
		e, err := readLine(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

// putLines stores the entries after the one numbered after, up to that
// numbered last, which must be a chain that follows prev. It calls each with
// every one.
func (k *Keeper) putLines(ctx context.Context, key string, prev sohoa.Entry, last uint64, each func(sohoa.Entry)) (sohoa.Digest, error) {
	r, w := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := bufio.NewWriterSize(w, 64<<10)
		err := k.eachEntry(ctx, prev, last, func(e sohoa.Entry) error {
			each(e)
			return writeLine(b, e)
		})
		w.CloseWithError(errors.Join(err, b.Flush()))
	}()
	info, err := k.Blobs.Put(ctx, key, r)
	r.CloseWithError(errStopped) // lets the writer go where Put ended early
	<-done
	return info.Digest, err
}

var errStopped = errors.New("storing entries ended")

// batch is how many entries are read at a time.
const batch = 1000

// eachEntry calls f with the entries that follow prev up to that numbered
// last. One that does not follow is sohoa.ErrVerification.
func (k *Keeper) eachEntry(ctx context.Context, prev sohoa.Entry, last uint64, f func(sohoa.Entry) error) error {
	for prev.Seq < last {
		entries, err := k.Catalog.Entries(ctx, prev.Seq, int(min(batch, last-prev.Seq)))
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return fmt.Errorf("the journal ends at entry %d, not %d: %w", prev.Seq, last, sohoa.ErrVerification)
		}
		for _, e := range entries {
			if err := e.Follows(prev); err != nil {
				return err
			}
			if err := f(e); err != nil {
				return err
			}
			prev = e
		}
	}
	return nil
}
