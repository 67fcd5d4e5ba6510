package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/signing/validation"
)

func (s *Server) registerLookup(api huma.API) {
	get := operation("lookup", http.MethodGet, "/lookup/{code}", "What everybody may know of the paper with a lookup code; journalled")
	get.Description = "Needs no session. Neither the content of the paper nor names of citizens are in the answer. Limited by address."
	get.Security = nil
	get.Errors = []int{http.StatusNotFound, http.StatusTooManyRequests}
	huma.Register(api, get, s.apiLookup)
	compare := operation("compare", http.MethodPost, "/lookup/{code}/compare", "Compare a PDF with the one that is kept; journalled")
	compare.Description = "The body is the PDF itself. It is not kept. Needs no session; without one, comparisons are limited by address."
	compare = upload(compare, "application/pdf", "The PDF.")
	compare.Security = nil
	compare.Errors = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusTooManyRequests}
	huma.Register(api, compare, s.apiCompare)
}

// LookupInput names a document by its lookup code. It is exported so that the
// API library sees its fields.
type LookupInput struct {
	Code string `path:"code" maxLength:"40" doc:"16 letters and digits; groups and case do not matter."`
	LangInput
}

type lookupOutput struct{ Body KeptView }

// KeptView is what everybody may know of a document, as the API shows it.
type KeptView struct {
	Code       string                `json:"code"`
	Agency     string                `json:"agency" doc:"Who keeps it."`
	Fields     []PublicField         `json:"fields"`
	Pages      int                   `json:"pages"`
	Size       int64                 `json:"size,omitempty" doc:"Of the file that is kept: the signed one, or the PDF where nothing is signed."`
	Digest     sohoa.Digest          `json:"digest,omitzero" doc:"SHA-256 of that file."`
	Conclusion validation.Indication `json:"conclusion" doc:"Of a check of the kept file, now; NO-SIGNATURE without a signature."`
	Signatures []PublicSignature     `json:"signatures"`
	Force      sohoa.Force           `json:"force" enum:"in-force,not-yet,expired,revoked,replaced" doc:"What the result is worth now, as far as it is recorded here."`
	Since      string                `json:"since,omitempty" doc:"The day of that, as 31/12/2026: revoked or replaced as of, expired after, in force from."`
	Decision   string                `json:"decision,omitempty" doc:"By which it was revoked or replaced."`
}

// PublicField is a value that names no citizen.
type PublicField struct {
	Name      string `json:"name"`
	Value     string `json:"value"`
	Confirmed bool   `json:"confirmed" doc:"A person compared it with the paper."`
}

// PublicSignature is a signature as everybody may know it.
type PublicSignature struct {
	Signer      string                `json:"signer,omitempty" doc:"Left out for a person who signed for no agency."`
	Indication  validation.Indication `json:"indication"`
	Level       string                `json:"level,omitempty"`
	ClaimedTime time.Time             `json:"claimedTime,omitzero"`
	ProofTime   time.Time             `json:"proofTime,omitzero"`
}

func viewKept(k kept) KeptView {
	v := KeptView{Code: k.doc.Lookup, Agency: k.Agency, Fields: []PublicField{}, Pages: k.Pages, Size: k.File.Size, Digest: k.File.Digest,
		Conclusion: validation.NoSignature, Signatures: []PublicSignature{},
		Force: k.Force.Force, Since: k.Force.Since, Decision: k.Force.By}
	for _, f := range k.Fields {
		v.Fields = append(v.Fields, PublicField{f.Name, f.Value, f.Confirmed})
	}
	if k.Report != nil {
		v.Conclusion = k.Report.Conclusion
	}
	for _, s := range k.Signers {
		v.Signatures = append(v.Signatures, PublicSignature{s.Name, s.Indication, s.Level, s.ClaimedTime, s.ProofTime})
	}
	return v
}

func (s *Server) apiLookup(ctx context.Context, in *LookupInput) (*lookupOutput, error) {
	k, err := s.keptBy(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return &lookupOutput{viewKept(k)}, nil
}

// keptBy is what everybody may know of the document with a code.
func (s *Server) keptBy(ctx context.Context, code string) (kept, error) {
	doc, err := s.lookup(ctx, code)
	if err != nil {
		return kept{}, err
	}
	return s.keptOf(ctx, doc)
}

type compareInput struct {
	rawRequest
	LookupInput
}

type compareOutput struct {
	Body struct {
		Relation relation   `json:"relation" enum:"same,extended,earlier,content,rendition,other" doc:"What the file is to the one that is kept: byte for byte the same; all of it with more after it; an earlier revision; the same signed content; another rendition of the paper; none of these."`
		Report   ReportView `json:"report" doc:"Of a check of the file that was sent."`
	}
}

func (s *Server) apiCompare(ctx context.Context, in *compareInput) (*compareOutput, error) {
	k, err := s.keptBy(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	body := &moving{r: in.request.Body, control: http.NewResponseController(in.writer)}
	found, part, err := s.compare(ctx, k, body, "PDF")
	if err != nil {
		return nil, err
	}
	out := &compareOutput{}
	out.Body.Relation, out.Body.Report = found, viewReport(part.Report, visitOf(ctx).lang)
	return out, nil
}
