package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sohoa"
)

// brought is the text that a page brought along and that its reading has to
// decide on: a working file from split to read, and no file of the document.
type brought struct {
	Own *sohoa.PageText `json:"own,omitempty"`
	Old *sohoa.PageText `json:"old,omitempty"`
}

// storeBrought keeps the texts of a page that is yet to be read. It is there
// before the commit that asks for the reading, and the same at each run.
func (s *Service) storeBrought(ctx context.Context, page sohoa.Page, t brought) error {
	if t.Own == nil && t.Old == nil {
		return nil
	}
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = s.Blobs.Put(ctx, broughtKey(page.Document, page.Number), bytes.NewReader(b))
	return err
}

// broughtBy returns what storeBrought has kept. A page whose own text is not
// there is not read without it.
func (s *Service) broughtBy(ctx context.Context, page sohoa.Page) (brought, error) {
	var t brought
	b, err := s.Blobs.Open(ctx, broughtKey(page.Document, page.Number))
	if errors.Is(err, sohoa.ErrNotExist) && page.TextSource != sohoa.TextMixed {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	defer b.Close()
	if err := json.NewDecoder(b).Decode(&t); err != nil {
		return t, fmt.Errorf("text that page %d of %s brought: %w", page.Number, page.Document, err)
	}
	return t, nil
}
