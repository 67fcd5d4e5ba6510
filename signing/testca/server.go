package testca

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Handler serves the authority below one address: /tsa, /ocsp, /issuing.crl,
// /root.crl, /issuing.cer and /root.cer; and all of that again below the Slug
// of each fault, where it misbehaves so: /wrong-nonce/tsa, /expired/issuing.crl.
func (a *Authority) Handler() http.Handler {
	mux := a.front().handler(a.TSA())
	for _, f := range faults {
		tsa := a.TSA()
		tsa.Misbehave(f)
		d := front{a, func() Fault { return f }}
		mux.Handle("/"+f.Slug()+"/", http.StripPrefix("/"+f.Slug(), d.handler(tsa)))
	}
	return mux
}

// handler serves timestamps by tsa, and what d gives out.
func (d front) handler(tsa *TSA) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /tsa", tsa)
	mux.Handle("POST /ocsp", d.faulty(http.HandlerFunc(d.serveOCSP)))
	mux.Handle("GET /ocsp/", d.faulty(http.HandlerFunc(d.serveOCSP)))
	mux.Handle("GET /issuing.crl", d.faulty(der("application/pkix-crl", d.list)))
	mux.Handle("GET /root.crl", der("application/pkix-crl", func() ([]byte, error) { return d.crl(d.root, nil) }))
	mux.Handle("GET /issuing.cer", der("application/pkix-cert", func() ([]byte, error) { return d.issuing.cert.Raw, nil }))
	mux.Handle("GET /root.cer", der("application/pkix-cert", func() ([]byte, error) { return d.root.cert.Raw, nil }))
	return mux
}

// faulty counts requests and misbehaves as HTTP servers do.
func (d front) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.requests.Add(1)
		f := d.fault()
		switch {
		case d.misbehave(w, r, f):
		case f == FaultRejected:
			w.Write([]byte{0x30, 0x03, 0x0a, 0x01, 0x03}) // OCSP: try later
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// der serves what make makes.
func der(mediaType string, make func() ([]byte, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := make()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Write(b)
	})
}

func (d front) serveOCSP(w http.ResponseWriter, r *http.Request) {
	answer, err := ocspRequest(r)
	if err == nil {
		answer, err = d.ocsp(answer)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(answer)
}

// ocspRequest takes the request out of the body or, with GET, out of the path
// (RFC 6960, A.1).
func ocspRequest(r *http.Request) ([]byte, error) {
	if r.Method == http.MethodPost {
		return io.ReadAll(io.LimitReader(r.Body, maxRequest))
	}
	s, err := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/ocsp/"))
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(s)
}
