package ingest

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
)

// Given is a copy of a document that was given out, as the journal has it.
type Given struct {
	Kind    CopyKind
	By      string // User.Name
	At      time.Time
	Purpose string
	Until   time.Time // of a reading copy
	Link    string    // names a reading copy; not what opens it
	Ended   time.Time // when it was called back; zero if it was not
	EndedBy string
}

// Open reports whether a copy can still be read by its link at a time.
func (g Given) Open(now time.Time) bool {
	return g.Kind == CopyReading && g.Ended.IsZero() && now.Before(g.Until)
}

// Given lists the copies of a document in scope that were given out, the
// newest first.
func (s *Service) Given(ctx context.Context, scope sohoa.Scope, id sohoa.DocumentID) ([]Given, error) {
	if _, err := archive.Owned(ctx, s.Catalog, scope, id); err != nil {
		return nil, err
	}
	history, err := s.Catalog.History(ctx, id)
	all := given(history)
	slices.Reverse(all)
	return all, err
}

// given reads from the history of a document which copies were given out.
func given(history []sohoa.Entry) []Given {
	var all []Given
	for _, e := range history {
		var d struct {
			Kind  CopyKind  `json:"kind"`
			Until time.Time `json:"until"`
			Link  string    `json:"link"`
		}
		if e.Action != sohoa.ActionCopy && e.Action != sohoa.ActionCopyEnd || json.Unmarshal([]byte(e.Detail), &d) != nil {
			continue
		}
		if e.Action == sohoa.ActionCopy {
			all = append(all, Given{Kind: d.Kind, By: e.Actor, At: e.Time, Purpose: e.Purpose, Until: d.Until, Link: d.Link})
			continue
		}
		for i := range all {
			if all[i].Link == d.Link && all[i].Ended.IsZero() {
				all[i].Ended, all[i].EndedBy = e.Time, e.Actor
			}
		}
	}
	return all
}

// EndReading calls a reading copy back: from then on its link opens nothing.
// The request says who does and why; its Kind does not count. Problems:
// export.purpose, copy.unknown, copy.ended.
func (s *Service) EndReading(ctx context.Context, r CopyRequest, link string) error {
	if err := checkPurpose(r.Purpose); err != nil {
		return err
	}
	doc, err := archive.Owned(ctx, s.Catalog, r.Scope, r.Document)
	if err != nil {
		return err
	}
	history, err := s.Catalog.History(ctx, doc.ID)
	if err != nil {
		return err
	}
	g, found := issued(history, link)
	if !found {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "copy.unknown"}
	}
	if !g.Open(s.Now()) {
		return ended(g)
	}
	e := sohoa.Entry{Actor: r.Actor, Action: sohoa.ActionCopyEnd, Document: doc.ID, Dossier: doc.Dossier, Purpose: r.Purpose}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.append(tx, e, detail{"link": link}) })
}

// ended is the Problem of a reading copy that is over.
func ended(g Given) *sohoa.Problem {
	at := g.Until
	if !g.Ended.IsZero() {
		at = g.Ended
	}
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "copy.ended", Args: []string{at.In(sohoa.Hanoi).Format("15:04 02/01/2006")}}
}
