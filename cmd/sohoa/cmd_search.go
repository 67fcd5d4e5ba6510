package main

import (
	"context"
	"encoding/json"
	"errors"
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
	force, err := a.forces(ctx, &results)
	if err != nil {
		return err
	}
	if err := a.notedSearch(ctx, q, results, c.Purpose); err != nil {
		return err
	}
	if c.JSON {
		return printHits(out.out, results, force)
	}
	for _, h := range results.Hits {
		mark := ""
		if f := force[h.Document]; f != sohoa.ForceIn {
			mark = "  (" + forceWords[set.Lang][f] + ")"
		}
		fmt.Fprintf(out.out, "%s  %s  [%s]%s\n", h.Document, h.Name, h.Dossier, mark)
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
	Force    sohoa.Force      `json:"force"` // what it is worth now
	Pages    []pageHitJSON    `json:"pages"`
}

type pageHitJSON struct {
	Page    int     `json:"page"`
	Score   float64 `json:"score"`
	Snippet string  `json:"snippet"` // hits in brackets
}

// forces are what the documents found are worth now. Those that are no more
// are taken out.
func (a *app) forces(ctx context.Context, results *search.Results) (map[sohoa.DocumentID]sohoa.Force, error) {
	force := map[sohoa.DocumentID]sohoa.Force{}
	hits := results.Hits[:0:0]
	for _, h := range results.Hits {
		doc, err := a.catalog.Document(ctx, sohoa.Everything, h.Document)
		if errors.Is(err, sohoa.ErrNotExist) || doc.State == sohoa.StateDestroying || doc.State == sohoa.StateDestroyed {
			continue
		}
		if err != nil {
			return nil, err
		}
		force[h.Document] = doc.Life.Force(time.Now())
		hits = append(hits, h)
	}
	results.Hits = hits
	return force, nil
}

func printHits(w io.Writer, results search.Results, force map[sohoa.DocumentID]sohoa.Force) error {
	enc := json.NewEncoder(w)
	for _, h := range results.Hits {
		line := hitJSON{Document: h.Document, Name: h.Name, Dossier: h.Dossier, Score: h.Score, Force: force[h.Document]}
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
