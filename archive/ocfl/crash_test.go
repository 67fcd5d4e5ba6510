package ocfl_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
)

// TestCommitCutOff lets the store fail at every change of a Commit, in every
// mode, for a new object and for a second version. Before and after repair
// the object is at the old version or at the new one, whole.
func TestCommitCutOff(t *testing.T) {
	for name, mode := range archivetest.Modes {
		for expect := range 2 {
			t.Run(fmt.Sprintf("%s, version %d", name, expect+1), func(t *testing.T) {
				n := 1
				for cutOff(t, cut{expect, n, mode}) {
					n++
				}
				if n < 8 {
					t.Errorf("a Commit took %d changes, want more", n-1)
				}
			})
		}
	}
}

// cut is a Commit that follows version expect and fails at change n.
type cut struct {
	expect, n int
	mode      archivetest.Mode
}

// prepare returns a store with an object at version expect, and the version
// that is to follow.
func prepare(t *testing.T, expect int) (archive.Blobs, ocfl.ID, ocfl.Version) {
	t.Helper()
	b, _ := local(t)
	s, id := open(t, b), document(t, ulid)
	if expect == 0 {
		return b, id, first(t, b)
	}
	commit(t, s, id, first(t, b))
	return b, id, second(t, b)
}

// cutOff reports false when n is more than the changes of the Commit.
func cutOff(t *testing.T, c cut) bool {
	t.Helper()
	b, id, v := prepare(t, c.expect)
	s, faults := onFaults(t, b, c.n, c.mode)
	_, err := s.Commit(t.Context(), id, v)
	if faults.Changes() < c.n {
		if err != nil {
			t.Errorf("%+v: Commit without a fault = %v", c, err)
		}
		return false
	}
	at := fmt.Sprintf("%+v: before repair", c)
	head := checkState(t, b, at, c.expect)
	if err == nil && head != c.expect+1 {
		t.Errorf("%s: version %d after Commit = nil, want %d", at, head, c.expect+1)
	}
	if c.expect == 0 && head == 0 {
		// Half of an object is not valid yet; it may not be taken for one.
		if _, err := open(t, b).Head(t.Context(), id); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("%s: Head = %v, want ErrNotExist", at, err)
		}
	}
	if c.n%2 == 0 { // else the Commit itself repairs
		recoverAll(t, b, fmt.Sprintf("%+v: after repair", c), c.expect)
	}
	o := commit(t, open(t, b), id, v)
	if o.Head != c.expect+1 {
		t.Errorf("%+v: Commit, again: version %d, want %d", c, o.Head, c.expect+1)
	}
	if got := findings(t, open(t, b)); len(got) != 0 {
		t.Errorf("%+v: Commit, again: findings %q, want none", c, got)
	}
	return true
}

// onFaults opens the root and then lets the n-th change fail.
func onFaults(t *testing.T, b archive.Blobs, n int, mode archivetest.Mode) (*ocfl.Store, *archivetest.Faults) {
	t.Helper()
	faults := archivetest.NewFaults(b, n, mode)
	return open(t, faults), faults
}

// checkState wants all of version expect or all of the next one to be read.
func checkState(t *testing.T, b archive.Blobs, at string, expect int) (head int) {
	t.Helper()
	o, err := open(t, b).Head(t.Context(), document(t, ulid))
	if errors.Is(err, sohoa.ErrNotExist) && expect == 0 {
		return 0
	}
	if err != nil {
		t.Errorf("%s: Head = %v", at, err)
		return 0
	}
	if o.Head != expect && o.Head != expect+1 {
		t.Errorf("%s: version %d, want %d or %d", at, o.Head, expect, expect+1)
	}
	want := map[int]map[string]string{1: wantFirst, 2: wantSecond}[o.Head]
	if diff := cmp.Diff(want, contents(t, b, o)); diff != "" {
		t.Errorf("%s: version %d (-want +got):\n%s", at, o.Head, diff)
	}
	return o.Head
}

func recoverAll(t *testing.T, b archive.Blobs, at string, expect int) {
	t.Helper()
	s := open(t, b)
	if _, err := s.Recover(t.Context()); err != nil {
		t.Errorf("%s: Recover = %v", at, err)
	}
	checkState(t, b, at, expect)
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("%s: findings %q, want none", at, got)
	}
	if got := pending(t, b); got != 0 {
		t.Errorf("%s: %d commits under way, want 0", at, got)
	}
}

// TestRecoverCutOff stops a Commit at every change and then Recover at every
// change of its own.
func TestRecoverCutOff(t *testing.T) {
	stop := archivetest.Mode{Stop: true, After: true}
	for expect := range 2 {
		for n := 1; ; n++ {
			steps := recoverCutOff(t, cut{expect, n, stop})
			if steps < 0 {
				break
			}
		}
	}
}

// recoverCutOff returns the number of changes of Recover, -1 when the Commit
// was not cut off.
func recoverCutOff(t *testing.T, c cut) int {
	t.Helper()
	for m := 1; ; m++ {
		b, id, v := prepare(t, c.expect)
		s, faults := onFaults(t, b, c.n, c.mode)
		s.Commit(t.Context(), id, v) // fails, or is not cut off
		if faults.Changes() < c.n {
			return -1
		}
		s, faults = onFaults(t, b, m, c.mode)
		_, err := s.Recover(t.Context())
		at := fmt.Sprintf("%+v, Recover stopped at %d", c, m)
		checkState(t, b, at, c.expect)
		recoverAll(t, b, at, c.expect)
		if faults.Changes() < m {
			if err != nil {
				t.Errorf("%s: Recover = %v", at, err)
			}
			return m - 1
		}
	}
}

// TestDamageIsNotSwept removes the root inventory of an object that nobody
// was writing: that is damage, and nothing may be removed because of it.
func TestDamageIsNotSwept(t *testing.T) {
	b, id, v := prepare(t, 1)
	s := open(t, b)
	key := "ocfl/SR/QP/" + ulid + "/inventory.json"
	if err := b.(archive.Eraser).Remove(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	before := list(t, b)
	if _, err := s.Commit(t.Context(), id, v); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("Commit to a damaged object = %v, want ErrVerification", err)
	}
	if _, err := s.Recover(t.Context()); err != nil {
		t.Errorf("Recover = %v", err)
	}
	if diff := cmp.Diff(before, list(t, b)); diff != "" {
		t.Errorf("the store changed:\n%s", diff)
	}
}

func list(t testing.TB, b archive.Blobs) (keys []string) {
	t.Helper()
	for info, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}
