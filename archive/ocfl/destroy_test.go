package ocfl_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
)

// neighbour is another object than that of ulid.
const neighbour = "01ARZ3NDEKTSV4RRFFQ69G5FAW"

// TestDestroy destroys an object with two versions; its neighbour stays.
func TestDestroy(t *testing.T) {
	b, id, v := prepare(t, 1)
	s := open(t, b)
	commit(t, s, id, v)
	other := document(t, neighbour)
	commit(t, s, other, first(t, b))
	files, versions, err := s.Contents(t.Context(), id)
	if err != nil || versions != 2 || len(files) != 6 {
		t.Fatalf("Contents = %d files of %d versions, %v, want the 6 of both", len(files), versions, err)
	}
	for _, f := range files {
		if !strings.Contains(f.Path, "/content/") || f.Digest.IsZero() || f.Size <= 0 {
			t.Errorf("Contents has %+v", f)
		}
	}
	for range 2 { // doing it again does nothing
		if err := s.Destroy(t.Context(), id); err != nil {
			t.Fatalf("Destroy = %v", err)
		}
	}
	if key, err := s.Remains(t.Context(), id); key != "" || err != nil {
		t.Errorf("Remains = %q, %v, want nothing", key, err)
	}
	for _, key := range list(t, b) {
		if strings.Contains(key, ulid) {
			t.Errorf("%s is left", key)
		}
	}
	if _, err := s.Head(t.Context(), id); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Head = %v, want ErrNotExist", err)
	}
	if _, err := s.Head(t.Context(), other); err != nil {
		t.Errorf("Head of its neighbour = %v", err)
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("findings %q, want none", got)
	}
}

// TestDestroyCutOff lets the store fail at every change, in every mode, and
// then finishes in each of the ways that there are.
func TestDestroyCutOff(t *testing.T) {
	finish := map[string]func(*ocfl.Store, ocfl.ID) error{
		"destroyed again": func(s *ocfl.Store, id ocfl.ID) error { return s.Destroy(t.Context(), id) },
		"recovered":       func(s *ocfl.Store, _ ocfl.ID) error { _, err := s.Recover(t.Context()); return err },
		"its own":         func(s *ocfl.Store, id ocfl.ID) error { return s.RecoverObject(t.Context(), id) },
	}
	for name, mode := range archivetest.Modes {
		for way, end := range finish {
			n := 1
			for ; destroyCutOff(t, cut{1, n, mode}, fmt.Sprintf("%s, %s, at %d", name, way, n), end); n++ {
			}
			if n < 8 {
				t.Errorf("%s: Destroy took %d changes, want more", name, n-1)
			}
		}
	}
}

func destroyCutOff(t *testing.T, c cut, at string, end func(*ocfl.Store, ocfl.ID) error) bool {
	t.Helper()
	b, id, _ := prepare(t, c.expect)
	s, faults := onFaults(t, b, c.n, c.mode)
	err := s.Destroy(t.Context(), id)
	reached := faults.Changes() >= c.n
	if err == nil == reached && !c.mode.After {
		t.Errorf("%s: Destroy = %v", at, err)
	}
	s = open(t, b)
	noted := pending(t, b) > 0
	if noted || !reached {
		if err := end(s, id); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
	key, remains := s.Remains(t.Context(), id)
	if remains != nil || key != "" && (noted || !reached) {
		t.Errorf("%s: Remains = %q, %v, want nothing", at, key, remains)
	}
	if !noted && reached && key != "" { // it had not begun
		if _, err := s.Head(t.Context(), id); err != nil {
			t.Errorf("%s: nothing was noted, yet Head = %v", at, err)
		}
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("%s: findings %q, want none", at, got)
	}
	return reached
}

// versioned is a store whose Remove leaves the bytes, as a versioned bucket
// does; keys in locked cannot be purged.
type versioned struct {
	archive.Blobs
	archive.Eraser
	mu     sync.Mutex
	purged int
	locked string
}

func (v *versioned) Purge(ctx context.Context, key string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.locked != "" && strings.HasSuffix(key, v.locked) {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "store.locked", Args: []string{key}}
	}
	v.purged++
	if err := v.Eraser.Remove(ctx, key); !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	return nil
}

func (v *versioned) PurgeAll(ctx context.Context, prefix string) error {
	var errs []error
	for info, err := range v.Blobs.List(ctx, prefix) {
		if err != nil {
			return err
		}
		errs = append(errs, v.Purge(ctx, info.Key))
	}
	return errors.Join(errs...)
}

// TestDestroyOnVersionedStore purges what it removes; what is locked stays
// until it is not.
func TestDestroyOnVersionedStore(t *testing.T) {
	b, id, _ := prepare(t, 1)
	v := &versioned{Blobs: b, Eraser: b.(archive.Eraser), locked: "inventory.json.sha256"}
	s := open(t, v)
	before := len(list(t, b))
	if err := s.Destroy(t.Context(), id); !errors.Is(err, sohoa.ErrForbidden) {
		t.Fatalf("Destroy of a locked object = %v, want ErrForbidden", err)
	}
	if key, err := s.Remains(t.Context(), id); key == "" || err != nil {
		t.Errorf("Remains = %q, %v, want what is locked", key, err)
	}
	v.locked = ""
	if err := s.Destroy(t.Context(), id); err != nil {
		t.Fatalf("Destroy once the lock has ended = %v", err)
	}
	if left := len(list(t, b)); v.purged < before-left {
		t.Errorf("%d of %d keys were purged, want all", v.purged, before-left)
	}
}

// TestCommitAfterDestroy makes the object anew: destroying it is finished
// before.
func TestCommitAfterDestroy(t *testing.T) {
	b, id, _ := prepare(t, 1)
	s, _ := onFaults(t, b, 3, archivetest.Mode{Stop: true})
	if err := s.Destroy(t.Context(), id); err == nil {
		t.Fatal("Destroy = nil, want the fault")
	}
	if o := commit(t, open(t, b), id, first(t, b)); o.Head != 1 {
		t.Errorf("the new object is at version %d, want 1", o.Head)
	}
	if got := findings(t, open(t, b)); len(got) != 0 {
		t.Errorf("findings %q, want none", got)
	}
}
