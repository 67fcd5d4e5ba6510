package main

import (
	"context"
	"encoding/json"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// noted puts into the journal that whoever runs the command looks at a
// document, before they see it. detail names what of it.
func (a *app) noted(ctx context.Context, doc sohoa.Document, action sohoa.Action, detail map[string]any, purpose string) error {
	e := sohoa.Entry{Actor: actor(), Action: action, Document: doc.ID, Dossier: doc.Dossier, Purpose: purpose}
	return a.note(ctx, e, detail)
}

// notedSearch puts into the journal what was asked, with identity numbers
// masked and by their terms, and what was found.
func (a *app) notedSearch(ctx context.Context, q search.Query, found search.Results, purpose string) error {
	ids := make([]string, 0, len(found.Hits))
	for _, h := range found.Hits {
		ids = append(ids, h.Document.String())
	}
	privacy, err := a.privacy()
	if err != nil {
		return err
	}
	detail := map[string]any{"total": found.Total, "offset": q.Offset, "found": ids}
	masked, identities := privacy.Query(q.Text)
	if detail["query"] = masked; len(identities) > 0 {
		detail["identities"] = identities
	}
	return a.note(ctx, sohoa.Entry{Actor: actor(), Action: sohoa.ActionSearch, Purpose: purpose}, detail)
}

func (a *app) note(ctx context.Context, e sohoa.Entry, detail map[string]any) error {
	if len(detail) > 0 {
		b, err := json.Marshal(detail)
		if err != nil {
			return err
		}
		e.Detail = string(b)
	}
	return a.catalog.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(e)
		return err
	})
}
