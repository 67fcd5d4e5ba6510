package archive

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"sohoa"
)

// Flags are the reads about people who read a lot.
type Flags interface {
	// Flags returns the flags of actors in scope, the newest first.
	Flags(ctx context.Context, scope sohoa.Scope, q FlagQuery) ([]sohoa.Flag, error)
	// Flag returns one of them, or sohoa.ErrNotExist.
	Flag(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (sohoa.Flag, error)
}

// FlagQuery selects flags; zero fields select all.
type FlagQuery struct {
	Open  bool
	Limit int // 0 is 100
}

// FlagsTx are the changes to them.
type FlagsTx interface {
	// NoteReadings enters that e is a reading of documents, but for those that
	// its actor brought in, and forgets the actor's readings before since.
	NoteReadings(e sohoa.Entry, since time.Time, documents []sohoa.DocumentID) error
	// CountReadings counts the documents that an actor read not before since.
	CountReadings(actor string, since time.Time) (int, error)
	// Readings are these readings.
	Viewings(actor string, since time.Time) ([]sohoa.Viewing, error)
	// ActorAgency is the agency of a user; empty of whoever is none.
	ActorAgency(actor string) (string, error)
	// LastFlag returns the newest flag of an actor, or sohoa.ErrNotExist.
	LastFlag(actor string) (sohoa.Flag, error)
	// Flag returns a flag, or sohoa.ErrNotExist.
	Flag(id sohoa.SetID) (sohoa.Flag, error)
	PutFlag(f sohoa.Flag) error
}

// UnknownFlag is the Problem of a flag that is not there.
func UnknownFlag(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "flag.unknown", Args: []string{string(id)}}
}

// readActions are the entries that say that somebody read papers. Searches
// show lines of many papers that nobody reads; what is opened counts.
var readActions = []sohoa.Action{sohoa.ActionView, sohoa.ActionDownload, sohoa.ActionExport, sohoa.ActionCopy, sohoa.ActionHeld}

// nobodys are actors that are nobody who could be asked.
var nobodys = []string{"", "system", "reader", "unknown"}

// Watch counts what an entry says that its actor read, in the transaction that
// adds it, and raises a flag or makes one grow: so it is right with any number
// of processes. Tx.Append calls it. Most entries cost nothing; a reading is a
// row and a count over the actor's last hour.
func Watch(tx Tx, e sohoa.Entry) error {
	if !slices.Contains(readActions, e.Action) || slices.Contains(nobodys, e.Actor) {
		return nil
	}
	docs := JournalLinks(e)
	if !e.Document.IsZero() {
		docs = append(docs, e.Document)
	}
	if len(docs) == 0 {
		return nil
	}
	since := e.Time.Add(-sohoa.ReadWindow)
	if err := tx.NoteReadings(e, since, docs); err != nil {
		return err
	}
	n, err := tx.CountReadings(e.Actor, since)
	if err != nil || n <= min(sohoa.MaxReadDocuments, sohoa.MaxReadPersons) {
		return err
	}
	return flag(tx, e, since, n)
}

// flag raises a flag for who read n documents since a moment, if they have no
// open one that is about the same time, which grows.
func flag(tx Tx, e sohoa.Entry, since time.Time, n int) error {
	f, err := tx.LastFlag(e.Actor)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	raised := err == nil && f.Open() && !f.Until.Before(since)
	if raised && n < f.Documents+sohoa.FlagStep {
		return nil
	}
	since = flagSince(f, since)
	had := f.Documents
	if !raised {
		had = -sohoa.FlagStep
		f = sohoa.Flag{ID: sohoa.NewSetID(e.Time), Actor: e.Actor}
		if f.Agency, err = agencyOf(tx, e.Actor); err != nil {
			return err
		}
	}
	all, err := tx.Viewings(e.Actor, since)
	if err != nil || !f.Count(all) || f.Documents < had+sohoa.FlagStep {
		return err
	}
	if err := tx.PutFlag(f); err != nil || raised {
		return err
	}
	return noteFlag(tx, sohoa.Entry{Actor: "system", Action: sohoa.ActionFlag}, f, "")
}

// flagSince is from when on readings count, given the actor's last flag: one
// that is open goes on from its beginning, and what was read before one was
// closed was looked at.
func flagSince(last sohoa.Flag, since time.Time) time.Time {
	from := last.From
	if last.Closed != nil {
		from = last.Closed.At
	}
	if from.After(since) {
		return from
	}
	return since
}

// agencyOf is the agency of a user, or the only one of a program's key; empty
// is none.
func agencyOf(tx Tx, actor string) (string, error) {
	name, program := strings.CutPrefix(actor, sohoa.APIActor)
	if !program {
		return tx.ActorAgency(actor)
	}
	k, err := tx.APIKey(name)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && len(k.Agencies) != 1 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return k.Agencies[0], nil
}

// CloseFlag enters that somebody looked at a flag, and what they found. It
// fails with sohoa.ErrConflict where somebody did already.
func CloseFlag(ctx context.Context, c Catalog, id sohoa.SetID, by sohoa.Decision) error {
	return c.Update(ctx, func(tx Tx) error {
		f, err := tx.Flag(id)
		if err != nil {
			return err
		}
		if !f.Open() {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "flag.closed", Args: []string{f.Closed.By}}
		}
		f.Closed = &by
		if err := tx.PutFlag(f); err != nil {
			return err
		}
		return noteFlag(tx, sohoa.Entry{Actor: by.By, Action: sohoa.ActionFlagClosed}, f, by.Reason)
	})
}

func noteFlag(tx Tx, e sohoa.Entry, f sohoa.Flag, note string) error {
	detail := map[string]any{"flag": f.ID, "user": f.Actor, "documents": f.Documents, "persons": f.Persons}
	if note != "" {
		detail["note"] = note
	}
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	e.Detail = string(b)
	_, err = tx.Append(e)
	return err
}
