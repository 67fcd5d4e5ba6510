package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"sohoa"
)

// ledger is what the campaign knows beside the server: what was sent, and what
// the server answered. Every line of its file is written before anybody acts
// on it.
type ledger struct {
	mu       sync.Mutex
	file     *os.File
	items    []*item                    // in order of N; guarded by mu
	byID     map[sohoa.DocumentID]*item // acknowledged; guarded by mu
	byBytes  map[contents]*item         // sent; guarded by mu
	sets     map[sohoa.SetID]bool       // that were answered; guarded by mu
	dossiers map[string]bool            // that were answered; guarded by mu
}

// contents are bytes in a dossier: the same are the same document.
type contents struct {
	dossier string
	digest  sohoa.Digest
}

// item is one paper and what became of it.
type item struct {
	paper
	Dossier string       `json:"dossier"`
	Digest  sohoa.Digest `json:"digest"`
	Held    bool         `json:"held,omitempty"`

	id       sohoa.DocumentID // zero until it is acknowledged
	state    sohoa.State      // last seen
	signed   bool             // its own signature was seen
	taken    bool             // somebody is at it: it is being arranged, or in a set
	pages    string           // arrangement that was acknowledged; empty is as it came
	released bool             // its release was acknowledged
	checked  int              // revision at the last check
}

// line is a line of the file.
type line struct {
	Time  time.Time        `json:"time"`
	Event string           `json:"event"` // sent, acknowledged, arranged, released, set, dossier
	Item  *item            `json:"item,omitempty"`
	N     int              `json:"n,omitempty"`
	ID    sohoa.DocumentID `json:"id,omitzero"`
	What  string           `json:"what,omitempty"`
}

func newLedger(name string) (*ledger, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &ledger{file: f, byID: map[sohoa.DocumentID]*item{}, byBytes: map[contents]*item{}, sets: map[sohoa.SetID]bool{},
		dossiers: map[string]bool{}}, nil
}

// write adds a line; the caller has mu.
func (l *ledger) write(e line) {
	e.Time = time.Now().UTC()
	b, err := json.Marshal(e)
	if err == nil {
		_, err = l.file.Write(append(b, '\n'))
	}
	if err != nil {
		panic(fmt.Sprintf("the campaign's own books: %v", err))
	}
}

// send enters a paper that is about to be sent.
func (l *ledger) send(p paper, dossier string, held bool) (*item, []byte) {
	l.mu.Lock()
	p.N = len(l.items)
	i := &item{paper: p, Dossier: dossier, Held: held}
	l.items = append(l.items, i)
	l.mu.Unlock()
	b := p.bytes()
	l.mu.Lock()
	defer l.mu.Unlock()
	i.Digest = sohoa.Sum(b)
	l.byBytes[contents{dossier, i.Digest}] = i
	l.write(line{Event: "sent", Item: i})
	return i, b
}

// acknowledge enters the server's answer. Another one than before is a
// violation.
func (l *ledger) acknowledge(i *item, id sohoa.DocumentID) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !i.id.IsZero() && i.id != id {
		return violated("paper %d is %s, and was acknowledged as %s before", i.N, id, i.id)
	}
	if other := l.byID[id]; other != nil && other != i {
		return violated("paper %d was acknowledged as %s, which is paper %d", i.N, id, other.N)
	}
	i.id = id
	l.byID[id] = i
	l.write(line{Event: "acknowledged", N: i.N, ID: id})
	return nil
}

// note changes an item and writes a line.
func (l *ledger) note(i *item, event, what string, change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	l.write(line{Event: event, N: i.N, ID: i.id, What: what})
}

// with calls f with the books open.
func (l *ledger) with(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f()
}

// acknowledged are the items that have been.
func (l *ledger) acknowledged() []*item {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []*item
	for _, i := range l.items {
		if !i.id.IsZero() {
			all = append(all, i)
		}
	}
	return all
}

// pick draws up to n acknowledged items for which ok holds, and marks them as
// taken if take is set.
func (l *ledger) pick(random *rand.Rand, n int, take bool, ok func(*item) bool) []*item {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []*item
	for range 20 * n {
		if len(l.items) == 0 || len(found) == n {
			break
		}
		i := l.items[random.IntN(len(l.items))]
		if !i.id.IsZero() && !contains(found, i) && ok(i) {
			i.taken = i.taken || take
			found = append(found, i)
		}
	}
	return found
}

func contains(list []*item, i *item) bool {
	for _, other := range list {
		if other == i {
			return true
		}
	}
	return false
}
