package validation

import (
	"bytes"
	"fmt"
	"strings"

	"sohoa/signing/validation/pdfrev"
)

// same requires equal values at where; references are compared later.
func (d *differ) same(a, b pdfrev.Object, where string) {
	d.count(1)
	ra, aRef := a.(pdfrev.Ref)
	rb, bRef := b.(pdfrev.Ref)
	if aRef && bRef {
		d.enqueue(ra, rb, where)
		return
	}
	if aRef || bRef {
		a, b = d.old.Resolve(a), d.now.Resolve(b)
	}
	d.values(a, b, where)
}

// count adds to the steps of the whole comparison, which are bounded.
func (d *differ) count(steps int) {
	if *d.steps += steps; *d.steps > maxSteps && d.err == nil {
		d.err = fmt.Errorf("comparing revisions: %w", pdfrev.ErrBound)
	}
}

// enqueue puts two references off, unless they were compared or have a rule of
// their own: pages, and fields with their widgets.
func (d *differ) enqueue(a, b pdfrev.Ref, where string) {
	if a != b && d.appeared(a) {
		d.mismatch(where)
	}
	if a == b {
		_, page := d.pages[a]
		if page || d.was.byRef[a] != nil {
			return
		}
	}
	key := pair{a: a, b: b}
	if d.seen[key] || d.err != nil {
		return
	}
	d.seen[key] = true
	d.todo = append(d.todo, pair{a, b, where})
}

// appeared reports whether an object that the old revision names and lacks
// exists now: content that waited to be revealed.
func (d *differ) appeared(ref pdfrev.Ref) bool {
	before, err := d.old.Get(ref)
	if err != nil || before.Value != nil {
		return false
	}
	after, err := d.now.Get(ref)
	return err == nil && after.Value != nil
}

// drain compares everything that was put off.
func (d *differ) drain() {
	for len(d.todo) > 0 && d.err == nil {
		if d.err = d.ctx.Err(); d.err != nil {
			return
		}
		p := d.todo[len(d.todo)-1]
		d.todo = d.todo[:len(d.todo)-1]
		a, errA := d.old.Get(p.a)
		b, errB := d.now.Get(p.b)
		if (errA == nil) != (errB == nil) {
			d.mismatch(p.where)
			continue
		}
		d.same(a.Value, b.Value, p.where)
	}
}

// values compares two values of which at most one is a reference.
func (d *differ) values(a, b pdfrev.Object, where string) {
	equal := true
	switch x := a.(type) {
	case pdfrev.Dict:
		y, ok := b.(pdfrev.Dict)
		if equal = ok; ok {
			d.dicts(x, y, where)
		}
	case pdfrev.Array:
		y, ok := b.(pdfrev.Array)
		if equal = ok && len(x) == len(y); equal {
			for i := range x {
				d.same(x[i], y[i], where)
			}
		}
	case *pdfrev.Stream:
		y, ok := b.(*pdfrev.Stream)
		if equal = ok && d.sameBytes(x, y); equal {
			d.dicts(x.Dict, y.Dict, where)
		}
	default:
		equal = scalarEqual(a, b)
	}
	if !equal {
		d.mismatch(where)
	}
}

// mismatch reports a difference at where: a place in the catalogue, or page/n
// or annotation/n for page n.
func (d *differ) mismatch(where string) {
	place, number, _ := strings.Cut(where, "/")
	switch {
	case place == "page":
		d.other("change.page", number)
	case place == "annotation":
		d.report(Change{Kind: ChangeAnnotations, Code: "change.annotation", Args: []string{number}, class: byAnnotation})
	case place == "Pages":
		d.other("change.page-tree")
	case place == "OpenAction" || place == "AA" || place == "Names":
		d.other("change.script", place)
	case place == "trailer":
		d.report(Change{Kind: ChangeOther, Code: "change.trailer", Args: []string{number}, class: suspect})
	default:
		d.other("change.object", where)
	}
}

func (d *differ) dicts(a, b pdfrev.Dict, where string) {
	for _, k := range keys(a, b) {
		d.same(a[k], b[k], where)
	}
}

func (d *differ) sameBytes(a, b *pdfrev.Stream) bool {
	if a.Start == b.Start {
		return true // and a changed length is found in the dictionary
	}
	if length, err := d.old.Length(a); err == nil {
		d.count(int(length / 128))
	}
	return d.err == nil && d.old.SameBytes(a, d.now, b)
}

// scalarEqual compares values without parts.
func scalarEqual(a, b pdfrev.Object) bool {
	switch x := a.(type) {
	case pdfrev.String:
		y, ok := b.(pdfrev.String)
		return ok && bytes.Equal(x.Value, y.Value)
	case int64:
		if y, ok := b.(float64); ok {
			return float64(x) == y
		}
	case float64:
		if y, ok := b.(int64); ok {
			return x == float64(y)
		}
	}
	switch b.(type) {
	case pdfrev.Dict, pdfrev.Array, *pdfrev.Stream, pdfrev.String:
		return false
	}
	return a == b
}

// quietEqual compares two values with everything below them and reports no
// change. Pages and fields are left to their rules.
func (d *differ) quietEqual(a, b pdfrev.Object) bool {
	quiet := &differ{ctx: d.ctx, old: d.old, now: d.now, was: d.was, is: d.is, pages: d.pages,
		seen: map[pair]bool{}, steps: d.steps}
	quiet.same(a, b, "")
	quiet.drain()
	if quiet.err != nil {
		d.err = quiet.err
	}
	return len(quiet.changes) == 0
}
