package archivetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sohoa"
	"sohoa/archive"
)

func testSaved(t *testing.T, c archive.Catalog) {
	saved := func(user, name, query string, n byte) sohoa.SavedSearch {
		return sohoa.SavedSearch{ID: sohoa.SetIDOf(moment, []byte{9: n}), User: user, Name: name, Query: query, Order: "newest", At: moment}
	}
	b, a := saved("lan", "Bản đồ", `loai:"bản đồ"`, 1), saved("lan", "An", "an", 2)
	other := saved("binh", "An", "khác", 3)
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutSavedSearch(b), tx.PutSavedSearch(a), tx.PutSavedSearch(other))
	})
	want := func(user string, all ...sohoa.SavedSearch) {
		t.Helper()
		got, err := c.SavedSearches(t.Context(), user)
		if d := cmp.Diff(all, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("SavedSearches of %s: %v (-want +got):\n%s", user, err, d)
		}
		update(t, c, func(tx archive.Tx) error {
			got, err := tx.SavedSearches(user)
			if d := cmp.Diff(all, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("SavedSearches of %s in a transaction (-want +got):\n%s", user, d)
			}
			return err
		})
	}
	want("lan", a, b)
	anew := saved("lan", "An", "mới", 4)
	update(t, c, func(tx archive.Tx) error { return tx.PutSavedSearch(anew) })
	want("lan", anew, b)
	for name, id := range map[string]sohoa.SetID{"another's": other.ID, "a replaced one": a.ID} {
		err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.RemoveSavedSearch("lan", id) })
		if !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("RemoveSavedSearch of %s = %v, want ErrNotExist", name, err)
		}
	}
	update(t, c, func(tx archive.Tx) error { return tx.RemoveSavedSearch("lan", b.ID) })
	want("lan", anew)
	want("binh", other)
	want("nobody")
}
