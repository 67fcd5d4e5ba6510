package signing

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"sohoa"
	"sohoa/signing/mark"
	"sohoa/signing/revision"
)

// Print writes a copy of a PDF with marks drawn on its pages to out: a new
// revision, in which they are part of the pages. on says which for each page,
// numbered from 1. PDF/A-2u stays that.
//
// A copy is nobody's signed document. Signatures that the PDF has stay to be
// seen as they look, and are none any more: what was signed has no marks. A PDF
// that cannot be drawn on is the Problem "copy.sealed".
func Print(in io.ReaderAt, size int64, out io.Writer, on func(number int, page mark.Page) []*mark.Mark) error {
	more, err := printed(in, size, on)
	if errors.Is(err, revision.ErrDamaged) || errors.Is(err, sohoa.ErrInvalid) {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "copy.sealed", Detail: err.Error()}
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, io.NewSectionReader(in, 0, size)); err != nil {
		return err
	}
	_, err = out.Write(more)
	return err
}

// printed is the revision that Print appends.
func printed(in io.ReaderAt, size int64, on func(int, mark.Page) []*mark.Mark) ([]byte, error) {
	f, err := revision.Open(in, size)
	if err != nil {
		return nil, err
	}
	catalog, ref, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	p := &printer{f: f, u: f.NewUpdate()}
	p.before = p.u.Add(compress(revision.NewDict(), []byte("q\n")))
	number := 0
	for at, err := range pages(f, catalog, false) {
		if err != nil {
			return nil, err
		}
		s, err := newSheet(f, at)
		if err != nil {
			return nil, err
		}
		if number++; number > sohoa.MaxPages {
			return nil, fmt.Errorf("more than %d pages: %w", sohoa.MaxPages, sohoa.ErrInvalid)
		}
		if err := p.page(s, at.from["Resources"], on(number, s.page)); err != nil {
			return nil, err
		}
	}
	if catalog.Get("AcroForm") != nil || catalog.Get("Perms") != nil || catalog.Get("DSS") != nil {
		plain := catalog.Clone()
		for _, k := range []revision.Name{"AcroForm", "Perms", "DSS"} {
			plain.Set(k, nil)
		}
		p.u.Set(ref, plain)
	}
	id := sha256.Sum256(fmt.Appendf(nil, "%d %v", size, f.Trailer().Get("ID")))
	return p.u.Bytes(revision.String(id[:16]))
}

type printer struct {
	f      *revision.File
	u      *revision.Update
	before revision.Ref // content that saves the state in front of a page's own
}

// page draws marks over a page.
func (p *printer) page(s *sheet, resources revision.Object, marks []*mark.Mark) error {
	dict := s.dict.Clone()
	if err := p.settle(s, dict); err != nil {
		return err
	}
	have, err := p.f.Dict(resources)
	if err != nil {
		return err
	}
	own := revision.NewDict()
	if have != nil {
		own = have.Clone()
	}
	objects, err := p.f.Dict(own.Get("XObject"))
	if err != nil {
		return err
	}
	named := revision.NewDict()
	if objects != nil {
		named = objects.Clone()
	}
	content := []byte("\nQ\n")
	for i, m := range marks {
		d, err := m.Draw(s.page)
		if err != nil {
			return err
		}
		name := revision.Name(fmt.Sprintf("SohoaCopy%d", i))
		for named.Get(name) != nil {
			name += "x"
		}
		named.Set(name, addAppearance(p.u, d).Get("N"))
		x, y := shift(d)
		content = fmt.Appendf(content, "q 1 0 0 1 %s %s cm /%s Do Q\n", revision.Real(x), revision.Real(y), name)
	}
	own.Set("XObject", named)
	dict.Set("Resources", own)
	contents, err := p.contents(dict.Get("Contents"))
	if err != nil {
		return err
	}
	after := p.u.Add(compress(revision.NewDict(), content))
	dict.Set("Contents", slices.Concat(revision.Array{p.before}, contents, revision.Array{after}))
	p.u.Set(s.ref, dict)
	return nil
}

// contents are the content streams of a page.
func (p *printer) contents(o revision.Object) (revision.Array, error) {
	if o == nil {
		return nil, nil
	}
	is, err := p.f.Resolve(o)
	if err != nil {
		return nil, err
	}
	if a, many := is.(revision.Array); many {
		return a, nil
	}
	return revision.Array{o}, nil
}

// shift is where the origin of a drawing goes, so that it stands in its
// rectangle however it is turned (ISO 32000-2, 12.5.5).
func shift(d *mark.Drawing) (x, y float64) {
	m, b := d.Matrix, d.BBox
	left, bottom := 1e9, 1e9
	for _, c := range [][2]float64{{b[0], b[1]}, {b[2], b[1]}, {b[0], b[3]}, {b[2], b[3]}} {
		left, bottom = min(left, m[0]*c[0]+m[2]*c[1]+m[4]), min(bottom, m[1]*c[0]+m[3]*c[1]+m[5])
	}
	return d.Rect[0] - left, d.Rect[1] - bottom
}

// fieldKeys make an annotation a part of a form.
var fieldKeys = []revision.Name{"FT", "T", "TU", "TM", "V", "DV", "Parent", "Ff", "MK", "DA", "Q", "AA", "A"}

// settle makes the fields on a page stamps that look the same, and notes where
// something is shown.
func (p *printer) settle(s *sheet, page *revision.Dict) error {
	annots, err := p.f.Array(page.Get("Annots"))
	if err != nil || annots == nil {
		return err
	}
	for i, o := range annots {
		d, err := p.f.Dict(o)
		if err != nil {
			return err
		}
		if d == nil {
			continue
		}
		shown, err := box(p.f, d.Get("Rect"))
		if err != nil {
			return err
		}
		if shown != nil && shown.Width() > 0 && shown.Height() > 0 {
			s.page.Taken = append(s.page.Taken, s.page.Seen(*shown))
		}
		if d.Get("Subtype") != revision.Name("Widget") {
			continue
		}
		stamp := d.Clone()
		stamp.Set("Subtype", revision.Name("Stamp"))
		for _, k := range fieldKeys {
			stamp.Set(k, nil)
		}
		if ref, ok := o.(revision.Ref); ok {
			p.u.Set(ref, stamp)
			continue
		}
		annots = slices.Clone(annots)
		annots[i] = stamp
	}
	page.Set("Annots", annots)
	return nil
}
