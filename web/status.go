package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"sohoa"
	"sohoa/archive"
)

// How often the last digits of a number may be guessed. By address whoever
// guesses is slowed down; by dossier all who guess together are, and then the
// last digits no longer do: the whole number is asked for, which the owner has
// and nobody guesses (docs/decisions/status.md). Only wrong digits count.
const (
	statusBurst  = 10 // by address
	statusEvery  = time.Minute
	guessesBurst = 10 // by dossier
	guessesEvery = 30 * time.Minute
)

// giveBack lets one more event of key pass: the last one was none.
func (l *limiter) giveBack(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if free, ok := l.free[key]; ok {
		l.free[key] = free.Add(-l.every)
	}
}

// statusFor tells how far a dossier is whose code somebody has, with the last
// digits of its owner's number or all of them. A code that nobody has, wrong
// digits and a dossier without a number are all "status.unknown", after the
// same work.
func (s *Server) statusFor(ctx context.Context, code, typed string) (dossierStatus, error) {
	digits, addr := digitsOf(typed), visitOf(ctx).addr
	if code == "" || len(digits) < sohoa.StatusDigits || len(digits) > maxIDDigits {
		return dossierStatus{}, newProblem(sohoa.ErrInvalid, "status.typed", strconv.Itoa(sohoa.StatusDigits))
	}
	if !s.statuses.take(addr) {
		return dossierStatus{}, newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	whole := len(digits) > sohoa.StatusDigits
	if !whole && !s.guesses.take(guessKey(code)) {
		s.statuses.giveBack(addr) // nothing was guessed
		return dossierStatus{}, newProblem(sohoa.ErrUnavailable, "status.whole")
	}
	d, right, err := s.owned(ctx, code, digits)
	if err != nil {
		return dossierStatus{}, err
	}
	if err := s.journalStatus(ctx, d.Code, right); err != nil {
		return dossierStatus{}, err
	}
	if !right {
		return dossierStatus{}, newProblem(sohoa.ErrNotExist, "status.unknown", strconv.Itoa(sohoa.StatusDigits))
	}
	s.statuses.giveBack(addr)
	if !whole {
		s.guesses.giveBack(guessKey(code))
	}
	return s.statusOfDossier(ctx, d)
}

// maxIDDigits bounds an identity number.
const maxIDDigits = 20

// guessKey is by what guesses at a dossier are counted, whether there is one
// or not.
func guessKey(code string) string {
	sum := sha256.Sum256([]byte(archive.Fold(code)))
	return string(sum[:])
}

// owned finds a dossier and says whether digits are its owner's number, or the
// last of it. What is compared has the same length in any case.
func (s *Server) owned(ctx context.Context, code, digits string) (sohoa.Dossier, bool, error) {
	d, err := s.cfg.Catalog.Dossier(ctx, sohoa.Everything, code)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return d, false, err
	}
	number := d.Owner.IDNumber
	known := len(number) > 2*sohoa.StatusDigits // fewer digits are no number of a person or an organisation
	if known && len(digits) == sohoa.StatusDigits {
		number = number[len(number)-sohoa.StatusDigits:]
	}
	theirs, ours := sha256.Sum256([]byte(digits)), sha256.Sum256([]byte(number))
	return d, subtle.ConstantTimeCompare(theirs[:], ours[:]) == 1 && known, nil
}

// journalStatus notes that somebody asked about a dossier, and whether they
// were told. What they typed is not in it; the dossier is, if there is one.
func (s *Server) journalStatus(ctx context.Context, dossier string, told bool) error {
	outcome := "refused"
	if told {
		outcome = "told"
	}
	b, err := json.Marshal(map[string]string{"address": visitOf(ctx).addr, "outcome": outcome})
	if err != nil {
		return err
	}
	actor := byEverybody
	if u := userOf(ctx); u.Name != "" {
		actor = u.Name
	}
	return s.journal(ctx, sohoa.Entry{Actor: actor, Action: sohoa.ActionStatus, Dossier: dossier, Detail: string(b)})
}

// documentsOf selects the documents of a dossier.
func documentsOf(dossier string) archive.DocumentQuery {
	return archive.DocumentQuery{Dossier: dossier, Limit: dossierDocuments}
}

// acceptedIn selects what a dossier uses again.
func acceptedIn(dossier string) archive.ReuseQuery {
	return archive.ReuseQuery{Dossier: dossier, State: sohoa.ReuseAccepted, Limit: dossierDocuments}
}
