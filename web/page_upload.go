package web

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/ingest"
)

// maxFieldBytes bounds a field of a form that brings files.
const maxFieldBytes = 1 << 10

// postUpload takes the files of a form, for browsers without script. Each is
// streamed as one that a program brings; what the form says of them comes
// before them. Those before one that is refused are in the dossier.
func (s *Server) postUpload(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), r.PathValue("code"))
	if err != nil {
		return err
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	ask := ingest.Request{Dossier: d.Code, Actor: userOf(ctx).Name, Purpose: d.Code, Size: -1}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return newProblem(sohoa.ErrInvalid, "file.incomplete", d.Code)
		}
		if part.FileName() == "" {
			if err := saidOfFiles(&ask, part); err != nil {
				return err
			}
			continue
		}
		one := ask
		one.Name, one.Body = part.FileName(), &moving{r: part, control: http.NewResponseController(w)}
		if _, _, err := s.cfg.Intake.Accept(ctx, one); errors.Is(err, io.ErrUnexpectedEOF) {
			return newProblem(sohoa.ErrInvalid, "file.incomplete", one.Name)
		} else if err != nil {
			return tooLarge(err, one.Name, sohoa.MaxUploadBytes)
		}
	}
	http.Redirect(w, r, pathOf("dossiers", d.Code)+"#documents", http.StatusSeeOther)
	return nil
}

// saidOfFiles reads a field that says something of the files after it.
func saidOfFiles(ask *ingest.Request, part *multipart.Part) error {
	b, err := io.ReadAll(io.LimitReader(part, maxFieldBytes))
	if err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	value := clean(string(b))
	switch part.FormName() {
	case "requirement":
		ask.Requirement = value
	case "hold":
		ask.Hold = value != ""
	case "expected":
		if ask.Expected, err = strconv.Atoi(value); err != nil && value != "" {
			return newProblem(sohoa.ErrInvalid, "pages.expected", value, strconv.Itoa(sohoa.MaxPages))
		}
	}
	return nil
}

// isUpload reports whether a form at path brings files into a dossier.
func isUpload(path string) bool {
	return strings.HasPrefix(path, "/dossiers/") && strings.HasSuffix(path, "/upload")
}
