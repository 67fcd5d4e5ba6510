package archivetest

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"sohoa"
	"sohoa/archive"
)

func testRemove(t *testing.T, b archive.Blobs) {
	e, ok := b.(archive.Eraser)
	if !ok {
		t.Skip("this store cannot erase")
	}
	for _, key := range []string{"d/a", "d/b/1", "d/b/2", "d/bb", "e"} {
		put(t, b, key, []byte(key))
	}
	for _, key := range []string{"none", "d", "d/none"} {
		if err := e.Remove(t.Context(), key); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Remove(%q) = %v, want ErrNotExist", key, err)
		}
	}
	for _, prefix := range []string{"", "/", "d", "../", ".tmp/", "d//"} {
		if err := e.RemoveAll(t.Context(), prefix); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("RemoveAll(%q) = %v, want ErrInvalid", prefix, err)
		}
	}
	for _, step := range []struct {
		name   string
		remove func() error
		want   []string
	}{
		{"Remove(d/a)", func() error { return e.Remove(t.Context(), "d/a") }, []string{"d/b/1", "d/b/2", "d/bb", "e"}},
		{"RemoveAll(d/b/)", func() error { return e.RemoveAll(t.Context(), "d/b/") }, []string{"d/bb", "e"}},
		{"RemoveAll(none/)", func() error { return e.RemoveAll(t.Context(), "none/") }, []string{"d/bb", "e"}},
		{"RemoveAll(e/)", func() error { return e.RemoveAll(t.Context(), "e/") }, []string{"d/bb", "e"}},
		{"Remove(d/bb)", func() error { return e.Remove(t.Context(), "d/bb") }, []string{"e"}},
	} {
		if err := step.remove(); err != nil {
			t.Errorf("%s = %v", step.name, err)
		}
		if got := keys(t, b, ""); !slices.Equal(got, step.want) {
			t.Errorf("after %s: %q, want %q", step.name, got, step.want)
		}
	}
	// Versions that remain keep the folder in some stores.
	if err := archive.PurgeAll(t.Context(), e, "d/"); err != nil {
		t.Errorf("PurgeAll(d/) = %v", err)
	}
	put(t, b, "d", []byte("a folder's name is free when it is empty"))
}

func testCopy(t *testing.T, b archive.Blobs) {
	c, ok := b.(archive.Copier)
	if !ok {
		t.Skip("this store cannot copy")
	}
	data := randomBytes(9<<20 + 3)
	put(t, b, "src", data)
	if err := c.Copy(t.Context(), "to/dst", "src"); err != nil {
		t.Fatal(err)
	}
	if got := ReadBlob(t, b, "to/dst"); !bytes.Equal(got, data) {
		t.Errorf("the copy's %d bytes differ from the original's", len(got))
	}
	if err := c.Copy(t.Context(), "to/dst", "none"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Copy of nothing = %v, want ErrNotExist", err)
	}
	if err := c.Copy(t.Context(), "../dst", "src"); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Copy to a bad key = %v, want ErrInvalid", err)
	}
}

// testPutWhileErased puts into a folder that others empty.
func testPutWhileErased(t *testing.T, b archive.Blobs) {
	e, ok := b.(archive.Eraser)
	if !ok {
		t.Skip("this store cannot erase")
	}
	var wg sync.WaitGroup
	for _, key := range []string{"p/q/1", "p/q/2", "p/q/3"} {
		wg.Go(func() {
			for range 30 {
				if _, err := b.Put(t.Context(), key, strings.NewReader(key)); err != nil {
					t.Errorf("Put(%q) = %v", key, err)
				}
				if err := e.Remove(t.Context(), key); err != nil {
					t.Errorf("Remove(%q) = %v", key, err)
				}
			}
		})
	}
	wg.Wait()
	if got := keys(t, b, ""); len(got) != 0 {
		t.Errorf("List = %q, want nothing", got)
	}
}
