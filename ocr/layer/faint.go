package layer

import (
	"image"

	"sohoa/ocr/lept"
)

// How pencil and pale print are told from ink: strokes of which the mask
// shows a small part only. What the mask shows of them would be dashes.
const (
	palePercent = 86  // of the paper's brightness, below which a pixel belongs to a stroke
	paleDark    = 0.3 // share of a stroke's pixels in the mask, below which it is pale
	paleWide    = 0.08
	paleTile    = 0.1 // inches of the tiles in which paper is measured
)

// The limits of the mask that becomes a stencil, percent of the paper's
// brightness. The mask of recognition has the least everywhere, by which pale
// strokes grow thin.
const (
	leastFirm = 70
	mostFirm  = 85
)

// pale is writing that is too faint for a mask.
type pale struct {
	boxes []image.Rectangle // around it, pixels
	cells []image.Rectangle // that it is in, pixels
	paper lept.Background   // of the page
}

// findPale looks for it, but where prints, the limits of coloured print, has a
// stencil for what Page.Ink shows pale.
func findPale(p Page, s settings, prints [][]uint8) (pale, error) {
	paper, err := p.Ink.Background(max(8, int(p.DPI*paleTile)))
	if err != nil {
		return pale{}, err
	}
	found, err := p.Ink.Strokes(paper, p.Mask, palePercent, s.cell)
	if err != nil {
		return pale{}, err
	}
	faint := faintCells(found, s.cell)
	for _, limits := range prints {
		for k, v := range limits {
			faint[k] = faint[k] && v == 0
		}
	}
	bounds := image.Rect(0, 0, p.Ink.Width(), p.Ink.Height())
	out := pale{paper: paper}
	for _, m := range marks(faint, found.NX, found.NY, s.join) {
		if len(m.cells) < s.leastPale {
			continue
		}
		out.boxes = append(out.boxes, m.pixels(s.cell, bounds))
		for _, k := range m.cells {
			x, y := k%found.NX*s.cell, k/found.NX*s.cell
			out.cells = append(out.cells, image.Rect(x, y, x+s.cell, y+s.cell).Intersect(bounds))
		}
	}
	out.boxes = merged(out.boxes)
	return out, nil
}

// faintCells marks the cells that, with those around them, show strokes of
// which little is in the mask.
func faintCells(f lept.Strokes, cell int) []bool {
	out := make([]bool, len(f.Wide))
	for j := 1; j < f.NY-1; j++ {
		for i := 1; i < f.NX-1; i++ {
			wide, dark := 0, 0
			for y := j - 1; y <= j+1; y++ {
				for k := y*f.NX + i - 1; k <= y*f.NX+i+1; k++ {
					wide += int(f.Wide[k])
					dark += int(f.Dark[k])
				}
			}
			k := j*f.NX + i
			out[k] = f.Wide[k] > 0 && float64(wide) >= paleWide*float64(9*cell*cell) && float64(dark) < paleDark*float64(wide)
		}
	}
	return out
}
