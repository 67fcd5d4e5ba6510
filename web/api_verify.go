package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/signing/validation"
)

// checksAtOnce bounds how many files are checked at a time.
const checksAtOnce = 2

func (s *Server) registerVerify(api huma.API) {
	op := operation("verify", http.MethodPost, "/verify", "Check the signatures of a PDF")
	op.Description = "The body is the PDF itself. It is not kept. Needs no session; without one, checks are limited by address."
	op = upload(op, "application/pdf", "The PDF.")
	op.Security = nil
	op.Errors = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests}
	huma.Register(api, op, s.apiVerify)
}

type verifyInput struct{ rawRequest }

type verifyOutput struct {
	Body struct {
		*validation.Report
		Text string `json:"text" doc:"The report in words, in the reader's language."`
	}
}

func (s *Server) apiVerify(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	body := &moving{r: in.request.Body, control: http.NewResponseController(in.writer)}
	report, err := s.check(ctx, body, "PDF")
	if err != nil {
		return nil, err
	}
	out := &verifyOutput{}
	out.Body.Report = report
	out.Body.Text = report.Text(visitOf(ctx).lang)
	return out, nil
}

// check spools a file that someone brings and checks its signatures. Nothing
// of it stays.
func (s *Server) check(ctx context.Context, body io.Reader, name string) (*validation.Report, error) {
	v := visitOf(ctx)
	if v.user == nil && !s.checks.take(v.addr) {
		return nil, newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	f, err := os.CreateTemp("", "sohoa-verify-*.pdf")
	if err != nil {
		return nil, fmt.Errorf("spool file to be checked: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	size, err := io.Copy(f, io.LimitReader(body, sohoa.MaxVerifyBytes+1))
	if err != nil {
		return nil, fmt.Errorf("spool file to be checked: %w", err)
	}
	if size > sohoa.MaxVerifyBytes {
		limit := fmt.Sprintf("%d MiB", sohoa.MaxVerifyBytes>>20)
		return nil, newProblem(sohoa.ErrTooLarge, "file.too-large", name, limit)
	}
	if size == 0 {
		return nil, newProblem(sohoa.ErrInvalid, "file.empty", name)
	}
	return s.validate(ctx, f, size)
}

// validate checks signatures when it is its turn.
func (s *Server) validate(ctx context.Context, r io.ReaderAt, size int64) (*validation.Report, error) {
	select {
	case s.verify <- struct{}{}:
		defer func() { <-s.verify }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.cfg.Verify(ctx, r, size)
}
