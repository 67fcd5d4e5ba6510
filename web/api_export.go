package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sohoa"
	"sohoa/ingest"
)

func (s *Server) registerExport(api huma.API) {
	if s.cfg.Giver == nil {
		return
	}
	export := operation("export", http.MethodPost, "/exports", "Write a document, a dossier or a year as E-ARK packages in a ZIP file; journalled")
	huma.Register(api, stream(export, anyMediaType, "The ZIP file."), s.apiExport)
	give := operation("copy-document", http.MethodPost, "/documents/{id}/copies", "A plain or a certified copy; journalled")
	huma.Register(api, stream(give, anyMediaType, "The PDF."), s.apiCopy)
	reading := operation("issue-reading-copy", http.MethodPost, "/documents/{id}/reading-copies", "A link to read a document on the screen; journalled")
	huma.Register(api, reading, s.apiReading)
}

type exportInput struct {
	As       string `query:"as" enum:"sip,aip,dip,ocfl" default:"sip" doc:"Kind of package; of a document also ocfl, its bare object."`
	Document string `query:"document" doc:"One of document, dossier and year."`
	Dossier  string `query:"dossier"`
	Year     int    `query:"year"`
	Agency   string `query:"agency" doc:"With year: of this office alone."`
	Purpose  string `query:"purpose" required:"true" maxLength:"200" doc:"Why; kept in the journal."`
}

func (s *Server) apiExport(ctx context.Context, in *exportInput) (*huma.StreamResponse, error) {
	want := ingest.ExportRequest{Actor: userOf(ctx).Name, Purpose: in.Purpose, Scope: scopeOf(ctx), Kind: kindOf(in.As), Dossier: in.Dossier,
		Year: in.Year, Agency: in.Agency, OCFL: in.As == "ocfl", Version: s.cfg.Version}
	if in.Document != "" {
		id, err := sohoa.ParseDocumentID(in.Document)
		if err != nil {
			return nil, err
		}
		want.Document = id
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		if err := s.givePackage(w, r, want); err != nil {
			s.fail(w, r, err)
		}
	}}, nil
}

type copyInput struct {
	ID      string `path:"id" doc:"26 letters and digits."`
	Kind    string `query:"kind" enum:"plain,certified" default:"plain"`
	Purpose string `query:"purpose" required:"true" maxLength:"200" doc:"Why and for whom; kept in the journal."`
}

func (s *Server) apiCopy(ctx context.Context, in *copyInput) (*huma.StreamResponse, error) {
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	c := ingest.CopyRequest{Actor: userOf(ctx).Name, Purpose: in.Purpose, Scope: scopeOf(ctx), Document: doc.ID, Kind: ingest.CopyKind(in.Kind)}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		if err := s.giveCopy(w, r, c); err != nil {
			s.fail(w, r, err)
		}
	}}, nil
}

type readingInput struct {
	ID      string `path:"id" doc:"26 letters and digits."`
	Days    int    `query:"days" minimum:"1" maximum:"15" default:"15"`
	Purpose string `query:"purpose" required:"true" maxLength:"200" doc:"Why and for whom; kept in the journal."`
}

type readingOutput struct {
	Body struct {
		Path  string `json:"path" doc:"Of the page, on this server. It is told only here."`
		Until string `json:"until" doc:"RFC 3339."`
	}
}

func (s *Server) apiReading(ctx context.Context, in *readingInput) (*readingOutput, error) {
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	got, err := s.cfg.Giver.IssueReading(ctx, ingest.CopyRequest{Actor: userOf(ctx).Name, Purpose: in.Purpose, Scope: scopeOf(ctx), Document: doc.ID}, in.Days)
	if err != nil {
		return nil, err
	}
	out := &readingOutput{}
	out.Body.Path = pathOf("read", doc.ID.String(), got.Secret)
	out.Body.Until = got.Until.Format("2006-01-02T15:04:05Z07:00")
	return out, nil
}
