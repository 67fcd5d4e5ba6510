package web

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/search"
)

// Suggester completes queries. A Searcher that is one too has suggestions.
type Suggester interface {
	Suggest(ctx context.Context, prefix string, scope sohoa.Scope) ([]search.Suggestion, error)
}

// searchDetail is what stands in the journal of a search.
type searchDetail struct {
	Query      string   `json:"query,omitempty"`      // identity numbers masked
	Identities []string `json:"identities,omitempty"` // their keyed hashes
	Like       string   `json:"like,omitempty"`       // DOCUMENT/PAGE that others are to be like
	Total      int      `json:"total"`
	Offset     int      `json:"offset"`
	After      bool     `json:"after,omitempty"` // not the first page of results
	Found      []string `json:"found"`
}

func (s *Server) detailOf(q search.Query, found search.Results) searchDetail {
	d := searchDetail{Total: found.Total, Offset: q.Offset, After: q.After != "", Found: []string{}}
	d.Query, d.Identities = s.cfg.Privacy.Query(q.Text)
	if !q.Like.Document.IsZero() {
		d.Like = q.Like.Document.String() + "/" + strconv.Itoa(q.Like.Page)
	}
	for _, h := range found.Hits {
		d.Found = append(d.Found, h.Document.String())
	}
	return d
}

// search answers a query within what the user may see, for a purpose. The
// journal gets who asked what for, and what was found.
func (s *Server) search(ctx context.Context, q search.Query, purpose sohoa.Purpose) (search.Results, error) {
	q.Text, q.Scope = strings.TrimSpace(q.Text), scopeOf(ctx)
	if err := checkQuery(q.Text, q.Like); err != nil {
		return search.Results{}, err
	}
	if err := s.mayLike(ctx, q.Like); err != nil {
		return search.Results{}, err
	}
	found, err := s.cfg.Index.Search(ctx, q)
	if err != nil {
		return found, err
	}
	detail, err := json.Marshal(s.detailOf(q, found))
	if err != nil {
		return found, err
	}
	err = s.journal(ctx, sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionSearch, Purpose: clip(purpose.String()), Detail: string(detail)})
	if err == nil {
		for _, h := range found.Hits {
			s.seen.add(foundKey(ctx, h.Document))
		}
	}
	return found, err
}

// checkQuery says what is wrong with a query, before anything else is.
func checkQuery(query string, like search.PageKey) error {
	if strings.TrimSpace(query) == "" && like.Document.IsZero() {
		return newProblem(sohoa.ErrInvalid, "query.empty")
	}
	if len([]rune(query)) > sohoa.MaxQueryRunes {
		return newProblem(sohoa.ErrInvalid, "query.too-long", strconv.Itoa(sohoa.MaxQueryRunes))
	}
	return nil
}

// mayLike refuses what the user may not see as an example of what to find, as
// what is not there.
func (s *Server) mayLike(ctx context.Context, like search.PageKey) error {
	if like.Document.IsZero() {
		return nil
	}
	_, err := s.cfg.Catalog.Document(ctx, scopeOf(ctx), like.Document)
	return err
}

// foundKey is under what it is remembered that a search showed a document, so
// that the small images of its results are no views of their own.
func foundKey(ctx context.Context, id sohoa.DocumentID) string {
	return "found\x00" + userOf(ctx).Name + "\x00" + id.String()
}

// sorts are the orders of results.
var sorts = []search.Sort{search.SortBest, search.SortNewest, search.SortOldest}

// facets are those that are counted, in the order in which they are shown.
var facets = []search.Facet{search.FacetType, search.FacetYear, search.FacetAgency, search.FacetProcedure, search.FacetState}

// parseLike reads DOCUMENT/PAGE; empty is none.
func parseLike(text string) (search.PageKey, error) {
	if text == "" {
		return search.PageKey{}, nil
	}
	id, page, _ := strings.Cut(text, "/")
	doc, err := sohoa.ParseDocumentID(id)
	if err != nil {
		return search.PageKey{}, err
	}
	n, err := strconv.Atoi(page)
	if err != nil || n < 1 {
		n = 1
	}
	return search.PageKey{Document: doc, Page: n}, nil
}
