package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
)

// statuses maps kinds of error to HTTP statuses, most telling first.
var statuses = []struct {
	kind   error
	status int
}{
	{sohoa.ErrNotExist, http.StatusNotFound},
	{sohoa.ErrConflict, http.StatusConflict},
	{sohoa.ErrTooLarge, http.StatusRequestEntityTooLarge},
	{sohoa.ErrInvalid, http.StatusBadRequest},
	{sohoa.ErrForbidden, http.StatusForbidden},
	{sohoa.ErrVerification, http.StatusUnprocessableEntity},
	{sohoa.ErrUnavailable, http.StatusServiceUnavailable},
}

// codeStatuses are the problems whose status says more than their kind.
var codeStatuses = map[string]int{
	"user.required":    http.StatusUnauthorized,
	"user.sign-in":     http.StatusUnauthorized,
	"user.code":        http.StatusUnauthorized,
	"user.half":        http.StatusUnauthorized,
	"request.too-many": http.StatusTooManyRequests,
	"status.whole":     http.StatusTooManyRequests,
	"read.too-many":    http.StatusTooManyRequests,

	"key.refused":         http.StatusUnauthorized,
	"idempotency.other":   http.StatusUnprocessableEntity,
	"dossier.owner-fixed": http.StatusConflict,
	"reuse.desk":          http.StatusNotImplemented,
}

func newProblem(kind error, code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: kind, Code: code, Args: args}
}

// isProblem reports whether err is the Problem of a code.
func isProblem(err error, code string) bool { return err != nil && sohoa.AsProblem(err).Code == code }

// statusOf is the HTTP status of an error.
func statusOf(err error) int {
	var p *sohoa.Problem
	if errors.As(err, &p) && codeStatuses[p.Code] != 0 {
		return codeStatuses[p.Code]
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	for _, s := range statuses {
		if errors.Is(err, s.kind) {
			return s.status
		}
	}
	return http.StatusInternalServerError
}

// Reply is the body of an answer that is a problem (RFC 9457), in the
// reader's language.
type Reply struct {
	Type   string              `json:"type" doc:"Always about:blank; code tells problems apart."`
	Title  string              `json:"title" doc:"Text of the status."`
	Status int                 `json:"status" doc:"HTTP status."`
	Detail string              `json:"detail" doc:"What is wrong and what to do about it, for people, in their language."`
	Code   string              `json:"code" doc:"What is wrong, for programs."`
	Errors []*huma.ErrorDetail `json:"errors,omitempty" doc:"Which parts of the request are wrong."`
}

// Error implements error.
func (p *Reply) Error() string { return p.Detail }

// GetStatus implements huma.StatusError.
func (p *Reply) GetStatus() int { return p.Status }

// ContentType implements huma.ContentTypeFilter.
func (p *Reply) ContentType(string) string { return "application/problem+json" }

// newReply words err for people. The details of internal errors are for the
// log only.
func newReply(lang sohoa.Lang, err error) *Reply {
	p, status := sohoa.AsProblem(err), statusOf(err)
	if p.Code == "internal" && status == http.StatusNotFound {
		p = newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return &Reply{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: p.Text(lang), Code: p.Code}
}

// The API library makes its errors through two variables of its own package.
// They are set once, to give every problem the same form.
func init() {
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return apiReply(sohoa.Vietnamese, status, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		v := visitOf(ctx.Context())
		reply := apiReply(v.lang, status, errs)
		if reply.Status >= http.StatusInternalServerError && len(errs) > 0 {
			v.log.ErrorContext(ctx.Context(), "request failed", "path", ctx.URL().Path, "err", errors.Join(errs...))
		}
		if reply.Status == http.StatusServiceUnavailable || reply.Status == http.StatusTooManyRequests {
			ctx.SetHeader("Retry-After", retryAfter)
		}
		return reply
	}
}

// retryAfter is, in seconds, when a busy server may be asked again.
const retryAfter = "10"

// apiReply words what a handler returned, or what the API library found wrong
// with a request.
func apiReply(lang sohoa.Lang, status int, errs []error) *Reply {
	if status >= http.StatusInternalServerError && len(errs) == 1 {
		return newReply(lang, errs[0])
	}
	p := newProblem(sohoa.ErrInvalid, "request.invalid")
	if status == http.StatusNotFound {
		p = newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	reply := newReply(lang, p)
	if status != 0 {
		reply.Status, reply.Title = status, http.StatusText(status)
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			reply.Errors = append(reply.Errors, d.ErrorDetail())
		}
	}
	return reply
}

// fail answers with err: as a problem to programs, as a page to people.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	v := visitOf(r.Context())
	reply := newReply(v.lang, err)
	if reply.Status >= http.StatusInternalServerError && !errors.Is(err, context.Canceled) {
		s.cfg.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	if reply.Status == http.StatusServiceUnavailable || reply.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", retryAfter)
	}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		w.Header().Set("Content-Type", reply.ContentType(""))
		w.WriteHeader(reply.Status)
		_ = json.NewEncoder(w).Encode(reply) // the client may be gone
		return
	}
	if isFile(r.URL.Path) {
		failFile(w, reply)
		return
	}
	s.renderProblem(w, r, reply)
}
