package archive

import (
	"context"

	"sohoa"
)

// Disposals are the reads about the retention schedule and about documents
// that are proposed for disposal, or were disposed of.
type Disposals interface {
	// Schedule returns the schedule in force: sohoa.DefaultSchedule until
	// somebody set another.
	Schedule(ctx context.Context) (sohoa.Schedule, error)
	// Due returns kept documents whose retention has ended, those that were
	// due first at the head. Those on hold are among them.
	Due(ctx context.Context, scope sohoa.Scope, q DueQuery) ([]sohoa.Document, error)
	// Unscheduled returns kept documents that were not compared with this
	// version of the schedule, the oldest first.
	Unscheduled(ctx context.Context, version, limit int) ([]sohoa.Document, error)
	Disposal(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Disposal, error)
	// FindDisposals returns the newest first.
	FindDisposals(ctx context.Context, scope sohoa.Scope, q DisposalQuery) ([]sohoa.Disposal, error)
	// DisposalItems returns the documents of a disposal in their order.
	DisposalItems(ctx context.Context, id sohoa.SetID) ([]sohoa.DisposalItem, error)
	// Stored returns the document that has a file of the whole document with
	// this digest, whoever asks; the newest where several have.
	Stored(ctx context.Context, d sohoa.Digest) (sohoa.Document, error)
	// EndedDossiers returns dossiers whose work ended before day and that have
	// documents which are not kept, the longest ended first.
	EndedDossiers(ctx context.Context, scope sohoa.Scope, day sohoa.Date, limit int) ([]sohoa.Dossier, error)
}

// DueQuery selects documents; zero fields but Day select all.
type DueQuery struct {
	Day     sohoa.Date // due on it or before
	Year    int        // only those that are due since this year
	Type    string     // Life.Type; "-" is those without one
	Dossier string
	Limit   int // 0 is 100
}

// DisposalQuery selects disposals; zero fields select all.
type DisposalQuery struct {
	Open  bool
	Limit int // 0 is 100
}

// DisposalsTx are the changes to them.
type DisposalsTx interface {
	// Schedule is as Disposals.Schedule; no other transaction sets one until
	// this one ends.
	Schedule() (sohoa.Schedule, error)
	// PutSchedule adds a version of the schedule; earlier ones stay.
	PutSchedule(s sohoa.Schedule) error
	Disposal(id sohoa.SetID) (sohoa.Disposal, error)
	PutDisposal(d sohoa.Disposal) error
	DisposalItems(id sohoa.SetID) ([]sohoa.DisposalItem, error)
	PutDisposalItem(i sohoa.DisposalItem) error
	// Sharing returns the other documents that show pages of the original of
	// id, or whose originals have pages that id shows, destroyed ones left out.
	Sharing(id sohoa.DocumentID) ([]sohoa.DocumentID, error)
	// BuryDocument removes all that is known of a document, and puts what is
	// left in its place: a document of sohoa.StateDestroyed. Its journal stays.
	BuryDocument(tombstone sohoa.Document) error
}

// UnknownDisposal is the Problem of a disposal that is not there.
func UnknownDisposal(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "disposal.unknown", Args: []string{string(id)}}
}
