package backup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// Dumper is a catalogue that can be copied while it is used.
type Dumper interface {
	// Dump writes the catalogue as it is at one moment to a new file, and
	// says of what kind the file is and which entry of the journal is its
	// newest.
	Dump(ctx context.Context, file string) (kind string, newest sohoa.Entry, err error)
}

// Source is what a snapshot is taken of.
type Source struct {
	Catalogue Dumper
	Objects   archive.Blobs
	Keeper    *ocfl.Store // of the root in Objects
	Skip      []string    // prefixes of keys that can be made again
	Work      string      // prefix of files of documents that are not kept; they are copied before all others
	Keys      []KeyFile   // Setting and Path of those that are to be in the snapshot
	Settings  map[string]string
	Program   string
	Full      bool           // read everything again, here and in the repository
	Progress  func(Snapshot) // optional; called now and then with what is done
	Now       func() time.Time
}

// Damage is a file of the archive that could not be read. It is not in the
// snapshot, or as it was in the one before.
type Damage struct {
	Key string
	Err error
}

// saving is a snapshot being taken.
type saving struct {
	repo *Repository
	src  Source
	snap *Snapshot
	last Snapshot // the newest before, zero if none

	mu      sync.Mutex // guards damaged
	damaged []Damage
}

// Save takes a snapshot. Who calls it holds a Lock to Write. Damage of the
// archive does not end it.
func (r *Repository) Save(ctx context.Context, src Source) (Snapshot, []Damage, error) {
	began := src.Now().UTC()
	s := &saving{repo: r, src: src, snap: &Snapshot{Format: Format, Time: began.Truncate(time.Second), Program: src.Program, Full: src.Full, Settings: src.Settings}}
	all, err := r.Snapshots(ctx)
	if err != nil {
		return *s.snap, nil, err
	}
	if len(all) > 0 && !src.Full {
		s.last = all[len(all)-1]
	}
	for _, step := range []func(context.Context) error{s.catalogue, s.work, s.kept, s.keys} {
		if err := step(ctx); err != nil {
			return *s.snap, s.damaged, err
		}
	}
	s.snap.Took = src.Now().Sub(began)
	if err := r.putSnapshot(ctx, s.snap); err != nil {
		return *s.snap, s.damaged, fmt.Errorf("finish snapshot: %w", err)
	}
	return *s.snap, s.damaged, nil
}

// catalogue copies the catalogue.
func (s *saving) catalogue(ctx context.Context) error {
	dir, err := os.MkdirTemp(s.repo.temp, "backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "catalogue")
	kind, newest, err := s.src.Catalogue.Dump(ctx, name)
	if err != nil {
		return fmt.Errorf("copy the catalogue: %w", err)
	}
	got, err := s.putFile(ctx, name)
	if err != nil {
		return fmt.Errorf("copy the catalogue: %w", err)
	}
	s.snap.Catalogue = Catalogue{kind, got.Size, got.Digest, Head{newest.Seq, newest.Hash}}
	return nil
}

func (s *saving) putFile(ctx context.Context, name string) (stored, error) {
	f, err := os.Open(name)
	if err != nil {
		return stored{}, err
	}
	got, err := s.repo.put(ctx, f, s.src.Full)
	s.count(got)
	return got, errors.Join(err, f.Close())
}

func (s *saving) count(got stored) {
	if got.New {
		s.snap.Added += got.Size
	}
}

// keys copies the files that settings name.
func (s *saving) keys(ctx context.Context) error {
	for _, k := range s.src.Keys {
		got, err := s.putFile(ctx, k.Path)
		if err != nil {
			return fmt.Errorf("copy %s: %w", k.Path, err)
		}
		k.Size, k.Digest = got.Size, got.Digest
		s.snap.Keys = append(s.snap.Keys, k)
	}
	return nil
}

// work copies what belongs to documents that are not kept.
func (s *saving) work(ctx context.Context) error {
	return s.copy(ctx, s.src.Objects.List(ctx, s.src.Work), func(l List) bool { return strings.HasPrefix(l.Folder, s.src.Work) })
}

// kept copies all else, object by object.
func (s *saving) kept(ctx context.Context) error {
	return s.copy(ctx, s.others(ctx), func(l List) bool { return !strings.HasPrefix(l.Folder, s.src.Work) })
}

// others lists what is neither work nor skipped.
func (s *saving) others(ctx context.Context) iter.Seq2[archive.BlobInfo, error] {
	return func(yield func(archive.BlobInfo, error) bool) {
		for info, err := range s.src.Objects.List(ctx, "") {
			if err == nil && s.skipped(info.Key) {
				continue
			}
			if !yield(info, err) {
				return
			}
		}
	}
}

func (s *saving) skipped(key string) bool {
	for _, prefix := range append([]string{s.src.Work, s.src.Keeper.Pending()}, s.src.Skip...) {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// known is a folder with what the last snapshot says of its files.
type known struct {
	ocfl.Folder
	last map[string]Entry
}

// copied is a folder that is in the repository.
type copied struct {
	entries []Entry
	added   int64
	object  bool
}

// copy copies a listing. lists are those of the last snapshot that are of it.
func (s *saving) copy(ctx context.Context, list iter.Seq2[archive.BlobInfo, error], lists func(List) bool) error {
	w := listWriter{saving: s}
	err := ordered(ctx, s.remember(ctx, ocfl.Folders(list), lists), s.folder, func(c copied) error {
		s.snap.Added += c.added
		if c.object && len(c.entries) > 0 {
			s.snap.Objects++
		}
		if s.src.Progress != nil {
			s.src.Progress(*s.snap)
		}
		return w.add(ctx, c.entries)
	})
	if err != nil {
		return fmt.Errorf("copy objects: %w", err)
	}
	return w.flush(ctx)
}

// remember looks up what the last snapshot has of each folder. Both are in the
// order of keys.
func (s *saving) remember(ctx context.Context, folders iter.Seq2[ocfl.Folder, error], lists func(List) bool) iter.Seq2[known, error] {
	return func(yield func(known, error) bool) {
		next, stop := iter.Pull2(s.repo.entries(ctx, s.last, lists))
		defer stop()
		e, err, ok := next()
		for f, listErr := range folders {
			k := known{f, map[string]Entry{}}
			for _, info := range f.Files {
				for ok && err == nil && e.Key < info.Key {
					e, err, ok = next()
				}
				if ok && err == nil && e.Key == info.Key {
					k.last[e.Key] = e
				}
			}
			// A list that cannot be read makes everything new.
			if !yield(k, listErr) || listErr != nil {
				return
			}
		}
	}
}

// folder copies one object, or file.
func (s *saving) folder(ctx context.Context, k known) (c copied, err error) {
	c.object = k.Dir != ""
	files, err := s.src.Keeper.Settle(ctx, k.Folder)
	if err != nil {
		return c, err
	}
	for _, f := range files {
		e, added, err := s.file(ctx, f, k.last[f.Key])
		if errors.Is(err, sohoa.ErrNotExist) {
			continue // kept, or destroyed, meanwhile
		}
		if err != nil {
			return c, err
		}
		c.entries = append(c.entries, e)
		c.added += added
	}
	return c, nil
}

// clockMargin is how much older than a snapshot a file must be for its time to
// tell whether it changed since: stores count in seconds, with other clocks.
const clockMargin = time.Minute

func (s *saving) unchanged(f ocfl.Settled, last Entry) bool {
	return f.Bytes == nil && !last.Digest.IsZero() && f.Size == last.Size && f.Modified.Equal(last.Modified) &&
		(s.src.Keeper.IsContent(f.Key) || s.last.Time.Sub(f.Modified) > clockMargin)
}

// file copies one file, unless the last snapshot has it.
func (s *saving) file(ctx context.Context, f ocfl.Settled, last Entry) (Entry, int64, error) {
	if s.unchanged(f, last) {
		return last, 0, nil
	}
	got, err := s.read(ctx, f)
	var bad *unreadable
	if errors.As(err, &bad) && !errors.Is(err, sohoa.ErrNotExist) {
		s.mu.Lock()
		s.damaged = append(s.damaged, Damage{f.Key, bad.error})
		s.mu.Unlock()
		if last.Digest.IsZero() {
			err = sohoa.ErrNotExist
			return Entry{}, 0, err
		}
		return last, 0, nil
	}
	if err != nil {
		return Entry{}, 0, err
	}
	e := Entry{Key: f.Key, Size: got.Size, Digest: got.Digest, Modified: f.Modified}
	if got.New {
		return e, got.Size, nil
	}
	return e, 0, nil
}

func (s *saving) read(ctx context.Context, f ocfl.Settled) (stored, error) {
	if f.Bytes != nil {
		return s.repo.put(ctx, bytes.NewReader(f.Bytes), s.src.Full)
	}
	b, err := s.src.Objects.Open(ctx, f.Key)
	if err != nil {
		return stored{}, damage(ctx, err)
	}
	got, err := s.repo.put(ctx, sourceReader{ctx, b}, s.src.Full)
	return got, errors.Join(err, b.Close())
}

// unreadable is an error of the archive, not of the repository.
type unreadable struct{ error }

// Unwrap returns what happened.
func (u *unreadable) Unwrap() error { return u.error }

// damage tells a file that cannot be read from a store that does not answer.
func damage(ctx context.Context, err error) error {
	if errors.Is(err, sohoa.ErrUnavailable) || errors.Is(err, sohoa.ErrForbidden) || errors.Is(err, sohoa.ErrNotExist) || ctx.Err() != nil {
		return err
	}
	return &unreadable{err}
}

type sourceReader struct {
	ctx context.Context
	r   io.Reader
}

func (s sourceReader) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		err = damage(s.ctx, err)
	}
	return n, err
}

// listWriter writes the lists of a snapshot.
type listWriter struct {
	*saving
	list  List
	lines bytes.Buffer
}

// listFolder is the folder whose list a key is in: at most two names.
func listFolder(key string) string {
	first, rest, ok := strings.Cut(key, "/")
	second, _, deeper := strings.Cut(rest, "/")
	switch {
	case !ok:
		return ""
	case !deeper:
		return first + "/"
	}
	return first + "/" + second + "/"
}

func (w *listWriter) add(ctx context.Context, entries []Entry) error {
	for _, e := range entries {
		folder := listFolder(e.Key)
		if w.list.Files > 0 && (folder != w.list.Folder || w.list.Files >= maxListFiles) {
			if err := w.flush(ctx); err != nil {
				return err
			}
		}
		w.list.Folder = folder
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		w.lines.Write(append(line, '\n'))
		w.list.Files++
		w.snap.Files++
		w.snap.Bytes += e.Size
	}
	return nil
}

func (w *listWriter) flush(ctx context.Context) error {
	if w.list.Files == 0 {
		return nil
	}
	got, err := w.repo.put(ctx, &w.lines, w.src.Full)
	if err != nil {
		return fmt.Errorf("write list of %s: %w", w.list.Folder, err)
	}
	w.count(got)
	w.list.Digest = got.Digest
	w.snap.Lists = append(w.snap.Lists, w.list)
	w.list, w.lines = List{}, bytes.Buffer{}
	return nil
}
