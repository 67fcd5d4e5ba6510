package validation

import (
	"strconv"

	"sohoa/signing/validation/pdfrev"
)

// comparePages compares the pages, whose order the page tree has compared.
func (d *differ) comparePages() {
	refs := make([]pdfrev.Ref, len(d.pages))
	for ref, number := range d.pages {
		refs[number-1] = ref
	}
	for i, ref := range refs {
		a, b := d.old.Dict(ref), d.now.Dict(ref)
		where := "page/" + strconv.Itoa(i+1)
		if (a == nil) != (b == nil) {
			d.mismatch(where)
		}
		for _, key := range keys(a, b) {
			if key == "Annots" {
				d.annotations(a[key], b[key], i+1)
				continue
			}
			d.same(a[key], b[key], where)
		}
	}
}

// annotations requires that every annotation of a page is still there, in
// order, and that what was added are widgets of new signature fields.
func (d *differ) annotations(a, b pdfrev.Object, page int) {
	before, _ := d.old.Resolve(a).(pdfrev.Array)
	after, _ := d.now.Resolve(b).(pdfrev.Array)
	number := strconv.Itoa(page)
	next := 0
	for _, o := range after {
		if next < len(before) && d.sameAnnotation(before[next], o) {
			d.same(before[next], o, "annotation/"+number)
			next++
			continue
		}
		ref, _ := o.(pdfrev.Ref)
		if n := d.is.byRef[ref]; n == nil || n.kind != "Sig" || d.was.byRef[ref] != nil {
			d.report(Change{Kind: ChangeAnnotations, Code: "change.annotation-added", Args: []string{number}, class: byAnnotation})
		}
	}
	if next < len(before) {
		d.other("change.annotation-removed", number)
	}
}

// sameAnnotation reports whether a list entry is still the same annotation.
func (d *differ) sameAnnotation(a, b pdfrev.Object) bool {
	ra, aRef := a.(pdfrev.Ref)
	rb, bRef := b.(pdfrev.Ref)
	if aRef && bRef {
		return ra == rb
	}
	return !aRef && !bRef && d.quietEqual(a, b)
}
