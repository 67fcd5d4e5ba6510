package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/signing/validation"
)

// checksAtOnce bounds how many files are checked at a time.
const checksAtOnce = 2

func (s *Server) registerVerify(api huma.API) {
	op := operation("verify", http.MethodPost, "/verify", "Check the signatures of a PDF")
	op.Description = "The body is the PDF itself. It is not kept. Needs no session; without one, checks are limited by address. " +
		"The first signedBytes bytes of the file are exactly the revision that a signature covers."
	op = upload(op, "application/pdf", "The PDF.")
	op.Security = nil
	op.Errors = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests}
	huma.Register(api, op, s.apiVerify)
}

type verifyInput struct {
	rawRequest
	LangInput
}

// LangInput is the language of an answer. The page's own cookie counts where
// it is left out. It is exported so that the API library sees its field.
type LangInput struct {
	Lang string `query:"lang" enum:"vi,en" doc:"Language of sentences; vi if nothing else is known."`
}

type verifyOutput struct{ Body ReportView }

// ReportView is a report as the API shows it.
type ReportView struct {
	Size       int64                 `json:"size"`
	Revisions  int                   `json:"revisions"`
	CheckedAt  time.Time             `json:"checkedAt"`
	Conclusion validation.Indication `json:"conclusion" doc:"Worst of the signatures, by EN 319 102-1; NO-SIGNATURE without one."`
	Plain      string                `json:"plain" doc:"The conclusion in a sentence for everybody."`
	Signatures []SignatureView       `json:"signatures"`
	Text       string                `json:"text" doc:"The report in words, in the reader's language."`
	Force      sohoa.Force           `json:"force,omitempty" enum:"in-force,not-yet,expired,revoked,replaced" doc:"What the result is worth now, where the file is, byte for byte, one that is kept here."`
	Since      string                `json:"since,omitempty" doc:"The day of that, as 31/12/2026."`
}

// SignatureView is a signature in a report.
type SignatureView struct {
	validation.Signature
	SignedBytes int64    `json:"signedBytes,omitempty" doc:"Length of the revision that it covers, which begins with the file; 0 if none."`
	Sentences   []string `json:"sentences" doc:"Reasons, remarks and later changes in the reader's language, worst first."`
}

func viewReport(r *validation.Report, lang sohoa.Lang) ReportView {
	p := newReportPart(r, "", lang)
	v := ReportView{Size: r.Size, Revisions: r.Revisions, CheckedAt: r.CheckedAt, Conclusion: r.Conclusion,
		Plain: p.Plain, Signatures: []SignatureView{}, Text: p.Text}
	for _, c := range p.Cards {
		sentences := append(append([]string{}, c.Reasons...), c.Remarks...)
		for _, change := range c.Changes {
			sentences = append(sentences, change.Text)
		}
		v.Signatures = append(v.Signatures, SignatureView{*c.Signature, c.SignedBytes, sentences})
	}
	return v
}

func (s *Server) apiVerify(ctx context.Context, in *verifyInput) (*verifyOutput, error) {
	body := &moving{r: in.request.Body, control: http.NewResponseController(in.writer)}
	report, ours, err := s.check(ctx, body, "PDF")
	if err != nil {
		return nil, err
	}
	out := &verifyOutput{viewReport(report, visitOf(ctx).lang)}
	if ours != nil {
		out.Body.Force, out.Body.Since = ours.Force, ours.Since
	}
	return out, nil
}

// check checks the signatures of a file that someone brings. Nothing of it
// stays.
func (s *Server) check(ctx context.Context, body io.Reader, name string) (report *validation.Report, ours *force, err error) {
	err = s.spool(ctx, body, name, func(f *os.File, size int64) error {
		if report, err = s.validate(ctx, f, size); err != nil {
			return err
		}
		ours, err = s.ours(ctx, io.NewSectionReader(f, 0, size))
		return err
	})
	return report, ours, err
}

// spool calls use with a file that someone brings. It is gone afterwards.
func (s *Server) spool(ctx context.Context, body io.Reader, name string, use func(f *os.File, size int64) error) error {
	v := visitOf(ctx)
	if v.user == nil && !s.checks.take(v.addr) {
		return newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	f, err := os.CreateTemp("", "sohoa-verify-*.pdf")
	if err != nil {
		return fmt.Errorf("spool file to be checked: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	size, err := io.Copy(f, io.LimitReader(body, sohoa.MaxVerifyBytes+1))
	if err != nil {
		return fmt.Errorf("spool file to be checked: %w", err)
	}
	if size > sohoa.MaxVerifyBytes {
		limit := fmt.Sprintf("%d MiB", sohoa.MaxVerifyBytes>>20)
		return newProblem(sohoa.ErrTooLarge, "file.too-large", name, limit)
	}
	if size == 0 {
		return newProblem(sohoa.ErrInvalid, "file.empty", name)
	}
	return use(f, size)
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
