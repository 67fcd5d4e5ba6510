package backup

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"sohoa"
)

// Repository holds snapshots. Its methods are safe for concurrent use; who
// changes it holds a Lock.
type Repository struct {
	store Store
	temp  string
}

const (
	repositoryFile = "backup.json"
	snapshotsDir   = "snapshots/"
	dataDir        = "data/"
)

// Create opens the repository in store, and makes it where there is nothing.
// It is the Problem "backup.other" if something else is there. Large files
// pass through the folder temp; empty is that of the system.
func Create(ctx context.Context, store Store, temp string) (*Repository, error) {
	r, err := Open(ctx, store, temp)
	if !errors.Is(err, sohoa.ErrNotExist) {
		return r, err
	}
	for info, err := range store.List(ctx, "") {
		if err != nil {
			return nil, err
		}
		return nil, problem(sohoa.ErrConflict, "backup.other", info.Key)
	}
	b, err := json.Marshal(map[string]any{"format": Format, "created": time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return nil, err
	}
	_, err = store.Put(ctx, repositoryFile, bytes.NewReader(b))
	return &Repository{store, temp}, err
}

// Open opens the repository in store. The Problem "backup.none" says that
// there is none.
func Open(ctx context.Context, store Store, temp string) (*Repository, error) {
	r := &Repository{store, temp}
	b, err := r.small(ctx, repositoryFile)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, problem(sohoa.ErrNotExist, "backup.none")
	}
	if err != nil {
		return nil, fmt.Errorf("open back-up: %w", err)
	}
	var said struct{ Format string }
	if err := json.Unmarshal(b, &said); err != nil || said.Format != Format {
		return nil, problem(sohoa.ErrInvalid, "backup.format", cmp.Or(said.Format, repositoryFile))
	}
	return r, nil
}

// small reads a file whole.
func (r *Repository) small(ctx context.Context, key string) ([]byte, error) {
	f, err := r.store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSnapshotBytes))
	return b, errors.Join(err, f.Close())
}

// Snapshots returns all snapshots, the oldest first. One that cannot be read
// is the Problem "backup.damaged".
func (r *Repository) Snapshots(ctx context.Context) (all []Snapshot, err error) {
	for info, err := range r.store.List(ctx, snapshotsDir) {
		if err != nil {
			return nil, fmt.Errorf("list snapshots: %w", err)
		}
		s, err := r.readSnapshot(ctx, info.Key)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue // forgotten meanwhile
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Snapshot) int { return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.ID, b.ID)) })
	return all, nil
}

// Snapshot finds a snapshot by its ID, the beginning of one that fits no
// other, or "latest".
func (r *Repository) Snapshot(ctx context.Context, id string) (Snapshot, error) {
	all, err := r.Snapshots(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	if id == "latest" && len(all) > 0 {
		return all[len(all)-1], nil
	}
	var found []Snapshot
	for _, s := range all {
		if id != "" && strings.HasPrefix(s.ID, id) {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		return Snapshot{}, problem(sohoa.ErrNotExist, "backup.snapshot", id)
	}
	return found[0], nil
}

// readSnapshot reads a snapshot; its name has its digest.
func (r *Repository) readSnapshot(ctx context.Context, key string) (s Snapshot, err error) {
	b, err := r.small(ctx, key)
	if err != nil {
		return s, err
	}
	s.ID = strings.TrimSuffix(strings.TrimPrefix(key, snapshotsDir), ".json")
	_, digest, _ := strings.Cut(s.ID, "-")
	if digest != sohoa.Sum(b).String()[:16] {
		return s, problem(sohoa.ErrVerification, "backup.damaged", key)
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("%s: %w: %w", key, sohoa.ErrVerification, err)
	}
	if s.Format != Format {
		return s, problem(sohoa.ErrInvalid, "backup.format", s.Format)
	}
	return s, nil
}

// putSnapshot makes a snapshot appear.
func (r *Repository) putSnapshot(ctx context.Context, s *Snapshot) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	s.ID = s.Time.UTC().Format("20060102T150405Z") + "-" + sohoa.Sum(b).String()[:16]
	_, err = r.store.Put(ctx, snapshotsDir+s.ID+".json", bytes.NewReader(b))
	return err
}

// stored is what became of a file.
type stored struct {
	Size   int64
	Digest sohoa.Digest
	New    bool // the repository did not have it
}

// put stores what src has. If again, what is there already is read, and
// replaced if it is not what it should be.
func (r *Repository) put(ctx context.Context, src io.Reader, again bool) (s stored, err error) {
	h := sha256.New()
	src = io.TeeReader(src, h)
	var head bytes.Buffer
	n, err := io.CopyN(&head, src, maxInMemory)
	if err != nil && err != io.EOF {
		return s, err
	}
	body := io.ReadSeeker(bytes.NewReader(head.Bytes()))
	if n == maxInMemory {
		f, err := os.CreateTemp(r.temp, "backup-*")
		if err != nil {
			return s, err
		}
		defer f.Close()
		if err := os.Remove(f.Name()); err != nil { // it is gone when it is closed
			return s, err
		}
		if n, err = io.Copy(f, io.MultiReader(&head, src)); err != nil {
			return s, err
		}
		body = f
	}
	s = stored{Size: n, Digest: sohoa.Digest(h.Sum(nil))}
	there, err := r.has(ctx, s, again)
	if err != nil || there {
		return s, err
	}
	s.New = true
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return s, err
	}
	return s, r.write(ctx, s.Digest, body)
}

// write stores a file whose digest is known.
func (r *Repository) write(ctx context.Context, d sohoa.Digest, body io.Reader) error {
	_, err := r.store.Put(ctx, dataKey(d), &verifier{r: body, h: sha256.New(), want: d, name: dataKey(d)})
	return err
}

// has reports whether a file is in the repository.
func (r *Repository) has(ctx context.Context, s stored, read bool) (bool, error) {
	info, err := r.store.Stat(ctx, dataKey(s.Digest))
	if errors.Is(err, sohoa.ErrNotExist) {
		return false, nil
	}
	if err != nil || info.Size != s.Size || !read {
		return err == nil && info.Size == s.Size, err
	}
	err = r.verify(ctx, s.Digest)
	if errors.Is(err, sohoa.ErrVerification) {
		return false, nil
	}
	return err == nil, err
}

// verify reads a file to its end. The Problem "backup.damaged" says that it
// is not what it was, "backup.missing" that it is not there.
func (r *Repository) verify(ctx context.Context, d sohoa.Digest) error {
	f, err := r.open(ctx, d)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, f)
	return errors.Join(err, f.Close())
}

// open opens a file; it is verified when it has been read to its end.
func (r *Repository) open(ctx context.Context, d sohoa.Digest) (io.ReadCloser, error) {
	f, err := r.store.Open(ctx, dataKey(d))
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, problem(sohoa.ErrVerification, "backup.missing", dataKey(d))
	}
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&verifier{r: f, h: sha256.New(), want: d, name: dataKey(d)}, f}, nil
}
