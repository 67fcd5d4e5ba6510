package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/ingest"
)

// fieldsPages are those on which fields are compared with the paper.
func (s *Server) fieldsPages() doors {
	if s.confirms == nil {
		return nil
	}
	return doors{
		"GET /documents/{id}/fields": {sohoa.PowerWork, s.pageFields}, "POST /documents/{id}/fields": {sohoa.PowerWork, s.postFields},
		"GET /confirm": {sohoa.PowerWork, s.pageConfirm}, "GET /confirm/next": {sohoa.PowerWork, s.getNextUnconfirmed},
	}
}

// fieldsPage is the fields of a document beside its pages.
type fieldsPage struct {
	Doc      sohoa.Document
	Version  int
	Lines    []fieldLine
	Sheets   sheetsPart
	Types    []sohoa.Rule
	Agencies []string // known names, to complete what is typed
	Kinds    []string // names of kinds of paper
	Type     string
	Validity ingest.Validity
	Purpose  string
	Next     sohoa.Document // waits after this one; zero for none
	Ahead    string         // image of its first page
	Left     int            // documents that wait, this one among them
	Error    string
	Conflict bool // somebody else confirmed meanwhile
	Fixed    bool // its fields cannot be confirmed now
}

// fieldLine is one field of the form.
type fieldLine struct {
	sohoa.Field
	Value   string // as people write it
	Was     string // as it was read; what Escape gives back
	Place   string // page and box, as the form sends it
	WasAt   string
	Sure    sohoa.Certainty
	Reading string // what recognition had read, where a person gave another value
	Long    bool   // several lines
	Most    int    // characters
	List    string // of suggestions
	Error   string
	Theirs  string // what somebody else confirmed meanwhile, where it differs
}

// order puts first what needs a person: what may be misread, then what was not
// read, then what is sure, then what somebody confirmed.
func (l fieldLine) order() int {
	switch {
	case l.Error != "" || l.Theirs != "":
		return 0
	case l.Confirmed:
		return 4
	case l.Sure == sohoa.CertaintyLook:
		return 1
	case l.Sure == sohoa.CertaintyNone:
		return 2
	}
	return 3
}

func (s *Server) pageFields(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.document(r.Context(), r.PathValue("id"))
	if err == nil {
		err = s.journalView(r.Context(), doc, 0, r.URL.Query().Get("purpose"))
	}
	if err != nil {
		return hideMalformed(err)
	}
	return s.renderFields(w, r, http.StatusOK, s.fieldsOf(doc))
}

// fieldsOf is the form of a document as it is.
func (s *Server) fieldsOf(doc sohoa.Document) fieldsPage {
	p := fieldsPage{Doc: doc, Version: doc.FieldsAt, Type: doc.Life.Type, Fixed: !doc.FieldsFound() || s.confirms == nil,
		Validity: ingest.Validity{From: doc.Life.ValidFrom, Until: doc.Life.ValidUntil, Scope: doc.Life.Scope}}
	for _, name := range sohoa.FieldNames {
		p.Lines = append(p.Lines, lineOf(doc.Field(name)))
	}
	return p
}

func lineOf(f sohoa.Field) fieldLine {
	l := fieldLine{Field: f, Value: fieldValue(f), Place: placeText(f.Page, f.Box), Sure: f.Certainty(), Most: sohoa.MaxFieldTextRunes,
		Long: f.Name == sohoa.FieldSubject || f.Name == sohoa.FieldOrganName}
	l.Was, l.WasAt = l.Value, l.Place
	if f.Read != nil {
		l.Reading = fieldValue(sohoa.Field{Name: f.Name, Value: f.Read.Value})
		l.Was, l.WasAt = l.Reading, placeText(f.Read.Page, f.Read.Box)
	}
	switch f.Name {
	case sohoa.FieldOrganName:
		l.List = "agencies"
	case sohoa.FieldTypeName:
		l.List = "kinds"
	}
	return l
}

// placeText writes where a field stands: page, left, top, right, bottom.
func placeText(page int, b sohoa.Rect) string {
	if page == 0 {
		return ""
	}
	return fmt.Sprintf("%d %.1f %.1f %.1f %.1f", page, b.X0, b.Y0, b.X1, b.Y1)
}

// parsePlace reads what placeText wrote; anything else is no place.
func parsePlace(s string) (page int, b sohoa.Rect) {
	if _, err := fmt.Sscanf(s, "%d %f %f %f %f", &page, &b.X0, &b.Y0, &b.X1, &b.Y1); err != nil {
		return 0, sohoa.Rect{}
	}
	return page, b
}

// renderFields writes the form with the pages beside it.
func (s *Server) renderFields(w http.ResponseWriter, r *http.Request, status int, p fieldsPage) error {
	ctx := r.Context()
	purpose, err := s.viewPurpose(ctx, p.Doc, r.URL.Query().Get("purpose"))
	if err != nil {
		return err
	}
	slices.SortStableFunc(p.Lines, func(a, b fieldLine) int { return cmp.Compare(a.order(), b.order()) })
	p.Purpose = purpose.String()
	if p.Sheets, err = s.sheets(r, p.Doc); err != nil {
		return err
	}
	if p.Left, err = s.unconfirmed(ctx); err != nil {
		return err
	}
	if p.Next, err = s.nextUnconfirmed(ctx, p.Doc.ID, p.Doc.Dossier); err != nil {
		return err
	}
	if !p.Next.ID.IsZero() {
		p.Ahead = pageURL(sohoa.Page{Document: p.Next.ID, Number: 1}, "image", "")
	}
	if err := s.suggestions(ctx, &p); err != nil {
		return err
	}
	s.render(w, r, status, "fields", frame{Title: text(r, "fields.title") + " · " + p.Doc.Name, Purpose: p.Purpose, Body: p})
	return nil
}

// suggestions fills in what completes what is typed.
func (s *Server) suggestions(ctx context.Context, p *fieldsPage) error {
	schedule, err := s.cfg.Catalog.Schedule(ctx)
	if err != nil {
		return err
	}
	for _, rule := range schedule.Rules {
		if rule.Type != "" {
			p.Types = append(p.Types, rule)
			p.Kinds = append(p.Kinds, rule.Name)
		}
	}
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	for _, a := range agencies {
		p.Agencies = append(p.Agencies, a.Name)
	}
	return err
}

// postFields confirms what the form has, and goes on to the next document that
// waits. What cannot be is told beside its field, and nothing typed is lost.
func (s *Server) postFields(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	c := confirmationOf(r.PostForm)
	doc, failure := s.confirmed(r.Context(), r.PathValue("id"), c)
	if failure == nil {
		return s.goOn(w, r, doc)
	}
	if doc.ID.IsZero() {
		return hideMalformed(failure)
	}
	message, status, err := wrong(r, s.byWhom(r.Context(), failure))
	if err != nil {
		return err
	}
	p := s.fieldsOf(doc)
	p.Error, p.Conflict = message, errors.Is(failure, sohoa.ErrConflict)
	p.typed(c, failure, visitOf(r.Context()).lang)
	return s.renderFields(w, r, status, p)
}

// goOn leads to the next document, or to where the reader wants to be.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, doc sohoa.Document) error {
	to := pathOf("documents", doc.ID.String()) + "#facts"
	if r.PostFormValue("then") == "next" {
		next, err := s.nextUnconfirmed(r.Context(), doc.ID, doc.Dossier)
		if err != nil {
			return err
		}
		to = "/confirm?done=" + doc.ID.String()
		if !next.ID.IsZero() {
			to = pathOf("documents", next.ID.String(), "fields")
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// confirmationOf is what a form says.
func confirmationOf(form url.Values) ingest.Confirmation {
	var c ingest.Confirmation
	c.Version, _ = strconv.Atoi(form.Get("version")) // none is that of nobody
	for _, name := range sohoa.FieldNames {
		v := sohoa.FieldValue{Name: name, Value: clean(form.Get(name)), Text: clean(form.Get(name + ".text"))}
		if name == sohoa.FieldIssuedDate {
			v.Value = dayOf(v.Value)
		}
		v.Page, v.Box = parsePlace(form.Get(name + ".at"))
		c.Values = append(c.Values, v)
	}
	if kind := form.Get("type"); kind != "" {
		c.Type = &kind
	}
	c.Validity = &ingest.Validity{From: sohoa.Date(dayOf(form.Get("validFrom"))), Until: sohoa.Date(dayOf(form.Get("validUntil"))), Scope: clean(form.Get("scope"))}
	return c
}

// typed puts what was typed back into the form, with what is wrong with it;
// after a conflict, with what somebody else confirmed.
func (p *fieldsPage) typed(c ingest.Confirmation, failure error, lang sohoa.Lang) {
	var bad sohoa.FieldErrors
	_ = errors.As(failure, &bad)
	for i := range p.Lines {
		l := &p.Lines[i]
		theirs := l.Value
		if at := slices.IndexFunc(c.Values, func(v sohoa.FieldValue) bool { return v.Name == l.Name }); at >= 0 {
			v := c.Values[at]
			l.Value, l.Place = fieldValue(sohoa.Field{Name: v.Name, Value: v.Value}), placeText(v.Page, v.Box)
		}
		if p.Conflict && theirs != l.Value {
			l.Theirs = theirs
			if theirs == "" {
				l.Theirs = "—"
			}
		}
		for _, e := range bad {
			if e.Name == l.Name {
				l.Error = e.Problem.Text(lang)
			}
		}
	}
	if len(bad) > 0 {
		p.Error = ""
	}
	if c.Type != nil {
		p.Type = *c.Type
	}
	if c.Validity != nil {
		p.Validity = *c.Validity
	}
	if !p.Conflict {
		p.Version = c.Version
	}
}

// Title is what the form is about, in a line.
func (p fieldsPage) Title() string {
	return strings.TrimSpace(cmp.Or(fieldOf(p.Doc, sohoa.FieldTypeName), p.Doc.Name) + " " + numberOf(p.Doc))
}
