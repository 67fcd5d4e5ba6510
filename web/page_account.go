package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive"
)

// accountPages are those of a person's own account.
func (s *Server) accountPages() doors {
	all := doors{
		"GET /account": {anybodyIn, s.pageAccount}, "POST /account/password": {anybodyIn, s.postPassword},
		"GET /account/confirm": {anybodyIn, s.pageProve}, "POST /account/confirm": {anybodyIn, s.postProve},
		"POST /account/totp": {anybodyIn, s.proved(s.postTOTP)}, "POST /account/totp/confirm": {anybodyIn, s.proved(s.postTOTPConfirm)},
		"POST /account/totp/remove": {anybodyIn, s.proved(s.postTOTPRemove)}, "POST /account/codes": {anybodyIn, s.proved(s.postCodes)},
		"POST /account/devices/end": {anybodyIn, s.postEndOthers}, "POST /account/devices/{device}/end": {anybodyIn, s.postEndDevice},
		"GET /admin/users/{name}": {sohoa.PowerManage, s.pageUser}, "POST /admin/users/{name}": {sohoa.PowerManage, s.postUserChange},
		"POST /admin/users/{name}/{op}": {sohoa.PowerManage, s.postUserOp},
	}
	if s.signOn != nil {
		all["GET /account/sign-on"] = door{anybodyIn, s.proved(s.pageLinkSignOn)}
		all["POST /account/sign-on/remove"] = door{anybodyIn, s.proved(s.postUnlink)}
	}
	return all
}

// accountPage is what people see of their own account.
type accountPage struct {
	Factors  archive.Factors
	Devices  []deviceLine
	Agency   string // its name
	Needs    bool   // a second factor is asked of them
	Lead     bool   // and they have none
	Password bool   // they have one
	Min      int    // runes of a password
	NoName   bool   // passkeys need another address than this
	SignOn   string // name of the province's sign-on, if there is one
	Codes    []string
	Done     string // what was done, a phrase
	Error    string
}

// doneKeys are what the page says after a change.
var doneKeys = []string{"password", "totp", "totp-removed", "ended", "confirmed", "passkey", "passkey-removed", "named", "linked", "unlinked"}

func (s *Server) pageAccount(w http.ResponseWriter, r *http.Request) error {
	p := accountPage{}
	if done := r.URL.Query().Get("done"); slices.Contains(doneKeys, done) {
		p.Done = "account.done-" + done
	}
	return s.renderAccount(w, r, http.StatusOK, p)
}

func (s *Server) renderAccount(w http.ResponseWriter, r *http.Request, status int, p accountPage) error {
	ctx, u := r.Context(), userOf(r.Context())
	var err error
	if p.Factors, err = s.cfg.Catalog.Factors(ctx, u.Name); err != nil {
		return err
	}
	devices, err := s.cfg.Catalog.Devices(ctx, u.Name)
	if err != nil {
		return err
	}
	if p.Agency, err = s.agencyName(ctx, u.Agency); err != nil {
		return err
	}
	p.Devices = deviceLines(devices, u.Name, s.sessions.GetString(ctx, sessionDevice))
	p.Needs, p.Min, p.Password = s.needsSecond(u), minPasswordRunes, u.Ready
	_, _, err = s.passkeyHost(ctx)
	p.NoName = err != nil
	if s.signOn != nil {
		p.SignOn = s.signOn.Name
	}
	p.Lead = p.Needs && !p.Factors.Second()
	s.render(w, r, status, "account", frame{Title: text(r, "account.title"), Body: p})
	return nil
}

// accountMistake shows on the page what went wrong.
func (s *Server) accountMistake(w http.ResponseWriter, r *http.Request, err error) error {
	message, status, err := s.mistake(r, err)
	if err != nil {
		return err
	}
	return s.renderAccount(w, r, status, accountPage{Error: message})
}

// toAccount goes back to the page, which says what was done.
func toAccount(w http.ResponseWriter, r *http.Request, done string) error {
	http.Redirect(w, r, "/account?done="+done, http.StatusSeeOther)
	return nil
}

// postPassword changes the password of who knows it; other devices are signed
// out.
func (s *Server) postPassword(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), userOf(r.Context()).Name
	if r.PostFormValue("password") != r.PostFormValue("again") {
		return s.renderAccount(w, r, http.StatusBadRequest, accountPage{Error: text(r, "setup.differ")})
	}
	err := s.knowsPassword(r, r.PostFormValue("old"))
	var encoded string
	if err == nil {
		encoded, err = s.newPassword(ctx, name, r.PostFormValue("password"))
	}
	if err == nil {
		err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
			return putPassword(tx, name, encoded, s.sessions.GetString(ctx, sessionDevice))
		})
	}
	if err != nil {
		return s.accountMistake(w, r, err)
	}
	s.sessions.Put(ctx, sessionCred, credMark(encoded))
	return toAccount(w, r, "password")
}

// knowsPassword is "user.old-password" unless whoever is signed in typed theirs.
func (s *Server) knowsPassword(r *http.Request, typed string) error {
	ctx, name := r.Context(), userOf(r.Context()).Name
	cred, err := s.cfg.Catalog.Credentials(ctx, name)
	if err != nil {
		return err
	}
	right, err := s.checkGuess(r, name, cred.Password, typed)
	if err == nil && !right {
		err = errors.Join(s.journalFailure(ctx, name, byPassword, true), newProblem(sohoa.ErrForbidden, "user.old-password"))
	}
	return err
}

// provePage asks people to prove again who they are.
type provePage struct {
	Password bool
	Error    string
}

func (s *Server) pageProve(w http.ResponseWriter, r *http.Request) error {
	return s.renderProve(w, r, http.StatusOK, "")
}

func (s *Server) renderProve(w http.ResponseWriter, r *http.Request, status int, message string) error {
	s.render(w, r, status, "prove", frame{Title: text(r, "prove.title"), Body: provePage{userOf(r.Context()).Ready, message}})
	return nil
}

func (s *Server) postProve(w http.ResponseWriter, r *http.Request) error {
	if err := s.knowsPassword(r, r.PostFormValue("password")); err != nil {
		message, status, err := s.mistake(r, err)
		if err != nil {
			return err
		}
		return s.renderProve(w, r, status, message)
	}
	s.sessions.Put(r.Context(), sessionProved, s.cfg.Now().Unix())
	return toAccount(w, r, "confirmed")
}

// totpPage is where a secret goes to a phone.
type totpPage struct {
	*totpOffer
	Error string
}

// postTOTP offers a new secret. Nothing is kept before a code of it comes back.
func (s *Server) postTOTP(w http.ResponseWriter, r *http.Request) error {
	return s.renderTOTP(w, r, http.StatusOK, newSecret()[:totpBytes], "")
}

func (s *Server) renderTOTP(w http.ResponseWriter, r *http.Request, status int, secret []byte, message string) error {
	offer, err := s.offerTOTP(r.Context(), userOf(r.Context()).Name, secret)
	if err != nil {
		return err
	}
	s.render(w, r, status, "totp", frame{Title: text(r, "totp.title"), Body: totpPage{offer, message}})
	return nil
}

// postTOTPConfirm keeps the secret that the form brings back, when a code
// shows that the phone has it too.
func (s *Server) postTOTPConfirm(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), userOf(r.Context()).Name
	sealed, err := b64.DecodeString(r.PostFormValue("sealed"))
	if err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	secret, err := s.openTOTP(ctx, useOffer, name, sealed)
	if err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	right, err := s.guess(s.codes, r, name)
	step, ok := totpMatch(secret, plainCode(r.PostFormValue("code")), s.cfg.Now(), 0)
	if err == nil && !ok {
		err = newProblem(sohoa.ErrForbidden, "user.code")
	}
	if err != nil {
		message, status, err := s.mistake(r, err)
		if err != nil {
			return err
		}
		return s.renderTOTP(w, r, status, secret, message)
	}
	right()
	return s.keepTOTP(w, r, secret, step)
}

// keepTOTP keeps a secret, and shows new recovery codes where there are none.
func (s *Server) keepTOTP(w http.ResponseWriter, r *http.Request, secret []byte, step int64) error {
	ctx, name := r.Context(), userOf(r.Context()).Name
	sealed, err := s.sealTOTP(ctx, useKept, name, secret)
	if err != nil {
		return err
	}
	codes, kept, err := s.newRecovery(ctx, name)
	if err != nil {
		return err
	}
	err = s.changeFactors(ctx, name, "totp", func(_ archive.Tx, f *archive.Factors) error {
		f.TOTP, f.Recovery = &archive.TOTP{Sealed: sealed, Since: s.cfg.Now().UTC().Truncate(time.Second), Step: step}, kept
		return nil
	})
	if err != nil {
		return err
	}
	return s.renderAccount(w, r, http.StatusOK, accountPage{Codes: codes, Done: "account.done-totp"})
}

func (s *Server) postTOTPRemove(w http.ResponseWriter, r *http.Request) error {
	u := userOf(r.Context())
	err := s.changeFactors(r.Context(), u.Name, "totp-remove", func(_ archive.Tx, f *archive.Factors) error {
		f.TOTP = nil
		return s.keepsSecond(u, *f)
	})
	if err != nil {
		return s.accountMistake(w, r, err)
	}
	return toAccount(w, r, "totp-removed")
}

// postCodes makes new recovery codes; older ones are good no more.
func (s *Server) postCodes(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), userOf(r.Context()).Name
	codes, kept, err := s.newRecovery(ctx, name)
	if err != nil {
		return err
	}
	err = s.changeFactors(ctx, name, "codes", func(_ archive.Tx, f *archive.Factors) error {
		if !f.Second() {
			return newProblem(sohoa.ErrConflict, "user.no-factor")
		}
		f.Recovery = kept
		return nil
	})
	if err != nil {
		return s.accountMistake(w, r, err)
	}
	return s.renderAccount(w, r, http.StatusOK, accountPage{Codes: codes})
}

func (s *Server) postEndDevice(w http.ResponseWriter, r *http.Request) error {
	err := s.endDevices(r.Context(), userOf(r.Context()).Name, func(tx archive.Tx) error {
		return tx.EndDevice(userOf(r.Context()).Name, r.PathValue("device"))
	})
	if err != nil {
		return err
	}
	return toAccount(w, r, "ended")
}

func (s *Server) postEndOthers(w http.ResponseWriter, r *http.Request) error {
	ctx, name := r.Context(), userOf(r.Context()).Name
	err := s.endDevices(ctx, name, func(tx archive.Tx) error {
		_, err := tx.EndDevices(name, s.sessions.GetString(ctx, sessionDevice))
		return err
	})
	if err != nil {
		return err
	}
	return toAccount(w, r, "ended")
}
