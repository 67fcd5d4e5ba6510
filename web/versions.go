package web

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"time"

	"sohoa"
)

// docFacts is what a person who reads, signs or judges a document wants beside
// its pages: its fields, the signatures made here, and its versions. The
// template is "document-facts".
type docFacts struct {
	Doc      sohoa.Document
	Purpose  string
	Confirms bool // the reader may confirm its fields
	Made     []madeLine
	Versions []versionLine // newest first
}

// versionLine is a version of a document that is kept: when, what is new in
// it, and whose doing that is.
type versionLine struct {
	Revision int
	At       time.Time
	Action   sohoa.Action
	By       string // full name; empty for the system
	Changes  []doneLine
}

// doneLine is what somebody did that a version is the first to have.
type doneLine struct {
	Action sohoa.Action
	By     string
}

// recordedActions are those whose effect is in the record of the next version.
var recordedActions = map[sohoa.Action]bool{sohoa.ActionConfirm: true, sohoa.ActionRevoke: true, sohoa.ActionReinstate: true, sohoa.ActionReplace: true,
	sohoa.ActionValidity: true, sohoa.ActionType: true, sohoa.ActionRetention: true, sohoa.ActionLegalHold: true, sohoa.ActionLiftHold: true,
	sohoa.ActionCompare: true, sohoa.ActionResult: true, sohoa.ActionArrange: true}

// keepingActions are those that make a version.
var keepingActions = map[sohoa.Action]bool{sohoa.ActionKeep: true, sohoa.ActionSign: true, sohoa.ActionStamp: true, sohoa.ActionAmend: true,
	sohoa.ActionRenew: true, sohoa.ActionRecover: true}

// documentFacts gathers them, from a history that the reader may see.
func (s *Server) documentFacts(ctx context.Context, doc sohoa.Document, history []sohoa.Entry) (f docFacts, err error) {
	f.Doc = doc
	if f.Confirms, err = s.mayConfirm(ctx, doc); err != nil {
		return f, err
	}
	who, err := s.names(ctx)
	if err != nil {
		return f, err
	}
	for _, m := range doc.Signatures {
		f.Made = append(f.Made, madeLine{m, who.of(m.User), who.of(m.For)})
	}
	f.Versions = versionsOf(history, who)
	return f, nil
}

// versionsOf are the versions that a history tells of, newest first.
func versionsOf(history []sohoa.Entry, who names) (all []versionLine) {
	name := func(actor string) string {
		if actor == "system" {
			return ""
		}
		return cmp.Or(who.of(actor), actor)
	}
	var since []doneLine
	for _, e := range history {
		if recordedActions[e.Action] {
			since = append(since, doneLine{e.Action, name(e.Actor)})
			continue
		}
		var detail struct {
			Revision int `json:"revision"`
		}
		if !keepingActions[e.Action] || e.Detail == "" || json.Unmarshal([]byte(e.Detail), &detail) != nil || detail.Revision == 0 {
			continue
		}
		if n := len(all); n > 0 && detail.Revision <= all[n-1].Revision {
			continue
		}
		all = append(all, versionLine{detail.Revision, e.Time, e.Action, name(e.Actor), since})
		since = nil
	}
	slices.Reverse(all)
	return all
}
