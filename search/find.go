package search

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa"
	"sohoa/search/vi"
)

// Bounds on the work of one query, beside those of its plan.
const (
	fewHits     = 3       // documents; below it, the wider plan is tried
	rerankLeast = 40      // documents that are aligned with the query, at least
	rerankMost  = 100     // and at most; fewer where they have several pages, so many of which are aligned in all
	rerankWork  = 300     // query words times documents aligned, between the two
	headShare   = .4      // of the first one's score, which those beyond the first few have
	headGrowth  = 4       // by so much may papers that come in make the head grow between pages of results
	phrasePages = 200     // pages with the pairs of a phrase that are all read to see whether it stands there
	deepOffset  = 100_000 // documents that Query.Offset may skip; Query.After goes to any depth
)

// Find answers q from e. It parses the query, plans, ranks and makes the
// snippets. Results.Rebuilding is left to the index.
func Find(ctx context.Context, e Engine, q Query, privacy Privacy) (res Results, err error) {
	if len(q.Scope.Agencies) == 0 && !q.Scope.All && q.Like == (PageKey{}) {
		_, err := Parse(q.Text, privacy)
		return Results{}, err
	}
	f := &finder{engine: e, query: q, privacy: privacy, stored: map[PageKey]*Stored{}, fits: map[PageKey]float64{}, places: map[PageKey]alignment{}}
	if f.limit = q.Limit; f.limit <= 0 {
		f.limit = DefaultLimit
	}
	f.limit = min(f.limit, sohoa.MaxHits)
	if q.After != "" {
		if f.from, err = decodeCursor(q); err != nil {
			return Results{}, err
		}
	}
	if err := f.open(ctx); err != nil {
		return Results{}, searchError(err)
	}
	defer func() { err = errors.Join(err, f.sel.Close()) }()
	if res, err = f.find(ctx); err != nil {
		return Results{}, searchError(err)
	}
	return res, nil
}

// searchError says what failed; what a person did wrong stays as it is.
func searchError(err error) error {
	if p := (*sohoa.Problem)(nil); errors.As(err, &p) {
		return err
	}
	return fmt.Errorf("search: %w", err)
}

// finder is the state of one search.
type finder struct {
	engine Engine
	query  Query
	limit  int
	from   *cursor // unless this is the first page

	privacy Privacy

	parsed  Parsed
	sel     Selection
	plan    planner
	aligner *aligner
	matcher matcher
	stored  map[PageKey]*Stored
	fits    map[PageKey]float64   // of pages that were aligned
	places  map[PageKey]alignment // in the texts of these
	whole   bool                  // one of them has all of the query

	match *Node
	next  cursor // of the page after this one
	facet map[string]map[string]int
	total int
}

// open parses the query and selects the pages in question.
func (f *finder) open(ctx context.Context) (err error) {
	filter := Filtering{}
	if f.isLike() {
		f.parsed, filter, err = f.like(ctx)
	} else if f.parsed, err = Parse(f.query.Text, f.privacy); err == nil {
		filter = filtering(f.parsed, f.query.day())
	}
	if err != nil {
		return err
	}
	f.aligner, f.matcher = newAligner(f.parsed.Words), newMatcher(f.parsed.Words)
	if f.sel, err = f.engine.Select(ctx, f.query.Scope, filter); err != nil {
		return err
	}
	if standing, err := f.standing(ctx); err != nil {
		return errors.Join(err, f.sel.Close())
	} else if standing != nil {
		filter.Must = append(filter.Must, *standing)
		if err := f.sel.Close(); err != nil {
			return err
		}
		if f.sel, err = f.engine.Select(ctx, f.query.Scope, filter); err != nil {
			return err
		}
	}
	counts := &ledger{sel: f.sel}
	if f.from != nil {
		counts.replay, counts.counts = true, f.from.counts
		f.next = *f.from
	}
	f.plan = planner{parsed: f.parsed, counts: counts}
	return nil
}

// standing finds the documents on which the phrases of the query stand, where
// others only have their pairs: those would be counted and not shown. It is nil
// if all have them, or there are too many to read.
func (f *finder) standing(ctx context.Context) (*Node, error) {
	if !slices.ContainsFunc(f.parsed.Phrases, func(t vi.Text) bool { return len(t.Tokens) > 2 }) {
		return nil, nil
	}
	all, _, err := f.sel.Count(ctx, nil)
	if err != nil || all > phrasePages {
		return nil, err
	}
	got, err := f.sel.Rank(ctx, Ranking{Limit: phrasePages})
	if err != nil {
		return nil, err
	}
	if err := f.load(ctx, keysOf(got.Documents)); err != nil {
		return nil, err
	}
	kept := []Node{{Field: FieldDocument}} // which no page is of
	for _, d := range got.Documents {
		if f.mayStand(d) {
			kept = append(kept, Node{Field: FieldDocument, Term: d.Document.String()})
		}
	}
	if len(kept) > len(got.Documents) {
		return nil, nil
	}
	return &Node{Any: kept}, nil
}

// mayStand reports whether the phrases stand on a page of d, as far as its
// pages are known.
func (f *finder) mayStand(d Candidate) bool {
	if len(d.Pages) == MaxPageHits {
		return true
	}
	return slices.ContainsFunc(d.Pages, func(p PageScore) bool {
		st := f.stored[PageKey{d.Document, p.Page}]
		return st != nil && f.stands(st)
	})
}

// find ranks and shows one page of results.
func (f *finder) find(ctx context.Context) (Results, error) {
	docs, err := f.page(ctx)
	if err != nil {
		return Results{}, err
	}
	more := len(docs) > f.limit
	docs = docs[:min(len(docs), f.limit)]
	_, identities := f.privacy.Query(f.query.Text)
	res := Results{Total: f.total, Hidden: len(identities)}
	if f.from == nil && f.query.Offset > deepOffset {
		docs, more, res.More = nil, false, f.total > deepOffset
	}
	if res.Hits, err = f.show(ctx, docs); err != nil {
		return Results{}, err
	}
	if more && len(docs) > 0 {
		f.next.counts = f.plan.counts.counts
		f.next.setLast(docs[len(docs)-1])
		res.Next = f.next.encode(f.query)
	}
	if f.query.Facets {
		res.Facets = facets(f.facet, f.query.day())
	}
	return res, nil
}

// found is a document in its place among the results.
type found struct {
	Candidate
	score  float64 // by which it is shown
	inHead bool
}

// setLast notes where the page of results ends.
func (c *cursor) setLast(d found) {
	if c.last, c.inHead = d.Place, d.inHead; d.inHead {
		c.last.Score = d.score
	}
}

// page are the documents of this page of results, and one more if there is
// another page.
func (f *finder) page(ctx context.Context) ([]found, error) {
	words := len(f.parsed.Words.Tokens) > 0
	if err := f.makePlan(ctx); err != nil {
		return nil, err
	}
	switch {
	case f.isLike() && f.match == nil:
		return nil, nil
	case f.isLike() || !words:
		return f.ordered(ctx, f.match)
	case f.match == nil || f.from != nil && f.from.wide:
		return f.widened(ctx, f.match)
	case f.query.Sort != SortBest:
		return f.ordered(ctx, f.match)
	}
	return f.best(ctx)
}

func (f *finder) isLike() bool { return f.query.Like != (PageKey{}) }

// makePlan makes the first plan. Its pages must have more of the query where
// the date orders them than where the ranking does.
func (f *finder) makePlan(ctx context.Context) (err error) {
	share := minShare
	if f.query.Sort != SortBest {
		share = strictShare
	}
	if f.isLike() {
		err = f.planLike(ctx)
	} else if len(f.parsed.Words.Tokens) > 0 {
		f.match, err = f.plan.first(ctx, share)
	}
	if err != nil || f.from == nil || f.match == nil {
		return err
	}
	return f.checkWork(ctx, f.match)
}

// checkWork refuses a cursor that makes a query walk through much more than
// it would from its start.
func (f *finder) checkWork(ctx context.Context, match *Node) error {
	var nodes []Node
	for _, n := range leaves([]Node{*match}) {
		nodes = append(nodes, *n)
	}
	_, counts, err := f.sel.Count(ctx, nodes)
	var sum uint64
	for _, n := range counts {
		sum += n
	}
	if err == nil && sum > 8*wideBudget {
		err = &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.after"}
	}
	return err
}

// rank asks the engine, and keeps what it counted.
func (f *finder) rank(ctx context.Context, r Ranking) ([]Candidate, error) {
	r.Facets = f.query.Facets && f.facet == nil
	got, err := f.sel.Rank(ctx, r)
	if err != nil {
		return nil, err
	}
	f.total = got.Total
	if r.Facets {
		f.facet = got.Facets
	}
	return got.Documents, nil
}

// skip is how many documents Query.Offset leaves out.
func (f *finder) skip() int {
	if f.from != nil {
		return 0
	}
	return min(max(0, f.query.Offset), deepOffset)
}

// ordered are documents as the engine orders them.
func (f *finder) ordered(ctx context.Context, match *Node) ([]found, error) {
	r := Ranking{Match: match, Order: f.query.Sort, Limit: f.skip() + f.limit + 1}
	if f.from != nil {
		r.After = &f.from.last
	}
	docs, err := f.rank(ctx, r)
	if err != nil {
		return nil, err
	}
	if match != nil && f.total < fewHits && f.from == nil && !f.next.wide && !f.isLike() {
		if _, err := f.align(ctx, docs, true); err != nil || !f.whole {
			return f.widenedOr(ctx, match, err)
		}
	}
	var out []found
	for _, d := range docs[min(len(docs), f.skip()):] {
		out = append(out, found{Candidate: d, score: d.Score})
	}
	return out, nil
}

// best are documents by how well they answer. The best of the engine, the
// head, are aligned with the query; the others follow as the engine has them.
func (f *finder) best(ctx context.Context) ([]found, error) {
	if f.from != nil && !f.from.inHead {
		return f.tail(ctx, f.from.last, nil)
	}
	r := Ranking{Match: f.match, Limit: max(f.headSize(), f.skip()+f.limit+1)}
	if f.from != nil {
		r.Until, r.Limit = &f.from.edge, headGrowth*f.headSize()
	}
	docs, err := f.rank(ctx, r)
	if err != nil {
		return nil, err
	}
	n := len(docs)
	if f.from == nil {
		n = f.head(docs)
	}
	out, err := f.align(ctx, docs[:n], f.total < fewHits)
	n = len(out)
	if err != nil || f.from == nil && f.total < fewHits && !f.whole {
		return f.widenedOr(ctx, f.match, err)
	}
	for _, d := range docs[n:] {
		out = append(out, f.behind(d))
	}
	if out = f.rest(out); len(out) > f.limit || f.from == nil {
		return out, nil
	}
	return f.tail(ctx, f.from.edge, out)
}

// tail appends what the engine has behind a place to docs, to fill a page.
func (f *finder) tail(ctx context.Context, after Place, docs []found) ([]found, error) {
	more, err := f.rank(ctx, Ranking{Match: f.match, After: &after, Limit: f.limit + 1 - len(docs)})
	for _, d := range more {
		docs = append(docs, f.behind(d))
	}
	return docs, err
}

// behind is a document behind the head, scored below it.
func (f *finder) behind(d Candidate) found {
	out := found{Candidate: d, score: min(f.next.least, f.engineScore(d.Score))}
	for i := range out.Pages {
		out.Pages[i].Score = min(f.next.least, f.engineScore(out.Pages[i].Score))
	}
	return out
}

// rest is docs from where this page of results starts.
func (f *finder) rest(docs []found) []found {
	if f.from == nil {
		return docs[min(len(docs), f.skip()):]
	}
	last := found{Candidate: Candidate{Place: f.from.last}, score: f.from.last.Score}
	i, same := slices.BinarySearchFunc(docs, last, byScore)
	if same {
		i++
	}
	return docs[i:]
}

// byScore orders documents as they are shown.
func byScore(a, b found) int {
	return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.Document.String(), a.Document.String()))
}

// headSize is how many documents are aligned with the query.
func (f *finder) headSize() int {
	words := max(1, len(f.parsed.Words.Tokens))
	return max(rerankLeast, min(rerankMost, rerankWork/words))
}

// head is how many of docs are aligned: fewer where they have many pages, or
// are far behind the first.
func (f *finder) head(docs []Candidate) int {
	pages := 0
	for i, d := range docs[:min(len(docs), f.headSize())] {
		if pages += len(d.Pages); pages > f.headSize() && i > 0 || i >= alignStep && d.Score < headShare*docs[0].Score {
			return i
		}
	}
	return min(len(docs), f.headSize())
}

// align scores docs, which are in the engine's order, by their alignment with
// the query, and sorts them. On the first page of results it notes by what,
// and may align fewer: once no other can come before the best.
func (f *finder) align(ctx context.Context, docs []Candidate, all bool) ([]found, error) {
	var out []found
	best := 0. // score so far
	if f.from == nil && len(docs) > 0 {
		f.next.best, f.next.fit = docs[0].Score, 0
	}
	for i, d := range docs {
		if i%alignStep == 0 {
			if !all && f.from == nil && best >= f.mostFit()+f.engineScore(d.Score) {
				docs = docs[:i]
				break
			}
			if err := f.load(ctx, keysOf(docs[i:min(i+alignStep, len(docs))])); err != nil {
				return nil, err
			}
		}
		x := f.alignDoc(d)
		best = max(best, x.score)
		out = append(out, x)
	}
	slices.SortFunc(out, byScore)
	if f.from == nil && len(out) > 0 {
		f.next.edge, f.next.least = docs[len(docs)-1].Place, out[len(out)-1].score
	}
	return out, nil
}

// alignStep is how many documents are aligned before a look at whether that
// is enough.
const alignStep = 10

// alignDoc scores a document by its pages, and sorts them.
func (f *finder) alignDoc(d Candidate) found {
	for j, p := range d.Pages {
		key := PageKey{d.Document, p.Page}
		fit := f.fit(key)
		f.fits[key] = fit
		if f.from == nil {
			f.next.fit = max(f.next.fit, fit)
		}
		d.Pages[j].Score = fit + f.engineScore(p.Score)
	}
	slices.SortStableFunc(d.Pages, func(a, b PageScore) int { return cmp.Compare(b.Score, a.Score) })
	return found{Candidate: d, score: d.Pages[0].Score, inHead: true}
}

// engineScore is what the engine's score adds to an alignment's.
func (f *finder) engineScore(score float64) float64 {
	return engineShare * score / max(f.next.best, 1e-9)
}

// mostFit is the best fit there can be.
func (f *finder) mostFit() float64 {
	most := 2 + mostFields*fieldShare
	if len(f.matcher.codes) > 0 {
		most += codeShare
	}
	return most
}

// engineShare is the weight of the engine's score beside the alignments with
// text and metadata.
const engineShare = .7

// codeShare is the weight of holding the numbers of the query as a whole, and
// citedShare what of it remains where only the text has them: other papers
// cite a number too.
const (
	codeShare  = 1.0
	citedShare = .8
)

// fieldShare is the weight of a field of the metadata that the query has as a
// whole: who asks for a name does not mean a longer one.
const fieldShare = .3

// wideShare is how well a page of the wider plan must fit, as a share of the
// best one's fit: what is merely alike is not what was meant.
const wideShare = .75

// When few pages are found and one of them has at least this share of a
// telling query, in its order, others that are merely alike are not looked for.
const (
	wholeFit     = .95
	tellingWords = 3
)

// fit is how well a page answers the query, by its text and its metadata.
func (f *finder) fit(key PageKey) float64 {
	st := f.stored[key]
	if st == nil {
		return 0
	}
	place, textCode := f.alignStored(st.Text, st.Identities, st.text)
	f.places[key] = place
	meta, metaCode := f.alignStored(st.Meta, st.MetaIdentities, st.meta)
	f.whole = f.whole || f.telling() && max(place.score, meta.score) >= wholeFit
	return place.score + meta.score + codeShare*max(citedShare*textCode, metaCode) + fieldShare*float64(f.aligner.wholeFields())
}

// alignStored aligns a stored text with the query, and says what share of the
// query's numbers it has. Identity numbers, which are not in the text, matter
// only to a query that has one; cut gives them.
func (f *finder) alignStored(text, identities string, cut func() vi.Text) (place alignment, codes float64) {
	if identities != "" && len(f.parsed.Words.Identities) > 0 {
		t := cut()
		return f.aligner.align(t.Tokens), f.matcher.codeShare(t)
	}
	place = f.aligner.alignText(text)
	if f.aligner.mayHaveCode() {
		codes = f.matcher.codeShare(vi.Analyze(text))
	}
	return place, codes
}

// telling reports whether the query says enough for a page that has all of it
// to be what was meant: three words, or a number.
func (f *finder) telling() bool {
	tokens := f.parsed.Words.Tokens
	return len(tokens) >= tellingWords || slices.ContainsFunc(tokens, func(t vi.Token) bool {
		return strings.ContainsAny(t.Fold, "0123456789")
	})
}

// stands reports whether the phrases of the query stand on a page as they were
// asked for.
func (f *finder) stands(st *Stored) bool {
	return len(f.parsed.Phrases)+len(f.parsed.Without) == 0 || f.parsed.Stands(st.text(), st.meta())
}

// show makes the hits. A page that is gone meanwhile is left out, and so is
// one that the index took for having a phrase whose pairs stand apart.
func (f *finder) show(ctx context.Context, docs []found) ([]Hit, error) {
	var keys []PageKey
	for _, d := range docs {
		keys = append(keys, keysOf([]Candidate{d.Candidate})...)
	}
	if err := f.load(ctx, keys); err != nil {
		return nil, err
	}
	hits := make([]Hit, 0, len(docs))
	for _, d := range docs {
		h := Hit{Document: d.Document, Score: d.score}
		for _, p := range d.Pages {
			key := PageKey{d.Document, p.Page}
			if st := f.stored[key]; st != nil && f.stands(st) {
				h.Name, h.Dossier = st.Name, st.Dossier
				h.Pages = append(h.Pages, PageHit{p.Page, p.Score, f.snippet(key, st)})
			}
		}
		if len(h.Pages) > 0 {
			hits = append(hits, h)
		}
	}
	return hits, nil
}

// load fetches what is stored of pages not loaded yet.
func (f *finder) load(ctx context.Context, keys []PageKey) error {
	keys = slices.DeleteFunc(keys, func(k PageKey) bool { return f.stored[k] != nil })
	got, err := f.sel.Load(ctx, keys)
	if err != nil {
		return err
	}
	for i, k := range keys {
		f.stored[k] = got[i]
	}
	return nil
}

func keysOf(docs []Candidate) []PageKey {
	var keys []PageKey
	for _, d := range docs {
		for _, p := range d.Pages {
			keys = append(keys, PageKey{d.Document, p.Page})
		}
	}
	return keys
}
