package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"sohoa"
	"sohoa/archive/backup"
)

// restoreCmd restores an archive.
type restoreCmd struct {
	Snapshot     string `arg:"" help:"A snapshot, the beginning of its name, or 'latest'."`
	From         string `placeholder:"DEST" help:"The back-up; default is backup_dir."`
	Into         string `placeholder:"DATA" help:"The new data folder; default is that of --data. With --verify: where there is room for it."`
	Verify       bool   `help:"Only try it out: restore into a temporary place, compare, and remove it again."`
	AcceptDamage bool   `help:"Accept that files which the back-up has damaged are not restored."`
}

// Run implements the command. The exit status is 4 if something is not as it
// should be.
func (c *restoreCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	if !c.Verify {
		return c.restore(ctx, set, out, log)
	}
	dir, err := os.MkdirTemp(c.Into, "sohoa-restore-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	drill := *set
	drill.Store = "local"
	c.Into = filepath.Join(dir, "data")
	return c.restore(ctx, &drill, out, log)
}

// restore brings the archive back, into an empty place or one where that was
// cut off.
func (c *restoreCmd) restore(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	into := *set
	if c.Into != "" {
		abs, err := filepath.Abs(c.Into)
		if err != nil {
			return err
		}
		into.Data = abs
	}
	return withBackup(ctx, set, backupUse{dest: c.From, use: backup.Read}, func(ctx context.Context, repo *backup.Repository) error {
		snap, err := repo.Snapshot(ctx, c.Snapshot)
		if err != nil {
			return err
		}
		r := restoring{app: &app{set: &into, log: log, restoring: true}, repo: repo, snap: snap, out: out, drill: c.Verify}
		defer r.Close()
		return r.run(ctx, c.AcceptDamage)
	})
}

// run does all steps; each may be cut off and done again.
func (r *restoring) run(ctx context.Context, acceptDamage bool) error {
	release, err := r.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	for _, step := range []func(context.Context) error{r.objects, r.catalogue, r.keys} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if r.damaged > 0 && !acceptDamage {
		return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "restore.damaged", Args: []string{fmt.Sprint(r.damaged)}}
	}
	for _, step := range []func(context.Context) error{r.reconcile, r.check} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if r.findings+r.damaged > 0 {
		return quietError(exitVerification)
	}
	return nil
}
