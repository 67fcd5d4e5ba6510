package token

import (
	"errors"
	"fmt"
	"strings"

	"github.com/miekg/pkcs11"

	"sohoa"
)

// found is the token that a request means, and the certificates that it shows
// to anyone.
type found struct {
	slot         uint
	info         pkcs11.TokenInfo
	certificates []certObject
}

// find loads the module and looks for the token. It runs in the child.
//
// crypto11 picks a token by one attribute alone, tells nothing about it and
// finds one certificate at a time. So the module is asked first, and left
// finalised for crypto11. It stays loaded: not every vendor's module bears to
// be unloaded.
func find(path string, id tokenID) (*found, error) {
	module := pkcs11.New(path)
	if module == nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.token-module", Args: []string{path},
			Detail: "it is no PKCS#11 module for this machine, or a library that it needs is missing"}
	}
	if err := module.Initialize(); err != nil {
		return nil, failed("initialise", err)
	}
	defer module.Finalize()
	f, err := match(module, id)
	if err != nil {
		return nil, err
	}
	if f.certificates, err = certificates(module, f.slot); err != nil {
		return nil, failed("list certificates", err)
	}
	return f, nil
}

// match finds the one token that id means.
func match(module *pkcs11.Ctx, id tokenID) (*found, error) {
	slots, err := module.GetSlotList(true)
	if err != nil {
		return nil, failed("list slots", err)
	}
	var matching []*found
	var all, names []string // of the tokens there, and of the matching ones
	for _, slot := range slots {
		info, err := module.GetTokenInfo(slot)
		if err != nil || info.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0 {
			continue
		}
		all = append(all, fmt.Sprintf("token=%s;serial=%s", escape(info.Label), escape(info.SerialNumber)))
		if id.matches(slot, info) {
			matching = append(matching, &found{slot: slot, info: info})
			names = append(names, all[len(all)-1])
		}
	}
	switch len(matching) {
	case 0:
		return nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.token-missing", Args: []string{id.Name},
			Detail: "tokens there: " + strings.Join(all, ", ")}
	case 1:
		return matching[0], nil
	}
	return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.token-choose", Args: []string{strings.Join(names, ", ")}}
}

func (id tokenID) matches(slot uint, info pkcs11.TokenInfo) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(id.Label, info.Label) && is(id.Manufacturer, info.ManufacturerID) && is(id.Model, info.Model) &&
		is(id.Serial, info.SerialNumber) && (id.Slot == nil || *id.Slot == uint64(slot))
}

// certificates are the certificates in a token that need no log-in.
func certificates(module *pkcs11.Ctx, slot uint) ([]certObject, error) {
	session, err := module.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION)
	if err != nil {
		return nil, err
	}
	defer module.CloseSession(session)
	err = module.FindObjectsInit(session, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_CERTIFICATE),
		pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509),
	})
	if err != nil {
		return nil, err
	}
	objects, _, err := module.FindObjects(session, sohoa.MaxTokenKeys)
	if err = errors.Join(err, module.FindObjectsFinal(session)); err != nil {
		return nil, err
	}
	var certs []certObject
	for _, o := range objects {
		attributes, err := module.GetAttributeValue(session, o, []*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_LABEL, nil), pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil),
		})
		if err != nil {
			continue // without a value it is of no use
		}
		certs = append(certs, certObject{Label: string(attributes[0].Value), DER: attributes[1].Value})
	}
	return certs, nil
}

// failed is the Problem of a token that reports an error.
func failed(act string, err error) *sohoa.Problem {
	return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.token-failed", Detail: act + ": " + err.Error()}
}
