package sohoa

import (
	"cmp"
	"slices"
	"time"
)

// Flag says that one person, or one program, read more papers in a short time
// than work at a counter takes. An inspector looks at it and closes it.
type Flag struct {
	ID        SetID       `json:"id"`
	Actor     string      `json:"actor"`            // Entry.Actor
	Agency    string      `json:"agency,omitempty"` // of the actor, by its code; decides who sees it
	From      time.Time   `json:"from"`             // of the first reading
	Until     time.Time   `json:"until"`            // of the last one that was counted
	Documents int         `json:"documents"`
	Persons   int         `json:"persons"`            // to whom their dossiers belong
	Purposes  []FlagCount `json:"purposes,omitempty"` // Entry.Purpose; the most frequent first, up to MaxFlagLines
	Dossiers  []FlagCount `json:"dossiers,omitempty"` // likewise
	Closed    *Decision   `json:"closed,omitempty"`
}

// FlagCount is a number of documents.
type FlagCount struct {
	Name      string `json:"name"`
	Documents int    `json:"documents"`
}

// Open reports whether nobody looked at f yet.
func (f Flag) Open() bool { return f.Closed == nil }

// Viewing is that somebody read a document: the last time, where they did so
// several times.
type Viewing struct {
	Document DocumentID
	Dossier  string
	Person   string // to whom the dossier belongs; only to tell people apart
	Purpose  string // Entry.Purpose
	At       time.Time
}

// Count enters readings into f in place of those before, and reports whether
// they are more than anybody needs.
func (f *Flag) Count(all []Viewing) bool {
	purposes, dossiers, persons := map[string]int{}, map[string]int{}, map[string]bool{}
	f.Documents = len(all)
	for _, r := range all {
		purposes[r.Purpose]++
		dossiers[r.Dossier]++
		persons[r.Person] = true
		if f.From.IsZero() || r.At.Before(f.From) {
			f.From = r.At
		}
		if r.At.After(f.Until) {
			f.Until = r.At
		}
	}
	f.Persons = len(persons)
	f.Purposes, f.Dossiers = mostFrequent(purposes), mostFrequent(dossiers)
	return f.Documents > MaxReadDocuments || f.Persons > MaxReadPersons
}

func mostFrequent(counts map[string]int) []FlagCount {
	var all []FlagCount
	for name, n := range counts {
		all = append(all, FlagCount{name, n})
	}
	slices.SortFunc(all, func(a, b FlagCount) int {
		return cmp.Or(cmp.Compare(b.Documents, a.Documents), cmp.Compare(a.Name, b.Name))
	})
	return all[:min(len(all), MaxFlagLines)]
}
