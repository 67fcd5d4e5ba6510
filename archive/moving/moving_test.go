package moving_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/moving"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
)

func folder(t *testing.T) *localfs.Store {
	t.Helper()
	s, err := localfs.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func plan(to moving.Blobs) moving.Plan {
	return moving.Plan{To: to, From: "here", Note: moving.Note{To: "there", Settings: "store = there"}}
}

func put(t *testing.T, b archive.Blobs, key, data string) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

// files are all files of a store by key, without notes.
func files(t *testing.T, b archive.Blobs) map[string]string {
	t.Helper()
	all := map[string]string{}
	for info, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if info.Key != moving.MovedKey && info.Key != moving.MovingKey {
			all[info.Key] = string(archivetest.ReadBlob(t, b, info.Key))
		}
	}
	return all
}

func code(err error) string { return sohoa.AsProblem(err).Code }

// TestStoreIsAStore runs the suite of all stores.
func TestStoreIsAStore(t *testing.T) {
	archivetest.Blobs(t, func(t *testing.T) archive.Blobs { return moving.New(folder(t)) })
}

// TestPowersAreThoseOfTheStore moves a store between Stat and PutOver: a tag is a
// condition for the store that it is of. A folder locks nothing.
func TestPowersAreThoseOfTheStore(t *testing.T) {
	s := moving.New(folder(t))
	put(t, s, "k", "one")
	before, err := s.Stat(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Move(t.Context(), plan(folder(t))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutOver(t.Context(), "k", before.Tag, strings.NewReader("two")); err != nil {
		t.Errorf("PutOver with the tag of the store of before = %v", err)
	}
	now, err := s.Stat(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutOver(t.Context(), "k", now.Tag, strings.NewReader("three")); err != nil {
		t.Errorf("PutOver = %v", err)
	}
	if _, err := s.PutOver(t.Context(), "k", now.Tag, strings.NewReader("late")); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("PutOver with an old tag = %v, want ErrConflict", err)
	}
	if got := string(archivetest.ReadBlob(t, s, "k")); got != "three" {
		t.Errorf("read %q, want three", got)
	}
	err = errors.Join(s.Retain(t.Context(), "k", time.Now().Add(time.Hour)), s.Hold(t.Context(), "k", true))
	if until, err2 := s.Retained(t.Context(), "k"); s.Retains() || !until.IsZero() || err != nil || err2 != nil {
		t.Errorf("a folder locks until %v: %v, %v", until, err, err2)
	}
}

// TestMoveWhileInUse moves a storage root to another place, and back, while
// objects come and get versions and working files come and go.
func TestMoveWhileInUse(t *testing.T) {
	where := archivetest.StartS3(t, "versitygw")
	bucket, err := s3.Open(t.Context(), s3.Config{Endpoint: where.Endpoint, AccessKey: where.AccessKey, SecretKey: where.SecretKey,
		Bucket: "sohoa", PathStyle: true, CreateBucket: true, SpoolDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	local := folder(t)
	s := moving.New(local)
	keeper, err := ocfl.Open(t.Context(), s, "ocfl")
	if err != nil {
		t.Fatal(err)
	}
	w := &writers{t: t, store: s, keeper: keeper, versions: map[ocfl.ID]int{}}
	w.written.L = &w.mu
	stop := w.start()
	for _, p := range []moving.Plan{
		{To: bucket, From: "local", Note: moving.Note{To: "s3"}},
		{To: local, From: "s3", Note: moving.Note{To: "local"}},
		{To: bucket, From: "local", Note: moving.Note{To: "s3"}},
	} {
		w.await(3)
		old := s.Now()
		if err := s.Move(t.Context(), p); err != nil {
			t.Fatalf("Move to %s = %v", p.Note.To, err)
		}
		if err := moving.Check(t.Context(), old); code(err) != "store.moved" {
			t.Errorf("the old store is still open to use: %v", err)
		}
		if err := moving.Check(t.Context(), p.To); err != nil {
			t.Errorf("the new store is not: %v", err)
		}
	}
	w.await(3)
	stop()
	w.check()
}

// writers use a store all the time.
type writers struct {
	t      *testing.T
	store  *moving.Store
	keeper *ocfl.Store

	mu       sync.Mutex
	versions map[ocfl.ID]int // acknowledged, by object
	rounds   int
	written  sync.Cond // on mu
}

// start writes until stop.
func (w *writers) start() (stop func()) {
	ctx, cancel := context.WithCancel(w.t.Context())
	var all sync.WaitGroup
	for n := range 2 {
		all.Go(func() {
			for round := 0; ctx.Err() == nil; round++ {
				if err := w.round(ctx, n, round); err != nil && ctx.Err() == nil {
					w.t.Errorf("writing while the store is moved: %v", err)
					w.written.Broadcast()
					return
				}
			}
		})
	}
	return func() {
		cancel()
		all.Wait()
	}
}

// round keeps a document from a working file, as the pipeline does, and gives
// it another version.
func (w *writers) round(ctx context.Context, n, round int) error {
	id := ocfl.NewID("test", fmt.Sprintf("%d-%04d", n, round))
	work := fmt.Sprintf("work/%d-%04d/", n, round)
	if _, err := w.store.Put(ctx, work+"original", strings.NewReader(string(id))); err != nil {
		return err
	}
	for v := 1; v <= 2; v++ {
		_, err := w.keeper.Commit(ctx, id, ocfl.Version{Expect: v - 1, Message: "kept", Files: map[string]ocfl.Content{
			"original": ocfl.Blob(work+"original", sohoa.Digest{}), "record": ocfl.Bytes(fmt.Appendf(nil, "%s %d", id, v))}})
		if err != nil {
			return err
		}
		w.mu.Lock()
		w.versions[id], w.rounds = v, w.rounds+1
		w.written.Broadcast()
		w.mu.Unlock()
	}
	return w.store.RemoveAll(ctx, work)
}

// await waits until something was written so many times.
func (w *writers) await(rounds int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for want := w.rounds + rounds; w.rounds < want && !w.t.Failed(); {
		w.written.Wait()
	}
}

func (w *writers) check() {
	w.t.Helper()
	if _, err := w.keeper.Recover(w.t.Context()); err != nil {
		w.t.Error(err)
	}
	if err := w.keeper.Validate(w.t.Context(), func(f ocfl.Finding) { w.t.Errorf("%+v", f) }); err != nil {
		w.t.Error(err)
	}
	for id, v := range w.versions {
		if o, err := w.keeper.Head(w.t.Context(), id); err != nil || o.Head < v {
			w.t.Errorf("%s: version %d, %v, want %d", id, o.Head, err, v)
		}
	}
	left := 0
	for range w.store.List(w.t.Context(), "work/") {
		left++
	}
	if left > 3 {
		w.t.Errorf("%d working files are left, want those of the last rounds at most", left)
	}
	w.t.Logf("%d objects", len(w.versions))
}

// TestEveryCrashLeavesOneTruth lets either store die at each change of a Move:
// one of the two is the archive, whole, and the Move goes on from there.
func TestEveryCrashLeavesOneTruth(t *testing.T) {
	t.Parallel()
	for name, mode := range archivetest.Modes {
		for _, which := range []string{"new", "old"} {
			t.Run(which+" store "+name, func(t *testing.T) {
				t.Parallel()
				for n := 1; crash(t, which, n, mode); n++ {
				}
			})
		}
	}
}

// crash reports whether there was a change for the failure.
func crash(t *testing.T, which string, n int, mode archivetest.Mode) bool {
	t.Helper()
	from, to := folder(t), folder(t)
	for _, key := range []string{"ocfl/a", "ocfl/b/c", "work/d"} {
		put(t, from, key, "what is under "+key)
	}
	put(t, to, moving.MovedKey, `{"to":"here"}`) // it was the archive's once
	put(t, to, "ocfl/a", "what WAS under ocfl/a")
	put(t, to, "ocfl/gone", "removed since")
	want := files(t, from)
	faulty := map[string]*archivetest.Faults{"new": archivetest.NewFaults(to, 0, mode), "old": archivetest.NewFaults(from, 0, mode)}
	faulty[which].FailAt(n)
	err := moving.New(faulty["old"]).Move(t.Context(), plan(faulty["new"]))
	happened := faulty[which].Changes() >= n
	if happened && err != nil && !errors.Is(err, archivetest.ErrFault) {
		t.Errorf("failure %d: Move = %v", n, err)
	}
	oldErr, newErr := moving.Check(t.Context(), from), moving.Check(t.Context(), to)
	switch {
	case oldErr == nil && newErr == nil:
		t.Errorf("failure %d: both stores open", n)
	case newErr == nil && !maps.Equal(files(t, to), want):
		t.Errorf("failure %d: the new store opens with %v", n, slices.Sorted(maps.Keys(files(t, to))))
	}
	if got := files(t, from); !maps.Equal(got, want) {
		t.Errorf("failure %d: the old store has %v", n, slices.Sorted(maps.Keys(got)))
	}
	if newErr != nil { // do it again
		done, err := moving.Finish(t.Context(), from, to, "there")
		if err == nil && !done {
			err = moving.New(from).Move(t.Context(), plan(to))
		}
		if err != nil {
			t.Errorf("failure %d: again = %v", n, err)
		}
	}
	if got := files(t, to); !maps.Equal(got, want) || moving.Check(t.Context(), to) != nil || code(moving.Check(t.Context(), from)) != "store.moved" {
		t.Errorf("failure %d: at the end the new store has %v, %v", n, slices.Sorted(maps.Keys(got)), moving.Check(t.Context(), to))
	}
	return happened
}

func TestMoveRefusesStoresOfOthers(t *testing.T) {
	from, to := folder(t), folder(t)
	put(t, from, "ocfl/a", "a")
	put(t, to, "ocfl/x", "x")
	for _, note := range []string{"", `{"to":"elsewhere"}`} {
		if note != "" {
			put(t, to, moving.MovedKey, note)
		}
		if err := moving.New(from).Move(t.Context(), plan(to)); code(err) != "move.other" {
			t.Errorf("Move over something else = %v", err)
		}
	}
	if got := files(t, to); got["ocfl/x"] != "x" || len(got) != 1 {
		t.Errorf("it has %v now", got)
	}
}
