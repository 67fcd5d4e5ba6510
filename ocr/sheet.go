package ocr

import (
	"math"

	"sohoa"
	"sohoa/ocr/layer"
	"sohoa/ocr/lept"
)

// The measures by which the preparation of a page is chosen. Sizes are in
// inches, so that they hold at any resolution.
const (
	tileInch    = 0.1     // of the tiles in which paper is measured
	inkPercent  = 70      // of the paper's brightness, below which a pixel is ink
	speckInch   = 1. / 60 // what is smaller is dust
	blankMargin = 0.03    // of the page's smaller side, where scanners leave shadows
	blankInk    = 0.00002 // share of ink below which a page is blank; a lone page number has 0.00004
	unevenLight = 12      // brightness between dim and bright parts, above which light is evened out
	sureTurn    = 8.0     // confidence of the orientation, below which it is tried out
	fineDPI     = 280     // from here on half the resolution shows ascenders well enough
	sureSkew    = 2.0     // confidence of the skew, below which it counts as none
	leastSkew   = 0.3     // degrees; straightening less costs more than it gives
)

// sheet is a decoded page, prepared but not turned.
type sheet struct {
	ink   *lept.Pix // grey without seals, in the light of the scan
	gray  *lept.Pix // the same, evenly lit
	mask  *lept.Pix // 1-bit
	small *lept.Pix // the scan in grey, halved
	dpi   float64
	blank bool

	halvings int // of small
}

// Close frees the images.
func (s *sheet) Close() {
	s.ink.Close()
	s.gray.Close()
	s.mask.Close()
	s.small.Close()
}

// newSheet measures scan, whose resolution is dpi if that is not 0.
func newSheet(scan *lept.Pix, dpi float64) (*sheet, error) {
	s := &sheet{dpi: resolution(scan, dpi)}
	s.halvings = layer.Halvings(s.dpi, min(scan.Width(), scan.Height()))
	var err error
	if s.ink, err = scan.InkGray(); err == nil {
		s.mask, s.gray, err = evenLight(s.ink, s.dpi)
	}
	if err == nil {
		s.small, err = smallGray(scan, s.halvings)
	}
	if err == nil {
		s.blank, err = s.isBlank(scan)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// smallGray is scan in 8 bits grey, as it is seen, halved.
func smallGray(scan *lept.Pix, halvings int) (*lept.Pix, error) {
	small, err := scan.Shrink(halvings)
	if err != nil {
		return nil, err
	}
	defer small.Close()
	return small.Gray()
}

// resolution is dpi, or else what the file says if that makes a sheet of
// paper of the page, or else what makes it A4.
func resolution(scan *lept.Pix, dpi float64) float64 {
	const least, most = 50, 1200                          // dpi
	const a7, a4, a2 = 105 / 25.4, 297 / 25.4, 594 / 25.4 // long sides, inches
	long := float64(max(scan.Width(), scan.Height()))
	if dpi >= least && dpi <= most {
		return dpi
	}
	if d := scan.DPI(); d >= least && d <= most && long/d >= a7*0.9 && long/d <= a2*1.1 {
		return d
	}
	return min(max(math.Round(long/a4), least), most)
}

// evenLight returns the mask of the ink of gray, and gray again or, where light
// is uneven, a flattened one.
func evenLight(gray *lept.Pix, dpi float64) (mask, even *lept.Pix, err error) {
	mask, bg, err := inkMask(gray, dpi)
	if err != nil {
		return nil, nil, err
	}
	if bg.Spread() < unevenLight {
		even, err = gray.Turn(0)
	} else {
		even, err = gray.Flatten(bg)
	}
	if err != nil {
		mask.Close()
		return nil, nil, err
	}
	return mask, even, nil
}

// inkMask is the mask of the ink of gray, and the paper that was found for it.
func inkMask(gray *lept.Pix, dpi float64) (*lept.Pix, lept.Background, error) {
	bg, err := gray.Background(max(8, int(dpi*tileInch)))
	if err != nil {
		return nil, bg, err
	}
	mask, err := gray.Mask(bg, inkPercent)
	return mask, bg, err
}

// isBlank reports whether there is no ink on the page. A page that bears a
// seal only is not blank, although there is nothing to read.
func (s *sheet) isBlank(scan *lept.Pix) (bool, error) {
	ink, err := s.mask.Ink(int(s.dpi*speckInch), blankMargin)
	if err != nil || ink >= blankInk || !scan.Colour() {
		return ink < blankInk, err
	}
	gray, err := scan.Gray()
	if err != nil {
		return false, err
	}
	defer gray.Close()
	mask, _, err := inkMask(gray, s.dpi)
	if err != nil {
		return false, err
	}
	defer mask.Close()
	ink, err = mask.Ink(int(s.dpi*speckInch), blankMargin)
	return ink < blankInk, err
}

// turns are the turns to try, in order: one if the page shows which way is
// up, else all of them, beginning with the known one.
func (s *sheet) turns(known int) ([]int, error) {
	turn, conf, err := s.orientation()
	if err != nil {
		return nil, err
	}
	if conf >= sureTurn {
		return []int{turn}, nil
	}
	return []int{known, turnBetween(known, 180), turnBetween(known, 90), turnBetween(known, 270)}, nil
}

// turnBetween adds turns, within 0 to 270.
func turnBetween(a, b int) int { return ((a+b)%360 + 360) % 360 }

// orientation looks at half the resolution first, where that is enough.
func (s *sheet) orientation() (turn int, conf float64, err error) {
	if s.dpi >= fineDPI {
		half, err := s.mask.Half(2)
		if err != nil {
			return 0, 0, err
		}
		defer half.Close()
		if turn, conf, err = half.Orientation(); err != nil || conf >= sureTurn {
			return turn, conf, err
		}
	}
	return s.mask.Orientation()
}

// view is a sheet as it is given to the engine.
type view struct {
	pix  *lept.Pix
	turn int
	skew float64 // degrees clockwise of the lines on the upright page
	back float64 // degrees by which pix was turned counter-clockwise to be straight
}

// Close frees the image.
func (v view) Close() { v.pix.Close() }

// view turns, cleans and straightens the sheet.
func (s *sheet) view(turn int) (view, error) {
	v := view{turn: turn}
	mask, err := s.mask.Turn(turn)
	if err != nil {
		return v, err
	}
	defer mask.Close()
	skew, conf, err := mask.FindSkew()
	if err != nil {
		return v, err
	}
	if conf >= sureSkew {
		v.skew = skew
	}
	gray, err := s.gray.Turn(turn)
	if err != nil {
		return v, err
	}
	defer gray.Close()
	clean, err := eraseLeaders(gray, mask, s.dpi)
	if err != nil {
		return v, err
	}
	if math.Abs(v.skew) < leastSkew {
		v.pix = clean
		return v, nil
	}
	defer clean.Close()
	v.back = v.skew
	v.pix, err = clean.Rotate(-v.back)
	return v, err
}

// page is the text of s as read in v.
func (s *sheet) page(v view, lines []sohoa.Line) sohoa.PageText {
	w, h := s.gray.Width(), s.gray.Height()
	if v.turn%180 != 0 {
		w, h = h, w
	}
	lines = withoutNoise(lines)
	place(lines, w, h, v.back)
	return sohoa.PageText{Width: w, Height: h, DPI: s.dpi, Turn: v.turn, Skew: v.skew, Blank: s.blank, Lines: lines}
}
