package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"

	"sohoa"
	"sohoa/ingest"
)

// confirmCmd enters what a person found on a paper.
type confirmCmd struct {
	ID     string   `arg:"" help:"Document ID."`
	Values []string `arg:"" optional:"" placeholder:"NAME=VALUE" help:"What the paper has where it is not what was read; an empty value is not on it."`
	Type   *string  `help:"Kind of paper, of the retention schedule."`
	From   *string  `placeholder:"DAY" help:"First day of validity; empty for none."`
	Until  *string  `placeholder:"DAY" help:"Last day of validity; empty for none."`
	Scope  *string  `help:"Where it is valid."`
	JSON   bool     `name:"json" help:"The fields as one JSON object."`
}

// Help implements kong's hook for long help.
func (confirmCmd) Help() string {
	return `All fields of the document are confirmed: those that are not given, with the values that were read.
'sohoa show ID' tells what was read, how surely and where. The names:

  ` + strings.Join(sohoa.FieldNames, " ") + `

Days are YYYY-MM-DD.`
}

// confirmedJSON is what `sohoa confirm --json` prints.
type confirmedJSON struct {
	Document sohoa.DocumentID `json:"document"`
	FieldsAt int              `json:"fieldsAt"`
	Fields   []sohoa.Field    `json:"fields"`
	Life     sohoa.Life       `json:"life,omitzero"`
}

// Run implements the command.
func (c *confirmCmd) Run(ctx context.Context, set *settings, out *streams, log *slog.Logger) error {
	return withDocument(ctx, set, log, c.ID, func(a *app, doc sohoa.Document) error {
		found, err := c.confirmation(doc)
		if err != nil {
			return err
		}
		if doc, err = a.service.Confirm(ctx, doc.ID, found); err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(confirmedJSON{doc.ID, doc.FieldsAt, doc.Fields, doc.Life})
		}
		fmt.Fprintln(out.out, summary(doc, set.Lang))
		for _, f := range doc.Fields {
			fmt.Fprintln(out.out, fieldLine(f))
		}
		return nil
	})
}

// confirmation is what the command line says of doc.
func (c *confirmCmd) confirmation(doc sohoa.Document) (ingest.Confirmation, error) {
	found := ingest.Confirmation{Actor: actor(), Version: doc.FieldsAt, Type: c.Type}
	given := map[string]string{}
	for _, arg := range c.Values {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return found, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "fields.argument", Args: []string{arg}}
		}
		given[name] = value
	}
	for _, name := range sohoa.FieldNames {
		v := sohoa.FieldValue{Name: name, Value: doc.Field(name).Value}
		if value, ok := given[name]; ok {
			v.Value = value
		}
		delete(given, name)
		found.Values = append(found.Values, v)
	}
	for name, value := range given {
		found.Values = append(found.Values, sohoa.FieldValue{Name: name, Value: value}) // refused by its name
	}
	if c.From != nil || c.Until != nil || c.Scope != nil {
		v := ingest.Validity{From: doc.Life.ValidFrom, Until: doc.Life.ValidUntil, Scope: doc.Life.Scope}
		for from, to := range map[*string]*string{c.From: (*string)(&v.From), c.Until: (*string)(&v.Until), c.Scope: &v.Scope} {
			if from != nil {
				*to = *from
			}
		}
		found.Validity = &v
	}
	return found, nil
}
