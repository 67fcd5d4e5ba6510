package ocfl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// destruction is what stands in a note instead of a version's number when an
// object is being destroyed.
const destruction = "destroy"

// destroyed is the number by which noted tells of a destruction.
const destroyed = -1

// Contents returns every file that the versions of an object refer to, with
// its path inside the object, each once, and the number of the newest version.
// It is sohoa.ErrNotExist if there is no object. The files are not read.
func (s *Store) Contents(ctx context.Context, id ID) ([]sohoa.DestroyedFile, int, error) {
	dir, err := s.path(id)
	if err != nil {
		return nil, 0, err
	}
	inv, err := s.inventory(ctx, id, dir)
	if err != nil {
		return nil, 0, fmt.Errorf("read object %s: %w", id, err)
	}
	sizes, err := s.sizes(ctx, dir)
	if err != nil {
		return nil, 0, err
	}
	paths := maps.Collect(inv.Manifest.Paths())
	var files []sohoa.DestroyedFile
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		d, err := digestOf(inv, paths[name])
		if err != nil {
			return nil, 0, err
		}
		files = append(files, sohoa.DestroyedFile{Path: name, Size: sizes[path.Join(dir, name)], Digest: d})
	}
	return files, inv.Head.Num(), nil
}

// Destroy removes an object with all of its versions, durably. It is for
// approved disposals and for nothing else. From the moment it has noted what
// it is about, nobody reads the object; cut off, it is finished by the next
// Destroy or Commit of the object, or by Recover. An object that is not there
// is no error.
//
// A store that keeps versions of its own must be an archive.Purger, or they
// remain. Errors: those of the store; as long as there is one, some of the
// object may be left, and Destroy is to be done again.
func (s *Store) Destroy(ctx context.Context, id ID) error {
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	defer s.lock(id)()
	if err := s.checkUnlocked(ctx, id); err != nil {
		return fmt.Errorf("destroy %s: %w", id, err)
	}
	if err := s.destroy(ctx, id, dir); err != nil {
		return fmt.Errorf("destroy %s: %w", id, err)
	}
	return nil
}

func (s *Store) destroy(ctx context.Context, id ID, dir string) error {
	if _, err := s.fs.blobs.Put(ctx, s.pending+id.name(), strings.NewReader(destruction)); err != nil {
		return err
	}
	return s.finishDestroying(ctx, id, dir)
}

// finishDestroying removes what is left of an object, its inventory first, and
// then the note.
func (s *Store) finishDestroying(ctx context.Context, id ID, dir string) error {
	for _, name := range []string{inventoryFile, sidecarFile} {
		if err := archive.Purge(ctx, s.fs.eraser, path.Join(dir, name)); err != nil {
			return err
		}
	}
	if err := archive.PurgeAll(ctx, s.fs.eraser, dir+"/"); err != nil {
		return err
	}
	if key, err := s.anyOf(ctx, dir); err != nil || key != "" {
		return cmp.Or(err, fmt.Errorf("%s is still there: %w", key, sohoa.ErrUnavailable))
	}
	return archive.Purge(ctx, s.fs.eraser, s.pending+id.name())
}

// Remains returns the key of a file that is left of an object, or of the note
// that it is being destroyed; empty if there is none.
func (s *Store) Remains(ctx context.Context, id ID) (string, error) {
	dir, err := s.path(id)
	if err != nil {
		return "", err
	}
	if key, err := s.anyOf(ctx, dir); err != nil || key != "" {
		return key, err
	}
	note := s.pending + id.name()
	_, err = s.fs.blobs.Stat(ctx, note)
	if errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return note, err
}
