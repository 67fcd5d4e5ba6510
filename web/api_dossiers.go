package web

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/archive"
)

func (s *Server) registerDossiers(api huma.API) {
	huma.Register(api, operation("list-dossiers", http.MethodGet, "/dossiers", "Dossiers, newest first"), s.apiListDossiers)
	create := operation("create-dossier", http.MethodPost, "/dossiers", "Open a dossier")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.apiCreateDossier)
	huma.Register(api, operation("get-dossier", http.MethodGet, "/dossiers/{code}", "One dossier"), s.apiGetDossier)
}

type listDossiersInput struct {
	Text  string `query:"text" maxLength:"200" doc:"Part of a code, an owner's name or a subject."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

type listDossiersOutput struct {
	Body struct {
		Dossiers []archive.DossierSummary `json:"dossiers"`
	}
}

func (s *Server) apiListDossiers(ctx context.Context, in *listDossiersInput) (*listDossiersOutput, error) {
	found, err := s.cfg.Catalog.FindDossiers(ctx, scopeOf(ctx), archive.DossierQuery{Text: in.Text, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listDossiersOutput{}
	out.Body.Dossiers = orEmpty(found)
	return out, nil
}

// NewDossier is what someone who opens a dossier says about it.
type NewDossier struct {
	Code       string `json:"code,omitempty" maxLength:"200" doc:"MaHoSo: letters, digits, dots, hyphens and slashes. Left out, the agency's next of the day: its code, -YYMMDD- and a number."`
	Procedure  string `json:"procedure" maxLength:"100" doc:"MaTTHC."`
	Agency     string `json:"agency,omitempty" maxLength:"100" doc:"An agency's code; left out, that of the user."`
	OwnerName  string `json:"ownerName" maxLength:"300" doc:"ChuHoSo."`
	OwnerID    string `json:"ownerId,omitempty" maxLength:"20" doc:"Identity number, digits only."`
	OwnerBirth string `json:"ownerBirth,omitempty" maxLength:"10" doc:"Birth date as 1990-12-31. With the name it finds what is held of a person where an identity number is missing."`
	Subject    string `json:"subject,omitempty" maxLength:"1000" doc:"What it is about."`
	Due        string `json:"due,omitempty" maxLength:"10" doc:"NgayHenTra, YYYY-MM-DD: the day on which it is to be returned to its owner."`
}

type createDossierInput struct{ Body NewDossier }

type dossierOutput struct{ Body sohoa.Dossier }

func (s *Server) apiCreateDossier(ctx context.Context, in *createDossierInput) (*dossierOutput, error) {
	d, err := s.createDossier(ctx, in.Body)
	return &dossierOutput{d}, err
}

type dossierInput struct {
	Code string `path:"code" doc:"The dossier's code, slashes as %2F."`
}

func (s *Server) apiGetDossier(ctx context.Context, in *dossierInput) (*dossierOutput, error) {
	d, err := s.cfg.Catalog.Dossier(ctx, scopeOf(ctx), in.Code)
	if err == nil {
		err = s.journalList(ctx, sohoa.ActionViewDossier, d.Code, nil)
	}
	return &dossierOutput{d}, err
}

// dossierCode is the form of a code: names of letters, digits, dots and
// hyphens that begin with a letter or a digit, joined by slashes.
var dossierCode = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}.\-]*(/[\p{L}\p{N}][\p{L}\p{N}.\-]*)*$`)

// Bounds on what is typed about a dossier, in characters.
const (
	maxCodeRunes    = 100
	maxOwnerRunes   = 300
	maxSubjectRunes = 1000
)

var identityNumber = regexp.MustCompile(`^[0-9]{0,20}$`)

// createDossier opens a dossier in the name of the user.
func (s *Server) createDossier(ctx context.Context, in NewDossier) (sohoa.Dossier, error) {
	user := userOf(ctx)
	d := sohoa.Dossier{
		Code: clean(in.Code), Procedure: clean(in.Procedure), Agency: clean(in.Agency), Subject: clean(in.Subject),
		Owner:     sohoa.Owner{Name: clean(in.OwnerName), IDNumber: clean(in.OwnerID), BirthDate: sohoa.Date(clean(in.OwnerBirth))},
		CreatedAt: s.cfg.Now().UTC(), CreatedBy: user.Name, Due: sohoa.Date(clean(in.Due)),
	}
	if d.Agency == "" {
		d.Agency = user.Agency
	}
	numbered, prefix := d.Code == "", sohoa.DossierPrefix(d.Agency, s.cfg.Now())
	if numbered {
		d.Code = sohoa.NextDossierCode(prefix, "")
	}
	if err := s.checkDossier(ctx, d); err != nil {
		return sohoa.Dossier{}, err
	}
	err := s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		if numbered {
			last, err := tx.LastDossier(prefix)
			if err != nil {
				return err
			}
			d.Code = sohoa.NextDossierCode(prefix, last)
		}
		_, err := tx.Dossier(d.Code)
		if err == nil {
			return newProblem(sohoa.ErrConflict, "dossier.exists", d.Code)
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if err := tx.PutDossier(d); err != nil {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: user.Name, Action: sohoa.ActionDossier, Dossier: d.Code, Purpose: d.Code})
		return err
	})
	return d, err
}

// checkDossier says what is wrong with a new dossier.
func (s *Server) checkDossier(ctx context.Context, d sohoa.Dossier) error {
	if !dossierCode.MatchString(d.Code) || len([]rune(d.Code)) > maxCodeRunes {
		return newProblem(sohoa.ErrInvalid, "dossier.code", d.Code)
	}
	if d.Owner.Name == "" || len([]rune(d.Owner.Name)) > maxOwnerRunes || len([]rune(d.Subject)) > maxSubjectRunes {
		return newProblem(sohoa.ErrInvalid, "dossier.owner")
	}
	if !identityNumber.MatchString(d.Owner.IDNumber) {
		return newProblem(sohoa.ErrInvalid, "dossier.id-number", d.Owner.IDNumber)
	}
	for _, day := range []sohoa.Date{d.Owner.BirthDate, d.Due} {
		if err := day.Check(); err != nil {
			return err
		}
	}
	if err := s.checkAgency(ctx, d.Agency); err != nil {
		return err
	}
	return s.checkProcedure(ctx, d.Procedure)
}

// checkAgency refuses an agency that is not there or not the user's to act
// for.
func (s *Server) checkAgency(ctx context.Context, code string) error {
	agencies, err := s.cfg.Catalog.Agencies(ctx)
	if err != nil {
		return err
	}
	for _, a := range agencies {
		if a.Code == code && scopeOf(ctx).Includes(code) {
			return nil
		}
	}
	return newProblem(sohoa.ErrInvalid, "agency.unknown", code)
}

func (s *Server) checkProcedure(ctx context.Context, code string) error {
	procedures, err := s.cfg.Catalog.Procedures(ctx)
	if err != nil {
		return err
	}
	for _, p := range procedures {
		if p.Code == code {
			return nil
		}
	}
	return newProblem(sohoa.ErrInvalid, "procedure.unknown", code)
}

// clean trims what was typed and takes line breaks and the like out of it.
func clean(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
}

// orEmpty makes a list that is written as [] and not as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
