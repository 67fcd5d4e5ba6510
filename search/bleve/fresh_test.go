package bleve_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// Documents that change while BenchmarkFreshness looks for pages, and the
// pages of each.
const (
	changingDocs  = 20
	changingPages = 200
)

// BenchmarkFreshness reports how long after its journal entry a page is
// found: with nothing else to do, behind 4,000 pages of documents
// whose state changed, and while the index is rebuilt besides. "in-order" is
// the second with an index that takes the journal in as it comes.
func BenchmarkFreshness(b *testing.B) {
	for _, tt := range []struct {
		name           string
		busy, rebuilds bool
		follow         func(context.Context, search.Index, search.Source) error
	}{
		{"idle", false, false, search.Follow},
		{"busy", true, false, search.Follow},
		{"busy-and-rebuilt", true, true, search.Follow},
		{"busy-in-order", true, false, inOrder},
	} {
		b.Run(tt.name, func(b *testing.B) {
			ctx, cancel := context.WithCancel(b.Context())
			src, papers := searchtest.NewSource(), searchtest.NewPapers(3, .04)
			idx, _, err := bleve.Open(b.TempDir(), search.Privacy{})
			if err != nil {
				b.Fatal(err)
			}
			defer idx.Close()
			for i := range 2000 {
				d := papers.Paper(i).Pages[0]
				src.Put(d, sohoa.ActionRead)
			}
			if err := search.CatchUp(ctx, idx, src); err != nil {
				b.Fatal(err)
			}
			if tt.busy {
				change(src)
			}
			work := []func(){func() { tt.follow(ctx, idx, src) }}
			if tt.rebuilds {
				work = append(work, func() {
					for ctx.Err() == nil {
						idx.Rebuild(ctx, src)
					}
				})
			}
			done := make(chan struct{})
			for _, f := range work {
				go func() { f(); done <- struct{}{} }()
			}
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				took = append(took, untilFound(b, idx, src, i))
			}
			cancel()
			for range work {
				<-done
			}
			slices.Sort(took)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ms(took[len(took)/2]), "ms-p50")
			b.ReportMetric(ms(took[len(took)*99/100]), "ms-p99")
			b.ReportMetric(ms(took[len(took)-1]), "ms-max")
		})
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// inOrder follows the journal in its order.
func inOrder(ctx context.Context, idx search.Index, src search.Source) error {
	for ctx.Err() == nil {
		if err := search.CatchUp(ctx, idx, src); err != nil {
			return err
		}
		cursor, err := idx.Cursor(ctx)
		if err != nil {
			return err
		}
		if err := src.(search.Waiter).Wait(ctx, cursor); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// change journals that documents with many pages changed their state.
func change(src *searchtest.Source) {
	papers := searchtest.NewPapers(4, .04)
	for doc := range changingDocs {
		var d search.PageDoc
		for i := range changingPages {
			d = papers.Paper(i).Pages[0]
			d.Document, d.Page = searchtest.ID(100_000+doc), i+1
			src.Put(d, sohoa.ActionView) // of no concern to an index
		}
		src.Put(d, sohoa.ActionKeep)
	}
}

// untilFound journals a page with words of its own and waits until it is
// found, looking every few milliseconds.
func untilFound(b *testing.B, idx search.Index, src *searchtest.Source, i int) time.Duration {
	d := scan(200_000 + i)
	d.Text = fmt.Sprintf("%s thẻ mượn sách zq%dx", d.Text, i)
	start := time.Now()
	src.Put(d, sohoa.ActionRead)
	for {
		res, err := idx.Search(b.Context(), search.Query{Text: fmt.Sprintf(`"zq%dx"`, i), Scope: sohoa.Everything})
		if err != nil {
			b.Fatal(err)
		}
		if res.Total > 0 {
			return time.Since(start)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
