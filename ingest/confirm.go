package ingest

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/archive"
)

// ConfirmDesk is where people compare the fields of documents with the paper.
type ConfirmDesk interface {
	// Confirm enters what a person found on the paper: all fields of a
	// document at once. What recognition had read stays beside it
	// (sohoa.Field.Read). The change and its journal entry are durable when
	// Confirm returns; what is kept already gets it with its next version. The
	// same again changes nothing. Errors: sohoa.ErrNotExist; sohoa.FieldErrors
	// and other Problems of sohoa.ErrInvalid about values; of
	// sohoa.ErrConflict, with the document as it is now: "fields.changed" if
	// somebody else confirmed it after c.Version, "fields.found-again" if its
	// pages were read again, "fields.not-found" while they are being read.
	Confirm(ctx context.Context, id sohoa.DocumentID, c Confirmation) (sohoa.Document, error)
}

var _ ConfirmDesk = (*Service)(nil)

// Confirmation is what a person found on a paper.
type Confirmation struct {
	Actor   string             // User.Name
	Version int                // Document.FieldsAt that the person saw
	Values  []sohoa.FieldValue // of sohoa.FieldNames; what is left out, and was not read, is not on the paper

	Type     *string   // of the retention schedule, as SetType; nil leaves it
	Validity *Validity // as SetValidity; nil leaves it
}

// tidy is c as it is compared and kept: in NFC, with single spaces.
func (c Confirmation) tidy() Confirmation {
	clean := func(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }
	values := make([]sohoa.FieldValue, len(c.Values))
	for i, v := range c.Values {
		v.Value, v.Text = clean(v.Value), clean(v.Text)
		if v.Name == sohoa.FieldOwnerID {
			v.Value = strings.ToUpper(strings.NewReplacer(" ", "", ".", "").Replace(v.Value))
		}
		if v.Value == "" {
			v = sohoa.FieldValue{Name: v.Name}
		}
		values[i] = v
	}
	c.Values = values
	return c
}

// Confirm implements ConfirmDesk.
func (s *Service) Confirm(ctx context.Context, id sohoa.DocumentID, c Confirmation) (doc sohoa.Document, err error) {
	c = c.tidy()
	if c.Validity != nil {
		if err := c.Validity.tidy().check(); err != nil {
			return doc, err
		}
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		if doc, err = tx.Document(id); err != nil {
			return err
		}
		if !doc.FieldsFound() {
			return conflict("fields.not-found", id.String())
		}
		if err := doc.CheckFields(c.Values, sohoa.DateOf(s.Now())); err != nil {
			return err
		}
		return s.confirmIn(tx, &doc, c)
	})
	return doc, err
}

// confirmIn enters a confirmation that was checked.
func (s *Service) confirmIn(tx archive.Tx, doc *sohoa.Document, c Confirmation) error {
	fields, changed := doc.Confirm(c.Values, c.Actor, s.Now().UTC())
	same := sameFields(doc.Fields, fields)
	lives := s.livesOf(*doc, c)
	if same && len(lives) == 0 {
		return nil
	}
	if !same && c.Version != doc.FieldsAt {
		return overtakenBy(*doc)
	}
	for _, a := range lives {
		if err := s.decideAt(tx, doc, a); err != nil {
			return err
		}
	}
	if same {
		return nil
	}
	doc.Fields = fields
	doc.FieldsAt++
	goes := doc.Waits == sohoa.WaitFields && doc.State == sohoa.StateRead
	if goes {
		doc.Waits = ""
	}
	if err := tx.PutDocument(*doc); err != nil {
		return err
	}
	if err := s.journalBy(tx, c.Actor, *doc, sohoa.ActionConfirm, detail{"changed": strings.Join(changed, ","), "version": doc.FieldsAt}); err != nil {
		return err
	}
	switch {
	case goes:
		return tx.Enqueue(archive.Job{Stage: doc.Stage, Document: doc.ID})
	case doc.State == sohoa.StateKept:
		if err := s.tellReuses(tx, c.Actor, *doc); err != nil {
			return err
		}
		return tx.Enqueue(archive.Job{Stage: sohoa.StageAmend, Document: doc.ID})
	}
	return nil
}

// overtakenBy is the Problem of whoever confirms what has changed meanwhile.
func overtakenBy(doc sohoa.Document) error {
	var last sohoa.Field
	for _, f := range doc.Fields {
		if f.Confirmed && f.At.After(last.At) {
			last = f
		}
	}
	if last.By == "" {
		return conflict("fields.found-again")
	}
	return conflict("fields.changed", last.By)
}

// sameFields reports whether a confirmation changes nothing.
func sameFields(a, b []sohoa.Field) bool {
	if len(a) != len(b) {
		return false
	}
	had := map[string]sohoa.Field{}
	for _, f := range a {
		had[f.Name] = f
	}
	for _, f := range b {
		if h := had[f.Name]; !h.Confirmed || h.Value != f.Value || h.Page != f.Page || h.Box != f.Box {
			return false
		}
	}
	return true
}

// livesOf are the decisions in a confirmation that change something.
func (s *Service) livesOf(doc sohoa.Document, c Confirmation) (all []Amendment) {
	if c.Type != nil && *c.Type != doc.Life.Type {
		all = append(all, s.typing(c.Actor, *c.Type))
	}
	if v := c.Validity; v != nil {
		v := v.tidy()
		if v.From != doc.Life.ValidFrom || v.Until != doc.Life.ValidUntil || v.Scope != doc.Life.Scope {
			all = append(all, s.validity(c.Actor, v))
		}
	}
	return all
}

// decideAt enters a decision about doc, which need not be kept yet: then its
// first version has it.
func (s *Service) decideAt(tx archive.Tx, doc *sohoa.Document, a Amendment) error {
	if doc.State == sohoa.StateKept {
		now, err := s.AmendIn(tx, doc.ID, a)
		if err == nil {
			*doc = now
		}
		return err
	}
	if err := a.Change(tx, doc); err != nil {
		return err
	}
	doc.Life.Change++
	if err := tx.PutDocument(*doc); err != nil {
		return err
	}
	return s.journalBy(tx, a.Actor, *doc, a.Action, a.Detail)
}

// withConfirmed is what was found on the pages beside what people confirmed on
// the same pages.
func withConfirmed(have, found []sohoa.Field) []sohoa.Field {
	var out []sohoa.Field
	for _, f := range have {
		if f.Confirmed {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out // all were confirmed at once
	}
	return withBrought(have, found)
}

// current is doc, as a stage before its first version worked on it, with what
// people entered meanwhile.
func current(tx archive.Tx, doc sohoa.Document) (sohoa.Document, error) {
	now, err := tx.Document(doc.ID)
	doc.Fields, doc.FieldsAt, doc.Life = now.Fields, now.FieldsAt, now.Life
	return doc, err
}
