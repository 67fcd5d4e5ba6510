package s3_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

// proxy stands between the store and a real server. While it is armed, fault
// handles a request and reports whether it did.
type proxy struct {
	fault atomic.Pointer[func(w http.ResponseWriter, r *http.Request, next http.Handler) bool]
	addr  string
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	next := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: target})
			r.Out.Host = r.In.Host // is signed
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) { panic(http.ErrAbortHandler) },
	}
	p := &proxy{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := p.fault.Load(); f == nil || !(*f)(w, r, next) {
			next.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(s.Close)
	p.addr = strings.TrimPrefix(s.URL, "http://")
	return p
}

type fault = func(w http.ResponseWriter, r *http.Request, next http.Handler) bool

// times lets f act on the first n requests with the method.
func times(n int64, method string, f func(w http.ResponseWriter, r *http.Request, next http.Handler)) fault {
	var count atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) bool {
		if r.Method != method || count.Add(1) > n {
			return false
		}
		f(w, r, next)
		return true
	}
}

const always = 1 << 40

// dropUpload reads a little of the request and hangs up.
func dropUpload(w http.ResponseWriter, r *http.Request, next http.Handler) {
	io.CopyN(io.Discard, r.Body, 1000)
	panic(http.ErrAbortHandler)
}

func status(code int) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		io.Copy(io.Discard, r.Body)
		w.WriteHeader(code)
	}
}

// alterUpload changes a byte of the request's body.
func alterUpload(w http.ResponseWriter, r *http.Request, next http.Handler) {
	b, _ := io.ReadAll(r.Body)
	b[len(b)/2] ^= 1
	r.Body = io.NopCloser(bytes.NewReader(b))
	next.ServeHTTP(w, r)
}

// answer gets the real answer and passes on what change makes of its body.
func answer(change func(b []byte) []byte) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		w.Write(change(rec.Body.Bytes())) // too short a body breaks the connection
	}
}

func half(b []byte) []byte { return b[:len(b)/2] }

func flip(b []byte) []byte {
	b[len(b)/2] ^= 1
	return b
}

func setUp(t *testing.T) (*s3.Store, *proxy) {
	t.Helper()
	p := startProxy(t, archivetest.StartS3(t, "versitygw").Endpoint)
	c := config(archivetest.S3{Endpoint: p.addr, AccessKey: "sohoa", SecretKey: "sohoa-secret"})
	c.Timeout, c.Retries, c.PartBytes = 2*time.Second, 3, 5<<20
	return open(t, c), p
}

// TestRefusalOfAnotherRequest answers a listing with what a server says of
// bytes that it did not understand.
func TestRefusalOfAnotherRequest(t *testing.T) {
	s, p := setUp(t)
	if _, err := s.Put(t.Context(), "a/b", bytes.NewReader(random(10))); err != nil {
		t.Fatal(err)
	}
	refuse := func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Connection", "close")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>BadRequest</Code><Message>An error occurred when parsing the HTTP request.</Message></Error>`)
	}
	for _, row := range []struct {
		name string
		n    int64
		want int // keys; negative is an error
	}{{"once", 1, 1}, {"always", always, -1}} {
		f := times(row.n, "GET", refuse)
		p.fault.Store(&f)
		n := 0
		for _, err := range s.List(t.Context(), "a/") {
			if n++; err != nil {
				n = -1
				break
			}
		}
		p.fault.Store(nil)
		if n != row.want {
			t.Errorf("%s: List gives %d, want %d", row.name, n, row.want)
		}
	}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func TestUploadFaults(t *testing.T) {
	s, p := setUp(t)
	for _, row := range []struct {
		name  string
		fault fault
		code  string // of the Problem; "" if Put succeeds
	}{
		{"dropped once", times(1, "PUT", dropUpload), ""},
		{"dropped always", times(always, "PUT", dropUpload), "store.unavailable"},
		{"503 twice", times(2, "PUT", status(503)), ""},
		{"503 always", times(always, "PUT", status(503)), "store.unavailable"},
		{"full", times(always, "PUT", status(507)), "store.full"},
		{"altered", times(always, "PUT", alterUpload), "store.unavailable"},
	} {
		for size, name := range map[int]string{10_000: "one request", 12 << 20: "parts"} {
			t.Run(row.name+", "+name, func(t *testing.T) {
				data, key := random(size), strings.ReplaceAll(t.Name(), ",", "")
				p.fault.Store(&row.fault)
				_, err := s.Put(t.Context(), key, bytes.NewReader(data))
				p.fault.Store(nil)
				checkPut(t, s, key, data, err, row.code)
			})
		}
	}
}

// checkPut wants the blob if code is empty, else the Problem and no blob; and
// that the upload succeeds when tried again.
func checkPut(t *testing.T, s *s3.Store, key string, data []byte, err error, code string) {
	t.Helper()
	var problem *sohoa.Problem
	if code == "" && err != nil || code != "" && (!errors.As(err, &problem) || problem.Code != code) {
		t.Fatalf("Put = %v, want %q", err, code)
	}
	if code != "" {
		if _, err := s.Stat(t.Context(), key); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Stat after a failed Put = %v, want ErrNotExist", err)
		}
		if _, err := s.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
			t.Fatalf("Put, again = %v", err)
		}
	}
	if got := archivetest.ReadBlob(t, s, key); !bytes.Equal(got, data) {
		t.Errorf("read %d bytes that differ from those put", len(got))
	}
}

func TestDownloadFaults(t *testing.T) {
	s, p := setUp(t)
	data := random(3 << 20)
	if _, err := s.Put(t.Context(), "k", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		fault fault
		want  error
	}{
		{"cut once", times(1, "GET", answer(half)), nil},
		{"cut twice", times(2, "GET", answer(half)), nil},
		{"503 once", times(1, "GET", status(503)), nil},
		{"503 always", times(always, "GET", status(503)), sohoa.ErrUnavailable},
		{"altered", times(1, "GET", answer(flip)), sohoa.ErrVerification},
		{"empty", times(always, "GET", answer(func(b []byte) []byte { return nil })), sohoa.ErrUnavailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.fault.Store(&row.fault)
			defer p.fault.Store(nil)
			got, err := readAll(t.Context(), s, "k")
			if !errors.Is(err, row.want) || row.want == nil && !bytes.Equal(got, data) {
				t.Errorf("read %d of %d bytes, %v, want %v", len(got), len(data), err, row.want)
			}
		})
	}
}

func TestReadAtResumes(t *testing.T) {
	s, p := setUp(t)
	data := random(3 << 20)
	if _, err := s.Put(t.Context(), "k", bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	b, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	f := times(1, "GET", answer(half))
	p.fault.Store(&f)
	got := make([]byte, 2<<20)
	if _, err := b.ReadAt(got, 100); err != nil || !bytes.Equal(got, data[100:100+len(got)]) {
		t.Errorf("ReadAt across a cut = %v, want the bytes", err)
	}
}

func readAll(ctx context.Context, s *s3.Store, key string) ([]byte, error) {
	b, err := s.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return io.ReadAll(b)
}

// TestSilentStore has a store that accepts connections and says nothing.
func TestSilentStore(t *testing.T) {
	release := make(chan struct{})
	silent := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer silent.Close()
	defer close(release)
	c := config(archivetest.S3{Endpoint: strings.TrimPrefix(silent.URL, "http://"), AccessKey: "a", SecretKey: "b"})
	c.Timeout, c.Retries = 50*time.Millisecond, 2
	checkUnavailable(t, c)
}

func TestNoStore(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	c := config(archivetest.S3{Endpoint: strings.TrimPrefix(gone.URL, "http://"), AccessKey: "a", SecretKey: "b"})
	c.Retries = 2
	checkUnavailable(t, c)
}

func checkUnavailable(t *testing.T, c s3.Config) {
	t.Helper()
	_, err := s3.Open(t.Context(), c)
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "store.unavailable" || !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Open = %v, want store.unavailable", err)
	}
}

func TestOpenRefused(t *testing.T) {
	server := archivetest.StartS3(t, "versitygw")
	wrong := config(server)
	wrong.SecretKey = "wrong"
	missing := config(server)
	missing.CreateBucket = false
	for _, row := range []struct {
		name   string
		config s3.Config
		want   error
	}{
		{"wrong secret", wrong, sohoa.ErrForbidden},
		{"no bucket", missing, sohoa.ErrNotExist},
		{"bad endpoint", s3.Config{Endpoint: "http://x/y", Bucket: "papers"}, sohoa.ErrInvalid},
	} {
		if _, err := s3.Open(t.Context(), row.config); !errors.Is(err, row.want) {
			t.Errorf("%s: Open = %v, want %v", row.name, err, row.want)
		}
	}
}

// TestForeignPrefix keeps two stores in one bucket apart.
func TestForeignPrefix(t *testing.T) {
	c := config(archivetest.StartS3(t, "versitygw"))
	one, two := c, c
	one.Prefix, two.Prefix = "one", "two/deep"
	a, b := open(t, one), open(t, two)
	if _, err := a.Put(t.Context(), "k", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(t.Context(), "k"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Stat under another prefix = %v, want ErrNotExist", err)
	}
	for info, err := range a.List(t.Context(), "") {
		if err != nil || info.Key != "k" {
			t.Errorf("List yields %q, %v, want k", info.Key, err)
		}
	}
}

// TestDigestIsKept reads the digest back for both kinds of upload.
func TestDigestIsKept(t *testing.T) {
	for _, name := range archivetest.S3Servers {
		s := open(t, config(archivetest.StartS3(t, name)))
		for _, size := range []int{1000, 9 << 20} {
			data := random(size)
			if _, err := s.Put(t.Context(), "k", bytes.NewReader(data)); err != nil {
				t.Fatal(err)
			}
			if err := s.Copy(t.Context(), "copy", "k"); err != nil {
				t.Fatal(err)
			}
			for _, key := range []string{"k", "copy"} {
				if info, err := s.Stat(t.Context(), key); err != nil || info.Digest != sohoa.Sum(data) {
					t.Errorf("%s: Stat(%q).Digest = %v, %v, want %v", name, key, info.Digest, err, sohoa.Sum(data))
				}
			}
		}
	}
}
