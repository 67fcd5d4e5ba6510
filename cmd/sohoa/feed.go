package main

import (
	"context"

	"sohoa"
	"sohoa/search"
)

// feed lets the index follow the archive.
type feed struct{ a *app }

var (
	_ search.Source = feed{}
	_ search.Waiter = feed{}
)

func (a *app) feed() feed { return feed{a} }

// Entries implements search.Source.
func (f feed) Entries(ctx context.Context, after uint64, limit int) ([]sohoa.Entry, error) {
	return f.a.catalog.Entries(ctx, after, limit)
}

// Wait implements search.Waiter.
func (f feed) Wait(ctx context.Context, after uint64) error { return f.a.catalog.Wait(ctx, after) }

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

// PageDoc implements search.Source.
func (f feed) PageDoc(ctx context.Context, id sohoa.DocumentID, page int) (search.PageDoc, error) {
	doc, err := f.a.catalog.Document(ctx, sohoa.Everything, id)
	if err != nil {
		return search.PageDoc{}, err
	}
	dossier, err := f.a.catalog.Dossier(ctx, sohoa.Everything, doc.Dossier)
	if err != nil {
		return search.PageDoc{}, err
	}
	text, err := f.a.service.PageText(ctx, id, page)
	if err != nil {
		return search.PageDoc{}, err
	}
	agency, procedure, err := f.a.service.Names(ctx, dossier)
	if err != nil {
		return search.PageDoc{}, err
	}
	fields := map[string]string{}
	for _, v := range doc.Fields {
		fields[v.Name] = v.Value
	}
	return search.PageDoc{
		Document: id, Page: page, Text: search.PlainText(text), Name: doc.Name,
		Dossier: dossier.Code, Procedure: procedure.Code, ProcedureName: procedure.Name,
		Agency: agency.Code, AgencyName: agency.Name, Owner: dossier.Owner.Name,
		Fields: fields, Accepted: doc.AcceptedAt, State: doc.State,
	}, nil
}
