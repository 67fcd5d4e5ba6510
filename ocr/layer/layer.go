// Package layer takes a page apart for the access copy: ink as stencils, what
// is coloured as patches of the scan, and paper as a small background.
//
// A page goes through one chain, on what reading it has made already: colour
// (seals, signatures and stamps become patches; small coloured print becomes a
// stencil of its own), ink (one stencil of one colour), paper (what is left,
// at a third of the resolution), and a look at the result. What does not come
// out like the scan is patched with the scan itself; a page on which that is
// too much falls back to one reduced JPEG, or to its stored image, with a
// reason.
//
// Guarantees: equal pages give equal bytes. Ink is coded pixel by pixel; no
// form is ever put in the place of another that resembles it. What is returned
// was compared with the scan, region by region.
//
// It is used inside child processes only, as package lept is.
package layer

import (
	"fmt"
	"image"
	"slices"

	"sohoa"
	"sohoa/archive/jbig2"
	"sohoa/ocr/lept"
)

// The reasons why a page is not layered; codes of Treatment.Reason.
const (
	ReasonPhoto     = "layer.photo"      // too much of it is neither paper nor strokes
	ReasonColour    = "layer.colour"     // colours cover too much of it
	ReasonFaint     = "layer.faint"      // pencil or pale writing covers too much of it
	ReasonLooks     = "layer.looks"      // composed, it did not look like the scan
	ReasonReads     = "layer.reads"      // composed, it did not read like the scan
	ReasonNoSmaller = "layer.no-smaller" // the stored image is no larger than what could be made of it
)

// Reasons are all of them.
var Reasons = []string{ReasonPhoto, ReasonColour, ReasonFaint, ReasonLooks, ReasonReads, ReasonNoSmaller}

// Page is a page to be taken apart, with what is known of it. The images stay
// the caller's.
type Page struct {
	Scan   *lept.Pix // as stored
	Ink    *lept.Pix // in 8 bits grey without red seals, in the light of the scan
	Mask   *lept.Pix // of the ink, 1 bit
	Small  *lept.Pix // the scan in 8 bits grey at Halvings times half its size
	DPI    float64   // of Scan
	Blank  bool      // nothing on it is worth reading
	Stored int       // bytes of the stored image

	Halvings int
}

// Halvings is how often a page of so many dpi, whose smaller side has that many
// pixels, is halved to be looked at: to between 90 and 180 dpi.
func Halvings(dpi float64, side int) int {
	n := 0
	for ; dpi >= 180 && side >= 2*windowSide && n < 3; n++ {
		dpi, side = dpi/2, side/2
	}
	return n
}

// Taken is a page in its layers.
type Taken struct {
	Layers sohoa.Layers
	Looks  Looks // what comparing it with the scan found; zero if it is not layered

	page     Page
	settings settings
	plain    *lept.Pix // the scan in 8 or 32 bits
	ink      *lept.Pix // mask of all its strokes
	masks    []*lept.Pix
	cover    *lept.Pix // what the background does not show
	shown    *lept.Pix // the background as a viewer decodes it; nil if it was not decoded yet
}

// Close frees what Taken holds beside Layers.
func (t *Taken) Close() {
	t.plain.Close()
	t.ink.Close()
	t.cover.Close()
	t.shown.Close()
	for _, m := range t.masks {
		m.Close()
	}
}

// Take takes a page apart. Its Problems are none: a page that cannot be
// layered falls back. fidelity is none of "" and sohoa.FidelityNone.
func Take(p Page, fidelity sohoa.Fidelity) (*Taken, error) {
	t := &Taken{page: p, settings: settingsOf(fidelity, p)}
	t.Layers.Width, t.Layers.Height = p.Scan.Width(), p.Scan.Height()
	if err := t.take(); err != nil {
		t.Close()
		return nil, fmt.Errorf("take page apart: %w", err)
	}
	return t, nil
}

func (t *Taken) take() error {
	bits, err := t.page.Scan.Bitonal()
	if err != nil {
		return err
	}
	if bits != nil {
		return t.bitonal(bits)
	}
	if t.plain, err = t.page.Scan.Plain(); err != nil {
		return err
	}
	return t.colours()
}

// bitonal stores a 1-bit page as it is: black on white.
func (t *Taken) bitonal(bits *lept.Pix) error {
	t.masks = append(t.masks, bits)
	code, err := encode(bits)
	if err != nil {
		return err
	}
	if t.page.Stored > 0 && len(code) >= t.page.Stored {
		return t.original(ReasonNoSmaller, fmt.Sprintf("%d bytes as JBIG2, %d as stored", len(code), t.page.Stored))
	}
	t.Layers.Stencils = []sohoa.Stencil{{Mask: code}}
	t.Layers.Treatment = sohoa.Treatment{Form: sohoa.FormBitonal, Bytes: int64(len(code))}
	return nil
}

// encode is a mask as JBIG2.
func encode(mask *lept.Pix) ([]byte, error) {
	bits, stride, err := mask.Packed()
	if err != nil {
		return nil, err
	}
	return jbig2.Encode(jbig2.Bitmap{Width: mask.Width(), Height: mask.Height(), Stride: stride, Bits: bits}), nil
}

// colours takes a grey or coloured page apart.
func (t *Taken) colours() error {
	if t.page.DPI < leastDPI {
		return t.Reduce(ReasonReads, fmt.Sprintf("%.0f dpi; stencils of less than %d dpi lose words", t.page.DPI, leastDPI))
	}
	var c coloured
	if t.plain.Depth() == 32 {
		chroma, err := t.plain.Chroma(t.settings.cell)
		if err != nil {
			return err
		}
		c = findColour(chroma, t.settings, image.Rect(0, 0, t.plain.Width(), t.plain.Height()))
		c.boxes = t.fitting(c.boxes)
	}
	if share := t.share(c.boxes); share > mostPatched {
		return t.Reduce(ReasonColour, fmt.Sprintf("colours cover %.0f %% of the page, at most %.0f %% can be patched", 100*share, 100*mostPatched))
	}
	if err := t.strokes(&c); err != nil {
		return err
	}
	done, err := t.layered(c)
	if err != nil || done {
		return err
	}
	return t.repair(c)
}

// strokes finds the mask of all strokes that are strong enough for one. Those
// that are not become patches, or where they are many, paper that is kept
// finer.
func (t *Taken) strokes(c *coloured) error {
	pale, err := findPale(t.page, t.settings, c.prints)
	if err != nil {
		return err
	}
	mask, err := t.firmMask(pale)
	if err != nil {
		return err
	}
	defer mask.Close()
	firm, err := mask.Whiten(pale.cells)
	if err != nil {
		return err
	}
	defer firm.Close()
	if t.ink, err = firm.WithoutSpecks(t.settings.speck); err != nil {
		return err
	}
	all := t.fitting(append(slices.Clone(c.boxes), pale.boxes...))
	if t.share(pale.boxes) > mostPale || t.share(all) > mostPatched {
		t.settings.finer()
		return nil
	}
	c.boxes = all
	return nil
}

// fitting unites boxes so that, with the other images of a page, they are no
// more than sohoa.MaxPageLayers.
func (t *Taken) fitting(boxes []image.Rectangle) []image.Rectangle {
	const others = 1 + 4 // a background, and stencils of ink and three coloured prints
	return fewer(merged(boxes), sohoa.MaxPageLayers-others)
}

// firmMask is the mask of strokes at their width. Near pale writing it is that
// of recognition: a limit that is good for print makes dashes of the rest of a
// pencil line.
func (t *Taken) firmMask(p pale) (*lept.Pix, error) {
	firm, err := t.page.Ink.FirmMask(p.paper, leastFirm, mostFirm)
	if err != nil || len(p.boxes) == 0 {
		return firm, err
	}
	defer firm.Close()
	near := make([]image.Rectangle, len(p.boxes))
	for i, r := range p.boxes {
		near[i] = r.Inset(-t.settings.reach).Intersect(image.Rect(0, 0, firm.Width(), firm.Height()))
	}
	far, err := firm.Whiten(near)
	if err != nil {
		return nil, err
	}
	defer far.Close()
	beyond, err := t.page.Mask.Whiten(near)
	if err != nil {
		return nil, err
	}
	defer beyond.Close()
	within, err := t.page.Mask.Without(beyond)
	if err != nil {
		return nil, err
	}
	defer within.Close()
	return far.With(within)
}

// share is how much of the page boxes are.
func (t *Taken) share(boxes []image.Rectangle) float64 {
	return area(boxes) / (float64(t.plain.Width()) * float64(t.plain.Height()))
}

// layered makes the layers, with c in patches. It reports whether that is
// the end: the page fell back, or looks as it should.
func (t *Taken) layered(c coloured) (bool, error) {
	ink, err := t.inks(c)
	if err != nil {
		return true, err
	}
	if ink > mostInk {
		return true, t.Reduce(ReasonPhoto, fmt.Sprintf("strokes cover %.0f %% of the page, at most %.0f %% are writing", 100*ink, 100*mostInk))
	}
	if err := t.background(c); err != nil {
		return true, err
	}
	if err := t.patches(c.boxes); err != nil {
		return true, err
	}
	n := t.bytes()
	if t.page.Stored > 0 && n >= int64(t.page.Stored) {
		return true, t.original(ReasonNoSmaller, fmt.Sprintf("%d bytes in layers, %d as stored", n, t.page.Stored))
	}
	t.Layers.Treatment = sohoa.Treatment{Form: sohoa.FormLayered, Bytes: n}
	t.Looks, err = t.look()
	return len(t.Looks.bad) == 0, err
}

// bytes is what the images of the layers take.
func (t *Taken) bytes() int64 {
	n := len(t.Layers.Background)
	for _, s := range t.Layers.Stencils {
		n += len(s.Mask)
	}
	for _, p := range t.Layers.Patches {
		n += len(p.JPEG)
	}
	return int64(n)
}

// inks makes the stencils and returns the share of the page that they cover.
func (t *Taken) inks(c coloured) (float64, error) {
	t.dropMasks()
	var err error
	if t.cover, err = t.ink.Thicken(t.settings.halo); err != nil {
		return 0, err
	}
	mask, err := t.ink.Whiten(c.boxes)
	if err != nil {
		return 0, err
	}
	defer func() { mask.Close() }()
	for _, limits := range c.prints {
		rest, err := t.print(mask, c, limits)
		if err != nil {
			return 0, err
		}
		if rest != nil {
			mask.Close()
			mask = rest
		}
	}
	for _, m := range t.masks {
		if err := t.hide(m); err != nil {
			return 0, err
		}
	}
	ink, err := mask.Ink(0, 0)
	if err != nil || ink == 0 || ink > mostInk {
		return ink, err
	}
	kept := mask
	mask = nil
	return ink, t.stencil(kept)
}

// hide adds what mask shows to the cover.
func (t *Taken) hide(mask *lept.Pix) error {
	thick, err := mask.Thicken(t.settings.halo)
	if err != nil {
		return err
	}
	defer thick.Close()
	both, err := t.cover.With(thick)
	if err != nil {
		return err
	}
	t.cover.Close()
	t.cover = both
	return nil
}

// print makes a stencil of small coloured print and returns mask without it,
// or nil where there is hardly any.
func (t *Taken) print(mask *lept.Pix, c coloured, limits []uint8) (*lept.Pix, error) {
	found, err := t.plain.ColourInk(c.chroma, limits, leastExcess)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	clean, err := found.WithoutSpecks(t.settings.speck)
	if err != nil {
		return nil, err
	}
	if real, err := t.isPrint(clean); err != nil || !real {
		clean.Close()
		return nil, err
	}
	rest, err := mask.Without(clean)
	if err != nil {
		clean.Close()
		return nil, err
	}
	if err := t.stencil(clean); err != nil {
		rest.Close()
		return nil, err
	}
	return rest, nil
}

// isPrint tells coloured print from the fringes of black print, which have no
// colour on the whole.
func (t *Taken) isPrint(mask *lept.Pix) (bool, error) {
	ink, err := mask.Ink(0, 0)
	if err != nil || ink < leastPrint {
		return false, err
	}
	c, err := t.plain.InkColour(mask)
	return int(max(c[0], c[1], c[2]))-int(min(c[0], c[1], c[2])) >= leastExcess, err
}

// stencil adds a mask, which it takes over, as ink of its mean colour.
func (t *Taken) stencil(mask *lept.Pix) error {
	t.masks = append(t.masks, mask)
	colour, err := t.plain.InkColour(mask)
	if err != nil {
		return err
	}
	code, err := encode(mask)
	t.Layers.Stencils = append(t.Layers.Stencils, sohoa.Stencil{Mask: code, Colour: colour})
	return err
}

func (t *Taken) dropMasks() {
	for _, m := range t.masks {
		m.Close()
	}
	t.cover.Close()
	t.masks, t.cover, t.Layers.Stencils = nil, nil, nil
}

// background stores the paper. Under patches it goes on as around them, but
// for a rim, because viewers round where a patch begins.
func (t *Taken) background(c coloured) error {
	s := t.settings
	hidden := make([]image.Rectangle, 0, len(c.boxes))
	for _, r := range c.boxes {
		if r = r.Inset(2 * s.factor); !r.Empty() {
			hidden = append(hidden, r)
		}
	}
	cover, err := t.cover.Blacken(hidden)
	if err != nil {
		return err
	}
	defer cover.Close()
	paper, err := t.plain.Paper(cover, s.factor)
	if err != nil {
		return err
	}
	defer func() { paper.Close() }()
	if c.neutral && paper.Depth() == 32 {
		gray, err := paper.Gray()
		if err != nil {
			return err
		}
		paper.Close()
		paper = gray
	}
	jpeg, err := paper.EncodeLayer(s.paperQuality)
	t.setBackground(jpeg)
	return err
}

func (t *Taken) setBackground(jpeg []byte) {
	t.shown.Close()
	t.Layers.Background, t.shown = jpeg, nil
}

// decoded is the background as a viewer decodes it; it stays t's own.
func (t *Taken) decoded() (*lept.Pix, error) {
	var err error
	if t.shown == nil {
		t.shown, err = lept.Decode(t.Layers.Background)
	}
	return t.shown, err
}

// patches stores the scan itself within boxes.
func (t *Taken) patches(boxes []image.Rectangle) error {
	t.Layers.Patches = nil
	for _, r := range boxes {
		crop, err := t.plain.Crop(r)
		if err != nil {
			return err
		}
		jpeg, err := crop.EncodeLayer(t.settings.patchQuality)
		crop.Close()
		if err != nil {
			return err
		}
		t.Layers.Patches = append(t.Layers.Patches, sohoa.Patch{X: r.Min.X, Y: r.Min.Y, Width: r.Dx(), Height: r.Dy(), JPEG: jpeg})
	}
	return nil
}

// original gives up: the page is its stored image.
func (t *Taken) original(reason, detail string) error {
	t.empty()
	t.Layers.Treatment = sohoa.Treatment{Form: sohoa.FormOriginal, Reason: reason, Detail: detail, Bytes: int64(t.page.Stored)}
	return nil
}

func (t *Taken) empty() {
	t.setBackground(nil)
	t.Layers.Stencils, t.Layers.Patches = nil, nil
	t.Looks = Looks{}
}

// Reduce makes the page fall back, for reason, to one JPEG of at most the
// resolution and quality that the fidelity has for that, or to the stored
// image if that is no larger.
func (t *Taken) Reduce(reason, detail string) error {
	if t.plain == nil { // 1-bit pages are exact
		return nil
	}
	t.empty()
	small, err := t.plain.Reduced(t.settings.reduce)
	if err != nil {
		return err
	}
	defer small.Close()
	jpeg, err := small.EncodeLayer(t.settings.reducedQuality)
	if err != nil {
		return err
	}
	if t.page.Stored > 0 && len(jpeg) >= t.page.Stored {
		return t.original(reason, fmt.Sprintf("%s; %d bytes reduced, %d as stored", detail, len(jpeg), t.page.Stored))
	}
	t.setBackground(jpeg)
	t.Layers.Treatment = sohoa.Treatment{Form: sohoa.FormReduced, Reason: reason, Detail: detail, Bytes: int64(len(jpeg))}
	return nil
}
