package postgres

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// pollInterval is how often Wait looks by itself, should notices be lost.
	pollInterval = 2 * time.Second
	// listenPause is the pause before listening again after a broken connection.
	listenPause = time.Second
)

// headWatch tells waiters about new journal entries. It has a connection that
// listens for those of other processes, from the first listen on.
type headWatch struct {
	pool  *pgxpool.Pool
	start sync.Once
	ctx   context.Context // of the listener
	stop  context.CancelFunc
	done  sync.WaitGroup

	mu      sync.Mutex
	seq     uint64
	changed chan struct{} // closed and replaced when seq grows
}

func newHeadWatch(pool *pgxpool.Pool) *headWatch {
	h := &headWatch{pool: pool, changed: make(chan struct{})}
	h.ctx, h.stop = context.WithCancel(context.Background())
	return h
}

// close ends the listener.
func (h *headWatch) close() {
	h.start.Do(func() {}) // none starts any more
	h.stop()
	h.done.Wait()
}

// listen starts the listener if it is not there yet.
func (h *headWatch) listen() {
	h.start.Do(func() { h.done.Go(h.run) })
}

// run listens until close, over as many connections as it takes. What is
// missed meanwhile is found by those who wait, who look for themselves.
func (h *headWatch) run() {
	for h.ctx.Err() == nil {
		_ = h.follow()
		select {
		case <-h.ctx.Done():
		case <-time.After(listenPause):
		}
	}
}

// follow listens on one connection until it breaks.
func (h *headWatch) follow() error {
	pooled, err := h.pool.Acquire(h.ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack()
	defer conn.Close(context.WithoutCancel(h.ctx))
	if _, err := conn.Exec(h.ctx, `LISTEN sohoa_journal`); err != nil {
		return err
	}
	for {
		n, err := conn.WaitForNotification(h.ctx)
		if err != nil {
			return err
		}
		if seq, err := strconv.ParseUint(n.Payload, 10, 64); err == nil {
			h.advance(seq)
		}
	}
}

func (h *headWatch) advance(seq uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if seq > h.seq {
		h.seq = seq
		close(h.changed)
		h.changed = make(chan struct{})
	}
}

// state returns the newest known sequence number and a channel that is
// closed when it grows.
func (h *headWatch) state() (uint64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.seq, h.changed
}
