package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/ingest"
)

// uploadPause is how long an upload may stand still before it is given up.
const uploadPause = 60 * time.Second

func (s *Server) registerUpload(api huma.API) {
	op := operation("add-document", http.MethodPost, "/dossiers/{code}/documents", "Bring a file into a dossier")
	op.Description = "The body is the file itself: JPEG, PNG, TIFF, WebP, HEIC or PDF. It is streamed to the archive; the answer " +
		"comes when it is durable: 202 with the new document, or 200 with the one that is there already when the dossier has the same bytes."
	op = upload(op, anyMediaType, "The file.")
	op.DefaultStatus = http.StatusAccepted
	op.Errors = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusNotFound, http.StatusRequestEntityTooLarge}
	huma.Register(api, op, s.apiUpload)
}

type uploadInput struct {
	rawRequest
	Code    string `path:"code" doc:"The dossier's code, slashes as %2F."`
	Name    string `query:"name" required:"true" doc:"The file's name, as people know it."`
	Purpose string `query:"purpose" maxLength:"200"`
	Hold    bool   `query:"hold" doc:"Do not sign it before it is released, so that its pages can be arranged."`

	Requirement string `query:"requirement" maxLength:"100" doc:"Which paper of the procedure it is (MaThanhPhanHoSo)."`
	Expected    int    `query:"expected" minimum:"0" doc:"Pages that were counted on the paper. A file that has others is held until the numbers agree."`
}

type uploadOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     DocumentView
}

func (s *Server) apiUpload(ctx context.Context, in *uploadInput) (*uploadOutput, error) {
	dossier, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	doc, existing, err := s.cfg.Intake.Accept(ctx, ingest.Request{
		Dossier: dossier.Code, Name: in.Name, Actor: userOf(ctx).Name, Purpose: clip(in.Purpose),
		Body: s.uploadBody(in, sohoa.MaxUploadBytes), Size: in.request.ContentLength, Hold: in.Hold,
		Requirement: clean(in.Requirement), Expected: in.Expected,
	})
	if err != nil {
		return nil, tooLarge(err, in.Name, sohoa.MaxUploadBytes)
	}
	status := http.StatusAccepted
	if existing {
		status = http.StatusOK
	}
	return &uploadOutput{Status: status, Location: apiPrefix + "/documents/" + doc.ID.String(), Body: s.viewDocument(ctx, doc)}, nil
}

// uploadBody is the bounded body of a request. It may take as long as it
// needs, as long as it moves.
func (s *Server) uploadBody(in *uploadInput, limit int64) io.Reader {
	return &moving{
		r:       http.MaxBytesReader(in.writer, in.request.Body, limit),
		control: http.NewResponseController(in.writer),
	}
}

// moving renews the deadline of a connection at every read.
type moving struct {
	r       io.Reader
	control *http.ResponseController
}

func (m *moving) Read(p []byte) (int, error) {
	// Not every connection has deadlines; without one the server's own counts.
	_ = m.control.SetReadDeadline(time.Now().Add(uploadPause))
	_ = m.control.SetWriteDeadline(time.Now().Add(2 * uploadPause))
	return m.r.Read(p)
}

// tooLarge names the bound that a body exceeded.
func tooLarge(err error, name string, limit int64) error {
	var m *http.MaxBytesError
	if errors.As(err, &m) {
		return newProblem(sohoa.ErrTooLarge, "file.too-large", name, fmt.Sprintf("%d MiB", limit>>20))
	}
	return err
}
