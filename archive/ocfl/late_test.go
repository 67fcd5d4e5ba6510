package ocfl_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
)

// TestLateCommit lets a process stand still before each of the writes of its
// Commit, until another took the job over and committed the same version with
// other bytes. What the other wrote stays, to the byte.
func TestLateCommit(t *testing.T) {
	server := archivetest.StartS3(t, "versitygw")
	for expect := range 2 {
		for n := 0; ; n++ {
			if !lateCommit(t, server, expect, n) {
				if n < 6 {
					t.Errorf("a Commit had %d writes, want more", n)
				}
				break
			}
		}
	}
}

func bucket(t *testing.T, server archivetest.S3, name string) archive.Blobs {
	t.Helper()
	b, err := s3.Open(t.Context(), s3.Config{
		Endpoint: server.Endpoint, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
		Bucket: "papers", Prefix: name, CreateBucket: true, PathStyle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func lateVersion(expect int, by string) ocfl.Version {
	return ocfl.Version{Expect: expect, Created: created, Message: "kept", User: ocfl.User{Name: by}, Files: map[string]ocfl.Content{
		"original": ocfl.Bytes([]byte("the scan")), "metadata.json": ocfl.Bytes(fmt.Appendf(nil, "version %d by %s", expect+1, by)),
	}}
}

// lateCommit reports false when the Commit has no more than n writes.
func lateCommit(t *testing.T, server archivetest.S3, expect, n int) bool {
	name := fmt.Sprintf("late-%d-%d", expect, n)
	prompt, id := bucket(t, server, name), document(t, ulid)
	for i := range expect {
		commit(t, open(t, prompt), id, lateVersion(i, "before"))
	}
	p := archivetest.StartProxy(t, server.Endpoint)
	late := server
	late.Endpoint = p.Addr
	s := open(t, bucket(t, late, name))
	gate := archivetest.NewGate()
	p.Rules(archivetest.Rule{Method: "PUT", Skip: n, Times: 1, Fault: gate.Fault()})
	done := make(chan error, 1)
	go func() {
		_, err := s.Commit(t.Context(), id, lateVersion(expect, "late"))
		done <- err
	}()
	select {
	case <-gate.Reached():
	case err := <-done:
		if err != nil {
			t.Errorf("%s: Commit = %v", name, err)
		}
		return false
	}
	// The other takes over as any Commit does: it sweeps, or adopts.
	other, otherErr := open(t, prompt).Commit(t.Context(), id, lateVersion(expect, "prompt"))
	gate.Open()
	err := <-done
	checkLate(t, prompt, name, otherErr == nil, err)
	if otherErr == nil && contents(t, prompt, other)["metadata.json"] != fmt.Sprintf("version %d by prompt", expect+1) {
		t.Errorf("%s: what was committed reads %q", name, contents(t, prompt, other)["metadata.json"])
	}
	return true
}

func checkLate(t *testing.T, b archive.Blobs, name string, prompt bool, err error) {
	t.Helper()
	if prompt == (err == nil) {
		t.Errorf("%s: the prompt writer succeeded: %v, the late one: %v; want one of them", name, prompt, err)
	}
	if err != nil && !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("%s: the late writer gets %v, want ErrConflict", name, err)
	}
	s := open(t, b)
	if _, err := s.Recover(t.Context()); err != nil {
		t.Errorf("%s: Recover = %v", name, err)
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("%s: findings %q, want none", name, got)
	}
}

// TestTwoProcesses commit to the same object, each as fast as it can; every
// version is whose Commit succeeded.
func TestTwoProcesses(t *testing.T) {
	b, _ := local(t)
	id := document(t, ulid)
	commit(t, open(t, b), id, lateVersion(0, "before"))
	var wg sync.WaitGroup
	var committed atomic.Int64
	for _, by := range []string{"one", "two"} {
		s := open(t, b) // as another process has it: the lock is of this Store alone
		wg.Go(func() {
			for range 30 {
				o, err := s.Head(t.Context(), id)
				if err == nil {
					_, err = s.Commit(t.Context(), id, lateVersion(o.Head, by))
				}
				if err == nil {
					committed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	s := open(t, b)
	if _, err := s.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	o, err := s.Head(t.Context(), id)
	if err != nil || int64(o.Head-1) < committed.Load() || committed.Load() == 0 {
		t.Errorf("version %d, %v after %d that were acknowledged", o.Head, err, committed.Load())
	}
	// What may be wrong is the inventory in the folder of a version that was
	// contended for; that of the root says the same.
	for _, f := range findings(t, s) {
		if (strings.HasPrefix(f, "missing") || strings.HasPrefix(f, "changed")) && strings.Contains(f, "/content/") {
			t.Errorf("content was lost: %s", f)
		}
	}
}
