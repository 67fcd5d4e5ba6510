package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"time"
)

// policy is the content security policy of every answer: what is ours, and
// nothing else (CSP Level 3). Text becomes part of a page by the policy of
// static/trusted.js alone (Trusted Types).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types sohoa"

// filePolicy is the policy of files that came from people: shown alone, they
// may do nothing. Browsers show images and PDFs by means of their own, which
// take no style from us.
const filePolicy = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; sandbox"

// securityHeaders are those of every answer, with their values.
var securityHeaders = map[string]string{
	"Content-Security-Policy":           policy,
	"X-Content-Type-Options":            "nosniff",
	"Referrer-Policy":                   "no-referrer",
	"X-Frame-Options":                   "DENY",
	"Cross-Origin-Opener-Policy":        "same-origin",
	"Cross-Origin-Embedder-Policy":      "require-corp",
	"Cross-Origin-Resource-Policy":      "same-origin",
	"Origin-Agent-Cluster":              "?1",
	"X-Permitted-Cross-Domain-Policies": "none",
	"Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), payment=(), " +
		"midi=(), accelerometer=(), gyroscope=(), magnetometer=(), browsing-topics=()",
	"Cache-Control": "no-store",
}

// strictTransport tells browsers to come by HTTPS alone for two years
// (RFC 6797). Hosts beside ours are not ours to speak for.
const strictTransport = "max-age=63072000"

// secure sets the headers that every answer carries.
func (s *Server) secure(h http.Header, path string) {
	for name, value := range securityHeaders {
		h.Set(name, value)
	}
	if isFile(path) {
		h.Set("Content-Security-Policy", filePolicy)
	}
	if s.cfg.SecureCookies {
		h.Set("Strict-Transport-Security", strictTransport)
	}
}

// cookieName is the name of a cookie. Over HTTPS it has the prefix by which
// browsers see to it that no other host and no plain connection set it
// (RFC 6265bis, 4.1.3.2).
func (s *Server) cookieName(name string) string {
	if s.cfg.SecureCookies {
		return "__Host-" + name
	}
	return name
}

// guard is the outermost layer: headers, a line in the log, and an answer
// when a handler panics.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.secure(w.Header(), r.URL.Path)
		started := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil {
				s.panicked(rec, r, p)
			}
			s.cfg.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", rec.status,
				"took", time.Since(started).Round(time.Microsecond))
		}()
		next.ServeHTTP(rec, r)
		// Streams set deadlines as they go. A deadline for writing would
		// outlive its request on a connection that is kept open.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	})
}

// panicked answers a request whose handler panicked, if nothing was written
// yet; otherwise it cuts the connection, so that a part is not taken for the
// whole.
func (s *Server) panicked(rec *recorder, r *http.Request, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.cfg.Log.Error("handler panicked", "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if rec.status != 0 {
		panic(http.ErrAbortHandler)
	}
	s.fail(rec, r, fmt.Errorf("panic: %v", p))
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int // 0 until something is written
}

func (r *recorder) WriteHeader(code int) {
	if r.status == 0 {
		r.status = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
