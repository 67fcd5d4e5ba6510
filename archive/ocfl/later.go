package ocfl

import (
	"context"
	"fmt"

	"github.com/srerickson/ocfl-go/extension"

	"sohoa/archive"
)

// OpenLater is Open, of which the store is not needed yet: the root is opened,
// or made, when the first method needs it, and that method fails where it
// cannot be. It is for a root that may be away when the program starts.
func OpenLater(blobs archive.Blobs, prefix string) (*Store, error) {
	s, err := newStore(blobs, prefix)
	if err != nil {
		return nil, err
	}
	s.later = true
	return s, nil
}

// opened is the layout, of a root that is open by now.
func (s *Store) opened() (extension.Layout, error) {
	if !s.later {
		return s.layout, nil
	}
	s.late.Lock()
	defer s.late.Unlock()
	if s.layout != nil {
		return s.layout, nil
	}
	// What opens it serves all who come later, so that it does not end with
	// whoever came first.
	ctx, cancel := context.WithTimeout(context.Background(), cleanupTime)
	defer cancel()
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("open storage root %s: %w", s.dir, err)
	}
	return s.layout, nil
}
