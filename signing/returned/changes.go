package returned

import (
	"context"
	"errors"

	"sohoa"
	"sohoa/signing/validation"
)

// checkChanges requires that nothing changed but what a signature brings.
func (c *check) checkChanges(ctx context.Context) error {
	changes, err := validation.Since(ctx, c.back, c.back.Size, c.sent.Size)
	if err != nil {
		return unreadable(ctx, err)
	}
	for _, change := range changes {
		if !c.permits(change) {
			return refused(change)
		}
	}
	c.Changes = changes
	return nil
}

// permits reports whether a signature may bring change along.
func (c *check) permits(change validation.Change) bool {
	if change.Code == "change.evidence" || change.Code == "change.version" {
		return true
	}
	if c.Signature.Covers.Revision > 0 && change.Revision > c.Signature.Covers.Revision {
		return false // behind the signature there may be evidence alone
	}
	switch change.Code {
	case "signature.added", "signature.filled", "signature.field-added":
		return len(change.Args) > 0 && change.Args[0] == c.Signature.Field
	case "change.info":
		return true // what of it matters is a change.description
	}
	return false
}

// refusals are the problems of changes that are not permitted. Those that are
// not here are returned.changed.
var refusals = map[string]string{
	"change.page-tree":           "returned.pages",
	"change.page":                "returned.page",
	"change.annotation":          "returned.annotation",
	"change.annotation-added":    "returned.annotation",
	"change.annotation-removed":  "returned.annotation",
	"change.large-mark":          "returned.large-mark",
	"change.empty-field-visible": "returned.field",
	"change.script":              "returned.script",
	"change.action":              "returned.script",
	"change.xfa":                 "returned.script",
	"change.form":                "returned.field",
	"change.field":               "returned.field",
	"change.field-added":         "returned.field",
	"change.value":               "returned.field",
	"change.appearance":          "returned.field",
	"signature.field-added":      "returned.field",
	"signature.added":            "returned.several-fields",
	"signature.filled":           "returned.several-fields",
	"timestamp.added":            "returned.timestamp",
	"change.evidence-removed":    "returned.evidence",
	"change.info":                "returned.description",
	"change.description":         "returned.description",
	"file.ambiguous":             "returned.ambiguous",
	"file.hybrid":                "returned.ambiguous",
	"file.irregular":             "returned.ambiguous",
}

// refused is the Problem of a change that is not permitted.
func refused(change validation.Change) error {
	code, ok := refusals[change.Code]
	if !ok {
		code = "returned.changed"
	}
	detail := errors.New(change.Code + ": " + change.Text(sohoa.English))
	switch code {
	case "returned.page", "returned.annotation":
		return detailed(sohoa.ErrInvalid, code, detail, change.Args...)
	case "returned.large-mark":
		return detailed(sohoa.ErrInvalid, code, detail, change.Args[1:]...)
	}
	return detailed(sohoa.ErrInvalid, code, detail)
}
