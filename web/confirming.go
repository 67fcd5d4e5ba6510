package web

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest"
)

// confirmed enters what whoever asks found on a paper that they may change. On
// sohoa.ErrConflict the document comes as it is now.
func (s *Server) confirmed(ctx context.Context, id string, c ingest.Confirmation) (sohoa.Document, error) {
	doc, err := s.document(ctx, id)
	if err != nil {
		return doc, err
	}
	if unserved(doc) || s.confirms == nil {
		return doc, newProblem(sohoa.ErrConflict, "fields.not-found", doc.ID.String())
	}
	c.Actor = userOf(ctx).Name
	now, err := s.confirms.Confirm(ctx, doc.ID, c)
	if now.ID.IsZero() {
		now = doc
	}
	return now, err
}

// byWhom puts the full name into the Problem of what somebody else confirmed.
func (s *Server) byWhom(ctx context.Context, err error) error {
	p := sohoa.AsProblem(err)
	if p.Code != "fields.changed" {
		return err
	}
	who, nameErr := s.names(ctx)
	if nameErr != nil {
		return errors.Join(nameErr, err)
	}
	return newProblem(sohoa.ErrConflict, p.Code, cmp.Or(who.of(p.Args[0]), p.Args[0]))
}

// dayForm finds a day as people here write it: 2/8/2013, 02-08-2013, "ngày 02
// tháng 8 năm 2013".
var dayForm = regexp.MustCompile(`(?:^|\D)(\d{1,2})\D{1,12}(\d{1,2})\D{1,12}(\d{4})(?:\D|$)`)

// dayOf is a day in the form of sohoa.Date. What is none comes back as it is,
// to be told of.
func dayOf(s string) string {
	s = clean(s)
	if sohoa.Date(s).Check() == nil {
		return s
	}
	if at := dayForm.FindStringSubmatch(s); at != nil {
		if t, err := time.Parse("2/1/2006", strings.TrimLeft(at[1], "0")+"/"+strings.TrimLeft(at[2], "0")+"/"+at[3]); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return s
}

// nextUnconfirmed is the document that waits for confirmation after id: of the
// same dossier, else brought in today, else the oldest. None is zero.
func (s *Server) nextUnconfirmed(ctx context.Context, id sohoa.DocumentID, dossier string) (sohoa.Document, error) {
	day, err := sohoa.ParseMoment(string(sohoa.DateOf(s.cfg.Now())))
	if err != nil {
		return sohoa.Document{}, err
	}
	scope, err := s.scopeWith(ctx, sohoa.PowerWork)
	if err != nil {
		return sohoa.Document{}, err
	}
	queues := []archive.UnconfirmedQuery{{Since: day}, {}}
	if dossier != "" {
		queues = slices.Insert(queues, 0, archive.UnconfirmedQuery{Dossier: dossier})
	}
	for _, q := range queues {
		for _, after := range []sohoa.DocumentID{id, {}} { // then those that were put off
			q.After, q.Besides, q.Limit = after, id, 1
			found, err := s.cfg.Catalog.Unconfirmed(ctx, scope, q)
			if err != nil {
				return sohoa.Document{}, err
			}
			if len(found) > 0 {
				return found[0], nil
			}
		}
	}
	return sohoa.Document{}, nil
}

// unconfirmed counts the documents that wait for whoever asks to confirm their
// fields: what the home page of a clerk shows. Others have none.
func (s *Server) unconfirmed(ctx context.Context) (int, error) {
	if s.confirms == nil || !userOf(ctx).May(sohoa.PowerWork) {
		return 0, nil
	}
	scope, err := s.scopeWith(ctx, sohoa.PowerWork)
	if err != nil {
		return 0, err
	}
	return s.cfg.Catalog.CountUnconfirmed(ctx, scope, archive.UnconfirmedQuery{})
}

// mayConfirm reports whether whoever asks can confirm the fields of a document
// now.
func (s *Server) mayConfirm(ctx context.Context, doc sohoa.Document) (bool, error) {
	if s.confirms == nil || !doc.FieldsFound() || !userOf(ctx).May(sohoa.PowerWork) {
		return false, nil
	}
	scope, err := s.scopeWith(ctx, sohoa.PowerWork)
	if err != nil {
		return false, err
	}
	_, err = archive.Owned(ctx, s.cfg.Catalog, scope, doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
