package signing

import (
	"fmt"
	"iter"

	"sohoa"
	"sohoa/signing/mark"
	"sohoa/signing/revision"
)

// sheet is a page that gets a widget.
type sheet struct {
	ref  revision.Ref
	dict *revision.Dict
	page mark.Page
}

// maxTreeDepth bounds the levels of a page tree.
const maxTreeDepth = 64

// inherited are the page attributes that matter here.
var inherited = []revision.Name{"MediaBox", "CropBox", "Rotate", "Resources"}

// branch is a node of the page tree with what it inherits.
type branch struct {
	object revision.Object
	depth  int
	from   map[revision.Name]revision.Object
}

// wanted says which page is looked for.
type wanted struct {
	number int          // 1-based, or mark.LastPage
	ref    revision.Ref // the page itself, if number is 0
}

// findPage finds a page. The tree is walked from its first page, or from its
// last one if that is wanted.
func findPage(f *revision.File, catalog *revision.Dict, want wanted) (*sheet, error) {
	last, number := want.number == mark.LastPage, 0
	for p, err := range pages(f, catalog, last) {
		if err != nil {
			return nil, err
		}
		if number++; last || want.number == number || want.number == 0 && want.ref == p.ref {
			return newSheet(f, p)
		}
	}
	return nil, problem(sohoa.ErrInvalid, "sign.no-page")
}

// leaf is a page as it stands in the tree.
type leaf struct {
	ref  revision.Ref
	dict *revision.Dict
	from map[revision.Name]revision.Object // what it has or inherits
}

// pages walks the page tree, from the first page or from the last. After an
// error there is nothing more.
func pages(f *revision.File, catalog *revision.Dict, last bool) iter.Seq2[leaf, error] {
	return func(yield func(leaf, error) bool) {
		todo := []branch{{object: catalog.Get("Pages")}}
		seen := map[revision.Ref]bool{}
		for len(todo) > 0 {
			b := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			p, kids, err := b.open(f, seen)
			if err != nil {
				yield(leaf{}, err)
				return
			}
			if kids == nil && !yield(p, nil) {
				return
			}
			b.from = p.from
			todo = b.push(todo, kids, last)
		}
	}
}

// open reads a node of the tree: a page, or what has kids.
func (b branch) open(f *revision.File, seen map[revision.Ref]bool) (leaf, revision.Array, error) {
	ref, ok := b.object.(revision.Ref)
	if !ok || seen[ref] || b.depth > maxTreeDepth {
		return leaf{}, nil, fmt.Errorf("page tree: %w", revision.ErrDamaged)
	}
	seen[ref] = true
	d, err := f.Dict(ref)
	if err != nil || d == nil {
		return leaf{}, nil, fmt.Errorf("page tree: %w", errorOr(err, revision.ErrDamaged))
	}
	kids, err := f.Array(d.Get("Kids"))
	return leaf{ref, d, inherit(b.from, d)}, kids, err
}

// push adds the kids of b to a stack, so that the first of them, or the last,
// is on top.
func (b branch) push(todo []branch, kids revision.Array, last bool) []branch {
	for i := range kids {
		if !last {
			i = len(kids) - 1 - i
		}
		todo = append(todo, branch{kids[i], b.depth + 1, b.from})
	}
	return todo
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// inherit is what the children of d inherit.
func inherit(from map[revision.Name]revision.Object, d *revision.Dict) map[revision.Name]revision.Object {
	out := map[revision.Name]revision.Object{}
	for _, k := range inherited {
		if out[k] = d.Get(k); out[k] == nil {
			out[k] = from[k]
		}
	}
	return out
}

func newSheet(f *revision.File, p leaf) (*sheet, error) {
	s := &sheet{ref: p.ref, dict: p.dict}
	media, err := box(f, p.from["MediaBox"])
	if err != nil {
		return nil, err
	}
	if media == nil {
		media = &mark.Box{0, 0, 612, 792} // what programs take where the required box is missing
	}
	crop, err := box(f, p.from["CropBox"])
	if err != nil {
		return nil, err
	}
	s.page.Box = *media
	if crop != nil {
		s.page.Box = intersect(*media, *crop)
	}
	o, err := f.Resolve(p.from["Rotate"])
	if n, ok := o.(revision.Number); ok {
		v, _ := n.Int64()
		s.page.Rotate = int(v % 360)
	}
	return s, err
}

// box reads a rectangle, nil if o is none.
func box(f *revision.File, o revision.Object) (*mark.Box, error) {
	a, err := f.Array(o)
	if err != nil || len(a) != 4 {
		return nil, err
	}
	var v mark.Box
	for i, o := range a {
		o, err := f.Resolve(o)
		if err != nil {
			return nil, err
		}
		n, _ := o.(revision.Number)
		v[i] = n.Float()
	}
	return &mark.Box{min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]), max(v[1], v[3])}, nil
}

// intersect is the part of crop that lies on media, or media if none does.
func intersect(media, crop mark.Box) mark.Box {
	b := mark.Box{max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])}
	if b.Width() <= 0 || b.Height() <= 0 {
		return media
	}
	return b
}
