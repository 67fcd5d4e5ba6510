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
		// What spans blocks is fetched at once, past the cache.
		if want := min(int64(len(p)-n), b.size-off); want > blockBytes {
			m, err = b.fetch(p[n:n+int(want)], off)
		} else {
			m, err = b.readBlock(p[n:], off)
		}
		n, off = n+m, off+int64(m)
		if err != nil {
			return n, b.explain(err)
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// readBlock copies from the block that holds off, fetching it if need be.
func (b *blob) readBlock(p []byte, off int64) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	index := off / blockBytes
	i := slices.IndexFunc(b.blocks, func(c block) bool { return c.index == index })
	var c block
	if i >= 0 {
		c = b.blocks[i]
		b.blocks = slices.Delete(b.blocks, i, i+1)
	} else {
		start := index * blockBytes
		c = block{index, make([]byte, min(blockBytes, b.size-start))}
		if _, err := b.fetch(c.data, start); err != nil {
			return 0, err
		}
	}
	if len(b.blocks) == maxBlocks {
		b.blocks = slices.Delete(b.blocks, 0, 1)
	}
	b.blocks = append(b.blocks, c)
	return copy(p, c.data[off-index*blockBytes:]), nil
}

// fetch fills p from off, in as many requests as broken connections make
// necessary.
func (b *blob) fetch(p []byte, off int64) (int, error) {
	n := 0
	var last error
	for range b.store.config.Retries {
		r, _, err := b.get(b.ctx, off+int64(n), off+int64(len(p)))
		if err != nil {
			return n, err
		}
		m, err := io.ReadFull(r, p[n:])
		r.Close() // its error says nothing about bytes that were read
		n += m
		if n == len(p) {
			return n, nil
		}
		if b.ctx.Err() != nil {
			return n, err
		}
		last = err
	}
	return n, unavailable(fmt.Errorf("broke off at byte %d of %d: %w", off+int64(n), b.size, last))
}
