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

// matrix maps the unit square of the stored image to the upright page. The
// corners move as the sheet would under a clockwise turn.
func (s pageSize) matrix(turn int) string {
	m := [6]float64{s.w, 0, 0, s.h, 0, 0}
	switch turn {
	case 90:
		m = [6]float64{0, -s.h, s.w, 0, 0, s.h}
	case 180:
		m = [6]float64{-s.w, 0, 0, -s.h, s.w, s.h}
	case 270:
		m = [6]float64{0, s.h, -s.w, 0, s.w, 0}
	}
	return numbers(m[:]...)
}

// numbers writes operands, separated by spaces.
func numbers(vs ...float64) string {
	out := make([]string, len(vs))
	for i, v := range vs {
		out[i] = num(v)
	}
	return strings.Join(out, " ")
}
