package ocfl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sohoa"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	ID     ID     // empty for what belongs to no object
	Key    string // of the file concerned; empty if it is the whole object
	Kind   Kind
	Code   string // of the OCFL specification, e.g. "E092"; may be empty
	Detail string // for operators
}

// Kind says what is wrong.
type Kind string

// The kinds of findings.
const (
	Missing   Kind = "missing"   // a file, a version or an object that should be there is not
	Changed   Kind = "changed"   // a file has other bytes than when it was kept
	Extra     Kind = "extra"     // a file that nothing refers to
	Malformed Kind = "malformed" // an inventory, sidecar or declaration that cannot be read as one
	Invalid   Kind = "invalid"   // another error by the OCFL specification
	Warning   Kind = "warning"   // against a recommendation of the OCFL specification
)

// Problem is the finding for people, nil for a warning.
func (f Finding) Problem() *sohoa.Problem {
	code := map[Kind]string{
		Missing: "store.missing", Changed: "store.changed", Extra: "store.extra",
		Malformed: "store.malformed", Invalid: "store.malformed",
	}[f.Kind]
	if code == "" {
		return nil
	}
	name := f.Key
	if name == "" {
		name = string(f.ID)
	}
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: code, Args: []string{name}, Detail: strings.TrimSpace(f.Code + " " + f.Detail)}
}

// Reading says how a check reads. The zero value reads as fast as it can.
type Reading struct {
	// Pace is called with the number of bytes after each piece that was read,
	// by several goroutines at once. It waits to bound the rate, or counts.
	Pace   func(ctx context.Context, n int) error // optional
	AtOnce int                                    // optional: files of one object that are read at the same time
}

// Against is what a check knows beside the object itself.
type Against struct {
	Reading
	Other  *Store // optional: another root that has the object, whose inventories are heard too
	Expect int    // optional: the version that must be there
	Leads  bool   // nothing that Other has may be newer
}

// ErrBusy says that an object cannot be judged now: a version of it is being
// written.
var ErrBusy = fmt.Errorf("a version is being written: %w", sohoa.ErrUnavailable)

// Fixity reads every byte of an object again and calls each for whatever is
// not as its inventories say, in no particular order. It needs little memory
// and runs beside other work. An error is about the store, or
// sohoa.ErrNotExist if there is nothing of the object; damage is a finding.
func (s *Store) Fixity(ctx context.Context, id ID, each func(Finding)) error {
	return s.Check(ctx, id, Against{}, each)
}

// Check is Fixity against what is known from elsewhere. An object that is not
// there at all is sohoa.ErrNotExist, unless it is expected; then it is a
// finding. What is found is looked at twice, so that a version that others
// write meanwhile is not taken for damage; one that is still being written is
// ErrBusy.
func (s *Store) Check(ctx context.Context, id ID, a Against, each func(Finding)) error {
	found, err := s.checkOnce(ctx, id, a)
	if err == nil && len(found) > 0 {
		found, err = s.confirm(ctx, id, a, found)
	}
	if err != nil {
		return fmt.Errorf("check %s: %w", id, err)
	}
	for _, f := range found {
		each(f)
	}
	return nil
}

func (s *Store) checkOnce(ctx context.Context, id ID, a Against) ([]Finding, error) {
	c, err := s.newCheck(ctx, id, a)
	if err != nil {
		return nil, err
	}
	err = c.run(ctx)
	return c.found, err
}

// confirm looks again while nobody here writes to the object, and returns what
// is found both times.
func (s *Store) confirm(ctx context.Context, id ID, a Against, before []Finding) ([]Finding, error) {
	defer s.lock(id)()
	if err := s.idle(ctx, id); err != nil {
		return nil, err
	}
	again, err := s.checkOnce(ctx, id, a)
	if err != nil {
		return nil, err
	}
	if err := s.idle(ctx, id); err != nil {
		return nil, err
	}
	return both(before, again), nil
}

// idle is ErrBusy while a version of the object is being written, or the
// object destroyed.
func (s *Store) idle(ctx context.Context, id ID) error {
	n, err := s.noted(ctx, id)
	if err == nil && n.number != 0 || errors.Is(err, sohoa.ErrVerification) {
		return ErrBusy
	}
	return err
}

// both are the findings of the second list that are about files of the first.
func both(first, second []Finding) (all []Finding) {
	seen := map[string]bool{}
	for _, f := range first {
		seen[f.Key] = true
	}
	for _, f := range second {
		if seen[f.Key] {
			all = append(all, f)
		}
	}
	return all
}

// oneLine is an error for Finding.Detail.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
