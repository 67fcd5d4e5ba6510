package web

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/ingest"
)

func (s *Server) registerNational(api huma.API) {
	op := operation("national-held", http.MethodPost, "/national/held", "What is held of the owner of a dossier, in the form of the national store; journalled")
	op.Description = "Dossier, procedure, paper and owner must belong together: that is the purpose, which stands in the journal. " +
		"Problems that the look-up itself finds are answered in the same form, with errorCode; those of the key and of its rate are RFC 9457."
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(typeOf[NationalRequest](), true, "")}}}
	op.SkipValidateBody = true
	huma.Register(api, op, s.apiNational)
	keys := operation("national-keys", http.MethodGet, "/national/keys", "The public keys that results are signed with (RFC 7517)")
	keys.Security = nil
	huma.Register(api, keys, s.apiNationalKeys)
}

type nationalInput struct {
	RawBody []byte `contentType:"application/json"`
}

type nationalOutput struct {
	Status int
	Body   NationalAnswer
}

// apiNational answers a look-up. Whatever is wrong with it has a code; what
// is wrong with us has the code internal, and no more.
func (s *Server) apiNational(ctx context.Context, in *nationalInput) (*nationalOutput, error) {
	request, err := parseNational(in.RawBody)
	var result *NationalResult
	if err == nil {
		result, err = s.national(ctx, request)
	}
	var signature string
	if err == nil {
		signature, err = s.signResult(ctx, request.Dossier, result)
	}
	if err != nil {
		reply := newReply(visitOf(ctx).lang, err)
		if reply.Status >= http.StatusInternalServerError {
			s.cfg.Log.ErrorContext(ctx, "request failed", "path", apiPrefix+"/national/held", "err", err)
		}
		return &nationalOutput{reply.Status, NationalAnswer{ErrorCode: reply.Code, Message: reply.Detail}}, nil
	}
	said := newProblem(nil, "national.none")
	if n := len(result.Papers); n > 0 {
		said = newProblem(nil, "national.found", strconv.Itoa(n))
	}
	return &nationalOutput{http.StatusOK, NationalAnswer{"0", said.Text(visitOf(ctx).lang), signature, result}}, nil
}

// national finds what a look-up asks for.
func (s *Server) national(ctx context.Context, r NationalRequest) (*NationalResult, error) {
	if err := s.nationalPurpose(ctx, r); err != nil {
		return nil, err
	}
	by := reuseActor(ctx)
	if by.For == "" {
		by.For = r.Requester + " " + r.requesterMask
		visitOf(ctx).whom = by.For
	}
	purpose := sohoa.Purpose{Dossier: r.Dossier, Requirement: r.PaperAsked, Text: r.Channel}
	offers, err := s.held(ctx, by, purpose)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, newProblem(sohoa.ErrNotExist, "national.purpose")
	}
	if err != nil {
		return nil, err
	}
	return s.nationalResult(ctx, r, offers, purpose)
}

// nationalResult are the offers that a look-up wants and no rule fails.
func (s *Server) nationalResult(ctx context.Context, r NationalRequest, offers []ingest.Offer, purpose sohoa.Purpose) (*NationalResult, error) {
	names, err := s.kindNames(ctx)
	if err != nil {
		return nil, err
	}
	result := &NationalResult{Papers: []NationalHeld{}}
	for _, o := range offers {
		p := paperOf(o, names)
		if o.Verdict == sohoa.ReuseFail || !r.asked(p) {
			continue
		}
		links, err := s.offerLinks(ctx, o, purpose)
		if err != nil {
			return nil, err
		}
		held := NationalHeld{Issuer: p.issuer, Files: []NationalFile{}, Kind: p.kind, Result: p.result, Document: o.Document.ID,
			Number: p.number, Name: p.name, Verdict: o.Verdict}
		for _, l := range links {
			held.Files = append(held.Files, NationalFile{l.URL, clean(l.Name)})
		}
		result.Papers = append(result.Papers, held)
	}
	return result, nil
}

// nationalPurpose refuses a look-up whose parts do not belong together, always
// in the same words. After some of these in an hour a key has to wait: they
// are what guessing looks like.
func (s *Server) nationalPurpose(ctx context.Context, r NationalRequest) error {
	actor := userOf(ctx).Name
	if s.persons.full(actor) {
		return newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), r.Dossier)
	if otherThanMissing(err) != nil {
		return err
	}
	if err == nil && d.Procedure == r.Procedure && d.Owner.IDNumber == r.Owner {
		return nil
	}
	s.persons.take(actor)
	return errors.Join(newProblem(sohoa.ErrNotExist, "national.purpose"), s.journalMiss(ctx, r))
}

// journalMiss notes a look-up that was refused.
func (s *Server) journalMiss(ctx context.Context, r NationalRequest) error {
	return s.journal(ctx, sohoa.Entry{Actor: userOf(ctx).Name, Action: sohoa.ActionDeny, Dossier: r.Dossier,
		Purpose: clip(sohoa.Purpose{Dossier: r.Dossier, Requirement: r.PaperAsked}.String()), Detail: `{"path":"` + apiPrefix + `/national/held"}`})
}

// KeySet is a set of public keys (RFC 7517).
type KeySet struct {
	Keys []PublicKey `json:"keys"`
}

// PublicKey is a key on curve Ed25519 (RFC 8037).
type PublicKey struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	X     string `json:"x"`
	ID    string `json:"kid"`
	Use   string `json:"use"`
	Alg   string `json:"alg"`
}

type keysOutput struct{ Body KeySet }

func (s *Server) apiNationalKeys(ctx context.Context, _ *struct{}) (*keysOutput, error) {
	key, id, err := s.resultKey(ctx)
	if err != nil {
		return nil, err
	}
	x := base64.RawURLEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	return &keysOutput{KeySet{[]PublicKey{{"OKP", "Ed25519", x, id, "sig", "EdDSA"}}}}, nil
}
