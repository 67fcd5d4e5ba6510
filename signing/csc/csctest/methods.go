package csctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"sohoa/signing"
)

// info is open to all (11.1).
func (s *Server) info(q request) (int, any) {
	methods := []string{"credentials/list", "credentials/info", "credentials/authorize", "credentials/authorizeCheck",
		"signatures/signHash", "signatures/signPolling", "credentials/getChallenge"}
	if s.rules.OTP {
		methods = append(methods, "credentials/sendOTP")
	}
	oauth := q.origin
	if s.fault == FaultOtherHost {
		oauth = "https://login.elsewhere.example"
	}
	return http.StatusOK, map[string]any{"specs": "2.0.0.0", "name": "sohoa TEST", "region": "VN",
		"authType": []string{"oauth2client"}, "oauth2": oauth, "methods": methods}
}

// list names the keys (11.4).
func (s *Server) list(request) (int, any) {
	ids := []string{Credential}
	for i := range s.rules.Others {
		ids = append(ids, "khoa-"+string(rune('2'+i)))
	}
	return http.StatusOK, map[string]any{"credentialIDs": ids, "onlyValid": true}
}

// describe tells of the key (11.5).
func (s *Server) describe(q request) (int, any) {
	certs := []string{}
	for _, c := range s.key.Certificates() {
		certs = append(certs, base64.StdEncoding.EncodeToString(c.Raw))
	}
	status := "enabled"
	if s.fault == FaultDisabled {
		status = "disabled"
	}
	auth := map[string]any{"mode": s.mode()}
	if s.mode() == "explicit" {
		ids, objects := s.factors()
		auth["expression"], auth["objects"] = strings.Join(ids, " AND "), objects
	}
	return http.StatusOK, map[string]any{
		"key":       map[string]any{"status": status, "algo": algorithms(s.key.Certificate), "len": 2048},
		"cert":      map[string]any{"status": "valid", "certificates": certs},
		"auth":      auth,
		"SCAL":      "2",
		"multisign": s.rules.Multisign,
	}
}

// mode is how the key is authorised.
func (s *Server) mode() string {
	switch ids, _ := s.factors(); {
	case s.rules.Browser:
		return "oauth2code"
	case len(ids) > 0:
		return "explicit"
	}
	return "implicit"
}

// factors are what authorises the key (8.3).
func (s *Server) factors() (ids []string, objects []map[string]string) {
	add := func(wanted bool, object map[string]string) {
		if wanted {
			ids, objects = append(ids, object["id"]), append(objects, object)
		}
	}
	add(s.rules.PIN != "", map[string]string{"type": "Password", "id": "PIN", "format": "N", "label": "PIN"})
	add(s.rules.OTP, map[string]string{"type": "Password", "id": "OTP", "format": "N", "label": "OTP"})
	add(s.rules.Challenge, map[string]string{"type": "ChallengeResponse", "id": "SMS", "label": "SMS"})
	return ids, objects
}

func algorithms(c *x509.Certificate) []string {
	if _, ok := c.PublicKey.(*rsa.PublicKey); ok {
		return []string{"1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.11"}
	}
	return []string{"1.2.840.10045.4.3.2"}
}

// sendOTP sends something to the user's telephone (11.8).
func (s *Server) sendOTP(q request) (int, any) {
	s.sent = rand.Text()[:6]
	if q.AuthObjectID != "" {
		return http.StatusOK, map[string]string{"challenge": "What stands on your telephone?"}
	}
	return http.StatusNoContent, nil
}

// maxWrong is how many wrong factors lock the key.
const maxWrong = 3

// authorize gives the permission to sign hashes (11.6).
func (s *Server) authorize(q request) (int, any) {
	s.counts.Authorisations++
	switch {
	case s.rules.Browser:
		return refuse("invalid_request", "Use the authorization endpoint")
	case s.wrong >= maxWrong:
		return refuse("invalid_request", "Credential locked")
	case q.NumSignatures < 1 || q.NumSignatures > s.rules.Multisign:
		return refuse("invalid_request", "Numbers of signatures is too high")
	case len(q.Hashes) != q.NumSignatures || q.HashAlgorithm != oidSHA256:
		return refuse("invalid_request", "Invalid parameter hashes")
	case !s.authenticated(q):
		s.wrong++
		return refuse("invalid_authentication_data", "The authentication data is invalid")
	}
	s.wrong, s.sent = 0, ""
	p := &permission{hashes: map[string]bool{}}
	for _, h := range q.Hashes {
		p.hashes[string(h)] = true
	}
	if s.rules.Confirm {
		handle := rand.Text()
		s.handles[handle] = p
		return http.StatusAccepted, map[string]string{"handle": handle}
	}
	return s.grant(p)
}

const oidSHA256 = "2.16.840.1.101.3.4.2.1"

func (s *Server) grant(p *permission) (int, any) {
	if s.fault == FaultEmpty {
		return http.StatusOK, map[string]any{}
	}
	sad := rand.Text()
	s.sads[sad] = p
	return http.StatusOK, map[string]any{"SAD": sad, "expiresIn": 300}
}

// authenticated compares the factors; a one-time password is good once.
func (s *Server) authenticated(q request) bool {
	got := map[string]string{}
	for _, d := range q.AuthData {
		got[d.ID] = d.Value
	}
	ids, _ := s.factors()
	for _, id := range ids {
		want := s.sent
		if id == "PIN" {
			want = s.rules.PIN
		}
		if want == "" || got[id] != want {
			return false
		}
	}
	return len(got) == len(ids)
}

// check tells whether the user has confirmed (11.7).
func (s *Server) check(q request) (int, any) {
	p := s.handles[q.Handle]
	if p == nil {
		return refuse("invalid_request", "Invalid parameter handle")
	}
	if !p.confirmed {
		return http.StatusAccepted, map[string]string{"handle": q.Handle}
	}
	delete(s.handles, q.Handle)
	return s.grant(p)
}

// sign makes signature values (11.10).
func (s *Server) sign(q request) (int, any) {
	s.counts.Signings++
	p := s.sads[q.SAD]
	if s.rules.Browser {
		p = &permission{hashes: map[string]bool{}}
		for _, h := range q.Hashes {
			p.hashes[string(h)] = true
		}
	}
	if p == nil {
		return refuse("invalid_request", "Invalid parameter SAD")
	}
	delete(s.sads, q.SAD) // good once
	if s.fault == FaultExpired {
		return refuse("invalid_request", "SAD expired")
	}
	alg, ok := algorithm(q.SignAlgo)
	if !ok || !slices.Contains(algorithms(s.key.Certificate), q.SignAlgo) || string(q.SignParams) != string(alg.Parameters()) {
		return refuse("invalid_request", "Invalid parameter signAlgo")
	}
	for _, h := range q.Hashes {
		if !p.hashes[string(h)] {
			return refuse("invalid_request", "Hash is not authorized by the SAD")
		}
		delete(p.hashes, string(h))
	}
	values, err := s.values(alg, q.Hashes)
	if err != nil {
		return refuse("server_error", err.Error())
	}
	if q.OperationMode != "A" {
		return http.StatusOK, s.answer(values)
	}
	id := rand.Text()
	s.promises[id] = &promise{values: values, polls: s.rules.Polls}
	return http.StatusOK, map[string]string{"responseID": id}
}

func algorithm(oid string) (signing.Algorithm, bool) {
	switch oid {
	case "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.11":
		return signing.RSAPKCS1, true
	case "1.2.840.113549.1.1.10":
		return signing.RSAPSS, true
	case "1.2.840.10045.4.3.2":
		return signing.ECDSA, true
	}
	return "", false
}

// values signs hashes, unless the fault asks for something else.
func (s *Server) values(alg signing.Algorithm, hashes [][]byte) ([][]byte, error) {
	signer := s.key.Signer
	if s.fault == FaultTrickster {
		other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		signer, alg = other, signing.ECDSA
	}
	var values [][]byte
	for _, h := range hashes {
		v, err := signer.Sign(rand.Reader, h, alg.Options())
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	s.counts.Signatures += len(values)
	if s.fault == FaultReplay {
		return s.before, nil
	}
	s.before = values
	return values, nil
}

// answer writes values, or what the fault makes of them.
func (s *Server) answer(values [][]byte) any {
	var encoded []string
	for i, v := range values {
		if s.fault == FaultValue && i == len(values)-1 {
			v = slices.Clone(v)
			v[len(v)-1] ^= 1
		}
		encoded = append(encoded, base64.StdEncoding.EncodeToString(v))
	}
	switch {
	case s.fault == FaultFew && len(encoded) > 0:
		encoded = encoded[:len(encoded)-1]
	case s.fault == FaultBase64:
		encoded[0] = "*" + encoded[0]
	}
	return map[string]any{"signatures": encoded}
}

// poll gives values that were promised (11.12), as often as it is asked.
func (s *Server) poll(q request) (int, any) {
	s.counts.Polls++
	p := s.promises[q.RequestID]
	if p == nil {
		return refuse("invalid_request", "Invalid parameter requestID")
	}
	if p.polls > 0 {
		p.polls--
		return http.StatusAccepted, map[string]string{"error": "accepted_request"}
	}
	return http.StatusOK, s.answer(p.values)
}
