package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive/moving"
)

// migrateCmd moves the object store while it is used.
type migrateCmd struct {
	To   string  `required:"" enum:"local,s3" help:"Where the objects go: local (the data folder), or s3, as the settings s3_* say."`
	Rate float64 `placeholder:"MB/S" help:"Megabytes a second that are copied at most; default is no bound."`
}

// Run implements the command. The process that works on the data folder does
// it, if there is one; else this one.
func (c *migrateCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	if c.To == set.Store {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "move.same"}
	}
	p := newProgress(out.err, set.Lang)
	a := &app{set: set, log: log}
	show := func(done moving.Progress) {
		p.line(set.in("%s: đã xem %d tệp, đã chép %d (%s)", "%s: %d files seen, %d copied (%s)",
			done.Phase, done.Seen, done.Copied, megabytes(done.Bytes)))
	}
	err := a.hereOrThere(ctx, func() error { return c.here(ctx, set, log, show) }, func() error { return c.there(ctx, a, show) })
	p.clear()
	if err != nil {
		return err
	}
	to := target(set, c.To)
	fmt.Fprintln(out.out, set.in("Kho đối tượng nay ở %s. Hãy đổi cấu hình (%s) trước lần khởi động sau. Kho cũ còn nguyên; hãy tự xóa sau khi đã kiểm tra.",
		"The object store is now %s. Change the settings (%s) before the next start. The old store is untouched; remove it yourself after a check.",
		to.note.To, to.note.Settings))
	return nil
}

// here moves the store in this process.
func (c *migrateCmd) here(ctx context.Context, set *settings, log *slog.Logger, show func(moving.Progress)) error {
	a := &app{set: set, log: log, migrating: true}
	defer a.Close()
	if err := a.openStores(ctx); err != nil {
		return err
	}
	return a.move(ctx, target(set, c.To), c.Rate, show)
}

// pollMove is how often the process that moves is asked how far it is.
const pollMove = 500 * time.Millisecond

// there has the process that holds the data folder move the store.
func (c *migrateCmd) there(ctx context.Context, a *app, show func(moving.Progress)) error {
	to := a.set.s3Settings
	if to.S3CA != "" {
		to.S3CA, _ = filepath.Abs(a.set.find(to.S3CA)) // that process may have another working folder
	}
	s3, err := json.Marshal(to)
	if err != nil {
		return err
	}
	form := url.Values{"to": {c.To}, "rate": {strconv.FormatFloat(c.Rate, 'g', -1, 64)}, "s3": {string(s3)}}
	ended := make(chan error, 1)
	go func() { ended <- a.askControl(ctx, "POST", "/move", form, nil) }()
	tick := time.NewTicker(pollMove)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		var done moving.Progress
		if err := a.askControl(ctx, "GET", "/move", nil, &done); err == nil {
			show(done)
		}
	}
}
