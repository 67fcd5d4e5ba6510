package ocfl_test

import (
	"context"
	"errors"
	"path"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
)

// mistagging tells a wrong tag of a root sidecar, as a store does whose answer
// was altered on the way.
type mistagging struct {
	*localfs.Store
	times int
}

func (m *mistagging) Stat(ctx context.Context, key string) (archive.BlobInfo, error) {
	info, err := m.Store.Stat(ctx, key)
	if err == nil && path.Base(key) == "inventory.json.sha256" && m.times > 0 {
		m.times--
		info.Tag = "another"
	}
	return info, err
}

// TestOvertakenByNobody has a sidecar refused though nobody else writes: the
// version is decided by then, and doing it again leaves a valid object.
func TestOvertakenByNobody(t *testing.T) {
	local, err := localfs.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer local.Close()
	m := &mistagging{Store: local}
	s := open(t, m)
	id := ocfl.NewID(ocfl.KindJournal, "2026-11-01")
	if _, err := s.Commit(t.Context(), id, stormVersion(id, 0)); err != nil {
		t.Fatal(err)
	}
	m.times = 1
	if _, err := s.Commit(t.Context(), id, stormVersion(id, 1)); err != nil && !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("Commit = %v, want it made, or a conflict", err)
	}
	if m.times > 0 {
		t.Error("no sidecar was asked for")
	}
	if _, err := s.Commit(t.Context(), id, stormVersion(id, 1)); err != nil {
		t.Errorf("Commit again = %v", err)
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("findings %q, want none", got)
	}
	if got := pending(t, local); got != 0 {
		t.Errorf("%d commits under way, want 0", got)
	}
}
