// Package csctest is a remote signing service for tests and demonstrations:
// the API of the Cloud Signature Consortium, version 2, over a key of the test
// authority. It holds what is signed against what was authorised, as a real
// service does, and misbehaves on request.
//
// A Server is safe for concurrent use; its fault may be changed while it runs.
package csctest

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"sohoa/signing"
	"sohoa/signing/testca"
)

// Fault is a way in which a service misbehaves.
type Fault string

// The faults.
const (
	FaultNone      Fault = ""
	FaultValue     Fault = "wrong value"      // a good value with one bit changed
	FaultFew       Fault = "too few values"   // the last one is missing
	FaultReplay    Fault = "replay"           // values of the request before
	FaultBase64    Fault = "not base64"       // values that are no base64
	FaultExpired   Fault = "expired SAD"      // the permission has expired when it is used
	FaultHang      Fault = "hang"             // no answer until the client gives up
	FaultHuge      Fault = "huge answer"      // megabytes without end
	FaultGarbage   Fault = "garbage"          // an HTML page with status 200
	FaultStatus    Fault = "status 500"       // an HTTP error
	FaultRedirect  Fault = "redirect"         // to somewhere else
	FaultOtherHost Fault = "other host"       // log-in at another host
	FaultDisabled  Fault = "disabled key"     // of which the certificate is still given
	FaultTrickster Fault = "other signer"     // values by another key
	FaultEmpty     Fault = "empty permission" // an authorisation without SAD
)

// Rules say how a service wants to be used. The zero value has one key that
// needs nothing but an access token, one signature an authorisation.
type Rules struct {
	PIN       string // of the key; "" needs none
	OTP       bool   // the key also needs a one-time password, sent by credentials/sendOTP
	Challenge bool   // the key also needs the answer to a challenge, sent by credentials/getChallenge
	Confirm   bool   // the user confirms each authorisation on their telephone; see Server.Confirm
	Browser   bool   // authorised by browser log-in alone
	Multisign int    // signatures that one authorisation permits; 0 is 1
	Polls     int    // questions for asynchronous values that are answered "not yet"
	Others    int    // further keys of the account
}

// The log-in that every Server accepts, and a token that is always good.
const (
	ClientID     = "sohoa"
	ClientSecret = "client-secret-71"
	Token        = "token-of-a-browser-38"
	Credential   = "khoa-1"
)

// Counts are how often a service was asked.
type Counts struct {
	Tokens, Authorisations, Signings, Signatures, Polls int
}

// Server is the service. It answers below /csc/v2 and /oauth2.
type Server struct {
	rules Rules
	key   *signing.Key
	mux   *http.ServeMux

	mu       sync.Mutex // guards what follows
	fault    Fault
	counts   Counts
	token    string
	sent     string // the one-time password on the user's telephone
	wrong    int    // factors in a row
	sads     map[string]*permission
	handles  map[string]*permission
	promises map[string]*promise
	before   [][]byte // values of the last request
}

// permission is an authorisation.
type permission struct {
	hashes    map[string]bool // that may be signed, each once
	confirmed bool
}

// promise is an asynchronous answer.
type promise struct {
	values [][]byte
	polls  int // left to be answered "not yet"
}

// New makes a service with the key of id.
func New(id *testca.Identity, rules Rules) *Server {
	s := &Server{rules: rules, mux: http.NewServeMux(),
		key:  &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain},
		sads: map[string]*permission{}, handles: map[string]*permission{}, promises: map[string]*promise{}}
	s.rules.Multisign = max(rules.Multisign, 1)
	s.mux.HandleFunc("POST /oauth2/token", s.login)
	for path, h := range map[string]handler{
		"info":                       s.info,
		"credentials/list":           s.list,
		"credentials/info":           s.describe,
		"credentials/sendOTP":        s.sendOTP,
		"credentials/getChallenge":   s.sendOTP,
		"credentials/authorize":      s.authorize,
		"credentials/authorizeCheck": s.check,
		"signatures/signHash":        s.sign,
		"signatures/signPolling":     s.poll,
	} {
		s.mux.HandleFunc("POST /csc/v2/"+path, s.guarded(h, path != "info"))
	}
	return s
}

// Misbehave makes the following answers wrong as f says; FaultNone ends it.
func (s *Server) Misbehave(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Counts returns how often the service was asked so far.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Telephone shows the one-time password, or the answer to the challenge, that
// was sent last.
func (s *Server) Telephone() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

// Confirm is the user who confirms all that waits for it.
func (s *Server) Confirm() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.handles {
		p.confirmed = true
	}
}

// EndLogins makes every access token that was given out useless.
func (s *Server) EndLogins() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	switch fault {
	case FaultHang:
		io.Copy(io.Discard, r.Body) // else nobody notices that the client left
		<-r.Context().Done()
	case FaultStatus:
		http.Error(w, "out of order", http.StatusInternalServerError)
	case FaultGarbage:
		w.Write([]byte("<html>welcome to the captive portal</html>"))
	case FaultRedirect:
		http.Redirect(w, r, "http://127.0.0.1:9/elsewhere", http.StatusTemporaryRedirect)
	case FaultHuge:
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	default:
		s.mux.ServeHTTP(w, r)
	}
}

// request is the union of what the methods are asked with.
type request struct {
	CredentialID  string   `json:"credentialID"`
	Certificates  string   `json:"certificates"`
	NumSignatures int      `json:"numSignatures"`
	Hashes        [][]byte `json:"hashes"`
	HashAlgorithm string   `json:"hashAlgorithmOID"`
	SignAlgo      string   `json:"signAlgo"`
	SignParams    []byte   `json:"signAlgoParams"`
	OperationMode string   `json:"operationMode"`
	SAD           string   `json:"SAD"`
	Handle        string   `json:"handle"`
	RequestID     string   `json:"requestID"`
	AuthObjectID  string   `json:"authObjectID"`
	AuthData      []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"authData"`

	origin string // scheme and host that the client asked
}

// handler answers a request with a status and a value; it runs with s.mu held.
type handler func(q request) (int, any)

// refuse is an error of the API (10.1).
func refuse(code, description string) (int, any) {
	return http.StatusBadRequest, map[string]string{"error": code, "error_description": description}
}

// guarded reads the request, checks the access token, and writes the answer.
func (s *Server) guarded(h handler, login bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q := request{origin: "http://" + r.Host}
		if r.TLS != nil {
			q.origin = "https://" + r.Host
		}
		bearer := r.Header.Get("Authorization")
		status, answer := 0, any(nil)
		switch {
		case login && bearer != "Bearer "+Token && (s.token == "" || bearer != "Bearer "+s.token):
			_, answer = refuse("invalid_token", "The access token is not valid")
			status = http.StatusUnauthorized
		case json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&q) != nil:
			status, answer = refuse("invalid_request", "The request is no JSON")
		case q.CredentialID != "" && q.CredentialID != Credential:
			status, answer = refuse("invalid_request", "Invalid parameter credentialID")
		default:
			status, answer = h(q)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if answer != nil {
			json.NewEncoder(w).Encode(answer)
		}
	}
}

// login gives an access token for the client's credentials.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Tokens++
	w.Header().Set("Content-Type", "application/json")
	if r.PostFormValue("grant_type") != "client_credentials" ||
		r.PostFormValue("client_id") != ClientID || r.PostFormValue("client_secret") != ClientSecret {
		w.WriteHeader(http.StatusUnauthorized)
		json.NewEncoder(w).Encode(map[string]string{"error": "invalid_client"})
		return
	}
	s.token = rand.Text()
	json.NewEncoder(w).Encode(map[string]any{"access_token": s.token, "token_type": "Bearer", "expires_in": 3600})
}
