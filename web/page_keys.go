package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// keysPage is what the page of the API keys shows.
type keysPage struct {
	Keys     []keyLine
	Agencies []sohoa.PlacedAgency
	Scopes   []sohoa.KeyScope
	New      newKey
	Secret   string // of the key that was made, shown once
	For      string
	Error    string
}

// keyLine is a key with how it stands.
type keyLine struct {
	sohoa.APIKey
	State string // good, expired, revoked
}

// newKey is what is typed of a key.
type newKey struct {
	Name, Networks string
	Days, Rate     string
	Agencies       []string
	Scopes         []string
	Replace        bool
}

// Of reports whether an agency is chosen, With whether a scope is.
func (k newKey) Of(code string) bool            { return slices.Contains(k.Agencies, code) }
func (k newKey) With(scope sohoa.KeyScope) bool { return slices.Contains(k.Scopes, string(scope)) }

func (s *Server) pageKeys(w http.ResponseWriter, r *http.Request) error {
	return s.renderKeys(w, r, http.StatusOK, keysPage{New: newKey{Days: "365", Rate: "300"}})
}

func (s *Server) renderKeys(w http.ResponseWriter, r *http.Request, status int, p keysPage) error {
	all, err := s.cfg.Catalog.APIKeys(r.Context())
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	for _, k := range all {
		line := keyLine{APIKey: k, State: "good"}
		switch {
		case !k.Revoked.IsZero():
			line.State = "revoked"
		case !now.Before(k.Expires):
			line.State = "expired"
		}
		p.Keys = append(p.Keys, line)
	}
	agencies, err := s.cfg.Catalog.Agencies(r.Context())
	if err != nil {
		return err
	}
	p.Agencies, p.Scopes = sohoa.AgencyTree(agencies), sohoa.KeyScopes
	s.render(w, r, status, "keys", frame{Title: text(r, "apikeys.title"), Body: p})
	return nil
}

// postKey makes a key and shows its secret this once.
func (s *Server) postKey(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return newProblem(sohoa.ErrInvalid, "request.invalid")
	}
	f := r.PostForm
	typed := newKey{Name: clean(f.Get("name")), Networks: clean(f.Get("networks")), Days: clean(f.Get("days")), Rate: clean(f.Get("rate")),
		Agencies: f["agency"], Scopes: f["scope"], Replace: f.Get("replace") != ""}
	secret := sohoa.NewKeySecret()
	k, err := s.typedKey(r, typed, secret)
	if err == nil {
		err = archive.EnterKey(r.Context(), s.cfg.Catalog, userOf(r.Context()).Name, k, typed.Replace)
	}
	if err != nil {
		message, status, err := wrong(r, err)
		if err != nil {
			return err
		}
		return s.renderKeys(w, r, status, keysPage{New: typed, Error: message})
	}
	return s.renderKeys(w, r, http.StatusOK, keysPage{New: newKey{Days: "365", Rate: "300"}, Secret: secret, For: k.Name})
}

// typedKey is the key that a form asks for.
func (s *Server) typedKey(r *http.Request, typed newKey, secret string) (sohoa.APIKey, error) {
	now := s.cfg.Now().UTC()
	k := sohoa.APIKey{Name: typed.Name, Agencies: typed.Agencies, CreatedAt: now, CreatedBy: userOf(r.Context()).Name}
	days, err := strconv.Atoi(typed.Days)
	if err != nil || days < 0 || days > sohoa.MaxKeyDays {
		return k, newProblem(sohoa.ErrInvalid, "key.expires", strconv.Itoa(sohoa.MaxKeyDays))
	}
	if k.Rate, err = strconv.Atoi(typed.Rate); err != nil {
		return k, newProblem(sohoa.ErrInvalid, "key.rate", strconv.Itoa(sohoa.MaxKeyRate))
	}
	k.Expires = now.AddDate(0, 0, days)
	for _, scope := range typed.Scopes {
		k.Scopes = append(k.Scopes, sohoa.KeyScope(scope))
	}
	for _, n := range strings.FieldsFunc(typed.Networks, func(r rune) bool { return strings.ContainsRune(" ,;", r) }) {
		network, err := netip.ParsePrefix(n)
		if err != nil {
			return k, newProblem(sohoa.ErrInvalid, "hook.network", n)
		}
		k.Networks = append(k.Networks, network.Masked())
	}
	for _, code := range k.Agencies {
		if err := s.checkAgency(r.Context(), code); err != nil {
			return k, err
		}
	}
	k.Hash, _ = sohoa.HashKeySecret(secret)
	return k, nil
}

func (s *Server) postRevokeKey(w http.ResponseWriter, r *http.Request) error {
	if err := archive.RevokeKey(r.Context(), s.cfg.Catalog, userOf(r.Context()).Name, r.PathValue("key"), s.cfg.Now()); err != nil {
		return err
	}
	http.Redirect(w, r, "/admin/keys", http.StatusSeeOther)
	return nil
}
