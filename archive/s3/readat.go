package s3

import (
	"fmt"
	"io"
	"slices"

	"sohoa"
)

// ReadAt implements io.ReaderAt by ranged requests.
func (b *blob) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s at %d: %w", b.key, off, sohoa.ErrInvalid)
	}
	n := 0
	for n < len(p) && off < b.size {
		var m int
		var err error
		// Whole blocks are fetched at once, past the cache.
		if whole := b.whole(off, int64(len(p)-n)); whole > 0 {
			m, err = int(whole), b.fetch(p[n:n+int(whole)], off)
		} else {
			m, err = b.readBlock(p[n:], off)
		}
		if err != nil {
			return n, b.explain(err)
		}
		n, off = n+m, off+int64(m)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// whole is how many of n bytes from off are whole blocks.
func (b *blob) whole(off, n int64) int64 {
	if off%b.block() != 0 {
		return 0
	}
	if off+n >= b.size {
		return b.size - off
	}
	return n - n%b.block()
}

// readBlock copies from the block that holds off, fetching it if need be.
func (b *blob) readBlock(p []byte, off int64) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	index := off / b.block()
	i := slices.IndexFunc(b.blocks, func(c block) bool { return c.index == index })
	var c block
	if i >= 0 {
		c = b.blocks[i]
		b.blocks = slices.Delete(b.blocks, i, i+1)
	} else {
		start := index * b.block()
		c = block{index, make([]byte, min(b.block(), b.size-start))}
		if err := b.fetch(c.data, start); err != nil {
			return 0, err
		}
	}
	if len(b.blocks) == maxBlocks {
		b.blocks = slices.Delete(b.blocks, 0, 1)
	}
	b.blocks = append(b.blocks, c)
	return copy(p, c.data[off-index*b.block():]), nil
}

// fetch fills p with whole blocks from off, in as many requests as broken
// connections and altered blocks make necessary.
func (b *blob) fetch(p []byte, off int64) error {
	n, last := 0, error(nil)
	for range b.store.config.Retries {
		r, _, err := b.get(b.ctx, off+int64(n), off+int64(len(p)))
		if err != nil {
			return err
		}
		m, err := io.ReadFull(r, p[n:])
		r.Close() // its error says nothing about bytes that were read
		n += m
		good := b.verified(p[:n], off)
		if n == len(p) && good == n {
			return nil
		}
		if b.ctx.Err() != nil {
			return err
		}
		last = err
		if n-good >= int(b.block()) || n == len(p) {
			n, last = good, b.changed()
		}
	}
	return b.broken(off+int64(n), last)
}

// verified is how many bytes of p, which is read from off, are blocks that
// are right; the last may be read in part only.
func (b *blob) verified(p []byte, off int64) int {
	good := 0
	for good < len(p) {
		start := off + int64(good)
		size := min(b.block(), b.size-start)
		if int64(len(p)-good) < size || !b.sums.right(start/b.block(), p[good:good+int(size)]) {
			break
		}
		good += int(size)
	}
	return good
}
