package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/search"
)

// searchCmd finds documents by their text.
type searchCmd struct {
	Query []string `arg:"" help:"What to look for; several words are one query."`
	JSON  bool     `name:"json" help:"One hit a line as JSON."`
	Limit int      `default:"20" help:"Documents at most."`

	Purpose string `help:"What it is looked up for, as the code of the dossier at hand; the journal keeps that."`
}

// Run implements the command.
func (c *searchCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	q := search.Query{Text: strings.Join(c.Query, " "), Scope: sohoa.Everything, Limit: c.Limit}
	results, err := a.search(ctx, q)
	if err != nil {
		return err
	}
	if err := a.notedSearch(ctx, q, results, c.Purpose); err != nil {
		return err
	}
	if c.JSON {
		return printHits(out.out, results)
	}
	for _, h := range results.Hits {
		fmt.Fprintf(out.out, "%s  %s  [%s]\n", h.Document, h.Name, h.Dossier)
		for _, p := range h.Pages {
			fmt.Fprintf(out.out, "    p.%d  %s\n", p.Page, marked(p.Snippet))
		}
	}
	more := ""
	if results.More {
		more = "+"
	}
	fmt.Fprintf(out.err, "%d%s\n", results.Total, more)
	return nil
}

// marked writes a snippet on one line with its hits in brackets.
func marked(spans []search.Span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Marked {
			b.WriteString("[" + s.Text + "]")
			continue
		}
		b.WriteString(s.Text)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// hitJSON is one line of `sohoa search --json`.
type hitJSON struct {
	Document sohoa.DocumentID `json:"document"`
	Name     string           `json:"name"`
	Dossier  string           `json:"dossier"`
	Score    float64          `json:"score"`
	Pages    []pageHitJSON    `json:"pages"`
}

type pageHitJSON struct {
	Page    int     `json:"page"`
	Score   float64 `json:"score"`
	Snippet string  `json:"snippet"` // hits in brackets
}

func printHits(w io.Writer, results search.Results) error {
	enc := json.NewEncoder(w)
	for _, h := range results.Hits {
		line := hitJSON{Document: h.Document, Name: h.Name, Dossier: h.Dossier, Score: h.Score}
		for _, p := range h.Pages {
			line.Pages = append(line.Pages, pageHitJSON{p.Page, p.Score, marked(p.Snippet)})
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// search answers q with all that is in the journal now: by the process that
// holds the index, or by opening it.
func (a *app) search(ctx context.Context, q search.Query) (results search.Results, err error) {
	here := func() (err error) {
		results, err = a.searchHere(ctx, q)
		return err
	}
	there := func() error {
		form := url.Values{"q": {q.Text}, "limit": {strconv.Itoa(q.Limit)}}
		return a.askControl(ctx, "GET", "/search", form, &results)
	}
	return results, a.hereOrThere(ctx, here, there)
}

// searchHere opens the index and searches; the caller has the lock.
func (a *app) searchHere(ctx context.Context, q search.Query) (search.Results, error) {
	idx, err := a.openIndex()
	if err != nil {
		return search.Results{}, err
	}
	defer idx.Close()
	if err := search.CatchUp(ctx, idx, a.feed()); err != nil {
		return search.Results{}, err
	}
	if err := idx.CaughtUp(ctx); err != nil {
		return search.Results{}, err
	}
	return idx.Search(ctx, q)
}

// indexPause is the pause between two looks at an index that is catching up.
const indexPause = 20 * time.Millisecond

// waitIndexed returns when idx has taken in the journal up to head.
func waitIndexed(ctx context.Context, idx search.Index, head uint64) error {
	tick := time.NewTicker(indexPause)
	defer tick.Stop()
	for {
		cursor, err := idx.Cursor(ctx)
		if err != nil || cursor >= head {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
