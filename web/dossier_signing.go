package web

import (
	"context"
	"errors"

	"sohoa"
)

// signingLine is where a document of a dossier stands with those who sign
// it, where that is of concern: it waits, failed, or was refused.
type signingLine struct {
	Doc     sohoa.Document
	Item    sohoa.SetItem
	Title   string // of the set
	Part    sohoa.SignPart
	Waits   string // name of who is to sign now; empty for the office's own key
	By      string // name of who refused it
	Href    string
	Refused bool
	PutUp   bool // the reader may put it up again
}

// signingOf lists what the clerk of a dossier must know about signatures:
// first what was refused and not put up again, then what waits.
func (s *Server) signingOf(ctx context.Context, dossier string, docs []docRow) ([]signingLine, error) {
	if s.cfg.Desk == nil {
		return nil, nil
	}
	found, err := s.cfg.Catalog.DossierItems(ctx, dossier)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	who, err := s.names(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[sohoa.DocumentID]sohoa.Document{}
	for _, row := range docs {
		byID[row.Doc.ID] = row.Doc
	}
	var refused, open []signingLine
	for _, item := range found {
		doc, known := byID[item.Document]
		if !known || !item.State.Open() && item.State != sohoa.ItemRefused {
			continue
		}
		line := signingLine{Doc: doc, Item: item, Waits: who.of(item.Signer), Href: pathOf("sets", string(item.Set)), Refused: item.State == sohoa.ItemRefused, PutUp: s.putsUp(ctx)}
		if item.Ended != nil {
			line.By = who.of(item.Ended.By)
		}
		set, err := s.cfg.Catalog.SigningSet(ctx, scopeOf(ctx), item.Set)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue // its dossier came from another agency
		}
		if err != nil {
			return nil, err
		}
		line.Title = set.Title
		if item.Step < len(set.Steps) {
			line.Part = set.Steps[item.Step].Part
		}
		if line.Refused {
			refused = append(refused, line)
		} else {
			open = append(open, line)
		}
	}
	return append(refused, open...), nil
}
