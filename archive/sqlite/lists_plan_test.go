package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// TestListPlans asks SQLite how it goes about the lists of the start page:
// along an index, in the order in which they are shown.
func TestListPlans(t *testing.T) {
	c, err := Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	one := sohoa.Scope{Agencies: []string{"A"}}
	inOne, args := within(one, "o.agency")
	type query struct {
		text string
		args []any
	}
	of := func(text string, args []any) query { return query{text, args} }
	for name, q := range map[string]query{
		"dossiers of one":  of(selectSummaries(one, archive.DossierQuery{Limit: 50})),
		"all dossiers":     of(selectSummaries(sohoa.Everything, archive.DossierQuery{Limit: 50})),
		"newest":           of(selectNewest(sohoa.Everything, archive.DocumentQuery{Limit: 8})),
		"newest of one":    of(selectNewest(one, archive.DocumentQuery{Limit: 8})),
		"parked":           of(selectNewest(one, archive.DocumentQuery{State: sohoa.StateParked, Limit: 8})),
		"held":             of(selectNewest(one, archive.DocumentQuery{Held: true, Limit: 8})),
		"of a dossier":     of(selectDocuments(one, archive.DocumentQuery{Dossier: "D"})),
		"states of one":    of(selectStates(false, inOne), args),
		"states of all":    of(selectStates(true, ""), nil),
		"of all, by their": of(selectDocuments(one, archive.DocumentQuery{ByID: true, After: sohoa.NewDocumentID(c.now())})),
	} {
		rows, err := c.read.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+q.text, q.args...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			derived := step == "SCAN o" || step == "SCAN d" // what a subquery found
			if strings.HasPrefix(step, "SCAN") && !strings.Contains(step, "INDEX") && !derived || name == "held" && strings.Contains(step, "documents_accepted") {
				t.Errorf("%s reads a whole table: %s", name, step)
			}
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
