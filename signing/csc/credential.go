package csc

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa"
	"sohoa/signing"
)

// credentialDetails are what a service says of a key (CSC API v2, 11.5).
type credentialDetails struct {
	Key struct {
		Status string   `json:"status"`
		Algo   []string `json:"algo"`
	} `json:"key"`
	Cert struct {
		Status       string   `json:"status"`
		Certificates []string `json:"certificates"`
	} `json:"cert"`
	Auth struct {
		Mode       string   `json:"mode"`
		Expression string   `json:"expression"`
		Objects    []Factor `json:"objects"`
	} `json:"auth"`
	Multisign int `json:"multisign"`
}

// only returns the one key that there is.
func (c *client) only(ctx context.Context) (string, error) {
	var answer struct {
		IDs []string `json:"credentialIDs"`
	}
	if _, err := c.call(ctx, "credentials/list", map[string]any{"onlyValid": true}, &answer); err != nil {
		return "", err
	}
	switch len(answer.IDs) {
	case 0:
		return "", problem(sohoa.ErrNotExist, "remote.credential", c.base.Host)
	case 1:
		return answer.IDs[0], nil
	}
	return "", problem(sohoa.ErrInvalid, "remote.choose", shown(strings.Join(answer.IDs, ", ")))
}

// describe asks about the key and checks that it can be used.
func (c *Credential) describe(ctx context.Context) error {
	request := map[string]any{"credentialID": c.config.Credential, "certificates": "chain", "certInfo": false, "authInfo": true}
	if _, err := c.client.call(ctx, "credentials/info", request, &c.details); err != nil {
		return err
	}
	d := c.details
	if d.Key.Status == "disabled" || d.Cert.Status != "" && d.Cert.Status != "valid" {
		return problem(sohoa.ErrForbidden, "remote.unusable", shown(c.config.Credential), shown(d.Key.Status+" "+d.Cert.Status))
	}
	var err error
	if c.certs, err = parseChain(d.Cert.Certificates); err != nil {
		return detailed(sohoa.ErrVerification, "remote.certificate", err, c.client.base.Host)
	}
	_, _, err = c.factors()
	return err
}

// maxChain bounds the certificates of a key.
const maxChain = 10

// parseChain reads certificates, the signer's first, and leaves out the root
// and what does not belong to the chain.
func parseChain(list []string) ([]*x509.Certificate, error) {
	if len(list) == 0 || len(list) > maxChain {
		return nil, fmt.Errorf("%d certificates", len(list))
	}
	var certs []*x509.Certificate
	for _, s := range list {
		der, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, err
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certs = append(certs, cert)
	}
	switch certs[0].PublicKey.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return append(certs[:1:1], signing.Chain(certs[0], certs[1:])...), nil
	}
	return nil, errors.New("a key of a kind that does not sign documents")
}

// algorithms are the object identifiers of signature algorithms, in order of
// preference: those that name the digest come first.
var algorithms = map[signing.Algorithm][]string{
	signing.RSAPKCS1: {"1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"},
	signing.RSAPSS:   {"1.2.840.113549.1.1.10"},
	signing.ECDSA:    {"1.2.840.10045.4.3.2", "1.2.840.10045.2.1"},
}

// oidSHA256 is the digest of all that is signed.
const oidSHA256 = "2.16.840.1.101.3.4.2.1"

// algorithm chooses how the service is to sign by alg.
func (c *Credential) algorithm(alg signing.Algorithm) (string, error) {
	for _, oid := range algorithms[alg] {
		if slices.Contains(c.details.Key.Algo, oid) {
			return oid, nil
		}
	}
	return "", problem(sohoa.ErrInvalid, "remote.algorithm", shown(c.config.Credential), string(alg))
}

// factors returns what an authorisation needs; open if it needs none because
// the access token is one already.
func (c *Credential) factors() (needed []Factor, open bool, err error) {
	auth := c.details.Auth
	switch auth.Mode {
	case "oauth2code", "oauth2token":
		if c.config.Token == "" {
			return nil, false, problem(sohoa.ErrInvalid, "remote.mode", c.client.base.Host, auth.Mode)
		}
		return nil, true, nil
	case "implicit":
		return nil, false, nil // the service asks its user
	case "explicit":
		needed, err = choose(auth.Expression, auth.Objects)
		if err != nil {
			return nil, false, detailed(sohoa.ErrInvalid, "remote.mode", err, c.client.base.Host, auth.Mode)
		}
		return needed, false, nil
	}
	return nil, false, problem(sohoa.ErrInvalid, "remote.mode", c.client.base.Host, shown(auth.Mode))
}

// choose picks the factors that an expression such as "PIN AND OTP" asks for,
// of several alternatives the first. Without an expression all are needed.
func choose(expression string, objects []Factor) ([]Factor, error) {
	if strings.TrimSpace(expression) == "" {
		return objects, nil
	}
	if strings.ContainsAny(expression, "()") {
		return nil, fmt.Errorf("the expression %q", shown(expression))
	}
	var chosen []Factor
	for _, word := range strings.Fields(expression) {
		if word == "OR" || word == "XOR" {
			break
		}
		if word == "AND" {
			continue
		}
		i := slices.IndexFunc(objects, func(f Factor) bool { return f.ID == word })
		if i < 0 {
			return nil, fmt.Errorf("no factor %q", shown(word))
		}
		chosen = append(chosen, objects[i])
	}
	return chosen, nil
}
