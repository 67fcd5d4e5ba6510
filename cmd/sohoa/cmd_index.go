package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
)

// indexCmd looks after the search index.
type indexCmd struct {
	Verify indexVerifyCmd `cmd:"" help:"Check the files of the search index, and compare it with the catalogue."`
}

// indexVerifyCmd verifies the index. The exit status is 4 if something is not
// as it should be.
type indexVerifyCmd struct {
	Repair bool `help:"Index what differs again; rebuild a damaged index."`
	JSON   bool `name:"json" help:"Print the result as JSON."`
}

// Run implements the command.
func (c *indexVerifyCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withArchive(ctx, set, log, func(a *app) error {
		h, err := a.verifyIndex(ctx, c.Repair)
		if err != nil {
			return fmt.Errorf("verify search index: %w", err)
		}
		if c.JSON {
			err = json.NewEncoder(out.out).Encode(h)
		} else {
			printHealth(out.out, set, h)
		}
		if err == nil && (len(h.Damaged) > 0 || h.Verified == nil || !h.Verified.Sound()) {
			err = quietError(exitVerification)
		}
		return err
	})
}

func printHealth(w io.Writer, set *settings, h search.Health) {
	for _, name := range h.Damaged {
		fmt.Fprintln(w, set.in("%s: tệp chỉ mục hỏng", "%s: damaged index file", name))
	}
	v := h.Verified
	if v == nil {
		return
	}
	fmt.Fprintln(w, set.in("%d tài liệu, %d trang; thiếu %d, thừa %d, cũ %d", "%d documents, %d pages; %d missing, %d extra, %d outdated",
		v.Documents, v.Pages, v.Missing, v.Extra, v.Outdated))
	for _, page := range v.Examples {
		fmt.Fprintln(w, page)
	}
	if v.Repaired {
		fmt.Fprintln(w, set.in("Đã lập chỉ mục lại các trang này.", "These pages are indexed again."))
	}
}

// verifyIndex examines the index here, or has the process that holds it do so.
func (a *app) verifyIndex(ctx context.Context, repair bool) (h search.Health, err error) {
	here := func() error {
		idx, err := a.openIndex()
		if err != nil {
			return err
		}
		defer idx.Close()
		if err := search.CatchUp(ctx, idx, a.feed()); err != nil {
			return err
		}
		if err := idx.CaughtUp(ctx); err != nil {
			return err
		}
		h, err = idx.Examine(ctx, a.feed(), repair)
		return err
	}
	there := func() error {
		return a.askControl(ctx, "POST", "/index/verify", url.Values{"repair": {strconv.FormatBool(repair)}}, &h)
	}
	return h, a.hereOrThere(ctx, here, there)
}

// When the index is looked at as a whole: at a time of day, and once a machine
// that was off then has run for a while.
const (
	neverVerify  = "never"
	verifyMissed = 25 * time.Hour
	verifySoon   = 10 * time.Minute
)

// keeping reads the settings of looking after the index.
func (set *settings) keeping() (bleve.Keeping, error) {
	if set.IndexVerifyAt == neverVerify {
		return bleve.Keeping{Next: func(time.Time) time.Time { return time.Now().AddDate(100, 0, 0) }}, nil
	}
	if _, err := nextDaily(time.Now(), set.IndexVerifyAt); err != nil {
		return bleve.Keeping{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "search.verify-at", Args: []string{set.IndexVerifyAt}}
	}
	return bleve.Keeping{Next: func(last time.Time) time.Time {
		now := time.Now()
		next, err := nextDaily(now, set.IndexVerifyAt)
		if err != nil || now.Sub(last) > verifyMissed && next.Sub(now) > verifySoon {
			return now.Add(verifySoon)
		}
		return next
	}}, nil
}
