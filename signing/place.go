package signing

import (
	"sohoa/signing/mark"
	"sohoa/signing/revision"
)

// mark is the mark that was asked for with what only the signer knows, or nil.
func (d *draft) mark() *mark.Mark {
	if d.req.Mark == nil {
		return nil
	}
	signer := d.req.Name
	if signer == "" {
		signer = name(d.certs[0])
	}
	return d.req.Mark.Signed(signer, d.req.Time)
}

// sheet finds the page that the signature's widget goes on, and what is shown
// there already.
func (d *draft) sheet() (*sheet, error) {
	m := d.req.Mark
	if m == nil {
		return findPage(d.form.file, d.form.catalog, wanted{number: 1})
	}
	if m.OverSignature() {
		if s, err := d.signedSheet(); s != nil || err != nil {
			return s, err
		}
	}
	s, err := findPage(d.form.file, d.form.catalog, wanted{number: m.Number()})
	if err != nil {
		return nil, err
	}
	return s, d.form.take(s)
}

// maxSigners bounds the signatures that are looked at for one to set a seal
// over.
const maxSigners = 32

// signedSheet is the page of the newest visible signature that can be a
// person's, which page.Signature then names; nil if there is none on the page
// that the mark wants, or anywhere if it wants none.
func (d *draft) signedSheet() (*sheet, error) {
	only := revision.Ref{}
	if n := d.req.Mark.Page; n != 0 {
		s, err := findPage(d.form.file, d.form.catalog, wanted{number: n})
		if err != nil {
			return nil, err
		}
		only = s.ref
	}
	fields := d.form.fields
	for i := len(fields) - 1; i >= max(0, len(fields)-maxSigners); i-- {
		if !fields[i].isSignature() || fields[i].value == nil {
			continue
		}
		s, err := d.form.signedAt(fields[i], only)
		if s != nil || err != nil {
			return s, err
		}
	}
	return nil, nil
}

// signedAt is the page that shows the signature in f, or nil if that is no
// person's by its looks: an image, or anything below the uppermost quarter of
// the page. Unless only is zero no other page counts.
func (fm *form) signedAt(f field, only revision.Ref) (*sheet, error) {
	widget := f.dict
	if len(f.widgets) > 0 {
		var err error
		if widget, err = fm.file.Dict(f.widgets[0]); err != nil {
			return nil, err
		}
	}
	rect, err := fm.shown(widget)
	page, ok := widget.Get("P").(revision.Ref)
	if err != nil || rect == nil || !ok || only != (revision.Ref{}) && page != only {
		return nil, err
	}
	s, err := findPage(fm.file, fm.catalog, wanted{ref: page})
	if err != nil {
		return nil, err
	}
	seen := s.page.Seen(*rect)
	image, err := fm.showsImage(widget)
	if err != nil || !image && !s.page.CanSign(seen) {
		return nil, err
	}
	s.page.Signature = &seen
	return s, nil
}

// showsImage reports whether a widget shows an image and no text.
func (fm *form) showsImage(widget *revision.Dict) (bool, error) {
	d := widget
	for _, key := range []revision.Name{"AP", "N", "Resources"} {
		var err error
		if d, err = fm.file.Dict(d.Get(key)); err != nil {
			return false, err
		}
	}
	objects, err := fm.file.Dict(d.Get("XObject"))
	if err != nil || d.Get("Font") != nil {
		return false, err
	}
	for _, key := range objects.Keys() {
		o, err := fm.file.Dict(objects.Get(key))
		if err != nil || o.Get("Subtype") == revision.Name("Image") {
			return err == nil, err
		}
	}
	return false, nil
}

// take fills in where signatures are shown on s.
func (fm *form) take(s *sheet) error {
	annots, err := fm.file.Array(s.dict.Get("Annots"))
	if err != nil {
		return err
	}
	for _, a := range annots {
		widget, err := fm.file.Dict(a)
		if err != nil {
			return err
		}
		signs, err := fm.signs(widget)
		if err != nil {
			return err
		}
		if !signs {
			continue
		}
		rect, err := fm.shown(widget)
		if err != nil {
			return err
		}
		if rect != nil {
			s.page.Taken = append(s.page.Taken, s.page.Seen(*rect))
		}
	}
	return nil
}

// signs reports whether an annotation is the widget of a signature field,
// which may be its parent.
func (fm *form) signs(widget *revision.Dict) (bool, error) {
	for range maxTreeDepth {
		kind, err := fm.file.Resolve(widget.Get("FT"))
		if kind != nil || err != nil {
			return kind == revision.Name("Sig"), err
		}
		if widget, err = fm.file.Dict(widget.Get("Parent")); widget == nil || err != nil {
			return false, err
		}
	}
	return false, nil
}

// unseenFlags are Hidden and NoView (ISO 32000-2, table 167).
const unseenFlags = 2 | 32

// shown is the rectangle of a widget that is seen, or nil.
func (fm *form) shown(widget *revision.Dict) (*mark.Box, error) {
	o, err := fm.file.Resolve(widget.Get("F"))
	if err != nil {
		return nil, err
	}
	flags, _ := o.(revision.Number)
	if n, _ := flags.Int64(); n&unseenFlags != 0 || widget.Get("AP") == nil {
		return nil, nil
	}
	rect, err := box(fm.file, widget.Get("Rect"))
	if err != nil || rect == nil || rect.Width() <= 0 || rect.Height() <= 0 {
		return nil, err
	}
	return rect, nil
}
