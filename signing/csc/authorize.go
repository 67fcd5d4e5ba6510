package csc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"sohoa"
)

// factorValue is a factor as it is sent (CSC API v2, 8.3.1).
type factorValue struct {
	ID    string `json:"id"`
	Value string `json:"value,omitempty"` // none where the user answers elsewhere
}

// authorization is the permission to sign, or the promise of one.
type authorization struct {
	SAD    string `json:"SAD"`
	Handle string `json:"handle"` // the user has not confirmed yet
}

// authorize gets the permission to sign digests.
func (c *Credential) authorize(ctx context.Context, digests [][]byte) (authorization, error) {
	needed, open, err := c.factors()
	if err != nil || open {
		return authorization{}, err
	}
	values, err := c.gather(ctx, needed)
	if err != nil {
		return authorization{}, err
	}
	if c.known(values) {
		return authorization{}, problem(sohoa.ErrForbidden, "remote.factor-wrong", c.client.base.Host)
	}
	request := map[string]any{
		"credentialID":     c.config.Credential,
		"numSignatures":    len(digests),
		"hashes":           digests, // in base64, as JSON has bytes
		"hashAlgorithmOID": oidSHA256,
	}
	if len(values) > 0 {
		request["authData"] = values
	}
	var answer authorization
	status, err := c.client.call(ctx, "credentials/authorize", request, &answer)
	c.remember(values, err)
	if err != nil {
		return authorization{}, err
	}
	return answer, c.complete(status, answer)
}

// complete checks that an answer has what its status promises.
func (c *Credential) complete(status int, a authorization) error {
	if status == http.StatusAccepted && a.Handle != "" || status == http.StatusOK && a.SAD != "" {
		return nil
	}
	return detailed(sohoa.ErrVerification, "remote.answer", fmt.Errorf("status %d without permission to sign", status), c.client.base.Host)
}

// confirmed asks whether the user has confirmed; if not, the permission has
// no SAD.
func (c *Credential) confirmed(ctx context.Context, handle string) (authorization, error) {
	var answer authorization
	status, err := c.client.call(ctx, "credentials/authorizeCheck", map[string]string{"handle": handle}, &answer)
	if err != nil {
		return authorization{}, err
	}
	return answer, c.complete(status, answer)
}

// gather asks for the values of factors, after the service sent what the user
// has to answer.
func (c *Credential) gather(ctx context.Context, needed []Factor) ([]factorValue, error) {
	var values []factorValue
	for _, f := range needed {
		if f.Type == "PasswordOOB" || f.Type == "ChallengeResponseOOB" {
			values = append(values, factorValue{ID: f.ID})
			continue
		}
		if err := c.send(ctx, &f); err != nil {
			return nil, err
		}
		value, err := c.ask(ctx, f)
		if err != nil {
			return nil, err
		}
		values = append(values, factorValue{f.ID, value})
	}
	return values, nil
}

// ask gets the value of a factor from the caller.
func (c *Credential) ask(ctx context.Context, f Factor) (value string, err error) {
	if c.config.Ask != nil {
		value, err = c.config.Ask(ctx, f)
	}
	if err == nil && value == "" {
		err = problem(sohoa.ErrInvalid, "remote.factor-missing", shown(f.name()))
	}
	return value, err
}

// send has the service send a challenge or a one-time password.
func (c *Credential) send(ctx context.Context, f *Factor) error {
	request := map[string]string{"credentialID": c.config.Credential}
	var answer struct {
		Challenge string `json:"challenge"`
	}
	switch {
	case f.Type == "ChallengeResponse":
		request["authObjectID"] = f.ID
		_, err := c.client.call(ctx, "credentials/getChallenge", request, &answer)
		f.Challenge = shown(answer.Challenge)
		return err
	case f.ID == "OTP" && f.Generator == "" && slices.Contains(c.methods, "credentials/sendOTP"):
		_, err := c.client.call(ctx, "credentials/sendOTP", request, &answer)
		return err
	}
	return nil
}

// fingerprint identifies values without keeping them.
func fingerprint(values []factorValue) sohoa.Digest {
	b, _ := json.Marshal(values) // strings cannot fail
	return sohoa.Sum(b)
}

// known reports whether the service refused values before.
func (c *Credential) known(values []factorValue) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(values) > 0 && c.refused[fingerprint(values)]
}

// remember notes values that the service refused.
func (c *Credential) remember(values []factorValue, err error) {
	var p *sohoa.Problem
	if len(values) == 0 || !errors.As(err, &p) || p.Code != "remote.factor-wrong" && p.Code != "remote.locked" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused[fingerprint(values)] = true
}
