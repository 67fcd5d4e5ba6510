package searchtest_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

// clean are papers as they were written.
func clean(seed uint64) *searchtest.Papers { return searchtest.NewPapers(seed, 0) }

func TestPapersFollowFromSeedAndNumber(t *testing.T) {
	a, b := searchtest.NewPapers(3, .05), searchtest.NewPapers(3, .05)
	for _, n := range []int{70_001, 2, 0} { // in any order
		got, want := a.Paper(n).Pages, b.Paper(n).Pages
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b sohoa.DocumentID) bool { return a == b })); diff != "" {
			t.Errorf("paper %d a second time (-want +got):\n%s", n, diff)
		}
		if id := want[0].Document; searchtest.PaperNumber(id) != n {
			t.Errorf("PaperNumber(%s) = %d, want %d", id, searchtest.PaperNumber(id), n)
		}
	}
	if diff := cmp.Diff(clean(3).Sought(1, 500, 40), a.Sought(1, 500, 40), cmp.Comparer(func(a, b searchtest.Sought) bool { return a.Text == b.Text && a.Want == b.Want })); diff != "" {
		t.Errorf("queries depend on the errors (-clean +misread):\n%s", diff)
	}
}

// TestPapersAreMisread counts the words of a page that its clean text lacks.
func TestPapersAreMisread(t *testing.T) {
	for _, rate := range []float64{.02, .05} {
		papers, whole := searchtest.NewPapers(1, rate), clean(1)
		words, wrong := 0, 0
		for n := range 400 {
			want := whole.Paper(n).Pages
			for i, p := range papers.Paper(n).Pages {
				words += len(strings.Fields(want[i].Text))
				wrong += missing(want[i], p)
			}
		}
		got := float64(wrong) / float64(words)
		if math.Abs(got-rate) > .4*rate {
			t.Errorf("%.3f of the words are misread, want about %.2f", got, rate)
		}
	}
}

// missing counts the words of want that got lacks.
func missing(want, got search.PageDoc) int {
	left := map[string]int{}
	for _, w := range strings.Fields(got.Text) {
		left[w]++
	}
	n := 0
	for _, w := range strings.Fields(want.Text) {
		if left[w]--; left[w] < 0 {
			n++
		}
	}
	return n
}

func TestSoughtPapersAreRight(t *testing.T) {
	papers := searchtest.NewPapers(5, .05)
	kinds := map[string]int{}
	for _, q := range papers.Sought(9, 900, 200) {
		kinds[q.Kind]++
		if p := papers.Paper(searchtest.PaperNumber(q.Want)); !p.Answers(q) {
			t.Errorf("%s %q: the paper meant does not answer it", q.Kind, q.Text)
		}
	}
	for _, k := range searchtest.Kinds {
		if kinds[k] != 20 {
			t.Errorf("%d queries of kind %q, want 20", kinds[k], k)
		}
	}
}

func BenchmarkPapers(b *testing.B) {
	papers := searchtest.NewPapers(1, .05)
	pages := 0
	for n := 0; b.Loop(); n++ {
		pages += len(papers.Paper(n).Pages)
	}
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "pages/s")
}
