package main

import (
	"context"
	"fmt"
	"log/slog"

	"sohoa"
)

// reindexCmd rebuilds the search index from the journal.
type reindexCmd struct{}

// Run implements the command.
func (c *reindexCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := a.reindex(ctx); err != nil {
		return fmt.Errorf("rebuild search index: %w", err)
	}
	head, err := a.catalog.Head(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out.out, "journal %d\n", head)
	return nil
}

// reindex builds the index anew: here, or in the process that holds it, which
// searches with the old one meanwhile.
func (a *app) reindex(ctx context.Context) error {
	here := func() error {
		idx, err := a.openIndex()
		if err != nil {
			return err
		}
		defer idx.Close()
		return idx.Rebuild(ctx, a.feed())
	}
	return a.hereOrThere(ctx, here, func() error { return a.askControl(ctx, "POST", "/reindex", nil, nil) })
}

// mustHold takes the lock or says who has it.
func (a *app) mustHold() (release func(), err error) {
	release, ok, err := a.hold()
	if err == nil && !ok {
		err = &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "data.busy", Args: []string{a.set.Data}}
	}
	return release, err
}

// recoverCmd rebuilds the catalogue from the storage root.
type recoverCmd struct{}

// Run implements the command.
func (c *recoverCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	release, err := a.mustHold()
	if err != nil {
		return err
	}
	defer release()
	failed := false
	n, err := a.service.Recover(ctx, func(id sohoa.DocumentID, err error) {
		if err != nil {
			failed = true
			fmt.Fprintf(out.err, "%s: ", id)
			report(err, set.Lang, out.err)
			return
		}
		fmt.Fprintln(out.out, id)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out.err, "%d\n", n)
	if n > 0 {
		fmt.Fprintln(out.err, set.in("Người dùng không có trong kho lưu trữ; lần “sohoa serve” tới sẽ in liên kết đặt mật khẩu quản trị viên nếu chưa có ai. Nay hãy chạy “sohoa reindex”.",
			"Users are not in the storage root: the next “sohoa serve” prints a link for an administrator if there is none. Now run “sohoa reindex”."))
	}
	if failed {
		return quietError(exitFailed)
	}
	return nil
}
