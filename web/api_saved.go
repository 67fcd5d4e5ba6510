package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/search"
)

func (s *Server) registerSaved(api huma.API) {
	suggest := operation("suggest", http.MethodGet, "/search/suggest", "Complete what is being typed; journalled")
	suggest.Description = "From what the user may see alone, for a purpose as a search."
	huma.Register(api, suggest, s.apiSuggest)
	huma.Register(api, operation("list-saved-searches", http.MethodGet, "/search/saved", "The user's own saved searches"), s.apiListSaved)
	save := operation("save-search", http.MethodPost, "/search/saved", "Save a search; the same name again takes the place of the earlier one")
	save.DefaultStatus = http.StatusCreated
	huma.Register(api, save, s.apiSave)
	forget := operation("delete-saved-search", http.MethodDelete, "/search/saved/{saved}", "Delete a saved search of the user")
	forget.DefaultStatus = http.StatusNoContent
	huma.Register(api, forget, s.apiForget)
}

type suggestInput struct {
	Text    string `query:"q" required:"true" doc:"What was typed so far; from two characters on."`
	Purpose string `query:"purpose" maxLength:"200" doc:"As of a search."`
}

type suggestOutput struct {
	Body struct {
		Suggestions []SuggestionView `json:"suggestions"`
	}
}

// SuggestionView is a completion.
type SuggestionView struct {
	Text string                `json:"text" doc:"A query."`
	Kind search.SuggestionKind `json:"kind" enum:"person,number,dossier,procedure,word"`
}

func (s *Server) apiSuggest(ctx context.Context, in *suggestInput) (*suggestOutput, error) {
	all, err := s.suggest(ctx, in.Text, sohoa.Purpose{Dossier: in.Purpose})
	if err != nil {
		return nil, err
	}
	out := &suggestOutput{}
	out.Body.Suggestions = []SuggestionView{}
	for _, x := range all {
		out.Body.Suggestions = append(out.Body.Suggestions, SuggestionView(x))
	}
	return out, nil
}

type savedOutput struct {
	Body struct {
		Saved []sohoa.SavedSearch `json:"saved"`
	}
}

func (s *Server) apiListSaved(ctx context.Context, _ *struct{}) (*savedOutput, error) {
	all, err := s.cfg.Catalog.SavedSearches(ctx, userOf(ctx).Name)
	out := &savedOutput{}
	out.Body.Saved = orEmpty(all)
	return out, err
}

type saveInput struct {
	Body struct {
		Name  string `json:"name" maxLength:"400" doc:"At most 100 characters; yours alone."`
		Query string `json:"query" doc:"Without identity numbers."`
		Order string `json:"order,omitempty" enum:",newest,oldest"`
	}
}

type saveOutput struct{ Body sohoa.SavedSearch }

func (s *Server) apiSave(ctx context.Context, in *saveInput) (*saveOutput, error) {
	saved, err := s.saveSearch(ctx, in.Body.Name, in.Body.Query, search.Sort(in.Body.Order))
	if err != nil {
		return nil, err
	}
	return &saveOutput{saved}, nil
}

type forgetInput struct {
	Saved string `path:"saved" doc:"The saved search's identifier."`
}

func (s *Server) apiForget(ctx context.Context, in *forgetInput) (*struct{}, error) {
	return nil, s.forgetSearch(ctx, in.Saved)
}
