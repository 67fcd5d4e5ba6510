package localfs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
)

func open(t *testing.T, dir string) *localfs.Store {
	t.Helper()
	s, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestBlobs(t *testing.T) {
	archivetest.Blobs(t, func(t *testing.T) archive.Blobs { return open(t, t.TempDir()) })
}

// files lists the regular files below dir, temporary ones too.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "store")
	s := open(t, dir)
	if _, err := s.Put(t.Context(), "a/b", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"": 0o700, "a": 0o700, "a/b": 0o600} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil || fi.Mode().Perm() != want {
			t.Errorf("mode of %q = %v, %v, want %v", name, fi.Mode().Perm(), err, want)
		}
	}
}

func TestNothingOutsideIsReached(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{
		"file": filepath.Join(outside, "secret"), "folder": outside, "up": "../..",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dir)
	for _, key := range []string{"file", "folder/secret", "up/etc/passwd"} {
		if f, err := s.Open(t.Context(), key); err == nil {
			f.Close()
			t.Errorf("Open(%q) = nil, want an error", key)
		}
	}
	if _, err := s.Put(t.Context(), "folder/new", strings.NewReader("x")); err == nil {
		t.Error("Put(folder/new) = nil, want an error")
	}
	if err := s.RemoveAll(t.Context(), "folder/"); err != nil {
		t.Errorf("RemoveAll(folder/) = %v", err)
	}
	if got := files(t, outside); len(got) != 1 {
		t.Errorf("outside: %q, want the secret alone", got)
	}
	if got := listed(t, s); fmt.Sprint(got) != "[file folder up]" {
		t.Errorf("List = %v, want the links, so that a check finds them", got)
	}
}

func listed(t *testing.T, s *localfs.Store) (keys []string) {
	t.Helper()
	for info, err := range s.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

func TestOpenPipe(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, dir).Open(t.Context(), "pipe"); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("Open(pipe) = %v, want ErrVerification", err)
	}
}

// TestSweep leaves what a dead process did not finish and what a living one
// is writing.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	alive := open(t, dir)
	dead := filepath.Join(dir, ".tmp", "DEAD")
	if err := os.Mkdir(dead, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dead, "1"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := alive.Put(t.Context(), "k", r)
		done <- err
	}()
	w.Write([]byte("first half ")) // returns when Put has read it
	open(t, dir)
	if _, err := os.Stat(dead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("folder of a dead process: %v, want not exist", err)
	}
	w.Write([]byte("second half"))
	w.Close()
	if err := <-done; err != nil {
		t.Fatalf("Put across another Open = %v", err)
	}
	if got := archivetest.ReadBlob(t, alive, "k"); string(got) != "first half second half" {
		t.Errorf("read %q, want both halves", got)
	}
}

func TestUnwritable(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := localfs.Open(name); err == nil {
		t.Error("Open of a file = nil, want an error")
	}
	dir := mount(t, syscall.MS_RDONLY)
	var p *sohoa.Problem
	if _, err := localfs.Open(dir); !errors.As(err, &p) || p.Code != "data.unwritable" {
		t.Errorf("Open on a read-only file system = %v, want data.unwritable", err)
	}
}

// mount returns a file system of one megabyte. That takes a privilege.
func mount(t *testing.T, flags uintptr) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", flags, "size=1m"); err != nil {
		if os.Getenv("CI") != "" && os.Getuid() == 0 {
			t.Fatalf("mount a small file system: %v", err)
		}
		t.Skipf("mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

func TestDiskFull(t *testing.T) {
	dir := mount(t, 0)
	s := open(t, dir)
	if _, err := s.Put(t.Context(), "old", bytes.NewReader(make([]byte, 500_000))); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"old", "new"} {
		_, err := s.Put(t.Context(), key, bytes.NewReader(make([]byte, 900_000)))
		var p *sohoa.Problem
		if !errors.As(err, &p) || p.Code != "store.full" || !errors.Is(err, sohoa.ErrUnavailable) {
			t.Errorf("Put(%q) on a full disk = %v, want store.full", key, err)
		}
	}
	if got := files(t, dir); len(got) != 1 {
		t.Errorf("files after a full disk: %q, want one", got)
	}
	if got := archivetest.ReadBlob(t, s, "old"); len(got) != 500_000 {
		t.Errorf("old has %d bytes, want 500000", len(got))
	}
	if _, err := s.Put(t.Context(), "small", bytes.NewReader(make([]byte, 100_000))); err != nil {
		t.Errorf("Put when there is room again = %v", err)
	}
}

// TestPutBesideRemoveAll has one goroutine put what another removes, folder
// and all.
func TestPutBesideRemoveAll(t *testing.T) {
	s := open(t, t.TempDir())
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 100 {
			if _, err := s.Put(t.Context(), "p/q/r", strings.NewReader("x")); err != nil {
				t.Errorf("Put = %v", err)
			}
		}
	})
	wg.Go(func() {
		for range 100 {
			if err := s.RemoveAll(t.Context(), "p/q/"); err != nil {
				t.Errorf("RemoveAll = %v", err)
			}
		}
	})
	wg.Wait()
}
