package validation

import (
	"context"
	"crypto"
	"hash"

	"sohoa/signing/validation/cms"
	"sohoa/signing/validation/pdfrev"
)

// readAtOnce is how much of the file is in memory while it is hashed.
const readAtOnce = 4 << 20

// hasher hashes a file from its beginning. Every range of a file with many
// signatures begins there, so what one range has in common with the next is
// hashed once.
type hasher struct {
	file    *pdfrev.File
	running map[crypto.Hash]*prefix
	buffer  []byte
}

// prefix is a digest under way, over the first end bytes.
type prefix struct {
	hash.Hash
	end int64
}

// digest is that of the bytes that s covers, which lie in the file.
func (v *validator) digest(ctx context.Context, s *found, h cms.Hash) ([]byte, error) {
	b := s.Covers.ByteRange
	state, err := v.hasher.upTo(ctx, h.Func, b[0], b[0]+b[1])
	if err != nil {
		return nil, err
	}
	if err := v.hasher.add(ctx, state, b[2], s.coverEnd()); err != nil {
		return nil, err
	}
	return state.Sum(nil), nil
}

// upTo is the state of a digest over the bytes from start to before end.
func (h *hasher) upTo(ctx context.Context, f crypto.Hash, start, end int64) (hash.Hash, error) {
	p := h.running[f]
	if p == nil || p.end > end || start != 0 {
		p = &prefix{f.New(), start}
	}
	if err := h.add(ctx, p, p.end, end); err != nil {
		return nil, err
	}
	p.end = end
	cloner, ok := p.Hash.(hash.Cloner)
	if !ok || start != 0 {
		return p.Hash, nil
	}
	h.running[f] = p
	return cloner.Clone()
}

// add hashes the bytes from start to before end.
func (h *hasher) add(ctx context.Context, to hash.Hash, start, end int64) error {
	if h.buffer == nil {
		h.buffer = make([]byte, min(readAtOnce, h.file.Size()))
	}
	for start < end {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, _ := h.file.ReadAt(h.buffer[:min(int64(len(h.buffer)), end-start)], start)
		if err := h.file.Failed(); err != nil {
			return err
		}
		to.Write(h.buffer[:n])
		start += int64(n)
	}
	return nil
}
