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

// Documents is described at search.Index.
func (x *Index) Documents(ctx context.Context, group search.Group) (docs []sohoa.DocumentID, err error) {
	err = x.use(func(g *generation) error {
		docs, err = g.Documents(ctx, group)
		return err
	})
	return docs, err
}

// Documents is described at search.Index.
func (g *generation) Documents(ctx context.Context, group search.Group) (docs []sohoa.DocumentID, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	n := group.Node(g.privacy)
	if n.Term != "" {
		n.From, n.To = n.Term, n.Term
	}
	terms, err := termsBetween(r, n)
	if err != nil {
		return nil, err
	}
	seen := map[sohoa.DocumentID]bool{}
	for _, term := range terms {
		ids, err := pagesWith(ctx, r, n.Field, term)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			key, err := parsePageID(id)
			if err != nil {
				return nil, err
			}
			if !seen[key.Document] {
				seen[key.Document] = true
				docs = append(docs, key.Document)
			}
		}
	}
	return docs, nil
}

// termsBetween are the terms of a field from n.From to n.To.
func termsBetween(r index.IndexReader, n search.Node) (terms []string, err error) {
	dict, err := r.FieldDictRange(n.Field, []byte(n.From), []byte(n.To))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dict.Close()) }()
	for {
		e, err := dict.Next()
		if err != nil || e == nil {
			return terms, err
		}
		if e.Term >= n.From && e.Term <= n.To {
			terms = append(terms, e.Term)
		}
	}
}
