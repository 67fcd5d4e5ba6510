package pdfa

import (
	"fmt"
	"strings"

	"sohoa"
)

// A resolution outside these bounds is a wrong entry in the image file, not a
// property of a scanner.
const (
	minDPI = 72
	maxDPI = 1200
)

// a4Long is the long side of A4, 297 mm, in points.
const a4Long = 297 / 25.4 * 72

// pageSize is the size of an upright page in points, and the resolution it
// was computed from.
type pageSize struct{ w, h, dpi float64 }

// sizeOf is the page for an image of width by height pixels. A page that
// would exceed the upper bound is scaled down whole; a side below the lower
// bound is widened.
func sizeOf(width, height int, dpi float64, turn int) (pageSize, error) {
	switch turn {
	case 0, 180:
	case 90, 270:
		width, height = height, width
	default:
		return pageSize{}, fmt.Errorf("turn by %d degrees: %w", turn, sohoa.ErrInvalid)
	}
	long := float64(max(width, height))
	if !(dpi >= minDPI && dpi <= maxDPI) { // also true for NaN
		dpi = long * 72 / a4Long
	}
	if long*72/dpi > sohoa.MaxPagePoints {
		dpi = long * 72 / sohoa.MaxPagePoints
	}
	side := func(px int) float64 {
		return min(max(float64(px)*72/dpi, sohoa.MinPagePoints), sohoa.MaxPagePoints)
	}
	return pageSize{side(width), side(height), dpi}, nil
}

// matrix maps the unit square to the page: a point (x, y) to
// (m[0]x + m[2]y + m[4], m[1]x + m[3]y + m[5]).
type matrix [6]float64

// matrix maps the unit square of the stored image to the upright page. The
// corners move as the sheet would under a clockwise turn.
func (s pageSize) matrix(turn int) matrix {
	switch turn {
	case 90:
		return matrix{0, -s.h, s.w, 0, 0, s.h}
	case 180:
		return matrix{-s.w, 0, 0, -s.h, s.w, s.h}
	case 270:
		return matrix{0, s.h, -s.w, 0, s.w, 0}
	}
	return matrix{s.w, 0, 0, s.h, 0, 0}
}

// part maps the unit square to where m puts the box from (x0, y0) to (x1, y1)
// of its square, y upwards.
func (m matrix) part(x0, y0, x1, y1 float64) matrix {
	w, h := x1-x0, y1-y0
	return matrix{m[0] * w, m[1] * w, m[2] * h, m[3] * h, m[0]*x0 + m[2]*y0 + m[4], m[1]*x0 + m[3]*y0 + m[5]}
}

// String is the operands of m.
func (m matrix) String() string { return numbers(m[:]...) }

// numbers writes operands, separated by spaces.
func numbers(vs ...float64) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = num(v)
	}
	return strings.Join(out, " ")
}
