package ingest

import (
	"context"
	"time"

	"sohoa"
	"sohoa/archive"
)

// ReuseDesk is where what is held already takes the place of papers that
// procedures ask for. Dossiers outside a scope are sohoa.ErrNotExist; the
// held results themselves are found at every agency, since a person is not to
// be asked for them again (NĐ 107/2021/NĐ-CP): the purpose, which is the
// dossier and the requirement at hand, is what gives the right to look.
//
// Every look-up and every decision is a journal entry.
type ReuseDesk interface {
	// Papers lists what a dossier's procedure asks for, and how far each is.
	Papers(ctx context.Context, scope sohoa.Scope, dossier string) ([]Paper, error)
	// Held returns what is held of the owner of a dossier and may be what a
	// requirement asks for, the best first: judged by every rule, within one
	// verdict those of a kind before those of none, then the newest.
	Held(ctx context.Context, by ReuseActor, dossier, requirement string) ([]Offer, error)
	// AcceptReuse uses a held result in a dossier. It is judged anew; one that
	// fails a rule is the Problem of that rule, one that must be confirmed and
	// was not is "reuse.confirm". A requirement that has an accepted result is
	// "reuse.taken", but the same result again is the reuse that there is.
	AcceptReuse(ctx context.Context, by ReuseActor, r ReuseRequest) (sohoa.Reuse, error)
	// DeclineReuse says why a held result is not used.
	DeclineReuse(ctx context.Context, by ReuseActor, r ReuseRequest) (sohoa.Reuse, error)
	// EndReuse takes an accepted result out of its dossier again.
	EndReuse(ctx context.Context, by ReuseActor, id sohoa.SetID, reason sohoa.ReuseReason, note string) (sohoa.Reuse, error)
	// SeenLoss notes that somebody knows of a Reuse.Lost, and what is done.
	SeenLoss(ctx context.Context, by ReuseActor, id sohoa.SetID, note string) (sohoa.Reuse, error)
	// Compare notes that a digitised paper was compared with the original.
	Compare(ctx context.Context, actor string, id sohoa.DocumentID, form sohoa.PaperForm) (sohoa.Document, error)
	// DossierChanged belongs into the transaction that changes the owner,
	// procedure or subject of a dossier: the storage root gets it. One that uses
	// results of its owner is not given to another person: that is
	// "dossier.owner-reused".
	DossierChanged(tx archive.Tx, had, now sohoa.Dossier) error
	// ReuseFigures counts, by agency, what happened in the days from and until,
	// both included.
	ReuseFigures(ctx context.Context, scope sohoa.Scope, from, until sohoa.Date) ([]ReuseFigures, error)
}

// ReuseActor is who asks: a user, or a program for one.
type ReuseActor struct {
	Name  string // Entry.Actor
	Scope sohoa.Scope
	For   string // the one-stop software's user, where a program asks; stands in the journal
}

// ReuseRequest names what is decided about.
type ReuseRequest struct {
	Dossier     string
	Requirement string
	Document    sohoa.DocumentID
	Confirmed   bool              // the actor confirmed what sohoa.ReuseConfirm left open
	Reason      sohoa.ReuseReason // of DeclineReuse
	Note        string
}

// Offer is something that is held, with what the rules say of it.
type Offer struct {
	Document sohoa.Document
	Dossier  sohoa.Dossier // in which it is held
	Agency   sohoa.Agency  // where
	Verdict  sohoa.ReuseOutcome
	Checks   []sohoa.ReuseCheck
	Decided  *sohoa.Reuse // what was decided about it for this requirement
}

// Paper is a requirement of a dossier, and what there is for it.
type Paper struct {
	sohoa.Requirement
	Reuse     *sohoa.Reuse       // accepted, or else the newest declined
	Offers    int                // held results that no rule fails; only where Reuse and Omitted are nil
	Documents []sohoa.DocumentID // of the dossier itself, that it covers
	Omitted   *sohoa.Omission    // it is not digitised
}

// ReuseFigures are counts of one agency. The national rate of reuse (QĐ
// 766/QĐ-TTg) is Reusing of Received, of which 80 % earns full marks.
type ReuseFigures struct {
	Agency      sohoa.Agency
	Received    int // dossiers
	Reusing     int // of these, with at least one accepted reuse
	Accepted    int // papers not asked for
	Declined    int
	Offered     int // requirements for which something was held that no rule fails, decided or not
	Lost        int // accepted results that lost their force later
	Unseen      int // of these, those that nobody knows of yet
	Until, From sohoa.Date
	At          time.Time
}
