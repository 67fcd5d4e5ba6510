package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// feed lets the index follow the archive.
type feed struct{ a *app }

var (
	_ search.Catalogue = feed{}
	_ search.Waiter    = feed{}
)

func (a *app) feed() feed { return feed{a} }

// Entries implements search.Source.
func (f feed) Entries(ctx context.Context, after uint64, limit int) ([]sohoa.Entry, error) {
	return f.a.catalog.Entries(ctx, after, limit)
}

// Wait implements search.Waiter.
func (f feed) Wait(ctx context.Context, after uint64) error { return f.a.catalog.Wait(ctx, after) }

// Head implements search.Header.
func (f feed) Head(ctx context.Context) (uint64, error) { return f.a.catalog.Head(ctx) }

// Documents implements search.Catalogue.
func (f feed) Documents(ctx context.Context, after sohoa.DocumentID, limit int) ([]sohoa.DocumentID, error) {
	docs, err := f.a.catalog.FindDocuments(ctx, sohoa.Everything, archive.DocumentQuery{ByID: true, After: after, Limit: limit})
	ids := make([]sohoa.DocumentID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	return ids, err
}

// Outlines implements search.Source.
func (f feed) Outlines(ctx context.Context, id sohoa.DocumentID) ([]search.PageDoc, error) {
	texts, err := f.texts(ctx, id)
	pages := make([]search.PageDoc, len(texts))
	for i, t := range texts {
		pages[i] = t.PageDoc
	}
	return pages, err
}

// textOf is a page without its text, and the key of that.
type textOf struct {
	search.PageDoc
	key string
}

// texts are the texts of a document; none of one that is gone.
func (f feed) texts(ctx context.Context, id sohoa.DocumentID) ([]textOf, error) {
	about, err := f.about(ctx, id)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	files, err := f.a.catalog.Files(ctx, id)
	var texts []textOf
	for _, file := range files {
		if file.Role == sohoa.RoleText && file.Page > 0 {
			about.Page, about.TextSum = file.Page, file.Digest.String()
			texts = append(texts, textOf{about, file.Key})
		}
	}
	return texts, err
}

// feedReads is how many documents, and then texts, are read at a time: a
// shared database and an object store answer slowly, but many at once.
const feedReads = 8

// PageDocs implements search.Source. It asks the catalogue once a document,
// however many of its pages there are.
func (f feed) PageDocs(ctx context.Context, pages []search.PageKey) ([]search.PageDoc, error) {
	wanted := map[sohoa.DocumentID]map[int]bool{}
	for _, p := range pages {
		if wanted[p.Document] == nil {
			wanted[p.Document] = map[int]bool{}
		}
		wanted[p.Document][p.Page] = true
	}
	found, err := parallel(ctx, slices.Collect(maps.Keys(wanted)), func(ctx context.Context, id sohoa.DocumentID) ([]textOf, error) {
		texts, err := f.texts(ctx, id)
		return slices.DeleteFunc(texts, func(t textOf) bool { return !wanted[id][t.Page] }), err
	})
	if err != nil {
		return nil, err
	}
	return parallel(ctx, found, f.read)
}

// read is a page with its text; none if its file is gone.
func (f feed) read(ctx context.Context, t textOf) ([]search.PageDoc, error) {
	text, err := f.a.service.TextAt(ctx, t.key)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("text of page %d of %s: %w", t.Page, t.Document, err)
	}
	t.Text = search.PlainText(*text)
	return []search.PageDoc{t.PageDoc}, nil
}

// parallel is what f makes of each of all, in order.
func parallel[A, B any](ctx context.Context, all []A, f func(context.Context, A) ([]B, error)) ([]B, error) {
	parts := make([][]B, len(all))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(feedReads)
	for i, a := range all {
		group.Go(func() (err error) {
			parts[i], err = f(ctx, a)
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(parts...), err
}

// about is what is indexed with every page of a document.
func (f feed) about(ctx context.Context, id sohoa.DocumentID) (search.PageDoc, error) {
	doc, err := f.a.catalog.Document(ctx, sohoa.Everything, id)
	if err != nil {
		return search.PageDoc{}, err
	}
	if doc.State == sohoa.StateDestroyed {
		return search.PageDoc{}, sohoa.ErrNotExist
	}
	dossier, err := f.a.catalog.Dossier(ctx, sohoa.Everything, doc.Dossier)
	if err != nil {
		return search.PageDoc{}, err
	}
	agency, procedure, err := f.a.service.Names(ctx, dossier)
	if err != nil {
		return search.PageDoc{}, err
	}
	shared, err := f.sharedWith(ctx, id)
	if err != nil {
		return search.PageDoc{}, err
	}
	fields := map[string]string{}
	for _, v := range doc.Valued() {
		if v.Name != sohoa.FieldOwnerID { // only the owner's number is looked up, as a keyed hash
			fields[v.Name] = v.Value
		}
	}
	return search.PageDoc{
		Document: id, Name: doc.Name,
		Dossier: dossier.Code, Procedure: procedure.Code, ProcedureName: procedure.Name,
		Agency: agency.Code, AgencyName: agency.Name, Owner: dossier.Owner.Name, OwnerNumber: dossier.Owner.IDNumber,
		Fields: fields, Accepted: doc.AcceptedAt, State: doc.State,
		Shared: shared, Type: doc.Life.Type, Life: force(doc.Life),
	}, nil
}

// maxShared bounds the reuses of one document that are looked at.
const maxShared = 10_000

// sharedWith are the agencies, each once, whose dossiers use a document by an
// accepted reuse.
func (f feed) sharedWith(ctx context.Context, id sohoa.DocumentID) ([]string, error) {
	of := archive.ReuseQuery{Document: id, State: sohoa.ReuseAccepted, Limit: maxShared}
	reuses, err := f.a.catalog.FindReuses(ctx, sohoa.Everything, of)
	if err != nil {
		return nil, err
	}
	var agencies []string
	for _, r := range reuses {
		d, err := f.a.catalog.Dossier(ctx, sohoa.Everything, r.Dossier)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(agencies, d.Agency) {
			agencies = append(agencies, d.Agency)
		}
	}
	slices.Sort(agencies)
	return agencies, nil
}

// force is what of a document's life its force goes by.
func force(l sohoa.Life) sohoa.Life {
	f := sohoa.Life{ValidFrom: l.ValidFrom, ValidUntil: l.ValidUntil}
	if l.Revoked != nil {
		f.Revoked = &sohoa.Revocation{At: l.Revoked.At}
	}
	if l.Replaced != nil {
		f.Replaced = &sohoa.Replacement{At: l.Replaced.At}
	}
	return f
}
