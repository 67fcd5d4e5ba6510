package archivetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing/iotest"
	"time"
)

// Fault is one thing that happens to a request.
type Fault struct {
	Name string
	fits func(*http.Request) bool // nil: every request
	act  func(p *Proxy, w http.ResponseWriter, r *http.Request)
}

func (f Fault) possible(r *http.Request) bool { return f.fits == nil || f.fits(r) }

// Faults after which the server has done nothing.
var (
	Refused      = Fault{"connection reset", nil, refuse}
	CutRequest   = Fault{"request cut", hasBody, cutRequest}
	HalfRequest  = Fault{"request cut on the way", hasBody, halfRequest} // the server sees half of it
	Hang         = Fault{"hang", nil, hang}
	WrongRequest = Fault{"request altered", hasBody, alterRequest}
	Garbage      = Fault{"somebody else answers", nil, garbage} // 200, of a portal or a misrouted proxy
	SlowDown     = Status(http.StatusServiceUnavailable, "SlowDown", 0)
	RetryAfter   = Status(http.StatusServiceUnavailable, "SlowDown", 1)
	TooMany      = Status(http.StatusTooManyRequests, "TooManyRequests", 0)
	Internal     = Status(http.StatusInternalServerError, "InternalError", 0)
	Full         = Status(http.StatusInsufficientStorage, "XMinioStorageFull", 0)
	Denied       = Status(http.StatusForbidden, "AccessDenied", 0)
	Skewed       = Status(http.StatusForbidden, "RequestTimeTooSkewed", 0)
)

// Faults after which the server has done what it was asked.
var (
	LostAnswer    = Fault{"answer lost", nil, loseAnswer}
	HangAfter     = Fault{"hang after the work", nil, hangAfter}
	CutAnswer     = Fault{"answer cut", nil, answer(cut)}
	Truncated     = Fault{"answer truncated", isRead, answer(truncate)} // a whole HTTP answer of half the bytes
	WrongBytes    = Fault{"answer altered", isRead, answer(flip)}
	WrongListing  = Fault{"listing altered", isListing, answer(flip)}
	WrongChecksum = Fault{"another checksum echoed", hasBody, answer(otherChecksum)}
	WrongETag     = Fault{"another ETag", nil, answer(otherETag)}
)

// HTTPFaults are those after which a client that tries again, or is told,
// has lost nothing. Hang and HangAfter, which take the client's time, Denied
// and Skewed, which are for good, and WrongListing, which is told from a right
// one by chance only, are not among them.
var HTTPFaults = []Fault{
	Refused, CutRequest, HalfRequest, WrongRequest, Garbage, SlowDown, RetryAfter, TooMany, Internal, Full,
	LostAnswer, CutAnswer, Truncated, WrongBytes, WrongChecksum, WrongETag,
}

// Status answers with an S3 error. retryAfter is in seconds; 0 says nothing.
func Status(code int, s3code string, retryAfter int) Fault {
	name := fmt.Sprintf("%d %s", code, s3code)
	if retryAfter > 0 {
		name += fmt.Sprintf(", Retry-After: %d", retryAfter)
	}
	return Fault{name, nil, func(_ *Proxy, w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		}
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(code)
		fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>a fault of the test</Message></Error>`, s3code)
	}}
}

// Closing is the fault with the end of the connection announced.
func (f Fault) Closing() Fault {
	act := f.act
	f.act = func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		act(p, w, r)
	}
	return f
}

// Slow keeps the request for a while before it goes on.
func Slow(d time.Duration) Fault {
	return Fault{"slow", nil, func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		p.wait(ctx, nil)
		p.next.ServeHTTP(w, r)
	}}
}

// Gate holds requests back until it is opened, and delivers them then, even
// if the client is gone: a writer that stood still and wakes up.
type Gate struct {
	reached, open chan struct{}
	once          sync.Once
}

// NewGate returns a closed gate.
func NewGate() *Gate { return &Gate{reached: make(chan struct{}), open: make(chan struct{})} }

// Reached is closed when the first request stands at the gate.
func (g *Gate) Reached() <-chan struct{} { return g.reached }

// Open lets all through, now and later.
func (g *Gate) Open() { close(g.open) }

// Fault sends requests to the gate.
func (g *Gate) Fault() Fault {
	return Fault{"held back", nil, func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		g.once.Do(func() { close(g.reached) })
		ctx := context.WithoutCancel(r.Context())
		if p.wait(ctx, g.open) != nil {
			panic(http.ErrAbortHandler)
		}
		r = r.WithContext(ctx)
		r.Body = io.NopCloser(bytes.NewReader(b))
		p.next.ServeHTTP(w, r)
	}}
}

func hasBody(r *http.Request) bool { return r.ContentLength > 0 }

// isRead recognises the reading of an object. Listings have no checksum:
// that theirs are not altered on the way is a matter of TLS.
func isRead(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Trim(r.URL.Path, "/") != "" &&
		(r.URL.RawQuery == "" || strings.Contains(r.URL.RawQuery, "versionId="))
}

// isListing recognises what else is got.
func isListing(r *http.Request) bool { return r.Method == http.MethodGet && !isRead(r) }

// refuse resets the connection.
func refuse(_ *Proxy, w http.ResponseWriter, _ *http.Request) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

// cutRequest reads a little of the request and hangs up.
func cutRequest(_ *Proxy, _ http.ResponseWriter, r *http.Request) {
	io.CopyN(io.Discard, r.Body, min(1000, r.ContentLength/2))
	panic(http.ErrAbortHandler)
}

// halfRequest passes half of the request's body on and breaks off.
func halfRequest(p *Proxy, w http.ResponseWriter, r *http.Request) {
	r.Body = io.NopCloser(io.MultiReader(io.LimitReader(r.Body, r.ContentLength/2), iotest.ErrReader(io.ErrUnexpectedEOF)))
	p.next.ServeHTTP(w, r)
}

func hang(p *Proxy, _ http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body) // else the end of the client is not noticed
	p.wait(r.Context(), nil)
	panic(http.ErrAbortHandler)
}

func hangAfter(p *Proxy, _ http.ResponseWriter, r *http.Request) {
	p.next.ServeHTTP(httptest.NewRecorder(), r)
	p.wait(r.Context(), nil)
	panic(http.ErrAbortHandler)
}

func loseAnswer(p *Proxy, _ http.ResponseWriter, r *http.Request) {
	p.next.ServeHTTP(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// alterRequest changes a bit of the request's body.
func alterRequest(p *Proxy, w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil || len(b) == 0 {
		panic(http.ErrAbortHandler)
	}
	b[len(b)/2] ^= 1
	r.Body = io.NopCloser(bytes.NewReader(b))
	p.next.ServeHTTP(w, r)
}

func garbage(_ *Proxy, w http.ResponseWriter, r *http.Request) {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, "<html><body>Please log in to the network.</body></html>")
}

// answer gets the real answer and passes on what change makes of it.
func answer(change func(h http.Header, body []byte) []byte) func(*Proxy, http.ResponseWriter, *http.Request) {
	return func(p *Proxy, w http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		p.next.ServeHTTP(rec, r)
		body := change(rec.Header(), rec.Body.Bytes())
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		if r.Method != http.MethodHead {
			w.Write(body) // one that is too short breaks the connection
		}
	}
}

// cut is less than the header says.
func cut(h http.Header, body []byte) []byte {
	if len(body) == 0 {
		panic(http.ErrAbortHandler)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	return body[:len(body)/2]
}

func truncate(h http.Header, body []byte) []byte {
	h.Set("Content-Length", strconv.Itoa(len(body)/2))
	return body[:len(body)/2]
}

func flip(_ http.Header, body []byte) []byte {
	if len(body) > 0 {
		body[len(body)/2] ^= 0x20 // of a letter, its case
	}
	return body
}

func otherChecksum(h http.Header, body []byte) []byte {
	if h.Get("X-Amz-Checksum-Sha256") != "" {
		h.Set("X-Amz-Checksum-Sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") // of no bytes
	}
	return body
}

func otherETag(h http.Header, body []byte) []byte {
	if h.Get("ETag") != "" {
		h.Set("ETag", `"00000000000000000000000000000000"`)
	}
	return body
}
