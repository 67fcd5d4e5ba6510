package ingest

import (
	"context"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// ProcedureDesk is where it is entered what procedures ask for.
type ProcedureDesk interface {
	// SetProcedures enters procedures, all or none. One that is there with the
	// same code is replaced; others stay. Errors are Problems about what was
	// entered, and those of the catalogue.
	SetProcedures(ctx context.Context, actor string, all []sohoa.Procedure) error
}

var _ ProcedureDesk = (*Service)(nil)

// SetProcedures implements ProcedureDesk.
func (s *Service) SetProcedures(ctx context.Context, actor string, all []sohoa.Procedure) error {
	for _, p := range all {
		if err := p.Check(); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		for _, p := range all {
			if err := tx.PutProcedure(p); err != nil {
				return err
			}
			what := detail{"procedure": p.Code, "requirements": len(p.Requirements), "result": p.Result}
			if err := s.append(tx, sohoa.Entry{Actor: actor, Action: sohoa.ActionProcedure}, what); err != nil {
				return err
			}
		}
		return s.touch(tx, ocfl.KindProcedures, "")
	})
}
