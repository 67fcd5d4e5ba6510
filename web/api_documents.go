package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
)

func (s *Server) registerDocuments(api huma.API) {
	list := operation("list-documents", http.MethodGet, "/documents", "Documents, newest first")
	huma.Register(api, list, s.apiListDocuments)
	get := operation("get-document", http.MethodGet, "/documents/{id}", "One document; the view is journalled")
	huma.Register(api, get, s.apiGetDocument)
	pages := operation("list-pages", http.MethodGet, "/documents/{id}/pages", "The pages of a document")
	huma.Register(api, pages, s.apiPages)
	history := operation("document-history", http.MethodGet, "/documents/{id}/history", "Who did what to a document, oldest first")
	huma.Register(api, history, s.apiHistory)
	retry := operation("retry-document", http.MethodPost, "/documents/{id}/retry", "Take a parked document up again")
	retry.DefaultStatus = http.StatusAccepted
	huma.Register(api, retry, s.apiRetry)
}

// DocumentView is a document as the API shows it.
type DocumentView struct {
	sohoa.Document
	Message      string      `json:"message,omitempty" doc:"Why the document is parked, in the reader's language."`
	CountMessage string      `json:"countMessage,omitempty" doc:"That it has other pages than were counted on the paper."`
	SignMessage  string      `json:"signMessage,omitempty" doc:"Why it is not signed, or not timestamped."`
	Force        sohoa.Force `json:"force,omitempty" doc:"What a kept result is worth now: in-force, not-yet, expired, revoked, replaced."`
}

func (s *Server) viewDocument(ctx context.Context, d sohoa.Document) DocumentView {
	lang := visitOf(ctx).lang
	v := DocumentView{Document: d}
	if d.Problem != nil {
		v.Message = d.Problem.Text(lang)
	}
	if p := d.Miscounted(); p != nil {
		v.CountMessage = p.Text(lang)
	}
	if d.SignReason != nil {
		v.SignMessage = d.SignReason.Text(lang)
	}
	if d.State == sohoa.StateKept {
		v.Force = d.Life.Force(s.cfg.Now())
	}
	return v
}

type listDocumentsInput struct {
	Dossier string `query:"dossier" doc:"Only those of one dossier."`
	State   string `query:"state" enum:"accepted,reading,read,kept,parked,destroying,destroyed" doc:"Only those in one state."`
	Held    bool   `query:"held" doc:"Only those that wait for a person to release them."`
	Counted bool   `query:"miscounted" doc:"Only those with other pages than were counted on the paper."`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type listDocumentsOutput struct {
	Body struct {
		Documents []DocumentView `json:"documents"`
	}
}

func (s *Server) apiListDocuments(ctx context.Context, in *listDocumentsInput) (*listDocumentsOutput, error) {
	q := archive.DocumentQuery{Dossier: in.Dossier, State: sohoa.State(in.State), Held: in.Held, Counted: in.Counted, Limit: in.Limit}
	docs, err := s.cfg.Catalog.FindDocuments(ctx, scopeOf(ctx), q)
	if err != nil {
		return nil, err
	}
	if err := s.journalList(ctx, sohoa.ActionList, in.Dossier, docs); err != nil {
		return nil, err
	}
	out := &listDocumentsOutput{}
	out.Body.Documents = make([]DocumentView, 0, len(docs))
	for _, d := range docs {
		out.Body.Documents = append(out.Body.Documents, s.viewDocument(ctx, d))
	}
	return out, nil
}

// DocumentInput names a document. It is exported so that the API library sees
// its fields where it is embedded.
type DocumentInput struct {
	ID      string `path:"id" doc:"26 letters and digits."`
	Purpose string `query:"purpose" maxLength:"200" doc:"What the paper is looked at for: the code of the dossier at hand."`
}

// document returns a document of a dossier in the scope of whoever asks: one
// that they may change.
func (s *Server) document(ctx context.Context, id string) (sohoa.Document, error) {
	parsed, err := sohoa.ParseDocumentID(id)
	if err != nil {
		return sohoa.Document{}, err
	}
	return archive.Owned(ctx, s.cfg.Catalog, scopeOf(ctx), parsed)
}

// shown returns a document that whoever asks may see: their own, or one that a
// dossier of theirs uses.
func (s *Server) shown(ctx context.Context, id string) (sohoa.Document, error) {
	parsed, err := sohoa.ParseDocumentID(id)
	if err != nil {
		return sohoa.Document{}, err
	}
	return s.cfg.Catalog.Document(ctx, scopeOf(ctx), parsed)
}

// viewed returns a document that whoever asks may see, and notes that they
// did.
func (s *Server) viewed(ctx context.Context, id string, page int, purpose string) (sohoa.Document, error) {
	doc, err := s.shown(ctx, id)
	if err != nil {
		return doc, err
	}
	return doc, s.journalView(ctx, doc, page, purpose)
}

type documentOutput struct {
	Body struct {
		DocumentView
		Files []FileView `json:"files"`
	}
}

// FileView is a stored file as the API shows it.
type FileView struct {
	Role      sohoa.Role   `json:"role"`
	Page      int          `json:"page,omitempty"`
	Size      int64        `json:"size"`
	Digest    sohoa.Digest `json:"digest"`
	MediaType string       `json:"mediaType"`
}

func (s *Server) apiGetDocument(ctx context.Context, in *DocumentInput) (*documentOutput, error) {
	doc, err := s.viewed(ctx, in.ID, 0, in.Purpose)
	if err != nil {
		return nil, err
	}
	files, err := s.cfg.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	out := &documentOutput{}
	out.Body.DocumentView = s.viewDocument(ctx, doc)
	out.Body.Files = make([]FileView, 0, len(files))
	for _, f := range files {
		out.Body.Files = append(out.Body.Files, FileView{f.Role, f.Page, f.Size, f.Digest, f.MediaType})
	}
	return out, nil
}

type pagesOutput struct {
	Body struct {
		Pages []sohoa.Page `json:"pages"`
	}
}

func (s *Server) apiPages(ctx context.Context, in *DocumentInput) (*pagesOutput, error) {
	doc, err := s.viewed(ctx, in.ID, 0, in.Purpose)
	if err != nil {
		return nil, err
	}
	pages, err := s.cfg.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return nil, err
	}
	out := &pagesOutput{}
	out.Body.Pages = orEmpty(pages)
	return out, nil
}

type historyOutput struct {
	Body struct {
		Entries []EntryView `json:"entries"`
	}
}

// EntryView is an entry as the history of a document shows it. Where it is in
// the journal tells how much others do, so only administrators are told.
type EntryView struct {
	sohoa.Entry
	Seq  uint64       `json:"seq,omitempty" doc:"Its number in the journal; for administrators."`
	Prev sohoa.Digest `json:"prev,omitzero" doc:"Hash of the entry before; for administrators."`
	Hash sohoa.Digest `json:"hash,omitzero" doc:"For administrators."`
}

func (s *Server) apiHistory(ctx context.Context, in *DocumentInput) (*historyOutput, error) {
	doc, err := s.document(ctx, in.ID)
	if err == nil {
		err = s.glimpsed(ctx, doc)
	}
	if err != nil {
		return nil, err
	}
	entries, err := s.cfg.Catalog.History(ctx, doc.ID)
	if err == nil {
		entries, err = s.discreet(ctx, entries)
	}
	if err != nil {
		return nil, err
	}
	out := &historyOutput{}
	out.Body.Entries = make([]EntryView, 0, len(entries))
	for _, e := range entries {
		v := EntryView{Entry: e}
		if scopeOf(ctx).All {
			v.Seq, v.Prev, v.Hash = e.Seq, e.Prev, e.Hash
		}
		out.Body.Entries = append(out.Body.Entries, v)
	}
	return out, nil
}

type documentViewOutput struct{ Body DocumentView }

func (s *Server) apiRetry(ctx context.Context, in *DocumentInput) (*documentViewOutput, error) {
	doc, err := s.retry(ctx, in.ID)
	return &documentViewOutput{s.viewDocument(ctx, doc)}, err
}

// retry takes a parked document up again and returns it as it then is.
func (s *Server) retry(ctx context.Context, id string) (sohoa.Document, error) {
	doc, err := s.document(ctx, id)
	if err != nil {
		return doc, err
	}
	if err := s.cfg.Intake.Retry(ctx, userOf(ctx).Name, doc.ID); err != nil {
		return doc, err
	}
	return s.document(ctx, id)
}
