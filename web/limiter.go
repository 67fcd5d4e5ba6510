package web

import (
	"sync"
	"time"

	"sohoa"
	"sohoa/signing/validation"
)

// Limits on what costs time or gives something away; those on guessing are in
// guesses.go.
const (
	checkBurst  = 10
	checkEvery  = 6 * time.Second
	lookupBurst = 20
	lookupEvery = 3 * time.Second
	limiterKeys = 10_000 // remembered at a time

	keyFailBurst = 20
	keyFailEvery = 6 * time.Second
	startBurst   = 30 // sign-ins by passkey or sign-on that are begun, by address
	startEvery   = 2 * time.Second
	personBurst  = 10
	personEvery  = 6 * time.Minute
	heldBurst    = 120
	heldEvery    = 3 * time.Second
)

// limiter lets burst events pass for each key, and one more each interval.
type limiter struct {
	now   func() time.Time
	burst int
	every time.Duration

	mu   sync.Mutex
	free map[string]time.Time // by key: when all of burst is free again
}

func newLimiter(now func() time.Time, burst int, every time.Duration) *limiter {
	return &limiter{now: now, burst: burst, every: every, free: map[string]time.Time{}}
}

// take reports whether one more event of key may pass.
func (l *limiter) take(key string) bool { return l.takeOf(key, l.burst, l.every) }

// full reports whether no event of key may pass now.
func (l *limiter) full(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, free := l.now(), l.free[key]
	return free.After(now) && free.Add(l.every).Sub(now) > time.Duration(l.burst)*l.every
}

// takeOf is take for a key with bounds of its own.
func (l *limiter) takeOf(key string, burst int, every time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	free := l.free[key]
	if free.Before(now) {
		free = now
	}
	if free.Add(every).Sub(now) > time.Duration(burst)*every {
		return false
	}
	if len(l.free) >= limiterKeys {
		l.forget(now)
	}
	l.free[key] = free.Add(every)
	return true
}

// reset forgets what key has used up.
func (l *limiter) reset(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.free, key)
}

// forget makes room: keys that are free again go first, then any.
func (l *limiter) forget(now time.Time) {
	for key, free := range l.free {
		if free.Before(now) {
			delete(l.free, key)
		}
	}
	for key := range l.free {
		if len(l.free) < limiterKeys {
			return
		}
		delete(l.free, key)
	}
}

// recent remembers for a while what has happened.
type recent struct {
	now   func() time.Time
	again time.Duration

	mu   sync.Mutex
	last map[string]time.Time
}

func newRecent(now func() time.Time, again time.Duration) *recent {
	return &recent{now: now, again: again, last: map[string]time.Time{}}
}

// has reports whether key was added less than r.again ago.
func (r *recent) has(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.last[key]
	return ok && r.now().Sub(at) < r.again
}

// add remembers key from now on.
func (r *recent) add(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if len(r.last) >= limiterKeys {
		for k, at := range r.last {
			if now.Sub(at) >= r.again {
				delete(r.last, k)
			}
		}
	}
	if len(r.last) >= limiterKeys {
		clear(r.last) // costs a second entry in the journal, no more
	}
	r.last[key] = now
}

// verdictAgain is how long a check of a stored file is shown beside it, and
// verdictKeys how many are remembered.
const (
	verdictAgain = 10 * time.Minute
	verdictKeys  = 200
)

// verdicts remembers for a while what stored files were found to be. Pages
// that say so in passing ask it; those about signatures check anew.
type verdicts struct {
	now func() time.Time

	mu    sync.Mutex
	found map[sohoa.Digest]*validation.Report
}

// of is the report of the file with a digest, from check if there is none.
func (v *verdicts) of(d sohoa.Digest, check func() (*validation.Report, error)) (*validation.Report, error) {
	v.mu.Lock()
	r := v.found[d]
	v.mu.Unlock()
	if r != nil && v.now().Sub(r.CheckedAt) < verdictAgain {
		return r, nil
	}
	r, err := check()
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.found) >= verdictKeys {
		clear(v.found)
	}
	v.found[d] = r
	return r, nil
}
