package bleve_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// BenchmarkSuggest asks for suggestions among the metadata of 20,000 pages,
// or of as many as SOHOA_BENCH_PAGES says, for a clerk of one agency of 200, for
// a district of 20, and for who may see all of them. Texts are left away: suggestions do not read them.
func BenchmarkSuggest(b *testing.B) {
	pages := 20_000
	if n, err := strconv.Atoi(os.Getenv("SOHOA_BENCH_PAGES")); err == nil {
		pages = n
	}
	idx := metadataOf(b, pages)
	typed := []string{"ng", "nguyen", "nguyễn v", "Trần Thị H", "thi", "qd-u", "12/", "H49.64.3", "0123", "dang ky k", "quyet d",
		"giấy", "ddawng", "xyzw", "đơn của nguyễn th", "a b c d e f"}
	var district []string
	for n := range 20 {
		district = append(district, fmt.Sprintf("H49.64.%d", n))
	}
	for _, scope := range []struct {
		name  string
		scope sohoa.Scope
	}{{"agency", sohoa.Scope{Agencies: []string{"H49.64.3"}}}, {"district", sohoa.Scope{Agencies: district}}, {"all", sohoa.Everything}} {
		b.Run(fmt.Sprintf("%s/%d", scope.name, pages), func(b *testing.B) {
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				if _, err := idx.Suggest(b.Context(), typed[i%len(typed)], scope.scope); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "us-p50")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "us-p99")
		})
	}
}

// metadataOf opens an index of the metadata of pages.
func metadataOf(b *testing.B, pages int) search.Index {
	idx, _, err := bleve.Open(b.TempDir(), search.Privacy{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := idx.Close(); err != nil {
			b.Error(err)
		}
	})
	papers := searchtest.NewPapers(7, 0)
	var changes []search.Change
	for n, done := 0, 0; done < pages; n++ {
		for _, d := range papers.Paper(n).Pages {
			d.Text = ""
			changes = append(changes, search.Change{Document: d.Document, Page: d.Page, Put: &d})
		}
		if len(changes) >= 1000 || done+len(changes) >= pages {
			if err := idx.Apply(b.Context(), changes, uint64(n)); err != nil {
				b.Fatal(err)
			}
			done, changes = done+len(changes), changes[:0]
		}
	}
	return idx
}
