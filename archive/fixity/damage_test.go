package fixity_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
)

// A longer campaign: go test ./archive/fixity -run TestDamage -damages 5000 -damage-seed 7
var (
	damages = flag.Int("damages", 200, "how many damages TestDamage makes")
	seed    = flag.Uint64("damage-seed", 1, "seed of the damages of TestDamage")
)

// local is a store in memory where that can be had.
func local(t testing.TB) (*localfs.Store, string) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sohoa-test-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, dir
}

// TestDamage damages two copies of some dozens of objects at random: all is
// found, all is repaired, and nothing is reported that is not there. ocfl-py
// has the last word.
func TestDamage(t *testing.T) {
	first, dir1 := local(t)
	second, dir2 := local(t)
	kinds := archivetest.Campaign{Seed: *seed, Damages: *damages, Objects: 36, Stores: [2]archivetest.StoreToTest{first, second}}.Run(t)
	t.Logf("seed %d: %v", *seed, kinds)
	if *damages >= 200 && len(kinds) < 14 {
		t.Errorf("%d kinds of damage, want all", len(kinds))
	}
	for _, dir := range []string{dir1, dir2} {
		validateForeign(t, filepath.Join(dir, "ocfl"))
	}
}

// validateForeign has ocfl-py check every object of a root, and the hierarchy.
func validateForeign(t *testing.T, root string) {
	t.Helper()
	program := os.Getenv("SOHOA_OCFL_PY")
	if program == "" {
		program = archivetest.Program(t, "ocfl-validate.py")
	}
	objects, err := filepath.Glob(filepath.Join(root, "*", "*", "*", "0=ocfl_object_1.1"))
	if err != nil || len(objects) == 0 {
		t.Fatalf("%d objects in %s, %v", len(objects), root, err)
	}
	args := []string{}
	for _, o := range objects {
		args = append(args, filepath.Dir(o))
	}
	out, err := exec.Command(program, args...).CombinedOutput()
	if n := strings.Count(string(out), "is VALID"); err != nil || n != len(objects) {
		t.Errorf("ocfl-py finds %d of %d objects valid: %v\n%s", n, len(objects), err, out)
	}
	layout := filepath.Join(root, "ocfl_layout.json") // which it does not know
	if err := os.Remove(layout); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, root).CombinedOutput(); err != nil {
		t.Errorf("ocfl-py on the root: %v\n%s", err, out)
	}
}
