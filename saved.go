package sohoa

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// SavedSearch (tìm kiếm đã lưu) is a query that somebody runs again and again.
// It is theirs alone, whatever their role and that of others.
type SavedSearch struct {
	ID    SetID     `json:"id"`
	User  string    `json:"user"` // User.Name
	Name  string    `json:"name"` // as they call it
	Query string    `json:"query"`
	Order string    `json:"order,omitempty"` // search.Sort
	At    time.Time `json:"at"`              // when it was saved
}

// Check reports as a Problem why s cannot be saved.
func (s SavedSearch) Check() error {
	if !shortText(s.Name, MaxSavedNameRunes) {
		return &Problem{Kind: ErrInvalid, Code: "saved.name", Args: []string{strconv.Itoa(MaxSavedNameRunes)}}
	}
	if s.Query == "" {
		return &Problem{Kind: ErrInvalid, Code: "query.empty"}
	}
	if utf8.RuneCountInString(s.Query) > MaxQueryRunes {
		return &Problem{Kind: ErrInvalid, Code: "query.too-long", Args: []string{strconv.Itoa(MaxQueryRunes)}}
	}
	return nil
}
