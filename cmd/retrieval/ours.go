package main

import (
	"context"
	"errors"
	"path/filepath"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
)

// ours is the index of this program, asked as the server asks it.
type ours struct {
	dir   string
	index *bleve.Index
}

func (x *ours) open(context.Context) error {
	index, rebuilt, err := bleve.Open(filepath.Join(x.dir, "index"), search.NewPrivacy(search.IdentityKey{1}))
	if rebuilt {
		return errors.Join(errors.New("the index in "+x.dir+" is of another schema or damaged: remove the folder"), err, index.Close())
	}
	x.index = index
	return err
}

func (x *ours) add(ctx context.Context, pages []search.PageDoc) error {
	changes := make([]search.Change, len(pages))
	for i := range pages {
		changes[i] = search.Change{Document: pages[i].Document, Page: pages[i].Page, Put: &pages[i]}
	}
	return x.index.Apply(ctx, changes, 1)
}

func (x *ours) filled(ctx context.Context) error { return x.index.CaughtUp(ctx) }

func (x *ours) find(ctx context.Context, query string, n int) ([]sohoa.DocumentID, error) {
	res, err := x.index.Search(ctx, search.Query{Text: query, Scope: sohoa.Everything, Limit: n})
	out := make([]sohoa.DocumentID, len(res.Hits))
	for i, h := range res.Hits {
		out[i] = h.Document
	}
	return out, err
}

func (x *ours) others() ([]int, error) { return nil, nil }

func (x *ours) bytes(context.Context) (int64, error) { return size(filepath.Join(x.dir, "index")) }

func (x *ours) close() error { return x.index.Close() }
