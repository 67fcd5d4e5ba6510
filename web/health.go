package web

import (
	"context"
	"strconv"
	"sync"
	"time"

	"sohoa"
)

// HealthState is how something is.
type HealthState string

// The states.
const (
	HealthGood HealthState = "good"
	HealthWarn HealthState = "warn" // it works, and somebody should look
	HealthBad  HealthState = "bad"  // it does not work
)

// HealthPart is how one part of the installation is.
type HealthPart struct {
	Name    string         // database, store.first, store.second, index, queue, parked, fixity, disk, certificate, tsa, workers, backup
	Of      string         // which one, where there are several
	State   HealthState    //
	Value   string         // a figure without words
	At      time.Time      // what it is about: the end of a certificate, the last answer
	Problem *sohoa.Problem // why it is not good
}

// Healthy is a part with its Problem, if it has one.
func Healthy(name string, p *sohoa.Problem, otherwise HealthState) HealthPart {
	if p == nil {
		return HealthPart{Name: name, State: HealthGood}
	}
	return HealthPart{Name: name, State: otherwise, Problem: p}
}

// Times of health checks.
const (
	healthTime  = 5 * time.Second // that one check of everything may take
	healthEvery = 5 * time.Second // how old an answer to strangers may be
	queueLate   = time.Hour       // after which work that waits is told of
)

// health asks every part how it is. Parts that concern the whole installation
// are told to those who see to it.
func (s *Server) health(ctx context.Context) []HealthPart {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	parts := []HealthPart{s.databaseHealth(ctx)}
	parts = append(parts, s.storeHealth(ctx)...)
	if s.cfg.IndexHealth != nil {
		parts = append(parts, s.indexHealth())
	}
	parts = append(parts, s.queueHealth(ctx)...)
	if s.cfg.Health != nil {
		parts = append(parts, s.cfg.Health(ctx)...)
	}
	return append(parts, s.hookHealth(ctx)...)
}

func failing(name string, err error) HealthPart {
	return HealthPart{Name: name, State: HealthBad, Problem: sohoa.AsProblem(err)}
}

func (s *Server) databaseHealth(ctx context.Context) HealthPart {
	head, err := s.cfg.Catalog.Head(ctx)
	if err != nil {
		return failing("database", err)
	}
	return HealthPart{Name: "database", State: HealthGood, Value: strconv.FormatUint(head, 10)}
}

// storeHealth is how the copies are: whether their stores answer, what is
// behind, and what was found and not repaired.
func (s *Server) storeHealth(ctx context.Context) []HealthPart {
	k, err := s.copyKeeper()
	if err != nil {
		return nil
	}
	state, err := k.Copies(ctx)
	if err != nil {
		return []HealthPart{failing("store.first", err)}
	}
	var parts []HealthPart
	for _, c := range state.Copies {
		p := Healthy("store."+string(c.Name), c.Problem, HealthBad)
		p.At = c.Since
		parts = append(parts, p)
	}
	fixity := HealthPart{Name: "fixity", State: HealthGood, Value: strconv.Itoa(state.Open)}
	for _, c := range state.Copies {
		if c.Overdue {
			fixity = Healthy("fixity", newProblem(sohoa.ErrUnavailable, "health.unread"), HealthWarn)
		}
	}
	if state.Open > 0 {
		fixity = Healthy("fixity", newProblem(sohoa.ErrUnavailable, "health.damaged", strconv.Itoa(state.Open)), HealthBad)
	}
	parts = append(parts, fixity)
	if state.Second && state.Overdue > 0 {
		parts = append(parts, Healthy("behind", newProblem(sohoa.ErrUnavailable, "health.behind", strconv.Itoa(state.Overdue)), HealthWarn))
	}
	return parts
}

func (s *Server) indexHealth() HealthPart {
	h, err := s.cfg.IndexHealth()
	switch {
	case err != nil:
		return failing("index", err)
	case h.Rebuilding:
		return Healthy("index", newProblem(sohoa.ErrUnavailable, "health.rebuilding"), HealthWarn)
	case len(h.Damaged) > 0 || h.Verified != nil && !h.Verified.Sound() && !h.Verified.Repaired:
		return Healthy("index", newProblem(sohoa.ErrUnavailable, "health.index"), HealthWarn)
	}
	return HealthPart{Name: "index", State: HealthGood, Value: strconv.FormatUint(h.Pages, 10)}
}

// queueHealth is how work stands: what waits for long, and what is parked.
func (s *Server) queueHealth(ctx context.Context) []HealthPart {
	jobs, err := s.jobs(ctx)
	if err != nil {
		return []HealthPart{failing("queue", err)}
	}
	waiting, oldest := 0, time.Duration(0)
	for _, j := range jobs {
		waiting += j.Waiting + j.Running + j.Retrying
		oldest = max(oldest, j.Oldest)
	}
	part := HealthPart{Name: "queue", State: HealthGood, Value: strconv.Itoa(waiting)}
	if oldest > queueLate {
		part = Healthy("queue", newProblem(sohoa.ErrUnavailable, "health.queue", strconv.Itoa(waiting), strconv.Itoa(int(oldest.Hours()))), HealthWarn)
	}
	states, err := s.cfg.Catalog.States(ctx, scopeOf(ctx))
	if err != nil {
		return []HealthPart{part, failing("parked", err)}
	}
	parked := HealthPart{Name: "parked", State: HealthGood, Value: "0"}
	if n := states[sohoa.StateParked]; n > 0 {
		parked = Healthy("parked", newProblem(sohoa.ErrUnavailable, "health.parked", strconv.Itoa(n)), HealthWarn)
	}
	return []HealthPart{part, parked}
}

// hookHealth are the webhooks that are not served any more.
func (s *Server) hookHealth(ctx context.Context) []HealthPart {
	all, err := s.cfg.Catalog.Webhooks(ctx)
	if err != nil {
		return []HealthPart{failing("webhook", err)}
	}
	var parts []HealthPart
	for _, h := range all {
		if !h.Disabled.IsZero() {
			p := Healthy("webhook", h.Problem, HealthWarn)
			p.Of, p.At, p.State = h.Key, h.Disabled, HealthWarn
			parts = append(parts, p)
		}
	}
	return parts
}

// pulse is whether the service works, as strangers are told it: asked for
// again only after a while, since anybody may ask.
type pulse struct {
	mu   sync.Mutex
	at   time.Time
	good bool
}

// beat asks, unless the last answer is fresh.
func (p *pulse) beat(now time.Time, ask func() bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at.IsZero() || now.Sub(p.at) >= healthEvery || now.Before(p.at) {
		p.good, p.at = ask(), now
	}
	return p.good
}

// works reports whether the database and the first store answer.
func (s *Server) works(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthTime)
	defer cancel()
	parts := append(s.storeHealth(ctx), s.databaseHealth(ctx))
	for _, p := range parts {
		if p.State == HealthBad && (p.Name == "database" || p.Name == "store.first") {
			return false
		}
	}
	return true
}
