package ingest

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// SampleDesk is where quality samples are drawn and judged. Samples outside a
// scope are sohoa.ErrNotExist. Each draw, verdict, result and correction is a
// journal entry, so that a draw that somebody did not like can be seen.
type SampleDesk interface {
	// DrawSample draws documents by chance. With the seed in the journal
	// before anybody saw what it draws, nobody chose.
	DrawSample(ctx context.Context, by Inspector, d SampleDraw) (sohoa.Sample, error)
	// JudgeSample enters what was found on a page, or of the document as a
	// whole, in the place of what was entered before. Anybody who may see the
	// sample goes on with it.
	JudgeSample(ctx context.Context, by Inspector, id sohoa.SetID, document sohoa.DocumentID, v sohoa.SampleVerdict) (sohoa.SampleItem, error)
	// CloseSample counts what was found. Documents that are not kept any more
	// are left out; one that is and was not judged to the end is "sample.open".
	CloseSample(ctx context.Context, by Inspector, id sohoa.SetID, note string) (sohoa.Sample, error)
	// CorrectFault notes what was done about the faults of a document. by is
	// of the agency whose document it was when it was drawn.
	CorrectFault(ctx context.Context, by Inspector, id sohoa.SetID, document sohoa.DocumentID, note string) (sohoa.SampleItem, error)
	// VerifySample draws a sample again, from what is kept today.
	VerifySample(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (SampleCheck, error)
}

var _ SampleDesk = (*Service)(nil)

// Inspector is who draws, judges or corrects, and where they may.
type Inspector struct {
	Name  string // Entry.Actor
	Scope sohoa.Scope
}

// SampleDraw says what is drawn.
type SampleDraw struct {
	Agency      string // and those below it; empty is the whole installation
	Procedure   string // optional
	Type        string // optional: Life.Type
	From, Until sohoa.Date
	Size        int
	Fresh       bool   // without what earlier samples have
	Seed        string // optional: made here
}

// SampleCheck is what came of drawing a sample again.
type SampleCheck struct {
	Sample sohoa.Sample       `json:"sample"`
	Among  int                `json:"among"` // documents that could be drawn today
	Same   bool               `json:"same"`  // they are those of Sample.List
	Gone   []sohoa.DocumentID `json:"gone"`  // were drawn, and could not be today: destroyed, or given to another agency, procedure or type
	Passed []sohoa.DocumentID `json:"passed"`
}

// Holds reports whether the draw was as it says: nothing that could be drawn
// today has a lower rank than something that was drawn, and was not drawn
// itself. Where the list is another one, Passed may have come to it later.
func (c SampleCheck) Holds() bool { return len(c.Passed) == 0 && (!c.Same || len(c.Gone) == 0) }

// DrawSample implements SampleDesk.
func (s *Service) DrawSample(ctx context.Context, by Inspector, d SampleDraw) (sohoa.Sample, error) {
	now := s.Now().UTC().Truncate(time.Microsecond)
	sample := sohoa.Sample{ID: sohoa.NewSetID(now), Agency: d.Agency, Procedure: d.Procedure, Type: d.Type, From: d.From, Until: d.Until,
		Fresh: d.Fresh, Size: d.Size, Seed: strings.TrimSpace(d.Seed), By: by.Name, At: now}
	if err := s.checkDraw(&sample, by.Scope); err != nil {
		return sample, err
	}
	drawn, ids, err := s.draw(ctx, sample)
	if err != nil {
		return sample, err
	}
	if len(ids) == 0 {
		return sample, conflict("sample.none")
	}
	return drawn, s.Catalog.Update(ctx, func(tx archive.Tx) error { return s.enterSample(tx, drawn, ids) })
}

// checkDraw reports as a Problem what cannot be drawn, and makes a seed where
// none is given.
func (s *Service) checkDraw(sample *sohoa.Sample, scope sohoa.Scope) error {
	if sample.Size < 1 || sample.Size > sohoa.MaxSampleItems {
		return invalid("sample.size", strconv.Itoa(sohoa.MaxSampleItems))
	}
	if err := errors.Join(sample.From.Check(), sample.Until.Check()); err != nil || sample.From == "" || sample.Until < sample.From {
		return invalid("sample.days")
	}
	if !scope.Includes(sample.Agency) {
		return invalid("sample.agency", sample.Agency)
	}
	if sample.Seed == "" {
		var random [32]byte
		_, _ = rand.Read(random[:]) // never fails
		sample.Seed = sohoa.NewSeed(random)
		return nil
	}
	sample.Given = true
	return sohoa.CheckSeed(sample.Seed)
}

// draw draws from what is in the catalogue.
func (s *Service) draw(ctx context.Context, sample sohoa.Sample) (sohoa.Sample, []sohoa.DocumentID, error) {
	d := sohoa.NewDraw(sample)
	err := s.eachSampleable(ctx, sample, func(id sohoa.DocumentID, before bool) error {
		d.Add(id, before)
		return nil
	})
	drawn, ids := d.Done()
	return drawn, ids, err
}

// eachSampleable goes through what a sample could draw.
func (s *Service) eachSampleable(ctx context.Context, sample sohoa.Sample, visit func(sohoa.DocumentID, bool) error) error {
	scope := sohoa.Everything
	if sample.Agency != "" {
		all, err := s.Catalog.Agencies(ctx)
		if err != nil {
			return err
		}
		scope = sohoa.Scope{Agencies: sohoa.Below(sample.Agency, all)}
	}
	from, err1 := sohoa.ParseMoment(string(sample.From))
	until, err2 := sohoa.ParseMoment(string(sample.Until))
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if until = until.AddDate(0, 0, 1); until.After(sample.At) {
		until = sample.At
	}
	return s.Catalog.Sampleable(ctx, scope, archive.SampleableQuery{From: from, Until: until, Procedure: sample.Procedure,
		Type: sample.Type, Before: sample.ID}, visit)
}

// enterSample enters a sample and its documents as they are now.
func (s *Service) enterSample(tx archive.Tx, sample sohoa.Sample, ids []sohoa.DocumentID) error {
	if err := tx.PutSample(sample); err != nil {
		return err
	}
	for i, id := range ids {
		if err := s.enterSampled(tx, sample, id, i); err != nil {
			return err
		}
	}
	return s.append(tx, sohoa.Entry{Actor: sample.By, Action: sohoa.ActionSample}, detail{"sample": sample.ID, "agency": sample.Agency,
		"from": sample.From, "until": sample.Until, "seed": sample.Seed, "given": sample.Given, "among": sample.Among, "list": sample.List, "drawn": len(ids)})
}

func (s *Service) enterSampled(tx archive.Tx, sample sohoa.Sample, id sohoa.DocumentID, position int) error {
	doc, err := tx.Document(id)
	if err != nil {
		return err
	}
	had, err := tx.Sampled(id)
	if err != nil {
		return err
	}
	if had && sample.Fresh || doc.State != sohoa.StateKept {
		return conflict("sample.drawn", id.String())
	}
	d, err := tx.Dossier(doc.Dossier)
	if err != nil {
		return err
	}
	return tx.PutSampleItem(sohoa.SampleItem{Sample: sample.ID, Document: id, Position: position, Dossier: doc.Dossier, Agency: d.Agency,
		Pages: doc.Pages, Revision: doc.Revision})
}

// JudgeSample implements SampleDesk.
func (s *Service) JudgeSample(ctx context.Context, by Inspector, id sohoa.SetID, document sohoa.DocumentID, v sohoa.SampleVerdict) (item sohoa.SampleItem, err error) {
	if _, err := s.Catalog.Sample(ctx, by.Scope, id); err != nil {
		return item, err
	}
	v.By, v.At = by.Name, s.Now().UTC()
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if item, err = tx.SampleItem(id, document); err != nil {
			return err
		}
		if err := item.Judge(v); err != nil {
			return err
		}
		faults := detail{}
		for _, a := range v.Answers {
			if a.Fault != "" {
				faults[string(a.Question)] = a.Fault
			}
		}
		e := sohoa.Entry{Actor: by.Name, Action: sohoa.ActionJudge, Document: document, Dossier: item.Dossier, Page: v.Page}
		return errors.Join(tx.PutSampleItem(item), s.append(tx, e, detail{"sample": id, "faults": faults}))
	})
	return item, err
}

// CloseSample implements SampleDesk.
func (s *Service) CloseSample(ctx context.Context, by Inspector, id sohoa.SetID, note string) (sample sohoa.Sample, err error) {
	if _, err := s.Catalog.Sample(ctx, by.Scope, id); err != nil {
		return sample, err
	}
	if note = strings.TrimSpace(note); note != "" {
		if err := sohoa.CheckReason(note); err != nil {
			return sample, err
		}
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if sample, err = tx.Sample(id); err != nil {
			return err
		}
		if sample.Closed != nil {
			return conflict("sample.closed")
		}
		sample.Closed = &sohoa.Decision{By: by.Name, At: s.Now().UTC(), Reason: note}
		items, err := s.closeItems(tx, sample)
		if err != nil {
			return err
		}
		r := sohoa.ResultOf(items)
		sample.Result = &r
		return errors.Join(tx.PutSample(sample), s.append(tx, sohoa.Entry{Actor: by.Name, Action: sohoa.ActionSampleClose}, detail{"sample": id, "result": r}))
	})
	return sample, err
}

// closeItems ends the judging of all documents of a sample.
func (s *Service) closeItems(tx archive.Tx, sample sohoa.Sample) ([]sohoa.SampleItem, error) {
	items, err := tx.SampleItems(sample.ID)
	if err != nil {
		return nil, err
	}
	open := 0
	for n := range items {
		i := &items[n]
		if !i.Judged() {
			doc, err := tx.Document(i.Document)
			if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
				return nil, err
			}
			if i.Gone = err != nil || doc.State != sohoa.StateKept; !i.Gone {
				open++
			}
		}
		i.Closed = sample.Closed.At
		if err := tx.PutSampleItem(*i); err != nil {
			return nil, err
		}
	}
	if open > 0 {
		return nil, conflict("sample.open", strconv.Itoa(open))
	}
	return items, nil
}

// CorrectFault implements SampleDesk.
func (s *Service) CorrectFault(ctx context.Context, by Inspector, id sohoa.SetID, document sohoa.DocumentID, note string) (item sohoa.SampleItem, err error) {
	d := sohoa.Decision{By: by.Name, At: s.Now().UTC(), Reason: strings.TrimSpace(note)}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if item, err = tx.SampleItem(id, document); err != nil {
			return err
		}
		if !by.Scope.Includes(item.Agency) || item.Closed.IsZero() {
			return archive.NotInSample(document)
		}
		if err := item.Correct(d); err != nil {
			return err
		}
		e := sohoa.Entry{Actor: by.Name, Action: sohoa.ActionCorrect, Document: document, Dossier: item.Dossier}
		return errors.Join(tx.PutSampleItem(item), s.append(tx, e, detail{"sample": id}))
	})
	return item, err
}

// VerifySample implements SampleDesk.
func (s *Service) VerifySample(ctx context.Context, scope sohoa.Scope, id sohoa.SetID) (SampleCheck, error) {
	sample, err := s.Catalog.Sample(ctx, scope, id)
	if err != nil {
		return SampleCheck{}, err
	}
	items, err := s.Catalog.SampleItems(ctx, id)
	if err != nil {
		return SampleCheck{}, err
	}
	missing, highest := map[sohoa.DocumentID]bool{}, ""
	for _, i := range items {
		missing[i.Document] = true
		highest = max(highest, sample.Rank(i.Document).String())
	}
	short := len(items) < sample.Size // then everything was drawn
	d := sohoa.NewDraw(sample)
	check := SampleCheck{Sample: sample}
	err = s.eachSampleable(ctx, sample, func(id sohoa.DocumentID, before bool) error {
		d.Add(id, before)
		if !missing[id] && !(before && sample.Fresh) && (short || sample.Rank(id).String() < highest) {
			check.Passed = append(check.Passed, id)
		}
		delete(missing, id)
		return nil
	})
	again, _ := d.Done()
	check.Among, check.Same = again.Among, again.List == sample.List
	for id := range missing {
		check.Gone = append(check.Gone, id)
	}
	slices.SortFunc(check.Gone, func(a, b sohoa.DocumentID) int { return strings.Compare(a.String(), b.String()) })
	return check, err
}
