package signing

import (
	"fmt"

	"sohoa/signing/mark"
	"sohoa/signing/revision"
)

// widgetFlags are Print and Locked (ISO 32000-2, table 167).
const widgetFlags = 4 | 128

// addField adds a signature field, its widget in one, to the form and to a
// page. Without a mark the widget is empty and invisible, on the first page.
func (d *draft) addField(name string, value revision.Ref) error {
	s, err := d.sheet()
	if err != nil {
		return err
	}
	widget := revision.NewDict(
		"Type", revision.Name("Annot"),
		"Subtype", revision.Name("Widget"),
		"FT", revision.Name("Sig"),
		"T", fieldName(name),
		"F", revision.Int(widgetFlags),
		"P", s.ref,
		"V", value,
		"Rect", reals(0, 0, 0, 0),
	)
	if m := d.mark(); m != nil {
		drawing, err := m.Draw(s.page)
		if err != nil {
			return err
		}
		widget.Set("Rect", reals(drawing.Rect[:]...))
		widget.Set("AP", addAppearance(d.update, drawing))
	}
	ref := d.update.Add(widget)
	if err := d.addToPage(s, ref); err != nil {
		return err
	}
	return d.addToForm(ref)
}

// fieldName writes a field's name as plainly as it permits.
func fieldName(name string) revision.String {
	for _, r := range name {
		if r < ' ' || r > '~' {
			return revision.Text(name)
		}
	}
	return revision.String(name)
}

func (d *draft) addToPage(s *sheet, widget revision.Ref) error {
	annots, err := d.update.AppendTo(s.dict.Get("Annots"), widget)
	if err != nil {
		return err
	}
	if _, behind := annots.(revision.Ref); behind {
		return nil
	}
	page := s.dict.Clone()
	page.Set("Annots", annots)
	d.update.Set(s.ref, page)
	return nil
}

// addToForm adds a field to the form, which is made if there is none.
func (d *draft) addToForm(fields ...revision.Object) error {
	fm := d.form
	if fm.acro == nil {
		catalog := fm.catalog.Clone()
		catalog.Set("AcroForm", d.update.Add(revision.NewDict("Fields", revision.Array(fields), "SigFlags", revision.Int(3))))
		d.update.Set(fm.catalogRef, catalog)
		return nil
	}
	acro := fm.acro.Clone()
	if len(fields) > 0 {
		list, err := d.update.AppendTo(acro.Get("Fields"), fields...)
		if err != nil {
			return err
		}
		acro.Set("Fields", list)
	}
	flags, _ := acro.Get("SigFlags").(revision.Number)
	n, _ := flags.Int64()
	acro.Set("SigFlags", revision.Int(n|3)) // signatures exist; append only
	if ref, ok := fm.catalog.Get("AcroForm").(revision.Ref); ok {
		d.update.Set(ref, acro)
		return nil
	}
	catalog := fm.catalog.Clone()
	catalog.Set("AcroForm", acro)
	d.update.Set(fm.catalogRef, catalog)
	return nil
}

// fill puts the signature into an empty field.
func (d *draft) fill(f *field, value revision.Ref) error {
	filled := f.dict.Clone()
	filled.Set("V", value)
	d.update.Set(f.ref, filled)
	if err := d.addToForm(); err != nil {
		return err
	}
	if len(f.widgets) == 0 {
		return d.dress(filled)
	}
	widget, err := d.form.file.Dict(f.widgets[0])
	if err != nil || widget == nil {
		return fmt.Errorf("widget of field %s: %w", f.name, errorOr(err, revision.ErrDamaged))
	}
	dressed := widget.Clone()
	if err := d.dress(dressed); err != nil {
		return err
	}
	d.update.Set(f.widgets[0], dressed)
	return nil
}

// dress gives a widget that is there already the appearance of the mark, in
// the rectangle that the form's author drew. One without size stays invisible.
func (d *draft) dress(widget *revision.Dict) error {
	rect, err := box(d.form.file, widget.Get("Rect"))
	if err != nil || rect == nil || rect.Width() <= 0 || rect.Height() <= 0 {
		return err
	}
	drawing := &mark.Drawing{BBox: mark.Box{0, 0, rect.Width(), rect.Height()}, Matrix: [6]float64{1, 0, 0, 1, 0, 0}}
	if m := d.mark(); m != nil {
		if drawing, err = m.DrawIn(*rect, d.rotation(widget)); err != nil {
			return err
		}
	} else if widget.Get("AP") != nil {
		return nil
	}
	widget.Set("AP", addAppearance(d.update, drawing))
	return nil
}

// rotation is how far the page of a widget is turned, 0 if it does not say.
func (d *draft) rotation(widget *revision.Dict) int {
	page, err := d.form.file.Dict(widget.Get("P"))
	for range maxTreeDepth {
		if err != nil || page == nil {
			return 0
		}
		if n, ok := page.Get("Rotate").(revision.Number); ok {
			v, _ := n.Int64()
			return int(v % 360)
		}
		page, err = d.form.file.Dict(page.Get("Parent"))
	}
	return 0
}
