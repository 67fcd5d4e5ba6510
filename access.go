package sohoa

import (
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// User is a person who signs in.
type User struct {
	Name      string    `json:"name"` // sign-in name
	FullName  string    `json:"fullName"`
	Role      UserRole  `json:"role"`
	Agency    string    `json:"agency"` // Agency.Code
	CreatedAt time.Time `json:"createdAt"`
	Ready     bool      `json:"ready"` // has set a password
}

// UserRole decides what a user may do and see.
type UserRole string

// The roles of the first version. An administrator sees every agency, a clerk
// the dossiers of their own.
const (
	UserAdmin UserRole = "admin"
	UserClerk UserRole = "clerk"
)

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,59}$`)

// maxFullName bounds User.FullName, in runes.
const maxFullName = 200

// Check reports as a Problem why u cannot be entered.
func (u User) Check() error {
	if !userName.MatchString(u.Name) {
		return &Problem{Kind: ErrInvalid, Code: "user.name", Args: []string{u.Name}}
	}
	if n := utf8.RuneCountInString(u.FullName); n == 0 || n > maxFullName {
		return &Problem{Kind: ErrInvalid, Code: "user.full-name"}
	}
	return nil
}

// Scope is what its holder may see. It is part of every query; what is
// outside it does not exist for the holder. The zero value sees nothing.
type Scope struct {
	All      bool
	Agencies []string // Agency.Code
}

// Everything is the scope of the system itself and of administrators.
var Everything = Scope{All: true}

// Scope is what u may see.
func (u User) Scope() Scope {
	if u.Role == UserAdmin {
		return Everything
	}
	return Scope{Agencies: []string{u.Agency}}
}

// Includes reports whether papers of agency are inside s.
func (s Scope) Includes(agency string) bool {
	return s.All || slices.Contains(s.Agencies, agency)
}
