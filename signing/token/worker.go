package token

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"

	"github.com/ThalesGroup/crypto11"
	"github.com/miekg/pkcs11"

	"sohoa"
	"sohoa/ocr/child"
)

func init() {
	child.Register(role, func() (child.Handler, error) {
		w := &worker{}
		return w.handle, nil
	})
}

// worker is the child's side. It logs in once, at the first request, and
// serves that token for the rest of its life; it is used by one goroutine.
type worker struct {
	token        *crypto11.Context // nil until logged in; it pools the sessions
	certificates []certObject
	keys         map[[sha256.Size]byte]crypto11.Signer // by their public half
	listed       []keyObject
}

// handle answers every request with one reply, a failure too: the parent then
// does away with this process, which no error of a module survives.
func (w *worker) handle(_ context.Context, body []byte, send func([]byte) error) error {
	var q request
	if err := json.Unmarshal(body, &q); err != nil {
		return err
	}
	a, err := w.answer(q)
	if err != nil {
		a = reply{Problem: sohoa.AsProblem(err)}
	}
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return send(b)
}

func (w *worker) answer(q request) (reply, error) {
	if w.token == nil {
		if err := w.open(q); err != nil {
			return reply{}, err
		}
	}
	if q.Sign == nil {
		return reply{Keys: w.listed, Certificates: w.certificates}, nil
	}
	value, err := w.sign(q.Sign)
	return reply{Value: value}, err
}

// sessions are one that keeps the log-in and one that signs. crypto11 takes
// the sessions of its pool in turn and opens each when its turn comes: with
// room for more, every signature would open one.
const sessions = 2

// open finds the token, logs in and lists the keys.
func (w *worker) open(q request) error {
	f, err := find(q.Module, q.Token)
	if err != nil {
		return err
	}
	if err := mayLogIn(f.info.Flags, q); err != nil {
		return err
	}
	slot := int(f.slot)
	w.certificates = f.certificates
	w.token, err = crypto11.Configure(&crypto11.Config{Path: q.Module, SlotNumber: &slot, Pin: q.PIN, MaxSessions: sessions,
		LoginNotSupported: f.info.Flags&pkcs11.CKF_LOGIN_REQUIRED == 0})
	if err != nil {
		return loginFailed(err, q.Token.Name)
	}
	return w.list(q)
}

// mayLogIn refuses a log-in that cannot succeed, or that may lock the token.
func mayLogIn(flags uint, q request) error {
	code, kind := "", sohoa.ErrInvalid
	switch {
	case flags&pkcs11.CKF_LOGIN_REQUIRED == 0:
		return nil
	case flags&pkcs11.CKF_USER_PIN_LOCKED != 0:
		code, kind = "sign.pin-locked", sohoa.ErrForbidden
	case flags&pkcs11.CKF_USER_PIN_FINAL_TRY != 0:
		code, kind = "sign.pin-last", sohoa.ErrForbidden
	case q.PIN == "":
		code = "sign.pin-missing"
	default:
		return nil
	}
	return &sohoa.Problem{Kind: kind, Code: code, Args: []string{q.Token.Name}}
}

// loginFailed says what came of a log-in.
func loginFailed(err error, name string) error {
	var code pkcs11.Error
	if errors.As(err, &code) {
		switch code {
		case pkcs11.CKR_PIN_INCORRECT, pkcs11.CKR_PIN_INVALID, pkcs11.CKR_PIN_LEN_RANGE:
			return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.password", Args: []string{name}}
		case pkcs11.CKR_PIN_LOCKED:
			return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "sign.pin-locked", Args: []string{name}}
		}
	}
	return failed("log in", err)
}

// list finds the keys that sign: those that the request names, or all.
func (w *worker) list(q request) error {
	w.keys = map[[sha256.Size]byte]crypto11.Signer{}
	labels := []string{q.Object}
	if q.Object != "" {
		labels = append(labels, "") // it may be the label of the certificate
	}
	for _, label := range labels {
		for _, kind := range []uint{pkcs11.CKK_RSA, pkcs11.CKK_ECDSA} {
			if err := w.listKind(q.ID, label, kind); err != nil {
				return failed("list keys", err)
			}
		}
		if len(w.listed) > 0 {
			break
		}
	}
	return nil
}

// listKind finds keys of one kind; crypto11 gives up at a kind that it does
// not know.
func (w *worker) listKind(id []byte, label string, kind uint) error {
	set := crypto11.NewAttributeSet()
	err := set.Set(crypto11.CkaKeyType, kind)
	if len(id) > 0 {
		err = errors.Join(err, set.Set(crypto11.CkaId, id))
	}
	if label != "" {
		err = errors.Join(err, set.Set(crypto11.CkaLabel, []byte(label)))
	}
	if err != nil {
		return err
	}
	signers, err := w.token.FindKeyPairsWithAttributes(set)
	if err != nil {
		return err
	}
	for _, s := range signers[:min(len(signers), sohoa.MaxTokenKeys)] {
		if err := w.add(s); err != nil {
			return err
		}
	}
	return nil
}

// add takes a key up, with its certificate if that needs the log-in.
func (w *worker) add(s crypto11.Signer) error {
	public, err := x509.MarshalPKIXPublicKey(s.Public())
	if err != nil {
		return err
	}
	attributes, err := w.token.GetAttributes(s, []crypto11.AttributeType{crypto11.CkaId, crypto11.CkaLabel})
	if err != nil {
		return err
	}
	print := sha256.Sum256(public)
	if w.keys[print] != nil {
		return nil // a second copy
	}
	k := keyObject{ID: attributes[crypto11.CkaId].Value, Label: string(attributes[crypto11.CkaLabel].Value), Public: public}
	w.keys[print] = s
	w.listed = append(w.listed, k)
	if len(k.ID) == 0 {
		return nil
	}
	cert, err := w.token.FindCertificate(k.ID, nil, nil)
	if err == nil && cert != nil && !w.knows(cert) {
		w.certificates = append(w.certificates, certObject{DER: cert.Raw})
	}
	return nil // one that cannot be read is none
}

func (w *worker) knows(c *x509.Certificate) bool {
	for _, o := range w.certificates {
		if bytes.Equal(o.DER, c.Raw) {
			return true
		}
	}
	return false
}

// sign makes one signature value.
func (w *worker) sign(o *order) ([]byte, error) {
	key, ok := w.keys[[sha256.Size]byte(o.Public)]
	if !ok {
		return nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.token-failed", Detail: "the key is no longer in the token"}
	}
	var opts crypto.SignerOpts = o.Hash
	if o.PSS {
		opts = &rsa.PSSOptions{Hash: o.Hash, SaltLength: o.Salt}
	}
	value, err := key.Sign(nil, o.Digest, opts)
	if err != nil {
		return nil, failed("sign", err)
	}
	return value, nil
}
