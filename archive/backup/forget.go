package backup

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sohoa"
)

// Policy says which snapshots stay. The newest always does.
type Policy struct {
	Daily   int // the newest of each of so many days that have one
	Monthly int // the newest of each of so many months that have one
}

// split parts snapshots, the oldest first, into those that stay and those that
// go. Days are those in Việt Nam.
func (p Policy) split(all []Snapshot) (keep, forget []Snapshot) {
	days, months := map[string]bool{}, map[string]bool{}
	for i := len(all) - 1; i >= 0; i-- {
		at := all[i].Time.In(sohoa.Hanoi)
		day, month := at.Format("2006-01-02"), at.Format("2006-01")
		stays := i == len(all)-1
		if !days[day] && len(days) < p.Daily {
			days[day], stays = true, true
		}
		if !months[month] && len(months) < p.Monthly {
			months[month], stays = true, true
		}
		if stays {
			keep = append(keep, all[i])
		} else {
			forget = append(forget, all[i])
		}
	}
	return keep, forget
}

// Pruned counts what Prune removed.
type Pruned struct {
	Files int64
	Bytes int64
}

// Forget removes the snapshots that a policy does not keep, and returns them.
// Their files stay until Prune. Who calls it holds a Lock to Remove.
func (r *Repository) Forget(ctx context.Context, p Policy) ([]Snapshot, error) {
	all, err := r.Snapshots(ctx)
	if err != nil {
		return nil, fmt.Errorf("nothing is forgotten: %w", err)
	}
	_, gone := p.split(all)
	for i, s := range gone {
		if err := r.store.Remove(ctx, snapshotsDir+s.ID+".json"); err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return gone[:i], err
		}
	}
	return gone, nil
}

// Prune removes the files that no snapshot needs. If any snapshot or list
// cannot be read it removes nothing. Who calls it holds a Lock to Remove.
func (r *Repository) Prune(ctx context.Context) (done Pruned, err error) {
	all, err := r.Snapshots(ctx)
	if err != nil {
		return done, fmt.Errorf("nothing is removed: %w", err)
	}
	n, err := newNeeded(r.temp)
	if err != nil {
		return done, err
	}
	defer n.close()
	for _, s := range all {
		if err := r.need(ctx, n, s, func(_ List, err error) error { return err }); err != nil {
			return done, fmt.Errorf("nothing is removed: %w", err)
		}
	}
	for i := range n.buckets {
		if err := r.pruneBucket(ctx, n, i, &done); err != nil {
			return done, fmt.Errorf("prune: %w", err)
		}
	}
	return done, nil
}

func (r *Repository) pruneBucket(ctx context.Context, n *needed, i int, done *Pruned) error {
	want, err := n.bucket(i)
	if err != nil {
		return err
	}
	for info, err := range r.dataFiles(ctx, i) {
		if err != nil {
			return err
		}
		d, err := sohoa.ParseDigest(info.Key[strings.LastIndexByte(info.Key, '/')+1:])
		if _, ok := want[d]; ok || err != nil {
			continue // needed, or not ours
		}
		if err := r.store.Remove(ctx, info.Key); err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		done.Files++
		done.Bytes += info.Size
	}
	return nil
}
