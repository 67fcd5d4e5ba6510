package ocfl_test

import (
	"bytes"
	"errors"
	"fmt"
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

func bring(t *testing.T, to, from *ocfl.Store) (int, bool) {
	t.Helper()
	head, fresh, err := to.Bring(t.Context(), document(t, ulid), from)
	if err != nil {
		t.Fatal(err)
	}
	return head, fresh
}

// tree is what lies in a folder.
func tree(t *testing.T, b archive.Blobs, prefix string) map[string]sohoa.Digest {
	t.Helper()
	files := map[string]sohoa.Digest{}
	for info, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		data := new(bytes.Buffer)
		f, err := b.Open(t.Context(), info.Key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := data.ReadFrom(f); err != nil {
			t.Fatal(err)
		}
		f.Close()
		files[info.Key] = sohoa.Sum(data.Bytes())
	}
	return files
}

// TestBring has a second root follow the first one.
func TestBring(t *testing.T) {
	b, _ := local(t)
	s, id := open(t, b), document(t, ulid)
	b2, _ := local(t)
	s2 := open(t, b2)
	if _, _, err := s2.Bring(t.Context(), id, s); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Bring of nothing = %v, want ErrNotExist", err)
	}
	commit(t, s, id, first(t, b))
	if head, fresh := bring(t, s2, s); head != 1 || !fresh {
		t.Errorf("Bring = %d, %v, want version 1, fresh", head, fresh)
	}
	commit(t, s, id, second(t, b))
	bring(t, s2, s)
	if head, fresh := bring(t, s2, s); head != 2 || fresh {
		t.Errorf("Bring again = %d, %v, want version 2, nothing written", head, fresh)
	}
	if diff := cmp.Diff(tree(t, b, "ocfl/"), tree(t, b2, "ocfl/")); diff != "" {
		t.Errorf("the roots differ:\n%s", diff)
	}
	if n := pending(t, b2); n != 0 {
		t.Errorf("%d commits under way, want 0", n)
	}
	if got := findings(t, s2); len(got) != 0 {
		t.Errorf("findings in the second root: %q", got)
	}
}

// TestBringRefuses brings what is not the same object, and what is damaged.
func TestBringRefuses(t *testing.T) {
	b, dir, s := kept(t)
	b2, _ := local(t)
	s2, id := open(t, b2), document(t, ulid)
	other := first(t, b2)
	other.Message = "somebody else's"
	commit(t, s2, id, other)
	if _, _, err := s2.Bring(t.Context(), id, s); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("Bring over another object = %v, want ErrConflict", err)
	}
	b3, _ := local(t)
	s3 := open(t, b3)
	damage(t, filepath.Join(dir, objectPath, "v2/content/signed.pdf"), flipBit)
	if _, _, err := s3.Bring(t.Context(), id, s); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("Bring of a flipped bit = %v, want ErrVerification", err)
	}
	o, err := s3.Head(t.Context(), id)
	if err != nil || o.Head != 1 {
		t.Errorf("Head = %d, %v, want the version that was whole", o.Head, err)
	}
	if got := findings(t, s3); len(got) != 0 {
		t.Errorf("findings: %q", got)
	}
	_ = b
}

// TestBringCutOff lets the second store fail at every change of a Bring of two
// versions, in every mode. After the next start the root is valid.
func TestBringCutOff(t *testing.T) {
	_, _, s := kept(t)
	for name, mode := range archivetest.Modes {
		t.Run(name, func(t *testing.T) {
			n := 1
			for bringCutOff(t, s, n, mode) {
				n++
			}
			if n < 20 {
				t.Errorf("a Bring took %d changes, want more", n-1)
			}
		})
	}
}

func bringCutOff(t *testing.T, s *ocfl.Store, n int, mode archivetest.Mode) bool {
	t.Helper()
	b2, _ := local(t)
	open(t, b2)
	s2, faults := onFaults(t, b2, n, mode)
	head, _, err := s2.Bring(t.Context(), document(t, ulid), s)
	if err == nil && head != 2 {
		t.Errorf("change %d: Bring = %d, nil, want version 2", n, head)
	}
	again := open(t, b2)
	if _, err := again.Recover(t.Context()); err != nil {
		t.Errorf("change %d: Recover = %v", n, err)
	}
	if got := findings(t, again); len(got) != 0 {
		t.Errorf("change %d: findings after Recover: %q", n, got)
	}
	if head, _ := bring(t, again, s); head != 2 {
		t.Errorf("change %d: Bring again = %d, want 2", n, head)
	}
	if got := findings(t, again); len(got) != 0 || pending(t, b2) != 0 {
		t.Errorf("change %d: findings after Bring: %q, %d under way", n, got, pending(t, b2))
	}
	return faults.Changes() >= n
}

// twins are two roots with the same object of two versions.
func twins(t *testing.T) (s [2]*ocfl.Store, b [2]archive.Blobs, dir [2]string) {
	t.Helper()
	b[0], dir[0], s[0] = kept(t)
	b[1], dir[1] = local(t)
	s[1] = open(t, b[1])
	bring(t, s[1], s[0])
	return s, b, dir
}

// TestMendFromTheOther damages either copy in every way. It is repaired, byte
// for byte, and what was there before is in the quarantine.
func TestMendFromTheOther(t *testing.T) {
	more := append(slices.Clone(damages), damages[0])
	more[len(more)-1].name, more[len(more)-1].file = "flipped bit of an inventory", "v1/inventory.json"
	for i, d := range more {
		t.Run(d.name, func(t *testing.T) {
			s, b, dir := twins(t)
			at := i % 2
			want := tree(t, b[at], "ocfl/")
			damage(t, filepath.Join(dir[at], objectPath, d.file), d.change)
			var found []string
			a := ocfl.Against{Other: s[1-at], Leads: at == 0, Expect: 2}
			if err := s[at].Check(t.Context(), document(t, ulid), a, func(f ocfl.Finding) {
				found = append(found, strings.TrimPrefix(f.Key, objectPath+"/"))
			}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(found, []string{d.file}) {
				t.Errorf("Check finds %q, want %s alone", found, d.file)
			}
			m, err := s[at].Mend(t.Context(), document(t, ulid), a, created)
			if err != nil || len(m.Left) != 0 || len(m.Repaired) != 1 {
				t.Errorf("Mend = %+v, %v, want one repair", m, err)
			}
			if diff := cmp.Diff(want, tree(t, b[at], "ocfl/")); diff != "" {
				t.Errorf("after Mend (-want +got):\n%s", diff)
			}
			if aside := len(tree(t, b[at], "ocfl.quarantine/")); (d.change == nil) != (aside == 0) {
				t.Errorf("%d files in the quarantine", aside)
			}
		})
	}
}

// TestMendFromItself repairs what one copy alone knows, and leaves the rest
// untouched.
func TestMendFromItself(t *testing.T) {
	for _, d := range damages {
		t.Run(d.name, func(t *testing.T) {
			b, dir, s := kept(t)
			want := tree(t, b, "ocfl/")
			damage(t, filepath.Join(dir, objectPath, d.file), d.change)
			damaged := tree(t, b, "ocfl/")
			m, err := s.Mend(t.Context(), document(t, ulid), ocfl.Against{}, created)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(d.file, "content/") && !strings.Contains(d.name, "extra") {
				want = damaged // nowhere else are its bytes
			}
			if diff := cmp.Diff(want, tree(t, b, "ocfl/")); diff != "" {
				t.Errorf("after Mend, %+v (-want +got):\n%s", m, diff)
			}
		})
	}
}

// TestMendKnowsWhenNobodyIsRight damages the same file in both copies, and a
// single object's inventory with its sidecar.
func TestMendKnowsWhenNobodyIsRight(t *testing.T) {
	s, b, dir := twins(t)
	for i := range dir {
		damage(t, filepath.Join(dir[i], objectPath, "v1/content/original"), flipBit)
	}
	before := tree(t, b[0], "")
	m, err := s[0].Mend(t.Context(), document(t, ulid), ocfl.Against{Other: s[1]}, created)
	if err != nil || len(m.Left) != 1 || len(m.Repaired) != 0 || !strings.Contains(m.Left[0].Detail, "no copy") {
		t.Errorf("Mend = %+v, %v, want the file left", m, err)
	}
	if diff := cmp.Diff(before, tree(t, b[0], "")); diff != "" {
		t.Errorf("Mend touched something:\n%s", diff)
	}

	b2, _ := local(t)
	s2, id := open(t, b2), document(t, ulid)
	commit(t, s2, id, first(t, b2))
	forge := func(t *testing.T, dir string) {
		var forged []byte
		damage(t, filepath.Join(dir, objectPath, "inventory.json"), func(b []byte) []byte {
			forged = bytes.Replace(b, []byte("captured"), []byte("forged!!"), 1)
			return forged
		})
		damage(t, filepath.Join(dir, objectPath, "inventory.json.sha256"), func([]byte) []byte {
			return fmt.Appendf(nil, "%s inventory.json\n", sohoa.Sum(forged))
		})
	}
	b2, dir2 := local(t)
	s2 = open(t, b2)
	commit(t, s2, id, first(t, b2))
	forge(t, dir2)
	before = tree(t, b2, "")
	if m, err = s2.Mend(t.Context(), id, ocfl.Against{}, created); err != nil || len(m.Left) == 0 || len(m.Repaired) != 0 {
		t.Errorf("Mend of a forged inventory = %+v, %v, want it left", m, err)
	}
	if diff := cmp.Diff(before, tree(t, b2, "")); diff != "" {
		t.Errorf("Mend touched something:\n%s", diff)
	}
	// A second copy tells which one is right.
	s, b, dir = twins(t)
	want := tree(t, b[0], "ocfl/")
	forge(t, dir[0])
	if m, err = s[0].Mend(t.Context(), id, ocfl.Against{Other: s[1]}, created); err != nil || len(m.Left) != 0 {
		t.Errorf("Mend of a forged inventory = %+v, %v, want it repaired", m, err)
	}
	if diff := cmp.Diff(want, tree(t, b[0], "ocfl/")); diff != "" {
		t.Errorf("after Mend (-want +got):\n%s", diff)
	}
}

// TestMendCutOff lets the store fail at every change of a repair; done again,
// all is as it was.
func TestMendCutOff(t *testing.T) {
	for n := 1; ; n++ {
		s, b, dir := twins(t)
		want := tree(t, b[0], "ocfl/")
		for _, d := range []int{0, 4, 7, 11} {
			damage(t, filepath.Join(dir[0], objectPath, damages[d].file), damages[d].change)
		}
		faulty, faults := onFaults(t, b[0], n, archivetest.Mode{Stop: true})
		faulty.Mend(t.Context(), document(t, ulid), ocfl.Against{Other: s[1]}, created)
		m, err := open(t, b[0]).Mend(t.Context(), document(t, ulid), ocfl.Against{Other: s[1]}, created)
		if err != nil || len(m.Left) != 0 {
			t.Fatalf("change %d: Mend again = %+v, %v", n, m, err)
		}
		if diff := cmp.Diff(want, tree(t, b[0], "ocfl/")); diff != "" {
			t.Fatalf("change %d: after Mend (-want +got):\n%s", n, diff)
		}
		if faults.Changes() < n {
			return
		}
	}
}

// TestMendWholeObject removes all of an object, and its newest version.
func TestMendWholeObject(t *testing.T) {
	s, b, _ := twins(t)
	id := document(t, ulid)
	want := tree(t, b[0], "ocfl/")
	for _, gone := range []string{objectPath + "/", objectPath + "/v2/"} {
		if err := b[0].(archive.Eraser).RemoveAll(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		if gone != objectPath+"/" { // and the root inventory is the earlier one's
			v1 := objectPath + "/v1/inventory.json"
			for from, to := range map[string]string{v1: objectPath + "/inventory.json", v1 + ".sha256": objectPath + "/inventory.json.sha256"} {
				f, err := b[0].Open(t.Context(), from)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := b[0].Put(t.Context(), to, f); err != nil {
					t.Fatal(err)
				}
				f.Close()
			}
		}
		a := ocfl.Against{Other: s[1], Leads: true}
		var found []ocfl.Finding
		if err := s[0].Check(t.Context(), id, a, func(f ocfl.Finding) { found = append(found, f) }); err != nil || len(found) != 1 || found[0].Kind != ocfl.Missing {
			t.Errorf("without %s: Check finds %+v, %v", gone, found, err)
		}
		if m, err := s[0].Mend(t.Context(), id, a, created); err != nil || len(m.Left) != 0 || len(m.Repaired) != 1 || m.Repaired[0].From != ocfl.FromOther {
			t.Errorf("without %s: Mend = %+v, %v", gone, m, err)
		}
		if diff := cmp.Diff(want, tree(t, b[0], "ocfl/")); diff != "" {
			t.Errorf("without %s: after Mend (-want +got):\n%s", gone, diff)
		}
	}
}

// TestOpenLater uses a root whose store is away at first.
func TestOpenLater(t *testing.T) {
	b, _ := local(t)
	away := archivetest.NewFaults(b, 1, archivetest.Mode{Stop: false})
	s, err := ocfl.OpenLater(away, "ocfl")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Head(t.Context(), document(t, ulid)); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Head while the store is away = %v, want ErrUnavailable", err)
	}
	commit(t, s, document(t, ulid), first(t, b))
	if got := findings(t, open(t, b)); len(got) != 0 {
		t.Errorf("findings: %q", got)
	}
}

// TestRootFiles damages what stands at the top of a root.
func TestRootFiles(t *testing.T) {
	s, b, dir := twins(t)
	want := tree(t, b[0], "ocfl/")
	for _, name := range []string{"0=ocfl_1.1", "ocfl_layout.json", "ocfl_1.1.md", "extensions/0007-n-tuple-omit-prefix-storage-layout/config.json"} {
		for _, change := range []func([]byte) []byte{nil, flipBit, halve} {
			damage(t, filepath.Join(dir[0], "ocfl", name), change)
			var found []string
			if err := s[0].CheckRoot(t.Context(), s[1], func(f ocfl.Finding) { found = append(found, f.Key) }); err != nil || !slices.Equal(found, []string{"ocfl/" + name}) {
				t.Errorf("%s: CheckRoot finds %q, %v", name, found, err)
			}
			if m, err := s[0].MendRoot(t.Context(), s[1], nil, created); err != nil || len(m.Repaired) != 1 || len(m.Left) != 0 {
				t.Errorf("%s: MendRoot = %+v, %v", name, m, err)
			}
			if diff := cmp.Diff(want, tree(t, b[0], "ocfl/")); diff != "" {
				t.Errorf("%s: after MendRoot (-want +got):\n%s", name, diff)
			}
		}
	}
}
