package archivetest

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sohoa"
	"sohoa/archive"
)

// creator is the store as one that refuses late writers, or ends the test.
func creator(t *testing.T, b archive.Blobs) archive.Creator {
	t.Helper()
	c, ok := b.(archive.Creator)
	if !ok || !c.Conditional() {
		t.Skip("this store knows no conditions")
	}
	return c
}

func testPutNew(t *testing.T, b archive.Blobs) {
	c := creator(t, b)
	for _, size := range []int{0, 1000, 9<<20 + 1} {
		key, data := fmt.Sprintf("new/%d", size), randomBytes(size)
		for range 2 { // the second time it is there
			info, err := c.PutNew(t.Context(), key, bytes.NewReader(data))
			if err != nil || info.Size != int64(size) || info.Digest != sohoa.Sum(data) {
				t.Errorf("PutNew(%q) = %+v, %v, want size %d and the digest", key, info, err, size)
			}
		}
		if _, err := c.PutNew(t.Context(), key, strings.NewReader("others")); !errors.Is(err, sohoa.ErrConflict) {
			t.Errorf("PutNew(%q) of other bytes = %v, want ErrConflict", key, err)
		}
		if got := ReadBlob(t, b, key); !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes after a refused PutNew, want the %d of before", key, len(got), size)
		}
	}
	if _, err := c.PutNew(t.Context(), "../x", strings.NewReader("x")); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("PutNew(../x) = %v, want ErrInvalid", err)
	}
	if e, ok := b.(archive.Eraser); ok {
		if err := e.Remove(t.Context(), "new/1000"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.PutNew(t.Context(), "new/1000", strings.NewReader("others")); err != nil {
			t.Errorf("PutNew after Remove = %v", err)
		}
	}
}

func testPutOver(t *testing.T, b archive.Blobs) {
	c := creator(t, b)
	put(t, b, "k", []byte("one"))
	first, err := b.Stat(t.Context(), "k")
	if err != nil || first.Tag == "" {
		t.Fatalf("Stat = %+v, %v, want a tag", first, err)
	}
	for range 2 { // the second time it is there
		if _, err := c.PutOver(t.Context(), "k", first.Tag, strings.NewReader("two")); err != nil {
			t.Errorf("PutOver = %v", err)
		}
	}
	if _, err := c.PutOver(t.Context(), "k", first.Tag, strings.NewReader("late")); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("PutOver with an old tag = %v, want ErrConflict", err)
	}
	if _, err := c.PutOver(t.Context(), "none", first.Tag, strings.NewReader("late")); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("PutOver of nothing = %v, want ErrConflict", err)
	}
	if got := ReadBlob(t, b, "k"); string(got) != "two" {
		t.Errorf("read %q, want two", got)
	}
	if got := keys(t, b, ""); !slices.Equal(got, []string{"k"}) {
		t.Errorf("List = %q, want k", got)
	}
}

// testOneOfMany has many put other bytes where there is nothing.
func testOneOfMany(t *testing.T, b archive.Blobs) {
	c := creator(t, b)
	for round := range 10 {
		key := fmt.Sprintf("race/%d", round)
		var wg sync.WaitGroup
		var winner, won atomic.Int64
		for i := range 6 {
			wg.Go(func() {
				_, err := c.PutNew(t.Context(), key, strings.NewReader(fmt.Sprint("writer ", i)))
				switch {
				case err == nil:
					winner.Store(int64(i))
					won.Add(1)
				case !errors.Is(err, sohoa.ErrConflict):
					t.Errorf("PutNew beside others = %v, want nil or ErrConflict", err)
				}
			})
		}
		wg.Wait()
		if got, want := string(ReadBlob(t, b, key)), fmt.Sprint("writer ", winner.Load()); won.Load() != 1 || got != want {
			t.Errorf("%d of 6 succeeded, the last of them %q; %q is there", won.Load(), want, got)
		}
	}
}

// testPurge removes for good. In a store with versions, what Remove hid goes
// too.
func testPurge(t *testing.T, b archive.Blobs) {
	e, ok := b.(archive.Eraser)
	if !ok {
		t.Skip("this store cannot erase")
	}
	for _, data := range []string{"one", "two"} {
		for _, key := range []string{"p/a", "p/ab", "p/b/c", "q"} {
			put(t, b, key, []byte(data))
		}
	}
	if err := e.Remove(t.Context(), "p/b/c"); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name  string
		purge func() error
		want  []string
	}{
		{"p/a", func() error { return archive.Purge(t.Context(), e, "p/a") }, []string{"p/ab", "q"}},
		{"p/none", func() error { return archive.Purge(t.Context(), e, "p/none") }, []string{"p/ab", "q"}},
		{"p/", func() error { return archive.PurgeAll(t.Context(), e, "p/") }, []string{"q"}},
		{"none/", func() error { return archive.PurgeAll(t.Context(), e, "none/") }, []string{"q"}},
	} {
		if err := step.purge(); err != nil {
			t.Errorf("purge %s = %v", step.name, err)
		}
		if got := keys(t, b, ""); !slices.Equal(got, step.want) {
			t.Errorf("after purging %s: %q, want %q", step.name, got, step.want)
		}
	}
	if err := archive.PurgeAll(t.Context(), e, "q"); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("PurgeAll(q) = %v, want ErrInvalid", err)
	}
}
