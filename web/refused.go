package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"sohoa"
)

// refusals puts into the journal what users are refused, before they are told:
// what only others may do, and papers that are there and outside of what they
// may see. Repeated refusals of the same are one entry for a while, as views
// are.
func (s *Server) refusals(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if visitOf(r.Context()).user == nil {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&refusing{ResponseWriter: w, s: s, r: r}, r)
	})
}

// refusing looks at the status of an answer before it leaves.
type refusing struct {
	http.ResponseWriter
	s    *Server
	r    *http.Request // the mux fills in its path values
	done bool
}

// Unwrap lets http.ResponseController reach the connection.
func (w *refusing) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *refusing) WriteHeader(status int) {
	if !w.done && (status == http.StatusForbidden || status == http.StatusNotFound) {
		w.done = true
		if err := w.s.journalRefusal(w.r, status); err != nil {
			w.s.cfg.Log.Error("a refusal is not in the journal", "path", w.r.URL.Path, "err", err)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// journalRefusal notes a refusal. What does not exist for anybody is none.
func (s *Server) journalRefusal(r *http.Request, status int) error {
	ctx := r.Context()
	e := sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionDeny, Purpose: clip(r.URL.Query().Get("purpose"))}
	named, err := s.refused(ctx, r, &e)
	if err != nil || status == http.StatusNotFound && !named {
		return err
	}
	b, err := json.Marshal(map[string]any{"method": r.Method, "path": clip(r.URL.Path), "status": status})
	if err != nil {
		return err
	}
	e.Detail = string(b)
	key := "refused\x00" + e.Actor + "\x00" + e.Purpose + "\x00" + e.Detail
	if s.seen.has(key) {
		return nil
	}
	err = s.journal(ctx, e)
	if err == nil {
		s.seen.add(key)
	}
	return err
}

// refused names the document and the dossier of a request, and reports
// whether they are there and outside of what the user may see.
func (s *Server) refused(ctx context.Context, r *http.Request, e *sohoa.Entry) (bool, error) {
	scope := scopeOf(ctx)
	if id, err := sohoa.ParseDocumentID(r.PathValue("id")); err == nil {
		doc, err := s.cfg.Catalog.Document(ctx, sohoa.Everything, id)
		if err == nil {
			e.Document, e.Dossier = doc.ID, doc.Dossier
			_, err = s.cfg.Catalog.Document(ctx, scope, id)
			return errors.Is(err, sohoa.ErrNotExist), nil
		}
		return false, otherThanMissing(err)
	}
	if code := r.PathValue("code"); code != "" {
		d, err := s.cfg.Catalog.Dossier(ctx, sohoa.Everything, code)
		if err == nil && !scope.Includes(d.Agency) {
			e.Dossier = d.Code
			return true, nil
		}
		return false, otherThanMissing(err)
	}
	if id, err := sohoa.ParseSetID(r.PathValue("set")); err == nil {
		_, err := s.cfg.Catalog.SigningSet(ctx, sohoa.Everything, id)
		if err == nil {
			_, err = s.cfg.Catalog.SigningSet(ctx, scope, id)
			return errors.Is(err, sohoa.ErrNotExist), nil
		}
		return false, otherThanMissing(err)
	}
	return false, nil
}

func otherThanMissing(err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	return err
}

// journalList notes that a user was shown a list of documents.
func (s *Server) journalList(ctx context.Context, action sohoa.Action, dossier string, docs []sohoa.Document) error {
	e := sohoa.Entry{Actor: userOf(ctx).Name, Action: action, Dossier: dossier, Purpose: clip(dossier)}
	ids := make([]string, 0, len(docs))
	for _, d := range docs {
		ids = append(ids, d.ID.String())
	}
	b, err := json.Marshal(map[string]any{"found": ids})
	if err != nil {
		return err
	}
	if e.Detail = string(b); dossier != "" {
		e.Detail = "" // its documents are known
	}
	key := "list\x00" + e.Actor + "\x00" + string(action) + "\x00" + dossier + "\x00" + e.Detail
	if s.seen.has(key) {
		return nil
	}
	err = s.journal(ctx, e)
	if err == nil {
		s.seen.add(key)
	}
	return err
}

// glimpsed notes a view of a part of a page that was viewed, unless that was
// noted a short while ago, for whatever purpose.
func (s *Server) glimpsed(ctx context.Context, doc sohoa.Document) error {
	if s.seen.has(glimpse(ctx, doc)) {
		return nil
	}
	return s.journalView(ctx, doc, 0, "")
}

func glimpse(ctx context.Context, doc sohoa.Document) string {
	return "glimpse\x00" + userOf(ctx).Name + "\x00" + doc.ID.String()
}

// pinCodes are the problems of a PIN that is not the right one.
var pinCodes = map[string]bool{"sign.password": true, "sign.pin-last": true, "sign.pin-locked": true, "remote.factor-wrong": true, "remote.locked": true}

// journalPIN notes that a signer was refused for their PIN, and passes on err.
func (s *Server) journalPIN(ctx context.Context, set sohoa.SetID, ids []sohoa.DocumentID, err error) error {
	var p *sohoa.Problem
	if !errors.As(err, &p) || !pinCodes[p.Code] {
		return err
	}
	b, marshalErr := json.Marshal(map[string]any{"set": set, "code": p.Code, "found": ids})
	if marshalErr != nil {
		return errors.Join(err, marshalErr)
	}
	if noteErr := s.journal(ctx, sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionPINFail, Detail: string(b)}); noteErr != nil {
		return noteErr
	}
	return err
}
