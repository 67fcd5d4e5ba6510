package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

func (s *Server) registerDisposal(api huma.API) {
	if s.records == nil {
		return
	}
	huma.Register(api, operation("get-schedule", http.MethodGet, "/schedule", "The retention schedule in force"), s.apiSchedule)
	huma.Register(api, operation("set-schedule", http.MethodPut, "/schedule", "Put another schedule into force; administrators"), s.apiSetSchedule)
	huma.Register(api, operation("end-dossier", http.MethodPut, "/dossiers/{code}/ended", "Enter the last day of work on a dossier"), s.apiEnd)
	huma.Register(api, operation("list-due", http.MethodGet, "/disposal/due", "Kept documents whose retention has ended"), s.apiDue)
	huma.Register(api, operation("list-disposals", http.MethodGet, "/disposal", "Disposals, newest first"), s.apiDisposals)
	propose := operation("propose-disposal", http.MethodPost, "/disposal", "Propose documents that are due for disposal")
	propose.DefaultStatus = http.StatusCreated
	huma.Register(api, propose, s.apiPropose)
	huma.Register(api, operation("get-disposal", http.MethodGet, "/disposal/{id}", "A disposal with its documents"), s.apiDisposal)
	huma.Register(api, operation("decide-disposal", http.MethodPost, "/disposal/{id}/decide", "Enter the council's decision about every document"), s.apiDecide)
	approve := operation("approve-disposal", http.MethodPost, "/disposal/{id}/approve", "Approve the destruction: one of two approvals")
	approve.Description = "Two different people with the right to it, neither of them the proposer. After the second and the waiting time the documents are destroyed in every copy."
	huma.Register(api, approve, s.apiApprove)
	huma.Register(api, operation("withdraw-disposal", http.MethodPost, "/disposal/{id}/withdraw", "End a disposal of which nothing is destroyed"), s.apiWithdrawDisposal)
	huma.Register(api, operation("get-certificate", http.MethodGet, "/disposal/{id}/certificate", "The order or the certificate of destruction"), s.apiCertificate)
}

type scheduleOutput struct{ Body sohoa.Schedule }

func (s *Server) apiSchedule(ctx context.Context, _ *struct{}) (*scheduleOutput, error) {
	now, err := s.cfg.Catalog.Schedule(ctx)
	return &scheduleOutput{now}, err
}

type scheduleInput struct {
	Body struct {
		Version int          `json:"version" minimum:"0" doc:"Of the schedule that the rules were made of."`
		Rules   []sohoa.Rule `json:"rules" maxItems:"500"`
	}
}

func (s *Server) apiSetSchedule(ctx context.Context, in *scheduleInput) (*scheduleOutput, error) {
	made, err := s.records.SetSchedule(ctx, userOf(ctx).Name, sohoa.Schedule{Version: in.Body.Version, Rules: in.Body.Rules})
	return &scheduleOutput{made}, err
}

type endInput struct {
	Code string `path:"code" doc:"The dossier's code, slashes as %2F."`
	Body struct {
		Day string `json:"day" maxLength:"10" doc:"YYYY-MM-DD; empty takes it back."`
	}
}

func (s *Server) apiEnd(ctx context.Context, in *endInput) (*dossierOutput, error) {
	if _, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), in.Code); err != nil {
		return nil, err
	}
	d, err := s.records.EndDossier(ctx, userOf(ctx).Name, in.Code, sohoa.Date(in.Body.Day))
	return &dossierOutput{d}, err
}

type dueInput struct {
	Year    int    `query:"year" minimum:"0" maximum:"9999" doc:"Due since this year."`
	Type    string `query:"type" maxLength:"60" doc:"Of the schedule; - for those without one."`
	Dossier string `query:"dossier" maxLength:"200"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

func (s *Server) apiDue(ctx context.Context, in *dueInput) (*listDocumentsOutput, error) {
	docs, err := s.cfg.Catalog.Due(ctx, scopeOf(ctx), archive.DueQuery{Day: sohoa.DateOf(s.cfg.Now()), Year: in.Year, Type: in.Type, Dossier: in.Dossier, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listDocumentsOutput{}
	out.Body.Documents = make([]DocumentView, 0, len(docs))
	for _, d := range docs {
		out.Body.Documents = append(out.Body.Documents, s.viewDocument(ctx, d))
	}
	return out, nil
}

type disposalsInput struct {
	Open  bool `query:"open" doc:"Only those that are not at their end."`
	Limit int  `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type disposalsOutput struct {
	Body struct {
		Disposals []sohoa.Disposal `json:"disposals"`
	}
}

func (s *Server) apiDisposals(ctx context.Context, in *disposalsInput) (*disposalsOutput, error) {
	found, err := s.cfg.Catalog.FindDisposals(ctx, scopeOf(ctx), archive.DisposalQuery{Open: in.Open, Limit: in.Limit})
	out := &disposalsOutput{}
	out.Body.Disposals = orEmpty(found)
	return out, err
}

// DisposalInput names a disposal. It is exported so that the API library sees
// its field.
type DisposalInput struct {
	ID string `path:"id" doc:"26 letters and digits."`
}

type disposalOutput struct {
	Body struct {
		sohoa.Disposal
		Items []sohoa.DisposalItem `json:"items"`
	}
}

// disposalNow is the answer with a disposal as it is.
func (s *Server) disposalNow(ctx context.Context, id sohoa.SetID) (*disposalOutput, error) {
	d, err := s.cfg.Catalog.Disposal(ctx, scopeOf(ctx), id)
	if err != nil {
		return nil, err
	}
	items, err := s.cfg.Catalog.DisposalItems(ctx, id)
	out := &disposalOutput{}
	out.Body.Disposal, out.Body.Items = d, orEmpty(items)
	return out, err
}

func (s *Server) apiDisposal(ctx context.Context, in *DisposalInput) (*disposalOutput, error) {
	return s.disposalStep(ctx, in.ID, func(sohoa.SetID) error { return nil })
}

// disposalStep does something to a disposal that the reader may see, and
// answers with what it then is.
func (s *Server) disposalStep(ctx context.Context, id string, do func(sohoa.SetID) error) (*disposalOutput, error) {
	d, err := s.disposal(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := do(d.ID); err != nil {
		return nil, err
	}
	return s.disposalNow(ctx, d.ID)
}

type proposeInput struct {
	Body struct {
		Title     string   `json:"title" maxLength:"200"`
		Reason    string   `json:"reason" maxLength:"1000"`
		Documents []string `json:"documents" minItems:"1" maxItems:"1000"`
	}
}

func (s *Server) apiPropose(ctx context.Context, in *proposeInput) (*disposalOutput, error) {
	ids, err := parseDocuments(in.Body.Documents)
	if err != nil {
		return nil, err
	}
	d, err := s.records.Propose(ctx, userOf(ctx).Name, ingest.Proposal{Title: clean(in.Body.Title), Reason: clean(in.Body.Reason), Documents: ids})
	if err != nil {
		return nil, err
	}
	return s.disposalNow(ctx, d.ID)
}

// VerdictInput is what the council decided about one document.
type VerdictInput struct {
	Document string `json:"document"`
	Keep     bool   `json:"keep" doc:"For how much longer, code and years say; else it is destroyed."`
	Code     string `json:"code,omitempty" maxLength:"2" doc:"Period, 01 to 07."`
	Years    int    `json:"years,omitempty" minimum:"0" maximum:"500" doc:"Of period 07."`
	Reason   string `json:"reason,omitempty" maxLength:"1000"`
}

type decideInput struct {
	DisposalInput
	Body struct {
		Members  []string       `json:"members" maxItems:"30"`
		Minutes  string         `json:"minutes" maxLength:"200"`
		Decision string         `json:"decision" maxLength:"200"`
		Day      string         `json:"day" maxLength:"10"`
		Verdicts []VerdictInput `json:"verdicts" maxItems:"1000"`
	}
}

func (s *Server) apiDecide(ctx context.Context, in *decideInput) (*disposalOutput, error) {
	var verdicts []ingest.Verdict
	for _, v := range in.Body.Verdicts {
		id, err := sohoa.ParseDocumentID(v.Document)
		if err != nil {
			return nil, err
		}
		verdict := ingest.Verdict{Document: id}
		if v.Keep {
			verdict.Keep = &ingest.Period{Code: sohoa.RetentionCode(v.Code), Years: v.Years, Ruling: sohoa.Ruling{Reason: clean(v.Reason)}}
		}
		verdicts = append(verdicts, verdict)
	}
	c := sohoa.Council{Members: in.Body.Members, Minutes: clean(in.Body.Minutes), Decision: clean(in.Body.Decision), Day: sohoa.Date(in.Body.Day)}
	return s.disposalStep(ctx, in.ID, func(id sohoa.SetID) error {
		_, err := s.records.Decide(ctx, userOf(ctx).Name, id, c, verdicts)
		return err
	})
}

func (s *Server) apiApprove(ctx context.Context, in *DisposalInput) (*disposalOutput, error) {
	return s.disposalStep(ctx, in.ID, func(id sohoa.SetID) error {
		_, err := s.records.Approve(ctx, userOf(ctx).Name, id)
		return err
	})
}

type withdrawDisposalInput struct {
	DisposalInput
	Body struct {
		Reason string `json:"reason" maxLength:"1000"`
	}
}

func (s *Server) apiWithdrawDisposal(ctx context.Context, in *withdrawDisposalInput) (*disposalOutput, error) {
	return s.disposalStep(ctx, in.ID, func(id sohoa.SetID) error {
		_, err := s.records.WithdrawDisposal(ctx, userOf(ctx).Name, id, clean(in.Body.Reason))
		return err
	})
}

type certificateOutput struct{ Body ingest.DestructionCertificate }

func (s *Server) apiCertificate(ctx context.Context, in *DisposalInput) (*certificateOutput, error) {
	d, err := s.disposal(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c, err := s.records.Certificate(ctx, d.ID)
	return &certificateOutput{c}, err
}
