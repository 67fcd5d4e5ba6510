package signing

import (
	"context"
	"errors"
	"sync"
	"time"
)

// An authority that failed rests for firstRest, twice as long each further
// time, at most longestRest.
const (
	firstRest   = 30 * time.Second
	longestRest = 10 * time.Minute
)

// errRests says that an authority was not askea.
var errRests = errors.New("the timestamp authority failed a moment ago and is not asked again yet")

// authority is a timestamp authority as this process knows it.
type authority struct {
	seats chan struct{} // one for each request under way

	mu    sync.Mutex
	until time.Time     // when its rest ends; guarded by mu
	rest  time.Duration // the last one; 0 after a success; guarded by mu
	at    time.Time     // of the last answer, or of its lack; zero is none yet; guarded by mu
	err   error         // of that; guarded by mu
}

// Answer is how the last request to a timestamp authority went.
type Answer struct {
	URL string
	At  time.Time // zero if it was not asked yet
	Err error     // nil of a good timestamp
}

// Answers tell how the last request to each authority went, in the order of
// URLs.
func (t *TSA) Answers() []Answer {
	all := make([]Answer, len(t.URLs))
	for i, url := range t.URLs {
		a := t.authority(url)
		a.mu.Lock()
		all[i] = Answer{url, a.at, a.err}
		a.mu.Unlock()
	}
	return all
}

// serve runs ask once there is a seat, and remembers whether it failed. It
// returns errRests if the authority is resting by then. A failure after ctx
// ended says nothing about the authority.
func (a *authority) serve(ctx context.Context, ask func() ([]byte, error)) ([]byte, error) {
	if a.resting() {
		return nil, errRests
	}
	select {
	case a.seats <- struct{}{}:
		defer func() { <-a.seats }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if a.resting() {
		return nil, errRests
	}
	token, err := ask()
	if ctx.Err() == nil {
		a.note(err)
	}
	return token, err
}

func (a *authority) resting() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Before(a.until)
}

// note remembers how a request went. Requests that were under way together
// count as one.
func (a *authority) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.at, a.err = time.Now(), err
	if err == nil {
		a.until, a.rest = time.Time{}, 0
		return
	}
	if now := time.Now(); !now.Before(a.until) {
		a.rest = min(max(2*a.rest, firstRest), longestRest)
		a.until = now.Add(a.rest)
	}
}
