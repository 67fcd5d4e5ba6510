package jbig2

// maxContexts is the number of contexts of template 0: sixteen pixels.
const maxContexts = 1 << 16

// state is a row of table E.1 for one value of the more probable symbol.
type state struct {
	qe         uint32 // probability of the less probable symbol
	mps        uint32
	nmps, nlps uint8 // states after the more and the less probable symbol
}

// states is table E.1 twice: row i with 0 as the more probable symbol is
// states[2*i], with 1 states[2*i+1].
var states = makeStates()

// makeStates spells out table E.1 of ITU-T T.88.
func makeStates() [256]state {
	rows := [47]struct {
		qe           uint32
		nmps, nlps   uint8
		switchSymbol bool
	}{
		{0x5601, 1, 1, true}, {0x3401, 2, 6, false}, {0x1801, 3, 9, false}, {0x0AC1, 4, 12, false},
		{0x0521, 5, 29, false}, {0x0221, 38, 33, false}, {0x5601, 7, 6, true}, {0x5401, 8, 14, false},
		{0x4801, 9, 14, false}, {0x3801, 10, 14, false}, {0x3001, 11, 17, false}, {0x2401, 12, 18, false},
		{0x1C01, 13, 20, false}, {0x1601, 29, 21, false}, {0x5601, 15, 14, true}, {0x5401, 16, 14, false},
		{0x5101, 17, 15, false}, {0x4801, 18, 16, false}, {0x3801, 19, 17, false}, {0x3401, 20, 18, false},
		{0x3001, 21, 19, false}, {0x2801, 22, 19, false}, {0x2401, 23, 20, false}, {0x2201, 24, 21, false},
		{0x1C01, 25, 22, false}, {0x1801, 26, 23, false}, {0x1601, 27, 24, false}, {0x1401, 28, 25, false},
		{0x1201, 29, 26, false}, {0x1101, 30, 27, false}, {0x0AC1, 31, 28, false}, {0x09C1, 32, 29, false},
		{0x08A1, 33, 30, false}, {0x0521, 34, 31, false}, {0x0441, 35, 32, false}, {0x02A1, 36, 33, false},
		{0x0221, 37, 34, false}, {0x0141, 38, 35, false}, {0x0111, 39, 36, false}, {0x0085, 40, 37, false},
		{0x0049, 41, 38, false}, {0x0025, 42, 39, false}, {0x0015, 43, 40, false}, {0x0009, 44, 41, false},
		{0x0005, 45, 42, false}, {0x0001, 45, 43, false}, {0x5601, 46, 46, false},
	}
	var out [256]state
	for i, r := range rows {
		for mps := range uint8(2) {
			lps := mps
			if r.switchSymbol {
				lps = 1 - mps
			}
			out[2*i+int(mps)] = state{r.qe, uint32(mps), 2*r.nmps + mps, 2*r.nlps + lps}
		}
	}
	return out
}

// coder is the arithmetic encoder of annex E. Its registers are named there.
type coder struct {
	a, c     uint32
	ct       int
	contexts [maxContexts]uint8 // index of states by context
	out      []byte             // out[0] stands before the first byte of the code
}

// newCoder is INITENC. The output follows a byte that finish drops.
func newCoder() *coder {
	return &coder{a: 0x8000, ct: 12, out: make([]byte, 1, 64<<10)}
}

// encode is ENCODE of bit in context cx.
func (e *coder) encode(cx, bit uint32) {
	s := &states[e.contexts[cx&(maxContexts-1)]]
	e.a -= s.qe
	if bit == s.mps && e.a >= 0x8000 {
		e.c += s.qe
		return
	}
	e.adapt(cx, bit)
}

// adapt is the rest of CODEMPS and CODELPS, once Qe was taken from A, for
// what changes the state: every less probable symbol, and a more probable one
// that leaves A too small.
func (e *coder) adapt(cx, bit uint32) {
	p := &e.contexts[cx&(maxContexts-1)]
	s := &states[*p]
	if (bit == s.mps) == (e.a < s.qe) { // the larger part is the upper one
		e.a = s.qe
	} else {
		e.c += s.qe
	}
	if bit == s.mps {
		*p = s.nmps
	} else {
		*p = s.nlps
	}
	e.renormalise()
}

// renormalise is RENORME.
func (e *coder) renormalise() {
	for {
		e.a <<= 1
		e.c <<= 1
		if e.ct--; e.ct == 0 {
			e.byteOut()
		}
		if e.a >= 0x8000 {
			return
		}
	}
}

// byteOut is BYTEOUT: a carry goes into the byte before, and a byte 0xFF is
// followed by a stuffed bit.
func (e *coder) byteOut() {
	last := &e.out[len(e.out)-1]
	if *last != 0xFF && e.c >= 0x8000000 {
		*last++
		e.c &= 0x7FFFFFF
	}
	if *last == 0xFF {
		e.out = append(e.out, byte(e.c>>20))
		e.c &= 0xFFFFF
		e.ct = 7
		return
	}
	e.out = append(e.out, byte(e.c>>19))
	e.c &= 0x7FFFF
	e.ct = 8
}

// finish is FLUSH, and returns the code with the marker that ends it.
func (e *coder) finish() []byte {
	top := e.c + e.a
	e.c |= 0xFFFF
	if e.c >= top {
		e.c -= 0x8000
	}
	e.c <<= e.ct
	e.byteOut()
	e.c <<= e.ct
	e.byteOut()
	if e.out[len(e.out)-1] != 0xFF {
		e.out = append(e.out, 0xFF)
	}
	return append(e.out, 0xAC)[1:]
}
