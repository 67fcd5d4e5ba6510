package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"sohoa"
	"sohoa/ingest"
)

// offersPage is what is held that may take the place of one paper.
type offersPage struct {
	Dossier     sohoa.Dossier
	Requirement sohoa.Requirement
	Offers      []offerLine
	Accepted    *sohoa.Reuse // there is one already
	Reasons     []sohoa.ReuseReason
	Error       string
}

// offerLine is an offer as it is shown.
type offerLine struct {
	ingest.Offer
	Kind, Number, Date string
	Owner, ID          string // of its dossier; the number masked
	Own                bool   // the reader may open it
	Sheet              *offerSheet
	Closed             bool // nothing can be decided about it now
}

// offerSheet is the page of an offer that is shown beside it.
type offerSheet struct {
	sheet
	Number int
	Others []link // the document's other pages
}

// offerPages is how many pages of an offer there are links to.
const offerPages = 30

func (s *Server) pageOffers(w http.ResponseWriter, r *http.Request) error {
	return s.renderOffers(w, r, http.StatusOK, "")
}

func (s *Server) renderOffers(w http.ResponseWriter, r *http.Request, status int, mistake string) error {
	ctx, _, d, err := s.reuseOn(r)
	if err != nil {
		return err
	}
	req, asked, err := s.requirement(ctx, d, r.PathValue("req"))
	if err != nil || !asked {
		return errors.Join(err, newProblem(sohoa.ErrNotExist, "path.unknown"))
	}
	s.takeUp(ctx, d.Code, req.Code)
	offers, err := s.held(ctx, reuseActor(ctx), sohoa.Purpose{Dossier: d.Code, Requirement: req.Code})
	if err != nil {
		return err
	}
	p := offersPage{Dossier: d, Requirement: req, Reasons: sohoa.ReuseReasons, Error: mistake}
	for _, o := range offers {
		if o.Decided != nil && o.Decided.State == sohoa.ReuseAccepted {
			p.Accepted = o.Decided
		}
	}
	for _, o := range offers {
		line, err := s.offerLine(r, p, o)
		if err != nil {
			return err
		}
		p.Offers = append(p.Offers, line)
	}
	purpose := sohoa.Purpose{Dossier: d.Code, Requirement: req.Code}
	s.render(w, r, status, "offers", frame{Title: req.Name, Purpose: purpose.String(), Body: p})
	return nil
}

// offerLine gathers what is shown of an offer. What a rule fails is named, and
// its page is not shown: there is no purpose to look at it for.
func (s *Server) offerLine(r *http.Request, p offersPage, o ingest.Offer) (offerLine, error) {
	ctx := r.Context()
	l := offerLine{Offer: o, Kind: fieldOf(o.Document, sohoa.FieldTypeName), Number: numberOf(o.Document), Date: fieldOf(o.Document, sohoa.FieldIssuedDate),
		Owner: o.Dossier.Owner.Name, ID: maskNumber(o.Dossier.Owner.IDNumber)}
	own, err := s.seenBy(ctx, o.Document.ID)
	if err != nil {
		return l, err
	}
	l.Own = !own.ID.IsZero()
	l.Closed = p.Accepted != nil && (o.Decided == nil || o.Decided.State != sohoa.ReuseAccepted)
	if o.Verdict == sohoa.ReuseFail {
		return l, nil
	}
	s.seen.add(offeredKey(ctx, p.Dossier.Code, p.Requirement.Code, o.Document.ID))
	l.Sheet, err = s.offerSheet(r, p, o.Document)
	return l, err
}

// offeredKey is under what it is remembered that a document was offered, so
// that its pages are shown without another look-up.
func offeredKey(ctx context.Context, dossier, requirement string, id sohoa.DocumentID) string {
	return "offered\x00" + userOf(ctx).Name + "\x00" + dossier + "\x00" + requirement + "\x00" + id.String()
}

// offerSheet frames the page of an offer that the address names, or its first.
func (s *Server) offerSheet(r *http.Request, p offersPage, doc sohoa.Document) (*offerSheet, error) {
	pages, err := s.cfg.Catalog.Pages(r.Context(), doc.ID)
	if err != nil || len(pages) == 0 {
		return nil, err
	}
	at := 1
	if q := r.URL.Query(); q.Get("document") == doc.ID.String() {
		at, _ = strconv.Atoi(q.Get("page")) // what is none is the first
	}
	at = min(max(at, 1), len(pages))
	sh := &offerSheet{sheet: blankSheet(pages[at-1]), Number: at}
	here := pathOf("dossiers", p.Dossier.Code, "papers", p.Requirement.Code)
	sh.Image = here + pathOf("documents", doc.ID.String(), "pages", strconv.Itoa(at))
	sh.Unshown = !shownTypes[pages[at-1].MediaType]
	for n := 1; n <= min(len(pages), offerPages) && len(pages) > 1; n++ {
		sh.Others = append(sh.Others, link{strconv.Itoa(n), here + "?document=" + doc.ID.String() + "&page=" + strconv.Itoa(n) + "#" + doc.ID.String(), n == at})
	}
	return sh, nil
}

// offered is a document if it is offered for a paper of a dossier that the
// reader may see. Nothing else of another agency is.
func (s *Server) offered(ctx context.Context, r *http.Request) (sohoa.Document, error) {
	_, _, d, err := s.reuseOn(r)
	if err != nil {
		return sohoa.Document{}, err
	}
	id, err := sohoa.ParseDocumentID(r.PathValue("id"))
	if err != nil {
		return sohoa.Document{}, hideMalformed(err)
	}
	req := r.PathValue("req")
	if s.seen.has(offeredKey(ctx, d.Code, req, id)) {
		return s.cfg.Catalog.Document(ctx, sohoa.Everything, id)
	}
	offers, err := s.held(ctx, reuseActor(ctx), sohoa.Purpose{Dossier: d.Code, Requirement: req})
	if err != nil {
		return sohoa.Document{}, err
	}
	for _, o := range offers {
		if o.Document.ID == id && o.Verdict != sohoa.ReuseFail {
			return o.Document, nil
		}
	}
	return sohoa.Document{}, newProblem(sohoa.ErrNotExist, "reuse.not-offered", id.String())
}

// getOfferPage gives the image of a page of what is offered. The view stands in
// the journal with the dossier and the paper that it is for.
func (s *Server) getOfferPage(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	doc, err := s.offered(ctx, r)
	if err != nil {
		return err
	}
	if unserved(doc) {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	number, err := strconv.Atoi(r.PathValue("page"))
	if err != nil || number < 1 {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	purpose := sohoa.Purpose{Dossier: r.PathValue("code"), Requirement: r.PathValue("req")}
	if err := s.journalView(ctx, doc, number, purpose.String()); err != nil {
		return err
	}
	blob, file, err := s.cfg.Intake.Open(ctx, doc.ID, sohoa.RoleImage, number)
	if err != nil {
		return err
	}
	defer blob.Close()
	serveContent(w, r, blob, file)
	return nil
}

// postOffer decides about an offer: accept, decline or end.
func (s *Server) postOffer(w http.ResponseWriter, r *http.Request) error {
	_, desk, d, err := s.reuseOn(r)
	if err != nil {
		return err
	}
	op := r.PathValue("op")
	if op != "accept" && op != "decline" && op != "end" {
		return newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	failure := s.decided(r, desk, op)
	if failure != nil {
		message, status, err := wrong(r, failure)
		if err != nil {
			return err
		}
		return s.renderOffers(w, r, status, message)
	}
	back := pathOf("dossiers", d.Code) + "#papers"
	if op == "decline" {
		back = pathOf("dossiers", d.Code, "papers", r.PathValue("req"))
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
