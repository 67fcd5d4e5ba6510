package archive

import (
	"context"
	"slices"
	"time"

	"sohoa"
)

// Reuses are the reads about procedures, and about held results that dossiers
// use.
type Reuses interface {
	// Procedure returns a procedure with all that it asks for, or the Problem
	// "procedure.unknown".
	Procedure(ctx context.Context, code string) (sohoa.Procedure, error)
	// FindReuses returns the newest first. A reuse is in scope where its
	// dossier is.
	FindReuses(ctx context.Context, scope sohoa.Scope, q ReuseQuery) ([]sohoa.Reuse, error)
	Reuse(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Reuse, error)
	// Held returns kept documents, whoever asks, in the dossiers of a person:
	// those of a kind first, since most papers have none, then the newest. It is for a stated purpose only, which the caller
	// journals. Documents all of whose pages were moved are left out.
	Held(ctx context.Context, q HeldQuery) ([]sohoa.Document, error)
	// ReuseCounts counts by agency what was from one moment until another,
	// which is not included; agencies of which there is nothing to count are
	// left out. They are sorted by code.
	ReuseCounts(ctx context.Context, scope sohoa.Scope, from, until time.Time) ([]ReuseCount, error)
	// Turned returns the documents of which time changed the force, and which
	// some dossier uses without knowing: those whose force ended from one moment
	// until another, which is not included, and then those that are no longer
	// not yet in force.
	Turned(ctx context.Context, from, until time.Time, limit int) ([]sohoa.DocumentID, error)
	// Record returns what is known of an object of the storage root that is no
	// document's.
	Record(ctx context.Context, id sohoa.SetID) (Record, error)
	// Unrecorded returns the records that the storage root does not have as
	// they are, the oldest first.
	Unrecorded(ctx context.Context, limit int) ([]Record, error)
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
// either side has none, by name and birth date. Without either it finds
// nothing.
type HeldQuery struct {
	IDNumber  string
	Name      string // compared without case, spaces and the place of tone marks; its marks count
	BirthDate sohoa.Date
	Types     []string // Life.Type; those without a type are found too
	Limit     int      // 0 is 100
}

// ReuseCount is what there is of one agency.
type ReuseCount struct {
	Agency   string // Agency.Code
	Received int    // dossiers made in the time
	Reusing  int    // of these, those with an accepted reuse, whenever that was
	Accepted int    // reuses decided in the time, as they stand now
	Declined int
	Lost     int // of the accepted
	Unseen   int // of the lost
	Offered  int // requirements for which something usable was first found in the time
}

// Counted are those counts in which there is something.
func Counted(all []ReuseCount) []ReuseCount {
	return slices.DeleteFunc(all, func(c ReuseCount) bool { return !c.Any() })
}

// Any reports whether there is anything to count.
func (c ReuseCount) Any() bool {
	return c != ReuseCount{Agency: c.Agency}
}

// ReusesTx are the changes to them.
type ReusesTx interface {
	// Procedure is as Reuses.Procedure.
	Procedure(code string) (sohoa.Procedure, error)
	Reuse(id sohoa.SetID) (sohoa.Reuse, error)
	// PutReuse fails with the Problem "reuse.taken", a sohoa.ErrConflict,
	// where another result is accepted for the same requirement of the
	// dossier.
	PutReuse(r sohoa.Reuse) error
	// DossierReuses returns those of a dossier, oldest first.
	DossierReuses(code string) ([]sohoa.Reuse, error)
	// DocumentReuses returns those of a document, oldest first.
	DocumentReuses(id sohoa.DocumentID) ([]sohoa.Reuse, error)
	// Results returns the codes (Life.Result) of a dossier's documents, also
	// of those that were destroyed.
	Results(dossier string) ([]string, error)
	// PutOffer notes that something usable was found for a requirement of a
	// dossier. What was noted first stays.
	PutOffer(dossier, requirement string, at time.Time) error
	// NamedRecord is the record of a kind that has a name, or
	// sohoa.ErrNotExist.
	NamedRecord(kind, name string) (Record, error)
	// PutRecord fails where another record of the kind has the name.
	PutRecord(r Record) error
}

// Record says how far an object of the storage root that is no document's
// tells what the catalogue says.
type Record struct {
	ID     sohoa.SetID // of the object, within its kind
	Kind   string      // ocfl.KindDossier, ocfl.KindProcedures, ocfl.KindAgencies
	Name   string      // of what is recorded: Dossier.Code, or nothing
	Change int         // counts the changes
	Kept   int         // the change that the storage root has
}

// UnknownReuse is the Problem of a reuse that is not there.
func UnknownReuse(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "reuse.unknown", Args: []string{string(id)}}
}

// UnknownProcedure is the Problem of a procedure that is not listed.
func UnknownProcedure(code string) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "procedure.unknown", Args: []string{code}}
}

// RequirementTaken is the Problem of a requirement for which another result is
// accepted.
func RequirementTaken(r sohoa.Reuse) error {
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "reuse.taken", Args: []string{r.Dossier, r.Requirement}}
}
