package archivetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// Storm works on a store that fails at random and knows what must be in it:
// what was acknowledged, and where an operation failed, either what was there
// before or what was to be there. It checks at every reading that nothing
// acknowledged is missing and nothing else is read, that each failure is a
// named state ("store.…"), and, after calm, all of it again.
type Storm struct {
	Blobs   archive.Blobs // also an archive.Eraser
	Calm    func()        // ends the faults
	Seed    uint64
	Workers int // each with keys of its own
	Steps   int // of each
	MaxSize int // bytes of a blob
}

// Tally counts what happened in a storm.
type Tally struct {
	Done   int            // operations that succeeded
	Failed map[string]int // those that failed, by Problem.Code
}

// Run runs the storm.
func (s Storm) Run(t *testing.T) Tally {
	t.Helper()
	tally := Tally{Failed: map[string]int{}}
	workers := make([]*sailor, s.Workers)
	var wg sync.WaitGroup
	for i := range workers {
		w := &sailor{
			storm: s, t: t, prefix: fmt.Sprintf("w%d/", i), may: map[string][][]byte{}, failed: map[string]int{},
			random: rand.New(rand.NewPCG(s.Seed, uint64(i))),
		}
		workers[i] = w
		wg.Go(func() {
			for range s.Steps {
				w.step(t.Context())
			}
		})
	}
	wg.Wait()
	s.Calm()
	for _, w := range workers {
		w.checkAll(t.Context())
		tally.Done += w.done
		for code, n := range w.failed {
			tally.Failed[code] += n
		}
	}
	return tally
}

// sailor is one worker of a storm. It is for one goroutine.
type sailor struct {
	storm  Storm
	t      *testing.T
	prefix string
	random *rand.Rand
	may    map[string][][]byte // by key, what may be there; nil is nothing
	done   int
	failed map[string]int
}

const stormKeys = 6

func (w *sailor) key() string { return fmt.Sprintf("%sk%d", w.prefix, w.random.IntN(stormKeys)) }

func (w *sailor) step(ctx context.Context) {
	key := w.key()
	switch n := w.random.IntN(100); {
	case n < 35:
		w.put(ctx, key)
	case n < 55:
		w.read(ctx, key)
	case n < 70:
		w.readAt(ctx, key)
	case n < 80:
		w.stat(ctx, key)
	case n < 88:
		w.remove(ctx, key)
	case n < 94:
		w.copy(ctx, key)
	default:
		w.list(ctx)
	}
}

// candidates are what may be under key.
func (w *sailor) candidates(key string) [][]byte {
	if c, ok := w.may[key]; ok {
		return c
	}
	return [][]byte{nil}
}

// changed notes the outcome of an operation that makes key data.
func (w *sailor) changed(key string, data []byte, err error) {
	if w.note(err) {
		w.may[key] = [][]byte{data}
		return
	}
	w.may[key] = append(w.candidates(key), data)
}

// note counts an outcome, and reports whether it is a success.
func (w *sailor) note(err error) bool {
	if err == nil {
		w.done++
		return true
	}
	var p *sohoa.Problem
	if !errors.As(err, &p) || len(p.Code) < 6 || p.Code[:6] != "store." {
		w.t.Errorf("an error without a name: %v", err)
		return false
	}
	w.failed[p.Code]++
	return false
}

func (w *sailor) put(ctx context.Context, key string) {
	data := make([]byte, w.size())
	for i := range data {
		data[i] = byte(w.random.Uint32())
	}
	_, err := w.storm.Blobs.Put(ctx, key, bytes.NewReader(data))
	w.changed(key, data, err)
}

// size is mostly small.
func (w *sailor) size() int {
	if w.random.IntN(8) == 0 {
		return 1 + w.random.IntN(w.storm.MaxSize)
	}
	return 1 + w.random.IntN(20_000)
}

func (w *sailor) remove(ctx context.Context, key string) {
	err := w.storm.Blobs.(archive.Eraser).Remove(ctx, key)
	if errors.Is(err, sohoa.ErrNotExist) {
		w.settle(key, func(c []byte) bool { return c == nil }, "Remove says that nothing is there")
		return
	}
	w.changed(key, nil, err)
}

func (w *sailor) copy(ctx context.Context, src string) {
	c, ok := w.storm.Blobs.(archive.Copier)
	if !ok || len(w.candidates(src)) > 1 || w.candidates(src)[0] == nil {
		return
	}
	dst := src + "-copy"
	err := c.Copy(ctx, dst, src)
	if errors.Is(err, sohoa.ErrNotExist) {
		w.t.Errorf("Copy of %s, which was acknowledged = %v", src, err)
	}
	w.changed(dst, w.candidates(src)[0], err)
}

// settle keeps the candidates that are as was seen; none is the fault that a
// storm looks for.
func (w *sailor) settle(key string, seen func([]byte) bool, what string) {
	left := slices.DeleteFunc(slices.Clone(w.candidates(key)), func(c []byte) bool { return !seen(c) })
	if len(left) == 0 {
		w.t.Errorf("%s: %s, which is none of the %d things that may be there", key, what, len(w.candidates(key)))
		return
	}
	w.done++
	w.may[key] = left
}

func (w *sailor) read(ctx context.Context, key string) {
	data, err := readWhole(ctx, w.storm.Blobs, key)
	switch {
	case errors.Is(err, sohoa.ErrNotExist):
		w.settle(key, func(c []byte) bool { return c == nil }, "Open says that nothing is there")
	case err != nil:
		w.note(err)
	default:
		w.settle(key, func(c []byte) bool { return c != nil && bytes.Equal(c, data) }, fmt.Sprintf("%d bytes are read", len(data)))
	}
}

func readWhole(ctx context.Context, b archive.Blobs, key string) ([]byte, error) {
	f, err := b.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}

// readAt reads a piece at random, after a Seek in one of two cases.
func (w *sailor) readAt(ctx context.Context, key string) {
	f, err := w.storm.Blobs.Open(ctx, key)
	if errors.Is(err, sohoa.ErrNotExist) {
		w.settle(key, func(c []byte) bool { return c == nil }, "Open says that nothing is there")
		return
	}
	if err != nil {
		w.note(err)
		return
	}
	defer f.Close()
	off := w.random.Int64N(f.Size())
	piece := make([]byte, 1+w.random.Int64N(f.Size()-off))
	if w.random.IntN(2) == 0 {
		_, err = f.ReadAt(piece, off)
	} else if _, err = f.Seek(off, io.SeekStart); err == nil {
		_, err = io.ReadFull(f, piece)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.note(err)
		return
	}
	w.settle(key, func(c []byte) bool {
		return int64(len(c)) == f.Size() && bytes.Equal(c[off:off+int64(len(piece))], piece)
	}, fmt.Sprintf("%d bytes are read at %d of %d", len(piece), off, f.Size()))
}

func (w *sailor) stat(ctx context.Context, key string) {
	info, err := w.storm.Blobs.Stat(ctx, key)
	switch {
	case errors.Is(err, sohoa.ErrNotExist):
		w.settle(key, func(c []byte) bool { return c == nil }, "Stat says that nothing is there")
	case err != nil:
		w.note(err)
	default:
		w.settle(key, func(c []byte) bool {
			return c != nil && int64(len(c)) == info.Size && (info.Digest.IsZero() || sohoa.Sum(c) == info.Digest)
		}, fmt.Sprintf("Stat says %d bytes", info.Size))
	}
}

func (w *sailor) list(ctx context.Context) {
	sizes := map[string]int64{}
	for info, err := range w.storm.Blobs.List(ctx, w.prefix) {
		if err != nil {
			w.note(err)
			return
		}
		sizes[info.Key] = info.Size
	}
	for key := range maps.Keys(sizes) {
		if _, ok := w.may[key]; !ok {
			w.t.Errorf("List yields %s, which nobody put", key)
		}
	}
	for key := range w.may {
		size, ok := sizes[key]
		w.settle(key, func(c []byte) bool { return ok == (c != nil) && int64(len(c)) == size }, fmt.Sprintf("List has it: %v, with %d bytes", ok, size))
	}
}

// checkAll reads everything when there are no faults any more.
func (w *sailor) checkAll(ctx context.Context) {
	w.list(ctx)
	for key := range w.may {
		before := len(w.failed)
		w.read(ctx, key)
		if len(w.failed) != before {
			w.t.Errorf("%s cannot be read in calm: %v", key, w.failed)
		}
	}
}
