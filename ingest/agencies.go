package ingest

import (
	"context"
	"errors"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// AgencyDesk is where it is entered which agencies there are.
type AgencyDesk interface {
	// SetAgencies enters agencies in their order, all or none. One that is
	// there with the same code is replaced; others stay. The storage root gets
	// the list by a job. Errors are Problems about what was entered
	// (sohoa.Agency.Check, CheckPlace), and those of the catalogue.
	SetAgencies(ctx context.Context, actor string, all []sohoa.Agency) error
}

var _ AgencyDesk = (*Service)(nil)

// AgenciesRecord is agencies.json: all agencies, and which is above which.
type AgenciesRecord struct {
	Format   string         `json:"format"`
	ID       sohoa.SetID    `json:"id"`     // of the object
	Change   int            `json:"change"` // counts what was entered
	Kept     time.Time      `json:"kept"`
	Agencies []sohoa.Agency `json:"agencies"`
}

// SetAgencies implements AgencyDesk.
func (s *Service) SetAgencies(ctx context.Context, actor string, all []sohoa.Agency) error {
	if len(all) == 0 {
		return nil
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		known, err := tx.Agencies()
		if err != nil {
			return err
		}
		for _, a := range all {
			if err := errors.Join(a.Check(), a.CheckPlace(known)); err != nil {
				return err
			}
			known = append(slices.DeleteFunc(known, func(k sohoa.Agency) bool { return k.Code == a.Code }), a)
			if err := tx.PutAgency(a); err != nil {
				return err
			}
			what := detail{"agency": a.Code, "name": a.Name, "parent": a.Parent}
			if err := s.append(tx, sohoa.Entry{Actor: actor, Action: sohoa.ActionAgency}, what); err != nil {
				return err
			}
		}
		return s.touch(tx, ocfl.KindAgencies, "")
	})
}

// enterAgency enters the agency that the record of a paper or a dossier names.
// The list of agencies knows better, and so does who is above it.
func enterAgency(tx archive.Tx, a sohoa.Agency) error {
	known, err := tx.Agency(a.Code)
	if errors.Is(err, sohoa.ErrNotExist) {
		return tx.PutAgency(a)
	}
	if err != nil {
		return err
	}
	_, err = tx.NamedRecord(ocfl.KindAgencies, "")
	if !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if a.Parent == "" {
		a.Parent = known.Parent
	}
	return tx.PutAgency(a)
}

// restoreAgencies enters the list of agencies in the storage root.
func restoreAgencies(tx archive.Tx, r AgenciesRecord) error {
	more, err := newer(tx, archive.Record{ID: r.ID, Kind: ocfl.KindAgencies, Change: r.Change, Kept: r.Change})
	if err != nil || !more {
		return err
	}
	for _, a := range r.Agencies {
		if err := tx.PutAgency(a); err != nil {
			return err
		}
	}
	return nil
}
