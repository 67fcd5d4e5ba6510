package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf8"

	"sohoa"
	"sohoa/search"
)

// suggestFrom is from how many characters on queries are completed: what one
// letter completes to helps nobody.
const suggestFrom = 2

// suggest completes what is being typed, from what the user may see and for a
// purpose, as a search. None are made where the index has none.
func (s *Server) suggest(ctx context.Context, prefix string, stated sohoa.Purpose) ([]search.Suggestion, error) {
	prefix = strings.TrimLeft(strings.ToValidUTF8(prefix, ""), " ")
	purpose, err := s.purposeOf(ctx, stated)
	n := utf8.RuneCountInString(prefix)
	index, ok := s.cfg.Index.(Suggester)
	if err != nil || !ok || n < suggestFrom || n > sohoa.MaxQueryRunes {
		return nil, err
	}
	all, err := index.Suggest(ctx, prefix, scopeOf(ctx))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all, s.journalSuggest(ctx, prefix, purpose, len(all))
}

// journalSuggest notes that the user was shown completions; once for a while
// for the same beginning.
func (s *Server) journalSuggest(ctx context.Context, prefix string, purpose sohoa.Purpose, shown int) error {
	masked, _ := s.cfg.Privacy.Query(prefix)
	detail, err := json.Marshal(map[string]any{"query": masked, "suggested": shown})
	if err != nil {
		return err
	}
	e := sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionSuggest, Purpose: clip(purpose.String()), Detail: string(detail)}
	key := "suggest\x00" + e.Actor + "\x00" + e.Purpose + "\x00" + e.Detail
	if s.seen.has(key) {
		return nil
	}
	if err := s.journal(ctx, e); err != nil {
		return err
	}
	s.seen.add(key)
	return nil
}

// partSuggest writes the options of the list below the search box.
func (s *Server) partSuggest(w http.ResponseWriter, r *http.Request) error {
	all, err := s.suggest(r.Context(), r.PostFormValue("q"), sohoa.Purpose{Dossier: r.PostFormValue("purpose")})
	if err != nil {
		return err
	}
	s.part(w, r, "suggestions", all)
	return nil
}
