package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
	"sohoa/signing/validation"
)

// signView is everything that somebody needs to see before they sign one
// document, and what they can do with it.
type signView struct {
	Place     placePage // its page, with the mark
	Head      setPart
	Item      itemRow
	Due       sohoa.Date
	Urgency   urgency
	Dossier   sohoa.Dossier
	Procedure string
	Fields    []sohoa.Field
	Earlier   []earlier
	Report    *reportPart // of the newest signed file, now; nil without one
	Key       *ingest.SignerKey
	Delegates []sohoa.User // to whom the step can be passed
	Step      stepLine     // whose turn it is
	CanPass   bool         // the reader may pass it on
	Number    int          // of this one among what waits, from 1; 0 if it does not wait
	Count     int
	Previous  string
	Next      string
	After     string // where the reader goes on when this one is done
	Marking   bool   // the reader may move the mark
	Error     string
}

// earlier is a version of a document that was there before the newest.
type earlier struct {
	Name  string // key of a phrase
	By    string
	Href  string
	Bytes int64
}

// signAsk is what the view of one document is asked for.
type signAsk struct {
	set     sohoa.SigningSet
	doc     string
	message string
}

// pageSignView shows one document of a set to who may sign it.
func (s *Server) pageSignView(w http.ResponseWriter, r *http.Request) error {
	set, err := s.set(r.Context(), r.PathValue("set"))
	if err != nil {
		return err
	}
	return s.renderSignView(w, r, http.StatusOK, signAsk{set: set, doc: r.PathValue("id")})
}

// renderSignView writes the view of one document, with what went wrong.
func (s *Server) renderSignView(w http.ResponseWriter, r *http.Request, status int, ask signAsk) error {
	v, err := s.signView(r, ask)
	if err != nil {
		return err
	}
	v.Error = ask.message
	s.render(w, r, status, "signview", frame{Title: v.Place.Doc.Name, Live: "?", Body: v})
	return nil
}

func (s *Server) signView(r *http.Request, ask signAsk) (signView, error) {
	ctx, set := r.Context(), ask.set
	v := signView{Place: placePage{Set: set, Purpose: signingPurpose(set.ID)}}
	items, err := s.cfg.Catalog.SetItems(ctx, set.ID)
	if err != nil {
		return v, err
	}
	if v.Head, err = s.setHead(ctx, set, items); err != nil {
		return v, err
	}
	who, err := s.names(ctx)
	if err != nil {
		return v, err
	}
	found := false
	for _, item := range items {
		if item.Document.String() == ask.doc {
			found, v.Place.Item = true, item
		}
	}
	if !found {
		return v, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	if v.Item, err = s.itemRow(ctx, set, v.Place.Item, who); err != nil {
		return v, err
	}
	if err := s.placeOf(r, &v, who); err != nil {
		return v, err
	}
	if err := s.aboutDocument(ctx, &v); err != nil {
		return v, err
	}
	return v, s.actsOn(ctx, &v)
}

// placeOf draws the page with the mark of the step whose turn it is.
func (s *Server) placeOf(r *http.Request, v *signView, who names) error {
	p := &v.Place
	var err error
	if p.Doc, err = s.viewed(r.Context(), p.Item.Document.String(), 0, p.Purpose); err != nil {
		return err
	}
	p.Step = min(p.Item.Step, len(p.Set.Steps)-1)
	p.Signer = who.of(p.Set.Steps[p.Step].Signer())
	v.Step, v.Marking = v.Head.Steps[p.Step], v.Item.Mine && v.Item.Open
	return s.drawPlace(r.Context(), p, r.FormValue("page"))
}

// aboutDocument gathers what is known of a document: of its dossier, its
// fields, and what was signed before.
func (s *Server) aboutDocument(ctx context.Context, v *signView) error {
	doc := v.Place.Doc
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), doc.Dossier)
	if err != nil {
		return err
	}
	procedure, err := s.procedure(ctx, d.Procedure)
	if err != nil {
		return err
	}
	v.Dossier, v.Procedure, v.Fields = d, procedure.Name, doc.Fields
	w := archive.Waiting{Set: v.Place.Set, Item: v.Place.Item, Document: doc, Dossier: d}
	v.Due, v.Urgency = w.Due(), urgencyOf(w.Due(), s.cfg.Now())
	if v.Earlier, err = s.earlierOf(ctx, doc, v.Place.Purpose); err != nil {
		return err
	}
	v.Report, err = s.signedReport(ctx, doc)
	return err
}

// signedReport says what the signatures of a document are worth now; nil where
// there is none.
func (s *Server) signedReport(ctx context.Context, doc sohoa.Document) (*reportPart, error) {
	blob, file, err := s.cfg.Intake.Open(ctx, doc.ID, sohoa.RoleSigned, 0)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer blob.Close()
	report, err := s.verdicts.of(file.Digest, func() (*validation.Report, error) { return s.validate(ctx, blob, blob.Size()) })
	if err != nil {
		return nil, err
	}
	return newReportPart(report, doc.Name, visitOf(ctx).lang), nil
}

// earlierOf lists the versions of a document, the oldest first: as it came, as
// it is archived, and as each signature left it.
func (s *Server) earlierOf(ctx context.Context, doc sohoa.Document, purpose string) ([]earlier, error) {
	who, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	files, err := s.cfg.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	base, why := filesPrefix+doc.ID.String()+"/", "?"+url.Values{"purpose": {purpose}}.Encode()
	var all []earlier
	signed := false
	for _, role := range []sohoa.Role{sohoa.RoleOriginal, sohoa.RolePDF, sohoa.RoleSigned} {
		for _, f := range files {
			if f.Role != role {
				continue
			}
			signed = signed || role == sohoa.RoleSigned
			if role != sohoa.RoleSigned {
				all = append(all, earlier{Name: "file." + string(role), Href: base + string(role) + why, Bytes: f.Size})
			}
		}
	}
	for _, m := range doc.Signatures {
		if signed && m.Size > 0 {
			all = append(all, earlier{Name: "signview.signed-by", By: signerName(m, who), Href: base + string(sohoa.RoleSigned) + why + "&upTo=" + strconv.FormatInt(m.Size, 10), Bytes: m.Size})
		}
	}
	return all, nil
}

// actsOn gathers what the reader can do, and what waits before and after this
// one.
func (s *Server) actsOn(ctx context.Context, v *signView) error {
	var err error
	if v.Key, err = s.keyOf(ctx); err != nil {
		return err
	}
	if v.CanPass = v.Step.Mine && v.Item.Open && v.Item.State.Open(); v.CanPass {
		if v.Delegates, err = s.colleagues(ctx, v.Place.Set.Agency); err != nil {
			return err
		}
	}
	waiting, err := s.waiting(ctx)
	if err != nil {
		return err
	}
	v.After = "/sets"
	var due []archive.Waiting
	for _, w := range waiting {
		if w.Item.State == sohoa.ItemDue {
			due = append(due, w)
		}
	}
	v.Count = len(due)
	for i, w := range due {
		if w.Set.ID != v.Place.Set.ID || w.Document.ID != v.Place.Doc.ID {
			continue
		}
		v.Number = i + 1
		if i > 0 {
			v.Previous = signHref(due[i-1].Set.ID, due[i-1].Document.ID)
			v.After = v.Previous
		}
		if i+1 < len(due) {
			v.Next = signHref(due[i+1].Set.ID, due[i+1].Document.ID)
			v.After = v.Next
		}
	}
	if v.Number == 0 && len(due) > 0 {
		v.Next = signHref(due[0].Set.ID, due[0].Document.ID)
		v.After = v.Next
	}
	return nil
}
