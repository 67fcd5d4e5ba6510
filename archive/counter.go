package archive

import (
	"context"
	"slices"

	"sohoa"
)

// Counter are the reads of a clerk's counter: about papers that are not
// digitised, and about people who were here before.
type Counter interface {
	// Omissions returns those of some dossiers in scope, by dossier and
	// requirement.
	Omissions(ctx context.Context, scope sohoa.Scope, dossiers ...string) ([]sohoa.Omission, error)
	// Covers returns what some dossiers in scope have for what their
	// procedures ask, the same once, in no order.
	Covers(ctx context.Context, scope sohoa.Scope, dossiers ...string) ([]Cover, error)
	// Owners returns the owners of dossiers in scope, as the newest of each
	// says, the newest first.
	Owners(ctx context.Context, scope sohoa.Scope, q OwnerQuery) ([]sohoa.Owner, error)
}

// Cover is something that a dossier has for one of its requirements: what was
// said to be it, or decided about it, or where only its kind is known, that.
type Cover struct {
	Dossier     string
	By          CoverKind
	Requirement string // empty: whichever asks for Type
	Type        string // Life.Type of a document
}

// CoverKind is what a Cover is.
type CoverKind string

// The kinds.
const (
	CoverDocument CoverKind = "document"
	CoverReuse    CoverKind = "reuse"    // accepted
	CoverOmission CoverKind = "omission" // it is not digitised
)

// For reports whether c is there for a requirement of its dossier.
func (c Cover) For(r sohoa.Requirement) bool {
	if c.Requirement != "" {
		return c.Requirement == r.Code
	}
	return r.Satisfied(c.Type)
}

// OwnerQuery selects people; one of both is looked for, the number first.
type OwnerQuery struct {
	IDNumber string // how their identity number begins
	Name     string // part of their name; case and marks do not matter
	Limit    int    // 0 is 100
}

// ownersLooked is how many dossiers are looked at for each owner that is
// wanted: a person who comes often has many.
const ownersLooked = 20

// Looked is how many dossiers are read for a query.
func (q OwnerQuery) Looked() int { return q.Wanted() * ownersLooked }

// Wanted is how many owners are returned at most.
func (q OwnerQuery) Wanted() int {
	if q.Limit <= 0 {
		return 100
	}
	return q.Limit
}

// Few leaves each person once, as the first of them is, and no more than are
// wanted.
func (q OwnerQuery) Few(all []sohoa.Owner) []sohoa.Owner {
	seen := map[string]bool{}
	few := slices.DeleteFunc(all, func(o sohoa.Owner) bool {
		who := o.IDNumber
		if who == "" {
			who = NameKey(o.Name) + "\x00" + string(o.BirthDate)
		}
		again := seen[who]
		seen[who] = true
		return again
	})
	return few[:min(len(few), q.Wanted())]
}

// CounterTx are the changes to them.
type CounterTx interface {
	// Omissions returns those of a dossier, by requirement.
	Omissions(dossier string) ([]sohoa.Omission, error)
	// Covers is as Counter.Covers, of one dossier.
	Covers(dossier string) ([]Cover, error)
	// PutOmission takes the place of one of the same requirement.
	PutOmission(o sohoa.Omission) error
	// RemoveOmission leaves none; there may be none already.
	RemoveOmission(dossier, requirement string) error
	// LastDossier returns the highest code that begins with prefix and goes on
	// with digits only; empty if there is none. No other transaction gets an
	// answer for the same prefix until this one ends.
	LastDossier(prefix string) (string, error)
}
