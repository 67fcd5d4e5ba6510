package layer

import (
	"math"

	"sohoa"
)

// level is what a fidelity asks for.
type level struct {
	paperDPI       float64 // of the background
	paperQuality   int     // of its JPEG
	blankDPI       float64 // the same of a blank page
	blankQuality   int
	patchQuality   int     // of seals and signatures, at full resolution
	reducedDPI     float64 // of a page that falls back
	reducedQuality int
	chroma         float64 // difference from the paper's colour that is a colour of its own
	alike          float64 // likeness of a region, below which it is patched
}

// levels are the fidelities; docs/decisions/layers.md has what each costs.
var levels = map[sohoa.Fidelity]level{
	sohoa.FidelitySmall:    {75, 30, 50, 30, 60, 150, 50, 12, 0.60},
	sohoa.FidelityStandard: {100, 40, 75, 30, 75, 200, 60, 10, 0.75},
	sohoa.FidelityHigh:     {150, 60, 100, 60, 85, 300, 75, 8, 0.82},
}

// Lengths in inches, so that they hold at any resolution, and bounds.
const (
	cellInch  = 8. / 300 // side of a cell in which colour is measured
	haloInch  = 2. / 300 // around strokes, where ink has bled into what the scanner saw
	speckInch = 3. / 300 // what is smaller is dust
	leastArea = 0.1      // square inches of a patch; smaller colours are print
	leastSide = 0.15     // and its smaller side
	joinInch  = 0.1      // gap between coloured marks of one patch

	leastPale = 0.02 // square inches of pale writing; less is a smudge
	reachInch = 0.12 // how far its strokes go on where there is too little of them to be found

	leastDPI    = 130     // below which strokes have too few pixels for a stencil
	mostPale    = 0.08    // share of the page that is patched where paper could be kept finer
	mostPatched = 0.25    // share of the page in patches
	mostInk     = 0.25    // share of the page under stencils
	leastExcess = 50      // difference of channels of coloured ink
	leastPrint  = 0.00001 // share of the page, below which coloured print is none
	neutral     = 2       // chroma of paper, up to which it is grey
)

// settings are those of one page, in pixels.
type settings struct {
	level
	factor    int // pixels of the scan in one of the background, each way
	cell      int
	halo      int
	speck     int
	join      int // cells
	leastArea int // cells
	leastSide int // cells
	leastPale int // cells
	reach     int
	fine      bool    // finer was called
	reduce    float64 // scale of a page that falls back
}

// finer keeps paper at up to twice the resolution, because there is more on it than
// paper.
func (s *settings) finer() {
	s.factor, s.paperQuality, s.fine = (s.factor+1)/2, max(50, s.paperQuality), true
}

func settingsOf(f sohoa.Fidelity, p Page) settings {
	l, ok := levels[f]
	if !ok {
		l = levels[sohoa.FidelityStandard]
	}
	if p.Blank {
		l.paperDPI, l.paperQuality = l.blankDPI, l.blankQuality
	}
	px := func(inch float64) int { return max(1, int(math.Round(inch*p.DPI))) }
	s := settings{level: l, cell: max(2, px(cellInch)), halo: px(haloInch), speck: px(speckInch)}
	s.factor = max(1, int(math.Round(p.DPI/l.paperDPI)))
	s.join = max(1, int(joinInch*p.DPI)/s.cell/2)
	s.leastArea = max(1, int(leastArea*p.DPI*p.DPI)/(s.cell*s.cell))
	s.leastSide = px(leastSide) / s.cell
	s.leastPale = max(2, int(leastPale*p.DPI*p.DPI)/(s.cell*s.cell))
	s.reach = px(reachInch)
	s.reduce = min(1, l.reducedDPI/p.DPI)
	return s
}
