package main

import (
	"context"
	"slices"

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

// Pages implements search.Source.
func (f feed) Pages(ctx context.Context, id sohoa.DocumentID) ([]int, error) {
	doc, err := f.a.catalog.Document(ctx, sohoa.Everything, id)
	if err != nil {
		return nil, err
	}
	if doc.State == sohoa.StateDestroyed {
		return nil, sohoa.ErrNotExist // and so it goes from the index
	}
	pages, err := f.a.catalog.Pages(ctx, id)
	var read []int
	for _, p := range pages {
		if p.Read {
			read = append(read, p.Number)
		}
	}
	return read, err
}

// Documents implements search.Catalogue.
func (f feed) Documents(ctx context.Context, after sohoa.DocumentID, limit int) ([]sohoa.DocumentID, error) {
	docs, err := f.a.catalog.FindDocuments(ctx, sohoa.Everything, archive.DocumentQuery{ByID: true, After: after, Limit: limit})
	ids := make([]sohoa.DocumentID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	return ids, err
}

// Outlines implements search.Catalogue.
func (f feed) Outlines(ctx context.Context, id sohoa.DocumentID) ([]search.PageDoc, error) {
	pages, err := f.Pages(ctx, id)
	if err != nil || len(pages) == 0 {
		return nil, err
	}
	about, err := f.about(ctx, id)
	if err != nil {
		return nil, err
	}
	sums, err := f.textSums(ctx, id)
	if err != nil {
		return nil, err
	}
	var out []search.PageDoc
	for _, n := range pages {
		if sum, ok := sums[n]; ok {
			about.Page, about.TextSum = n, sum
			out = append(out, about)
		}
	}
	return out, nil
}

// textSums are the digests of the texts of a document's pages, by number.
func (f feed) textSums(ctx context.Context, id sohoa.DocumentID) (map[int]string, error) {
	files, err := f.a.catalog.Files(ctx, id)
	sums := map[int]string{}
	for _, file := range files {
		if file.Role == sohoa.RoleText && file.Page > 0 {
			sums[file.Page] = file.Digest.String()
		}
	}
	return sums, err
}

// PageDoc implements search.Source.
func (f feed) PageDoc(ctx context.Context, id sohoa.DocumentID, page int) (search.PageDoc, error) {
	d, err := f.about(ctx, id)
	if err != nil {
		return d, err
	}
	sums, err := f.textSums(ctx, id)
	if err != nil {
		return d, err
	}
	text, err := f.a.service.PageText(ctx, id, page)
	if err != nil {
		return d, err
	}
	d.Page, d.Text, d.TextSum = page, search.PlainText(text), sums[page]
	return d, nil
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
	for _, v := range doc.Fields {
		fields[v.Name] = v.Value
	}
	return search.PageDoc{
		Document: id, Name: doc.Name,
		Dossier: dossier.Code, Procedure: procedure.Code, ProcedureName: procedure.Name,
		Agency: agency.Code, AgencyName: agency.Name, Owner: dossier.Owner.Name, OwnerNumber: dossier.Owner.IDNumber,
		Fields: fields, Accepted: doc.AcceptedAt, State: doc.State,
		Shared: shared, Type: doc.Life.Type, Force: decided(doc.Life),
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

// decided is the force that somebody decided on; dates decide the rest on the
// day of the search.
func decided(l sohoa.Life) string {
	switch {
	case l.Revoked != nil:
		return string(sohoa.ForceRevoked)
	case l.Replaced != nil:
		return string(sohoa.ForceReplaced)
	}
	return ""
}
