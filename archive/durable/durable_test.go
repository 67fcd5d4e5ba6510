package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"sohoa/archive/durable"
)

func openRoot(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root, dir
}

func TestCommit(t *testing.T) {
	root, dir := openRoot(t)
	f, err := durable.Create(root, "temp")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("giấy"))
	if _, err := os.Stat(filepath.Join(dir, "a/b/c")); !os.IsNotExist(err) {
		t.Fatalf("before Commit: Stat = %v, want not exist", err)
	}
	if err := f.Commit("a/b/c"); err != nil {
		t.Fatal(err)
	}
	if err := f.Abort(); err != nil {
		t.Errorf("Abort after Commit = %v, want nil", err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "a/b/c"))
	if err != nil || string(got) != "giấy" {
		t.Errorf("ReadFile = %q, %v, want %q", got, err, "giấy")
	}
	for name, want := range map[string]os.FileMode{"a": durable.DirMode, "a/b": durable.DirMode, "a/b/c": durable.FileMode} {
		fi, err := os.Stat(filepath.Join(dir, name))
		if err != nil || fi.Mode().Perm() != want {
			t.Errorf("mode of %s = %v, %v, want %v", name, fi.Mode().Perm(), err, want)
		}
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	root, dir := openRoot(t)
	f, err := durable.Create(root, "temp")
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("x"))
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	if e, err := os.ReadDir(dir); err != nil || len(e) != 0 {
		t.Errorf("ReadDir after Abort = %v, %v, want nothing", e, err)
	}
}

func TestNoEscape(t *testing.T) {
	root, dir := openRoot(t)
	if err := os.Symlink(t.TempDir(), filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../x", "out/x", "/etc/x"} {
		f, err := durable.Create(root, "temp")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(name); err == nil {
			t.Errorf("Commit(%q) = nil, want an error", name)
		}
		f.Abort()
	}
}

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(name+".new", []byte("left by a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		if err := durable.WriteFile(name, []byte(want)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("ReadFile = %q, %v, want %q", got, err, want)
		}
	}
	if _, err := os.Stat(name + ".new"); !os.IsNotExist(err) {
		t.Errorf("temporary file: %v, want not exist", err)
	}
}
