package search

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"sohoa"
	"sohoa/search/vi"
)

// Engine is what Find needs of an index: postings and stored text.
type Engine interface {
	// DocFreq returns, for each term, how many pages hold it in field.
	DocFreq(ctx context.Context, field string, terms []string) ([]uint64, error)
	// Candidates returns the n best pages for p, best first, ties by
	// descending document and rising page, and how many pages match in all.
	Candidates(ctx context.Context, p Plan, n int) ([]Candidate, uint64, error)
	// Load returns what is stored of each page; nil for one that is gone.
	Load(ctx context.Context, keys []PageKey) ([]*Stored, error)
}

// PageKey names a page.
type PageKey struct {
	Document sohoa.DocumentID
	Page     int
}

// Candidate is a page that an engine fetched, with the engine's score.
type Candidate struct {
	PageKey
	Score float64
}

// Stored is what an engine keeps of a page to rank and show it.
type Stored struct {
	Text    string // Terms.Text
	Meta    string // Terms.Meta
	Name    string
	Dossier string

	Identities, MetaIdentities string // of Terms
}

// text and meta are what is stored, cut.
func (s *Stored) text() vi.Text { return Hidden{s.Text, DecodeIdentities(s.Identities)}.Analyze() }
func (s *Stored) meta() vi.Text { return Hidden{s.Meta, DecodeIdentities(s.MetaIdentities)}.Analyze() }

// Bounds on the work of one query.
const (
	candidatePages = 2_000   // fetched at first
	deepPages      = 128_000 // fetched at most, for far offsets
	fewHits        = 3       // below it, the wider plan is tried
	rerankLeast    = 40      // pages that are aligned with the query, at least
	rerankMost     = 100     // and at most
	rerankWork     = 300     // query words times pages aligned, between the two
)

// Find answers q from e. It parses the query, plans, ranks, groups pages into
// documents and makes the snippets. Results.Rebuilding is left to the index.
func Find(ctx context.Context, e Engine, q Query, privacy Privacy) (Results, error) {
	p, err := Parse(q.Text, privacy)
	if err != nil || len(q.Scope.Agencies) == 0 && !q.Scope.All {
		return Results{}, err
	}
	f := finder{engine: e, parsed: p, stored: map[PageKey]*Stored{},
		aligner: newAligner(p.Words.Tokens), matcher: newMatcher(p.Words)}
	limit := q.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	limit, offset := min(limit, sohoa.MaxHits), max(0, q.Offset)
	if err := f.fetch(ctx, q.Scope, offset+limit); err != nil {
		return Results{}, fmt.Errorf("search: %w", err)
	}
	hits, err := f.show(ctx, offset, limit)
	if err != nil {
		return Results{}, fmt.Errorf("search: %w", err)
	}
	_, identities := privacy.Query(q.Text)
	return Results{Total: len(f.docs), More: f.more, Hits: hits, Hidden: len(identities)}, nil
}

// finder is the state of one search.
type finder struct {
	engine  Engine
	parsed  Parsed
	aligner *aligner
	matcher matcher
	stored  map[PageKey]*Stored
	docs    []docHit         // ranked
	more    bool             // pages match that were not fetched
	wide    bool             // by the wider plan, of which only the best are meant
	sure    map[PageKey]bool // of the wider plan: what the first plan fetched too
}

// docHit is a document with its pages, best first.
type docHit struct {
	id    sohoa.DocumentID
	pages []Candidate
}

// fetch ranks documents until there are want of them or no more.
func (f *finder) fetch(ctx context.Context, scope sohoa.Scope, want int) error {
	plan, err := firstPlan(ctx, f.parsed, f.engine.DocFreq)
	if err != nil {
		return err
	}
	plan.Scope = scope
	var pages []Candidate
	var total uint64
	if !plan.empty() {
		if pages, total, err = f.engine.Candidates(ctx, plan, candidatePages); err != nil {
			return err
		}
	}
	if total < fewHits && !plan.Recent {
		f.wide, f.sure = true, setOf(pages)
		plan = widerPlan(f.parsed)
		plan.Scope = scope
		if pages, total, err = f.engine.Candidates(ctx, plan, candidatePages); err != nil {
			return err
		}
	}
	f.group(pages)
	for n := candidatePages * 4; len(f.docs) < want && uint64(len(pages)) < total && n <= deepPages; n *= 4 {
		if pages, total, err = f.engine.Candidates(ctx, plan, n); err != nil {
			return err
		}
		f.group(pages)
	}
	f.more = uint64(len(pages)) < total
	return f.rerank(ctx, pages)
}

// setOf is the set of pages by key.
func setOf(pages []Candidate) map[PageKey]bool {
	set := make(map[PageKey]bool, len(pages))
	for _, p := range pages {
		set[p.PageKey] = true
	}
	return set
}

// rerank aligns the best pages with the query and groups again. Pages beyond
// keep the order of the engine, after them.
func (f *finder) rerank(ctx context.Context, pages []Candidate) error {
	words := len(f.parsed.Words.Tokens)
	if words == 0 || len(pages) == 0 {
		return nil
	}
	n := min(len(pages), max(rerankLeast, min(rerankMost, rerankWork/words)))
	pages = slices.Clone(pages)
	head, best := pages[:n], pages[0].Score
	if err := f.load(ctx, keysOf(head)); err != nil {
		return err
	}
	fit := make(map[PageKey]float64, n)
	for i := range head {
		fit[head[i].PageKey] = f.fit(head[i].PageKey)
		head[i].Score = engineShare*head[i].Score/max(best, 1e-9) + fit[head[i].PageKey]
	}
	slices.SortStableFunc(head, func(a, b Candidate) int { return cmp.Compare(b.Score, a.Score) })
	if f.wide {
		least := wideShare * slices.Max(slices.Collect(maps.Values(fit)))
		pages = slices.DeleteFunc(head, func(c Candidate) bool { return fit[c.PageKey] < least && !f.sure[c.PageKey] })
		f.more = false
	} else {
		scoreTail(pages, n, best)
	}
	f.group(pages)
	return nil
}

// scoreTail scores the pages from n on, which were not aligned, below those
// before.
func scoreTail(pages []Candidate, n int, best float64) {
	least := pages[n-1].Score
	for i := n; i < len(pages); i++ {
		pages[i].Score = min(least, engineShare*pages[i].Score/max(best, 1e-9))
	}
}

// engineShare is the weight of the engine's score beside the alignments with
// text and metadata.
const engineShare = .7

// codeShare is the weight of holding the numbers of the query as a whole.
const codeShare = 1.0

// wideShare is how well a page of the wider plan must fit, as a share of the
// best one's fit: what is merely alike is not what was meant.
const wideShare = .75

// fit is how well a page answers the query, by its text and its metadata.
func (f *finder) fit(key PageKey) float64 {
	st := f.stored[key]
	if st == nil {
		return 0
	}
	text, meta := st.text(), st.meta()
	return f.aligner.align(text.Tokens).score + f.aligner.align(meta.Tokens).score +
		codeShare*max(f.matcher.codeShare(text), f.matcher.codeShare(meta))
}

// group makes documents of pages in their order.
func (f *finder) group(pages []Candidate) {
	f.docs = f.docs[:0]
	at := map[sohoa.DocumentID]int{}
	for _, c := range pages {
		i, ok := at[c.Document]
		if !ok {
			i = len(f.docs)
			at[c.Document] = i
			f.docs = append(f.docs, docHit{id: c.Document})
		}
		if d := &f.docs[i]; len(d.pages) < MaxPageHits {
			d.pages = append(d.pages, c)
		}
	}
}

// show makes the hits from offset on.
func (f *finder) show(ctx context.Context, offset, limit int) ([]Hit, error) {
	docs := f.docs[min(offset, len(f.docs)):min(offset+limit, len(f.docs))]
	var keys []PageKey
	for _, d := range docs {
		keys = append(keys, keysOf(d.pages)...)
	}
	if err := f.load(ctx, keys); err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, len(docs))
	for _, d := range docs {
		h := Hit{Document: d.id, Score: d.pages[0].Score}
		for _, c := range d.pages {
			if st := f.stored[c.PageKey]; st != nil {
				h.Name, h.Dossier = st.Name, st.Dossier
				h.Pages = append(h.Pages, PageHit{c.Page, c.Score, f.snippet(st)})
			}
		}
		hits = append(hits, h)
	}
	return hits, nil
}

// load fetches what is stored of pages not loaded yet.
func (f *finder) load(ctx context.Context, keys []PageKey) error {
	keys = slices.DeleteFunc(keys, func(k PageKey) bool { return f.stored[k] != nil })
	got, err := f.engine.Load(ctx, keys)
	if err != nil {
		return err
	}
	for i, k := range keys {
		f.stored[k] = got[i]
	}
	return nil
}

func keysOf(pages []Candidate) []PageKey {
	keys := make([]PageKey, len(pages))
	for i, c := range pages {
		keys[i] = c.PageKey
	}
	return keys
}
