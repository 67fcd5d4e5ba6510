package fixity

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/ocfl"
)

// detail is what a journal entry says beside its fields.
type detail map[string]any

// system is the actor of what nobody asked for in person.
const system = "system"

// journal appends an entry about a document, or about none.
func (a *Auditor) journal(tx archive.Tx, actor string, action sohoa.Action, d detail) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	e := sohoa.Entry{Actor: actor, Action: action, Detail: string(b)}
	if actor == "" {
		e.Actor = system
	}
	if object, ok := d["object"].(ocfl.ID); ok && object.Kind() == "" {
		if id, err := object.Document(); err == nil {
			e.Document = id
		}
	}
	_, err = tx.Append(e)
	return err
}

// entering says what a result is entered for.
type entering struct {
	copy  archive.CopyName
	pass  string // empty outside of passes
	actor string // empty is the system
}

// Enter enters what was found and repaired outside of a pass: in the catalogue
// and in the journal.
func (a *Auditor) Enter(ctx context.Context, c archive.CopyName, actor string, r Result) error {
	return a.Catalog.Update(ctx, func(tx archive.Tx) error { return a.put(tx, entering{copy: c, actor: actor}, r) })
}

// put enters a result.
func (a *Auditor) put(tx archive.Tx, in entering, r Result) error {
	now := a.Now().UTC()
	left := map[string]string{}
	for _, f := range r.Left {
		left[f.Key] = f.Detail
	}
	for _, f := range r.Findings {
		if why, ok := left[f.Key]; ok {
			f.Detail = why
		}
		if err := a.putFinding(tx, in, f, now); err != nil {
			return err
		}
	}
	for _, f := range r.Repaired {
		if err := a.putRepair(tx, in, f, now); err != nil {
			return err
		}
	}
	return nil
}

// putFinding enters a finding once for as long as it is open.
func (a *Auditor) putFinding(tx archive.Tx, in entering, f ocfl.Finding, now time.Time) error {
	open, err := tx.OpenFinding(in.copy, string(f.ID), f.Key)
	if err == nil {
		open.Seen, open.Kind, open.Detail = now, string(f.Kind), f.Detail
		return tx.PutFixityFinding(open)
	}
	if !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	if err := a.journal(tx, in.actor, sohoa.ActionDamage, detail{"copy": in.copy, "object": f.ID, "key": f.Key, "kind": f.Kind, "pass": in.pass}); err != nil {
		return err
	}
	return tx.PutFixityFinding(archive.FixityFinding{
		ID: sohoa.NewDocumentID(now).String(), Copy: in.copy, Object: string(f.ID), Key: f.Key,
		Kind: string(f.Kind), Detail: f.Detail, Pass: in.pass, Found: now, Seen: now,
	})
}

func (a *Auditor) putRepair(tx archive.Tx, in entering, f ocfl.Repaired, now time.Time) error {
	open, err := tx.OpenFinding(in.copy, string(f.ID), f.Key)
	if err != nil {
		return err
	}
	open.Ended, open.Actor, open.From = now, in.actor, string(f.From)
	if open.Actor == "" {
		open.Actor = system
	}
	if f.From == ocfl.FromOther {
		open.From = string(other(in.copy))
	}
	if err := tx.PutFixityFinding(open); err != nil {
		return err
	}
	if err := countRepair(tx, open); err != nil {
		return err
	}
	return a.journal(tx, in.actor, sohoa.ActionRepair, detail{"copy": in.copy, "object": f.ID, "key": f.Key, "kind": f.Kind, "from": open.From})
}

// countRepair counts a repair for the pass that found it, if that is the newest
// one.
func countRepair(tx archive.Tx, f archive.FixityFinding) error {
	p, err := tx.FixityPass(f.Copy)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && p.ID != f.Pass {
		return nil
	}
	if err != nil {
		return err
	}
	p.Repaired++
	return tx.PutFixityPass(p)
}

func other(c archive.CopyName) archive.CopyName {
	if c == archive.FirstCopy {
		return archive.SecondCopy
	}
	return archive.FirstCopy
}

// Repaired is what Auditor.Repair came to, in findings.
type Repaired struct {
	Repaired int
	Left     int
}

// Repair repairs what the open findings are about, in both copies, for actor.
// What could not be repaired stays open, and says why.
func (a *Auditor) Repair(ctx context.Context, actor string) (n Repaired, err error) {
	for _, c := range a.Copies() {
		if err := a.repairCopy(ctx, c, actor, &n); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (a *Auditor) repairCopy(ctx context.Context, c archive.CopyName, actor string, n *Repaired) error {
	open, err := a.Catalog.FindFixity(ctx, archive.FindingQuery{Copy: c, Open: true, Limit: sohoa.MaxFindings})
	if err != nil {
		return err
	}
	if len(open) == 0 {
		return nil
	}
	if err := a.Check(ctx, c); err != nil {
		return err
	}
	e := a.Examiner(ctx, c)
	e.Repair = true
	seen := map[string]bool{}
	for _, f := range open {
		thing := f.Object
		if thing == "" {
			thing = f.Key
		}
		if seen[thing] {
			continue
		}
		seen[thing] = true
		r, err := e.again(ctx, f)
		if errors.Is(err, sohoa.ErrNotExist) {
			err = nil
		}
		if err != nil {
			return err
		}
		if r.Busy {
			continue
		}
		n.Repaired, n.Left = n.Repaired+len(r.Repaired), n.Left+len(r.Left)
		if err := a.settle(ctx, c, actor, f, r); err != nil {
			return err
		}
	}
	return nil
}

// again looks at what a finding is about, and repairs it.
func (e *Examiner) again(ctx context.Context, f archive.FixityFinding) (Result, error) {
	if f.Object != "" {
		return e.Object(ctx, ocfl.ID(f.Object))
	}
	if f.Kind != string(ocfl.Extra) {
		return e.root(ctx)
	}
	return e.stray(ctx, f.Key)
}

// settle enters the repair of an object; open findings that it did not find any
// more end with it.
func (a *Auditor) settle(ctx context.Context, c archive.CopyName, actor string, f archive.FixityFinding, r Result) error {
	still := map[string]bool{}
	for _, found := range r.Findings {
		still[found.Key] = true
	}
	var open []archive.FixityFinding
	if f.Object != "" {
		var err error
		if open, err = a.Catalog.FindFixity(ctx, archive.FindingQuery{Copy: c, Object: f.Object, Open: true, Limit: sohoa.MaxFindings}); err != nil {
			return err
		}
	} else {
		open = []archive.FixityFinding{f}
	}
	return a.Catalog.Update(ctx, func(tx archive.Tx) error {
		for _, o := range open {
			if still[o.Key] {
				continue
			}
			o.Ended = a.Now().UTC()
			if err := tx.PutFixityFinding(o); err != nil {
				return err
			}
		}
		return a.put(tx, entering{copy: c, actor: actor}, r)
	})
}
