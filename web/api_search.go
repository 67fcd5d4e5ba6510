package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/search"
)

func (s *Server) registerSearch(api huma.API) {
	op := operation("search", http.MethodGet, "/search", "Find pages by their words; journalled")
	op.Description = "With or without tone marks. Only what the user may see is found."
	huma.Register(api, op, s.apiSearch)
}

type searchInput struct {
	Text    string `query:"q" required:"true" doc:"What to look for."`
	Limit   int    `query:"limit" minimum:"1" maximum:"200" default:"20" doc:"Documents on one page of results."`
	Offset  int    `query:"offset" minimum:"0" maximum:"10000"`
	Purpose string `query:"purpose" maxLength:"200" doc:"What the search is for: the code of the dossier at hand."`
}

// SearchResults are the documents found, best first.
type SearchResults struct {
	Total      int         `json:"total"`
	More       bool        `json:"more" doc:"There are more than were counted."`
	Rebuilding bool        `json:"rebuilding" doc:"The index has not caught up; results may be incomplete."`
	Hits       []SearchHit `json:"hits"`
}

// SearchHit is a document with the pages that matched best.
type SearchHit struct {
	Document sohoa.DocumentID `json:"document"`
	Name     string           `json:"name"`
	Dossier  string           `json:"dossier"`
	Score    float64          `json:"score"`
	Pages    []SearchPage     `json:"pages"`
	Force    sohoa.Force      `json:"force" enum:"in-force,not-yet,expired,revoked,replaced" doc:"What the result is worth now."`
}

// SearchPage is a page that matched.
type SearchPage struct {
	Page    int          `json:"page"`
	Score   float64      `json:"score"`
	Snippet []SearchSpan `json:"snippet"`
}

// SearchSpan is a piece of a snippet.
type SearchSpan struct {
	Text   string `json:"text"`
	Marked bool   `json:"marked,omitempty"`
}

type searchOutput struct{ Body SearchResults }

func (s *Server) apiSearch(ctx context.Context, in *searchInput) (*searchOutput, error) {
	found, err := s.search(ctx, search.Query{Text: in.Text, Limit: in.Limit, Offset: in.Offset}, in.Purpose)
	if err != nil {
		return nil, err
	}
	docs, err := s.hitDocs(ctx, &found)
	if err != nil {
		return nil, err
	}
	out := &searchOutput{viewResults(found)}
	for i := range out.Body.Hits {
		out.Body.Hits[i].Force = docs[out.Body.Hits[i].Document].Life.Force(s.cfg.Now())
	}
	return out, nil
}

// search answers a query within what the user may see. The journal gets what
// was asked and what was found.
func (s *Server) search(ctx context.Context, q search.Query, purpose string) (search.Results, error) {
	q.Text, q.Scope = strings.TrimSpace(q.Text), scopeOf(ctx)
	if q.Text == "" {
		return search.Results{}, newProblem(sohoa.ErrInvalid, "query.empty")
	}
	if len([]rune(q.Text)) > sohoa.MaxQueryRunes {
		return search.Results{}, newProblem(sohoa.ErrInvalid, "query.too-long", strconv.Itoa(sohoa.MaxQueryRunes))
	}
	found, err := s.cfg.Index.Search(ctx, q)
	if err != nil {
		return found, err
	}
	ids := make([]string, 0, len(found.Hits))
	for _, h := range found.Hits {
		ids = append(ids, h.Document.String())
	}
	asked, identities := s.cfg.Privacy.Query(q.Text)
	entry := map[string]any{"query": asked, "total": found.Total, "offset": q.Offset, "found": ids}
	if len(identities) > 0 {
		entry["identities"] = identities
	}
	detail, err := json.Marshal(entry)
	if err != nil {
		return found, err
	}
	return found, s.journal(ctx, sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionSearch,
		Purpose: clip(purpose), Detail: string(detail)})
}

func viewResults(r search.Results) SearchResults {
	out := SearchResults{Total: r.Total, More: r.More, Rebuilding: r.Rebuilding, Hits: make([]SearchHit, 0, len(r.Hits))}
	for _, h := range r.Hits {
		hit := SearchHit{Document: h.Document, Name: h.Name, Dossier: h.Dossier, Score: h.Score, Pages: []SearchPage{}}
		for _, p := range h.Pages {
			page := SearchPage{Page: p.Page, Score: p.Score, Snippet: []SearchSpan{}}
			for _, span := range p.Snippet {
				page.Snippet = append(page.Snippet, SearchSpan(span))
			}
			hit.Pages = append(hit.Pages, page)
		}
		out.Hits = append(out.Hits, hit)
	}
	return out
}
