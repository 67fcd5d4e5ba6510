package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"sohoa"
	"sohoa/archive/backup"
)

// backupCmd makes and looks after back-ups.
type backupCmd struct {
	Save   backupSaveCmd   `cmd:"" default:"withargs" help:"Take a snapshot of the archive, also while it is worked on."`
	List   backupListCmd   `cmd:"" help:"List the snapshots."`
	Check  backupCheckCmd  `cmd:"" help:"Check that every snapshot has what it needs."`
	Forget backupForgetCmd `cmd:"" help:"Remove old snapshots, and what none needs any more."`
}

// backupSaveCmd takes a snapshot.
type backupSaveCmd struct {
	Dest     string `arg:"" optional:"" help:"A folder on another medium, or s3:PREFIX; default is backup_dir."`
	Full     bool   `help:"Read everything again, in the archive and in the back-up (monthly)."`
	WithKeys bool   `help:"Take the key, certificate and settings files along, as they are."`
	JSON     bool   `name:"json" help:"Print the snapshot as JSON."`
}

// Run implements the command.
func (c *backupSaveCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	a, err := openStored(ctx, set, log)
	if err != nil {
		return err
	}
	defer a.Close()
	p := newProgress(out.err, set.Lang)
	defer p.end()
	snap, damaged, err := a.backUp(ctx, saving{dest: c.Dest, full: c.Full, keys: c.WithKeys, progress: func(s backup.Snapshot) {
		p.line(set.in("đã sao lưu %d tài liệu, %d tệp", "%d documents, %d files", s.Objects, s.Files))
	}})
	p.clear()
	if err != nil {
		return err
	}
	if err := printSnapshot(out.out, set, snap, c.JSON); err != nil {
		return err
	}
	if !c.WithKeys {
		fmt.Fprintln(out.err, set.in("Bản sao lưu không có tệp khóa và cấu hình; hãy cất riêng, hoặc dùng --with-keys.",
			"Keys and settings files are not in it: keep them elsewhere, or use --with-keys."))
	}
	for _, d := range damaged {
		fmt.Fprintf(out.err, "%s: ", d.Key)
		report(d.Err, set.Lang, out.err)
	}
	if len(damaged) > 0 {
		return quietError(exitVerification)
	}
	return nil
}

// snapshotJSON is a line of `sohoa backup list --json`.
type snapshotJSON struct {
	ID        string           `json:"id"`
	Time      time.Time        `json:"time"`
	Seconds   float64          `json:"seconds"`
	Full      bool             `json:"full"`
	Program   string           `json:"program"`
	Objects   int64            `json:"objects"`
	Files     int64            `json:"files"`
	Bytes     int64            `json:"bytes"`
	Added     int64            `json:"added"`
	Keys      int              `json:"keys"`
	Catalogue backup.Catalogue `json:"catalogue"`
}

func printSnapshot(w io.Writer, set *settings, s backup.Snapshot, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(snapshotJSON{s.ID, s.Time, s.Took.Seconds(), s.Full, s.Program, s.Objects, s.Files, s.Bytes, s.Added, len(s.Keys), s.Catalogue})
	}
	kind := set.in("tăng thêm", "incremental")
	if s.Full {
		kind = set.in("toàn bộ", "full")
	}
	_, err := fmt.Fprintf(w, "%s  %s  %-11s %s\n", s.ID, s.Time.In(sohoa.Hanoi).Format("15:04 02/01/2006"), kind,
		set.in("%d tài liệu, %d tệp, %s (mới %s), nhật ký đến %d", "%d documents, %d files, %s (%s new), journal up to %d",
			s.Objects, s.Files, megabytes(s.Bytes), megabytes(s.Added), s.Catalogue.Head.Seq))
	return err
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// backupListCmd lists snapshots.
type backupListCmd struct {
	Dest string `arg:"" optional:"" help:"The back-up; default is backup_dir."`
	JSON bool   `name:"json" help:"One object a line."`
}

// Run implements the command.
func (c *backupListCmd) Run(ctx context.Context, set *settings, out *streams) error {
	err := withBackup(ctx, set, backupUse{dest: c.Dest, use: backup.Read}, func(ctx context.Context, repo *backup.Repository) error {
		all, err := repo.Snapshots(ctx)
		if err != nil {
			return err
		}
		for _, s := range all {
			if err := printSnapshot(out.out, set, s, c.JSON); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sayLastBackup(set, out.err)
}

// backupCheckCmd checks a repository.
type backupCheckCmd struct {
	Dest     string `arg:"" optional:"" help:"The back-up; default is backup_dir."`
	ReadData bool   `help:"Read every file and compare it with its digest."`
}

// Run implements the command. The exit status is 4 if something is wrong.
func (c *backupCheckCmd) Run(ctx context.Context, set *settings, out *streams) error {
	var checked backup.Checked
	err := withBackup(ctx, set, backupUse{dest: c.Dest, use: backup.Read}, func(ctx context.Context, repo *backup.Repository) (err error) {
		checked, err = repo.Check(ctx, c.ReadData, func(f backup.Finding) {
			fmt.Fprintf(out.out, "%s\n", sohoa.AsProblem(f.Err).Text(set.Lang))
			for _, key := range f.Keys {
				fmt.Fprintf(out.out, "    %s  %s\n", f.Snapshot, key)
			}
		})
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out.err, set.in("%d bản chụp, %d tệp, %d hỏng, %d không còn cần", "%d snapshots, %d files, %d damaged, %d not needed",
		checked.Snapshots, checked.Files, checked.Damaged, checked.Extra))
	if checked.Damaged > 0 {
		return quietError(exitVerification)
	}
	return nil
}

// backupForgetCmd removes old snapshots.
type backupForgetCmd struct {
	Dest        string `arg:"" optional:"" help:"The back-up; default is backup_dir."`
	KeepDaily   int    `default:"30" help:"Days of which the newest snapshot stays."`
	KeepMonthly int    `default:"12" help:"Months of which the newest snapshot stays."`
}

// Run implements the command.
func (c *backupForgetCmd) Run(ctx context.Context, set *settings, out *streams) error {
	return withBackup(ctx, set, backupUse{dest: c.Dest, use: backup.Remove}, func(ctx context.Context, repo *backup.Repository) error {
		gone, err := repo.Forget(ctx, backup.Policy{Daily: c.KeepDaily, Monthly: c.KeepMonthly})
		for _, s := range gone {
			fmt.Fprintln(out.out, s.ID)
		}
		if err != nil {
			return err
		}
		pruned, err := repo.Prune(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintln(out.err, set.in("%d bản chụp, %d tệp (%s) đã xóa", "%d snapshots, %d files (%s) removed",
			len(gone), pruned.Files, megabytes(pruned.Bytes)))
		return nil
	})
}
