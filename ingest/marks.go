package ingest

import (
	"context"
	"strings"
	"time"

	"sohoa"
	"sohoa/signing/mark"
)

// Sealing says as what somebody signs, which decides the mark on the page.
type Sealing struct {
	Part   sohoa.SignPart
	Form   string       // of sohoa.PartCopy
	Number string       // of sohoa.PartAttachment
	Place  *sohoa.Place // where the mark goes; nil is by the rule of the part
	QR     string       // address that the mark shows as a QR code; "" is none
}

// mark is what the page shows of a signature by name at a time.
func (w Sealing) mark(name string, at time.Time) *mark.Mark {
	var m *mark.Mark
	switch w.Part {
	case sohoa.PartOperator:
		m = mark.Operator(name, at)
	case sohoa.PartAgency:
		m = mark.Agency("", name, at)
	case sohoa.PartCopy:
		m = mark.Agency(w.Form, name, at)
	case sohoa.PartAttachment:
		m = mark.Agency("", w.Number, at)
	default:
		return nil // its image is all that it shows
	}
	if w.Place != nil {
		m.Page = w.Place.Page
	}
	return m
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
