package web

import (
	"errors"
	"io"
	"net/http"

	"sohoa"
	"sohoa/signing/validation"
)

// verifyPage is what the page that checks signatures shows.
type verifyPage struct {
	Doc    *sohoa.Document // whose signed PDF was checked; nil for a file that someone brought
	Report *reportPart
	Ours   *force // of the document that the file is a rendition of; nil if none here is
	Error  string
}

func (s *Server) pageVerify(w http.ResponseWriter, r *http.Request) error {
	s.render(w, r, http.StatusOK, "verify", frame{Title: text(r, "verify.title"), Body: verifyPage{}})
	return nil
}

func (s *Server) postVerify(w http.ResponseWriter, r *http.Request) error {
	var p verifyPage
	status := http.StatusOK
	report, name, err := s.checkForm(w, r, &p)
	if err != nil {
		if p.Error, status, err = wrong(r, err); err != nil {
			return err
		}
	} else {
		p.Report = newReportPart(report, name, visitOf(r.Context()).lang)
	}
	if r.Header.Get("HX-Request") != "" {
		s.part(w, r, "checked", p)
		return nil
	}
	s.render(w, r, status, "verify", frame{Title: text(r, "verify.title"), Body: p})
	return nil
}

// checkForm checks the file of a form, which is streamed and not kept.
func (s *Server) checkForm(w http.ResponseWriter, r *http.Request, p *verifyPage) (*validation.Report, string, error) {
	body, name, err := formPDF(w, r)
	if err != nil {
		return nil, name, err
	}
	report, ours, err := s.check(r.Context(), body, name)
	p.Ours = ours
	return report, name, err
}

// formPDF is the file of a form, to be read as it comes in.
func formPDF(w http.ResponseWriter, r *http.Request) (io.Reader, string, error) {
	r.Body = http.MaxBytesReader(w, r.Body, sohoa.MaxVerifyBytes+maxFormBytes) // with what stands around the file
	form, err := r.MultipartReader()
	if err != nil {
		return nil, "", newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, "", newProblem(sohoa.ErrInvalid, "file.empty", "")
		}
		if err != nil {
			return nil, "", newProblem(sohoa.ErrInvalid, "request.invalid")
		}
		if part.FormName() == "pdf" {
			return &moving{r: part, control: http.NewResponseController(w)}, part.FileName(), nil
		}
	}
}

// pageSignatures checks the signed PDF of a document, as it is stored now.
func (s *Server) pageSignatures(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	doc, err := s.viewed(ctx, r.PathValue("id"), 0, r.URL.Query().Get("purpose"))
	if err != nil {
		return hideMalformed(err)
	}
	blob, _, err := s.cfg.Intake.Open(ctx, doc.ID, sohoa.RoleSigned, 0)
	if err != nil {
		return err
	}
	defer blob.Close()
	report, err := s.validate(ctx, blob, blob.Size())
	if err != nil {
		return err
	}
	p := verifyPage{Doc: &doc, Report: newReportPart(report, doc.Name, visitOf(ctx).lang)}
	p.Report.Download = apiPrefix + pathOf("documents", doc.ID.String(), "files", string(sohoa.RoleSigned))
	s.render(w, r, http.StatusOK, "verify", frame{Title: text(r, "verify.title") + " · " + doc.Name, Body: p})
	return nil
}

// partVerdict writes what a check of a document's signed PDF comes to.
func (s *Server) partVerdict(w http.ResponseWriter, r *http.Request) error {
	doc, err := s.shown(r.Context(), r.PathValue("id"))
	if err == nil {
		err = s.glimpsed(r.Context(), doc)
	}
	if err != nil {
		return err
	}
	blob, file, err := s.cfg.Intake.Open(r.Context(), doc.ID, sohoa.RoleSigned, 0)
	if err != nil {
		return err
	}
	defer blob.Close()
	report, err := s.verdicts.of(file.Digest, func() (*validation.Report, error) { return s.validate(r.Context(), blob, blob.Size()) })
	if err != nil {
		return err
	}
	s.part(w, r, "verdicts", report)
	return nil
}
