package pdfa

import (
	"fmt"

	"sohoa"
)

// pageOperators are those of our pages, with the kinds of their operands:
// n number, N name, s string, a array.
var pageOperators = map[string]string{
	"q": "", "Q": "", "cm": "nnnnnn", "Do": "N", "rg": "nnn",
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
	c := &content{linter: l, what: what, resources: res, operators: pageOperators, page: true, drawn: map[string]bool{}}
	c.run(l.body(obj, what))
	l.check(len(c.drawn) > 0, "%s: no image is drawn", what)
	l.check(len(c.drawn) == len(res.objects), "%s: an image is not drawn", what)
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
	objects map[string]bool // images and forms; true for a stencil
	fonts   map[string]*fontInfo
}

// resources checks a resource dictionary and what it leads to. depth counts
// forms inside forms.
func (l *linter) resources(v any, what string, depth int) resources {
	res := resources{map[string]bool{}, map[string]*fontInfo{}}
	d := l.dict(v, what+": Resources", "XObject Font ProcSet")
	objects, _ := l.resolve(d["XObject"]).(dict)
	l.check(depth > 0 || len(objects) <= sohoa.MaxPageLayers, "%s: %d images", what, len(objects))
	for key, x := range objects {
		res.objects[key] = false
		if sub, _ := l.resolve(x).(dict); sub["Subtype"] == name("Form") && depth > 0 {
			l.formObject(x, what+": form "+key, depth+1)
			continue
		}
		res.objects[key] = l.image(x, what+": image "+key, depth > 0)
		l.check(depth == 0 || !res.objects[key], "%s: stencil %s in a form", what, key)
	}
	fonts, _ := l.resolve(d["Font"]).(dict)
	for key, x := range fonts {
		res.fonts[key] = l.font(x)
	}
	return res
}

// content checks the operators of a content stream.
type content struct {
	*linter
	what      string
	resources resources
	operators map[string]string
	page      bool // of a page of ours: text is invisible, images are drawn once each
	depth     int  // of q
	inText    bool
	inked     bool    // a colour was set for the stencil that must follow
	mode      float64 // of text rendering
	font      *fontInfo
	drawn     map[string]bool // images of a page
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
	if c.page {
		c.order(op, args)
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
		_, has := c.resources.objects[string(n)]
		c.check(has, "%s: %s is not among the resources", c.what, n)
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

// order checks where an operator stands on a page: a colour is set for one
// stencil, inside the q that draws it; an image is drawn once, before any
// text.
func (c *content) order(op string, args []any) {
	switch op {
	case "q", "Q", "cm", "Do", "rg":
		c.check(!c.inText, "%s: %s inside text", c.what, op)
	}
	switch op {
	case "rg":
		c.check(c.depth == 1 && !c.inked, "%s: rg is out of place", c.what)
		for _, v := range args {
			level, _ := number(v)
			c.check(level >= 0 && level <= 1, "%s: colour %v", c.what, v)
		}
		c.inked = true
	case "Do":
		n, _ := args[0].(name)
		c.check(c.font == nil, "%s: image over text", c.what)
		c.check(c.resources.objects[string(n)] == c.inked, "%s: stencil without a colour, or a colour without a stencil", c.what)
		c.check(!c.drawn[string(n)], "%s: %s is drawn twice", c.what, n)
		c.drawn[string(n)], c.inked = true, false
	case "q", "Q", "BT":
		c.check(!c.inked, "%s: colour without a stencil", c.what)
	}
}

// show checks that every code shown has a character.
func (c *content) show(v any) {
	s, ok := v.(text)
	c.check(ok && c.inText && len(s.bytes)%2 == 0, "%s: text out of place", c.what)
	c.check(!c.page || c.mode == 3, "%s: visible text", c.what)
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
