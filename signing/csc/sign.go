package csc

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"sohoa"
	"sohoa/signing"
)

// SignDigests implements signing.Signatory. More digests than Limit take
// several authorisations, one after the other; if one is refused, no value is
// returned. There is a ticket where the service signs asynchronously, or waits
// for its user to confirm.
func (c *Credential) SignDigests(ctx context.Context, alg signing.Algorithm, digests [][]byte) ([][]byte, string, error) {
	if _, err := c.algorithm(alg); err != nil {
		return nil, "", err
	}
	t := ticket{Credential: c.config.Credential, Algorithm: alg}
	for batch := range slices.Chunk(digests, c.Limit()) {
		p, err := c.request(ctx, alg, batch)
		if err != nil {
			return nil, "", err
		}
		t.Parts = append(t.Parts, p)
	}
	if values, ok := t.values(); ok {
		return values, "", nil
	}
	s, err := t.encode()
	return nil, s, err
}

// request authorises digests and has them signed, as far as that goes now.
func (c *Credential) request(ctx context.Context, alg signing.Algorithm, digests [][]byte) (part, error) {
	p := part{Digests: digests}
	a, err := c.authorize(ctx, digests)
	if err != nil {
		return p, err
	}
	if a.Handle != "" {
		p.Handle = a.Handle
		return p, nil
	}
	return c.sign(ctx, alg, p, a.SAD)
}

// sign has the digests of p signed.
func (c *Credential) sign(ctx context.Context, alg signing.Algorithm, p part, sad string) (part, error) {
	oid, err := c.algorithm(alg)
	if err != nil {
		return p, err
	}
	request := map[string]any{
		"credentialID":     c.config.Credential,
		"hashes":           p.Digests,
		"hashAlgorithmOID": oidSHA256,
		"signAlgo":         oid,
	}
	if sad != "" {
		request["SAD"] = sad
	}
	if params := alg.Parameters(); params != nil {
		request["signAlgoParams"] = base64.StdEncoding.EncodeToString(params)
	}
	if c.config.Asynchronous && slices.Contains(c.methods, "signatures/signPolling") {
		request["operationMode"] = "A"
	}
	var answer signatures
	if _, err := c.client.call(ctx, "signatures/signHash", request, &answer); err != nil {
		return p, err
	}
	if answer.ResponseID != "" && len(answer.Signatures) == 0 {
		p.Handle, p.Response = "", answer.ResponseID
		return p, nil
	}
	p.Values, err = c.check(alg, p.Digests, answer.Signatures)
	return p, err
}

// signatures are what the service answers, now or later.
type signatures struct {
	Signatures []string `json:"signatures"`
	ResponseID string   `json:"responseID"`
	Error      string   `json:"error"`
}

// check decodes values and verifies each over its digest.
func (c *Credential) check(alg signing.Algorithm, digests [][]byte, encoded []string) ([][]byte, error) {
	host := c.client.base.Host
	if len(encoded) != len(digests) {
		return nil, detailed(sohoa.ErrVerification, "remote.answer",
			fmt.Errorf("%d signature values for %d digests", len(encoded), len(digests)), host)
	}
	values := make([][]byte, len(digests))
	for i, s := range encoded {
		value, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, detailed(sohoa.ErrVerification, "remote.answer", err, host)
		}
		if values[i], err = alg.Verify(c.certs[0].PublicKey, digests[i], value); err != nil {
			return nil, detailed(sohoa.ErrVerification, "remote.value", fmt.Errorf("value %d: %w", i+1, err), host)
		}
	}
	return values, nil
}

// Collect implements signing.Signatory. Values may be collected again for as
// long as the service keeps them. Those for which the user confirmed elsewhere
// are had once: where they were lost in a restart, the service must be asked
// anew, and says so with the Problem remote.expired; so a ticket is collected by
// one caller at a time.
func (c *Credential) Collect(ctx context.Context, s string) ([][]byte, error) {
	t, err := parseTicket(s)
	if err != nil {
		return nil, err
	}
	if t.Credential != c.config.Credential {
		return nil, problem(sohoa.ErrConflict, "remote.ticket", shown(t.Credential))
	}
	asked := slices.Clone(t.Parts)
	for i, p := range asked {
		if t.Parts[i], err = c.advance(ctx, t.Algorithm, p); err != nil {
			return nil, err
		}
	}
	values, ok := t.values()
	if !ok {
		return nil, signing.ErrNotYet
	}
	c.forget(asked)
	return values, nil
}

// advance takes a part of a ticket as far as it goes now. What becomes of it
// is remembered until the ticket's last part is done.
func (c *Credential) advance(ctx context.Context, alg signing.Algorithm, p part) (now part, err error) {
	if now = c.latest(p); now.Values != nil {
		return now, nil
	}
	if now.Handle != "" {
		now, err = c.resume(ctx, alg, now)
	} else {
		now, err = c.poll(ctx, alg, now)
	}
	if err == nil && now.key() != p.key() || now.Values != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.parts[p.key()] = now
	}
	return now, err
}

// latest is what is known to have become of p.
func (c *Credential) latest(p part) part {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now, ok := c.parts[p.key()]; ok {
		return now
	}
	return p
}

// forget drops what was remembered of the parts of a ticket.
func (c *Credential) forget(parts []part) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range parts {
		delete(c.parts, p.key())
	}
}

// resume signs once the user has confirmed.
func (c *Credential) resume(ctx context.Context, alg signing.Algorithm, p part) (part, error) {
	a, err := c.confirmed(ctx, p.Handle)
	if err != nil {
		return p, err
	}
	if a.SAD == "" {
		p.Handle = a.Handle // it may change from question to question
		return p, nil
	}
	return c.sign(ctx, alg, p, a.SAD)
}

// poll asks for values that the service promised.
func (c *Credential) poll(ctx context.Context, alg signing.Algorithm, p part) (part, error) {
	var answer signatures
	status, err := c.client.call(ctx, "signatures/signPolling", map[string]string{"requestID": p.Response}, &answer)
	if err != nil {
		return p, err
	}
	if status == http.StatusAccepted {
		return p, nil
	}
	if len(answer.Signatures) == 0 {
		return p, detailed(sohoa.ErrVerification, "remote.answer", errors.New("no signature values"), c.client.base.Host)
	}
	p.Values, err = c.check(alg, p.Digests, answer.Signatures)
	return p, err
}
