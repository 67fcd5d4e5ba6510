package backup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// Finding is something in a repository that is not as it should be.
type Finding struct {
	Name     string   // of the file in the repository
	Err      error    // the Problem "backup.missing" or "backup.damaged"
	Keys     []string // of the archive that it stands for; maxFindingKeys at most
	Snapshot string   // the newest that needs it
}

// Checked counts what Check saw.
type Checked struct {
	Snapshots int
	Files     int64 // that snapshots need
	Bytes     int64
	Extra     int64 // files that none needs: of an interrupted back-up, or removed by the next Forget
	Damaged   int64
}

// maxFindingKeys bounds Finding.Keys.
const maxFindingKeys = 100

// Check looks whether every snapshot has all that it needs, and with read
// whether every file has the bytes that it had. It calls each for what is
// wrong. Who calls it holds a Lock to Read.
func (r *Repository) Check(ctx context.Context, read bool, each func(Finding)) (Checked, error) {
	c := checking{Repository: r, read: read, each: each}
	err := c.run(ctx)
	return c.Checked, err
}

type checking struct {
	*Repository
	Checked
	read bool
	each func(Finding)
	bad  map[sohoa.Digest]error
	all  []Snapshot
}

func (c *checking) run(ctx context.Context) (err error) {
	if err := c.snapshots(ctx); err != nil {
		return err
	}
	n, err := newNeeded(c.temp)
	if err != nil {
		return err
	}
	defer n.close()
	c.bad = map[sohoa.Digest]error{}
	for _, s := range c.all {
		err := c.need(ctx, n, s, func(l List, err error) error {
			c.bad[l.Digest] = err
			return nil
		})
		if err != nil {
			return err
		}
	}
	for i := range n.buckets {
		if err := c.bucket(ctx, n, i); err != nil {
			return fmt.Errorf("check back-up: %w", err)
		}
	}
	return c.report(ctx)
}

// snapshots reads the snapshots one by one, so that one that is damaged is
// named and the others are checked.
func (c *checking) snapshots(ctx context.Context) error {
	for info, err := range c.store.List(ctx, snapshotsDir) {
		if err != nil {
			return err
		}
		s, err := c.readSnapshot(ctx, info.Key)
		switch {
		case errors.Is(err, sohoa.ErrVerification):
			c.Damaged++
			c.each(Finding{Name: info.Key, Err: err})
		case err != nil:
			return err
		default:
			c.all = append(c.all, s)
		}
	}
	c.Checked.Snapshots = len(c.all)
	slices.SortFunc(c.all, func(a, b Snapshot) int { return b.Time.Compare(a.Time) })
	return nil
}

// bucket checks the files whose digest begins with a byte.
func (c *checking) bucket(ctx context.Context, n *needed, i int) error {
	want, err := n.bucket(i)
	if err != nil {
		return err
	}
	c.Files += int64(len(want))
	type result struct {
		digest sohoa.Digest
		err    error
	}
	err = ordered(ctx, c.dataFiles(ctx, i), func(ctx context.Context, info archive.BlobInfo) (result, error) {
		d, err := sohoa.ParseDigest(info.Key[strings.LastIndexByte(info.Key, '/')+1:])
		if err != nil {
			return result{}, nil // not ours: it counts as extra
		}
		size, ok := want[d]
		switch {
		case !ok:
			return result{}, nil
		case size != unknownSize && size != info.Size:
			return result{d, problem(sohoa.ErrVerification, "backup.damaged", info.Key)}, nil
		case !c.read:
			return result{d, nil}, nil
		}
		err = c.verify(ctx, d)
		if err != nil && !errors.Is(err, sohoa.ErrVerification) {
			return result{}, err
		}
		return result{d, err}, nil
	}, func(res result) error {
		if res.digest.IsZero() {
			c.Extra++
			return nil
		}
		c.Bytes += max(want[res.digest], 0)
		delete(want, res.digest)
		if res.err != nil {
			c.bad[res.digest] = res.err
		}
		return nil
	})
	for d := range want {
		c.bad[d] = problem(sohoa.ErrVerification, "backup.missing", dataKey(d))
	}
	return err
}

// dataFiles lists the files whose digest begins with a byte.
func (r *Repository) dataFiles(ctx context.Context, i int) iter.Seq2[archive.BlobInfo, error] {
	return r.store.List(ctx, fmt.Sprintf("%s%02x/", dataDir, i))
}

// report tells what is bad, and what for.
func (c *checking) report(ctx context.Context) error {
	if len(c.bad) == 0 {
		return nil
	}
	c.Damaged += int64(len(c.bad))
	found := map[sohoa.Digest]*Finding{}
	note := func(d sohoa.Digest, s Snapshot, key string) {
		err, ok := c.bad[d]
		if !ok {
			return
		}
		if found[d] == nil {
			found[d] = &Finding{Name: dataKey(d), Err: err, Snapshot: s.ID}
		}
		if f := found[d]; len(f.Keys) < maxFindingKeys && !slices.Contains(f.Keys, key) {
			f.Keys = append(f.Keys, key)
		}
	}
	for _, s := range c.all { // the newest first
		note(s.Catalogue.Digest, s, "catalogue")
		for _, k := range s.Keys {
			note(k.Digest, s, k.Path)
		}
		for _, l := range s.Lists {
			note(l.Digest, s, l.Folder)
			for e, err := range c.list(ctx, l) {
				if errors.Is(err, sohoa.ErrVerification) {
					break // it is one of the bad
				}
				if err != nil {
					return err
				}
				note(e.Digest, s, e.Key)
			}
		}
	}
	for _, f := range found {
		c.each(*f)
	}
	return nil
}
