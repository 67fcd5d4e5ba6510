package pdfa

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"sohoa"
)

// pageOperators are those of our pages, with the kinds of their operands:
// n number, N name, s string, a array.
var pageOperators = map[string]string{
	"q": "", "Q": "", "cm": "nnnnnn", "Do": "N",
	"BT": "", "ET": "", "Tr": "n", "Tf": "Nn", "Tz": "n", "Tm": "nnnnnn", "Tj": "s",
}

// pageTree checks the tree of one level, and the pages.
func (l *linter) pageTree(v any) {
	d := l.dict(v, "page tree", "Type=Pages Kids! Count!")
	kids := l.array(d["Kids"], "page tree: Kids")
	l.check(d["Count"] == int64(len(kids)), "page tree: Count is %v, want %d", d["Count"], len(kids))
	l.check(len(kids) > 0 && len(kids) <= sohoa.MaxPages, "page tree: %d pages", len(kids))
	for i, kid := range kids {
		if l.err != nil {
			return
		}
		n, _ := kid.(ref)
		l.check(!l.pages[n], "page %d: it comes twice", i+1)
		l.pages[n] = true
		l.page(kid, v, fmt.Sprintf("page %d", i+1))
	}
}

// page checks one page.
func (l *linter) page(v, parent any, what string) {
	d := l.dict(v, what, "Type=Page Parent! MediaBox! Resources! Contents! Annots")
	l.check(same(d["Parent"], parent), "%s: Parent is another", what)
	box := l.numbers(d["MediaBox"], 4, what+": MediaBox")
	for i := range 2 {
		l.check(box[i] == 0 && box[i+2] >= sohoa.MinPagePoints && box[i+2] <= sohoa.MaxPagePoints, "%s: MediaBox %v", what, box)
	}
	res := l.resources(d["Resources"], what, 0)
	n, _ := d["Contents"].(ref)
	l.check(!l.seen[int(n)], "%s: Contents is used twice", what)
	_, obj := l.stream(d["Contents"], what+": Contents", "Filter=FlateDecode")
	c := &content{linter: l, what: what, resources: res, operators: pageOperators, hidden: true}
	c.run(l.body(obj, what))
	l.check(c.drawn > 0, "%s: no image is drawn", what)
	if annots, ok := d["Annots"]; ok {
		for _, a := range l.array(annots, what+": Annots") {
			n, _ := a.(ref)
			shown, ours := l.fields[n]
			l.check(ours && !shown, "%s: annotation %v is no signature field, or comes twice", what, a)
			l.fields[n] = true
		}
	}
}

// resources are what a content stream may name.
type resources struct {
	objects map[string]bool
	fonts   map[string]*fontInfo
}

// resources checks a resource dictionary and what it leads to. depth counts
// forms inside forms.
func (l *linter) resources(v any, what string, depth int) resources {
	res := resources{map[string]bool{}, map[string]*fontInfo{}}
	d := l.dict(v, what+": Resources", "XObject Font ProcSet")
	objects, _ := l.resolve(d["XObject"]).(dict)
	for key, x := range objects {
		res.objects[key] = true
		if sub, _ := l.resolve(x).(dict); sub["Subtype"] == name("Form") && depth > 0 {
			l.formObject(x, what+": form "+key, depth+1)
			continue
		}
		l.image(x, what+": image "+key)
	}
	fonts, _ := l.resolve(d["Font"]).(dict)
	for key, x := range fonts {
		res.fonts[key] = l.font(x)
	}
	return res
}

// image checks an image XObject. Its data is read to the end.
func (l *linter) image(v any, what string) {
	if n, _ := v.(ref); !l.check(!l.images[n], "%s: it is drawn by two pages", what) {
		return
	} else {
		l.images[n] = true
	}
	d, obj := l.stream(v, what, "Type=XObject Subtype=Image Width! Height! BitsPerComponent! ColorSpace! Filter! DecodeParms")
	if obj == nil {
		return
	}
	p := &picture{width: whole(d["Width"]), height: whole(d["Height"]), depth: whole(d["BitsPerComponent"])}
	p.components = l.colourSpace(d["ColorSpace"], what)
	if err := checkPixels(p.width, p.height); err != nil {
		l.check(false, "%s: %v", what, err)
		return
	}
	body := io.NewSectionReader(l.file.r, obj.data, obj.length)
	switch d["Filter"] {
	case name("DCTDecode"):
		_, parms := d["DecodeParms"]
		l.check(!parms && p.depth == 8, "%s: JPEG with parameters", what)
		l.jpeg(body, p, what)
	case name("FlateDecode"):
		parms := l.dict(d["DecodeParms"], what+": parameters", "Predictor! Colors! BitsPerComponent! Columns!")
		l.check(parms["Predictor"] == int64(15) && parms["Colors"] == int64(p.components) &&
			parms["BitsPerComponent"] == int64(p.depth) && parms["Columns"] == int64(p.width), "%s: parameters do not fit", what)
		l.check(strings.Contains(" 1 2 4 8 ", fmt.Sprintf(" %d ", p.depth)), "%s: %d bits", what, p.depth)
		err := checkRows(bufio.NewReader(body), p.height, p.rowBytes())
		l.check(err == nil, "%s: %v", what, err)
	default:
		l.check(false, "%s: filter %v", what, d["Filter"])
	}
}

// jpeg compares a JPEG file with its dictionary.
func (l *linter) jpeg(r io.Reader, p *picture, what string) {
	b, err := io.ReadAll(r)
	if err != nil {
		l.check(false, "%s: %v", what, err)
		return
	}
	info, err := readJPEG(b)
	if err != nil {
		l.check(false, "%s: %v", what, err)
		return
	}
	l.check(info.obstacle() == "", "%s: %s", what, info.obstacle())
	l.check(info.width == p.width && info.height == p.height && info.components == p.components,
		"%s: JPEG of %d×%d×%d does not fit", what, info.width, info.height, info.components)
}

// whole is a value as a positive integer, or 0.
func whole(v any) int {
	n, _ := v.(int64)
	if n < 0 || n > 1<<31-1 {
		return 0
	}
	return int(n)
}

// colourSpace checks a colour space and returns the samples of a pixel.
func (l *linter) colourSpace(v any, what string) int {
	switch v {
	case name("DeviceGray"):
		return 1
	case name("DeviceRGB"):
		return 3
	}
	a := l.array(v, what+": ColorSpace")
	switch {
	case len(a) == 2 && a[0] == name("ICCBased"):
		return l.profile(a[1]).components
	case len(a) == 4 && a[0] == name("Indexed"):
		l.check(l.colourSpace(a[1], what) == 3, "%s: palette without colours", what)
		table, _ := a[3].(text)
		l.check(len(table.bytes) == 3*(whole(a[2])+1) && len(table.bytes) <= 768, "%s: palette of %d bytes", what, len(table.bytes))
		return 1
	}
	l.check(false, "%s: unknown colour space", what)
	return 0
}

// content checks the operators of a content stream.
type content struct {
	*linter
	what      string
	resources resources
	operators map[string]string
	hidden    bool // text must be invisible
	depth     int  // of q
	inText    bool
	mode      float64 // of text rendering
	font      *fontInfo
	drawn     int
}

// run checks a whole content stream.
func (c *content) run(b []byte) {
	err := operations(b, c.do)
	c.check(err == nil, "%s: %v", c.what, err)
	c.check(c.depth == 0 && !c.inText, "%s: q or BT without an end", c.what)
}

// do checks one operation.
func (c *content) do(op string, args []any) error {
	kinds, known := c.operators[op]
	if !known {
		return fmt.Errorf("operator %q is not allowed", op)
	}
	if got := operandKinds(args); got != kinds {
		return fmt.Errorf("operator %q with operands %q, want %q", op, got, kinds)
	}
	switch op {
	case "q":
		c.depth++
		c.check(c.depth <= 28, "%s: q is nested too deeply", c.what)
	case "Q":
		c.depth--
		c.check(c.depth >= 0, "%s: Q without q", c.what)
	case "BT", "ET":
		c.check(c.inText == (op == "ET"), "%s: %s is out of place", c.what, op)
		c.inText = op == "BT"
	case "Do":
		n, _ := args[0].(name)
		c.check(c.resources.objects[string(n)], "%s: %s is not among the resources", c.what, n)
		c.drawn++
	case "Tr":
		c.mode, _ = number(args[0])
	case "Tf":
		n, _ := args[0].(name)
		c.font = c.resources.fonts[string(n)]
		c.check(c.font != nil, "%s: font %s is not among the resources", c.what, n)
	case "Tj":
		c.show(args[0])
	case "TJ":
		a, _ := args[0].(array)
		for _, v := range a {
			if _, isNumber := number(v); !isNumber {
				c.show(v)
			}
		}
	}
	return nil
}

// show checks that every code shown has a character.
func (c *content) show(v any) {
	s, ok := v.(text)
	c.check(ok && c.inText && len(s.bytes)%2 == 0, "%s: text out of place", c.what)
	c.check(!c.hidden || c.mode == 3, "%s: visible text", c.what)
	if !c.check(c.font != nil, "%s: text without a font", c.what) {
		return
	}
	for i := 0; i+1 < len(s.bytes); i += 2 {
		code := uint16(s.bytes[i])<<8 | uint16(s.bytes[i+1])
		if !c.check(c.font.shows(code), "%s: code %04X has no character or no glyph", c.what, code) {
			return
		}
	}
}

// operandKinds names the kinds of operands, a letter each.
func operandKinds(args []any) string {
	kinds := make([]byte, len(args))
	for i, v := range args {
		switch v.(type) {
		case int64, float64:
			kinds[i] = 'n'
		case name:
			kinds[i] = 'N'
		case text:
			kinds[i] = 's'
		case array:
			kinds[i] = 'a'
		default:
			kinds[i] = '?'
		}
	}
	return string(kinds)
}
