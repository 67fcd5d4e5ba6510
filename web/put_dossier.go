package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
)

func (s *Server) registerPutDossier(api huma.API) {
	op := operation("put-dossier", http.MethodPut, "/dossiers/{code}", "Open a dossier, or bring what is known of it up to date")
	op.Description = "The same again changes nothing; members that are left out are emptied. A dossier stays with its agency. Its owner's number may be corrected, but not often: " +
		"what is held of a person is looked up through their dossier."
	op.Errors = []int{http.StatusBadRequest, http.StatusForbidden, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests}
	huma.Register(api, op, s.apiPutDossier)
}

type putDossierInput struct {
	DossierPath
	Body struct {
		Procedure string `json:"procedure" maxLength:"100" doc:"MaTTHC."`
		Agency    string `json:"agency,omitempty" maxLength:"100" doc:"An agency's code; left out, the first of the key, or that of the user."`
		OwnerName string `json:"ownerName" maxLength:"300" doc:"ChuHoSo."`
		OwnerID   string `json:"ownerId,omitempty" maxLength:"20" doc:"Identity number, digits only."`
		BirthDate string `json:"ownerBirth,omitempty" maxLength:"10" doc:"Of the owner, YYYY-MM-DD."`
		Subject   string `json:"subject,omitempty" maxLength:"1000" doc:"What it is about."`
		Due       string `json:"due,omitempty" maxLength:"10" doc:"NgayHenTra, YYYY-MM-DD: the day on which it is to be returned to its owner."`
	}
}

type putDossierOutput struct {
	Status int
	Body   sohoa.Dossier
}

func (s *Server) apiPutDossier(ctx context.Context, in *putDossierInput) (*putDossierOutput, error) {
	user, b := userOf(ctx), in.Body
	want := sohoa.Dossier{
		Code: clean(in.Code), Procedure: clean(b.Procedure), Agency: clean(b.Agency), Subject: clean(b.Subject),
		Owner:     sohoa.Owner{Name: clean(b.OwnerName), IDNumber: clean(b.OwnerID), BirthDate: sohoa.Date(clean(b.BirthDate))},
		CreatedAt: s.cfg.Now().UTC(), CreatedBy: user.Name, Due: sohoa.Date(clean(b.Due)),
	}
	if want.Agency == "" {
		want.Agency = user.Agency
	}
	if want.Owner.BirthDate.Check() != nil {
		return nil, newProblem(sohoa.ErrInvalid, "dossier.birth-date", b.BirthDate)
	}
	if err := s.checkDossier(ctx, want); err != nil {
		return nil, err
	}
	if s.persons.full(user.Name) {
		return nil, newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	p := dossierPut{s: s, want: want}
	if err := s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error { return p.enter(ctx, tx) }); err != nil {
		return nil, err
	}
	if p.another {
		s.persons.take(user.Name)
	}
	return &putDossierOutput{p.status, p.got}, nil
}

// dossierPut is a dossier that is being entered.
type dossierPut struct {
	s       *Server
	want    sohoa.Dossier
	got     sohoa.Dossier // as it then is
	status  int
	another bool // the dossier has another owner than before
}

// enter makes the dossier, or changes what differs. The journal says what
// changed, not to what.
func (p *dossierPut) enter(ctx context.Context, tx archive.Tx) error {
	had, err := tx.Dossier(p.want.Code)
	if errors.Is(err, sohoa.ErrNotExist) {
		p.got, p.status, p.another = p.want, http.StatusCreated, false
		return p.put(ctx, tx, sohoa.ActionDossier, nil)
	}
	if err != nil {
		return err
	}
	if !scopeOf(ctx).Includes(had.Agency) {
		return newProblem(sohoa.ErrConflict, "dossier.exists", had.Code)
	}
	if had.Agency != p.want.Agency {
		return newProblem(sohoa.ErrConflict, "dossier.agency-fixed", had.Code)
	}
	p.got, p.status = had, http.StatusOK
	changed := p.changes(had)
	p.another = had.Owner.IDNumber != "" && had.Owner.IDNumber != p.want.Owner.IDNumber
	if len(changed) == 0 {
		return nil
	}
	p.got.Procedure, p.got.Owner, p.got.Subject, p.got.Due = p.want.Procedure, p.want.Owner, p.want.Subject, p.want.Due
	if desk := p.s.cfg.Reuse; desk != nil {
		if err := desk.DossierChanged(tx, had, p.got); err != nil {
			return err
		}
	}
	return p.put(ctx, tx, sohoa.ActionDossierSet, map[string]any{"changed": changed})
}

func (p *dossierPut) changes(had sohoa.Dossier) []string {
	var names []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"procedure", had.Procedure == p.want.Procedure}, {"ownerName", had.Owner.Name == p.want.Owner.Name},
		{"ownerId", had.Owner.IDNumber == p.want.Owner.IDNumber}, {"ownerBirth", had.Owner.BirthDate == p.want.Owner.BirthDate},
		{"subject", had.Subject == p.want.Subject}, {"due", had.Due == p.want.Due},
	} {
		if !f.same {
			names = append(names, f.name)
		}
	}
	return names
}

func (p *dossierPut) put(ctx context.Context, tx archive.Tx, action sohoa.Action, detail map[string]any) error {
	if err := tx.PutDossier(p.got); err != nil {
		return err
	}
	e := sohoa.Entry{Actor: userOf(ctx).Name, Action: action, Dossier: p.got.Code, Purpose: p.got.Code}
	if detail != nil {
		b, err := json.Marshal(detail)
		if err != nil {
			return err
		}
		e.Detail = string(b)
	}
	e.Detail = withWhom(ctx, e.Detail)
	_, err := tx.Append(e)
	return err
}
