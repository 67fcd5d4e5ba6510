package web

import (
	"context"
	"errors"
	"slices"

	"sohoa"
	"sohoa/search"
)

// hitLine is a document that was found, as it is shown.
type hitLine struct {
	search.Hit
	Doc    sohoa.Document
	Kind   string // in words, where it is known
	Number string
	Date   string
	Agency string // where it is held
	Owner  string
	ID     string // the owner's identity number, masked
	Own    bool   // its dossier is the reader's to open
	Shot   *shot
	Reuse  string // where it can be used for the dossier at hand
	Give   bool   // the reader may give copies of it
}

// shot is a small image of a page with the words that were found.
type shot struct {
	Page          int
	Image         string
	Width, Height int // of the upright page, pixels
	Tall          int // how high it is shown, CSS pixels
	Marks         []box
}

// hitLines gathers what is shown of documents that were found, but for their
// images.
func (s *Server) hitLines(ctx context.Context, found search.Results, docs map[sohoa.DocumentID]sohoa.Document, purpose sohoa.Purpose) ([]hitLine, error) {
	agencies, err := s.agencyNames(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := s.askedFor(ctx, purpose)
	if err != nil {
		return nil, err
	}
	lines := make([]hitLine, 0, len(found.Hits))
	for _, hit := range found.Hits {
		doc := docs[hit.Document]
		d, err := s.cfg.Catalog.Dossier(ctx, sohoa.Everything, doc.Dossier) // who may see the paper may know whose it is
		if err != nil {
			return nil, err
		}
		l := hitLine{Hit: hit, Doc: doc, Kind: fieldOf(doc, sohoa.FieldTypeName), Number: numberOf(doc), Agency: agencies[d.Agency],
			Date: fieldOf(doc, sohoa.FieldIssuedDate), Owner: d.Owner.Name, ID: maskNumber(d.Owner.IDNumber), Own: scopeOf(ctx).Includes(d.Agency)}
		l.Give = s.cfg.Giver != nil && doc.State == sohoa.StateKept && l.Own && userOf(ctx).May(sohoa.PowerGive)
		if code := asked.of(doc.Life.Type); code != "" && doc.State == sohoa.StateKept && doc.Dossier != purpose.Dossier {
			l.Reuse = pathOf("dossiers", purpose.Dossier, "papers", code) + "#" + doc.ID.String()
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// fieldOf is a field of a document as people read it; empty where it has none.
func fieldOf(doc sohoa.Document, name string) string {
	for _, f := range doc.Fields {
		if f.Name == name {
			return fieldValue(f)
		}
	}
	return ""
}

// numberOf is number and notation.
func numberOf(doc sohoa.Document) string {
	number, notation := fieldOf(doc, sohoa.FieldCodeNumber), fieldOf(doc, sohoa.FieldCodeNotation)
	if number != "" && notation != "" {
		number += "/"
	}
	return number + notation
}

func (s *Server) agencyNames(ctx context.Context) (map[string]string, error) {
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	names := make(map[string]string, len(agencies))
	for _, a := range agencies {
		names[a.Code] = a.Name
	}
	return names, err
}

// wants are the papers that the dossier at hand may still be given.
type wants []sohoa.Requirement

// askedFor are the papers that the procedure of a purpose's dossier asks for; the
// one that the purpose names alone, if it names one. None where nothing is
// reused here.
func (s *Server) askedFor(ctx context.Context, purpose sohoa.Purpose) (wants, error) {
	if s.cfg.Reuse == nil || purpose.Dossier == "" {
		return nil, nil
	}
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), purpose.Dossier)
	if err != nil {
		return nil, err
	}
	p, err := s.procedure(ctx, d.Procedure)
	if r, ok := p.Requirement(purpose.Requirement); ok {
		return wants{r}, err
	}
	if err != nil {
		return nil, err
	}
	return s.unmet(ctx, d.Code, p.Requirements)
}

// unmet are those of the papers that a procedure asks for which a dossier
// neither has nor uses again.
func (s *Server) unmet(ctx context.Context, dossier string, asked []sohoa.Requirement) (wants, error) {
	reused, err := s.cfg.Catalog.FindReuses(ctx, scopeOf(ctx), acceptedIn(dossier))
	if err != nil {
		return nil, err
	}
	docs, err := s.cfg.Catalog.FindDocuments(ctx, scopeOf(ctx), documentsOf(dossier))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(asked), func(r sohoa.Requirement) bool {
		return slices.ContainsFunc(reused, func(u sohoa.Reuse) bool { return u.Requirement == r.Code }) ||
			slices.ContainsFunc(docs, func(d sohoa.Document) bool { return r.Satisfied(d.Life.Type) })
	}), nil
}

// of is the code of a requirement that a kind of paper satisfies, or empty.
func (w wants) of(kind string) string {
	for _, r := range w {
		if r.Satisfied(kind) {
			return r.Code
		}
	}
	return ""
}

// shot draws the best page of a hit; nil where there is none that was read.
func (s *Server) shot(ctx context.Context, hit search.Hit, query string, purpose sohoa.Purpose) (*shot, error) {
	if len(hit.Pages) == 0 {
		return nil, nil
	}
	number := hit.Pages[0].Page
	text, err := s.pageText(ctx, hit.Document, number)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	page := sohoa.Page{Document: hit.Document, Number: number}
	return &shot{Page: number, Image: pageURL(page, "thumb", purpose.String()), Width: text.Width, Height: text.Height, Tall: thumbWidth * text.Height / max(text.Width, 1),
		Marks: markBoxes(text, query, float64(text.Width)/80)}, nil
}

// markBoxes are the words of a page that answer a query, with some air around
// each.
func markBoxes(text sohoa.PageText, query string, air float64) []box {
	var all []box
	for _, ref := range search.Mark(text, query) {
		all = append(all, boxOf(text.Lines[ref.Line].Words[ref.Word].Box, air))
	}
	return all
}
