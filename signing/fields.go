package signing

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"sohoa"
	"sohoa/signing/revision"
)

// field is a terminal form field.
type field struct {
	ref     revision.Ref   // zero if the dictionary is direct
	dict    *revision.Dict // as written
	name    string         // full name
	kind    revision.Object
	value   *revision.Dict // the signature dictionary of a signed field
	widgets []revision.Ref // where they are objects of their own
}

// form is what a document says of its fields and of who may change it.
type form struct {
	file       *revision.File
	catalog    *revision.Dict
	catalogRef revision.Ref
	acro       *revision.Dict // nil without one
	fields     []field
	names      map[string]bool // partial names at the top, full names below
}

// readForm walks the form.
func readForm(f *revision.File) (*form, error) {
	catalog, ref, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	fm := &form{file: f, catalog: catalog, catalogRef: ref, names: map[string]bool{}}
	if fm.acro, err = f.Dict(catalog.Get("AcroForm")); err != nil || fm.acro == nil {
		return fm, err
	}
	roots, err := f.Array(fm.acro.Get("Fields"))
	if err != nil {
		return nil, err
	}
	return fm, fm.walk(roots)
}

// walk visits the fields below roots, in order.
func (fm *form) walk(roots revision.Array) error {
	var todo []node
	for i := len(roots) - 1; i >= 0; i-- {
		todo = append(todo, node{object: roots[i]})
	}
	seen := map[revision.Ref]bool{}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if ref, ok := n.object.(revision.Ref); ok {
			if seen[ref] {
				return fmt.Errorf("form fields go in circles: %w", revision.ErrDamaged)
			}
			seen[ref] = true
		}
		below, err := fm.visit(n)
		if err != nil {
			return err
		}
		todo = append(todo, below...)
	}
	return nil
}

// node is a field that is still to be visited, with what it inherits.
type node struct {
	object revision.Object
	prefix string
	kind   revision.Object
}

// visit records a terminal field, or returns the fields below.
func (fm *form) visit(n node) ([]node, error) {
	d, err := fm.file.Dict(n.object)
	if err != nil || d == nil {
		return nil, err
	}
	name, err := fm.fullName(n.prefix, d)
	if err != nil {
		return nil, err
	}
	fm.names[name] = true
	kind, err := fm.file.Resolve(d.Get("FT"))
	if err != nil {
		return nil, err
	}
	if kind == nil {
		kind = n.kind
	}
	out := field{dict: d, name: name, kind: kind}
	out.ref, _ = n.object.(revision.Ref)
	below, err := fm.below(&out)
	if err != nil || len(below) > 0 {
		return below, err
	}
	if out.value, err = fm.file.Dict(d.Get("V")); err != nil {
		return nil, err
	}
	fm.fields = append(fm.fields, out)
	return nil, nil
}

// below returns the fields below f; kids without a name are its widgets.
func (fm *form) below(f *field) ([]node, error) {
	kids, err := fm.file.Array(f.dict.Get("Kids"))
	if err != nil {
		return nil, err
	}
	var fields []node
	for _, kid := range kids {
		k, err := fm.file.Dict(kid)
		if err != nil {
			return nil, err
		}
		if k.Get("T") != nil {
			fields = append(fields, node{kid, f.name, f.kind})
		} else if ref, ok := kid.(revision.Ref); ok {
			f.widgets = append(f.widgets, ref)
		}
	}
	return fields, nil
}

func (fm *form) fullName(prefix string, d *revision.Dict) (string, error) {
	o, err := fm.file.Resolve(d.Get("T"))
	s, ok := o.(revision.String)
	if err != nil || !ok {
		return prefix, err
	}
	if prefix == "" {
		return decodeText(s), nil
	}
	return prefix + "." + decodeText(s), nil
}

// decodeText reads a text string; the single-byte encoding is near enough to
// Latin-1 to compare names.
func decodeText(s revision.String) string {
	if len(s) >= 2 && s[0] == 0xfe && s[1] == 0xff {
		var u []uint16
		for b := s[2:]; len(b) >= 2; b = b[2:] {
			u = append(u, uint16(b[0])<<8|uint16(b[1]))
		}
		return string(utf16.Decode(u))
	}
	if rest, ok := strings.CutPrefix(string(s), "\xef\xbb\xbf"); ok {
		return rest
	}
	var b strings.Builder
	for _, c := range s {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// isSignature reports whether f is a signature field.
func (f field) isSignature() bool { return f.kind == revision.Name("Sig") }

// choose finds the empty signature field that is wanted, or a name for a new
// one, in which case the field is nil.
func (fm *form) choose(want string) (*field, string, error) {
	for i := range fm.fields {
		f := &fm.fields[i]
		if want == "" || f.name != want {
			continue
		}
		if !f.isSignature() || f.value != nil || f.ref == (revision.Ref{}) {
			return nil, "", problem(sohoa.ErrConflict, "sign.field-taken", want)
		}
		if f.dict.Get("Lock") != nil || f.dict.Get("SV") != nil {
			return nil, "", problem(sohoa.ErrForbidden, "sign.field-rules", want)
		}
		return f, want, nil
	}
	if want == "" {
		return nil, fm.freeName(), nil
	}
	if fm.names[want] || strings.Contains(want, ".") {
		return nil, "", problem(sohoa.ErrConflict, "sign.field-taken", want)
	}
	return nil, want, nil
}

// freeName makes up a name that no field has.
func (fm *form) freeName() string {
	for n := 1; ; n++ {
		if name := fmt.Sprintf("Signature%d", n); !fm.names[name] {
			return name
		}
	}
}
