package pdfa

import (
	"fmt"
	"regexp"

	"sohoa"
	"sohoa/archive/jbig2"
)

// sheet is a page ready to be written.
type sheet struct {
	size      pageSize
	drawings  []drawing // from the bottom up
	treatment sohoa.Treatment
}

// drawing is an image in its place.
type drawing struct {
	*picture
	matrix matrix
	ink    string // what sets the colour of a stencil, else empty
}

// openSheet finds the images of a page sound, and their places.
func openSheet(p Page) (*sheet, error) {
	if l := p.Layers; l != nil && (len(l.Background) > 0 || len(l.Stencils) > 0) {
		s, err := openLayers(l, p)
		if err != nil {
			return nil, fmt.Errorf("layers: %w", err)
		}
		return s, nil
	}
	pic, err := openImage(p.Image, p.MediaType)
	if err != nil {
		return nil, err
	}
	size, err := sizeOf(pic.width, pic.height, p.DPI, p.Turn)
	if err != nil {
		return nil, err
	}
	s := &sheet{size: size, drawings: []drawing{{pic, size.matrix(p.Turn), ""}}}
	s.treatment = sohoa.Treatment{Form: pic.form, Reason: pic.reason, Detail: pic.detail, Bytes: pic.size()}
	if p.Layers != nil && p.Layers.Treatment.Reason != "" {
		s.treatment.Reason, s.treatment.Detail = p.Layers.Treatment.Reason, p.Layers.Treatment.Detail
	}
	return s, s.checkTreatment()
}

// openLayers checks the layers of a page, which come from a child process.
func openLayers(l *sohoa.Layers, p Page) (*sheet, error) {
	if n := len(l.Stencils) + len(l.Patches); n >= sohoa.MaxPageLayers {
		return nil, fmt.Errorf("%d stencils and patches: %w", n, sohoa.ErrInvalid)
	}
	if err := checkPixels(l.Width, l.Height); err != nil {
		return nil, fmt.Errorf("%v: %w", err, sohoa.ErrInvalid)
	}
	size, err := sizeOf(l.Width, l.Height, p.DPI, p.Turn)
	if err != nil {
		return nil, err
	}
	s := &sheet{size: size, treatment: l.Treatment}
	if err := s.background(l, size.matrix(p.Turn)); err != nil {
		return nil, err
	}
	for i, st := range l.Stencils {
		if err := s.stencil(l, st, size.matrix(p.Turn)); err != nil {
			return nil, fmt.Errorf("stencil %d: %w", i+1, err)
		}
	}
	for i, patch := range l.Patches {
		if err := s.patch(l, patch, size.matrix(p.Turn)); err != nil {
			return nil, fmt.Errorf("patch %d: %w", i+1, err)
		}
	}
	s.treatment.Bytes = 0
	for _, d := range s.drawings {
		s.treatment.Bytes += d.size()
	}
	return s, s.checkTreatment()
}

// background draws the lowest layer, if there is one, over the whole page.
func (s *sheet) background(l *sohoa.Layers, page matrix) error {
	if len(l.Background) == 0 {
		return nil
	}
	pic, err := layerJPEG(l.Background)
	if err != nil {
		return fmt.Errorf("background: %w", err)
	}
	s.drawings = append(s.drawings, drawing{pic, page, ""})
	return nil
}

// stencil draws ink of one colour.
func (s *sheet) stencil(l *sohoa.Layers, st sohoa.Stencil, page matrix) error {
	w, h, err := jbig2.Size(st.Mask)
	if err != nil {
		return err
	}
	if w != l.Width || h != l.Height {
		return fmt.Errorf("%d×%d pixels on a page of %d×%d: %w", w, h, l.Width, l.Height, sohoa.ErrInvalid)
	}
	pic := &picture{width: w, height: h, depth: 1, components: 1, stencil: true,
		data: streamData{"JBIG2Decode", [][]byte{st.Mask}}}
	c := st.Colour
	ink := numbers(float64(c[0])/255, float64(c[1])/255, float64(c[2])/255) + " rg "
	s.drawings = append(s.drawings, drawing{pic, page, ink})
	return nil
}

// patch draws a rectangle of the scan.
func (s *sheet) patch(l *sohoa.Layers, p sohoa.Patch, page matrix) error {
	if p.X < 0 || p.Y < 0 || p.Width < 1 || p.Height < 1 || p.X > l.Width-p.Width || p.Y > l.Height-p.Height {
		return fmt.Errorf("%d×%d pixels at %d, %d are not on the page: %w", p.Width, p.Height, p.X, p.Y, sohoa.ErrInvalid)
	}
	pic, err := layerJPEG(p.JPEG)
	if err != nil {
		return err
	}
	w, h := float64(l.Width), float64(l.Height)
	box := page.part(float64(p.X)/w, 1-float64(p.Y+p.Height)/h, float64(p.X+p.Width)/w, 1-float64(p.Y)/h)
	s.drawings = append(s.drawings, drawing{pic, box, ""})
	return nil
}

// layerJPEG is a JPEG that goes in as it is, or an error.
func layerJPEG(file []byte) (*picture, error) {
	info, err := readJPEG(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, sohoa.ErrInvalid)
	}
	if err := checkPixels(info.width, info.height); err != nil {
		return nil, fmt.Errorf("%v: %w", err, sohoa.ErrInvalid)
	}
	if why := info.obstacle(); why != "" {
		return nil, fmt.Errorf("JPEG cannot be passed through: %s: %w", why, sohoa.ErrInvalid)
	}
	p := info.picture(file)
	if p.profile != nil || p.reason != "" {
		return nil, fmt.Errorf("JPEG with a colour profile, where layers are sRGB: %w", sohoa.ErrInvalid)
	}
	return p, nil
}

// reasonForm is what reasons look like.
var reasonForm = regexp.MustCompile(`^[a-z0-9.-]{0,64}$`)

// maxDetail bounds Treatment.Detail, in bytes.
const maxDetail = 500

// checkTreatment checks what is reported about a page, which may have come
// from a child process.
func (s *sheet) checkTreatment() error {
	t := s.treatment
	switch t.Form {
	case sohoa.FormOriginal, sohoa.FormLossless, sohoa.FormBitonal, sohoa.FormLayered, sohoa.FormReduced:
	default:
		return fmt.Errorf("treatment of the form %q: %w", t.Form, sohoa.ErrInvalid)
	}
	if !reasonForm.MatchString(t.Reason) || len(t.Detail) > maxDetail {
		return fmt.Errorf("treatment with the reason %.80q: %w", t.Reason, sohoa.ErrInvalid)
	}
	return nil
}
