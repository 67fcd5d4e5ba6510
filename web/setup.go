package web

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
)

// setupLifetime is how long a set-up link may be used.
const setupLifetime = 72 * time.Hour

// SetupLink makes a one-time link by which user sets a password, and returns
// its token: the link is the server's address, "/setup/" and the token. It
// replaces a link made earlier; only the token's hash is kept. A password
// that the user has stays valid until the link is used.
func SetupLink(ctx context.Context, catalog archive.Catalog, user string) (token string, err error) {
	return setupLink(ctx, catalog, "system", user, time.Now())
}

func setupLink(ctx context.Context, catalog archive.Catalog, actor, user string, now time.Time) (string, error) {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails since Go 1.24
	token := base64.RawURLEncoding.EncodeToString([]byte(user)) + "." + base64.RawURLEncoding.EncodeToString(secret)
	err := catalog.Update(ctx, func(tx archive.Tx) error {
		cred, err := tx.Credentials(user)
		if err != nil {
			return err
		}
		cred.Setup, cred.SetupExpires = sohoa.Sum([]byte(token)), now.Add(setupLifetime)
		if err := tx.PutCredentials(user, cred); err != nil {
			return err
		}
		_, err = tx.Append(sohoa.Entry{Actor: actor, Action: sohoa.ActionUser, Detail: userDetail("link", user)})
		return err
	})
	return token, err
}

// setupUser returns whom a token is for, without using it up.
func (s *Server) setupUser(ctx context.Context, token string) (string, error) {
	return s.tokenUser(token, func(name string) (archive.Credentials, error) { return s.cfg.Catalog.Credentials(ctx, name) })
}

// tokenUser is whom a token is for by the credentials that read returns.
func (s *Server) tokenUser(token string, read func(string) (archive.Credentials, error)) (string, error) {
	dead := newProblem(sohoa.ErrNotExist, "user.link")
	encoded, _, ok := strings.Cut(token, ".")
	name, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || !utf8.Valid(name) {
		return "", dead
	}
	cred, err := read(string(name))
	if errors.Is(err, sohoa.ErrNotExist) {
		return "", dead
	}
	if err != nil {
		return "", err
	}
	digest := sohoa.Sum([]byte(token))
	if cred.Setup.IsZero() || subtle.ConstantTimeCompare(cred.Setup[:], digest[:]) != 1 || !s.cfg.Now().Before(cred.SetupExpires) {
		return "", dead
	}
	return string(name), nil
}

// setPassword uses a token up. Of two at once, one finds the link used.
func (s *Server) setPassword(ctx context.Context, token, password string) (user, encoded string, err error) {
	if user, err = s.setupUser(ctx, token); err != nil {
		return "", "", err // before the hashing, which costs
	}
	if encoded, err = s.newPassword(ctx, user, password); err != nil {
		return "", "", err
	}
	err = s.cfg.Catalog.Update(ctx, func(tx archive.Tx) error {
		if user, err = s.tokenUser(token, tx.Credentials); err != nil {
			return err
		}
		return putPassword(tx, user, encoded, "")
	})
	return user, encoded, err
}

// newPassword checks a password that a user wants, and returns what is kept of
// it. It waits while others are being hashed.
func (s *Server) newPassword(ctx context.Context, user, password string) (encoded string, err error) {
	u, err := s.cfg.Catalog.User(ctx, user)
	if err != nil {
		return "", err
	}
	if err := checkNewPassword(u, password); err != nil {
		return "", err
	}
	select {
	case s.hashing <- struct{}{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return hashPassword(password), nil
}

// putPassword gives a user a password, and ends what they opened with another,
// but one device.
func putPassword(tx archive.Tx, user, encoded, but string) error {
	if err := tx.PutCredentials(user, archive.Credentials{Password: encoded}); err != nil {
		return err
	}
	if _, err := tx.EndDevices(user, but); err != nil {
		return err
	}
	_, err := tx.Append(sohoa.Entry{Actor: user, Action: sohoa.ActionUser, Detail: userDetail("password", user)})
	return err
}
