package ocfl_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
)

const objectPath = "ocfl/SR/QP/" + ulid

// kept returns a root with an object of two versions, as folder.
func kept(t *testing.T) (archive.Blobs, string, *ocfl.Store) {
	t.Helper()
	b, dir := local(t)
	s, id := open(t, b), document(t, ulid)
	commit(t, s, id, first(t, b))
	commit(t, s, id, second(t, b))
	return b, dir, s
}

func flipBit(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)/2] ^= 4
	return b
}

func halve(b []byte) []byte { return b[:len(b)/2] }

// damages are what can happen to a file, and the finding that names it.
var damages = []struct {
	name, file string
	change     func([]byte) []byte // nil removes the file
	want       []string            // kinds and files; others may come on top when more is true
}{
	{"flipped bit", "v1/content/original", flipBit, []string{"changed v1/content/original"}},
	{"cut short", "v2/content/signed.pdf", halve, []string{"changed v2/content/signed.pdf"}},
	{"emptied", "v1/content/metadata.json", func([]byte) []byte { return nil }, []string{"changed v1/content/metadata.json"}},
	{"missing", "v1/content/text/0001.json", nil, []string{"missing v1/content/text/0001.json"}},
	{"extra content", "v2/content/more", func([]byte) []byte { return []byte("x") }, []string{"extra v2/content/more"}},
	{"extra version", "v3/content/more", func([]byte) []byte { return []byte("x") }, []string{"extra v3/content/more"}},
	{"extra file", "notes.txt", func([]byte) []byte { return []byte("x") }, []string{"extra notes.txt"}},
	{"truncated inventory", "inventory.json", halve, []string{"malformed inventory.json"}},
	{"truncated inventory of v1", "v1/inventory.json", halve, []string{"malformed v1/inventory.json"}},
	{"altered inventory", "inventory.json", func(b []byte) []byte { return bytes.Replace(b, []byte("captured"), []byte("forged!!"), 1) },
		[]string{"changed inventory.json"}},
	{"missing inventory", "inventory.json", nil, []string{"missing inventory.json"}},
	{"missing sidecar", "inventory.json.sha256", nil, []string{"missing inventory.json.sha256"}},
	{"altered sidecar", "v2/inventory.json.sha256", halve, []string{"changed v2/inventory.json", "malformed v2/inventory.json.sha256"}},
	{"missing declaration", "0=ocfl_object_1.1", nil, []string{"missing 0=ocfl_object_1.1"}},
	{"altered declaration", "0=ocfl_object_1.1", flipBit, []string{"changed 0=ocfl_object_1.1"}},
}

func damage(t *testing.T, file string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	if change == nil {
		err = os.Remove(file)
	} else {
		os.MkdirAll(filepath.Dir(file), 0o700)
		err = os.WriteFile(file, change(data), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func fixity(t *testing.T, s *ocfl.Store) (got []string) {
	t.Helper()
	err := s.Fixity(t.Context(), document(t, ulid), func(f ocfl.Finding) {
		got = append(got, fmt.Sprintf("%s %s", f.Kind, strings.TrimPrefix(f.Key, objectPath+"/")))
		if p := f.Problem(); p == nil || !errors.Is(p, sohoa.ErrVerification) || strings.HasPrefix(p.Error(), p.Code) {
			t.Errorf("Problem of %+v = %v, want one with a sentence", f, p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestDamageIsFound(t *testing.T) {
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			_, dir, s := kept(t)
			damage(t, filepath.Join(dir, objectPath, d.file), d.change)
			got := fixity(t, s)
			if !slices.ContainsFunc(got, func(f string) bool { return slices.Contains(d.want, f) }) {
				t.Errorf("Fixity finds %q, want one of %q", got, d.want)
			}
			// Nothing else is called damaged.
			for _, f := range got {
				if !slices.Contains(d.want, f) {
					t.Errorf("Fixity finds %q, want only %q", f, d.want)
				}
			}
			n := 0
			if err := s.Validate(t.Context(), func(ocfl.Finding) { n++ }); err != nil || n == 0 {
				t.Errorf("Validate = %v with %d findings, want some", err, n)
			}
		})
	}
}

func TestFixityOfNothing(t *testing.T) {
	b, _ := local(t)
	id := document(t, ulid)
	for name, check := range map[string]func() error{
		"Fixity":         func() error { return open(t, b).Fixity(t.Context(), id, nil) },
		"ValidateObject": func() error { return open(t, b).ValidateObject(t.Context(), id, nil) },
	} {
		if err := check(); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("%s = %v, want ErrNotExist", name, err)
		}
	}
}

// TestFixityFollowsNoLink puts a link in the place of a file.
func TestFixityFollowsNoLink(t *testing.T) {
	_, dir, s := kept(t)
	file := filepath.Join(dir, objectPath, "v1/content/original")
	if err := os.Rename(file, file+"2"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("original2", file); err != nil {
		t.Fatal(err)
	}
	got := fixity(t, s)
	slices.Sort(got)
	if diff := cmp.Diff([]string{"changed v1/content/original", "extra v1/content/original2"}, got); diff != "" {
		t.Errorf("Fixity (-want +got):\n%s", diff)
	}
}

func TestStrayFiles(t *testing.T) {
	_, dir, s := kept(t)
	for _, name := range []string{"ocfl/stray", "ocfl/SR/stray", "ocfl/extensions/other/config.json"} {
		damage(t, filepath.Join(dir, name), func([]byte) []byte { return []byte("x") })
	}
	// An object where its ID does not say.
	if err := os.CopyFS(filepath.Join(dir, "ocfl/ZZ/ZZ", ulid), os.DirFS(filepath.Join(dir, objectPath))); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := s.Validate(t.Context(), func(f ocfl.Finding) { got = append(got, string(f.Kind)+" "+f.Key) }); err != nil {
		t.Fatal(err)
	}
	want := []string{"extra ocfl/SR/stray", "malformed ocfl/ZZ/ZZ/" + ulid, "extra ocfl/stray"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Validate (-want +got):\n%s", diff)
	}
}

// TestHeadRefusesForgery alters the inventory and its sidecar does not follow.
func TestHeadRefusesForgery(t *testing.T) {
	_, dir, s := kept(t)
	damage(t, filepath.Join(dir, objectPath, "inventory.json"), func(b []byte) []byte {
		return bytes.Replace(b, []byte("captured"), []byte("forged!!"), 1)
	})
	if _, err := s.Head(t.Context(), document(t, ulid)); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("Head = %v, want ErrVerification", err)
	}
	_, dir, s = kept(t)
	damage(t, filepath.Join(dir, objectPath, "v2/content/signed.pdf"), nil)
	o, err := s.Head(t.Context(), document(t, ulid))
	if err != nil || o.Files["signed.pdf"].Size != -1 {
		t.Errorf("Head = %+v, %v, want size -1 for the missing file", o.Files["signed.pdf"], err)
	}
}

// TestForeignValidator has ocfl-py 2.1 check the object and the hierarchy of
// the root. It does not know the layout, which is therefore not declared to
// it. SOHOA_OCFL_PY may name its program ocfl-validate.py.
func TestForeignValidator(t *testing.T) {
	program := os.Getenv("SOHOA_OCFL_PY")
	if program == "" {
		program = archivetest.Program(t, "ocfl-validate.py")
	}
	_, dir, _ := kept(t)
	run := func(name string) (string, error) {
		out, err := exec.Command(program, filepath.Join(dir, name)).CombinedOutput()
		return string(out), err
	}
	if out, err := run(objectPath); err != nil || !strings.Contains(out, "is VALID") {
		t.Errorf("ocfl-py on the object: %v\n%s", err, out)
	}
	damage(t, filepath.Join(dir, "ocfl/ocfl_layout.json"), nil)
	if out, err := run("ocfl"); err != nil {
		t.Errorf("ocfl-py on the root: %v\n%s", err, out)
	}
	damage(t, filepath.Join(dir, objectPath, "v1/content/original"), flipBit)
	if out, err := run(objectPath); err == nil || strings.Contains(out, "is VALID") {
		t.Errorf("ocfl-py accepts a flipped bit: %v\n%s", err, out)
	}
}

// FuzzInventory puts foreign bytes in the place of an inventory, with a
// sidecar that fits or with none that does.
func FuzzInventory(f *testing.F) {
	f.Add([]byte(`{}`), true)
	f.Add([]byte(`{"id":"urn:sohoa:`+ulid+`","type":"https://ocfl.io/1.1/spec/#inventory","digestAlgorithm":"sha256",`+
		`"head":"v1","manifest":{"00":[]},"versions":{"v1":{"created":"2026-03-02T08:30:00Z","state":{"00":["a"]},"message":"m"}}}`), true)
	f.Add([]byte(`{"id":"urn:sohoa:`+ulid+`","head":"v2","manifest":null,"versions":{"v1":null}}`), false)
	f.Fuzz(func(t *testing.T, inventory []byte, sealed bool) {
		_, dir, s := kept(t)
		damage(t, filepath.Join(dir, objectPath, "inventory.json"), func([]byte) []byte { return inventory })
		if sealed {
			line := sohoa.Sum(inventory).String() + " inventory.json\n"
			damage(t, filepath.Join(dir, objectPath, "inventory.json.sha256"), func([]byte) []byte { return []byte(line) })
		}
		o, err := s.Head(t.Context(), document(t, ulid))
		if err == nil && (o.Head < 1 || len(o.Versions) != o.Head) {
			t.Errorf("Head = %+v, want a version", o)
		}
		found := false
		if err := s.Fixity(t.Context(), document(t, ulid), func(ocfl.Finding) { found = true }); err != nil || !found {
			t.Errorf("Fixity with a foreign inventory: %v, findings %v, want some", err, found)
		}
		if err := s.Validate(t.Context(), func(ocfl.Finding) {}); err != nil {
			t.Errorf("Validate = %v", err)
		}
	})
}
