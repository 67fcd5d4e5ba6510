package bleve_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"sohoa/search"
	"sohoa/search/searchtest"
)

// smallDisk mounts a file system of a few megabytes, which needs root.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("may not mount a small file system here")
	}
	if err != nil {
		t.Fatalf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir
}

// TestDiskFull fills the disk: Apply fails, searches go on and see whole
// batches, and once there is room the same changes go through and stay.
func TestDiskFull(t *testing.T) {
	disk := smallDisk(t, "24m")
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 18<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(disk, "index")
	idx := open(t, dir)
	papers := searchtest.NewPapers(7, .04)
	batch := func(n int) (changes []search.Change) {
		for i := range 100 {
			d := papers.Paper(n*100 + i).Pages[0]
			d.Agency = "H1"
			changes = append(changes, search.Change{Document: d.Document, Page: 1, Put: &d})
		}
		return changes
	}
	n, failed := 0, batch(0)
	for ; n < 100; n++ {
		if err := idx.Apply(t.Context(), failed, uint64(n+1)); err != nil {
			break
		}
		failed = batch(n + 1)
	}
	if n == 0 || n == 100 {
		t.Fatalf("the disk was full after %d batches, want some", n)
	}
	for range 3 { // however often it is tried; a small batch may still get in
		cursor, err := idx.Cursor(t.Context())
		if got := count(t, idx, everything); err != nil || got != int(cursor)*100 || cursor < uint64(n) {
			t.Errorf("on a full disk: %d documents at cursor %d, %v, want them to agree from %d on", got, cursor, err, n)
		}
		if err := idx.Apply(t.Context(), failed, uint64(n+1)); err != nil {
			t.Logf("still full: %.80s", err)
		}
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := idx.Apply(t.Context(), failed, uint64(n+1)); err != nil {
		t.Fatalf("Apply once there is room: %v", err)
	}
	if err := idx.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	again := openIndex(t, dir)
	idx = again
	defer idx.Close()
	if damaged, err := again.Check(t.Context()); err != nil || len(damaged) > 0 {
		t.Errorf("reopened: damaged %v, %v, want every segment whole", damaged, err)
	}
	cursor, err := idx.Cursor(t.Context())
	if got := count(t, idx, everything); err != nil || got != (n+1)*100 || cursor != uint64(n+1) {
		t.Errorf("reopened: %d documents, cursor %d, %v, want %d and %d", got, cursor, err, (n+1)*100, n+1)
	}
}
