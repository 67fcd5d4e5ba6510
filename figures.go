package sohoa

import (
	"math"
	"slices"
	"time"
)

// FigureFacts are what counts of a document in the figures of its dossier: bits,
// as the catalogue keeps them.
type FigureFacts int

// The facts. Only of what is kept.
const (
	FactComponent FigureFacts = 1 << iota // a paper of the dossier that was digitised (DuocSoHoa)
	FactResult                            // a result of the dossier: it has a code (Life.Result)
	FactBorn                              // a result that was made electronically, not digitised
	FactSealed                            // a result with a signature of the agency (NĐ 45/2020/NĐ-CP, Article 14)
)

// Facts are those of d. A document that gave its pages away has none.
func (d Document) Facts() (f FigureFacts) {
	switch {
	case d.State != StateKept || len(d.MovedTo) > 0:
		return 0
	case d.Life.Result != "":
		f |= FactResult
		if d.Master == MasterOriginal {
			f |= FactBorn
		}
		if slices.ContainsFunc(d.Signatures, SignatureMade.agency) {
			f |= FactSealed
		}
	case d.Master != MasterOriginal:
		f |= FactComponent
	}
	return f
}

// agency reports whether a signature is the agency's: made by its own key, or
// by somebody for it.
func (m SignatureMade) agency() bool {
	return m.User == "" || m.Part == PartAgency || m.Part == PartSeal
}

// KeptWait is the time from the acceptance of a document until it was kept, as
// RoundWait; false where it is not known.
func (d Document) KeptWait() (seconds int, ok bool) {
	if d.KeptAt.IsZero() || d.AcceptedAt.IsZero() {
		return 0, false
	}
	return RoundWait(d.KeptAt.Sub(d.AcceptedAt)), true
}

// RoundWait is a time in whole seconds of two significant digits, so that many
// of them are counted in few numbers; what is off is at most 5 %.
func RoundWait(d time.Duration) int {
	s := max(0, int(d/time.Second))
	unit := 1
	for s/unit >= 100 {
		unit *= 10
	}
	return int(math.Round(float64(s)/float64(unit))) * unit
}
