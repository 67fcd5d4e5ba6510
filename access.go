package sohoa

import (
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// User is a person who signs in.
type User struct {
	Name      string     `json:"name"` // sign-in name
	FullName  string     `json:"fullName"`
	Roles     []UserRole `json:"roles"`
	Agency    string     `json:"agency,omitempty"` // Agency.Code; empty is the whole installation
	CreatedAt time.Time  `json:"createdAt"`
	Ready     bool       `json:"ready"`              // has set a password
	Disabled  bool       `json:"disabled,omitempty"` // signs in no more
}

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,59}$`)

// maxFullName bounds User.FullName, in runes.
const maxFullName = 200

// Check reports as a Problem why u cannot be entered.
func (u User) Check() error {
	invalid := func(code string, args ...string) error { return &Problem{Kind: ErrInvalid, Code: code, Args: args} }
	if !userName.MatchString(u.Name) {
		return invalid("user.name", u.Name)
	}
	if n := utf8.RuneCountInString(u.FullName); n == 0 || n > maxFullName {
		return invalid("user.full-name")
	}
	if len(u.Roles) == 0 || slices.ContainsFunc(u.Roles, func(r UserRole) bool { return rolePowers[r] == nil }) {
		return invalid("user.roles", JoinRoles(UserRoles))
	}
	if u.Agency == "" && slices.ContainsFunc(u.Roles, func(r UserRole) bool { return !oversees[r] }) {
		return invalid("user.whole")
	}
	return nil
}

// May reports whether u has a power anywhere.
func (u User) May(p Power) bool {
	return slices.ContainsFunc(u.Roles, func(r UserRole) bool { return slices.Contains(rolePowers[r], p) })
}

// Oversees reports whether u has a power below their agency too.
func (u User) Oversees(p Power) bool {
	return slices.ContainsFunc(u.Roles, func(r UserRole) bool { return oversees[r] && slices.Contains(rolePowers[r], p) })
}

// Scope is where u has a power, given all agencies there are: by a role that
// oversees, in u's agency and all below it, or everywhere if u has none; by
// another, in u's agency.
func (u User) Scope(p Power, all []Agency) Scope {
	var s Scope
	for _, r := range u.Roles {
		switch {
		case !slices.Contains(rolePowers[r], p):
		case oversees[r] && u.Agency == "":
			return Everything
		case oversees[r]:
			s.Agencies = Below(u.Agency, all)
		case s.Agencies == nil:
			s.Agencies = []string{u.Agency}
		}
	}
	return s
}

// Scope is what its holder may see. It is part of every query; what is
// outside it does not exist for the holder. The zero value sees nothing.
type Scope struct {
	All      bool
	Agencies []string // Agency.Code
}

// Everything is the scope of the system itself, and of who oversees the whole
// installation.
var Everything = Scope{All: true}

// Includes reports whether papers of agency are inside s.
func (s Scope) Includes(agency string) bool {
	return s.All || slices.Contains(s.Agencies, agency)
}
