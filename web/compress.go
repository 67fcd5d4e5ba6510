package web

import (
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// leastCompressed is from how many bytes on an answer is worth compressing.
const leastCompressed = 1024

// compressed sends text compressed, where it cannot be used to guess at it.
// Whoever sees the length of an answer and has something of their own repeated
// in it learns what else is in it (BREACH). Without our cookies there is
// nothing to learn, and other sites' pages have them sent only when they
// navigate here, which browsers say: those answers are left as they are.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from := r.Header.Get("Sec-Fetch-Site"); from != "same-origin" && from != "none" || !takesGzip(r) || r.Header.Get("Range") != "" {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w}
		next.ServeHTTP(c, r)
		c.close() // not where the handler panics: what broke off must not look whole
	})
}

// takesGzip reports whether a client takes gzip (RFC 9110, 12.5.3); one that
// gives it a weight of its own is not asked.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		if strings.TrimSpace(part) == "gzip" {
			return true
		}
	}
	return false
}

// zippers are kept for the next answer: each has some 800 KB of its own.
var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed+3)
	if err != nil {
		panic(err) // the level is one that there is
	}
	return z
}}

// compressor compresses an answer if the first that is written shows that it
// is worth it.
type compressor struct {
	http.ResponseWriter
	status  int // that was said, and goes out with the first bytes
	decided bool
	zip     *gzip.Writer // nil where nothing is compressed
}

// Unwrap lets http.ResponseController reach the connection.
func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// WriteHeader implements http.ResponseWriter. What follows decides about the
// headers, so they wait for it.
func (c *compressor) WriteHeader(status int) {
	if c.decided || status < http.StatusOK || status == http.StatusNoContent || status == http.StatusNotModified {
		c.ResponseWriter.WriteHeader(status)
		return
	}
	if c.status == 0 {
		c.status = status
	}
}

// Write implements io.Writer.
func (c *compressor) Write(b []byte) (int, error) {
	if !c.decided {
		c.decide(len(b))
	}
	if c.zip != nil {
		return c.zip.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

func (c *compressor) decide(first int) {
	c.decided = true
	h := c.Header()
	if first >= leastCompressed && h.Get("Content-Encoding") == "" && isText(h.Get("Content-Type")) {
		h.Del("Content-Length")
		h.Set("Content-Encoding", "gzip")
		h.Add("Vary", "Accept-Encoding, Sec-Fetch-Site")
		c.zip = zippers.Get().(*gzip.Writer)
		c.zip.Reset(c.ResponseWriter)
	}
	if c.status != 0 {
		c.ResponseWriter.WriteHeader(c.status)
	}
}

// FlushError implements what http.ResponseController looks for.
func (c *compressor) FlushError() error {
	if !c.decided {
		c.decide(0)
	}
	if c.zip != nil {
		if err := c.zip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// close ends the answer.
func (c *compressor) close() {
	if !c.decided && c.status != 0 {
		c.decide(0)
	}
	if c.zip != nil {
		_ = c.zip.Close() // the client may be gone
		c.zip.Reset(nil)
		zippers.Put(c.zip)
	}
}

// isText reports whether a type is one that gets much shorter. A stream of
// events does not: each must arrive by itself.
func isText(mediaType string) bool {
	kind, _, _ := strings.Cut(mediaType, ";")
	return strings.HasPrefix(kind, "text/") && kind != "text/event-stream" || strings.HasSuffix(kind, "json") || kind == "image/svg+xml"
}
