package fixity

import (
	"context"
	"fmt"
	"strings"

	"sohoa"
	"sohoa/archive/ocfl"
)

// The parts of an examination, in order. A cursor is one of them, a colon, and
// where in it.
const (
	partRoot    = "0" // files of the root itself
	partOwn     = "1" // what is in this copy, by key
	partOther   = "2" // what only the other copy has, by key
	partUnknown = "3" // what only the catalogue has, by ID
)

// everything gives all that there is to look at after the cursor.
func (e *Examiner) everything(ctx context.Context, cursor string, give func(task) error) error {
	part, at, ok := strings.Cut(cursor, ":")
	if cursor != "" && !ok {
		return fmt.Errorf("cursor %q: %w", cursor, sohoa.ErrInvalid)
	}
	if cursor == "" {
		if err := give(task{partRoot + ":", e.root}); err != nil {
			return err
		}
		part = partRoot
	}
	for _, p := range []struct {
		name string
		walk func(ctx context.Context, after string, give func(task) error) error
	}{{partOwn, e.own}, {partOther, e.others}, {partUnknown, e.unknown}} {
		after := ""
		if p.name < part {
			continue
		}
		if p.name == part {
			after = at
		}
		if err := p.walk(ctx, after, give); err != nil {
			return err
		}
	}
	return nil
}

// own gives what is in this copy.
func (e *Examiner) own(ctx context.Context, after string, give func(task) error) error {
	for place, err := range e.Root.Walk(ctx, after) {
		if err != nil {
			return err
		}
		do := func(ctx context.Context) (Result, error) { return e.Object(ctx, place.ID) }
		if place.ID == "" {
			do = func(ctx context.Context) (Result, error) { return e.stray(ctx, place.Key) }
		}
		if err := give(task{partOwn + ":" + place.Key, do}); err != nil {
			return err
		}
	}
	return nil
}

// others gives what the other copy has and this one does not.
func (e *Examiner) others(ctx context.Context, after string, give func(task) error) error {
	if e.Other == nil {
		return nil
	}
	for place, err := range e.Other.Walk(ctx, after) {
		if err != nil {
			return err
		}
		if place.ID == "" {
			continue // the other one's own examination finds it
		}
		if err := give(task{partOther + ":" + place.Key, e.ifMissing(place.ID)}); err != nil {
			return err
		}
	}
	return nil
}

// unknown gives what only the catalogue has.
func (e *Examiner) unknown(ctx context.Context, after string, give func(task) error) error {
	if e.Kept == nil {
		return nil
	}
	return e.Kept(ctx, ocfl.ID(after), func(id ocfl.ID) error {
		return give(task{partUnknown + ":" + string(id), e.ifMissing(id)})
	})
}

// ifMissing looks at an object only if nothing of it is here: what is here was
// looked at.
func (e *Examiner) ifMissing(id ocfl.ID) func(context.Context) (Result, error) {
	return func(ctx context.Context) (Result, error) {
		has, err := e.Root.Has(ctx, id)
		if err != nil || has {
			return Result{}, err
		}
		return e.Object(ctx, id)
	}
}
