package raster

import (
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// textPage reads the characters of a page.
type textPage struct {
	*pdfPage
	req     references.FPDF_TEXTPAGE
	drawn   bool // what is drawn is wanted, not what is hidden
	mixture bool // there is text of both kinds

	high    rune // a surrogate that waits for its other half
	letters int  // characters read that are not space
	strange int  // of these, those that have no meaning
	viet    int  // of these, Vietnamese letters of their own
	legacy  int  // words in fonts of the time before Unicode
	inWord  bool
}

// maxStrange is the share of characters without a meaning, one in so many,
// from which a text is not trusted.
const maxStrange = 10

// chars returns the characters that are wanted. ok is false if the text must
// not be relied on.
func (t *textPage) chars() (cs []char, ok bool, err error) {
	n, err := t.inst.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: t.req})
	if err != nil {
		return nil, false, err
	}
	if n.Count > maxChars {
		return nil, false, nil
	}
	for i := range n.Count {
		c, wanted, err := t.char(i)
		if err != nil {
			return nil, false, err
		}
		if wanted {
			cs = append(cs, c)
		}
	}
	return cs, t.trusted(), nil
}

// trusted reports whether the characters mean what their glyphs show. Fonts
// of the TCVN3 and VNI encodings (.VnTime, VNI-Times) draw Vietnamese under
// the codes of other letters. A page that draws text may have a line in such a
// font; a layer that is hidden has one font.
func (t *textPage) trusted() bool {
	if t.strange*maxStrange > t.letters {
		return false
	}
	return t.legacy == 0 || t.drawn && t.viet > 0
}

// char reads character i.
func (t *textPage) char(i int) (c char, wanted bool, err error) {
	u, err := t.inst.FPDFText_GetUnicode(&requests.FPDFText_GetUnicode{TextPage: t.req, Index: i})
	if err != nil {
		return c, false, err
	}
	c.r = t.decode(rune(u.Unicode))
	if unicode.IsSpace(c.r) {
		t.inWord = false
		return c, true, nil
	}
	if c.r < 0 || t.mixture && t.drawn == t.notDrawn(i) {
		return c, false, nil
	}
	if c.r < ' ' && t.isHyphen(i) {
		c.r = '-'
	}
	t.count(c.r)
	if c.box, err = t.charBox(i); err != nil {
		return c, false, nil // a character that pdfium made up
	}
	if o, err := t.inst.FPDFText_GetCharOrigin(&requests.FPDFText_GetCharOrigin{TextPage: t.req, Index: i}); err == nil {
		c.x, c.y = o.X, o.Y
	}
	if !t.inWord {
		t.inWord = true
		t.startWord(i, &c)
	}
	return c, true, nil
}

// charBox is that of the glyph's ink, or of all its space in a layer that is
// hidden: its glyphs are empty.
func (t *textPage) charBox(i int) (box, error) {
	if !t.drawn {
		return t.looseBox(i)
	}
	b, err := t.inst.FPDFText_GetCharBox(&requests.FPDFText_GetCharBox{TextPage: t.req, Index: i})
	if err != nil {
		return box{}, err
	}
	return normal(b.Left, b.Bottom, b.Right, b.Top), nil
}

// looseBox is as wide as the character takes the writer on and as high as the
// font.
func (t *textPage) looseBox(i int) (box, error) {
	l, err := t.inst.FPDFText_GetLooseCharBox(&requests.FPDFText_GetLooseCharBox{TextPage: t.req, Index: i})
	if err != nil {
		return box{}, err
	}
	return normal(float64(l.Rect.Left), float64(l.Rect.Bottom), float64(l.Rect.Right), float64(l.Rect.Top)), nil
}

// decode joins surrogates; it returns -1 for the first half of a pair.
func (t *textPage) decode(r rune) rune {
	high := t.high
	t.high = 0
	if high != 0 {
		return utf16.DecodeRune(high, r)
	}
	if utf16.IsSurrogate(r) {
		t.high = r
		return -1
	}
	return r
}

// count keeps the figures that trusted looks at.
func (t *textPage) count(r rune) {
	t.letters++
	if !meaningful(r) {
		t.strange++
	}
	if r >= 'Ạ' && r <= 'ỹ' {
		t.viet++
	}
}

// notDrawn reports whether character i belongs to an invisible text object.
func (t *textPage) notDrawn(i int) bool {
	o, err := t.inst.FPDFText_GetTextObject(&requests.FPDFText_GetTextObject{TextPage: t.req, Index: i})
	return err == nil && t.invisible(o.TextObject)
}

func (t *textPage) isHyphen(i int) bool {
	h, err := t.inst.FPDFText_IsHyphen(&requests.FPDFText_IsHyphen{TextPage: t.req, Index: i})
	return err == nil && h.IsHyphen
}

// startWord notes what is asked once a word: the font and its height.
func (t *textPage) startWord(i int, c *char) {
	if b, err := t.looseBox(i); err == nil {
		c.loose = b
	}
	f, err := t.inst.FPDFText_GetFontInfo(&requests.FPDFText_GetFontInfo{TextPage: t.req, Index: i})
	if err == nil && legacyFont(f.FontName) {
		t.legacy++
	}
}

// legacyFont reports whether the font is of TCVN3 or VNI encoding. A subset's
// name begins with a tag of its own: ABCDEF+.VnTime.
func legacyFont(name string) bool {
	if _, after, ok := strings.Cut(name, "+"); ok {
		name = after
	}
	name = strings.ToLower(name)
	return strings.HasPrefix(name, ".vn") || strings.HasPrefix(name, "vni-")
}
