package validation

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"sohoa/signing/validation/pdfrev"
)

// Bounds on forms.
const (
	maxFields     = 20_000  // of one revision
	maxAllFields  = 500_000 // of all revisions
	maxFieldDepth = 32
	maxFieldName  = 1000 // bytes of a full name
)

// node is a field, or a widget of one, in the form of one revision.
type node struct {
	ref    pdfrev.Ref // zero when the node is no object of its own
	dict   pdfrev.Dict
	name   string // full name, parts joined by dots
	kind   pdfrev.Name
	parent *node
	depth  int
}

// value is the node's own value or, in a widget, that of its field.
func (n *node) value() pdfrev.Object {
	for at := n; at != nil; at = at.parent {
		if v, ok := at.dict["V"]; ok {
			return v
		}
	}
	return nil
}

// form is the interactive form of one revision.
type form struct {
	view  pdfrev.View
	dict  pdfrev.Dict // the AcroForm dictionary, nil without one
	nodes []*node
	byRef map[pdfrev.Ref]*node
}

// readForm walks the fields of view, parents before children.
func readForm(view pdfrev.View) (*form, error) {
	f := &form{view: view, byRef: map[pdfrev.Ref]*node{}}
	f.dict = view.Dict(view.Root()["AcroForm"])
	if err := f.add(f.dict["Fields"], nil); err != nil {
		return nil, err
	}
	for i := 0; i < len(f.nodes); i++ { // grows while it is walked
		if err := f.add(f.nodes[i].dict["Kids"], f.nodes[i]); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *form) add(list pdfrev.Object, parent *node) error {
	array, _ := f.view.Resolve(list).(pdfrev.Array)
	for _, o := range array {
		d := f.view.Dict(o)
		if d == nil {
			continue
		}
		n := &node{dict: d, parent: parent}
		n.ref, _ = o.(pdfrev.Ref)
		if n.ref.Num != 0 && f.byRef[n.ref] != nil {
			continue // reached twice: a cycle or a shared kid
		}
		n.inherit(f.view)
		if len(f.nodes) >= maxFields || n.depth > maxFieldDepth || len(n.name) > maxFieldName {
			return fmt.Errorf("form with more than %d fields: %w", maxFields, pdfrev.ErrBound)
		}
		f.nodes = append(f.nodes, n)
		if n.ref.Num != 0 {
			f.byRef[n.ref] = n
		}
	}
	return nil
}

// inherit sets what comes from the parent.
func (n *node) inherit(view pdfrev.View) {
	n.kind, _ = view.Resolve(n.dict["FT"]).(pdfrev.Name)
	own := text(view.Resolve(n.dict["T"]))
	if n.name = own; n.parent == nil {
		return
	}
	n.depth = n.parent.depth + 1
	if n.kind == "" {
		n.kind = n.parent.kind
	}
	if n.name = n.parent.name; own != "" {
		n.name = strings.TrimPrefix(n.parent.name+"."+own, ".")
	}
}

// text is a text string in Unicode (ISO 32000-2, 7.9.2.2), or "" for another
// object. Bytes of PDFDocEncoding are taken as Latin-1.
func text(o pdfrev.Object) string {
	s, ok := o.(pdfrev.String)
	if !ok {
		return ""
	}
	b := s.Value
	switch {
	case len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		return utf16Text(b[2:], func(hi, lo byte) uint16 { return uint16(hi)<<8 | uint16(lo) })
	case len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		return utf16Text(b[2:], func(lo, hi byte) uint16 { return uint16(hi)<<8 | uint16(lo) })
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf:
		return strings.ToValidUTF8(string(b[3:]), "\ufffd")
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return string(runes)
}

func utf16Text(b []byte, join func(first, second byte) uint16) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, join(b[i], b[i+1]))
	}
	return string(utf16.Decode(units))
}
