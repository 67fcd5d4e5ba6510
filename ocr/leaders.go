package ocr

import (
	"image"
	"math"
	"slices"

	"sohoa/ocr/lept"
)

// The look of dotted leaders, the rows of dots on forms that writing goes
// on: dots of at most dotInch, and no fewer in a row than leastDots. An
// ellipsis has three.
const (
	dotInch   = 0.03
	leastDots = 6
	dotHalo   = 2 // pixels around a dot that are erased with it
)

// eraseLeaders returns gray without the dotted leaders that mask shows. The
// engine takes them for letters and misreads what stands before and above.
func eraseLeaders(gray, mask *lept.Pix, dpi float64) (*lept.Pix, error) {
	parts, err := mask.Components(max(3, int(dpi*dotInch)))
	if err != nil {
		return nil, err
	}
	dots := leaderDots(parts)
	for i, r := range dots {
		dots[i] = r.Inset(-dotHalo).Intersect(image.Rect(0, 0, gray.Width(), gray.Height()))
	}
	return gray.Whiten(dots)
}

// leaderDots picks the parts that stand in rows: to the right of each dot,
// nearly level with it, at a steady distance, stands the next. Writing covers
// some dots; beyond it the row goes on in step.
func leaderDots(parts []image.Rectangle) []image.Rectangle {
	out := rightwards(parts)
	taken := map[image.Rectangle]bool{}
	for _, r := range out {
		taken[r] = true
	}
	for _, r := range rightwards(mirrored(parts)) {
		if r = mirror(r); !taken[r] {
			out = append(out, r)
		}
	}
	return out
}

// mirror swaps left and right.
func mirror(r image.Rectangle) image.Rectangle {
	return image.Rect(-r.Max.X, r.Min.Y, -r.Min.X, r.Max.Y)
}

func mirrored(parts []image.Rectangle) []image.Rectangle {
	out := make([]image.Rectangle, len(parts))
	for i, r := range parts {
		out[i] = mirror(r)
	}
	return out
}

// rightwards picks the rows that begin at their left end.
func rightwards(parts []image.Rectangle) []image.Rectangle {
	slices.SortFunc(parts, func(a, b image.Rectangle) int { return a.Min.X - b.Min.X })
	rows := newRowIndex(parts)
	used := make([]bool, len(parts))
	var out []image.Rectangle
	for i := range parts {
		if used[i] {
			continue
		}
		chain := rows.chain(i, used)
		if len(chain) < leastDots {
			continue
		}
		for _, k := range chain {
			used[k] = true
			out = append(out, parts[k])
		}
	}
	return out
}

// rowIndex finds parts by the row of pixels on which their centre lies.
type rowIndex struct {
	parts []image.Rectangle // by Min.X
	at    map[int][]int     // centre row to parts, by Min.X
}

func newRowIndex(parts []image.Rectangle) rowIndex {
	x := rowIndex{parts, map[int][]int{}}
	for i, r := range parts {
		y := (r.Min.Y + r.Max.Y) / 2
		x.at[y] = append(x.at[y], i)
	}
	return x
}

// chain follows the row of dots that begins at first.
func (x rowIndex) chain(first int, used []bool) []int {
	chain := []int{first}
	pitch := 0.0
	for {
		next, steps, gap := x.next(chain[len(chain)-1], pitch, used)
		if next < 0 || steps > 1 && len(chain) < leastDots {
			return chain
		}
		if pitch == 0 {
			pitch = gap
		}
		pitch += (gap/steps - pitch) / 4
		chain = append(chain, next)
	}
}

// next finds the nearest dot to the right of from, at about pitch or a
// multiple of it, if that is not 0. It returns how many pitches it is away,
// and the distance.
func (x rowIndex) next(from int, pitch float64, used []bool) (best int, steps, gap float64) {
	r := x.parts[from]
	size := max(r.Dx(), r.Dy())
	best, gap = -1, math.Inf(1)
	y := (r.Min.Y + r.Max.Y) / 2
	for row := y - max(1, size/3); row <= y+max(1, size/3); row++ {
		for _, k := range x.after(row, r.Min.X) {
			d := float64(x.parts[k].Min.X+x.parts[k].Max.X-r.Min.X-r.Max.X) / 2
			if d >= gap || d > farthest(size, pitch) {
				break
			}
			if n := inStep(d, size, pitch); n > 0 && !used[k] && alike(size, x.parts[k]) {
				best, steps, gap = k, n, d
			}
		}
	}
	return best, steps, gap
}

// maxCovered is the number of dots in a row that writing may cover.
const maxCovered = 30

// farthest is the distance beyond which no next dot is looked for.
func farthest(size int, pitch float64) float64 {
	if pitch == 0 {
		return 5 * float64(size)
	}
	return (maxCovered + 0.5) * pitch
}

// inStep tells how many pitches make the distance d, or 0 if it is none. The
// first pitch is taken from the size of the dots.
func inStep(d float64, size int, pitch float64) float64 {
	if pitch == 0 {
		if d >= 1.2*float64(size) {
			return 1
		}
		return 0
	}
	n := math.Round(d / pitch)
	if n == 0 || n == 1 && d < 0.6*pitch || n > 1 && math.Abs(d-n*pitch) > 0.2*pitch {
		return 0
	}
	return n
}

// after returns the parts of a row whose left end is right of left.
func (x rowIndex) after(row, left int) []int {
	all := x.at[row]
	i, _ := slices.BinarySearchFunc(all, left+1, func(k, want int) int { return x.parts[k].Min.X - want })
	return all[i:]
}

// alike reports whether r is about as large as a dot of size pixels.
func alike(size int, r image.Rectangle) bool {
	other := max(r.Dx(), r.Dy())
	return other <= 2*size && size <= 2*other
}
