package archive

import (
	"context"
	"time"

	"sohoa"
)

// Confirming are the reads about documents whose fields wait for a person
// (sohoa.Document.Unconfirmed).
type Confirming interface {
	// Unconfirmed returns the documents of dossiers in scope that wait, those
	// that were brought in first at the head.
	Unconfirmed(ctx context.Context, scope sohoa.Scope, q UnconfirmedQuery) ([]sohoa.Document, error)
	// CountUnconfirmed counts them, up to sohoa.MaxUnconfirmed.
	CountUnconfirmed(ctx context.Context, scope sohoa.Scope, q UnconfirmedQuery) (int, error)
}

// UnconfirmedQuery selects documents; zero fields select all.
type UnconfirmedQuery struct {
	Dossier string
	Since   time.Time        // only those brought in then or later
	Besides sohoa.DocumentID // all but this one
	After   sohoa.DocumentID // only those with identifiers after it: brought in later
	Limit   int              // 0 is 100
}
