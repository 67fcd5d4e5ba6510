package archive

import (
	"context"
	"time"

	"sohoa"
)

// Reuses are the reads about held results that dossiers use.
type Reuses interface {
	// FindReuses returns the newest first. A reuse is in scope where its
	// dossier is.
	FindReuses(ctx context.Context, scope sohoa.Scope, q ReuseQuery) ([]sohoa.Reuse, error)
	Reuse(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Reuse, error)
	// Held returns kept documents, whoever asks, in the dossiers of a person,
	// the newest first. It is for a stated purpose only, which the caller
	// journals.
	Held(ctx context.Context, q HeldQuery) ([]sohoa.Document, error)
}

// ReuseQuery selects reuses; zero fields select all.
type ReuseQuery struct {
	Dossier     string
	Requirement string
	Document    sohoa.DocumentID
	State       sohoa.ReuseState
	Lost        bool      // only those that lost their force
	Unseen      bool      // only those of which nobody said that they know it
	From, Until time.Time // of Reuse.At; Until is not included
	Limit       int       // 0 is 100
}

// HeldQuery selects what is held of a person: by identity number, or where
// either side has none, by name and birth date.
type HeldQuery struct {
	IDNumber  string
	Name      string // compared without case, spaces and the place of tone marks; its marks count
	BirthDate sohoa.Date
	Types     []string // Life.Type; those without a type are found too
	Limit     int      // 0 is 100
}

// ReusesTx are the changes to them.
type ReusesTx interface {
	Reuse(id sohoa.SetID) (sohoa.Reuse, error)
	// PutReuse fails with sohoa.ErrConflict where another result is accepted
	// for the same requirement of the dossier.
	PutReuse(r sohoa.Reuse) error
	// Reuses returns those of a dossier, or of a document, oldest first.
	DossierReuses(code string) ([]sohoa.Reuse, error)
	DocumentReuses(id sohoa.DocumentID) ([]sohoa.Reuse, error)
	// Results returns the codes (Life.Result) of a dossier's documents.
	Results(dossier string) ([]string, error)
}
