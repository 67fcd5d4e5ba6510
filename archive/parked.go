package archive

import (
	"context"
	"time"

	"sohoa"
)

// Parkings are the reads about documents that stopped and wait for a person.
type Parkings interface {
	// CountParked counts the parked documents in scope by where and why they
	// stopped, the most first.
	CountParked(ctx context.Context, scope sohoa.Scope) ([]ParkedCount, error)
	// FindParked returns parked documents in scope in the order of their
	// identifiers, so the oldest first.
	FindParked(ctx context.Context, scope sohoa.Scope, q ParkedQuery) ([]ParkedDocument, error)
}

// ParkedCount is how many documents are parked for one reason.
type ParkedCount struct {
	Agency string      // Agency.Code of their dossiers
	Stage  sohoa.Stage // where they stopped
	Reason string      // Problem.Code
	Count  int
}

// ParkedQuery selects parked documents; zero fields select all.
type ParkedQuery struct {
	Agency string
	Stage  sohoa.Stage
	Reason string
	After  sohoa.DocumentID
	Limit  int // 0 is 100
}

// ParkedDocument is a parked document, with what the journal says of it.
type ParkedDocument struct {
	sohoa.Document
	Agency string
	Since  time.Time // of the newest time that it was parked; zero is not known
	Times  int       // that it was parked
}
