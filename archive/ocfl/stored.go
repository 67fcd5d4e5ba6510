package ocfl

import (
	"context"
	"fmt"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// Stored calls each for the files of an object as they are stored, with
// their names inside of it: all that somebody needs who has nothing but OCFL.
// It is sohoa.ErrNotExist if there is no object, and ends with the first error
// of each.
func (s *Store) Stored(ctx context.Context, id ID, each func(name string, b archive.BlobInfo) error) error {
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	found := false
	for info, err := range s.fs.blobs.List(ctx, dir+"/") {
		if err != nil {
			return err
		}
		found = true
		if err := each(strings.TrimPrefix(info.Key, dir+"/"), info); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("object %s: %w", id, sohoa.ErrNotExist)
	}
	return nil
}
