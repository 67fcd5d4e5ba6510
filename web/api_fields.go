package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sohoa"
	"sohoa/ingest"
)

func (s *Server) registerFields(api huma.API) {
	if s.confirms == nil {
		return
	}
	get := operation("get-fields", http.MethodGet, "/documents/{id}/fields", "The fields of a document, how surely they were read, and who confirmed them")
	huma.Register(api, get, s.apiFields)
	put := operation("put-fields", http.MethodPut, "/documents/{id}/fields", "Confirm the fields of a document, compared with the paper")
	put.Description = "The list is complete: an empty value is not on the paper, and a field that was read may not be left out. " +
		"What recognition had read stays beside it. The same again changes nothing. " +
		"409 with code fields.changed if somebody confirmed the document after version; now is what they confirmed."
	put.Errors = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict}
	huma.Register(api, put, s.apiConfirm)
}

// FieldView is a field as the API shows it.
type FieldView struct {
	sohoa.Field
	Certainty sohoa.Certainty `json:"certainty" enum:"sure,look,none" doc:"How surely it was read, in a word."`
}

// ValidityView is from when, until when and where a result is in force.
type ValidityView struct {
	From  sohoa.Date `json:"from,omitempty" maxLength:"10" doc:"First day, YYYY-MM-DD."`
	Until sohoa.Date `json:"until,omitempty" maxLength:"10" doc:"Last day, YYYY-MM-DD."`
	Scope string     `json:"scope,omitempty" maxLength:"300"`
}

// FieldsView is what is known from a paper.
type FieldsView struct {
	Document    sohoa.DocumentID `json:"document"`
	Version     int              `json:"version" doc:"To be given back when fields are confirmed."`
	Unconfirmed bool             `json:"unconfirmed" doc:"It waits for a person who compares it with the paper."`
	Waits       sohoa.Wait       `json:"waits,omitempty" doc:"fields: it is signed only after that."`
	Fields      []FieldView      `json:"fields"`
	Type        string           `json:"type,omitempty" doc:"Of the retention schedule."`
	Validity    ValidityView     `json:"validity"`
}

type fieldsOutput struct{ Body FieldsView }

func viewFields(d sohoa.Document) FieldsView {
	v := FieldsView{Document: d.ID, Version: d.FieldsAt, Unconfirmed: d.Unconfirmed(), Waits: d.Waits, Type: d.Life.Type,
		Validity: ValidityView{d.Life.ValidFrom, d.Life.ValidUntil, d.Life.Scope}}
	for _, name := range sohoa.FieldNames {
		f := d.Field(name)
		v.Fields = append(v.Fields, FieldView{f, f.Certainty()})
	}
	return v
}

func (s *Server) apiFields(ctx context.Context, in *DocumentInput) (*fieldsOutput, error) {
	doc, err := s.viewed(ctx, in.ID, 0, in.Purpose)
	if err != nil {
		return nil, err
	}
	return &fieldsOutput{viewFields(doc)}, nil
}

// FieldInput is a confirmed value in a request.
type FieldInput struct {
	Name  string      `json:"name" maxLength:"40"`
	Value string      `json:"value" maxLength:"1000" doc:"Days are YYYY-MM-DD. Empty: the paper has none."`
	Text  string      `json:"text,omitempty" maxLength:"1000" doc:"As it stands on the page."`
	Page  int         `json:"page,omitempty" minimum:"0" doc:"Where it stands, if not where it was read."`
	Box   *sohoa.Rect `json:"box,omitempty" doc:"In pixels of the upright page."`
}

type confirmInput struct {
	DocumentInput
	Body struct {
		Version  int           `json:"version" minimum:"0" doc:"Of the fields that the person saw."`
		Fields   []FieldInput  `json:"fields" maxItems:"50"`
		Type     *string       `json:"type,omitempty" maxLength:"60" doc:"Of the retention schedule; stays as it is if left out."`
		Validity *ValidityView `json:"validity,omitempty" doc:"Stays as it is if left out."`
	}
}

func (s *Server) apiConfirm(ctx context.Context, in *confirmInput) (*fieldsOutput, error) {
	c := ingest.Confirmation{Version: in.Body.Version, Type: in.Body.Type}
	for _, f := range in.Body.Fields {
		v := sohoa.FieldValue{Name: f.Name, Value: f.Value, Text: f.Text, Page: f.Page}
		if f.Box != nil {
			v.Box = *f.Box
		}
		c.Values = append(c.Values, v)
	}
	if v := in.Body.Validity; v != nil {
		c.Validity = &ingest.Validity{From: v.From, Until: v.Until, Scope: v.Scope}
	}
	doc, err := s.confirmed(ctx, in.ID, c)
	if err != nil {
		return nil, s.refusedFields(ctx, doc, err)
	}
	return &fieldsOutput{viewFields(doc)}, nil
}

// fieldsReply is a problem with fields, with those that the document has now.
type fieldsReply struct {
	*Reply
	Now FieldsView `json:"now"`
}

// refusedFields says which fields are wrong, or what somebody else confirmed.
func (s *Server) refusedFields(ctx context.Context, doc sohoa.Document, err error) error {
	lang := visitOf(ctx).lang
	var wrong sohoa.FieldErrors
	switch {
	case errors.As(err, &wrong):
		reply := newReply(lang, err)
		for _, e := range wrong {
			reply.Errors = append(reply.Errors, &huma.ErrorDetail{Message: e.Problem.Text(lang), Location: "body.fields." + e.Name})
		}
		return reply
	case errors.Is(err, sohoa.ErrConflict) && doc.FieldsFound():
		return &fieldsReply{newReply(lang, s.byWhom(ctx, err)), viewFields(doc)}
	}
	return err
}
