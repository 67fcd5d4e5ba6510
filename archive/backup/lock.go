package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"syscall"
	"time"

	"sohoa"
)

// Use is what somebody does with a repository.
type Use string

// The uses. Any number may read, one beside them writes, and who removes is
// alone.
const (
	Read   Use = "read"
	Write  Use = "write"
	Remove Use = "remove"
)

func (u Use) goesWith(other Use) bool {
	return u != Remove && other != Remove && (u == Read || other == Read)
}

const (
	locksDir = "locks/"
	// lockRefresh is how often a lock is renewed, lockStale when one that was
	// not is nobody's.
	lockRefresh = 5 * time.Minute
	lockStale   = 30 * time.Minute
)

// holder is who holds a lock, as it is stored.
type holder struct {
	Use  Use       `json:"use"`
	Host string    `json:"host"`
	PID  int       `json:"pid"`
	Time time.Time `json:"time"` // when it was renewed
}

// gone reports whether nobody holds the lock any more.
func (h holder) gone(now time.Time) bool {
	host, _ := os.Hostname()
	if host == h.Host && h.PID != os.Getpid() && errors.Is(syscall.Kill(h.PID, 0), syscall.ESRCH) {
		return true
	}
	return now.Sub(h.Time) > lockStale
}

// Lock lets somebody use the repository until unlock is called, which it must
// be. It is the Problem "backup.locked" if another use of it does not go with
// that. ctx bounds the holding too; a lock that cannot be renewed ends the
// returned context.
func (r *Repository) Lock(ctx context.Context, use Use) (held context.Context, unlock func() error, err error) {
	host, _ := os.Hostname()
	h := holder{Use: use, Host: host, PID: os.Getpid(), Time: time.Now().UTC()}
	key := locksDir + rand.Text() + ".json"
	if err := r.putLock(ctx, key, h); err != nil {
		return nil, nil, err
	}
	clean := context.WithoutCancel(ctx)
	if err := r.checkLocks(ctx, key, use); err != nil {
		return nil, nil, errors.Join(err, r.store.Remove(clean, key))
	}
	held, stop := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.renewLock(held, stop, key, h)
	}()
	return held, func() error {
		stop(nil)
		<-ended
		return r.store.Remove(clean, key)
	}, nil
}

func (r *Repository) renewLock(ctx context.Context, stop context.CancelCauseFunc, key string, h holder) {
	tick := time.NewTicker(lockRefresh)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		renewed := h
		renewed.Time = time.Now().UTC()
		if err := r.putLock(ctx, key, renewed); err == nil {
			h = renewed
		} else if time.Since(h.Time) > lockStale-lockRefresh {
			stop(err)
			return
		}
	}
}

func (r *Repository) putLock(ctx context.Context, key string, h holder) error {
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	_, err = r.store.Put(ctx, key, bytes.NewReader(b))
	return err
}

// checkLocks looks for others who came before, or at the same moment. Locks
// that nobody holds are removed.
func (r *Repository) checkLocks(ctx context.Context, own string, use Use) error {
	for info, err := range r.store.List(ctx, locksDir) {
		if err != nil {
			return err
		}
		if info.Key == own {
			continue
		}
		var h holder
		b, err := r.small(ctx, info.Key)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if json.Unmarshal(b, &h) != nil || h.gone(time.Now()) {
			if err := r.store.Remove(ctx, info.Key); err != nil && !errors.Is(err, sohoa.ErrNotExist) {
				return err
			}
			continue
		}
		if !use.goesWith(h.Use) {
			return problem(sohoa.ErrConflict, "backup.locked", h.Host, h.Time.In(sohoa.Hanoi).Format("15:04 02/01/2006"))
		}
	}
	return nil
}
