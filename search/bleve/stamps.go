package bleve

import (
	"context"
	"errors"

	index "github.com/blevesearch/bleve_index_api"

	"sohoa"
	"sohoa/search"
)

// documents are those of s that the index knows, some of which may have no
// page any more.
func (x *Index) documents(s span) (docs []sohoa.DocumentID, err error) {
	err = x.use(func(g *generation) (err error) {
		r, done, err := g.reader()
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, done()) }()
		var end []byte
		if n := len(s.docs); n > 0 {
			end = []byte(s.docs[n-1].String())
		}
		dict, err := r.FieldDictRange(search.FieldDocument, []byte(text(s.after)), end)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, dict.Close()) }()
		for e, err := dict.Next(); e != nil || err != nil; e, err = dict.Next() {
			if err != nil {
				return err
			}
			if !s.contains(e.Term) {
				continue
			}
			id, err := sohoa.ParseDocumentID(e.Term)
			if err != nil {
				return err
			}
			docs = append(docs, id)
		}
		return nil
	})
	return docs, err
}

// stamps are those of the pages of a document, by number.
func (g *generation) stamps(ctx context.Context, doc sohoa.DocumentID) (stamps map[int]string, err error) {
	ids, err := g.pagesOf(ctx, doc)
	if err != nil {
		return nil, err
	}
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
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
