package archivetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// Proxy is an HTTP proxy in front of a real S3 server that injects faults:
//
//	server := archivetest.StartS3(t, "minio")
//	p := archivetest.StartProxy(t, server.Endpoint) // p.Addr in place of server.Endpoint
//	p.Rules(archivetest.Rule{Method: "PUT", Times: 2, Fault: archivetest.SlowDown})
//	p.Random(seed, 0.05, archivetest.HTTPFaults...) // one request in twenty
//	p.Down(); p.Up()                                // refused connections
//	p.Calm()                                        // no more faults
//
// Rules go before chance. The proxy keeps the Host header, which is signed,
// so that path and host style both work. A program without testing.T uses
// NewProxy and Close. All methods are safe for concurrent use.
type Proxy struct {
	Addr string // host:port

	next   *httputil.ReverseProxy
	closed chan struct{}

	mu     sync.Mutex // guards what follows
	server *http.Server
	rules  []*Rule
	chance *chance
	struck map[string]int
	seen   map[string]int
}

// Rule lets a fault happen to chosen requests.
type Rule struct {
	Method string                   // of the requests that it is about; empty is all
	Match  func(*http.Request) bool // which of these; nil is all
	Skip   int                      // so many first are let through
	Times  int                      // so many are struck; 0 is all
	Fault  Fault

	met int // guarded by Proxy.mu
}

// chance strikes at random. The fate of the n-th request is decided by the
// seed; which request is the n-th depends on how the client's run.
type chance struct {
	source *rand.Rand
	rate   float64
	faults []Fault
}

// StartProxy starts a proxy in front of target (host:port) until the test
// ends.
func StartProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	p, err := NewProxy(target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

// NewProxy starts a proxy on a free port of loopback.
func NewProxy(target string) (*Proxy, error) {
	p := &Proxy{closed: make(chan struct{}), struck: map[string]int{}, seen: map[string]int{}, Addr: "127.0.0.1:0"}
	p.next = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: target})
			r.Out.Host = r.In.Host // is signed
		},
		Transport:    &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return p, p.Up()
}

// Up accepts connections again, at the same address.
func (p *Proxy) Up() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	l, err := net.Listen("tcp", p.Addr)
	if err != nil {
		return fmt.Errorf("start proxy: %w", err)
	}
	p.Addr = l.Addr().String()
	server := &http.Server{Handler: p}
	p.server = server
	go server.Serve(l) // until Down
	return nil
}

// Down breaks all connections and refuses new ones.
func (p *Proxy) Down() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return nil
	}
	server := p.server
	p.server = nil
	return server.Close()
}

// Close ends the proxy and what it holds back.
func (p *Proxy) Close() error {
	close(p.closed)
	return p.Down()
}

// Rules replaces the rules. The first that fits a request decides.
func (p *Proxy) Rules(rules ...Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
	for _, r := range rules {
		p.rules = append(p.rules, &r)
	}
}

// Random strikes a share of requests, from 0 to 1, with one of the faults
// that are possible for the request.
func (p *Proxy) Random(seed uint64, rate float64, faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chance = &chance{rand.New(rand.NewPCG(seed, 0)), rate, faults}
}

// Calm ends rules and chance, and comes Up.
func (p *Proxy) Calm() error {
	p.Rules()
	p.Random(0, 0)
	return p.Up()
}

// Struck counts the faults that happened, by name.
func (p *Proxy) Struck() map[string]int { return p.counts(p.struck) }

// Seen counts the requests, by method.
func (p *Proxy) Seen() map[string]int { return p.counts(p.seen) }

// counts is a copy of a map of the proxy.
func (p *Proxy) counts(m map[string]int) map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(m)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := p.fate(r)
	if !ok {
		p.next.ServeHTTP(w, r)
		return
	}
	f.act(p, w, r)
}

// fate decides about a request, and counts it.
func (p *Proxy) fate(r *http.Request) (Fault, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen[r.Method]++
	f, ok := p.ruled(r)
	if !ok {
		f, ok = p.chance.fate(r)
	}
	if ok {
		p.struck[f.Name]++
	}
	return f, ok
}

// ruled is what the rules say. mu is held.
func (p *Proxy) ruled(r *http.Request) (Fault, bool) {
	for _, rule := range p.rules {
		if rule.Method != "" && rule.Method != r.Method || rule.Match != nil && !rule.Match(r) || !rule.Fault.possible(r) {
			continue
		}
		rule.met++
		if n := rule.met - rule.Skip; n > 0 && (rule.Times == 0 || n <= rule.Times) {
			return rule.Fault, true
		}
	}
	return Fault{}, false
}

func (c *chance) fate(r *http.Request) (Fault, bool) {
	if c == nil || c.source.Float64() >= c.rate {
		return Fault{}, false
	}
	var possible []Fault
	for _, f := range c.faults {
		if f.possible(r) {
			possible = append(possible, f)
		}
	}
	if len(possible) == 0 {
		return Fault{}, false
	}
	return possible[c.source.IntN(len(possible))], true
}

// wait blocks until ch, or until the proxy or the client is gone, which it
// reports as an error.
func (p *Proxy) wait(ctx context.Context, ch <-chan struct{}) error {
	select {
	case <-ch:
		return nil
	case <-p.closed:
		return errors.New("the proxy was closed")
	case <-ctx.Done():
		return ctx.Err()
	}
}
