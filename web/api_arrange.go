package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sohoa"
)

func (s *Server) registerArrange(api huma.API) {
	get := operation("get-arrangement", http.MethodGet, "/documents/{id}/arrangement", "The order of a document's pages, and what was dropped")
	huma.Register(api, get, s.apiArrangement)
	put := operation("put-arrangement", http.MethodPut, "/documents/{id}/arrangement", "Give an unsigned document other pages")
	put.Description = "The list is complete: pages that the document has and that are not in it are dropped, and may be listed again. " +
		"Pages of other unsigned documents of the dossier are taken from these. The document is held by it. " +
		"409 with code arrange.changed if version is not the present one."
	huma.Register(api, put, s.apiArrange)
	split := operation("split-document", http.MethodPost, "/documents/{id}/split", "Make a document of the pages after one")
	split.DefaultStatus = http.StatusCreated
	huma.Register(api, split, s.apiSplit)
	undo := operation("undo-arrangement", http.MethodPost, "/documents/{id}/arrangement/undo", "Take the last change back")
	huma.Register(api, undo, s.apiUndo)
	hold := operation("hold-document", http.MethodPost, "/documents/{id}/hold", "Keep a document from being signed until its release")
	huma.Register(api, hold, s.apiHold)
	release := operation("release-document", http.MethodPost, "/documents/{id}/release", "Let a held document be signed and kept")
	release.DefaultStatus = http.StatusAccepted
	huma.Register(api, release, s.apiRelease)
	thumb := operation("get-leaf-thumb", http.MethodGet, "/documents/{id}/arrangement/thumb", "A small image of a page that the document has, dropped or not")
	huma.Register(api, stream(thumb, anyMediaType, "The image."), s.apiLeaf)
}

// ArrangementView is an arrangement as the API shows it.
type ArrangementView struct {
	sohoa.Arrangement
	Held    bool   `json:"held"`
	CanUndo bool   `json:"canUndo"`
	List    string `json:"list" doc:"The pages as the command line writes them, such as 1,3-5,2@90."`
}

type arrangementOutput struct{ Body ArrangementView }

// arranged is the answer with an arrangement.
func (s *Server) arranged(ctx context.Context, a sohoa.Arrangement) (*arrangementOutput, error) {
	doc, err := s.document(ctx, a.Document.String())
	if err != nil {
		return nil, err
	}
	a.Pages, a.Dropped = orEmpty(a.Pages), orEmpty(a.Dropped)
	return &arrangementOutput{ArrangementView{a, doc.Held, a.State > 0, sohoa.FormatPages(a.Document, a.Pages)}}, nil
}

func (s *Server) apiArrangement(ctx context.Context, in *DocumentInput) (*arrangementOutput, error) {
	doc, err := s.viewed(ctx, in.ID, 0, in.Purpose)
	if err != nil {
		return nil, err
	}
	a, err := s.cfg.Intake.Arrangement(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	return s.arranged(ctx, a)
}

// PageInput is a page in a request.
type PageInput struct {
	Document string `json:"document,omitempty" doc:"Whose original has it; the document itself if left out."`
	Page     int    `json:"page" minimum:"1" maximum:"1000" doc:"Its number in that original."`
	Turn     int    `json:"turn,omitempty" enum:"0,90,180,270" doc:"Degrees clockwise, beyond what reading found."`
}

type arrangeInput struct {
	DocumentInput
	Body struct {
		Version int         `json:"version" minimum:"0" doc:"Of the arrangement that the list was made of."`
		Pages   []PageInput `json:"pages" minItems:"1" maxItems:"1000"`
	}
}

func (s *Server) apiArrange(ctx context.Context, in *arrangeInput) (*arrangementOutput, error) {
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	want := sohoa.Arrangement{Document: doc.ID, Version: in.Body.Version}
	for _, p := range in.Body.Pages {
		ref := sohoa.PageRef{Document: doc.ID, Page: p.Page, Turn: p.Turn}
		if p.Document != "" {
			if ref.Document, err = sohoa.ParseDocumentID(p.Document); err != nil {
				return nil, err
			}
		}
		want.Pages = append(want.Pages, ref)
	}
	a, err := s.cfg.Intake.Arrange(ctx, userOf(ctx).Name, want)
	if err != nil {
		return nil, err
	}
	return s.arranged(ctx, a)
}

type splitInput struct {
	DocumentInput
	Body struct {
		Version int `json:"version" minimum:"0"`
		After   int `json:"after" minimum:"1" doc:"The last page that stays, counted as the pages stand."`
	}
}

type splitOutput struct {
	Location string `header:"Location"`
	Body     DocumentView
}

func (s *Server) apiSplit(ctx context.Context, in *splitInput) (*splitOutput, error) {
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	part, err := s.cfg.Intake.Split(ctx, userOf(ctx).Name, sohoa.Arrangement{Document: doc.ID, Version: in.Body.Version}, in.Body.After)
	if err != nil {
		return nil, err
	}
	return &splitOutput{apiPrefix + "/documents/" + part.ID.String(), s.viewDocument(ctx, part)}, nil
}

type undoInput struct {
	DocumentInput
	Body struct {
		Version int `json:"version" minimum:"0"`
	}
}

// apiUndo answers with the arrangement as it is then. A part that was split
// off by what is taken back is no more: its arrangement is empty.
func (s *Server) apiUndo(ctx context.Context, in *undoInput) (*arrangementOutput, error) {
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	a, err := s.cfg.Intake.Undo(ctx, userOf(ctx).Name, sohoa.Arrangement{Document: doc.ID, Version: in.Body.Version})
	if err != nil {
		return nil, err
	}
	if len(a.Pages) == 0 && a.State == 0 {
		return &arrangementOutput{ArrangementView{Arrangement: sohoa.Arrangement{Document: doc.ID, Version: a.Version, Pages: []sohoa.PageRef{}}}}, nil
	}
	return s.arranged(ctx, a)
}

func (s *Server) apiHold(ctx context.Context, in *DocumentInput) (*documentViewOutput, error) {
	return s.apiChange(ctx, in.ID, s.cfg.Intake.Hold)
}

func (s *Server) apiRelease(ctx context.Context, in *DocumentInput) (*documentViewOutput, error) {
	return s.apiChange(ctx, in.ID, s.cfg.Intake.Release)
}

// apiChange does something to a document and answers with what it then is.
func (s *Server) apiChange(ctx context.Context, id string, change func(context.Context, string, sohoa.DocumentID) error) (*documentViewOutput, error) {
	doc, err := s.document(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := change(ctx, userOf(ctx).Name, doc.ID); err != nil {
		return nil, err
	}
	doc, err = s.document(ctx, id)
	return &documentViewOutput{s.viewDocument(ctx, doc)}, err
}

type leafInput struct {
	DocumentInput
	Page string `query:"page" required:"true" maxLength:"60" doc:"The page, as the command line writes it: 3, 3@90, or ID:3."`
}

func (s *Server) apiLeaf(ctx context.Context, in *leafInput) (*huma.StreamResponse, error) {
	doc, err := s.viewed(ctx, in.ID, 0, in.Purpose)
	if err != nil {
		return nil, err
	}
	refs, err := sohoa.ParsePages(doc.ID, in.Page)
	if err != nil {
		return nil, err
	}
	blob, file, err := s.cfg.Intake.OpenLeaf(ctx, doc.ID, refs[0])
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer blob.Close()
		r, w := humago.Unwrap(hc)
		serveContent(w, r, blob, file)
	}}, nil
}
