package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sohoa"
	"sohoa/archive/durable"
)

// lastBackupFile has in the data folder how the last daily back-up ended.
const lastBackupFile = "backup-last.json"

// lastBackup is how a daily back-up ended.
type lastBackup struct {
	Time     time.Time      `json:"time"`
	Snapshot string         `json:"snapshot,omitempty"`
	Damaged  int            `json:"damaged,omitempty"` // files of the archive that could not be read
	Problem  *sohoa.Problem `json:"problem,omitempty"`
}

// nextDaily is the first moment after now at which the clock in Việt Nam shows
// at ("HH:MM").
func nextDaily(now time.Time, at string) (time.Time, error) {
	clock, err := time.Parse("15:04", at)
	if err != nil {
		return time.Time{}, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "backup.at", Args: []string{at}}
	}
	day := now.In(sohoa.Hanoi)
	next := time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), 0, 0, sohoa.Hanoi)
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	return next, nil
}

// backUpDaily makes the back-ups that the settings ask for until ctx ends. One
// that fails is told of, and does not end the work.
func (e *engine) backUpDaily(ctx context.Context) error {
	if e.set.BackupAt == "" {
		return nil
	}
	for {
		next, err := nextDaily(time.Now(), e.set.BackupAt)
		if err != nil {
			return err
		}
		timer := time.NewTimer(time.Until(next))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := e.backUpNow(ctx, next.In(sohoa.Hanoi).Day() == 1); err != nil {
			return err
		}
	}
}

// backUpNow makes a back-up and notes how it ended.
func (a *app) backUpNow(ctx context.Context, full bool) error {
	snap, damaged, err := a.backUp(ctx, saving{full: full})
	if ctx.Err() != nil {
		return nil // the service ends; the next back-up goes on
	}
	last := lastBackup{Time: time.Now().UTC().Truncate(time.Second), Snapshot: snap.ID, Damaged: len(damaged)}
	if err != nil {
		last.Problem = sohoa.AsProblem(err)
		a.log.Error("daily back-up failed", "err", err)
	}
	for _, d := range damaged {
		a.log.Error("a file of the archive could not be backed up", "key", d.Key, "err", d.Err)
	}
	b, err := json.Marshal(last)
	if err != nil {
		return err
	}
	return durable.WriteFile(a.path(lastBackupFile), b)
}

// sayLastBackup tells how the last daily back-up ended, if it did not end well.
func sayLastBackup(set *settings, w io.Writer) error {
	b, err := os.ReadFile(filepath.Join(set.Data, lastBackupFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var last lastBackup
	if err == nil {
		err = json.Unmarshal(b, &last)
	}
	if err != nil || last.Problem == nil && last.Damaged == 0 {
		return err
	}
	at := last.Time.In(sohoa.Hanoi).Format("15:04 02/01/2006")
	if last.Problem == nil {
		_, err = fmt.Fprintln(w, set.in("Lần sao lưu hằng ngày gần nhất (%s) không đọc được %d tệp của kho lưu trữ; hãy chạy “sohoa fixity”.",
			"The last daily back-up (%s) could not read %d files of the archive; run “sohoa fixity”.", at, last.Damaged))
		return err
	}
	fmt.Fprintln(w, set.in("Lần sao lưu hằng ngày gần nhất (%s) không thành công:", "The last daily back-up (%s) failed:", at))
	report(last.Problem, set.Lang, w)
	return nil
}
