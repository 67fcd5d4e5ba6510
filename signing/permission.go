package signing

import (
	"errors"
	"slices"
	"strings"

	"sohoa"
	"sohoa/signing/revision"
)

// refusal turns what package revision found into a Problem; an error that is
// not about the file stays as it is.
func refusal(err error) error {
	var p *sohoa.Problem
	switch {
	case err == nil || errors.As(err, &p):
		return err
	case errors.Is(err, revision.ErrEncrypted):
		return detailed(sohoa.ErrForbidden, "sign.refused-encrypted", err)
	case errors.Is(err, revision.ErrTrailing):
		return detailed(sohoa.ErrInvalid, "sign.refused-trailing", err)
	case errors.Is(err, revision.ErrDamaged):
		return detailed(sohoa.ErrInvalid, "sign.refused-damaged", err)
	}
	return err
}

// permit returns a Problem if an earlier signature forbids a signature in the
// field name (ISO 32000-2, 12.8.2.2 and 12.8.2.4). Whether an earlier
// signature is valid does not matter: what it forbids was its signer's wish.
func (fm *form) permit(name string) error {
	var signatures []*revision.Dict
	perms, err := fm.file.Dict(fm.catalog.Get("Perms"))
	if err != nil {
		return err
	}
	certification, err := fm.file.Dict(perms.Get("DocMDP"))
	if err != nil {
		return err
	}
	if certification != nil {
		signatures = append(signatures, certification)
	}
	for _, f := range fm.fields {
		if !f.isSignature() || f.value == nil {
			continue
		}
		signatures = append(signatures, f.value)
		if err := fm.permitLock(f.dict.Get("Lock"), name); err != nil {
			return err
		}
	}
	for _, s := range signatures {
		if err := fm.permitReferences(s, name); err != nil {
			return err
		}
	}
	return nil
}

// permitReferences checks the transforms of one signature.
func (fm *form) permitReferences(signature *revision.Dict, name string) error {
	refs, err := fm.file.Array(signature.Get("Reference"))
	if err != nil {
		return err
	}
	for _, o := range refs {
		d, err := fm.file.Dict(o)
		if err != nil {
			return err
		}
		params, err := fm.file.Dict(d.Get("TransformParams"))
		if err != nil {
			return err
		}
		switch d.Get("TransformMethod") {
		case revision.Name("DocMDP"):
			if params.Get("P") == revision.Number("1") {
				return problem(sohoa.ErrForbidden, "sign.refused-certified")
			}
		case revision.Name("FieldMDP"):
			if err := fm.permitFields(params, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// permitLock checks the lock of a signed field, which has come into effect.
func (fm *form) permitLock(o revision.Object, name string) error {
	lock, err := fm.file.Dict(o)
	if err != nil || lock == nil {
		return err
	}
	if lock.Get("P") == revision.Number("1") {
		return problem(sohoa.ErrForbidden, "sign.refused-certified")
	}
	return fm.permitFields(lock, name)
}

// permitFields checks the fields that a lock or FieldMDP names; a name stands
// for the fields below it too.
func (fm *form) permitFields(d *revision.Dict, name string) error {
	list, err := fm.file.Array(d.Get("Fields"))
	if err != nil {
		return err
	}
	listed := slices.ContainsFunc(list, func(o revision.Object) bool {
		s, ok := o.(revision.String)
		return ok && (decodeText(s) == name || strings.HasPrefix(name, decodeText(s)+"."))
	})
	locked := false
	switch d.Get("Action") {
	case revision.Name("All"):
		locked = true
	case revision.Name("Include"):
		locked = listed
	case revision.Name("Exclude"):
		locked = !listed
	}
	if locked {
		return problem(sohoa.ErrForbidden, "sign.refused-locked", name)
	}
	return nil
}
