package ingest

import (
	"slices"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// DossierChanged implements ReuseDesk.
func (s *Service) DossierChanged(tx archive.Tx, had, now sohoa.Dossier) error {
	if anotherPerson(had.Owner, now.Owner) {
		reuses, err := tx.DossierReuses(had.Code)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(reuses, func(r sohoa.Reuse) bool { return r.State == sohoa.ReuseAccepted }) {
			return conflict("dossier.owner-reused", had.Code)
		}
	}
	if had.Owner == now.Owner && had.Procedure == now.Procedure {
		return s.touchDossier(tx, now.Code)
	}
	return s.touch(tx, ocfl.KindDossier, now.Code)
}

// anotherPerson reports whether what is known of an owner now is not that of
// the same person, or no longer says so. A number that is learned later, or a
// name put right beside its number, is.
func anotherPerson(had, now sohoa.Owner) bool {
	if had.IDNumber != "" {
		return now.IDNumber != had.IDNumber
	}
	return archive.NameKey(had.Name) != archive.NameKey(now.Name) || had.BirthDate != "" && had.BirthDate != now.BirthDate
}
