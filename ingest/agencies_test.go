package ingest_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
)

// TestAgencyTreeSurvivesTheCatalogue puts the agency of a paper that is kept
// already below another, and rebuilds the catalogue from the storage root: the
// paper's record, which knows an older name and nobody above, changes nothing.
func TestAgencyTreeSurvivesTheCatalogue(t *testing.T) {
	of := openOffice(t, options{})
	of.papers(1)
	tree := []sohoa.Agency{{Code: "H00", Name: "UBND tỉnh"}, {Code: "H00.00.01", Name: "UBND phường Vĩnh Nghĩa", Parent: "H00"}}
	if err := of.SetAgencies(t.Context(), "quantri", tree); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []sohoa.Agency{{Code: "H00", Name: "x", Parent: "H00.00.01"}, {Code: "H01", Name: "x", Parent: "H02"}, {Code: "H 1", Name: "x"}} {
		if err := of.SetAgencies(t.Context(), "quantri", []sohoa.Agency{{Code: "H09", Name: "y"}, bad}); err == nil {
			t.Errorf("SetAgencies of %+v = nil, want a Problem", bad)
		}
	}
	of.reuseRecorded()
	want := must(of.catalog.Agencies(t.Context()))(t)
	if !slices.Contains(want, tree[1]) || slices.ContainsFunc(want, func(a sohoa.Agency) bool { return a.Code == "H09" }) {
		t.Fatalf("the agencies are %+v, want the tree and nothing of what was refused", want)
	}
	of.stop()
	loseCatalogue(t, of)
	of = openOffice(t, options{dir: of.dir, idle: true})
	of.recoverAll()
	of.recoverAll() // again, over what is there
	if d := cmp.Diff(want, must(of.catalog.Agencies(t.Context()))(t)); d != "" {
		t.Errorf("recovered (-want +got):\n%s", d)
	}
}
