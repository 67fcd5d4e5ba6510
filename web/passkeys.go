package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"sohoa"
	"sohoa/archive"
)

// Bounds on passkeys.
const (
	maxPasskeys       = 10 // of one person
	maxPasskeyName    = 60 // runes
	ceremonyTime      = 5 * time.Minute
	sessionRegister   = "passkey.register" // what a session holds while a passkey is made,
	sessionAssert     = "passkey.assert"   // and while one is used
	maxCredentialJSON = 64 << 10
)

// passkeyPages are those by which passkeys are made, named and removed.
func (s *Server) passkeyPages() doors {
	return doors{
		"POST /account/passkeys/begin": {anybodyIn, asJSON(s.proved(s.beginPasskey))}, "POST /account/passkeys": {anybodyIn, asJSON(s.proved(s.postPasskey))},
		"POST /account/passkeys/{passkey}": {anybodyIn, s.postPasskeyName}, "POST /account/passkeys/{passkey}/remove": {anybodyIn, s.proved(s.postPasskeyRemove)},
		"POST /account/confirm/begin": {anybodyIn, asJSON(s.beginUse)}, "POST /account/confirm/passkey": {anybodyIn, asJSON(s.postConfirmPasskey)},
	}
}

// asJSON answers an error as JSON, to the script of our own page that asks.
func asJSON(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if err == nil || statusOf(err) >= http.StatusInternalServerError && statusOf(err) != http.StatusServiceUnavailable {
			return err
		}
		reply := newReply(visitOf(r.Context()).lang, err)
		w.Header().Set("Content-Type", reply.ContentType(""))
		w.WriteHeader(reply.Status)
		_ = json.NewEncoder(w).Encode(reply) // the client may be gone
		return nil
	}
}

func answerJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}

// passkeyHost is the host name that passkeys are for; where browsers permit
// none, it is the Problem "passkey.host". They need a name, and TLS or this
// machine (WebAuthn Level 3, 5.1.3 and 13.4.9).
func (s *Server) passkeyHost(ctx context.Context) (origin, host string, err error) {
	u, err := url.Parse(s.base(ctx))
	if err != nil {
		return "", "", err
	}
	host = u.Hostname()
	_, notName := netip.ParseAddr(host)
	if notName == nil || u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return "", "", newProblem(sohoa.ErrInvalid, "passkey.host")
	}
	return u.Scheme + "://" + u.Host, host, nil
}

// relyingParty is this service as authenticators know it. They must verify who
// uses them, so that a passkey is two factors in one.
func (s *Server) relyingParty(ctx context.Context) (*webauthn.WebAuthn, error) {
	origin, host, err := s.passkeyHost(ctx)
	if err != nil {
		return nil, err
	}
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyTime, TimeoutUVD: ceremonyTime}
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "sohoa", RPOrigins: []string{origin}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
}

// keyHolder is a user as the library asks for one; it implements
// webauthn.User.
type keyHolder struct {
	user        sohoa.User
	factors     archive.Factors
	credentials []webauthn.Credential
}

func (s *Server) keyHolder(user sohoa.User, f archive.Factors) (keyHolder, error) {
	k := keyHolder{user: user, factors: f}
	for _, p := range f.Passkeys {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Credential, &c); err != nil {
			return k, err
		}
		k.credentials = append(k.credentials, c)
	}
	return k, nil
}

// WebAuthnID, WebAuthnName, WebAuthnDisplayName and WebAuthnCredentials
// implement webauthn.User.
func (k keyHolder) WebAuthnID() []byte                         { return []byte(k.factors.Handle) }
func (k keyHolder) WebAuthnName() string                       { return k.user.Name }
func (k keyHolder) WebAuthnDisplayName() string                { return k.user.FullName }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.credentials }

// keep puts what a ceremony must come back with into the session.
func (s *Server) keep(ctx context.Context, key string, data *webauthn.SessionData) error {
	b, err := json.Marshal(data)
	if err == nil {
		s.sessions.Put(ctx, key, b)
	}
	return err
}

// kept takes it out: an answer counts once.
func (s *Server) kept(ctx context.Context, key string) (data webauthn.SessionData, err error) {
	b := s.sessions.PopBytes(ctx, key)
	if b == nil {
		return data, newProblem(sohoa.ErrForbidden, "passkey.late")
	}
	return data, json.Unmarshal(b, &data)
}

// beginPasskey says what an authenticator shall make a passkey for.
func (s *Server) beginPasskey(w http.ResponseWriter, r *http.Request) error {
	ctx, u := r.Context(), userOf(r.Context())
	rp, err := s.relyingParty(ctx)
	if err != nil {
		return err
	}
	var f archive.Factors
	err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) (err error) {
		if f, err = lockedFactors(tx, u.Name); err != nil {
			return err
		}
		return tx.PutFactors(f) // the handle stays what it is
	})
	if err != nil {
		return err
	}
	holder, err := s.keyHolder(u, f)
	if err != nil {
		return err
	}
	options, data, err := rp.BeginRegistration(holder, webauthn.WithExclusions(webauthn.Credentials(holder.credentials).CredentialDescriptors()))
	if err != nil {
		return err
	}
	if err := s.keep(ctx, sessionRegister, data); err != nil {
		return err
	}
	return answerJSON(w, options)
}

// passkeyForm is what the script of a page sends.
type passkeyForm struct {
	Name       string          `json:"name"`
	Next       string          `json:"next"`
	Credential json.RawMessage `json:"credential"`
}

func readPasskey(r *http.Request) (form passkeyForm, err error) {
	if json.NewDecoder(io.LimitReader(r.Body, maxCredentialJSON)).Decode(&form) != nil {
		err = newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	return form, err
}

// refusedPasskey is what a ceremony that failed is for people; why stands in
// the log.
func (s *Server) refusedPasskey(err error) error {
	var detail *protocol.Error
	if errors.As(err, &detail) {
		s.cfg.Log.Info("passkey refused", "err", detail.Details, "detail", detail.DevInfo)
	}
	return newProblem(sohoa.ErrForbidden, "passkey.refused")
}

// postPasskey keeps the passkey that an authenticator made.
func (s *Server) postPasskey(w http.ResponseWriter, r *http.Request) error {
	ctx, u := r.Context(), userOf(r.Context())
	form, err := readPasskey(r)
	if err != nil {
		return err
	}
	data, err := s.kept(ctx, sessionRegister)
	if err != nil {
		return err
	}
	rp, err := s.relyingParty(ctx)
	if err != nil {
		return err
	}
	f, err := s.cfg.Catalog.Factors(ctx, u.Name)
	if err != nil {
		return err
	}
	holder, err := s.keyHolder(u, f)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(form.Credential)
	if err != nil {
		return s.refusedPasskey(err)
	}
	made, err := rp.CreateCredential(holder, data, parsed)
	if err != nil {
		return s.refusedPasskey(err)
	}
	if err := s.keepPasskey(ctx, u, form.Name, made, data.RelyingPartyID); err != nil {
		return err
	}
	return answerJSON(w, map[string]string{"next": "/account?done=passkey"})
}

func (s *Server) keepPasskey(ctx context.Context, u sohoa.User, name string, made *webauthn.Credential, host string) error {
	b, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return s.changeFactors(ctx, u.Name, "passkey", func(_ archive.Tx, f *archive.Factors) error {
		if len(f.Passkeys) >= maxPasskeys {
			return newProblem(sohoa.ErrConflict, "passkey.too-many", strconv.Itoa(maxPasskeys))
		}
		f.Passkeys = append(f.Passkeys, archive.Passkey{ID: rand.Text(), Name: passkeyName(name, len(f.Passkeys)+1), RP: host,
			Created: s.cfg.Now().UTC().Truncate(time.Second), Credential: b})
		return nil
	})
}

// passkeyName is what somebody calls a passkey, or a number.
func passkeyName(name string, number int) string {
	if name = clean(name); name == "" {
		return "Passkey " + strconv.Itoa(number)
	}
	if r := []rune(name); len(r) > maxPasskeyName {
		return string(r[:maxPasskeyName])
	}
	return name
}

func (s *Server) postPasskeyName(w http.ResponseWriter, r *http.Request) error {
	err := s.changePasskey(r, "passkey-name", func(f *archive.Factors, i int) error {
		f.Passkeys[i].Name = passkeyName(r.PostFormValue("name"), i+1)
		return nil
	})
	if err != nil {
		return s.accountMistake(w, r, err)
	}
	return toAccount(w, r, "named")
}

func (s *Server) postPasskeyRemove(w http.ResponseWriter, r *http.Request) error {
	u := userOf(r.Context())
	err := s.changePasskey(r, "passkey-remove", func(f *archive.Factors, i int) error {
		f.Passkeys = slices.Delete(f.Passkeys, i, i+1)
		return s.keepsSecond(u, *f)
	})
	if err != nil {
		return s.accountMistake(w, r, err)
	}
	return toAccount(w, r, "passkey-removed")
}

func (s *Server) changePasskey(r *http.Request, act string, change func(f *archive.Factors, i int) error) error {
	return s.changeFactors(r.Context(), userOf(r.Context()).Name, act, func(_ archive.Tx, f *archive.Factors) error {
		i := slices.IndexFunc(f.Passkeys, func(p archive.Passkey) bool { return p.ID == r.PathValue("passkey") })
		if i < 0 {
			return newProblem(sohoa.ErrNotExist, "passkey.unknown")
		}
		return change(f, i)
	})
}

// beginUse asks for any passkey that is for this service: whose it is, it says
// itself.
func (s *Server) beginUse(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if !s.starts.take(visitOf(ctx).addr) {
		return newProblem(sohoa.ErrUnavailable, "request.too-many")
	}
	rp, err := s.relyingParty(ctx)
	if err != nil {
		return err
	}
	options, data, err := rp.BeginDiscoverableLogin()
	if err != nil {
		return err
	}
	if err := s.keep(ctx, sessionAssert, data); err != nil {
		return err
	}
	return answerJSON(w, options)
}

// usePasskey finds whose passkey was used, and notes that.
func (s *Server) usePasskey(r *http.Request, credential []byte) (user string, err error) {
	ctx := r.Context()
	data, err := s.kept(ctx, sessionAssert)
	if err != nil {
		return "", err
	}
	rp, err := s.relyingParty(ctx)
	if err != nil {
		return "", err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return "", s.refusedPasskey(err)
	}
	_, used, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		f, err := s.cfg.Catalog.FactorsBy(ctx, archive.FactorKey{Handle: string(handle)})
		if err != nil {
			return nil, err
		}
		user = f.User
		return s.keyHolder(sohoa.User{Name: f.User}, f)
	}, data, parsed)
	if err == nil && used.Authenticator.CloneWarning {
		err = newProblem(sohoa.ErrForbidden, "passkey.refused")
	}
	if err != nil {
		if user != "" {
			err = errors.Join(err, s.journalFailure(ctx, user, byPasskey, true))
		}
		return "", s.refusedPasskey(err)
	}
	return user, s.notePasskey(ctx, user, used)
}

// notePasskey keeps how often an authenticator says that it was used, and when
// it was.
func (s *Server) notePasskey(ctx context.Context, user string, used *webauthn.Credential) error {
	b, err := json.Marshal(used)
	if err != nil {
		return err
	}
	return s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		f, err := lockedFactors(tx, user)
		if err != nil {
			return err
		}
		for i := range f.Passkeys {
			var c webauthn.Credential
			if json.Unmarshal(f.Passkeys[i].Credential, &c) == nil && slices.Equal(c.ID, used.ID) {
				f.Passkeys[i].Credential, f.Passkeys[i].Used = b, s.cfg.Now().UTC().Truncate(time.Second)
				return tx.PutFactors(f)
			}
		}
		return newProblem(sohoa.ErrForbidden, "passkey.refused") // removed meanwhile
	})
}

// postUsePasskey signs in whoever's passkey it is.
func (s *Server) postUsePasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := readPasskey(r)
	if err != nil {
		return err
	}
	user, err := s.usePasskey(r, form.Credential)
	if err != nil {
		return err
	}
	cred, err := s.cfg.Catalog.Credentials(r.Context(), user)
	if err != nil {
		return err
	}
	if err := s.openSession(w, r, opened{User: user, Password: cred.Password, By: byPasskey, Strong: true}); err != nil {
		return err
	}
	return answerJSON(w, map[string]string{"next": localPath(form.Next)})
}

// postConfirmPasskey lets who is signed in prove it by a passkey of theirs.
func (s *Server) postConfirmPasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := readPasskey(r)
	if err != nil {
		return err
	}
	user, err := s.usePasskey(r, form.Credential)
	if err == nil && user != userOf(r.Context()).Name {
		err = newProblem(sohoa.ErrForbidden, "passkey.refused")
	}
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionProved, s.cfg.Now().Unix())
	return answerJSON(w, map[string]string{"next": "/account?done=confirmed"})
}
