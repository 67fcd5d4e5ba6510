package layer

import (
	"cmp"
	"image"
	"math"
	"slices"

	"sohoa/ocr/lept"
)

// coloured is what on a page has a colour that its paper has not.
type coloured struct {
	chroma  lept.Chroma
	boxes   []image.Rectangle // marks to be patched, pixels
	prints  [][]uint8         // small print: for each hue the limits of lept.ColourInk
	neutral bool              // paper is grey
}

// blockCells is the side of the blocks of cells in which paper is measured: a
// seal has three of them each way, and paper between its strokes.
const blockCells = 16

// field is a map of cells with what was found in each.
type field struct {
	lept.Chroma
	away []float64 // distance from the colour of paper, and of ink on it
}

// findColour looks for marks in c, a page that fills bounds.
func findColour(c lept.Chroma, s settings, bounds image.Rectangle) coloured {
	f, tint := measure(c)
	limit := max(s.chroma, noisy*f.noise())
	marked := make([]bool, len(f.away))
	for i, d := range f.away {
		marked[i] = d > limit && c.Luma[i] >= leastLuma
	}
	out := coloured{chroma: c, neutral: tint <= neutral}
	var rest []int
	all := marks(marked, c.NX, c.NY, s.join)
	for _, m := range all {
		if m.grown >= s.leastArea && min(m.Dx(), m.Dy()) >= s.leastSide && fill(m, all) >= filled {
			out.boxes = append(out.boxes, m.pixels(c.Cell, bounds))
			continue
		}
		rest = append(rest, m.cells...)
	}
	out.prints = f.prints(slices.DeleteFunc(rest, func(k int) bool {
		at := image.Pt(k%c.NX*c.Cell, k/c.NX*c.Cell)
		return slices.ContainsFunc(out.boxes, func(r image.Rectangle) bool { return at.In(r) })
	}))
	out.neutral = out.neutral && len(out.prints) == 0
	return out
}

// fill is the share of the box of m that is within reach of it or of marks
// inside, like the star in the ring of a seal.
func fill(m mark, all []mark) float64 {
	grown := 0
	for _, o := range all {
		if o.In(m.Rectangle) {
			grown += o.grown
		}
	}
	return float64(grown) / float64(m.area())
}

// leastLuma is the brightness of a cell, below which it is the dark beside the
// sheet: the scanner's colours there mean nothing, and no ink fills a cell so.
const leastLuma = 64

// noisy is how many times the noise of its colours a mark stands out from
// paper; filled is how much of its box it has to fill.
const (
	noisy  = 8
	filled = 0.3
)

// measure finds the colour of the paper around each cell, and how far the
// cell is from it. Ink is greyer than the paper it is on, so what lies
// between the paper's colour and grey is no colour. tint is the chroma of
// most of the paper.
func measure(c lept.Chroma) (field, float64) {
	cb, cr := paperOf(c, c.Cb), paperOf(c, c.Cr)
	f := field{c, make([]float64, len(c.Cb))}
	bx := blocks(c.NX)
	tints := make([]float64, len(cb))
	for i := range cb {
		tints[i] = math.Hypot(cb[i], cr[i])
	}
	for j := range c.NY {
		for i := range c.NX {
			k, b := j*c.NX+i, j/blockCells*bx+i/blockCells
			f.away[k] = fromSegment(float64(c.Cb[k]), float64(c.Cr[k]), cb[b], cr[b])
		}
	}
	slices.Sort(tints)
	return f, tints[len(tints)/2]
}

func blocks(cells int) int { return (cells + blockCells - 1) / blockCells }

// fromSegment is the distance of (x, y) from the segment between 0 and (px, py).
func fromSegment(x, y, px, py float64) float64 {
	n := px*px + py*py
	if n == 0 {
		return math.Hypot(x, y)
	}
	t := min(max((x*px+y*py)/n, 0), 1.2) // paper is a little more coloured here and there
	return math.Hypot(x-t*px, y-t*py)
}

// paperOf is the median of each block's cells and then of its neighbours'.
func paperOf(c lept.Chroma, v []int8) []float64 {
	bx, by := blocks(c.NX), blocks(c.NY)
	raw := make([]float64, bx*by)
	near := make([]int8, 0, blockCells*blockCells)
	for j := range by {
		for i := range bx {
			near = near[:0]
			for y := j * blockCells; y < min(c.NY, (j+1)*blockCells); y++ {
				near = append(near, v[y*c.NX+i*blockCells:y*c.NX+min(c.NX, (i+1)*blockCells)]...)
			}
			slices.Sort(near)
			raw[j*bx+i] = float64(near[len(near)/2])
		}
	}
	out := make([]float64, len(raw))
	var around []float64
	for j := range by {
		for i := range bx {
			around = around[:0]
			for y := max(0, j-1); y <= min(by-1, j+1); y++ {
				around = append(around, raw[y*bx+max(0, i-1):y*bx+min(bx-1, i+1)+1]...)
			}
			slices.Sort(around)
			out[j*bx+i] = around[len(around)/2]
		}
	}
	return out
}

// noise is the mean distance of the three quarters of the cells that are
// nearest to the colour of their paper.
func (f field) noise() float64 {
	var count [256]int
	for _, d := range f.away {
		count[min(255, int(4*d))]++
	}
	left, sum, n := len(f.away)*3/4, 0.0, 0
	for d, k := range count {
		k = min(k, left)
		sum += float64(k) * (float64(d) + 0.5) / 4
		left, n = left-k, n+k
	}
	return sum / float64(max(1, n))
}

// prints are the limits for the coloured ink of cells and their neighbours,
// by hue: red, blue, green.
func (f field) prints(cells []int) [][]uint8 {
	byHue := make([][]uint8, 3)
	for _, k := range cells {
		h := hue(float64(f.Cb[k]), float64(f.Cr[k]))
		if byHue[h] == nil {
			byHue[h] = make([]uint8, len(f.away))
		}
		i, j := k%f.NX, k/f.NX
		for y := max(0, j-1); y <= min(f.NY-1, j+1); y++ {
			for x := max(0, i-1); x <= min(f.NX-1, i+1); x++ {
				byHue[h][y*f.NX+x] = printLimit
			}
		}
	}
	return slices.DeleteFunc(byHue, func(l []uint8) bool { return l == nil })
}

// printLimit is the brightness of its darkest channel, below which a pixel
// with a colour is coloured ink.
const printLimit = 170

func hue(cb, cr float64) int {
	switch {
	case cr > 0 && cr >= cb:
		return 0
	case cb > 0:
		return 1
	}
	return 2
}

// mark is a group of coloured cells.
type mark struct {
	image.Rectangle       // cells
	cells           []int // those with a colour
	grown           int   // with those within reach
}

func (m mark) area() int { return m.Dx() * m.Dy() }

// pixels is the box of m on the page, with half a cell to spare.
func (m mark) pixels(cell int, bounds image.Rectangle) image.Rectangle {
	r := image.Rect(m.Min.X*cell, m.Min.Y*cell, m.Max.X*cell, m.Max.Y*cell)
	return snapped(r.Inset(-(cell / 2)), bounds)
}

// snapped is r grown to whole blocks of JPEG, which the page can be halved
// with as often as it is.
func snapped(r, bounds image.Rectangle) image.Rectangle {
	const block = 8
	r.Min = image.Pt(r.Min.X&^(block-1), r.Min.Y&^(block-1))
	r.Max = image.Pt((r.Max.X+block-1)&^(block-1), (r.Max.Y+block-1)&^(block-1))
	return r.Intersect(bounds)
}

// marks groups the marked cells of a map of nx by ny that lie within join
// cells of each other.
func marks(marked []bool, nx, ny, join int) []mark {
	near := grow(marked, nx, ny, join)
	var out []mark
	var stack []int
	for k := range near {
		if !near[k] {
			continue
		}
		m := mark{Rectangle: inside(nx, ny)}
		near[k] = false
		for stack = append(stack[:0], k); len(stack) > 0; {
			k := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			m.add(k, nx, marked[k])
			for _, d := range neighbours(k, nx, len(near)) {
				if near[d] {
					near[d] = false
					stack = append(stack, d)
				}
			}
		}
		out = append(out, m)
	}
	return out
}

// inside is an empty rectangle, inside out, that any cell of a map of nx by ny
// makes one.
func inside(nx, ny int) image.Rectangle { return image.Rectangle{Min: image.Pt(nx, ny)} }

func (m *mark) add(k, nx int, marked bool) {
	m.grown++
	if !marked {
		return
	}
	m.cells = append(m.cells, k)
	x, y := k%nx, k/nx
	m.Min = image.Pt(min(m.Min.X, x), min(m.Min.Y, y))
	m.Max = image.Pt(max(m.Max.X, x+1), max(m.Max.Y, y+1))
}

// neighbours are the cells left, right, above and below k.
func neighbours(k, nx, n int) []int {
	out := make([]int, 0, 4)
	if k%nx > 0 {
		out = append(out, k-1)
	}
	if k%nx < nx-1 {
		out = append(out, k+1)
	}
	if k >= nx {
		out = append(out, k-nx)
	}
	if k+nx < n {
		out = append(out, k+nx)
	}
	return out
}

// grow marks every cell within n cells of a marked one, row-wise and then
// column-wise.
func grow(marked []bool, nx, ny, n int) []bool {
	rows, out := make([]bool, len(marked)), make([]bool, len(marked))
	for j := range ny {
		spread(marked, rows, j*nx, 1, nx, n)
	}
	for i := range nx {
		spread(rows, out, i, nx, ny, n)
	}
	return out
}

// spread does so along one row or column of count cells.
func spread(in, out []bool, first, step, count, n int) {
	last := -n - 1
	for i := range count {
		if in[first+i*step] {
			for k := max(last+n+1, i-n, 0); k <= min(i+n, count-1); k++ {
				out[first+k*step] = true
			}
			last = i
		}
	}
}

// pieces are boxes around cells of a map of nx columns that are half full of
// them at least: one box around what goes along two edges of a page would be
// the page.
func pieces(cells []int, nx int) []image.Rectangle {
	var m mark
	m.Rectangle = inside(nx, cells[0]/nx+1)
	for _, k := range cells {
		m.add(k, nx, true)
	}
	if 2*len(cells) >= m.area() {
		return []image.Rectangle{m.Rectangle}
	}
	middle := m.Min.Add(m.Max).Div(2)
	var low, high []int
	for _, k := range cells {
		if m.Dx() >= m.Dy() && k%nx < middle.X || m.Dx() < m.Dy() && k/nx < middle.Y {
			low = append(low, k)
		} else {
			high = append(high, k)
		}
	}
	return append(pieces(low, nx), pieces(high, nx)...)
}

// merged unites boxes that overlap, until none do, in a fixed order. Two that
// make a corner stay as they are.
func merged(boxes []image.Rectangle) []image.Rectangle {
	for again := true; again; {
		again = false
		for i := 0; i < len(boxes); i++ {
			for k := i + 1; k < len(boxes); k++ {
				if both := boxes[i].Union(boxes[k]); boxes[i].Overlaps(boxes[k]) && compact(both, boxes[i], boxes[k]) {
					boxes[i] = both
					boxes = slices.Delete(boxes, k, k+1)
					k--
					again = true
				}
			}
		}
	}
	slices.SortFunc(boxes, inOrder)
	return boxes
}

// inOrder sorts boxes from the top down.
func inOrder(a, b image.Rectangle) int {
	return cmp.Or(a.Min.Y-b.Min.Y, a.Min.X-b.Min.X, a.Max.Y-b.Max.Y, a.Max.X-b.Max.X)
}

// compact reports whether most of the union of a and b is a or b.
func compact(both, a, b image.Rectangle) bool {
	const most = 1.5
	size := func(r image.Rectangle) float64 { return float64(r.Dx()) * float64(r.Dy()) }
	return size(both) <= most*(size(a)+size(b)-size(a.Intersect(b)))
}

// fewer unites neighbours among boxes, near ones first, until there are at
// most n.
func fewer(boxes []image.Rectangle, n int) []image.Rectangle {
	for side := 64; len(boxes) > n; side *= 2 {
		cell := func(r image.Rectangle) image.Point { return r.Min.Add(r.Max).Div(2 * side) }
		slices.SortFunc(boxes, func(a, b image.Rectangle) int {
			return cmp.Or(cell(a).Y-cell(b).Y, cell(a).X-cell(b).X, inOrder(a, b))
		})
		joined := boxes[:1]
		for _, r := range boxes[1:] {
			if last := &joined[len(joined)-1]; cell(*last) == cell(r) {
				*last = last.Union(r)
			} else {
				joined = append(joined, r)
			}
		}
		boxes = merged(joined)
	}
	return boxes
}

// area is the number of pixels within boxes; where they overlap they count
// twice.
func area(boxes []image.Rectangle) float64 {
	n := 0
	for _, r := range boxes {
		n += r.Dx() * r.Dy()
	}
	return float64(n)
}
