package validation

import (
	"slices"
	"strings"

	"sohoa/signing/validation/pdfrev"
)

// form compares the interactive forms: the dictionary, the fields that were
// there, and the fields that were added.
func (d *differ) form() {
	a, b := d.was.dict, d.is.dict
	if a != nil && b == nil {
		d.other("change.form", "AcroForm")
		return
	}
	for _, key := range keys(a, b) {
		switch key {
		case "Fields", "SigFlags":
		case "DR", "DA":
			d.resources(a[key], b[key], string(key))
		case "XFA":
			if !d.quietEqual(a[key], b[key]) {
				d.other("change.xfa")
			}
		case "NeedAppearances":
			if d.now.Resolve(b[key]) == true {
				d.formKey(a[key], b[key], key)
			}
		default:
			d.formKey(a[key], b[key], key)
		}
	}
	d.fieldLists()
	for _, n := range d.was.nodes {
		d.field(n)
	}
	for _, n := range d.is.nodes {
		if !d.known(n) {
			d.newField(n)
		}
	}
}

// known reports whether the form had n: the same object, or a direct one of
// the same name, which the list that holds it has compared.
func (d *differ) known(n *node) bool {
	if n.ref.Num != 0 {
		return d.was.byRef[n.ref] != nil
	}
	return slices.ContainsFunc(d.was.nodes, func(m *node) bool { return m.ref.Num == 0 && m.name == n.name })
}

func (d *differ) formKey(a, b pdfrev.Object, key pdfrev.Name) {
	if !d.quietEqual(a, b) {
		d.other("change.form", string(key))
	}
}

// resources accepts resources that were added; those that were there stay.
func (d *differ) resources(a, b pdfrev.Object, where string) {
	if a == nil {
		return
	}
	x, y := d.old.Dict(a), d.now.Dict(b)
	if x == nil || y == nil {
		d.formKey(a, b, pdfrev.Name(where))
		return
	}
	for k := range x {
		if strings.HasPrefix(where, "DR/") {
			d.formKey(x[k], y[k], pdfrev.Name(where))
		} else if k != "ProcSet" && k != "XObject" { // a DA cannot name these
			d.resources(x[k], y[k], "DR/"+string(k))
		}
	}
}

// fieldLists requires that the fields that were there are there, in order.
func (d *differ) fieldLists() {
	lists := []struct{ a, b pdfrev.Object }{{d.was.dict["Fields"], d.is.dict["Fields"]}}
	for _, n := range d.was.nodes {
		if n.dict["Kids"] != nil && n.ref.Num != 0 {
			lists = append(lists, struct{ a, b pdfrev.Object }{n.dict["Kids"], d.now.Dict(n.ref)["Kids"]})
		}
	}
	for _, l := range lists {
		before, _ := d.old.Resolve(l.a).(pdfrev.Array)
		after, _ := d.now.Resolve(l.b).(pdfrev.Array)
		if !d.subsequence(before, after) {
			d.other("change.form", "Fields")
		}
	}
}

// subsequence reports whether all of a occur in b in the same order.
func (d *differ) subsequence(a, b pdfrev.Array) bool {
	for _, o := range b {
		if len(a) > 0 && d.sameAnnotation(a[0], o) {
			a = a[1:]
		}
	}
	return len(a) == 0
}

// Keys that a rule accepts a change of.
var (
	filledKeys = []pdfrev.Name{"V", "AP", "AS", "M", "Kids"}
	valueKeys  = []pdfrev.Name{"V", "AP", "AS", "I", "M", "RV", "Kids"}
	signedKeys = []pdfrev.Name{"Kids"}
)

// field compares a field or widget that was there.
func (d *differ) field(n *node) {
	if n.ref.Num == 0 {
		return // direct: compared with the list that holds it
	}
	now := d.is.byRef[n.ref]
	if now == nil || now.name != n.name || now.kind != n.kind {
		d.other("change.field", n.name)
		return
	}
	accepted := signedKeys
	value, valueNow := n.value(), now.value()
	switch {
	case n.kind == "Sig" && value == nil && valueNow != nil:
		accepted = filledKeys
		d.signature(now, "signature.filled")
	case n.kind != "Sig" && n.kind != "" && !d.quietEqual(value, valueNow):
		accepted = valueKeys
		d.report(Change{Kind: ChangeForm, Code: "change.value", Args: []string{n.name}, field: n.name, class: byValue})
	}
	for _, key := range keys(n.dict, now.dict) {
		if !slices.Contains(accepted, key) && !d.quietEqual(n.dict[key], now.dict[key]) {
			d.fieldKey(n, key)
		}
	}
}

// fieldKey reports that a key of a field changed without permission.
func (d *differ) fieldKey(n *node, key pdfrev.Name) {
	switch key {
	case "AP", "AS", "MK", "Rect", "F":
		d.other("change.appearance", n.name)
	case "A", "AA":
		d.other("change.action", n.name)
	default:
		d.other("change.field", n.name)
	}
}

// newKeys are what a signature field with its widget may have (ISO 32000-2,
// 12.5.2, 12.5.6.19, 12.7.4, 12.7.5.5). Actions are not among them.
var newKeys = []pdfrev.Name{"Type", "Subtype", "FT", "T", "TU", "TM", "Ff", "F", "V", "Rect", "P", "AP", "AS",
	"MK", "BS", "Border", "DA", "DR", "Q", "H", "NM", "M", "C", "Lock", "SV", "Parent", "Kids", "Contents"}

// newField accepts a signature field that was added, with a signature in it or
// invisible.
func (d *differ) newField(n *node) {
	if n.kind != "Sig" {
		if n.kind == "" && n.dict["Kids"] != nil && n.dict["Subtype"] == nil {
			return // groups fields, which are looked at themselves
		}
		d.other("change.field-added", n.name)
		return
	}
	for key := range n.dict {
		if !slices.Contains(newKeys, key) {
			d.other("change.action", n.name)
			return
		}
	}
	if n.value() != nil {
		d.signature(n, "signature.added")
		return
	}
	if n.dict["AP"] != nil && d.area(n.dict["Rect"]) > 0 {
		d.other("change.empty-field-visible", n.name)
		return
	}
	d.report(Change{Kind: ChangeForm, Code: "signature.field-added", Args: []string{n.name}, field: n.name, class: bySignature})
}

// signature reports a signature or document timestamp that a revision made.
func (d *differ) signature(n *node, code string) {
	c := Change{Kind: ChangeForm, Code: code, Args: []string{n.name}, field: n.name, class: bySignature}
	s := locate(d.now, n)
	if s == nil {
		d.other("change.field", n.name)
		return
	}
	if c.evidence = s.Type == TypeTimestamp; c.evidence {
		c.Kind, c.Code = ChangeLTA, "timestamp.added"
	}
	d.report(c)
}
