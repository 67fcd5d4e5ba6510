package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/localfs"
	"sohoa/ingest"
)

// TestSecondStoreIsOpenedAnew exchanges the folder of a store that is open, as
// mounting its disk does.
func TestSecondStoreIsOpenedAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "second")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l := &laterStore{open: func(context.Context) (ingest.Store, func() error, error) {
		s, err := localfs.Open(dir)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	}}
	t.Cleanup(func() { l.Close() })
	if _, err := l.Put(t.Context(), "k", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(dir, dir+".away"), os.Mkdir(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Stat(t.Context(), "k"); err != nil {
		t.Errorf("Stat in the folder that was opened = %v", err)
	}
	if err := l.Reopen(); err != nil {
		t.Fatalf("Reopen = %v", err)
	}
	if _, err := l.Stat(t.Context(), "k"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Stat in the folder that is there now = %v, want ErrNotExist", err)
	}
}
