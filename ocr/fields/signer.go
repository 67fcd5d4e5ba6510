package fields

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sohoa"
)

// Bounds on where a signature goes, in millimetres but for the first. The last
// page may hold nothing but the signature, so how far down does not matter.
const (
	signReach   = 0.25 // of the page's height, from the line of the position to the name
	leastHeight = 8.0  // of the place, mm
	mostHeight  = 30.0
	mostWidth   = 60.0
)

// positions begin the lines that say on whose behalf somebody signs (NĐ
// 30/2020, Appendix I, Part I, 7), folded.
var positions = []string{"TM.", "T.M", "KT.", "K.T", "TL.", "T.L", "TUQ.", "T.U.Q", "Q.", "THUA LENH", "THUA UY QUYEN"}

// SignaturePlace finds where the person called name signs: between the line of
// the position and the full name at the foot of the text (NĐ 30/2020, Appendix
// I). Pages are those of one document, in any order; the place is on one of
// them, in its pixels. It is found only if the name stands there in full, but
// for a letter that was misread, under a line of a position, with room between
// them for a signature; ok says whether it is.
func SignaturePlace(pages []sohoa.PageText, name string) (page int, place sohoa.Rect, ok bool) {
	pages = slices.SortedFunc(slices.Values(pages), func(a, b sohoa.PageText) int { return b.Page - a.Page })
	wanted := strings.Fields(string(fold(norm.NFC.String(name))))
	if len(wanted) < 2 { // one word stands in many places
		return 0, sohoa.Rect{}, false
	}
	for _, p := range pages {
		if p.DPI <= 0 {
			continue
		}
		s := newSheet(p)
		for _, g := range slices.Backward(s.segments) {
			at, found := g.find(wanted)
			if !found {
				continue
			}
			if place, ok := s.above(at, p.DPI/25.4); ok {
				return p.Page, place, true
			}
		}
	}
	return 0, sohoa.Rect{}, false
}

// find finds a name that ends g: before it may stand a rank or a degree, after
// it nothing.
func (g segment) find(name []string) (sohoa.Rect, bool) {
	words := strings.Fields(string(g.plain))
	from := len(g.words) - len(name)
	if from < 0 || from > 3 || len(words) != len(g.words) {
		return sohoa.Rect{}, false
	}
	if !alike(strings.Join(words[from:], " "), strings.Join(name, " ")) {
		return sohoa.Rect{}, false
	}
	box := g.words[from].Box
	for _, w := range g.words[from:] {
		box = union(box, w.Box)
	}
	return box, true
}

// alike reports whether a and b differ in one letter of eight at most.
func alike(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) {
		return false
	}
	wrong := 0
	for i := range x {
		if x[i] != y[i] {
			wrong++
		}
	}
	return wrong*8 <= len(x)
}

// above is the place between a name and the position above it. mm is a
// millimetre in pixels.
func (s sheet) above(name sohoa.Rect, mm float64) (sohoa.Rect, bool) {
	top := 0.0
	for _, g := range s.segments {
		over := g.box.Y1 <= name.Y0 && g.box.X0 < name.X1 && name.X0 < g.box.X1
		if over && name.Y0-g.box.Y1 < signReach*s.height && g.position() {
			top = max(top, g.box.Y1)
		}
	}
	room := name.Y0 - top
	if top == 0 || room < leastHeight*mm || s.written(name, top) {
		return sohoa.Rect{}, false
	}
	height := min(room-2*mm, mostHeight*mm)
	middle, half := (name.X0+name.X1)/2, mostWidth/2*mm
	half = min(half, middle, s.width-middle)
	y := top + (room-height)/2
	return sohoa.Rect{X0: middle - half, Y0: y, X1: middle + half, Y1: y + height}, true
}

// position reports whether g can be the last line of a position: capitals, or
// a known beginning.
func (g segment) position() bool {
	plain := string(g.plain)
	return g.upper() || slices.ContainsFunc(positions, func(p string) bool { return strings.HasPrefix(plain, p) })
}

// written reports whether sentences stand between top and a name. A note in
// brackets, "(Ký, ghi rõ họ tên)", may; so may the few words that are read from
// seals.
func (s sheet) written(name sohoa.Rect, top float64) bool {
	for _, g := range s.segments {
		middle := (g.box.Y0 + g.box.Y1) / 2
		if middle > top && middle < name.Y0 && g.box.X0 < name.X1 && name.X0 < g.box.X1 &&
			len(g.words) >= 5 && !strings.HasPrefix(g.text, "(") {
			return true
		}
	}
	return false
}
