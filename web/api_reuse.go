package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

func (s *Server) registerReuse(api huma.API) {
	refusals := []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusTooManyRequests}
	get := func(id, path, summary string) huma.Operation {
		op := operation(id, http.MethodGet, path, summary)
		op.Errors = refusals
		return op
	}
	post := func(id, path, summary string) huma.Operation {
		op := operation(id, http.MethodPost, path, summary)
		op.Errors = append([]int{http.StatusUnprocessableEntity}, refusals...)
		op.Description = "With a key, Idempotency-Key makes it safe to send again for 24 hours."
		return op
	}
	huma.Register(api, get("list-papers", "/dossiers/{code}/papers", "What the procedure of a dossier asks for, and how far each paper is"), s.apiPapers)
	huma.Register(api, get("list-held", "/dossiers/{code}/papers/{requirement}/held", "What is held of the owner for a paper, judged by every rule; journalled"), s.apiHeld)
	huma.Register(api, post("accept-reuse", "/dossiers/{code}/reuses", "Use a held result in place of a paper"), s.apiAcceptReuse)
	huma.Register(api, post("decline-reuse", "/dossiers/{code}/reuses/declined", "Say why a held result is not used"), s.apiDeclineReuse)
	huma.Register(api, get("list-reuses", "/reuses", "Uses of held results, newest first"), s.apiReuses)
	huma.Register(api, get("get-reuse", "/reuses/{reuse}", "One use of a held result, with links to its files; journalled"), s.apiReuse)
	huma.Register(api, post("end-reuse", "/reuses/{reuse}/end", "Take a result out of a dossier again"), s.apiEndReuse)
	huma.Register(api, post("see-loss", "/reuses/{reuse}/seen", "Note that it is known that a used result lost its force"), s.apiSeeLoss)
	huma.Register(api, get("reuse-figures", "/reuse-figures", "Counts by agency; the rate is reusing of received (QĐ 766/QĐ-TTg)"), s.apiReuseFigures)
}

// reuseDesk is where held results are decided about.
func (s *Server) reuseDesk() (ingest.ReuseDesk, error) {
	if s.cfg.Reuse == nil {
		return nil, newProblem(sohoa.ErrUnavailable, "reuse.desk")
	}
	return s.cfg.Reuse, nil
}

// reuseActor is whoever asks.
func reuseActor(ctx context.Context) ingest.ReuseActor {
	return ingest.ReuseActor{Name: userOf(ctx).Name, Scope: scopeOf(ctx), For: visitOf(ctx).whom}
}

// NationalPaper are the fields of a paper that the national portal takes.
type NationalPaper struct {
	Requirement      string `json:"MaThanhPhanHoSo" doc:"Code of the paper that the procedure asks for."`
	Digitised        int    `json:"DuocSoHoa" enum:"0,1"`
	Reused           int    `json:"DuocTaiSuDung" enum:"0,1"`
	FromNationalHold int    `json:"DuocLayTuKhoDMQG" enum:"0,1" doc:"Always 0: what is held here was not taken from the national store."`
	Instead          string `json:"MaKetQuaThayThe" doc:"Code of the result that is used in place of the paper; empty if none is."`
}

func nationalOf(requirement string, r *sohoa.Reuse, digitised bool) NationalPaper {
	n := NationalPaper{Requirement: requirement}
	if r != nil && r.State == sohoa.ReuseAccepted {
		n.Reused, n.Instead, digitised = 1, r.Result, true
	}
	if digitised {
		n.Digitised = 1
	}
	return n
}

// CheckView is the outcome of a rule.
type CheckView struct {
	Rule    sohoa.ReuseRule    `json:"rule" enum:"owner,type,force,scope,age,signature,origin"`
	Outcome sohoa.ReuseOutcome `json:"outcome" enum:"pass,confirm,fail"`
	Code    string             `json:"code,omitempty" doc:"Why, for programs."`
	Because string             `json:"because,omitempty" doc:"Why, in the reader's language."`
}

func viewChecks(ctx context.Context, checks []sohoa.ReuseCheck) []CheckView {
	out := []CheckView{}
	for _, c := range checks {
		v := CheckView{Rule: c.Rule, Outcome: c.Outcome}
		if c.Because != nil {
			v.Code, v.Because = c.Because.Code, c.Because.Text(visitOf(ctx).lang)
		}
		out = append(out, v)
	}
	return out
}

// ReuseView is a use of a held result as the API shows it.
type ReuseView struct {
	ID          sohoa.SetID       `json:"id"`
	Dossier     string            `json:"dossier"`
	Requirement string            `json:"requirement"`
	Document    sohoa.DocumentID  `json:"document"`
	Result      string            `json:"result,omitempty"`
	State       sohoa.ReuseState  `json:"state" enum:"accepted,declined,ended"`
	Reason      sohoa.ReuseReason `json:"reason,omitempty"`
	Note        string            `json:"note,omitempty"`
	By          string            `json:"by"`
	At          time.Time         `json:"at"`
	Confirmed   bool              `json:"confirmed"`
	Revision    int               `json:"revision,omitempty"`
	Digest      sohoa.Digest      `json:"digest,omitzero"`
	Checks      []CheckView       `json:"checks"`
	Lost        *sohoa.ReuseLoss  `json:"lost,omitempty"`
	NationalPaper
}

func viewReuse(ctx context.Context, r sohoa.Reuse) ReuseView {
	return ReuseView{r.ID, r.Dossier, r.Requirement, r.Document, r.Result, r.State, r.Reason, r.Note, r.By, r.At, r.Confirmed,
		r.Revision, r.Digest, viewChecks(ctx, r.Checks), r.Lost, nationalOf(r.Requirement, &r, false)}
}

type reuseOutput struct{ Body ReuseView }

// reuseAnswer is r, or err.
func reuseAnswer(ctx context.Context, r sohoa.Reuse, err error) (*reuseOutput, error) {
	if err != nil {
		return nil, err
	}
	return &reuseOutput{viewReuse(ctx, r)}, nil
}

// PaperView is a paper that a procedure asks for.
type PaperView struct {
	Code      string             `json:"code"`
	Name      string             `json:"name"`
	Types     []string           `json:"types" doc:"Kinds of result any of which satisfies it."`
	Scope     string             `json:"scope,omitempty"`
	MaxDays   int                `json:"maxDays,omitempty"`
	Optional  bool               `json:"optional"`
	Reuse     *ReuseView         `json:"reuse,omitempty" doc:"Accepted, or else the newest that was declined."`
	Offers    int                `json:"offers" doc:"Held results that no rule fails; counted only where none is used."`
	Documents []sohoa.DocumentID `json:"documents" doc:"Of the dossier itself, assigned to it or of a kind that satisfies it."`
	Omitted   *sohoa.Omission    `json:"omitted,omitempty" doc:"It is not digitised, and why."`
	State     paperState         `json:"state" enum:"lost,reused,scanned,shown,omitted,offered,declined,missing,optional" doc:"How far it is; shown and omitted are not digitised."`
	NationalPaper
}

type papersOutput struct {
	Body struct {
		Papers []PaperView `json:"papers"`
	}
}

func (s *Server) apiPapers(ctx context.Context, in *DossierPath) (*papersOutput, error) {
	desk, err := s.reuseDesk()
	if err != nil {
		return nil, err
	}
	papers, err := desk.Papers(ctx, scopeOf(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	if err := s.journalList(ctx, sohoa.ActionViewDossier, in.Code, nil); err != nil {
		return nil, err
	}
	out := &papersOutput{}
	out.Body.Papers = make([]PaperView, 0, len(papers))
	for _, p := range papers {
		v := PaperView{Code: p.Code, Name: p.Name, Types: orEmpty(p.Types), Scope: p.Scope, MaxDays: p.MaxDays, Optional: p.Optional,
			Offers: p.Offers, Documents: orEmpty(p.Documents), Omitted: p.Omitted, State: stateOfPaper(p), NationalPaper: nationalOf(p.Code, p.Reuse, len(p.Documents) > 0)}
		if p.Reuse != nil {
			r := viewReuse(ctx, *p.Reuse)
			v.Reuse = &r
		}
		out.Body.Papers = append(out.Body.Papers, v)
	}
	return out, nil
}

// OfferView is a held result, with what the rules say of it.
type OfferView struct {
	Document sohoa.DocumentID   `json:"document"`
	Result   string             `json:"result,omitempty" doc:"Its code (MaKetQuaThayThe, once it is used)."`
	Type     string             `json:"type,omitempty" doc:"Code of its kind (MaKetQua)."`
	Name     string             `json:"name" doc:"TenGiayTo."`
	Number   string             `json:"number,omitempty" doc:"SoKyHieu."`
	Issued   string             `json:"issued,omitempty" doc:"Date of issue as read, YYYY-MM-DD."`
	Issuer   string             `json:"issuer" doc:"CoQuanChuQuan."`
	Agency   sohoa.Agency       `json:"agency" doc:"Where it is held."`
	Verdict  sohoa.ReuseOutcome `json:"verdict" enum:"pass,confirm,fail" doc:"The worst of the outcomes. What is to be confirmed takes confirmed; what failed cannot be used."`
	Checks   []CheckView        `json:"checks"`
	Decided  *ReuseView         `json:"decided,omitempty" doc:"What was decided about it for this paper."`
	Files    []LinkView         `json:"files" doc:"None of what a rule fails."`
}

// HeldInput names a paper that a dossier asks for. It is exported so that the
// API library sees its fields.
type HeldInput struct {
	DossierPath
	Requirement string `path:"requirement" maxLength:"200" doc:"MaThanhPhanHoSo, slashes as %2F."`
}

// DossierPath names a dossier. It is exported so that the API library sees its
// field.
type DossierPath struct {
	Code string `path:"code" maxLength:"300" doc:"The dossier's code, slashes as %2F."`
}

type heldOutput struct {
	Body struct {
		Offers []OfferView `json:"offers"`
	}
}

func (s *Server) apiHeld(ctx context.Context, in *HeldInput) (*heldOutput, error) {
	purpose := sohoa.Purpose{Dossier: in.Code, Requirement: in.Requirement}
	offers, err := s.held(ctx, reuseActor(ctx), purpose)
	if err != nil {
		return nil, err
	}
	names, err := s.kindNames(ctx)
	if err != nil {
		return nil, err
	}
	out := &heldOutput{}
	out.Body.Offers = make([]OfferView, 0, len(offers))
	for _, o := range offers {
		p := paperOf(o, names)
		v := OfferView{Document: o.Document.ID, Result: o.Document.Life.Result, Type: o.Document.Life.Type, Name: p.name, Number: p.number,
			Issued: p.issued, Issuer: p.issuer, Agency: o.Agency, Verdict: o.Verdict, Checks: viewChecks(ctx, o.Checks)}
		if v.Files, err = s.offerLinks(ctx, o, purpose); err != nil {
			return nil, err
		}
		if o.Decided != nil {
			r := viewReuse(ctx, *o.Decided)
			v.Decided = &r
		}
		out.Body.Offers = append(out.Body.Offers, v)
	}
	return out, nil
}

// held looks up what is held for a purpose, as often as one may.
func (s *Server) held(ctx context.Context, by ingest.ReuseActor, p sohoa.Purpose) ([]ingest.Offer, error) {
	desk, err := s.reuseDesk()
	if err != nil {
		return nil, err
	}
	if !s.helds.take(by.Name) {
		return nil, newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	return desk.Held(ctx, by, p.Dossier, p.Requirement)
}

type acceptReuseInput struct {
	DossierPath
	Body struct {
		Requirement string           `json:"requirement" minLength:"1" maxLength:"200" doc:"MaThanhPhanHoSo."`
		Document    sohoa.DocumentID `json:"document" doc:"Of the offer."`
		Confirmed   bool             `json:"confirmed,omitempty" doc:"Somebody confirmed what the rules left open."`
		Note        string           `json:"note,omitempty" maxLength:"1000"`
	}
}

func (s *Server) apiAcceptReuse(ctx context.Context, in *acceptReuseInput) (*reuseOutput, error) {
	desk, err := s.reuseDesk()
	if err != nil {
		return nil, err
	}
	r, err := desk.AcceptReuse(ctx, reuseActor(ctx), ingest.ReuseRequest{Dossier: in.Code, Requirement: in.Body.Requirement,
		Document: in.Body.Document, Confirmed: in.Body.Confirmed, Note: clean(in.Body.Note)})
	return reuseAnswer(ctx, r, err)
}

// ReasonInput is why a held result is not used, or no longer.
type ReasonInput struct {
	Reason sohoa.ReuseReason `json:"reason" enum:"outdated,illegible,other-one,person,original,brought,mistake"`
	Note   string            `json:"note,omitempty" maxLength:"1000"`
}

type declineReuseInput struct {
	DossierPath
	Body struct {
		Requirement string           `json:"requirement" minLength:"1" maxLength:"200" doc:"MaThanhPhanHoSo."`
		Document    sohoa.DocumentID `json:"document" doc:"Of the offer."`
		ReasonInput
	}
}

func (s *Server) apiDeclineReuse(ctx context.Context, in *declineReuseInput) (*reuseOutput, error) {
	desk, err := s.reuseDesk()
	if err != nil {
		return nil, err
	}
	r, err := desk.DeclineReuse(ctx, reuseActor(ctx), ingest.ReuseRequest{Dossier: in.Code, Requirement: in.Body.Requirement,
		Document: in.Body.Document, Reason: in.Body.Reason, Note: clean(in.Body.Note)})
	return reuseAnswer(ctx, r, err)
}

// ReusePath names a use of a held result. It is exported so that the API
// library sees its field.
type ReusePath struct {
	Reuse string `path:"reuse" doc:"26 letters and digits."`
}

// known is the use that a path names, if whoever asks may see it.
func (s *Server) known(ctx context.Context, in ReusePath) (sohoa.Reuse, error) {
	id, err := sohoa.ParseSetID(in.Reuse)
	if err != nil {
		return sohoa.Reuse{}, err
	}
	return s.cfg.Catalog.Reuse(ctx, scopeOf(ctx), id)
}

type getReuseOutput struct {
	Body struct {
		ReuseView
		Files []LinkView `json:"files" doc:"Of what is used; none of what was declined, ended, or lost its force."`
	}
}

func (s *Server) apiReuse(ctx context.Context, in *ReusePath) (*getReuseOutput, error) {
	r, err := s.known(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := &getReuseOutput{}
	out.Body.ReuseView, out.Body.Files = viewReuse(ctx, r), []LinkView{}
	if r.State != sohoa.ReuseAccepted || r.Lost != nil {
		return out, nil
	}
	doc, err := s.cfg.Catalog.Document(ctx, sohoa.Everything, r.Document) // the use is what gives the right
	if err != nil {
		return nil, err
	}
	out.Body.Files, err = s.links(ctx, doc, sohoa.Purpose{Dossier: r.Dossier, Requirement: r.Requirement})
	return out, err
}

type endReuseInput struct {
	ReusePath
	Body ReasonInput
}

func (s *Server) apiEndReuse(ctx context.Context, in *endReuseInput) (*reuseOutput, error) {
	desk, id, err := s.reuseNamed(in.ReusePath)
	if err != nil {
		return nil, err
	}
	r, err := desk.EndReuse(ctx, reuseActor(ctx), id, in.Body.Reason, clean(in.Body.Note))
	return reuseAnswer(ctx, r, err)
}

type seeLossInput struct {
	ReusePath
	Body struct {
		Note string `json:"note,omitempty" maxLength:"1000" doc:"What is done about it."`
	}
}

func (s *Server) apiSeeLoss(ctx context.Context, in *seeLossInput) (*reuseOutput, error) {
	desk, id, err := s.reuseNamed(in.ReusePath)
	if err != nil {
		return nil, err
	}
	r, err := desk.SeenLoss(ctx, reuseActor(ctx), id, clean(in.Body.Note))
	return reuseAnswer(ctx, r, err)
}

func (s *Server) reuseNamed(in ReusePath) (ingest.ReuseDesk, sohoa.SetID, error) {
	desk, err := s.reuseDesk()
	if err != nil {
		return nil, "", err
	}
	id, err := sohoa.ParseSetID(in.Reuse)
	return desk, id, err
}

type reusesInput struct {
	Dossier     string `query:"dossier" maxLength:"200"`
	Requirement string `query:"requirement" maxLength:"200"`
	State       string `query:"state" enum:"accepted,declined,ended"`
	Lost        bool   `query:"lost" doc:"Only those whose result lost its force."`
	Unseen      bool   `query:"unseen" doc:"Only those of which nobody said that they know it."`
	Limit       int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type reusesOutput struct {
	Body struct {
		Reuses []ReuseView `json:"reuses"`
	}
}

func (s *Server) apiReuses(ctx context.Context, in *reusesInput) (*reusesOutput, error) {
	found, err := s.cfg.Catalog.FindReuses(ctx, scopeOf(ctx), archive.ReuseQuery{Dossier: in.Dossier, Requirement: in.Requirement,
		State: sohoa.ReuseState(in.State), Lost: in.Lost, Unseen: in.Unseen, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &reusesOutput{}
	out.Body.Reuses = make([]ReuseView, 0, len(found))
	for _, r := range found {
		out.Body.Reuses = append(out.Body.Reuses, viewReuse(ctx, r))
	}
	return out, nil
}

type figuresInput struct {
	From  string `query:"from" required:"true" maxLength:"10" doc:"First day, YYYY-MM-DD."`
	Until string `query:"until" required:"true" maxLength:"10" doc:"Last day."`
}

// FiguresView are the counts of one agency.
type FiguresView struct {
	Agency   sohoa.Agency `json:"agency"`
	From     sohoa.Date   `json:"from"`
	Until    sohoa.Date   `json:"until"`
	At       time.Time    `json:"at"`
	Received int          `json:"received" doc:"Dossiers."`
	Reusing  int          `json:"reusing" doc:"Of these, with at least one result that is used."`
	Accepted int          `json:"accepted" doc:"Papers not asked for."`
	Declined int          `json:"declined"`
	Offered  int          `json:"offered" doc:"Papers for which something was held that no rule fails."`
	Lost     int          `json:"lost"`
	Unseen   int          `json:"unseen"`
}

type figuresOutput struct {
	Body struct {
		Figures []FiguresView `json:"figures"`
	}
}

func (s *Server) apiReuseFigures(ctx context.Context, in *figuresInput) (*figuresOutput, error) {
	desk, err := s.reuseDesk()
	if err != nil {
		return nil, err
	}
	from, until := sohoa.Date(in.From), sohoa.Date(in.Until)
	for _, d := range []sohoa.Date{from, until} {
		if err := d.Check(); err != nil || d == "" {
			return nil, newProblem(sohoa.ErrInvalid, "date.invalid", string(d))
		}
	}
	figures, err := desk.ReuseFigures(ctx, scopeOf(ctx), from, until)
	if err != nil {
		return nil, err
	}
	out := &figuresOutput{}
	out.Body.Figures = make([]FiguresView, 0, len(figures))
	for _, f := range figures {
		out.Body.Figures = append(out.Body.Figures, FiguresView{f.Agency, f.From, f.Until, f.At, f.Received, f.Reusing, f.Accepted,
			f.Declined, f.Offered, f.Lost, f.Unseen})
	}
	return out, nil
}
