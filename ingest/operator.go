package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"sohoa"
	"sohoa/archive"
)

// operatorFirst reports whether whoever digitised a paper signs it before the
// office does (TT 01/2023/TT-VPCP, Article 8.1). Who is not a user here cannot
// sign; the office does, as it would without this rule.
func (s *Service) operatorFirst(ctx context.Context, doc sohoa.Document) (bool, error) {
	if !s.Signing.OperatorFirst {
		return false, nil
	}
	_, err := s.Catalog.User(ctx, doc.AcceptedBy)
	if errors.Is(err, sohoa.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// operatorSet is the n-th signing set of a clerk and a day. Its ID follows
// from these, so that of two documents that are kept at the same time both
// find it.
func (s *Service) operatorSet(clerk sohoa.User, agency string, n int) sohoa.SigningSet {
	now := s.Now()
	day := now.In(sohoa.Hanoi)
	set := sohoa.SigningSet{
		ID:     dayID(now, fmt.Sprintf("%s\n%s\n%d", clerk.Name, agency, n)),
		Title:  fmt.Sprintf("Bản sao số hóa ngày %s – %s", day.Format("02.01.2006"), clerk.FullName),
		Agency: agency, State: sohoa.SetOpen, CreatedAt: now.UTC(), CreatedBy: clerk.Name,
		Steps: []sohoa.SignStep{{Part: sohoa.PartOperator, User: clerk.Name}},
	}
	if n > 0 {
		set.Title += fmt.Sprintf(" (%d)", n+1)
	}
	if s.Sealer != nil {
		set.Steps = append(set.Steps, sohoa.SignStep{Part: sohoa.PartAgency})
	}
	return set
}

// dayID is an identifier that begins with the day of t and ends with what name
// makes of it.
func dayID(t time.Time, name string) sohoa.SetID {
	y, m, d := t.In(sohoa.Hanoi).Date()
	start := time.Date(y, m, d, 0, 0, 0, 0, sohoa.Hanoi)
	sum := sha256.Sum256([]byte(start.Format(time.DateOnly) + "\n" + name))
	return sohoa.SetIDOf(start, sum[:])
}

// joinOperatorSet puts a document that is about to be kept into the set of the
// day of whoever digitised it: the first that nobody has signed in yet and that
// has room.
func (s *Service) joinOperatorSet(tx archive.Tx, doc *sohoa.Document, clerk sohoa.User) error {
	dossier, err := tx.Dossier(doc.Dossier)
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		set := s.operatorSet(clerk, dossier.Agency, n)
		position, ok, err := joinable(tx, &set)
		if err != nil {
			return err
		}
		if ok {
			if err := s.enterItem(tx, doc, set, position); err != nil {
				return err
			}
			return s.journal(tx, *doc, sohoa.ActionSet, detail{"set": set.ID})
		}
	}
}

// joinable says whether a document may come into a set, which is made if it is
// not there, and at what position.
func joinable(tx archive.Tx, set *sohoa.SigningSet) (position int, ok bool, err error) {
	known, err := tx.SigningSet(set.ID)
	if errors.Is(err, sohoa.ErrNotExist) {
		return 0, true, tx.PutSigningSet(*set)
	}
	if err != nil || known.State != sohoa.SetOpen {
		return 0, false, err
	}
	items, err := tx.SetItems(set.ID)
	if err != nil || len(items) >= sohoa.MaxSetItems {
		return 0, false, err
	}
	for _, i := range items {
		if len(i.Signed) > 0 {
			return 0, false, nil
		}
	}
	*set = known
	return len(items), true, nil
}
