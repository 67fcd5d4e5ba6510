package ocr

import (
	"cmp"
	"image"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/ocr/lept"
	"sohoa/ocr/zbar"
)

// How codes are looked for. The grey page at about 150 dpi shows large and
// pale ones; the mask at full resolution shows small ones that the scanner's
// noise hides in the grey, and at half of it those that lie askew to its lines.
const (
	smallDPI    = 120 // least resolution at which the small grey page is good for codes
	codeDensity = 2   // rows and columns from one scan line to the next, at full resolution
)

// codes finds the barcodes and QR codes of s, for a page that is upright
// turned by turn.
func (s *sheet) codes(scan *lept.Pix, turn int) ([]sohoa.Code, error) {
	like, err := s.mask.CodeLike(s.dpi)
	if err != nil {
		return nil, err
	}
	small := s.small
	if s.dpi/float64(int(1)<<s.halvings) < smallDPI {
		small = s.gray
	}
	found, err := scanCodes(small, scan, turn)
	if err != nil || !like {
		return joinCodes(nil, found), err
	}
	more, err := scanCodes(s.mask, scan, turn)
	if err != nil {
		return nil, err
	}
	half, err := s.mask.Half(2)
	if err != nil { // a line of pixels
		return joinCodes(found, more), nil
	}
	defer half.Close()
	rest, err := scanCodes(half, scan, turn)
	return joinCodes(joinCodes(found, more), rest), err
}

// scanCodes looks at one picture of the page.
func scanCodes(p, scan *lept.Pix, turn int) ([]sohoa.Code, error) {
	gray, err := p.Bytes()
	if err != nil {
		return nil, err
	}
	density := codeDensity
	if p.Depth() == 1 && p.Width() < scan.Width() {
		density = 1
	}
	symbols, err := zbar.Scan(gray, p.Width(), p.Height(), density)
	if err != nil {
		return nil, err
	}
	scale := math.Round(float64(scan.Width()) / float64(p.Width()))
	var out []sohoa.Code
	for _, sym := range symbols {
		text := codeText(sym.Data)
		if text == "" {
			continue
		}
		box := upright(scaled(sym.Box, scale), scan.Width(), scan.Height(), turn)
		out = append(out, sohoa.Code{Kind: sym.Kind, Text: text, Box: box})
	}
	return out, nil
}

func scaled(r image.Rectangle, f float64) sohoa.Rect {
	return sohoa.Rect{X0: f * float64(r.Min.X), Y0: f * float64(r.Min.Y), X1: f * float64(r.Max.X), Y1: f * float64(r.Max.Y)}
}

// upright moves a box from the stored image of w by h pixels to the page that
// it makes when it is turned.
func upright(r sohoa.Rect, w, h, turn int) sohoa.Rect {
	fw, fh := float64(w), float64(h)
	r = sohoa.Rect{X0: max(0, r.X0), Y0: max(0, r.Y0), X1: min(fw, r.X1), Y1: min(fh, r.Y1)}
	switch turn {
	case 90:
		return sohoa.Rect{X0: fh - r.Y1, Y0: r.X0, X1: fh - r.Y0, Y1: r.X1}
	case 180:
		return sohoa.Rect{X0: fw - r.X1, Y0: fh - r.Y1, X1: fw - r.X0, Y1: fh - r.Y0}
	case 270:
		return sohoa.Rect{X0: r.Y0, Y0: fw - r.X1, X1: r.Y1, Y1: fw - r.X0}
	}
	return r
}

// codeText is what a code says, in NFC and without what is no text. One that
// says more than sohoa.MaxCodeBytes says nothing: half of it would be wrong.
func codeText(data []byte) string {
	if !utf8.Valid(data) {
		data = []byte(strings.ToValidUTF8(string(data), "\uFFFD"))
	}
	text := strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\uFEFF' {
			return -1
		}
		return r
	}, norm.NFC.String(string(data))))
	if len(text) > sohoa.MaxCodeBytes {
		return ""
	}
	return text
}

// joinCodes is each code once, from top to bottom, at most sohoa.MaxCodes.
// Codes are one if they say the same in the same place.
func joinCodes(a, b []sohoa.Code) []sohoa.Code {
	for _, c := range b {
		if !slices.ContainsFunc(a, func(o sohoa.Code) bool { return o.Kind == c.Kind && o.Text == c.Text && touch(o.Box, c.Box) }) {
			a = append(a, c)
		}
	}
	slices.SortStableFunc(a, func(x, y sohoa.Code) int {
		return cmp.Or(cmp.Compare(x.Box.Y0, y.Box.Y0), cmp.Compare(x.Box.X0, y.Box.X0))
	})
	return a[:min(len(a), sohoa.MaxCodes)]
}

func touch(a, b sohoa.Rect) bool {
	const near = 20 // pixels; the lines on which a barcode is read differ
	return a.X0 <= b.X1+near && b.X0 <= a.X1+near && a.Y0 <= b.Y1+near && b.Y0 <= a.Y1+near
}
