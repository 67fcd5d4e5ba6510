package ocfl

import (
	"context"
	"fmt"
	"iter"
	"path"
	"strings"
)

// Place is one thing that Walk comes by: an object, or a file that belongs to
// none.
type Place struct {
	ID    ID     // empty for a file that belongs to no object
	Key   string // the object's folder, without a slash at the end, or the file
	Files int
	Bytes int64
}

// Walk yields what is in the root in the order of keys, beginning after the
// key after, as it is listed: an object is one if anything is at its place,
// declared or not. Files of the root itself are left out. It ends after the
// first error.
func (s *Store) Walk(ctx context.Context, after string) iter.Seq2[Place, error] {
	return func(yield func(Place, error) bool) {
		var at Place
		done := func() bool { return at.Key != "" && at.Key > after && !yield(at, nil) }
		for info, err := range s.fs.blobs.List(ctx, s.dir+"/") {
			if err != nil {
				yield(Place{}, fmt.Errorf("list the storage root: %w", err))
				return
			}
			if s.isRootFile(info.Key) {
				continue
			}
			if at.ID == "" || !strings.HasPrefix(info.Key, at.Key+"/") {
				if done() {
					return
				}
				at = s.placeOf(ctx, info.Key)
			}
			at.Files++
			at.Bytes += info.Size
		}
		done()
	}
}

// placeOf finds the object that a file belongs to.
func (s *Store) placeOf(ctx context.Context, key string) Place {
	for i := len(s.dir) + 1; i < len(key); i++ {
		if key[i] != '/' {
			continue
		}
		dir := key[:i]
		id := ID(idPrefix + path.Base(dir))
		if p, err := s.path(id); err == nil && p == dir {
			return Place{ID: id, Key: dir}
		}
	}
	// In layouts where folders do not bear names the inventory knows.
	if dir, ok := strings.CutSuffix(key, "/"+objectDeclaration); ok {
		if id, err := s.idAt(ctx, dir); err == nil {
			return Place{ID: id, Key: dir}
		}
	}
	return Place{Key: key}
}

// Has reports whether there is anything of an object.
func (s *Store) Has(ctx context.Context, id ID) (bool, error) {
	dir, err := s.path(id)
	if err != nil {
		return false, err
	}
	key, err := s.anyOf(ctx, dir)
	return key != "", err
}

// anyOf is the key of a file that is there of an object; empty if there is none.
func (s *Store) anyOf(ctx context.Context, dir string) (string, error) {
	for info, err := range s.fs.blobs.List(ctx, dir+"/") {
		return info.Key, err
	}
	return "", nil
}
