package archive

import (
	"context"

	"sohoa"
)

// SavedSearches are the reads about searches that people saved.
type SavedSearches interface {
	// SavedSearches returns those of one user, in the order of their names.
	SavedSearches(ctx context.Context, user string) ([]sohoa.SavedSearch, error)
}

// SavedSearchesTx are the changes to them.
type SavedSearchesTx interface {
	// SavedSearches is as SavedSearches.SavedSearches; no other transaction
	// saves one of this user until this one ends.
	SavedSearches(user string) ([]sohoa.SavedSearch, error)
	// PutSavedSearch takes the place of one of the same user and name.
	PutSavedSearch(s sohoa.SavedSearch) error
	// RemoveSavedSearch fails with sohoa.ErrNotExist where the user has none
	// of that identifier.
	RemoveSavedSearch(user string, id sohoa.SetID) error
}

// UnknownSavedSearch is the Problem of a saved search that is not there.
func UnknownSavedSearch(id sohoa.SetID) error {
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "saved.unknown", Args: []string{string(id)}}
}
