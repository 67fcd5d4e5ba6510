package bleve

import (
	"context"
	"errors"
	"maps"
	"slices"

	index "github.com/blevesearch/bleve_index_api"

	"sohoa"
	"sohoa/search"
)

// Differing is described at search.Index.
func (x *Index) Differing(ctx context.Context, doc sohoa.DocumentID, now []search.PageDoc) (pages []int, err error) {
	err = x.use(func(g *generation) error {
		pages, err = g.Differing(ctx, doc, now)
		return err
	})
	return pages, err
}

// Differing is described at search.Index.
func (g *generation) Differing(ctx context.Context, doc sohoa.DocumentID, now []search.PageDoc) ([]int, error) {
	diffs, err := g.differences(ctx, doc, now)
	pages := make([]int, len(diffs))
	for i, d := range diffs {
		pages[i] = d.Page
	}
	return pages, err
}

// difference is a page that is not in the index as it should be.
type difference struct {
	search.PageKey
	want, have bool // it is in the catalogue, in the index
}

// differences are what differs of one document, by number.
func (g *generation) differences(ctx context.Context, doc sohoa.DocumentID, now []search.PageDoc) (diffs []difference, err error) {
	want := map[int]string{}
	for _, d := range now {
		want[d.Page] = g.privacy.Stamp(d)
	}
	have, err := g.stamps(ctx, doc)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(want)
	maps.Copy(all, have)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		w, isWanted := want[n]
		h, isHad := have[n]
		if w != h || isWanted != isHad {
			diffs = append(diffs, difference{search.PageKey{Document: doc, Page: n}, isWanted, isHad})
		}
	}
	return diffs, nil
}

// stamps are those of the pages of a document, by number.
func (g *generation) stamps(ctx context.Context, doc sohoa.DocumentID) (stamps map[int]string, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	ids, err := pagesWith(ctx, r, search.FieldDocument, doc.String())
	if err != nil {
		return nil, err
	}
	stamps = map[int]string{}
	for _, id := range ids {
		key, err := parsePageID(id)
		if err != nil {
			return nil, err
		}
		d, err := r.Document(id)
		if err != nil {
			return nil, err
		}
		if d == nil {
			continue
		}
		stamps[key.Page] = ""
		d.VisitFields(func(f index.Field) {
			if f.Name() == storedStamp {
				stamps[key.Page] = string(f.Value())
			}
		})
	}
	return stamps, nil
}
