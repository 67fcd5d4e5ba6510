package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
)

// idempotencyHeader names a request, so that it may be sent again without
// being done again (draft-ietf-httpapi-idempotency-key-header-07).
const idempotencyHeader = "Idempotency-Key"

// replayedHeader says that an answer was given before.
const replayedHeader = "Idempotent-Replayed"

// answerWork is how long a request is taken to be worked on. A process that
// was killed meanwhile leaves it to be done anew.
const answerWork = 2 * time.Minute

// idempotent answers a request of a program that comes again as it was
// answered before.
func (s *Server) idempotent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(idempotencyHeader)
		if id == "" || keyOf(r.Context()) == nil || r.Method == http.MethodGet || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		a, err := s.beginAnswer(r, id)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if a.Status != 0 {
			w.Header().Set(replayedHeader, "true")
			replay(w, a)
			return
		}
		s.answerOnce(w, r, next, a)
	})
}

// beginAnswer returns what was answered to a request, or enters that it is
// worked on now.
func (s *Server) beginAnswer(r *http.Request, id string) (archive.APIAnswer, error) {
	var a archive.APIAnswer
	if len(id) > sohoa.MaxIdempotencyKey || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return a, newProblem(sohoa.ErrInvalid, "idempotency.key", strconv.Itoa(sohoa.MaxIdempotencyKey))
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return a, newProblem(sohoa.ErrTooLarge, "request.too-large", strconv.FormatInt(tooLarge.Limit, 10))
	}
	if err != nil {
		return a, newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	key := keyOf(r.Context())
	request := sohoa.Sum([]byte(strings.Join([]string{key.Hash.String(), r.Method, r.URL.RequestURI(), string(body)}, "\x00")))
	now := s.cfg.Now().UTC()
	err = s.cfg.Catalog.Update(r.Context(), func(tx archive.Tx) error {
		if err := tx.RemoveAnswers(now); err != nil {
			return err
		}
		a, err = tx.Answer(key.Actor(), id)
		switch {
		case errors.Is(err, sohoa.ErrNotExist):
			a = archive.APIAnswer{Actor: key.Actor(), ID: id, Request: request, Until: now.Add(answerWork)}
			return tx.PutAnswer(a)
		case err != nil:
			return err
		case a.Request != request:
			return newProblem(sohoa.ErrInvalid, "idempotency.other")
		case a.Status == 0:
			return newProblem(sohoa.ErrConflict, "idempotency.busy")
		}
		return nil
	})
	return a, err
}

// answerOnce has a request answered, and keeps the answer before it leaves.
// What may come out otherwise when it comes again is not kept: faults of ours,
// and refusals.
func (s *Server) answerOnce(w http.ResponseWriter, r *http.Request, next http.Handler, a archive.APIAnswer) {
	ctx := context.WithoutCancel(r.Context()) // what was done is noted, whether or not somebody waits
	held := &heldAnswer{header: w.Header()}
	defer func() {
		if held.ended {
			return
		}
		if err := s.forgetAnswer(ctx, a); err != nil { // a panic passes
			s.cfg.Log.Error("an unfinished request stays in the way of its repetition for a while", "err", err)
		}
	}()
	next.ServeHTTP(held, r)
	a.Status, a.Type, a.Body = held.status(), held.header.Get("Content-Type"), held.body.Bytes()
	var err error
	if keepsAnswer(a) {
		a.Until = s.cfg.Now().UTC().Add(sohoa.AnswerTime)
		err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.PutAnswer(a) })
	} else {
		err = s.forgetAnswer(ctx, a)
	}
	held.ended = true
	if err != nil {
		s.fail(w, r, err)
		return
	}
	replay(w, a)
}

func (s *Server) forgetAnswer(ctx context.Context, a archive.APIAnswer) error {
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return tx.RemoveAnswer(a.Actor, a.ID) })
}

func keepsAnswer(a archive.APIAnswer) bool {
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return false
	}
	return a.Status < http.StatusInternalServerError && len(a.Body) <= sohoa.MaxAnswerBytes
}

func replay(w http.ResponseWriter, a archive.APIAnswer) {
	if a.Type != "" {
		w.Header().Set("Content-Type", a.Type)
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the client may be gone
}

// heldAnswer holds an answer back.
type heldAnswer struct {
	header http.Header
	code   int
	body   bytes.Buffer
	ended  bool
}

// Header implements http.ResponseWriter.
func (h *heldAnswer) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *heldAnswer) WriteHeader(code int) {
	if h.code == 0 {
		h.code = code
	}
}

// Write implements http.ResponseWriter.
func (h *heldAnswer) Write(b []byte) (int, error) { return h.body.Write(b) }

func (h *heldAnswer) status() int {
	if h.code == 0 {
		return http.StatusOK
	}
	return h.code
}
