package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
)

func (s *Server) registerPapers(api huma.API) {
	refusals := []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}
	add := func(id, method, path, summary, description string) huma.Operation {
		op := operation(id, method, path, summary)
		op.Description, op.Errors = description, refusals
		return op
	}
	huma.Register(api, add("put-omission", http.MethodPut, "/dossiers/{code}/papers/{requirement}/omission", "Say that a paper is not digitised",
		"For one of five reasons (TT 01/2023/TT-VPCP, Article 4). Nothing is taken for what is secret until that is taken back; what is brought for another takes it back itself."), s.apiOmit)
	huma.Register(api, add("delete-omission", http.MethodDelete, "/dossiers/{code}/papers/{requirement}/omission", "Take that back", "Where there is none nothing changes."), s.apiUnomit)
	huma.Register(api, add("assign-document", http.MethodPut, "/documents/{id}/requirement", "Say which paper of its dossier a document is",
		"A requirement of one kind gives the document its type, unless it has another."), s.apiAssign)
	huma.Register(api, add("expect-pages", http.MethodPut, "/documents/{id}/expected", "Say how many pages a document has on paper",
		"As long as it has another number it is held. Numbers that agree let go what was held for that only."), s.apiExpect)
}

// OmissionView says that a paper is not digitised.
type OmissionView struct {
	Reason sohoa.OmitReason `json:"reason" enum:"shown,shared,copy,secret,beyond" doc:"shown: only shown; shared: shared already as data of legal value; copy: brought as a photocopy or a certified copy; secret; beyond: outside of what is digitised."`
	Note   string           `json:"note,omitempty" maxLength:"1000"`
}

type omitInput struct {
	HeldInput
	Body OmissionView
}

type omissionOutput struct{ Body sohoa.Omission }

func (s *Server) apiOmit(ctx context.Context, in *omitInput) (*omissionOutput, error) {
	o, err := s.cfg.Intake.Omit(ctx, reuseActor(ctx), sohoa.Omission{Dossier: in.Code, Requirement: in.Requirement, Reason: in.Body.Reason, Note: clean(in.Body.Note)})
	return &omissionOutput{o}, err
}

func (s *Server) apiUnomit(ctx context.Context, in *HeldInput) (*struct{}, error) {
	return nil, s.cfg.Intake.Unomit(ctx, reuseActor(ctx), in.Code, in.Requirement)
}

type assignInput struct {
	DocumentInput
	Body struct {
		Requirement string `json:"requirement" maxLength:"100" doc:"MaThanhPhanHoSo; empty: none."`
	}
}

func (s *Server) apiAssign(ctx context.Context, in *assignInput) (*documentViewOutput, error) {
	return s.saidOf(ctx, in.DocumentInput, func(id sohoa.DocumentID) (sohoa.Document, error) {
		return s.cfg.Intake.Assign(ctx, reuseActor(ctx), id, clean(in.Body.Requirement))
	})
}

type expectInput struct {
	DocumentInput
	Body struct {
		Pages int `json:"pages" minimum:"0" doc:"Counted on the paper; 0: nobody counted."`
	}
}

func (s *Server) apiExpect(ctx context.Context, in *expectInput) (*documentViewOutput, error) {
	return s.saidOf(ctx, in.DocumentInput, func(id sohoa.DocumentID) (sohoa.Document, error) {
		return s.cfg.Intake.Expect(ctx, reuseActor(ctx), id, in.Body.Pages)
	})
}

// saidOf answers with a document that a person said something about.
func (s *Server) saidOf(ctx context.Context, in DocumentInput, change func(sohoa.DocumentID) (sohoa.Document, error)) (*documentViewOutput, error) {
	id, err := sohoa.ParseDocumentID(in.ID)
	if err != nil {
		return nil, err
	}
	doc, err := change(id)
	if err != nil {
		return nil, err
	}
	return &documentViewOutput{s.viewDocument(ctx, doc)}, nil
}
