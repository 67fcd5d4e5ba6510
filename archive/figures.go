package archive

import (
	"context"
	"time"

	"sohoa"
)

// Figures are counts of what offices do. Dossiers are counted by when they were
// received, waits by when they ended. Every number is as things stand when it
// is read; nothing is estimated but waits, which are rounded
// (sohoa.RoundWait).
type Figures interface {
	// FigureCounts counts the dossiers that were received in a time by agency,
	// or by procedure, sorted by its code. What there is none of is left out.
	FigureCounts(ctx context.Context, scope sohoa.Scope, q FigureQuery) ([]FigureCount, error)
	// WaitCounts counts the waits that ended in a time, by agency or procedure,
	// kind and length.
	WaitCounts(ctx context.Context, scope sohoa.Scope, q FigureQuery) ([]WaitCount, error)
	// WaitingNow counts by agency what waits now, with the oldest. Of q only
	// the procedure counts.
	WaitingNow(ctx context.Context, scope sohoa.Scope, q FigureQuery) ([]WaitingCount, error)
}

// FigureQuery selects what is counted.
type FigureQuery struct {
	From, Until time.Time // Until is not included
	Procedure   string    // only of dossiers of this one; empty is any
	ByProcedure bool      // keys are procedures, not agencies
}

// FigureCount is what there is of the dossiers of one agency or procedure.
type FigureCount struct {
	Key        string // Agency.Code or Procedure.Code
	Received   int    // dossiers
	Ended      int    // of these, those on which work ended
	Components int    // with a paper that was digitised
	Results    int    // with a result
	Digitised  int    // with both
	Sealed     int    // with a result that the agency signed
	Reusing    int    // with an accepted reuse

	ResultFiles int // results
	BornFiles   int // of these, made electronically
	SealedFiles int // of these, signed by the agency
	Documents   int // but destroyed ones
	Working     int // accepted, being read, or being kept
	Parked      int
	Kept        int
	Pages       int // of what is kept
}

// WaitKind is what was waited for.
type WaitKind string

// The kinds of waits.
const (
	WaitKept   WaitKind = "kept"   // from the acceptance of a document until it was kept
	WaitSigned WaitKind = "signed" // from when a document was put up until everybody had signed
	WaitDone   WaitKind = "done"   // from the day a dossier was received until the day work on it ended
)

// WaitCount is how many waits had one length.
type WaitCount struct {
	Key     string
	Kind    WaitKind
	Seconds int
	N       int
}

// WaitingCount is what waits at one agency.
type WaitingCount struct {
	Agency string
	Kind   WaitKind // WaitKept counts documents that are parked too
	N      int
	Oldest time.Time
}

// KeptFigures are the pages that a document counts, and its wait; nil where
// there is none. Catalogues keep both beside the document.
func KeptFigures(d sohoa.Document) (pages int, wait *int) {
	if d.State == sohoa.StateKept {
		pages = d.Pages
	}
	if seconds, ok := d.KeptWait(); ok {
		wait = &seconds
	}
	return pages, wait
}
