package moving

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
)

// Keys of the notes at the top of a store.
const (
	MovedKey  = "moved.json"
	MovingKey = "moving.json"
)

func isNote(key string) bool { return key == MovedKey || key == MovingKey }

// Note is what MovedKey and MovingKey hold.
type Note struct {
	To       string    `json:"to"`       // the new store, e.g. "s3 archive.example/bucket/prefix"
	Settings string    `json:"settings"` // with which an archive uses it
	Time     time.Time `json:"time"`     // when the moving began
}

// Plan says where a store is moved.
type Plan struct {
	To       Blobs
	Note     Note
	From     string                                         // the old store, as Note.To names stores
	Rate     int64                                          // bytes a second that are copied at most; 0 is no bound
	Alone    func(context.Context) (done func(), err error) // optional: waits until no other process has the old store open, and keeps it so until done
	Progress func(Progress)                                 // optional
}

// Progress says how far a Move is.
type Progress struct {
	Phase  string `json:"phase"`  // "copy", "catch-up", "switch", "done"
	Seen   int64  `json:"seen"`   // files looked at
	Copied int64  `json:"copied"` // files
	Bytes  int64  `json:"bytes"`  // copied
}

const (
	copiesAtOnce = 4
	// fewDirty is how many changed keys may be left for the switch, during
	// which writers wait.
	fewDirty = 8
	// catchUps bounds how often changes are caught up with before the switch
	// takes place all the same.
	catchUps = 10
)

// Read returns a note; sohoa.ErrNotExist if there is none.
func Read(ctx context.Context, b archive.Blobs, key string) (n Note, err error) {
	f, err := b.Open(ctx, key)
	if err != nil {
		return n, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err := errors.Join(err, f.Close()); err != nil {
		return n, err
	}
	if err := json.Unmarshal(data, &n); err != nil {
		return n, fmt.Errorf("%s: %w: %w", key, sohoa.ErrVerification, err)
	}
	return n, nil
}

// Check refuses a store that was moved (the Problem "store.moved") or that is
// not whole yet ("store.moving").
func Check(ctx context.Context, b archive.Blobs) error {
	for key, code := range map[string]string{MovedKey: "store.moved", MovingKey: "store.moving"} {
		n, err := Read(ctx, b, key)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("open object store: %w", err)
		}
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: code, Args: []string{n.To, n.Settings}}
	}
	return nil
}

func write(ctx context.Context, b archive.Blobs, key string, n Note) error {
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = b.Put(ctx, key, bytes.NewReader(data))
	return err
}

// Finish ends a Move that was cut off after the switch: old has the note that
// it was moved to where to is.
func Finish(ctx context.Context, old, to Blobs, want string) (done bool, err error) {
	n, err := Read(ctx, old, MovedKey)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && n.To != want {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = gone(to.Remove(ctx, MovingKey))
	return err == nil, err
}

// Move moves the store and switches to the new one. One Move at a time. The
// new store is empty, or one that an earlier Move of this archive began to
// fill or moved away from; else it is the Problem "move.other".
func (s *Store) Move(ctx context.Context, p Plan) error {
	m := &move{Store: s, Plan: p, from: s.Now(), begun: time.Now()}
	m.limit.rate = p.Rate
	if err := m.prepare(ctx); err != nil {
		return fmt.Errorf("move object store: %w", err)
	}
	s.watch(true)
	defer s.watch(false)
	for _, step := range []func(context.Context) error{m.copy, m.catchUp} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("move object store: %w", err)
		}
	}
	return nil
}

// move is one Move.
type move struct {
	*Store
	Plan
	from  Blobs
	begun time.Time
	again bool // everything was compared once
	limit limiter

	mu   sync.Mutex
	done Progress // guarded by mu
}

func (m *move) phase(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done.Phase = name
	if m.Progress != nil {
		m.Progress(m.done)
	}
}

func (m *move) count(copied bool, size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done.Seen++
	if copied {
		m.done.Copied++
		m.done.Bytes += size
	}
	if m.Progress != nil {
		m.Progress(m.done)
	}
}

// prepare notes in the new store that it is not whole. One that was the
// archive's before has a note of its own; that goes only now.
func (m *move) prepare(ctx context.Context) error {
	ours, err := m.ours(ctx)
	if err != nil {
		return err
	}
	if !ours {
		for info, err := range m.To.List(ctx, "") {
			if err != nil {
				return err
			}
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "move.other", Args: []string{info.Key}}
		}
	}
	if err := write(ctx, m.To, MovingKey, m.Note); err != nil {
		return err
	}
	return gone(m.To.Remove(ctx, MovedKey))
}

// gone is the error of a removal of what may not be there.
func gone(err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil
	}
	return err
}

// ours reports whether the new store belongs to this archive already.
func (m *move) ours(ctx context.Context) (bool, error) {
	for key, to := range map[string]string{MovingKey: m.Note.To, MovedKey: m.From} {
		n, err := Read(ctx, m.To, key)
		if err == nil && n.To == to {
			return true, nil
		}
		if gone(err) != nil {
			return false, err
		}
	}
	return false, nil
}

// copy brings over what is there.
func (m *move) copy(ctx context.Context) error {
	m.phase("copy")
	err := m.mirror(ctx)
	m.again = true
	return err
}

// pair is a key with what each store has under it.
type pair struct {
	key      string
	from, to *archive.BlobInfo // nil for nothing
}

// mirror makes the new store what the old one is, as far as nothing changes
// meanwhile.
func (m *move) mirror(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	pairs := make(chan pair)
	g.Go(func() error {
		defer close(pairs)
		return beside(m.from.List(ctx, ""), m.To.List(ctx, ""), func(p pair) error {
			select {
			case pairs <- p:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	for range copiesAtOnce {
		g.Go(func() error {
			for p := range pairs {
				if err := m.pair(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (m *move) pair(ctx context.Context, p pair) error {
	if isNote(p.key) {
		return nil
	}
	same, err := m.same(ctx, p)
	if err != nil {
		return err
	}
	if same {
		m.count(false, 0)
		return nil
	}
	size := int64(0)
	if p.from != nil {
		size = p.from.Size
	}
	if err := m.limit.wait(ctx, size); err != nil {
		return err
	}
	if err := bringKey(ctx, m.from, m.To, p.key); err != nil {
		return err
	}
	m.count(true, size)
	return nil
}

// settled is how long before the move began a file must have been stored for
// its time to tell that it is as it was when it was compared: clocks differ.
const settled = time.Hour

// same reports whether both stores have the same under a key. The first time
// the digests tell; after that the old store's time does.
func (m *move) same(ctx context.Context, p pair) (bool, error) {
	if p.from == nil || p.to == nil || p.from.Size != p.to.Size {
		return false, nil
	}
	if m.again && m.begun.Sub(p.from.Modified) > settled {
		return true, nil
	}
	a, err := digest(ctx, m.from, p.key)
	if err != nil {
		return false, gone(err)
	}
	b, err := digest(ctx, m.To, p.key)
	if errors.Is(err, sohoa.ErrVerification) {
		return false, nil
	}
	return a == b, gone(err)
}

// digest is what the store knows the bytes under a key to be, or what they are.
func digest(ctx context.Context, b archive.Blobs, key string) (sohoa.Digest, error) {
	info, err := b.Stat(ctx, key)
	if err != nil || !info.Digest.IsZero() {
		return info.Digest, err
	}
	d, _, err := archive.DigestOf(ctx, b, key)
	return d, err
}

// beside walks two listings, both sorted by key, side by side.
func beside(a, b iter.Seq2[archive.BlobInfo, error], each func(pair) error) error {
	nextA, stopA := iter.Pull2(a)
	defer stopA()
	nextB, stopB := iter.Pull2(b)
	defer stopB()
	x, errA, okA := nextA()
	y, errB, okB := nextB()
	for okA || okB {
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		p := pair{}
		inA, inB := okA && (!okB || x.Key <= y.Key), okB && (!okA || y.Key <= x.Key)
		if inA {
			had := x
			p.key, p.from = x.Key, &had
			x, errA, okA = nextA()
		}
		if inB {
			had := y
			p.key, p.to = y.Key, &had
			y, errB, okB = nextB()
		}
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}

// catchUp brings over what changed while it copied, and switches.
func (m *move) catchUp(ctx context.Context) error {
	m.phase("catch-up")
	if err := m.drain(ctx); err != nil {
		return err
	}
	if m.Alone != nil {
		done, err := m.Alone(ctx)
		if err != nil {
			return err
		}
		defer done()
	}
	// Other processes have changed things without telling this one.
	if err := m.mirror(ctx); err != nil {
		return err
	}
	if err := m.drain(ctx); err != nil {
		return err
	}
	m.phase("switch")
	if err := m.switchOver(ctx); err != nil {
		return err
	}
	m.phase("done")
	return nil
}

// drain brings over what changed, until little changes any more.
func (m *move) drain(ctx context.Context) error {
	for range catchUps {
		keys := m.take()
		if err := m.bringAll(ctx, keys); err != nil {
			return err
		}
		if len(keys) <= fewDirty {
			return nil
		}
	}
	return nil
}

func (m *move) bringAll(ctx context.Context, keys []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(copiesAtOnce)
	for _, key := range keys {
		g.Go(func() error {
			m.count(true, 0)
			return bring(ctx, m.from, m.To, key)
		})
	}
	return g.Wait()
}

// switchOver is the moment of the switch. Writers that are at their end wait;
// they bring their own changes over afterwards. The note in the old store
// decides: before it the old store is the archive's, from it on the new one.
func (m *move) switchOver(ctx context.Context) error {
	m.Store.mu.Lock()
	defer m.Store.mu.Unlock()
	if err := m.bringAll(ctx, m.take()); err != nil {
		return err
	}
	if err := write(ctx, m.from, MovedKey, m.Note); err != nil {
		// Whether it is there is not known; if it is not, the old store goes on.
		if _, there := Read(context.WithoutCancel(ctx), m.from, MovedKey); there != nil {
			return err
		}
	}
	m.now, m.moves = m.To, m.moves+1
	return gone(m.To.Remove(ctx, MovingKey))
}

// readBack compares what a store has under a key with what was put there.
func readBack(ctx context.Context, b archive.Blobs, want archive.BlobInfo) error {
	got, n, err := archive.DigestOf(ctx, b, want.Key)
	if errors.Is(err, sohoa.ErrNotExist) {
		return nil // removed meanwhile, which will be told
	}
	if err != nil {
		return err
	}
	if n != want.Size || got != want.Digest {
		return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{want.Key}}
	}
	return nil
}

// limiter spreads bytes over time.
type limiter struct {
	rate int64 // a second; 0 is no bound

	mu   sync.Mutex
	free time.Time // guarded by mu: when the next may begin
}

func (l *limiter) wait(ctx context.Context, size int64) error {
	if l.rate <= 0 {
		return ctx.Err()
	}
	l.mu.Lock()
	at := l.free
	if now := time.Now(); at.Before(now) {
		at = now
	}
	l.free = at.Add(time.Duration(float64(size) / float64(l.rate) * float64(time.Second)))
	l.mu.Unlock()
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
