package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/search"
	"sohoa/web/i18n"
)

// resultsShown is how many documents a page of results has; backSteps how many
// pages one can leaf back, after which the first one is offered.
const (
	resultsShown = 20
	backSteps    = 20
)

// searchPage is what the search page shows.
type searchPage struct {
	Asked   bool
	Results search.Results
	Lines   []hitLine
	Error   string
	Chips   []chip
	Facets  []facetPart
	Sorts   []link
	Saved   []sohoa.SavedSearch
	Order   search.Sort
	Like    string
	Purpose sohoa.Purpose
	Number  int // of the page of results, from 1

	First, Previous, Next string

	query, after string
	back         []string // search.Query.After of the pages before, "" for the first
	seal         sealing
}

// link leads somewhere, or says where one is.
type link struct {
	Text    string
	Href    string
	Current bool
}

// facetPart is one facet beside the results.
type facetPart struct {
	Facet  search.Facet
	Values []facetLink
}

// facetLink narrows the search to a value, or takes that filter out again.
type facetLink struct {
	Name  string
	Count int
	Href  string
	On    bool
}

// readSearch reads the parameters of the search page.
func (s *Server) readSearch(ctx context.Context, q url.Values) (searchPage, error) {
	seal, err := s.sealing(ctx)
	if err != nil {
		return searchPage{}, err
	}
	p := searchPage{seal: seal, query: seal.get(q, "q"), Order: search.Sort(q.Get("order")), Like: q.Get("like"), after: q.Get("after")}
	if !slices.Contains(sorts, p.Order) {
		p.Order = search.SortBest
	}
	if p.after != "" {
		p.back = q["back"]
	}
	p.Number, _ = strconv.Atoi(q.Get("n")) // none is the first
	p.Number = max(1, p.Number)
	_, err = parseLike(p.Like)
	return p, hideMalformed(err)
}

// postSearch sends a query that was typed on to its address. Forms post it, so
// that no identity number is in an address on the way.
func (s *Server) postSearch(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	p, err := s.readSearch(r.Context(), r.PostForm)
	if err != nil {
		return err
	}
	if len([]rune(p.query)) > sohoa.MaxQueryRunes && userOf(r.Context()).Name != "" {
		return s.showSearch(w, r, p, r.PostForm)
	}
	http.Redirect(w, r, p.at(url.Values{"purpose": {clip(clean(r.PostFormValue("purpose")))}}), http.StatusSeeOther)
	return nil
}

func (s *Server) pageSearch(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p, err := s.readSearch(r.Context(), q)
	if err != nil {
		return err
	}
	if _, identities := s.cfg.Privacy.Query(q.Get("q")); len(identities) > 0 {
		http.Redirect(w, r, p.at(url.Values{"purpose": {q.Get("purpose")}}), http.StatusSeeOther)
		return nil
	}
	return s.showSearch(w, r, p, q)
}

// showSearch writes the search page, with what is found if something is
// looked for. q states the purpose.
func (s *Server) showSearch(w http.ResponseWriter, r *http.Request, p searchPage, q url.Values) error {
	ctx, status := r.Context(), http.StatusOK
	asked := p.query != "" || p.Like != "" || q.Has(sealedParam)
	var err error
	if p.Purpose, err = s.purposeOf(ctx, sohoa.Purpose{Dossier: q.Get("purpose"), Requirement: q.Get("requirement")}); err == nil && asked {
		err = s.runSearch(r, &p)
	}
	if q.Has(sealedParam) && p.query == "" {
		err = newProblem(sohoa.ErrInvalid, "query.sealed")
	}
	if err != nil && asked {
		if p.Error, status, err = wrong(r, err); err != nil {
			return err
		}
	}
	p.Asked = asked && p.Error == ""
	if p.Saved, err = s.cfg.Catalog.SavedSearches(ctx, userOf(ctx).Name); err != nil {
		return err
	}
	s.render(w, r, status, "search", frame{Title: text(r, "search.title"), Query: p.query, Purpose: p.Purpose.String(), Body: p})
	return nil
}

// runSearch fills in what is found, and the ways on from it.
func (s *Server) runSearch(r *http.Request, p *searchPage) error {
	ctx := r.Context()
	like, err := parseLike(p.Like)
	if err != nil {
		return err
	}
	p.Results, err = s.search(ctx, search.Query{Text: p.query, Like: like, Limit: resultsShown, After: p.after, Sort: p.Order, Facets: true}, p.Purpose)
	if err != nil {
		return err
	}
	docs, err := s.hitDocs(ctx, &p.Results)
	if err != nil {
		return err
	}
	if p.Lines, err = s.hitLines(ctx, p.Results, docs, p.Purpose); err != nil {
		return err
	}
	for i := range p.Lines {
		if p.Lines[i].Shot, err = s.shot(ctx, p.Lines[i].Hit, p.query, p.Purpose); err != nil {
			return err
		}
	}
	p.Chips = chips(p.query)
	for _, o := range sorts {
		p.Sorts = append(p.Sorts, link{text(r, orderName(o)), p.at(url.Values{"order": {string(o)}}), o == p.Order})
	}
	p.leaf()
	return s.fillFacets(r, p)
}

// orderName is the key of the phrase that names an order.
func orderName(o search.Sort) string {
	if o == search.SortBest {
		return "search.order-best"
	}
	return "search.order-" + string(o)
}

// at is the address of this search with some parameters set anew, from its
// first page on.
func (p searchPage) at(set url.Values) string {
	q, query := url.Values{}, p.query
	if set.Has("q") {
		query = set.Get("q")
	}
	p.seal.set(q, "q", query)
	for name, value := range map[string]string{"order": string(p.Order), "like": p.Like, "purpose": p.Purpose.String()} {
		if set.Has(name) {
			value = set.Get(name)
		}
		if value != "" {
			q.Set(name, value)
		}
	}
	for _, name := range []string{"after", "back", "n"} {
		if set.Get(name) != "" || len(set[name]) > 1 || name == "back" && set.Has(name) {
			q[name] = set[name]
		}
	}
	if len(q) == 0 {
		return "/search"
	}
	return "/search?" + q.Encode()
}

// Without is the address of this search without a filter.
func (p searchPage) Without(c chip) string { return p.at(url.Values{"q": {c.Without}}) }

// LikeHit is the address of what is like a page.
func (p searchPage) LikeHit(hit hitLine, page int) string {
	return searchPage{Purpose: p.Purpose}.at(url.Values{"like": {hit.Document.String() + "/" + strconv.Itoa(page)}})
}

// Text is the query as it was typed.
func (p searchPage) Text() string { return p.query }

// leaf sets the links to the results before and after.
func (p *searchPage) leaf() {
	if p.Results.Next != "" {
		back := append(slices.Clone(p.back), p.after)
		if len(back) > backSteps {
			back = back[len(back)-backSteps:]
		}
		p.Next = p.at(url.Values{"after": {p.Results.Next}, "back": back, "n": {strconv.Itoa(p.Number + 1)}})
	}
	if p.after == "" {
		return
	}
	p.First = p.at(nil)
	if n := len(p.back); n > 0 {
		p.Previous = p.at(url.Values{"after": {p.back[n-1]}, "back": p.back[:n-1], "n": {strconv.Itoa(p.Number - 1)}})
	}
}

// fillFacets makes links of what was counted.
func (s *Server) fillFacets(r *http.Request, p *searchPage) error {
	names, err := s.facetNames(r)
	if err != nil {
		return err
	}
	on := map[string]*chip{}
	for i, c := range p.Chips {
		on[string(c.Name)+":"+strings.ToLower(c.Value)] = &p.Chips[i]
		p.Chips[i].Value = names(search.Facet(c.Name), c.Value)
	}
	for _, f := range facets {
		part := facetPart{Facet: f}
		for _, b := range p.Results.Facets[f] {
			l := facetLink{Name: b.Name, Count: b.Count, Href: p.at(url.Values{"q": {withFilter(p.query, f, b.Value)}})}
			if l.Name == "" {
				l.Name = names(f, b.Value)
			}
			if c, ok := on[string(f)+":"+strings.ToLower(b.Value)]; ok {
				l.On, l.Href, c.Value = true, p.Without(*c), l.Name
			}
			part.Values = append(part.Values, l)
		}
		if len(part.Values) > 0 {
			p.Facets = append(p.Facets, part)
		}
	}
	return nil
}

// facetNames words the values of facets.
func (s *Server) facetNames(r *http.Request) (func(search.Facet, string) string, error) {
	agencies, err := s.agencyNames(r.Context())
	if err != nil {
		return nil, err
	}
	procedures, err := s.cfg.Catalog.Procedures(r.Context())
	if err != nil {
		return nil, err
	}
	schedule, err := s.cfg.Catalog.Schedule(r.Context())
	return func(f search.Facet, value string) string {
		name := ""
		switch f {
		case search.FacetAgency:
			name = agencies[value]
		case search.FacetProcedure:
			name = homePage{Procedures: procedures}.ProcedureName(value)
		case search.FacetState:
			if key := "search-state." + value; i18n.Has(key) {
				name = i18n.Text(visitOf(r.Context()).lang, key)
			}
		case search.FacetType:
			if rule := schedule.For(value); rule.Type == value {
				name = rule.Name
			}
		}
		if name == "" {
			return value
		}
		return name
	}, err
}

// Link is where a hit leads: the page of the document, with the words marked.
func (p searchPage) Link(hit search.Hit, page int) string {
	q := url.Values{}
	p.seal.set(q, "q", p.query)
	if purpose := p.Purpose.String(); purpose != "" {
		q.Set("purpose", purpose)
	}
	if page == 0 && len(hit.Pages) > 0 {
		page = hit.Pages[0].Page
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	u := "/documents/" + hit.Document.String()
	if len(q) > 0 {
		u += "?" + q.Encode()
	}
	if page > 0 {
		u += fmt.Sprintf("#page-%d", page)
	}
	return u
}

// Examples are queries that show what the query language can.
func (p searchPage) Examples() []link {
	var all []link
	for _, e := range examples {
		all = append(all, link{e.query, searchPage{Purpose: p.Purpose}.at(url.Values{"q": {e.query}}), false})
	}
	return all
}

// Explained is what an example is for: the key of a phrase.
func (p searchPage) Explained(query string) string {
	for _, e := range examples {
		if e.query == query {
			return "search.example-" + e.name
		}
	}
	return ""
}

var examples = []struct{ query, name string }{
	{"pham my hue", "marks"},
	{`"quyền sử dụng đất"`, "phrase"},
	{"quyết định -thu", "without"},
	{"so:1738/QĐ-UBND", "number"},
	{`loai:"giấy khai sinh"`, "type"},
	{`nguoi:"Phạm Mỹ Huệ"`, "person"},
	{"ngay:2023..2024", "date"},
	{`coquan:"Kỳ Sơn"`, "agency"},
}
