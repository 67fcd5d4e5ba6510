package evidence

import (
	"context"
	"crypto/x509"
	"sync"
	"time"

	"sohoa"
)

// Bounds on what a Collector keeps.
const (
	maxEntries   = 2000
	maxKept      = 256 << 20 // bytes, roughly
	listOverhead = 6         // what a list takes once it is read, by its size
)

// rest is how long an address is left alone that did not give what was wanted:
// of hundreds of documents, each would wait for it anew.
const rest = time.Minute

// memory keeps what addresses answered. While somebody asks one, others that
// want the same wait for the answer. The zero value is empty.
type memory struct {
	mu      sync.Mutex
	entries map[string]*entry
	size    int
	turn    int
}

// entry is what one address answered last.
type entry struct {
	key  string
	free chan struct{} // holds a value while nobody has taken the entry

	// These belong to whoever took it.
	record  *record
	issuer  *x509.Certificate
	bare    bool // the responder refuses requests with a nonce
	failure error
	retry   time.Time

	// These are guarded by memory.mu.
	users, last, cost int
}

// take waits for the entry under key, which is made if there is none.
func (m *memory) take(ctx context.Context, key string) (*entry, error) {
	e := m.reserve(key)
	select {
	case <-e.free:
		return e, nil
	case <-ctx.Done():
		m.mu.Lock()
		defer m.mu.Unlock()
		e.users--
		return nil, ctx.Err()
	}
}

func (m *memory) reserve(key string) *entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.entries[key]
	if e == nil {
		e = &entry{key: key, free: make(chan struct{}, 1)}
		e.free <- struct{}{}
		if m.entries == nil {
			m.entries = map[string]*entry{}
		}
		m.entries[key] = e
	}
	m.turn++
	e.users, e.last = e.users+1, m.turn
	return e
}

// put gives an entry back, and forgets those that were not used for longest
// where there are too many.
func (m *memory) put(e *entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	cost := e.weigh()
	m.size += cost - e.cost
	e.cost = cost
	e.users--
	e.free <- struct{}{}
	for len(m.entries) > maxEntries || m.size > maxKept {
		oldest := m.oldest()
		if oldest == nil {
			return
		}
		m.size -= oldest.cost
		delete(m.entries, oldest.key)
	}
}

// oldest is the entry that was not used for longest, of those not in use.
func (m *memory) oldest() *entry {
	var found *entry
	for _, e := range m.entries {
		if e.users == 0 && (found == nil || e.last < found.last) {
			found = e
		}
	}
	return found
}

// weigh is about how many bytes e takes.
func (e *entry) weigh() int {
	const least = 2 << 10
	switch {
	case e.record == nil:
		return least
	case e.record.list != nil:
		return least + listOverhead*len(e.record.der)
	}
	return least + 2*len(e.record.der)
}

// fail notes that the address did not give what was wanted. What it gave may do
// for others.
func (e *entry) fail(err error, now time.Time) { e.failure, e.retry = err, now.Add(rest) }

// resting reports whether the address is to be left alone.
func (e *entry) resting(now time.Time) bool { return e.failure != nil && now.Before(e.retry) }

// recall is what the address said before, if it meets d or, for want of
// anything newer, why it does not. Without either, the address is to be asked.
func (e *entry) recall(d demand, now time.Time) (*piece, error) {
	if e.record != nil {
		p, err := e.record.about(d.cert, d.issuer)
		if err == nil {
			err = p.current(now)
		}
		if err == nil {
			if err = d.meets(p); err == nil {
				return p, nil
			}
			if isRevoked(err) || e.resting(now) {
				return nil, err
			}
		}
	}
	if e.resting(now) {
		return nil, e.failure
	}
	return nil, nil
}

// issuer asks for the certificate above cert; nil if there is none to be had.
func (c *Collector) issuer(ctx context.Context, cert *x509.Certificate) *x509.Certificate {
	for _, url := range firstFew(cert.IssuingCertificateURL) {
		if found := c.issuerAt(ctx, cert, url); found != nil {
			return found
		}
	}
	return nil
}

func (c *Collector) issuerAt(ctx context.Context, cert *x509.Certificate, url string) *x509.Certificate {
	e, err := c.memory.take(ctx, "issuer "+url)
	if err != nil {
		return nil
	}
	defer c.memory.put(e)
	if e.issuer != nil && issued(e.issuer, cert) {
		return e.issuer
	}
	now := c.Time()
	if e.resting(now) {
		return nil
	}
	der, err := c.get(ctx, question{url: url, limit: sohoa.MaxIssuerBytes})
	if err == nil {
		for _, found := range certificates(der) {
			if issued(found, cert) {
				e.issuer, e.failure = found, nil
				return found
			}
		}
		err = problem(sohoa.ErrVerification, "sign.evidence-answer", url)
	}
	e.fail(err, now)
	return nil
}
