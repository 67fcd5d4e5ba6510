package ingest

import (
	"context"
	"errors"
	"strings"

	"sohoa"
	"sohoa/ocr/fields"
	"sohoa/signing"
	"sohoa/signing/mark"
)

// Sealing says as what the office signs, and what the page shows of it.
type Sealing struct {
	Part sohoa.SignPart
	Mark *mark.Mark    // but for the name and the time; nil shows nothing
	Base *signing.Base // noted of the document; nil reads it
}

// kinds are the marks of parts.
var kinds = map[sohoa.SignPart]mark.Kind{
	sohoa.PartOperator: mark.KindOperator, sohoa.PartPerson: mark.KindPerson, sohoa.PartSeal: mark.KindSeal,
	sohoa.PartAgency: mark.KindAgency, sohoa.PartCopy: mark.KindCopy, sohoa.PartAttachment: mark.KindAttachment,
}

// showing is a signature of which the page shows something.
type showing struct {
	doc   sohoa.Document
	step  sohoa.SignStep
	user  sohoa.User   // who signs; zero for the office
	place *sohoa.Place // nil is by the rule of the part
	qr    string       // address of a QR code; "" is none
}

// markOf is what the page shows of a signature, but for the name and the time;
// nil where there is no picture of what should be seen.
func (s *Service) markOf(ctx context.Context, w showing) (*mark.Mark, error) {
	m := &mark.Mark{Kind: kinds[w.step.Part]}
	switch {
	case m.Kind == mark.KindCopy && w.step.Form != "":
		m.Lines = []string{w.step.Form}
	case m.Kind == mark.KindAttachment && w.step.Number != "":
		m.Lines = []string{w.step.Number}
	case m.Kind == mark.KindCopy, m.Kind == mark.KindAttachment:
		m.Kind = mark.KindAgency
	}
	if !m.Kind.HasImage() {
		m.QR = w.qr
	} else if err := s.picture(ctx, m, w.user.Name); err != nil || m.Image == nil {
		return nil, err
	}
	if w.place != nil {
		m.Page, m.At = w.place.Page, &mark.Rect{X: w.place.X, Y: w.place.Y, Width: w.place.Width, Height: w.place.Height}
		return m, nil
	}
	return m, s.placeByRule(ctx, m, w)
}

// picture gives m the image that it shows, if the office has it.
func (s *Service) picture(ctx context.Context, m *mark.Mark, user string) error {
	if s.Signing.Images == nil {
		return nil
	}
	read := s.Signing.Images.SealImage
	if m.Kind == mark.KindPerson {
		read = func(ctx context.Context) ([]byte, error) { return s.Signing.Images.SignatureImage(ctx, user) }
	}
	file, err := read(ctx)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	if err == nil {
		m.Image, err = mark.ReadImage(file)
	}
	return err
}

// placeByRule places a person's signature above their name where the text has
// it, and keeps the others clear of the codes of a printed paper.
func (s *Service) placeByRule(ctx context.Context, m *mark.Mark, w showing) error {
	if m.Kind == mark.KindSeal || w.doc.Pages == 0 {
		return nil // it goes over the person's signature
	}
	if m.Kind == mark.KindPerson {
		texts, err := s.texts(ctx, w.doc)
		if err != nil {
			return err
		}
		if page, place, ok := fields.SignaturePlace(present(texts), w.user.FullName); ok {
			at := mark.Of(place, texts[page-1].DPI)
			m.Page, m.At = page, &at
		}
		return nil
	}
	text, err := s.PageText(ctx, w.doc.ID, 1)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	if err == nil && text.DPI > 0 {
		m.Avoid = mark.Codes(text)
	}
	return err
}

// lookupPath is what stands between the public address and a code.
const lookupPath = "/q/"

// address makes doc one that can be looked up, where the office has a public
// address and its mark is drawn, and returns what the mark shows.
func (s *Service) address(doc *sohoa.Document, part sohoa.SignPart) string {
	if s.Signing.PublicURL == "" || part == sohoa.PartOperator || part == sohoa.PartPerson {
		return ""
	}
	if doc.Lookup == "" {
		doc.Lookup = sohoa.NewLookup()
	}
	return strings.TrimSuffix(s.Signing.PublicURL, "/") + lookupPath + doc.Lookup
}

// Images are pictures that marks show, as PNG.
type Images interface {
	// SignatureImage is a person's signature; sohoa.ErrNotExist without one.
	SignatureImage(ctx context.Context, user string) ([]byte, error)
	// SealImage is the office's seal; sohoa.ErrNotExist without one.
	SealImage(ctx context.Context) ([]byte, error)
}
