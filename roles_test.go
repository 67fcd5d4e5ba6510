package sohoa_test

import (
	"slices"
	"testing"

	"sohoa"
)

// TestScopeOfRoles tells work, which is at one's own desk, from oversight, which
// reaches below.
func TestScopeOfRoles(t *testing.T) {
	all := []sohoa.Agency{{Code: "H49"}, {Code: "H49.64", Parent: "H49"}, {Code: "H49.64.1", Parent: "H49.64"}, {Code: "H50"}, {Code: "X", Parent: "Y"}, {Code: "Y", Parent: "X"}}
	for _, tt := range []struct {
		name   string
		user   sohoa.User
		power  sohoa.Power
		whole  bool
		within []string
	}{
		{"a clerk works at their desk", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "H49"}, sohoa.PowerWork, false, []string{"H49"}},
		{"a clerk disposes of nothing", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "H49"}, sohoa.PowerDispose, false, nil},
		{"an archivist reaches below", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserArchivist}, Agency: "H49"}, sohoa.PowerDispose, false, []string{"H49", "H49.64", "H49.64.1"}},
		{"a clerk who is archivist too reads below", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserArchivist, sohoa.UserClerk}, Agency: "H49.64"}, sohoa.PowerRead, false, []string{"H49.64", "H49.64.1"}},
		{"and works at their desk", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserArchivist, sohoa.UserClerk}, Agency: "H49.64"}, sohoa.PowerWork, false, []string{"H49.64"}},
		{"an administrator of no agency sees everything", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserAdmin}}, sohoa.PowerRead, true, nil},
		{"a circle ends", sohoa.User{Roles: []sohoa.UserRole{sohoa.UserAdmin}, Agency: "X"}, sohoa.PowerRead, false, []string{"X", "Y"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.user.Scope(tt.power, all); got.All != tt.whole || !slices.Equal(got.Agencies, tt.within) {
				t.Errorf("Scope(%s) = %+v, want all %v, within %v", tt.power, got, tt.whole, tt.within)
			}
		})
	}
}
