package jbig2

import "bytes"

// typicalContext codes whether a row's prediction differs from the one
// before it (6.2.5.7, figure 8).
const typicalContext = 0x9B25

// The context of template 0 with nominal adaptive pixels, figure 3: four
// pixels of the row to the left, seven of the row above and five of the row
// above that, each group with its rightmost pixel in its lowest bit.
const (
	above1 = 4  // lowest bit of the row above
	above2 = 11 // lowest bit of the row above that

	// kept are the bits that stay in their group when the context moves on
	// by one pixel.
	kept = 0xFFFF &^ (1 | 1<<above1 | 1<<above2)
)

// rows are the row to code and the two above it: bits beyond the width are 0,
// and zero bytes follow.
type rows struct {
	now, up1, up2 []byte
}

// encodeRows codes all pixels of m (6.2.5.7).
func encodeRows(m Bitmap) []byte {
	e := newCoder()
	n := (m.Width + 7) / 8
	last := byte(0xFF) << (8*n - m.Width)
	r := rows{make([]byte, n+1), make([]byte, n+1), make([]byte, n+1)}
	typical := false
	for y := range m.Height {
		r.now, r.up1, r.up2 = r.up2, r.now, r.up1
		copy(r.now, m.Bits[y*m.Stride:][:n])
		r.now[n-1] &= last
		same := bytes.Equal(r.now, r.up1)
		changed := uint32(0)
		if same != typical {
			changed = 1
		}
		e.encode(typicalContext, changed)
		typical = same
		if !same {
			e.row(r, m.Width)
		}
	}
	return e.finish()
}

// row codes one row. White stretches below white rows, where the context
// stays 0, are coded eight pixels at a time.
func (e *coder) row(r rows, width int) {
	cx := uint32(r.up1[0]>>4)<<above1 | uint32(r.up2[0]>>5)<<above2
	for i := 0; 8*i < width; i++ {
		pixels := min(8, width-8*i)
		if cx|uint32(r.now[i]|r.up1[i]|r.up1[i+1]|r.up2[i]|r.up2[i+1]) == 0 && e.white(uint32(pixels)) {
			continue
		}
		up1 := uint32(r.up1[i])<<8 | uint32(r.up1[i+1])
		up2 := uint32(r.up2[i])<<8 | uint32(r.up2[i+1])
		cx = e.pixels(cx, window{uint32(r.now[i]), up1 << above1, up2 << above2, pixels})
	}
}

// white codes n white pixels in context 0 if that is n times the quick way of
// encode.
func (e *coder) white(n uint32) bool {
	s := &states[e.contexts[0]]
	if s.mps != 0 || e.a-0x8000 < n*s.qe { // A is at least 0x8000 here
		return false
	}
	e.a -= n * s.qe
	e.c += n * s.qe
	return true
}

// window is the first n pixels of a byte to code, and of the rows above it
// sixteen pixels each from the same place, shifted to their group in the
// context.
type window struct {
	now, up1, up2 uint32
	n             int
}

// pixels codes the pixels of w from context cx on, and returns the next
// context.
func (e *coder) pixels(cx uint32, w window) uint32 {
	a, c := e.a, e.c
	now, up1, up2 := w.now, w.up1, w.up2
	for k := range uint32(w.n) {
		bit := now >> (7 - k) & 1
		s := &states[e.contexts[cx&(maxContexts-1)]]
		a -= s.qe
		if bit == s.mps && a >= 0x8000 {
			c += s.qe
		} else {
			e.a, e.c = a, c
			e.adapt(cx, bit)
			a, c = e.a, e.c
		}
		cx = cx<<1&kept | bit | up1>>(11-k)&(1<<above1) | up2>>(12-k)&(1<<above2)
	}
	e.a, e.c = a, c
	return cx
}
