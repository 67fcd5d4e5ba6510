package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// lifeOperations are the decisions about kept documents, as operations of the
// API.
var lifeOperations = []struct{ op, id, summary string }{
	{"revoke", "revoke-document", "Take a result out of force, by a decision; its files stay as they are"},
	{"reinstate", "reinstate-document", "Take a revocation or replacement back, by another decision"},
	{"replace", "replace-document", "Say which document took the place of a result"},
	{"validity", "set-validity", "Set from when, until when and where a result is in force"},
	{"type", "set-type", "Name the kind of paper, by which the retention schedule goes"},
	{"retention", "set-retention", "Give a document another period than the schedule; administrators"},
	{"hold", "hold-legally", "Keep a document beyond its retention, for a reason"},
	{"lift-hold", "lift-hold", "End a hold; administrators"},
}

type lifeOperationInput struct {
	DocumentInput
	Body LifeInput
}

func (s *Server) registerLife(api huma.API) {
	if s.records == nil {
		return
	}
	for _, o := range lifeOperations {
		op := operation(o.id, http.MethodPost, "/documents/{id}/life/"+o.op, o.summary)
		op.Errors = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict}
		huma.Register(api, op, func(ctx context.Context, in *lifeOperationInput) (*documentViewOutput, error) {
			doc, err := s.enter(ctx, in.ID, o.op, in.Body)
			if err != nil {
				return nil, err
			}
			return &documentViewOutput{s.viewDocument(ctx, doc)}, nil
		})
	}
}
