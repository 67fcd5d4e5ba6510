package ocr

import (
	"math"

	"sohoa"
)

// place moves lines from the frame of an image that was straightened by back
// degrees to the page of w by h pixels as it was scanned.
func place(lines []sohoa.Line, w, h int, back float64) {
	f := newFrame(w, h, back)
	for i := range lines {
		l := &lines[i]
		l.Box = f.rect(l.Box)
		l.Baseline.X0, l.Baseline.Y0 = f.point(l.Baseline.X0, l.Baseline.Y0)
		l.Baseline.X1, l.Baseline.Y1 = f.point(l.Baseline.X1, l.Baseline.Y1)
		for k := range l.Words {
			l.Words[k].Box = f.rect(l.Words[k].Box)
		}
	}
}

// frame is a page and the angle between it and what was read.
type frame struct {
	w, h     float64
	sin, cos float64
}

func newFrame(w, h int, degrees float64) frame {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return frame{float64(w), float64(h), sin, cos}
}

// point turns a point clockwise about the centre of the page.
func (f frame) point(x, y float64) (float64, float64) {
	dx, dy := x-f.w/2, y-f.h/2
	return f.w/2 + dx*f.cos - dy*f.sin, f.h/2 + dx*f.sin + dy*f.cos
}

// rect is the box around r turned, inside the page, to a tenth of a pixel.
func (f frame) rect(r sohoa.Rect) sohoa.Rect {
	if f.sin != 0 {
		ax, ay := f.point(r.X0, r.Y0)
		bx, by := f.point(r.X1, r.Y0)
		cx, cy := f.point(r.X1, r.Y1)
		dx, dy := f.point(r.X0, r.Y1)
		r = sohoa.Rect{X0: min(ax, bx, cx, dx), Y0: min(ay, by, cy, dy), X1: max(ax, bx, cx, dx), Y1: max(ay, by, cy, dy)}
	}
	return sohoa.Rect{X0: clamp(r.X0, f.w), Y0: clamp(r.Y0, f.h), X1: clamp(r.X1, f.w), Y1: clamp(r.Y1, f.h)}
}

func clamp(v, most float64) float64 { return min(max(math.Round(v*10)/10, 0), most) }
