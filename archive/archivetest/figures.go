package archivetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sohoa"
	"sohoa/archive"
)

// figureTests are about counts.
var figureTests = map[string]func(*testing.T, archive.Catalog){
	"figures follow documents": testFigures,
	"waits are counted":        testWaits,
}

func figuresOf(t *testing.T, c archive.Catalog, scope sohoa.Scope, q archive.FigureQuery, want ...archive.FigureCount) {
	t.Helper()
	got, err := c.FigureCounts(t.Context(), scope, q)
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || d != "" {
		t.Errorf("FigureCounts(%+v): %v (-want +got):\n%s", q, err, d)
	}
}

func testFigures(t *testing.T, c archive.Catalog) {
	dossier := func(code, agency, procedure string, at time.Time) sohoa.Dossier {
		return sohoa.Dossier{Code: code, Agency: agency, Procedure: procedure, CreatedAt: at}
	}
	h1, h2, h3 := dossier("H1", "A", "p", moment), dossier("H2", "A", "q", moment.Add(time.Hour)), dossier("H3", "B", "p", moment.Add(time.Hour))
	scan, result, parked, gone := document("H1", 1), document("H1", 2), document("H2", 3), document("H2", 4)
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDossier(h1), tx.PutDossier(h2), tx.PutDossier(h3), tx.PutDocument(scan), tx.PutDocument(result), tx.PutDocument(parked), tx.PutDocument(gone))
	})
	all := archive.FigureQuery{From: moment, Until: moment.Add(2 * time.Hour)}
	figuresOf(t, c, sohoa.Everything, all, archive.FigureCount{Key: "A", Received: 2, Documents: 4, Working: 4}, archive.FigureCount{Key: "B", Received: 1})
	keep := func(d *sohoa.Document, master sohoa.Master) {
		d.State, d.Master, d.Pages, d.KeptAt = sohoa.StateKept, master, 3, moment
	}
	keep(&scan, sohoa.MasterPDFA)
	keep(&result, sohoa.MasterOriginal)
	result.Life.Result = "H1-KQ1"
	result.Signatures = []sohoa.SignatureMade{{Part: sohoa.PartSeal, User: "an"}}
	parked.State, parked.Problem = sohoa.StateParked, &sohoa.Problem{Code: "x"}
	reuse := sohoa.Reuse{ID: sohoa.SetIDOf(moment, []byte{9: 1}), Dossier: "H3", Requirement: "TP1", Document: result.ID, State: sohoa.ReuseAccepted, At: moment}
	h1.Ended = "2026-03-09"
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(scan), tx.PutDocument(result), tx.PutDocument(parked), tx.PutReuse(reuse), tx.PutDossier(h1))
	})
	a := archive.FigureCount{Key: "A", Received: 2, Ended: 1, Components: 1, Results: 1, Digitised: 1, Sealed: 1, ResultFiles: 1, BornFiles: 1, SealedFiles: 1,
		Documents: 4, Working: 1, Parked: 1, Kept: 2, Pages: 6}
	figuresOf(t, c, sohoa.Everything, all, a, archive.FigureCount{Key: "B", Received: 1, Reusing: 1})
	figuresOf(t, c, sohoa.Scope{Agencies: []string{"B", "C"}}, all, archive.FigureCount{Key: "B", Received: 1, Reusing: 1})
	figuresOf(t, c, sohoa.Scope{}, all)
	figuresOf(t, c, sohoa.Everything, archive.FigureQuery{From: moment.Add(time.Hour), Until: moment.Add(2 * time.Hour), Procedure: "q"},
		archive.FigureCount{Key: "A", Received: 1, Documents: 2, Working: 1, Parked: 1})
	p := a
	p.Key, p.Received, p.Reusing, p.Documents, p.Working, p.Parked = "p", 2, 1, 2, 0, 0
	figuresOf(t, c, sohoa.Everything, archive.FigureQuery{From: moment, Until: moment.Add(2 * time.Hour), ByProcedure: true},
		p, archive.FigureCount{Key: "q", Received: 1, Documents: 2, Working: 1, Parked: 1})
	reuse.State, h2.Agency = sohoa.ReuseEnded, "B"
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutReuse(reuse), tx.PutDossier(h2), tx.BuryDocument(sohoa.Document{ID: scan.ID, Dossier: "H1", State: sohoa.StateDestroyed, Digest: scan.Digest}))
	})
	a = archive.FigureCount{Key: "A", Received: 1, Ended: 1, Results: 1, Sealed: 1, ResultFiles: 1, BornFiles: 1, SealedFiles: 1, Documents: 1, Kept: 1, Pages: 3}
	figuresOf(t, c, sohoa.Everything, all, a, archive.FigureCount{Key: "B", Received: 2, Documents: 2, Working: 1, Parked: 1})
}

func testWaits(t *testing.T, c archive.Catalog) {
	h1 := sohoa.Dossier{Code: "H1", Agency: "A", Procedure: "p", CreatedAt: moment, Ended: "2026-03-09"}
	h2 := sohoa.Dossier{Code: "H2", Agency: "B", Procedure: "q", CreatedAt: moment}
	docs := []sohoa.Document{document("H1", 1), document("H1", 2), document("H2", 3)}
	for i := range docs {
		docs[i].AcceptedAt = moment
	}
	set := sohoa.SigningSet{ID: sohoa.SetIDOf(moment, []byte{9: 1}), Agency: "A", State: sohoa.SetOpen, CreatedAt: moment}
	item := sohoa.SetItem{Set: set.ID, Document: docs[0].ID, State: sohoa.ItemDue, Signer: "an"}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDossier(h1), tx.PutDossier(h2), tx.PutDocument(docs[0]), tx.PutDocument(docs[1]), tx.PutDocument(docs[2]), tx.PutSigningSet(set), tx.PutSetItem(item))
	})
	waiting := func(q archive.FigureQuery, scope sohoa.Scope, want ...archive.WaitingCount) {
		t.Helper()
		got, err := c.WaitingNow(t.Context(), scope, q)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("WaitingNow(%+v): %v (-want +got):\n%s", q, err, d)
		}
	}
	second := moment.Truncate(time.Second)
	signed := archive.WaitingCount{Agency: "A", Kind: archive.WaitSigned, N: 1, Oldest: second}
	got, err := c.WaitingNow(t.Context(), sohoa.Everything, archive.FigureQuery{})
	for i := range got {
		got[i].Oldest = got[i].Oldest.Truncate(time.Second)
	}
	want := []archive.WaitingCount{{Agency: "A", Kind: archive.WaitKept, N: 2, Oldest: second}, {Agency: "B", Kind: archive.WaitKept, N: 1, Oldest: second}, signed,
		{Agency: "B", Kind: archive.WaitDone, N: 1, Oldest: second}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("WaitingNow: %v (-want +got):\n%s", err, d)
	}
	waiting(archive.FigureQuery{Procedure: "q"}, sohoa.Scope{Agencies: []string{"A"}})
	item.State, item.Signer, item.Signed = sohoa.ItemDone, "", []sohoa.SignatureMade{{Time: moment.Add(90 * time.Minute)}}
	docs[0].State, docs[0].KeptAt = sohoa.StateKept, moment.Add(42*time.Second)
	docs[1].State, docs[1].KeptAt = sohoa.StateKept, moment.Add(1234*time.Second)
	for range 2 { // whatever is put twice counts once
		update(t, c, func(tx archive.Tx) error {
			return errors.Join(tx.PutSetItem(item), tx.PutDocument(docs[0]), tx.PutDocument(docs[1]))
		})
	}
	q := archive.FigureQuery{From: moment, Until: moment.AddDate(0, 0, 30)}
	counts := []archive.WaitCount{{Key: "A", Kind: archive.WaitDone, Seconds: 5 * 86400, N: 1}, {Key: "A", Kind: archive.WaitKept, Seconds: 42, N: 1},
		{Key: "A", Kind: archive.WaitKept, Seconds: 1200, N: 1}, {Key: "A", Kind: archive.WaitSigned, Seconds: 5400, N: 1}}
	waits := func(scope sohoa.Scope, q archive.FigureQuery, want ...archive.WaitCount) {
		t.Helper()
		got, err := c.WaitCounts(t.Context(), scope, q)
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || d != "" {
			t.Errorf("WaitCounts(%+v): %v (-want +got):\n%s", q, err, d)
		}
	}
	waits(sohoa.Everything, q, counts...)
	waits(sohoa.Scope{Agencies: []string{"B"}}, q)
	waits(sohoa.Everything, archive.FigureQuery{From: q.From, Until: q.Until, Procedure: "q"})
	waits(sohoa.Everything, archive.FigureQuery{From: q.From, Until: moment.Add(time.Hour)}, counts[1], counts[2])
	h1.Agency, h1.Procedure, h1.Ended = "B", "q", ""
	update(t, c, func(tx archive.Tx) error { return tx.PutDossier(h1) })
	for i := range counts {
		counts[i].Key = "q"
	}
	waits(sohoa.Scope{Agencies: []string{"B"}}, archive.FigureQuery{From: q.From, Until: q.Until, ByProcedure: true}, counts[1:]...)
}
