package web_test

import (
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/web/i18n"
)

// TestStatesAreNamedAsTheyAreTyped types the names that facets and chips show
// for states: each is the state itself.
func TestStatesAreNamedAsTheyAreTyped(t *testing.T) {
	for _, state := range []string{"processing", "parked", "kept", "in-force", "not-yet", "ended", "expired", "revoked", "replaced"} {
		for _, lang := range []string{"vi", "en"} {
			name := i18n.Text(sohoa.Lang(lang), "search-state."+state)
			for _, typed := range []string{name, state} {
				p, err := search.Parse(`trangthai:"`+typed+`"`, search.Privacy{})
				if err != nil || len(p.Filters) != 1 || p.Filters[0].Raw != state {
					t.Errorf("Parse of %q, which is what %s is called, = %+v, %v", typed, state, p.Filters, err)
				}
			}
		}
	}
}
