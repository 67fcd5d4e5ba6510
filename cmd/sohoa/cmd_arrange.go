package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"sohoa"
)

// arrangeCmd shows or sets the pages of a document that is not signed yet.
type arrangeCmd struct {
	ID    string `arg:"" help:"Document ID."`
	Pages string `arg:"" optional:"" help:"The pages that it shall have, such as 1,3-5,2@90; none shows those that it has."`
	Undo  bool   `help:"Take back the last change."`
	JSON  bool   `name:"json" help:"The arrangement as one JSON object."`
}

// Help implements kong's hook for long help.
func (arrangeCmd) Help() string {
	return `PAGES lists all pages of the document in order, joined by commas:

  3        page 3 of its original, wherever it stands now
  3-5      pages 3, 4 and 5; 5-3 in reverse
  2@90     page 2 turned clockwise by 90 degrees (180, 270, -90), beyond the turn that was found
  ID:7     page 7 of the original of another document of the same dossier, which gives it up

Pages left out of the list are dropped; name them again to have them back. The document is held by
it: it is signed after 'sohoa release ID'.`
}

// Run implements the command.
func (c *arrangeCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		now, err := a.service.Arrangement(ctx, doc.ID)
		if err != nil {
			return err
		}
		switch {
		case c.Undo:
			now, err = a.service.Undo(ctx, actor(), now)
		case c.Pages != "":
			if now.Pages, err = sohoa.ParsePages(doc.ID, c.Pages); err != nil {
				return err
			}
			now, err = a.service.Arrange(ctx, actor(), now)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(now)
		}
		return printArrangement(out.out, set.Lang, now)
	})
}

// printArrangement writes the pages in the form in which they are given.
func printArrangement(w io.Writer, lang sohoa.Lang, a sohoa.Arrangement) error {
	if _, err := fmt.Fprintln(w, sohoa.FormatPages(a.Document, a.Pages)); err != nil || len(a.Dropped) == 0 {
		return err
	}
	format := "  bỏ ra: %s\n"
	if lang == sohoa.English {
		format = "  dropped: %s\n"
	}
	_, err := fmt.Fprintf(w, format, sohoa.FormatPages(a.Document, a.Dropped))
	return err
}

// withDocument opens the archive for work on one document.
func withDocument(ctx context.Context, set *settings, log *slog.Logger, id string, f func(*app, sohoa.Document) error) error {
	return withArchive(ctx, set, log, func(a *app) error {
		doc, err := a.document(ctx, id)
		if err != nil {
			return err
		}
		return f(a, doc)
	})
}

// splitCmd makes two documents of one.
type splitCmd struct {
	ID    string `arg:"" help:"Document ID."`
	After int    `arg:"" help:"The last page that stays, counted as the pages stand now."`
	JSON  bool   `name:"json" help:"The new document as one JSON object."`
}

// Run implements the command.
func (c *splitCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		now, err := a.service.Arrangement(ctx, doc.ID)
		if err != nil {
			return err
		}
		part, err := a.service.Split(ctx, actor(), now, c.After)
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(part)
		}
		_, err = fmt.Fprintln(out.out, summary(part, set.Lang))
		return err
	})
}

// holdCmd keeps a document from being signed.
type holdCmd struct {
	ID string `arg:"" help:"Document ID."`
}

// Run implements the command.
func (c *holdCmd) Run(ctx context.Context, set *settings, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		return a.service.Hold(ctx, actor(), doc.ID)
	})
}

// releaseCmd lets a held document go on; it returns when that is kept. One
// that is not held is left as it is.
type releaseCmd struct {
	ID string `arg:"" help:"Document ID."`
}

// Run implements the command.
func (c *releaseCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		after, err := a.catalog.Head(ctx)
		if err != nil {
			return err
		}
		if err := a.service.Release(ctx, actor(), doc.ID); err != nil || !doc.Held {
			return err
		}
		e, err := a.start(ctx)
		if err != nil {
			return err
		}
		job := &adding{app: a, progress: newProgress(out.err, set.Lang), waiting: map[sohoa.DocumentID]bool{doc.ID: true}}
		job.done = func(d sohoa.Document) error {
			_, err := fmt.Fprintln(out.out, summary(d, set.Lang))
			return err
		}
		err = job.finish(ctx, e, after)
		if e != nil {
			err = errors.Join(err, e.Stop())
		}
		if err == nil && job.failed > 0 {
			return quietError(exitFailed)
		}
		return err
	})
}
