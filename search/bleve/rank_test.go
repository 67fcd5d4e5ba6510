package bleve

import (
	"syscall"
	"testing"
	"time"

	plain "github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
	"sohoa/search/vi"
)

// Sizes of the benchmark.
const (
	benchPapers  = 1_000
	benchQueries = 100
)

// benchAgency has a few of the papers.
const benchAgency = "H49.64.7"

// BenchmarkRetrieve fetches the best of an agency's papers for the pairs of a
// query: by our sets, weighed within the scope, and by bleve's own searchers
// with their scores, which come from all pages. Both on one index; the figure
// is CPU time. "alone" is an index without the papers out of scope: the
// difference is what hidden papers cost, and what time could tell of them.
func BenchmarkRetrieve(b *testing.B) {
	papers := searchtest.NewPapers(3, .05)
	var all, few []search.Change
	for n := range benchPapers {
		for _, d := range papers.Paper(n).Pages {
			if n%20 == 0 {
				d.Agency = benchAgency
				few = append(few, search.Change{Document: d.Document, Page: d.Page, Put: &d})
			}
			all = append(all, search.Change{Document: d.Document, Page: d.Page, Put: &d})
		}
	}
	g, alone := filled(b, all), filled(b, few)
	var asked [][]string
	for _, q := range papers.Sought(3, benchPapers, benchQueries) {
		asked = append(asked, vi.Pairs(vi.Analyze(q.Text).Tokens))
	}
	agency := sohoa.Scope{Agencies: []string{benchAgency}}
	for _, x := range []struct {
		name  string
		in    *generation
		scope sohoa.Scope
	}{{"everything", g, sohoa.Everything}, {"agency", g, agency}, {"alone", alone, agency}} {
		b.Run(x.name+"/ours", func(b *testing.B) { measure(b, asked, func(pairs []string) { byOurs(b, x.in, x.scope, pairs) }) })
		b.Run(x.name+"/searchers", func(b *testing.B) { measure(b, asked, func(pairs []string) { bySearchers(b, x.in, x.scope, pairs) }) })
	}
}

// filled is a generation with changes in it.
func filled(b *testing.B, changes []search.Change) *generation {
	g, err := createGeneration(b.TempDir()+"/v", search.NewPrivacy(search.IdentityKey{1}))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := g.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := g.Apply(b.Context(), changes, 1); err != nil {
		b.Fatal(err)
	}
	return g
}

// measure reports the CPU time of f.
func measure(b *testing.B, asked [][]string, f func([]string)) {
	for _, pairs := range asked {
		f(pairs) // what is made once is made now
	}
	start := processTime()
	for i := 0; b.Loop(); i++ {
		f(asked[i%len(asked)])
	}
	b.ReportMetric(float64((processTime()-start).Microseconds())/float64(b.N), "CPU-µs/op")
}

func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pairFields are where pairs stand.
var pairFields = []string{search.FieldPairs, search.FieldBody, search.FieldMetaPairs}

func byOurs(b *testing.B, g *generation, scope sohoa.Scope, pairs []string) {
	s, err := g.Select(b.Context(), scope, search.Filtering{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var leaves []search.Node
	for _, p := range pairs {
		for _, field := range pairFields {
			leaves = append(leaves, search.Node{Field: field, Term: p})
		}
	}
	_, counts, err := s.Count(b.Context(), leaves)
	if err != nil {
		b.Fatal(err)
	}
	for i := range leaves {
		leaves[i].Weight = 1 / float64(1+counts[i])
	}
	if _, err := s.Rank(b.Context(), search.Ranking{Match: &search.Node{Any: leaves}, Limit: 100}); err != nil {
		b.Fatal(err)
	}
}

func bySearchers(b *testing.B, g *generation, scope sohoa.Scope, pairs []string) {
	term := func(field, term string) query.Query {
		q := query.NewTermQuery(term)
		q.SetField(field)
		return q
	}
	var any []query.Query
	for _, p := range pairs {
		for _, field := range pairFields {
			any = append(any, term(field, p))
		}
	}
	q := query.NewBooleanQuery([]query.Query{query.NewDisjunctionQuery(any)}, nil, nil)
	if !scope.All {
		q.AddFilter(term(search.FieldReaders, scope.Agencies[0]))
	}
	req := plain.NewSearchRequestOptions(q, 100, 0, false)
	req.SortBy([]string{"-_score", "-_id"})
	if _, err := g.ix.SearchInContext(b.Context(), req); err != nil {
		b.Fatal(err)
	}
}
