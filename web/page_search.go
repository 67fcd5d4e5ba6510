package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"sohoa"
	"sohoa/search"
)

// resultsShown is how many documents a page of results has; maxOffset how far
// one can leaf.
const (
	resultsShown = 20
	maxOffset    = 10_000
)

// searchPage is what the search page shows.
type searchPage struct {
	Asked          bool
	Results        search.Results
	Error          string
	Previous, Next string

	Docs map[sohoa.DocumentID]sohoa.Document // of the hits, as they are now

	query, purpose string
}

// Link is where a hit leads: the page of the document, with the words marked.
func (p searchPage) Link(hit search.Hit, page int) string {
	q := url.Values{"q": {p.query}}
	if p.purpose != "" {
		q.Set("purpose", p.purpose)
	}
	if page == 0 && len(hit.Pages) > 0 {
		page = hit.Pages[0].Page
	}
	u := "/documents/" + hit.Document.String() + "?"
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	u += q.Encode()
	if page > 0 {
		u += fmt.Sprintf("#page-%d", page)
	}
	return u
}

func (s *Server) pageSearch(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p := searchPage{query: clean(q.Get("q")), purpose: clean(q.Get("purpose"))}
	status := http.StatusOK
	if p.query != "" {
		offset, err := strconv.Atoi(q.Get("offset"))
		if err != nil || offset < 0 || offset > maxOffset {
			offset = 0
		}
		if p.Results, err = s.search(r.Context(), search.Query{Text: p.query, Limit: resultsShown, Offset: offset}, p.purpose); err != nil {
			if p.Error, status, err = wrong(r, err); err != nil {
				return err
			}
		}
		if p.Docs, err = s.hitDocs(r.Context(), &p.Results); err != nil {
			return err
		}
		p.Asked = p.Error == ""
		p.leaf(offset)
	}
	s.render(w, r, status, "search", frame{Title: text(r, "search.title"), Query: p.query, Purpose: p.purpose, Body: p})
	return nil
}

// leaf sets the links to the results before and after.
func (p *searchPage) leaf(offset int) {
	at := func(offset int) string {
		return "/search?" + url.Values{"q": {p.query}, "purpose": {p.purpose}, "offset": {strconv.Itoa(offset)}}.Encode()
	}
	if offset > 0 {
		p.Previous = at(max(0, offset-resultsShown))
	}
	more := p.Results.More || p.Results.Total > offset+resultsShown
	if more && len(p.Results.Hits) > 0 && offset+resultsShown <= maxOffset {
		p.Next = at(offset + resultsShown)
	}
}

// entryLine is a journal entry as it is shown; Count entries of one kind in a
// row are one line.
type entryLine struct {
	sohoa.Entry
	Count       int
	ShowDossier bool
}

// entryLines lists entries newest first.
func entryLines(entries []sohoa.Entry, showDossier bool) []entryLine {
	var lines []entryLine
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if n := len(lines); n > 0 && e.Action == sohoa.ActionRead && lines[n-1].Action == e.Action && lines[n-1].Document == e.Document {
			lines[n-1].Count++
			lines[n-1].Page = 0
			continue
		}
		lines = append(lines, entryLine{e, 1, showDossier})
	}
	return lines
}
