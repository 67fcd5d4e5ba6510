package archive

import (
	"context"

	"sohoa"
)

// Waitings are the reads about documents in signing sets, across sets.
type Waitings interface {
	// FindWaiting returns documents of dossiers in scope that are in signing
	// sets, the most urgent first: by Waiting.Due, then by set and position.
	FindWaiting(ctx context.Context, scope sohoa.Scope, q WaitingQuery) ([]Waiting, error)
	// DossierItems returns of each document of a dossier the item of the
	// newest set that it is or was in.
	DossierItems(ctx context.Context, dossier string) ([]sohoa.SetItem, error)
}

// WaitingQuery selects documents in signing sets: one of Signer and Creator is
// set.
type WaitingQuery struct {
	Signer  string // what waits for this user, or is being signed by them
	Creator string // of sets that this user made: what waits for anybody, and what was refused and is in no newer set
	Limit   int    // 0 is 100
}

// Waiting is one document in a signing set.
type Waiting struct {
	Set      sohoa.SigningSet
	Item     sohoa.SetItem
	Document sohoa.Document
	Dossier  sohoa.Dossier
}

// Due is the day by which it must be signed: that of the set or that on which
// the dossier is to be returned, whichever is earlier; empty if there is none.
func (w Waiting) Due() sohoa.Date {
	if w.Set.Due == "" || w.Dossier.Due != "" && w.Dossier.Due < w.Set.Due {
		return w.Dossier.Due
	}
	return w.Set.Due
}
