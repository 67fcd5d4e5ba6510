package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"sohoa"
	"sohoa/archive"
	"sohoa/search"
)

// saveSearch saves a query of the user under a name. The same name again takes
// the place of the earlier one.
func (s *Server) saveSearch(ctx context.Context, name, query string, order search.Sort) (sohoa.SavedSearch, error) {
	now := s.cfg.Now().UTC()
	saved := sohoa.SavedSearch{ID: sohoa.NewSetID(now), User: userOf(ctx).Name, Name: clean(name), Query: clean(query), Order: string(order), At: now}
	if !slices.Contains(sorts, order) {
		saved.Order = ""
	}
	if _, identities := s.cfg.Privacy.Query(saved.Query); len(identities) > 0 {
		return saved, newProblem(sohoa.ErrInvalid, "saved.identity")
	}
	if err := saved.Check(); err != nil {
		return saved, err
	}
	if _, err := search.Parse(saved.Query, s.cfg.Privacy); err != nil {
		return saved, err
	}
	return saved, s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return putSaved(tx, saved) })
}

// putSaved saves one unless its user has as many as there can be.
func putSaved(tx archive.Tx, saved sohoa.SavedSearch) error {
	all, err := tx.SavedSearches(saved.User)
	if err != nil {
		return err
	}
	again := slices.ContainsFunc(all, func(x sohoa.SavedSearch) bool { return x.Name == saved.Name })
	if !again && len(all) >= sohoa.MaxSavedSearches {
		return newProblem(sohoa.ErrConflict, "saved.too-many", strconv.Itoa(sohoa.MaxSavedSearches))
	}
	if err := tx.PutSavedSearch(saved); err != nil {
		return err
	}
	return noteSaved(tx, saved.User, map[string]any{"saved": saved.ID, "name": saved.Name, "query": saved.Query})
}

func noteSaved(tx archive.Tx, user string, detail map[string]any) error {
	b, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	_, err = tx.Append(sohoa.Entry{Actor: user, Action: sohoa.ActionSavedSearch, Detail: string(b)})
	return err
}

// forgetSearch removes a saved search of the user. Another's is as one that is
// not there.
func (s *Server) forgetSearch(ctx context.Context, id string) error {
	parsed, err := sohoa.ParseSetID(id)
	if errors.Is(err, sohoa.ErrInvalid) {
		return archive.UnknownSavedSearch(sohoa.SetID(id))
	}
	if err != nil {
		return err
	}
	user := userOf(ctx).Name
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		if err := tx.RemoveSavedSearch(user, parsed); err != nil {
			return err
		}
		return noteSaved(tx, user, map[string]any{"removed": parsed})
	})
}

// postSaved saves the search on the screen.
func (s *Server) postSaved(w http.ResponseWriter, r *http.Request) error {
	saved, err := s.saveSearch(r.Context(), r.PostFormValue("name"), r.PostFormValue("q"), search.Sort(r.PostFormValue("order")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, savedLink(saved)+"#saved", http.StatusSeeOther)
	return nil
}

// postForget removes a saved search.
func (s *Server) postForget(w http.ResponseWriter, r *http.Request) error {
	if err := s.forgetSearch(r.Context(), r.PathValue("saved")); err != nil {
		return err
	}
	http.Redirect(w, r, "/search#saved", http.StatusSeeOther)
	return nil
}

// savedLink is where a saved search is run.
func savedLink(saved sohoa.SavedSearch) string {
	return searchPage{query: saved.Query, Order: search.Sort(saved.Order)}.at(url.Values{})
}
