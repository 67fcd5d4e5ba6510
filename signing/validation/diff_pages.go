package validation

import (
	"math"
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
				d.annotations(a[key], b, i+1)
				continue
			}
			d.same(a[key], b[key], where)
		}
	}
}

// annotations requires that every annotation of a page is still there, in
// order, and that what was added are widgets of new signature fields.
func (d *differ) annotations(a pdfrev.Object, now pdfrev.Dict, page int) {
	before, _ := d.old.Resolve(a).(pdfrev.Array)
	after, _ := d.now.Resolve(now["Annots"]).(pdfrev.Array)
	number := strconv.Itoa(page)
	next := 0
	for _, o := range after {
		if next < len(before) && d.sameAnnotation(before[next], o) {
			d.same(before[next], o, "annotation/"+number)
			next++
			continue
		}
		ref, _ := o.(pdfrev.Ref)
		n := d.is.byRef[ref]
		if n != nil && n.kind == "Sig" && d.was.byRef[ref] == nil {
			d.mark(n, now, number)
		} else {
			d.report(Change{Kind: ChangeAnnotations, Code: "change.annotation-added", Args: []string{number}, class: byAnnotation})
		}
	}
	if next < len(before) {
		d.report(Change{Kind: ChangeAnnotations, Code: "change.annotation-removed", Args: []string{number}, class: byAnnotation})
	}
}

// mark holds the mark of a new signature against the size of its page: one
// that is larger than marks are may hide what was signed.
func (d *differ) mark(n *node, page pdfrev.Dict, number string) {
	box := page["MediaBox"]
	for range maxFieldDepth {
		if page = d.now.Dict(page["Parent"]); box != nil || page == nil {
			break
		}
		box = page["MediaBox"]
	}
	if area := d.area(n.dict["Rect"]); area > 0 && area > d.area(box)/largestMark {
		d.report(Change{Kind: ChangeAnnotations, Code: "change.large-mark", Args: []string{n.name, number}, class: suspect})
	}
}

// largestMark is the part of a page that a mark may take: a quarter.
const largestMark = 4

// area is that of a rectangle, or 0.
func (d *differ) area(o pdfrev.Object) float64 {
	r, _ := d.now.Resolve(o).(pdfrev.Array)
	if len(r) != 4 {
		return 0
	}
	side := func(i int) float64 {
		switch v := d.now.Resolve(r[i]).(type) {
		case int64:
			return float64(v)
		case float64:
			return v
		}
		return 0
	}
	return math.Abs(side(2)-side(0)) * math.Abs(side(3)-side(1))
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
