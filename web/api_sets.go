package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

func (s *Server) registerSets(api huma.API) {
	huma.Register(api, operation("list-sets", http.MethodGet, "/sets", "Signing sets, newest first"), s.apiListSets)
	create := operation("create-set", http.MethodPost, "/sets", "Put kept documents up for signing")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.apiCreateSet)
	huma.Register(api, operation("get-set", http.MethodGet, "/sets/{set}", "A signing set with its documents"), s.apiSet)
	sign := operation("sign-set", http.MethodPost, "/sets/{set}/sign", "Sign what waits for you, with your key on the server or at a remote service")
	sign.Description = "One PIN, one authorisation. The answer comes when it was given; the documents of the set tell how the work goes. " +
		"With a ticket, a remote service waits for its user's word. What is left after an interruption is signed by asking again."
	sign.DefaultStatus = http.StatusAccepted
	huma.Register(api, sign, s.apiSignSet)
	huma.Register(api, operation("refuse", http.MethodPost, "/sets/{set}/refuse", "Refuse to sign documents that wait for you"), s.apiRefuse)
	huma.Register(api, operation("withdraw", http.MethodPost, "/sets/{set}/withdraw", "Take documents out of a set that you made, or end it"), s.apiWithdraw)
	huma.Register(api, operation("delegate", http.MethodPost, "/sets/{set}/delegate", "Let somebody else sign in the place of a step's signer"), s.apiDelegate)
	huma.Register(api, operation("put-place", http.MethodPut, "/sets/{set}/documents/{id}/places/{step}", "Say where the mark of a step goes"), s.apiPutPlace)
	remove := operation("delete-place", http.MethodDelete, "/sets/{set}/documents/{id}/places/{step}", "Let the rule say where the mark of a step goes")
	huma.Register(api, remove, s.apiDeletePlace)
	tickets := operation("open-tool", http.MethodPost, "/sets/{set}/tickets", "One-time addresses for a signing tool on your machine")
	tickets.Description = "Each document is fetched with GET and brought back signed with POST, the file in any field of a form or as the body. " +
		"It is taken only if the document is its prefix and your one valid signature is all that was added; the answer is Status, Message, FileName and FileServer."
	tickets.DefaultStatus = http.StatusCreated
	huma.Register(api, tickets, s.apiTickets)
}

// SetInput names a signing set. It is exported so that the API library sees
// its field.
type SetInput struct {
	Set string `path:"set" doc:"26 letters and digits."`
}

type listSetsInput struct {
	Waiting bool `query:"waiting" doc:"Only those with documents that wait for you."`
	Made    bool `query:"made" doc:"Only those that you made."`
	Open    bool `query:"open" doc:"Only those that are not at their end."`
	Limit   int  `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type listSetsOutput struct {
	Body struct {
		Sets []archive.SetSummary `json:"sets"`
	}
}

func (s *Server) apiListSets(ctx context.Context, in *listSetsInput) (*listSetsOutput, error) {
	q := archive.SetQuery{Open: in.Open, Limit: in.Limit}
	if in.Waiting {
		q.Signer = userOf(ctx).Name
	}
	if in.Made {
		q.Creator = userOf(ctx).Name
	}
	sets, err := s.cfg.Catalog.FindSigningSets(ctx, scopeOf(ctx), q)
	out := &listSetsOutput{}
	out.Body.Sets = orEmpty(sets)
	return out, err
}

type createSetInput struct {
	Body struct {
		Title     string           `json:"title" minLength:"1" maxLength:"200"`
		Steps     []sohoa.SignStep `json:"steps" minItems:"1" maxItems:"10" doc:"Who signs, in order, and as what. Without a user the office's own key signs, by itself."`
		Documents []string         `json:"documents" minItems:"1" maxItems:"1000"`
		Due       sohoa.Date       `json:"due,omitempty" maxLength:"10" doc:"Day by which it should be signed, YYYY-MM-DD."`
	}
}

type setOutput struct {
	Location string `header:"Location"`
	Body     SetView
}

// SetView is a signing set as the API shows it.
type SetView struct {
	sohoa.SigningSet
	Documents []ItemView `json:"documents"`
}

// ItemView is a document of a signing set as the API shows it.
type ItemView struct {
	sohoa.SetItem
	Message string `json:"message,omitempty" doc:"Why the last attempt failed, in the reader's language."`
}

// viewSet answers with a set as it now is.
func (s *Server) viewSet(ctx context.Context, set sohoa.SigningSet) (*setOutput, error) {
	items, err := s.cfg.Catalog.SetItems(ctx, set.ID)
	out := &setOutput{Location: apiPrefix + "/sets/" + string(set.ID), Body: SetView{SigningSet: set, Documents: []ItemView{}}}
	for _, item := range items {
		view := ItemView{SetItem: item}
		if item.Problem != nil {
			view.Message = item.Problem.Text(visitOf(ctx).lang)
		}
		out.Body.Documents = append(out.Body.Documents, view)
	}
	return out, err
}

func (s *Server) apiCreateSet(ctx context.Context, in *createSetInput) (*setOutput, error) {
	if s.cfg.Desk == nil {
		return nil, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	ids, err := parseDocuments(in.Body.Documents)
	if err != nil {
		return nil, err
	}
	set, err := s.createSet(ctx, sohoa.SigningSet{Title: clean(in.Body.Title), Steps: in.Body.Steps, Due: in.Body.Due}, ids)
	if err != nil {
		return nil, err
	}
	return s.viewSet(ctx, set)
}

func (s *Server) apiSet(ctx context.Context, in *SetInput) (*setOutput, error) {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	return s.viewSet(ctx, set)
}

// changed answers with a set after a change to it.
func (s *Server) changed(ctx context.Context, set sohoa.SigningSet, err error) (*setOutput, error) {
	if err == nil {
		set, err = s.set(ctx, string(set.ID))
	}
	if err != nil {
		return nil, err
	}
	return s.viewSet(ctx, set)
}

// ItemsInput names documents of a signing set.
type ItemsInput struct {
	SetInput
	Body struct {
		Documents []string `json:"documents" minItems:"1" maxItems:"1000"`
		Reason    string   `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

type signSetInput struct {
	SetInput
	Body struct {
		Documents []string `json:"documents,omitempty" maxItems:"1000" doc:"Left out, all that wait for you."`
		PIN       string   `json:"pin,omitempty" maxLength:"256" doc:"Of the key, if it asks for one."`
	}
}

type startedOutput struct{ Body ingest.Started }

func (s *Server) apiSignSet(ctx context.Context, in *signSetInput) (*startedOutput, error) {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	ids, err := documentsOrAll(in.Body.Documents)
	if err != nil {
		return nil, err
	}
	started, err := s.cfg.Desk.SignSet(ctx, userOf(ctx).Name, set.ID, ids, in.Body.PIN)
	return &startedOutput{started}, s.journalPIN(ctx, set.ID, ids, err)
}

func (s *Server) apiRefuse(ctx context.Context, in *ItemsInput) (*setOutput, error) {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	ids, err := parseDocuments(in.Body.Documents)
	if err != nil {
		return nil, err
	}
	return s.changed(ctx, set, s.cfg.Desk.Refuse(ctx, userOf(ctx).Name, set.ID, ids, clean(in.Body.Reason)))
}

type withdrawInput struct {
	SetInput
	Body struct {
		Documents []string `json:"documents,omitempty" maxItems:"1000" doc:"Left out, the whole set."`
		Reason    string   `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

func (s *Server) apiWithdraw(ctx context.Context, in *withdrawInput) (*setOutput, error) {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	ids, err := documentsOrAll(in.Body.Documents)
	if err != nil {
		return nil, err
	}
	return s.changed(ctx, set, s.cfg.Desk.Withdraw(ctx, userOf(ctx).Name, set.ID, ids, clean(in.Body.Reason)))
}

type delegateInput struct {
	SetInput
	Body struct {
		Step   int    `json:"step" minimum:"0" maximum:"9" doc:"Counted from 0."`
		To     string `json:"to" maxLength:"60" doc:"A user's name; empty takes it back."`
		Reason string `json:"reason" maxLength:"1000"`
	}
}

func (s *Server) apiDelegate(ctx context.Context, in *delegateInput) (*setOutput, error) {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	return s.changed(ctx, set, s.cfg.Desk.Delegate(ctx, userOf(ctx).Name, set.ID, in.Body.Step, in.Body.To, clean(in.Body.Reason)))
}

// PlaceInput names a step of a document of a signing set.
type PlaceInput struct {
	SetInput
	ID   string `path:"id" doc:"The document."`
	Step int    `path:"step" minimum:"0" maximum:"9" doc:"Counted from 0."`
}

type putPlaceInput struct {
	PlaceInput
	Body sohoa.Place
}

func (s *Server) apiPutPlace(ctx context.Context, in *putPlaceInput) (*struct{}, error) {
	return nil, s.place(ctx, &in.PlaceInput, &in.Body)
}

func (s *Server) apiDeletePlace(ctx context.Context, in *PlaceInput) (*struct{}, error) {
	return nil, s.place(ctx, in, nil)
}

func (s *Server) place(ctx context.Context, in *PlaceInput, place *sohoa.Place) error {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return err
	}
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return err
	}
	if place != nil {
		if err := s.checkPlace(ctx, doc.ID, *place); err != nil {
			return err
		}
	}
	return s.cfg.Desk.Place(ctx, userOf(ctx).Name, sohoa.SetItem{Set: set.ID, Document: doc.ID}, in.Step, place)
}

type ticketsInput struct {
	SetInput
	Body struct {
		Documents []string `json:"documents" minItems:"1" maxItems:"1000"`
	}
}

type ticketsOutput struct {
	Body struct {
		Tickets []TicketView `json:"tickets"`
	}
}

// TicketView is one document for a signing tool.
type TicketView struct {
	Document sohoa.DocumentID `json:"document"`
	Name     string           `json:"name"`
	Path     string           `json:"path" doc:"GET fetches the document, POST brings it back signed; it is a secret, and good until then."`
}

func (s *Server) apiTickets(ctx context.Context, in *ticketsInput) (*ticketsOutput, error) {
	set, err := s.set(ctx, in.Set)
	if err != nil {
		return nil, err
	}
	ids, err := parseDocuments(in.Body.Documents)
	if err != nil {
		return nil, err
	}
	tickets, err := s.cfg.Desk.OpenTool(ctx, userOf(ctx).Name, set.ID, ids)
	if err != nil {
		return nil, err
	}
	out := &ticketsOutput{}
	out.Body.Tickets = []TicketView{}
	for _, t := range tickets {
		doc, err := s.document(ctx, t.Document.String())
		if err != nil {
			return nil, err
		}
		if err := s.journalDownload(ctx, doc, "ticket", ""); err != nil { // whoever uses it has no name
			return nil, err
		}
		out.Body.Tickets = append(out.Body.Tickets, TicketView{t.Document, t.Name, "/tool/" + t.Secret})
	}
	return out, nil
}
