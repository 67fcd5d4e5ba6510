package web

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/ingest"
	"sohoa/signing"
)

func (s *Server) registerSignatures(api huma.API) {
	prepare := operation("prepare-signature", http.MethodPost, "/documents/{id}/signatures", "First phase: what your key has to sign")
	prepare.Description = "For programs that bring the signature value themselves, from a token or a service of their own. The document waits for you in a " +
		"signing set, and part is that of your step; or it is in none. Sign digest by algorithm, or signedAttributes with a key that hashes itself, " +
		"and put the value. A document has one signature under way at a time."
	prepare.DefaultStatus = http.StatusCreated
	prepare.Errors = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict}
	huma.Register(api, prepare, s.apiPrepare)
	complete := operation("complete-signature", http.MethodPut, "/signatures/{signature}", "Second phase: the signature value")
	complete.Description = "The signature is timestamped, embedded and verified before it becomes a revision of the document, which is the answer."
	complete.Errors = []int{http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}
	huma.Register(api, complete, s.apiComplete)
	cancel := operation("cancel-signature", http.MethodDelete, "/signatures/{signature}", "Give up a signature that was prepared")
	huma.Register(api, cancel, s.apiCancel)
}

type prepareInput struct {
	DocumentInput
	Body struct {
		Part         sohoa.SignPart `json:"part,omitempty" enum:"operator,person,seal,agency,copy,attachment" doc:"As what you sign; of a document in a signing set, that of your step."`
		Place        *sohoa.Place   `json:"place,omitempty" doc:"Where the mark goes: points of the page as it is seen. Left out, by the rule."`
		Certificates [][]byte       `json:"certificates" minItems:"1" maxItems:"10" doc:"DER, base64: yours, then those above it."`
		PSS          bool           `json:"pss,omitempty" doc:"RSASSA-PSS instead of PKCS #1 v1.5 with an RSA key."`
	}
}

type prepareOutput struct {
	Location string `header:"Location"`
	Body     PreparedView
}

// PreparedView is a signature between its two phases as the API shows it.
type PreparedView struct {
	ID               sohoa.SetID      `json:"id"`
	Document         sohoa.DocumentID `json:"document"`
	Digest           []byte           `json:"digest" doc:"SHA-256 of signedAttributes, base64."`
	SignedAttributes []byte           `json:"signedAttributes" doc:"DER, base64."`
	Algorithm        string           `json:"algorithm"`
	Expires          time.Time        `json:"expires"`
}

func (s *Server) apiPrepare(ctx context.Context, in *prepareInput) (*prepareOutput, error) {
	if s.cfg.Desk == nil {
		return nil, newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	doc, err := s.document(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	want := ingest.Wanted{Document: doc.ID, Part: in.Body.Part, Place: in.Body.Place, PSS: in.Body.PSS}
	if want.Place != nil {
		if err := s.checkPlace(ctx, doc.ID, *want.Place); err != nil {
			return nil, err
		}
	}
	for _, der := range in.Body.Certificates {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, newProblem(sohoa.ErrInvalid, "sign.certificate")
		}
		want.Certificates = append(want.Certificates, c)
	}
	pending, prepared, err := s.cfg.Desk.PrepareSignature(ctx, userOf(ctx).Name, want)
	if err != nil {
		return nil, err
	}
	return &prepareOutput{apiPrefix + "/signatures/" + string(pending.ID), viewPrepared(pending, prepared)}, nil
}

func viewPrepared(p sohoa.PendingSignature, prepared *signing.Prepared) PreparedView {
	return PreparedView{ID: p.ID, Document: p.Document, Digest: prepared.Digest(), SignedAttributes: prepared.SignedAttributes(),
		Algorithm: string(prepared.Algorithm), Expires: p.Expires}
}

// SignatureInput names a signature between its two phases.
type SignatureInput struct {
	Signature string `path:"signature" doc:"26 letters and digits."`
}

// pendingID reads the name of a signature between its two phases.
func (s *Server) pendingID(in SignatureInput) (sohoa.SetID, error) {
	if s.cfg.Desk == nil {
		return "", newProblem(sohoa.ErrNotExist, "path.unknown")
	}
	return sohoa.ParseSetID(in.Signature)
}

type completeInput struct {
	SignatureInput
	Body struct {
		Value []byte `json:"value" minLength:"1" maxLength:"4096" doc:"As the key gave it, base64; of ECDSA in DER."`
	}
}

func (s *Server) apiComplete(ctx context.Context, in *completeInput) (*documentViewOutput, error) {
	id, err := s.pendingID(in.SignatureInput)
	if err != nil {
		return nil, err
	}
	doc, err := s.cfg.Desk.CompleteSignature(ctx, userOf(ctx).Name, id, in.Body.Value)
	return &documentViewOutput{s.viewDocument(ctx, doc)}, err
}

func (s *Server) apiCancel(ctx context.Context, in *SignatureInput) (*struct{}, error) {
	id, err := s.pendingID(*in)
	if err != nil {
		return nil, err
	}
	return nil, s.cfg.Desk.CancelSignature(ctx, userOf(ctx).Name, id)
}
