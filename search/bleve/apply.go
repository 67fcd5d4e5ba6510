package bleve

import (
	"context"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/blevesearch/bleve/v2"

	"sohoa"
	"sohoa/search"
)

// Apply is described at search.Index.
func (g *generation) Apply(ctx context.Context, changes []search.Change, cursor uint64) (err error) {
	defer func() {
		if r := recover(); r != nil { // in a damaged segment
			g.alarm()
			err = fmt.Errorf("%w: panic: %v", errBatch, r)
		}
	}()
	b := batch{Batch: g.ix.NewBatch(), put: map[sohoa.DocumentID][]string{}}
	for _, c := range changes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := g.change(ctx, &b, c); err != nil {
			return fmt.Errorf("index page %d of %s: %w", c.Page, c.Document, err)
		}
	}
	b.SetInternal(keyCursor, binary.BigEndian.AppendUint64(nil, cursor))
	if err := g.noteErasure(b); err != nil {
		return err
	}
	if err := g.ix.Batch(b.Batch); err != nil {
		return fmt.Errorf("%w: %w", errBatch, err)
	}
	// bleve syncs the files of a segment but not the directory that names
	// them (v2.6.1); after a power cut its root could name what is not there.
	return syncDir(g.store())
}

// store is where the segments are.
func (g *generation) store() string { return filepath.Join(g.path, "store") }

// batch is what one Apply does.
type batch struct {
	*bleve.Batch
	put  map[sohoa.DocumentID][]string // the pages that it puts, which the index does not know yet
	gone []sohoa.DocumentID            // that it removes, and that were there
}

// change adds one change to b.
func (g *generation) change(ctx context.Context, b *batch, c search.Change) error {
	key := pageID(search.PageKey{Document: c.Document, Page: c.Page})
	switch {
	case c.Put != nil:
		b.put[c.Document] = append(b.put[c.Document], key)
		return b.IndexAdvanced(page(key, search.TermsOf(*c.Put, g.privacy), g.privacy.Stamp(*c.Put)))
	case c.Page > 0:
		b.Delete(key)
		return nil
	}
	ids, err := g.pagesOf(ctx, c.Document)
	for _, id := range append(ids, b.put[c.Document]...) {
		b.Delete(id)
	}
	if len(ids) > 0 {
		b.gone = append(b.gone, c.Document)
	}
	delete(b.put, c.Document)
	return err
}

// noteErasure notes with b that documents went whose text stays in segments
// until these are merged, which may be never.
func (g *generation) noteErasure(b batch) error {
	gone := slices.ContainsFunc(b.gone, func(id sohoa.DocumentID) bool { return len(b.put[id]) == 0 })
	since, err := g.erasure()
	if err != nil || !gone || !since.IsZero() {
		return err
	}
	b.SetInternal(keyErasure, []byte(time.Now().UTC().Format(time.RFC3339)))
	return nil
}

// erasure is since when text of removed documents may be in segments; zero for
// none.
func (g *generation) erasure() (time.Time, error) {
	v, err := g.ix.GetInternal(keyErasure)
	if err != nil || v == nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, string(v))
}
