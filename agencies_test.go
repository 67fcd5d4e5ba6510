package sohoa_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
)

func TestAgencyTree(t *testing.T) {
	all := []sohoa.Agency{{Code: "A", Parent: "T"}, {Code: "B", Parent: "gone"}, {Code: "C", Parent: "A"}, {Code: "T"}, {Code: "X", Parent: "Y"}, {Code: "Y", Parent: "X"}}
	want := []sohoa.PlacedAgency{{Agency: all[1]}, {Agency: all[3]}, {Agency: all[0], Depth: 1}, {Agency: all[2], Depth: 2}, {Agency: all[4]}, {Agency: all[5], Depth: 1}}
	if d := cmp.Diff(want, sohoa.AgencyTree(all)); d != "" {
		t.Errorf("AgencyTree (-want +got):\n%s", d)
	}
	for _, tt := range []struct {
		name, code, parent, problem string
	}{
		{"below another", "B", "C", ""},
		{"at the top", "C", "", ""},
		{"a new one", "N", "C", ""},
		{"below none that is there", "B", "Z", "agency.parent"},
		{"below itself", "A", "A", "agency.circle"},
		{"a new one below itself", "N", "N", "agency.circle"},
		{"below what is below it", "T", "C", "agency.circle"},
	} {
		err := sohoa.Agency{Code: tt.code, Parent: tt.parent}.CheckPlace(all)
		if (err == nil) != (tt.problem == "") || err != nil && (sohoa.AsProblem(err).Code != tt.problem || !errors.Is(err, sohoa.ErrInvalid)) {
			t.Errorf("%s: CheckPlace = %v, want %q", tt.name, err, tt.problem)
		}
	}
}
