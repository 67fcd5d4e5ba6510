package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sohoa"
)

// newsKept is how many entries of the journal are kept for streams that are
// behind; what is older they read themselves.
const newsKept = 2000

// news is what happens in the journal, read once for all event streams of this
// process. While nobody follows it reads nothing.
type news struct {
	s *Server

	mu        sync.Mutex
	followers int
	stop      context.CancelFunc // of the reader
	from      uint64             // entries are those after it
	entries   []sohoa.Entry      // the newest, without gaps
	changed   chan struct{}      // closed when there are more, or the reader failed
	failed    error              // why the reader ended
	told      map[string]*telling
}

// telling is the state of one document for those who may see the same, as long
// as nothing happens.
type telling struct {
	once sync.Once
	data []byte // JSON; nil where they may not see it
	err  error
}

func newNews(s *Server) *news {
	return &news{s: s, changed: make(chan struct{}), told: map[string]*telling{}}
}

// join begins to follow; the function that it returns ends that.
func (n *news) join(ctx context.Context) (func(), error) {
	head, err := n.s.cfg.Catalog.Head(ctx)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.followers++; n.followers == 1 {
		n.from, n.entries, n.failed = head, nil, nil
		var reading context.Context
		reading, n.stop = context.WithCancel(n.s.ended)
		go n.read(reading, head)
	}
	return n.leave, nil
}

func (n *news) leave() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.followers--; n.followers == 0 {
		n.stop()
	}
}

// read adds what happens until ctx ends. A burst is added once.
func (n *news) read(ctx context.Context, after uint64) {
	for {
		err := n.s.cfg.Catalog.Wait(ctx, after)
		var more []sohoa.Entry
		if err == nil {
			more, err = n.s.cfg.Catalog.Entries(ctx, after, eventBatch)
		}
		if !n.add(ctx, more, err) || err != nil {
			return
		}
		if len(more) > 0 {
			after = more[len(more)-1].Seq
		}
		select {
		case <-time.After(eventPause):
		case <-ctx.Done():
			return
		}
	}
}

// add takes up entries and wakes whoever waits. After an error no more come:
// streams end with it, and browsers begin them again. It reports false from a
// reader that was stopped, whose place another may have taken.
func (n *news) add(ctx context.Context, more []sohoa.Entry, err error) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	n.failed = err
	n.entries = append(n.entries, more...)
	if over := len(n.entries) - newsKept; over > 0 {
		n.from += uint64(over)
		n.entries = slices.Clone(n.entries[over:])
	}
	clear(n.told)
	close(n.changed)
	n.changed = make(chan struct{})
	return true
}

// after waits for entries after seq and returns the first of them.
func (n *news) after(ctx context.Context, seq uint64) ([]sohoa.Entry, error) {
	for {
		n.mu.Lock()
		from, entries, changed, failed := n.from, n.entries, n.changed, n.failed
		n.mu.Unlock()
		if seq < from {
			return n.s.cfg.Catalog.Entries(ctx, seq, eventBatch)
		}
		if at := seq - from; at < uint64(len(entries)) {
			return entries[at:min(uint64(len(entries)), at+eventBatch)], nil
		}
		if failed != nil {
			return nil, failed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// tell is the state of a document as JSON, for whoever asks in ctx; nil if they
// may not see it. The catalogue decides that, once for all who may do the same
// and read the same language.
func (n *news) tell(ctx context.Context, id sohoa.DocumentID) ([]byte, error) {
	scope := scopeOf(ctx)
	key := fmt.Sprintf("%s %s %v %q", id, visitOf(ctx).lang, scope.All, scope.Agencies)
	n.mu.Lock()
	one := n.told[key]
	if one == nil {
		one = &telling{}
		n.told[key] = one
	}
	n.mu.Unlock()
	one.once.Do(func() {
		one.data, one.err = n.state(ctx, scope, id)
		if one.err != nil { // perhaps of this reader alone, who went away
			n.mu.Lock()
			defer n.mu.Unlock()
			if n.told[key] == one {
				delete(n.told, key)
			}
		}
	})
	if one.err != nil {
		return n.state(ctx, scope, id)
	}
	return one.data, nil
}

func (n *news) state(ctx context.Context, scope sohoa.Scope, id sohoa.DocumentID) ([]byte, error) {
	doc, err := n.s.cfg.Catalog.Document(ctx, scope, id)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(n.s.viewDocument(ctx, doc))
}
