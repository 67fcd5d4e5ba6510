package postgres

import (
	"regexp"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// wholeLists finds in a plan that a table is read from one end to the other.
var wholeLists = regexp.MustCompile(`Seq Scan on (dossiers|documents)\b`)

// TestListPlans asks PostgreSQL how it goes about the lists of the start page:
// along an index, in the order in which they are shown.
func TestListPlans(t *testing.T) {
	conn := filled(t, fillReuses)
	one := sohoa.Scope{Agencies: []string{"A07"}}
	documents := func(scope sohoa.Scope, q archive.DocumentQuery) []any {
		query, args := selectDocuments(scope, q)
		return with(query, args)
	}
	testPlans(t, conn, wholeLists, map[string][]any{
		"dossiers of one": {selectSummaries, agencies(one), "", 50, "", nil},
		"all dossiers":    {selectSummaries, agencies(sohoa.Everything), "", 50, "", nil},
		"newest":          documents(sohoa.Everything, archive.DocumentQuery{Limit: 8}),
		"newest of one":   documents(one, archive.DocumentQuery{Limit: 8}),
		"parked":          documents(one, archive.DocumentQuery{State: sohoa.StateParked, Limit: 8}),
		"held":            documents(one, archive.DocumentQuery{Held: true, Limit: 8}),
		"of a dossier":    documents(one, archive.DocumentQuery{Dossier: "H0000070"}),
		"of all, by ID":   documents(one, archive.DocumentQuery{ByID: true, Limit: 8}),
	})
}
