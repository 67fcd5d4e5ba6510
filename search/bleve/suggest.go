package bleve

import (
	"context"
	"errors"

	index "github.com/blevesearch/bleve_index_api"

	"sohoa"
	"sohoa/search"
)

// Suggest is described at search.Index.
func (x *Index) Suggest(ctx context.Context, text string, scope sohoa.Scope) (out []search.Suggestion, err error) {
	err = x.use(func(g *generation) error {
		out, err = g.Suggest(ctx, text, scope)
		return err
	})
	return out, err
}

// Suggest is described at search.Index.
func (g *generation) Suggest(ctx context.Context, text string, scope sohoa.Scope) (out []search.Suggestion, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	return search.Suggest(ctx, dictionary{r}, text, scope)
}

// dictionary is the terms of a generation at one moment.
type dictionary struct{ r index.IndexReader }

// Terms is described at search.Dictionary.
func (d dictionary) Terms(ctx context.Context, field, prefix string, n int) (terms []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dict, err := d.r.FieldDictPrefix(field, []byte(prefix))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dict.Close()) }()
	for len(terms) < n {
		e, err := dict.Next()
		if err != nil || e == nil {
			return terms, err
		}
		terms = append(terms, e.Term)
	}
	return terms, nil
}

// Holds is described at search.Dictionary. It asks the postings: bleve's
// dictionary keeps the terms of pages that are gone.
func (d dictionary) Holds(ctx context.Context, field, term string) (holds bool, err error) {
	tfr, err := d.r.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, tfr.Close()) }()
	hit, err := tfr.Next(nil)
	return hit != nil, err
}
