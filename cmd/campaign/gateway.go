package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sohoa/archive/s3"
)

// gateway is versitygw on a folder, and in front of it a proxy that
// misbehaves.
type gateway struct {
	dir, address string
	proxy        string // its address
	rule         atomic.Pointer[rule]

	mu  sync.Mutex
	cmd *exec.Cmd // guarded by mu
}

// rule is how the proxy misbehaves, with each request as likely as share says.
type rule struct {
	kind  string
	share float64
	pause time.Duration // of "slow"
}

const (
	accessKey = "sohoa"
	secretKey = "sohoa-secret"
	bucket    = "campaign"
)

// newGateway starts a gateway on folder dir with an empty bucket.
func newGateway(ctx context.Context, dir string) (*gateway, error) {
	g := &gateway{dir: dir, address: freeAddress()}
	g.rule.Store(&rule{})
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := g.start(ctx); err != nil {
		return nil, err
	}
	if _, err := g.open(ctx); err != nil { // makes the bucket
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g.proxy = l.Addr().String()
	go http.Serve(l, g.front())
	return g, nil
}

// program finds an outside program: in PATH, or where the checks install it.
func program(name string) (string, error) {
	if p, err := exec.LookPath(name); err == nil {
		return p, nil
	}
	for _, dir := range []string{".tools/bin", "../../.tools/bin"} {
		if p, err := filepath.Abs(filepath.Join(dir, name)); err == nil {
			if _, err := os.Stat(p); err == nil {
				return p, nil
			}
		}
	}
	return "", fmt.Errorf("%s is not in PATH", name)
}

func freeAddress() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // a machine without loopback
	}
	defer l.Close()
	return l.Addr().String()
}

// start starts the gateway and waits until it answers.
func (g *gateway) start(ctx context.Context) error {
	exe, err := program("versitygw")
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cmd = exec.Command(exe, "--port", g.address, "--access", accessKey, "--secret", secretKey, "--quiet", "--keep-alive", "posix", g.dir)
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := g.cmd.Start(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		conn, err := net.Dial("tcp", g.address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("start versitygw: %w", err)
		}
	}
}

// kill ends the gateway at once.
func (g *gateway) kill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cmd.Process.Kill()
	g.cmd.Wait() // "signal: killed" is what was asked for
}

// settings are the server's: it goes through the proxy.
func (g *gateway) settings() []string {
	return []string{"SOHOA_STORE=s3", "SOHOA_S3_ENDPOINT=" + g.proxy, "SOHOA_S3_BUCKET=" + bucket,
		"SOHOA_S3_ACCESS_KEY=" + accessKey, "SOHOA_S3_SECRET_KEY=" + secretKey, "SOHOA_S3_INSECURE=true"}
}

// open opens the bucket past the proxy.
func (g *gateway) open(ctx context.Context) (*s3.Store, error) {
	return s3.Open(ctx, s3.Config{Endpoint: g.address, Region: "us-east-1", Bucket: bucket, AccessKey: accessKey, SecretKey: secretKey, PathStyle: true, CreateBucket: true})
}

// storeFaults are the kinds of rules.
var storeFaults = []string{"503", "drop", "half", "lost", "cut", "wrong", "slow"}

// front is the proxy.
func (g *gateway) front() http.Handler {
	forward := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: g.address})
	forward.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rule := g.rule.Load()
		kind := rule.kind
		if rand.Float64() >= rule.share {
			kind = ""
		}
		switch kind {
		case "503":
			io.Copy(io.Discard, r.Body)
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, `<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
		case "drop":
			panic(http.ErrAbortHandler)
		case "half":
			r.Body = io.NopCloser(&halved{r.Body, r.ContentLength / 2})
			forward.ServeHTTP(w, r)
		case "lost", "cut", "wrong":
			spoil(w, r, forward, kind)
		case "slow":
			time.Sleep(rule.pause)
			forward.ServeHTTP(w, r)
		default:
			forward.ServeHTTP(w, r)
		}
	})
}

// halved breaks off after left bytes.
type halved struct {
	r    io.Reader
	left int64
}

func (h *halved) Read(p []byte) (int, error) {
	if h.left <= 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := h.r.Read(p[:min(int64(len(p)), h.left)])
	h.left -= int64(n)
	return n, err
}

// spoil lets the store do what was asked and spoils its answer.
func spoil(w http.ResponseWriter, r *http.Request, next http.Handler, how string) {
	rec := &recorder{header: http.Header{}}
	next.ServeHTTP(rec, r)
	body := rec.body.Bytes()
	if how == "lost" {
		panic(http.ErrAbortHandler)
	}
	for k, v := range rec.header {
		w.Header()[k] = v
	}
	if r.Method == http.MethodGet && len(body) > 0 {
		if how == "wrong" {
			body[len(body)/2] ^= 0x20
		} else {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			body = body[:len(body)/2]
		}
	}
	w.WriteHeader(rec.status)
	w.Write(body)
	if how == "cut" {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// recorder takes an answer in.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(code int) {
	if r.status == 0 && code >= 200 {
		r.status = code
	}
}
func (r *recorder) Write(b []byte) (int, error) { r.WriteHeader(http.StatusOK); return r.body.Write(b) }
