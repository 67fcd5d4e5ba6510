package layer

import (
	"fmt"
	"image"
	"slices"

	"sohoa/ocr/lept"
)

// Looks is how a page in layers compares with its scan at about 150 dpi,
// by structural similarity, windows of bare paper left out.
type Looks struct {
	Mean  float64 // over the page; 1 is equal
	Worst float64 // of its regions

	bad []image.Rectangle // regions below the limit, pixels of the scan
}

// windowSide is that of the windows in which pictures are compared, and
// regionSide that of regions, in windows. A region is a third of an inch.
const (
	windowSide  = 8
	regionSide  = 6
	leastDetail = 60   // variance, below which a window of the scan is paper and its noise
	shadeSeen   = 24   // difference of brightness of a window that the evenness of ink makes
	shadeLimit  = 64   // and that no ink explains
	leastShown  = 4    // windows with something on them in a region that counts
	softer      = 0.08 // how much better a region beside a bad one has to be
)

// look compares the composed page with the scan.
func (t *Taken) look() (Looks, error) {
	composed, err := t.small()
	if err != nil {
		return Looks{}, err
	}
	defer composed.Close()
	a, err := t.page.Small.Alike(composed, windowSide)
	if err != nil {
		return Looks{}, err
	}
	return t.judge(a), nil
}

// judge sums the windows up, region by region.
func (t *Taken) judge(a lept.Alike) Looks {
	nx, ny := (a.NX+regionSide-1)/regionSide, (a.NY+regionSide-1)/regionSide
	l := Looks{Mean: 1, Worst: 1}
	likeness := make([]float64, nx*ny)
	sum, n := 0.0, 0
	for k := range likeness {
		s, shown := region(a, k%nx*regionSide, k/nx*regionSide)
		sum, n = sum+s, n+shown
		likeness[k] = 1
		if shown >= leastShown {
			likeness[k] = s / float64(shown)
		}
		l.Worst = min(l.Worst, likeness[k])
	}
	if n > 0 {
		l.Mean = sum / float64(n)
	}
	for _, m := range badMarks(likeness, nx, ny, t.settings.alike) {
		for _, r := range pieces(m.cells, nx) {
			l.bad = append(l.bad, t.regionBox(r))
		}
	}
	l.bad = merged(l.bad)
	return l
}

// badMarks groups the regions below limit with their neighbours that are
// hardly above it: a pencil line is not cut where it is a little darker.
func badMarks(likeness []float64, nx, ny int, limit float64) []mark {
	bad := make([]bool, len(likeness))
	for k, v := range likeness {
		bad[k] = v < limit
	}
	near := grow(bad, nx, ny, 1)
	for k, v := range likeness {
		bad[k] = bad[k] || near[k] && v < limit+softer
	}
	return marks(bad, nx, ny, 0)
}

// region sums up the windows from (i, j) on that show more than paper. Those
// at the edge of the page, where scanners see beyond the sheet, are left out.
func region(a lept.Alike, i, j int) (sum float64, n int) {
	edge := min(a.NX, a.NY) / 50
	for y := max(j, edge); y < min(a.NY-edge, j+regionSide); y++ {
		for x := max(i, edge); x < min(a.NX-edge, i+regionSide); x++ {
			if k := y*a.NX + x; a.Detail[k] >= leastDetail {
				sum += float64(a.SSIM[k]) * sameShade(float64(a.Shade[k]))
				n++
			}
		}
	}
	return sum, n
}

// sameShade is 1 for windows that are as bright as each other, or nearly, and 0
// for those that are not: structure alone takes a grey seal for a black one.
func sameShade(difference float64) float64 {
	return min(max((shadeLimit-difference)/(shadeLimit-shadeSeen), 0), 1)
}

// regionBox is the place of regions on the scan.
func (t *Taken) regionBox(r image.Rectangle) image.Rectangle {
	px := regionSide * windowSide << t.page.Halvings
	r = image.Rect(r.Min.X*px, r.Min.Y*px, r.Max.X*px, r.Max.Y*px)
	return r.Intersect(image.Rect(0, 0, t.plain.Width(), t.plain.Height()))
}

// small is the composed page in grey, of the size of page.Small.
func (t *Taken) small() (*lept.Pix, error) {
	w, h := t.page.Small.Width(), t.page.Small.Height()
	background, err := t.decoded()
	if err != nil {
		return nil, err
	}
	paper, err := background.Gray()
	if err != nil {
		return nil, err
	}
	defer paper.Close()
	out, err := paper.Stretch(w, h)
	if err != nil {
		return nil, err
	}
	if err := t.drawSmall(out); err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

func (t *Taken) drawSmall(out *lept.Pix) error {
	for i, m := range t.masks {
		coverage, err := m.Shrink(t.page.Halvings)
		if err != nil {
			return err
		}
		err = out.Stain(coverage, luminance(t.Layers.Stencils[i].Colour))
		coverage.Close()
		if err != nil {
			return err
		}
	}
	for _, p := range t.Layers.Patches {
		if err := pasteSmall(out, p.JPEG, image.Pt(p.X, p.Y), t.page.Halvings); err != nil {
			return err
		}
	}
	return nil
}

func pasteSmall(out *lept.Pix, jpeg []byte, at image.Point, halvings int) error {
	gray, err := grayJPEG(jpeg)
	if err != nil {
		return err
	}
	defer gray.Close()
	half, err := gray.Shrink(halvings)
	if err != nil {
		return err
	}
	defer half.Close()
	return out.Paste(half, at.X>>halvings, at.Y>>halvings)
}

// luminance is that of Pix.Gray, with leptonica's weights.
func luminance(c [3]uint8) uint8 {
	return uint8((30*int(c[0]) + 50*int(c[1]) + 20*int(c[2])) / 100)
}

// grayJPEG decodes one of our own images.
func grayJPEG(b []byte) (*lept.Pix, error) {
	p, err := lept.Decode(b)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Gray()
}

// Compose puts the layers of a page that is in layers together again, as a
// viewer shows it at the resolution of the scan, 32 bits deep.
func (t *Taken) Compose() (*lept.Pix, error) {
	return t.ComposeWithin(image.Rect(0, 0, t.Layers.Width, t.Layers.Height))
}

// ComposeWithin is Compose for a piece of the page.
func (t *Taken) ComposeWithin(r image.Rectangle) (*lept.Pix, error) {
	if t.Layers.Background == nil && len(t.Layers.Stencils) == 0 {
		piece, err := t.page.Scan.Crop(r)
		if err != nil {
			return nil, err
		}
		defer piece.Close()
		return piece.Deep()
	}
	out, err := t.paper(r)
	if err != nil {
		return nil, err
	}
	if err := t.draw(out, r); err != nil {
		out.Close()
		return nil, fmt.Errorf("compose page: %w", err)
	}
	return out, nil
}

// paper is the background within r.
func (t *Taken) paper(r image.Rectangle) (*lept.Pix, error) {
	if t.Layers.Background == nil {
		return lept.White(r.Dx(), r.Dy(), 32)
	}
	small, err := t.decoded()
	if err != nil {
		return nil, err
	}
	fx, fy := float64(t.Layers.Width)/float64(small.Width()), float64(t.Layers.Height)/float64(small.Height())
	of := func(v int, f float64, most int) int { return min(int(float64(v)/f), most) }
	part := image.Rect(of(r.Min.X, fx, small.Width()-1), of(r.Min.Y, fy, small.Height()-1), of(r.Max.X, fx, small.Width()), of(r.Max.Y, fy, small.Height()))
	part.Max.X, part.Max.Y = max(part.Max.X, part.Min.X+1), max(part.Max.Y, part.Min.Y+1)
	crop, err := small.Crop(part)
	if err != nil {
		return nil, err
	}
	defer crop.Close()
	deep, err := crop.Deep()
	if err != nil {
		return nil, err
	}
	defer deep.Close()
	return deep.Stretch(r.Dx(), r.Dy())
}

// draw puts the ink and the patches within r on out.
func (t *Taken) draw(out *lept.Pix, r image.Rectangle) error {
	for i, s := range t.Layers.Stencils {
		mask, err := t.masks[i].Crop(r)
		if err != nil {
			return err
		}
		err = out.Paint(mask, s.Colour)
		mask.Close()
		if err != nil {
			return err
		}
	}
	for _, p := range t.Layers.Patches {
		if !r.Overlaps(image.Rect(p.X, p.Y, p.X+p.Width, p.Y+p.Height)) {
			continue
		}
		if err := pasteDeep(out, p.JPEG, p.X-r.Min.X, p.Y-r.Min.Y); err != nil {
			return err
		}
	}
	return nil
}

func pasteDeep(out *lept.Pix, jpeg []byte, x, y int) error {
	p, err := lept.Decode(jpeg)
	if err != nil {
		return err
	}
	defer p.Close()
	deep, err := p.Deep()
	if err != nil {
		return err
	}
	defer deep.Close()
	return out.Paste(deep, x, y)
}

// repair patches the regions that do not look like the scan with the scan.
// Where they are many, paper is kept finer first. If they still are too much,
// the page falls back. What is patched changes the colour of the ink that is
// left, so there may be another round.
func (t *Taken) repair(c coloured) error {
	const rounds = 3
	more := t.share(merged(append(slices.Clone(c.boxes), t.Looks.bad...))) - t.share(c.boxes)
	if !t.settings.fine && more > mostPale {
		t.settings.finer()
		if done, err := t.layered(c); err != nil || done {
			return err
		}
	}
	for range rounds {
		bad := t.Looks.bad
		c.boxes = t.fitting(append(slices.Clone(c.boxes), bad...))
		if t.share(c.boxes) > mostPatched {
			return t.giveUp(c, bad)
		}
		if done, err := t.layered(c); err != nil || done {
			return err
		}
	}
	return t.Reduce(ReasonLooks, fmt.Sprintf("likeness %.2f at worst after patches, at least %.2f is wanted", t.Looks.Worst, t.settings.alike))
}

// giveUp falls back because the boxes of c, with bad among them, are too much.
func (t *Taken) giveUp(c coloured, bad []image.Rectangle) error {
	reason, err := t.why(bad)
	if err != nil {
		return err
	}
	return t.Reduce(reason, fmt.Sprintf("likeness %.2f on the page, %.2f at worst, %.0f %% of it below %.2f; %.0f %% would be patched, at most %.0f %%",
		t.Looks.Mean, t.Looks.Worst, 100*t.share(bad), t.settings.alike, 100*t.share(c.boxes), 100*mostPatched))
}

// why tells from the ink within boxes what could not be layered.
func (t *Taken) why(boxes []image.Rectangle) (string, error) {
	const dense, sparse = 0.2, 0.05 // print covers a tenth of its region
	rest, err := t.page.Mask.Whiten(boxes)
	if err != nil {
		return "", err
	}
	defer rest.Close()
	outside, err := rest.Ink(0, 0)
	if err != nil {
		return "", err
	}
	all, err := t.page.Mask.Ink(0, 0)
	switch ink := (all - outside) / t.share(boxes); {
	case ink > dense:
		return ReasonPhoto, err
	case ink < sparse:
		return ReasonFaint, err
	}
	return ReasonLooks, err
}
