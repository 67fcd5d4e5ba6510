// Package archive says what an archive is made of: a store of bytes (Blobs),
// a catalogue of what is known about them (Catalog), and the journal of who
// did what. Its subpackages implement them; which ones run is decided where
// the program is wired together.
//
// The catalogue is a working copy. What is kept is the OCFL storage root
// (archive/ocfl): every document object there carries a metadata file from
// which the catalogue is rebuilt.
package archive

import (
	"context"
	"errors"
	"time"

	"sohoa"
)

// Catalog is the catalogue: documents, pages, files, dossiers, people, the
// job queue and the journal. Implementations pass archivetest.Catalog. All
// methods are safe for concurrent use. Reads take the scope of whoever asks;
// what lies outside it is sohoa.ErrNotExist.
type Catalog interface {
	// Update runs f in one transaction that is durable when Update returns
	// nil. If f fails nothing happened. f must be quick and must not keep tx.
	// What it reads through tx no other Update changes until it ends. Where
	// another got in the way f runs again, so that what it leaves outside of
	// tx must come out right however often it ran.
	Update(ctx context.Context, f func(tx Tx) error) error

	Documents
	Confirming
	Signings
	Waitings
	Disposals
	Reuses
	Counter
	Fixities
	SavedSearches
	Accounts
	Samples
	Figures
	Flags
	People
	Programs
	Parkings
	Journal
}

// Documents are the reads about papers.
type Documents interface {
	// Document returns a document of a dossier in scope, or one that such a
	// dossier uses: with an accepted sohoa.Reuse. The latter may be looked at,
	// not changed; Owned tells them apart.
	Document(ctx context.Context, scope sohoa.Scope, id sohoa.DocumentID) (sohoa.Document, error)
	// FindDocuments returns the newest documents of dossiers in scope first.
	FindDocuments(ctx context.Context, scope sohoa.Scope, q DocumentQuery) ([]sohoa.Document, error)
	Pages(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Page, error)
	Files(ctx context.Context, id sohoa.DocumentID) ([]sohoa.File, error)
	// Arrangement returns one version of the arrangement of a document's
	// pages. sohoa.ErrNotExist is all there is of one that was never arranged.
	Arrangement(ctx context.Context, id sohoa.DocumentID, version int) (sohoa.Arrangement, error)
	// Leaf returns a page as it came, or sohoa.ErrNotExist where its document
	// was never arranged.
	Leaf(ctx context.Context, ref sohoa.PageRef) (sohoa.Leaf, error)
	// Leaves returns the pages that a document has now, by where they came
	// from; none if it was never arranged.
	Leaves(ctx context.Context, holder sohoa.DocumentID) ([]sohoa.Leaf, error)
	Dossier(ctx context.Context, scope sohoa.Scope, code string) (sohoa.Dossier, error)
	FindDossiers(ctx context.Context, scope sohoa.Scope, q DossierQuery) ([]DossierSummary, error)
	// States counts the documents in scope by state.
	States(ctx context.Context, scope sohoa.Scope) (map[sohoa.State]int, error)
}

// DocumentQuery selects documents; zero fields select all.
type DocumentQuery struct {
	Dossier string
	State   sohoa.State
	Held    bool // only those whose pages are being arranged
	Counted bool // only those of another number of pages than was counted (sohoa.Document.Miscounted)
	Limit   int  // 0 is 100

	ByID  bool             // instead of the newest first: by rising identifier
	After sohoa.DocumentID // with ByID: only those after it
}

// DossierQuery selects dossiers; zero fields select all.
type DossierQuery struct {
	Text  string // part of a code, an owner's name or a subject; case and marks do not matter
	Limit int    // 0 is 100

	By    string    // only those that this user made
	Since time.Time // only those made then or later
}

// DossierSummary is a dossier with the count of its documents.
type DossierSummary struct {
	sohoa.Dossier
	Documents int `json:"documents"`
	Kept      int `json:"kept"`
	Parked    int `json:"parked"`
}

// Signings are the reads about signing sets and signatures under way.
type Signings interface {
	SigningSet(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.SigningSet, error)
	// FindSigningSets returns the newest sets first.
	FindSigningSets(ctx context.Context, scope sohoa.Scope, q SetQuery) ([]SetSummary, error)
	// SetItems returns the documents of a set in their order.
	SetItems(ctx context.Context, id sohoa.SetID) ([]sohoa.SetItem, error)
	// DocumentItem returns the item by which a document waits in a set, or
	// sohoa.ErrNotExist.
	DocumentItem(ctx context.Context, id sohoa.DocumentID) (sohoa.SetItem, error)
	Pending(ctx context.Context, id sohoa.SetID) (sohoa.PendingSignature, error)
	// FindPending returns the oldest signatures under way first, without
	// PendingSignature.Prepared.
	FindPending(ctx context.Context, q PendingQuery) ([]sohoa.PendingSignature, error)
	// ProofEnding returns kept documents whose Document.ProofUntil is before
	// t, the most urgent first.
	ProofEnding(ctx context.Context, t time.Time, limit int) ([]sohoa.Document, error)
	// Lookup finds a document by its Document.Lookup, whoever asks.
	Lookup(ctx context.Context, code string) (sohoa.Document, error)
}

// SetQuery selects signing sets; zero fields select all.
type SetQuery struct {
	Signer  string // only those with an item that waits for this user
	Creator string // only those that this user made
	Open    bool   // only those that are not at their end
	Limit   int    // 0 is 100
}

// SetSummary is a set with the count of its documents.
type SetSummary struct {
	sohoa.SigningSet
	Items   int `json:"items"`
	Done    int `json:"done"`
	Waiting int `json:"waiting"` // for SetQuery.Signer
}

// PendingQuery selects signatures under way; zero fields select all.
type PendingQuery struct {
	Document sohoa.DocumentID
	Set      sohoa.SetID
	Flow     sohoa.SignFlow
	Secret   sohoa.Digest
	Before   time.Time // only those that expired before it
}

// People are the reads about agencies, procedures and users.
type People interface {
	Agencies(ctx context.Context) ([]sohoa.Agency, error)
	Procedures(ctx context.Context) ([]sohoa.Procedure, error)
	Users(ctx context.Context) ([]sohoa.User, error)
	User(ctx context.Context, name string) (sohoa.User, error)
	// Credentials returns what proves that a user is who they say.
	Credentials(ctx context.Context, name string) (Credentials, error)
}

// Credentials are the secrets of a user, as kept: hashes only.
type Credentials struct {
	Password     string       // argon2id in PHC form; empty until set
	Setup        sohoa.Digest // of the one-time link's token; zero when there is none
	SetupExpires time.Time
}

// Journal is the append-only record. Entries are only ever added, by Tx.
type Journal interface {
	// Entries returns up to limit entries after the given sequence number.
	Entries(ctx context.Context, after uint64, limit int) ([]sohoa.Entry, error)
	// History returns the entries of one document, oldest first.
	History(ctx context.Context, id sohoa.DocumentID) ([]sohoa.Entry, error)
	// Wait returns when there is an entry after the given one, also one
	// written by another process, or with the error of ctx.
	Wait(ctx context.Context, after uint64) error
	// Head returns the sequence number of the newest entry; 0 if none.
	Head(ctx context.Context) (uint64, error)
	JournalFinder
	JournalTree
}

// Tx is one transaction of Catalog.Update. Put methods insert or replace.
type Tx interface {
	Document(id sohoa.DocumentID) (sohoa.Document, error)
	// FindDigest returns the document of a dossier with the given original,
	// or sohoa.ErrNotExist.
	FindDigest(dossier string, d sohoa.Digest) (sohoa.Document, error)
	PutDocument(d sohoa.Document) error
	Page(id sohoa.DocumentID, number int) (sohoa.Page, error)
	PutPage(p sohoa.Page) error
	// CountRead counts the pages of a document that are finished: read, or
	// given up with a problem.
	CountRead(id sohoa.DocumentID) (int, error)
	PutFile(id sohoa.DocumentID, f sohoa.File) error
	// ReplacePages makes a document one of total pages. Those in pages, with
	// their files, take the place of the former ones with the same numbers;
	// nothing remains of these, of pages beyond total, and of renditions.
	ReplacePages(id sohoa.DocumentID, total int, pages []sohoa.Page, files []sohoa.File) error
	PutArrangement(a sohoa.Arrangement) error
	PutLeaves(leaves ...sohoa.Leaf) error
	// Emptied returns the held documents of a dossier that have no page any
	// more.
	Emptied(dossier string) ([]sohoa.Document, error)
	// Holders returns the other documents that have pages of the original of
	// id.
	Holders(id sohoa.DocumentID) ([]sohoa.DocumentID, error)
	// RemoveDocument removes a document that has neither an original nor
	// pages. Its journal stays.
	RemoveDocument(id sohoa.DocumentID) error
	SigningSet(id sohoa.SetID) (sohoa.SigningSet, error)
	PutSigningSet(s sohoa.SigningSet) error
	// SetItems returns the documents of a set in their order.
	SetItems(id sohoa.SetID) ([]sohoa.SetItem, error)
	SetItem(id sohoa.SetID, document sohoa.DocumentID) (sohoa.SetItem, error)
	// PutSetItem fails with sohoa.ErrConflict where the document waits in
	// another set.
	PutSetItem(i sohoa.SetItem) error
	// DocumentItem returns the item by which a document waits in a set, or
	// sohoa.ErrNotExist.
	DocumentItem(id sohoa.DocumentID) (sohoa.SetItem, error)
	Pending(id sohoa.SetID) (sohoa.PendingSignature, error)
	// DocumentPending returns the signature that is under way for a document,
	// or sohoa.ErrNotExist.
	DocumentPending(id sohoa.DocumentID) (sohoa.PendingSignature, error)
	// PutPending fails with sohoa.ErrConflict where the document has another
	// signature under way.
	PutPending(p sohoa.PendingSignature) error
	// RemovePending removes what is there; nothing is there no longer.
	RemovePending(id sohoa.SetID) error
	Dossier(code string) (sohoa.Dossier, error)
	PutDossier(d sohoa.Dossier) error
	// Agencies returns all agencies; no other transaction that asks for them
	// does until this one ends.
	Agencies() ([]sohoa.Agency, error)
	// Agency returns one of them, or sohoa.ErrNotExist.
	Agency(code string) (sohoa.Agency, error)
	PutAgency(a sohoa.Agency) error
	PutProcedure(p sohoa.Procedure) error
	PutUser(u sohoa.User) error
	// Credentials returns those of a user, or sohoa.ErrNotExist.
	Credentials(user string) (Credentials, error)
	PutCredentials(user string, c Credentials) error
	DisposalsTx
	ReusesTx
	CounterTx
	FixitiesTx
	SavedSearchesTx
	AccountsTx
	SamplesTx
	FlagsTx
	ProgramsTx
	JournalTx
	// Append seals e after the newest entry and adds it. A zero Time is now.
	Append(e sohoa.Entry) (sohoa.Entry, error)
	// Enqueue adds jobs; one that is already waiting or running is not added
	// twice.
	Enqueue(jobs ...Job) error
	// Complete finishes the job that is being worked on, in this transaction.
	Complete(job RunningJob) error
}

// Job is one stage of one document, or of one page of it.
type Job struct {
	Stage    sohoa.Stage      `json:"stage"`
	Document sohoa.DocumentID `json:"document"`
	Page     int              `json:"page,omitempty"`
	After    time.Time        `json:"-"` // not before; zero is at once
}

// RunningJob is the queue's own handle of a job under way.
type RunningJob any

// UnknownSet is the Problem of a signing set that is not there.
func UnknownSet(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "set.unknown", Args: []string{string(id)}}
}

// DocumentTaken is the Problem of a document that waits in another signing
// set, or has another signature under way.
func DocumentTaken(document string) error {
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "set.taken", Args: []string{document}}
}

// Owned is Document of a document that lies in a dossier in scope itself, not
// one that such a dossier uses: what whoever asks may change.
func Owned(ctx context.Context, c Catalog, scope sohoa.Scope, id sohoa.DocumentID) (sohoa.Document, error) {
	doc, err := c.Document(ctx, scope, id)
	if err != nil || scope.All {
		return doc, err
	}
	if _, err := c.Dossier(ctx, scope, doc.Dossier); errors.Is(err, sohoa.ErrNotExist) {
		return sohoa.Document{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "document.unknown", Args: []string{id.String()}}
	} else if err != nil {
		return sohoa.Document{}, err
	}
	return doc, nil
}

// ScopeOf is where a user has a power, see sohoa.User.Scope.
func ScopeOf(ctx context.Context, c People, u sohoa.User, p sohoa.Power) (sohoa.Scope, error) {
	if u.Agency == "" || !u.Oversees(p) {
		return u.Scope(p, nil), nil
	}
	all, err := c.Agencies(ctx)
	return u.Scope(p, all), err
}
