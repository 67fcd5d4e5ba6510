package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/search"
)

func (s *Server) registerSearch(api huma.API) {
	op := operation("search", http.MethodGet, "/search", "Find pages by their words; journalled")
	op.Description = "With or without tone marks. Only what the user may see is found. A clerk searches for a dossier: purpose names it, or else " +
		"it is the one that their session opened last. Addresses stay in logs: identity numbers belong in the body of a POST."
	huma.Register(api, op, func(ctx context.Context, in *struct{ SearchAsked }) (*searchOutput, error) {
		return s.apiSearch(ctx, &in.SearchAsked)
	})
	post := operation("post-search", http.MethodPost, "/search", "Find pages by their words, which stand in no address; journalled")
	huma.Register(api, post, func(ctx context.Context, in *struct{ Body SearchAsked }) (*searchOutput, error) {
		return s.apiSearch(ctx, &in.Body)
	})
	s.registerSaved(api)
}

// SearchAsked is a search, in an address or a body.
type SearchAsked struct {
	Text        string `query:"q" json:"q,omitempty" doc:"What to look for; required unless like is given."`
	Like        string `query:"like" json:"like,omitempty" maxLength:"40" doc:"Find what is like this page: DOCUMENT/PAGE."`
	Limit       int    `query:"limit" json:"limit,omitempty" minimum:"1" maximum:"200" default:"20" doc:"Documents on one page of results."`
	Offset      int    `query:"offset" json:"offset,omitempty" minimum:"0" maximum:"10000" doc:"Documents to skip. after stays right while papers come in."`
	After       string `query:"after" json:"after,omitempty" maxLength:"400" doc:"next of the page of results before."`
	Order       string `query:"order" json:"order,omitempty" enum:",newest,oldest" doc:"Left out, what fits best comes first."`
	Facets      bool   `query:"facets" json:"facets,omitempty" doc:"Count what was found by type, year, agency, procedure and state."`
	Boxes       bool   `query:"boxes" json:"boxes,omitempty" doc:"Say where the words are that were found, in pixels of the upright page."`
	Purpose     string `query:"purpose" json:"purpose,omitempty" maxLength:"200" doc:"What the search is for: the code of the dossier at hand."`
	Requirement string `query:"requirement" json:"requirement,omitempty" maxLength:"100" doc:"Code of the paper that is looked for, of the dossier's procedure."`
}

// SearchResults are the documents found, best first.
type SearchResults struct {
	Total      int                            `json:"total"`
	More       bool                           `json:"more" doc:"There are more than were counted."`
	Rebuilding bool                           `json:"rebuilding" doc:"The index has not caught up; results may be incomplete."`
	Hits       []SearchHit                    `json:"hits"`
	Next       string                         `json:"next,omitempty" doc:"after of the next page of results; left out at the end."`
	Facets     map[search.Facet][]FacetBucket `json:"facets,omitempty" doc:"By the name of the filter that a facet is."`
	Hidden     int                            `json:"hidden,omitempty" doc:"Identity numbers of the query; they are masked wherever they would be shown."`
}

// FacetBucket is a value of a facet.
type FacetBucket struct {
	Value string `json:"value"`
	Name  string `json:"name,omitempty"`
	Count int    `json:"count" doc:"Documents that the user may see."`
}

// SearchHit is a document with the pages that matched best.
type SearchHit struct {
	Document sohoa.DocumentID `json:"document"`
	Name     string           `json:"name"`
	Dossier  string           `json:"dossier,omitempty" doc:"Left out where it is not the user's to open."`
	Score    float64          `json:"score"`
	Pages    []SearchPage     `json:"pages"`
	Force    sohoa.Force      `json:"force" enum:"in-force,not-yet,expired,revoked,replaced" doc:"What the result is worth now."`
	Kind     string           `json:"kind,omitempty" doc:"Name of the kind of paper."`
	Number   string           `json:"number,omitempty" doc:"Number and notation."`
	Date     string           `json:"date,omitempty" doc:"Of issue, DD/MM/YYYY."`
	Agency   string           `json:"agency,omitempty" doc:"Where it is held."`
	Owner    string           `json:"owner,omitempty"`
	OwnerID  string           `json:"ownerId,omitempty" doc:"Masked."`
}

// SearchPage is a page that matched.
type SearchPage struct {
	Page    int          `json:"page"`
	Score   float64      `json:"score"`
	Snippet []SearchSpan `json:"snippet"`
	Width   int          `json:"width,omitempty" doc:"Of the upright page, pixels; with boxes."`
	Height  int          `json:"height,omitempty"`
	Boxes   []SearchBox  `json:"boxes,omitempty"`
}

// SearchSpan is a piece of a snippet.
type SearchSpan struct {
	Text   string `json:"text"`
	Marked bool   `json:"marked,omitempty"`
}

// SearchBox is where a word that was found is on the upright page, in pixels.
type SearchBox struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

type searchOutput struct{ Body SearchResults }

func (s *Server) apiSearch(ctx context.Context, in *SearchAsked) (*searchOutput, error) {
	like, err := parseLike(in.Like)
	if err == nil {
		err = checkQuery(in.Text, like)
	}
	if err != nil {
		return nil, err
	}
	purpose, err := s.purposeOf(ctx, sohoa.Purpose{Dossier: in.Purpose, Requirement: in.Requirement})
	if err != nil {
		return nil, err
	}
	found, err := s.search(ctx, search.Query{Text: in.Text, Like: like, Limit: in.Limit, Offset: in.Offset, After: in.After,
		Sort: search.Sort(in.Order), Facets: in.Facets}, purpose)
	if err != nil {
		return nil, err
	}
	docs, err := s.hitDocs(ctx, &found)
	if err != nil {
		return nil, err
	}
	lines, err := s.hitLines(ctx, found, docs, sohoa.Purpose{})
	if err != nil {
		return nil, err
	}
	out := &searchOutput{viewResults(found)}
	for i, l := range lines {
		hit := &out.Body.Hits[i]
		hit.Force = l.Doc.Life.Force(s.cfg.Now())
		hit.Kind, hit.Number, hit.Date, hit.Agency, hit.Owner, hit.OwnerID = l.Kind, l.Number, l.Date, l.Agency, l.Owner, l.ID
		if !l.Own {
			hit.Dossier = ""
		}
		if in.Boxes {
			err = errors.Join(err, s.fillBoxes(ctx, hit, in.Text))
		}
	}
	return out, err
}

// fillBoxes says where on each page of a hit the words are.
func (s *Server) fillBoxes(ctx context.Context, hit *SearchHit, query string) error {
	for i := range hit.Pages {
		p := &hit.Pages[i]
		text, err := s.pageText(ctx, hit.Document, p.Page)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		p.Width, p.Height, p.Boxes = text.Width, text.Height, []SearchBox{}
		for _, b := range markBoxes(text, query, 0) {
			p.Boxes = append(p.Boxes, SearchBox{b.X, b.Y, b.W, b.H})
		}
	}
	return nil
}

func viewResults(r search.Results) SearchResults {
	out := SearchResults{Total: r.Total, More: r.More, Rebuilding: r.Rebuilding, Next: r.Next, Hidden: r.Hidden, Hits: make([]SearchHit, 0, len(r.Hits))}
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
	for facet, buckets := range r.Facets {
		if out.Facets == nil {
			out.Facets = map[search.Facet][]FacetBucket{}
		}
		for _, b := range buckets {
			out.Facets[facet] = append(out.Facets[facet], FacetBucket(b))
		}
	}
	return out
}
