package validation

import (
	"context"
	"slices"
	"sort"

	"sohoa"
	"sohoa/signing/validation/pdfrev"
)

// class says what permits a change.
type class int

const (
	always       class = iota // evidence and metadata
	suspect                   // shown by no reader, yet nothing that an update does
	bySignature               // a further signature: unless certified without changes
	byValue                   // a field's value: where a certification permits it
	byAnnotation              // an annotation: where a certification permits it
	never
)

// Bounds on the comparison of two revisions.
const (
	maxSteps   = 20_000_000
	maxChanges = 50 // reported per revision
)

// differ finds what one revision changed. It walks both states of the document
// together from the trailer and accepts a difference only at the places that
// its rules name. What it reaches on another path must be equal there too, so
// an object that is both evidence and page content gains nothing.
type differ struct {
	ctx      context.Context
	old, now pdfrev.View
	was, is  *form
	revision int                // 1-based, of now
	pages    map[pdfrev.Ref]int // page numbers, from 1
	seen     map[pair]bool
	todo     []pair
	changes  []Change
	steps    *int
	err      error
}

// pair is two values that have to be equal, and where they are.
type pair struct {
	a, b  pdfrev.Ref // when both are references, else zero
	where string
}

// difference compares the revision of was with the one after it.
func difference(ctx context.Context, was, is *form, revision int, steps *int) ([]Change, error) {
	d := &differ{ctx: ctx, old: was.view, now: is.view, was: was, is: is, revision: revision,
		seen: map[pair]bool{}, steps: steps}
	d.trailer()
	d.drain()
	return d.changes, d.err
}

// report records a change, once.
func (d *differ) report(c Change) {
	c.Revision = d.revision
	for _, have := range d.changes {
		if have.Code == c.Code && slices.Equal(have.Args, c.Args) {
			return
		}
	}
	if len(d.changes) < maxChanges || c.class == never && d.changes[len(d.changes)-1].class != never {
		d.changes = append(d.changes, c)
	}
}

func (d *differ) other(code string, args ...string) {
	d.report(Change{Kind: ChangeOther, Code: code, Args: args, class: never})
}

// trailerKeys say where things are in the file, or have rules of their own.
var trailerKeys = []pdfrev.Name{"Size", "Prev", "Root", "Info", "ID", "XRefStm", "Type", "Index", "W",
	"Filter", "DecodeParms", "Length"}

// trailer compares what the file begins with.
func (d *differ) trailer() {
	a, b := d.old.Trailer(), d.now.Trailer()
	for _, key := range keys(a, b) {
		if !slices.Contains(trailerKeys, key) {
			d.same(a[key], b[key], "trailer/"+string(key))
		}
	}
	if !d.quietEqual(a["Info"], b["Info"]) {
		d.report(Change{Kind: ChangeLTA, Code: "change.info"})
	}
	d.catalog(d.old.Root(), d.now.Root())
}

// catalog compares the document catalogues key by key.
func (d *differ) catalog(a, b pdfrev.Dict) {
	d.pages = pageSet(d.old)
	if a == nil || b == nil {
		d.other("change.structure", "Root")
		return
	}
	for _, key := range keys(a, b) {
		switch key {
		case "AcroForm":
			d.form()
		case "DSS":
			d.evidence(a[key], b[key])
		case "Metadata":
			d.metadata(a[key], b[key])
		case "Extensions", "Version":
			if !d.quietEqual(a[key], b[key]) {
				d.report(Change{Kind: ChangeLTA, Code: "change.version"})
			}
		case "Pages":
			d.same(a[key], b[key], "Pages")
			d.comparePages()
		default:
			d.same(a[key], b[key], string(key))
		}
	}
}

// evidence accepts what was added to the document security store, which no
// reader shows. What was in it has to stay.
func (d *differ) evidence(a, b pdfrev.Object) {
	if d.quietEqual(a, b) {
		return
	}
	d.report(Change{Kind: ChangeLTA, Code: "change.evidence"})
	before, after := d.old.Dict(a), d.now.Dict(b)
	for _, key := range []pdfrev.Name{"Certs", "OCSPs", "CRLs"} {
		have := d.digests(d.now, after[key])
		for digest := range d.digests(d.old, before[key]) {
			if !have[digest] {
				d.report(Change{Kind: ChangeOther, Code: "change.evidence-removed", class: suspect})
				return
			}
		}
	}
	was, is := d.old.Dict(before["VRI"]), d.now.Dict(after["VRI"])
	for _, key := range keys(was, nil) {
		if !d.quietEqual(was[key], is[key]) {
			d.report(Change{Kind: ChangeOther, Code: "change.evidence-removed", class: suspect})
		}
	}
}

// digests are those of the streams that list names. Hashing counts as steps.
func (d *differ) digests(view pdfrev.View, list pdfrev.Object) map[sohoa.Digest]bool {
	out := map[sohoa.Digest]bool{}
	for _, s := range streams(view, list) {
		if d.count(1 + len(s.content)/128); d.err != nil {
			return out
		}
		out[sohoa.Sum(s.content)] = true
	}
	return out
}

func (d *differ) metadata(a, b pdfrev.Object) {
	if d.quietEqual(a, b) {
		return
	}
	s, ok := d.now.Resolve(b).(*pdfrev.Stream)
	if !ok || d.now.Resolve(s.Dict["Subtype"]) != pdfrev.Name("XML") {
		d.other("change.structure", "Metadata")
		return
	}
	d.report(Change{Kind: ChangeLTA, Code: "change.info"})
}

// keys are the keys of both dictionaries, sorted.
func keys(a, b pdfrev.Dict) []pdfrev.Name {
	var out []pdfrev.Name
	for k := range a {
		out = append(out, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			out = append(out, k)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// pageSet numbers the pages of view from 1. Trees that do not end are cut.
func pageSet(view pdfrev.View) map[pdfrev.Ref]int {
	pages, seen := map[pdfrev.Ref]int{}, map[pdfrev.Ref]bool{}
	stack := []pdfrev.Object{view.Root()["Pages"]}
	for len(stack) > 0 && len(seen) < 200_000 {
		o := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		ref, ok := o.(pdfrev.Ref)
		if !ok || seen[ref] {
			continue
		}
		seen[ref] = true
		n := view.Dict(ref)
		kids, tree := view.Resolve(n["Kids"]).(pdfrev.Array)
		if !tree {
			pages[ref] = len(pages) + 1
			continue
		}
		for _, kid := range slices.Backward(kids) {
			stack = append(stack, kid)
		}
	}
	return pages
}
