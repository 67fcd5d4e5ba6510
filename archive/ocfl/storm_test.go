package ocfl_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
)

// TestCommitInStorm commits versions of objects through a proxy that strikes
// at random. What Commit acknowledged is there afterwards with its bytes;
// what it did not is there whole or not at all, and doing it again settles
// it; and the root is valid.
func TestCommitInStorm(t *testing.T) {
	for i, name := range archivetest.S3Servers {
		t.Run(name, func(t *testing.T) {
			server := archivetest.StartS3(t, name)
			p := archivetest.StartProxy(t, server.Endpoint)
			b, err := s3.Open(t.Context(), s3.Config{
				Endpoint: p.Addr, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
				Bucket: "papers", CreateBucket: true, PathStyle: true, Timeout: 2 * time.Second, Retries: 2,
			})
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, b)
			seed := uint64(i) + 1
			p.Random(seed, 0.06, archivetest.HTTPFaults...)
			acknowledged, failed := storm(t, s, rand.New(rand.NewPCG(seed, 0)))
			if err := p.Calm(); err != nil {
				t.Fatal(err)
			}
			t.Logf("%d commits acknowledged, %d failed; faults %v", len(acknowledged), failed, p.Struck())
			if failed == 0 || len(acknowledged) < 6 {
				t.Errorf("%d commits acknowledged, %d failed: too little to show anything", len(acknowledged), failed)
			}
			checkAcknowledged(t, s, b, acknowledged)
		})
	}
}

// storm tries each commit until it is acknowledged or was tried three times,
// and returns the number of versions of each object.
func storm(t *testing.T, s *ocfl.Store, random *rand.Rand) (acknowledged map[ocfl.ID]int, failed int) {
	t.Helper()
	acknowledged = map[ocfl.ID]int{}
	for i := range 12 {
		id := ocfl.NewID(ocfl.KindJournal, fmt.Sprintf("2026-11-%02d", i))
		for n := range 1 + random.IntN(3) {
			var err error
			for range 3 {
				if _, err = s.Commit(t.Context(), id, stormVersion(id, n)); err == nil {
					acknowledged[id] = n + 1
					break
				}
				failed++
				checkNamed(t, err)
			}
			if err != nil {
				break
			}
		}
	}
	return acknowledged, failed
}

func checkNamed(t *testing.T, err error) {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) {
		t.Errorf("Commit = %v, want a Problem", err)
	}
}

func stormVersion(id ocfl.ID, n int) ocfl.Version {
	files := map[string]ocfl.Content{"metadata.json": ocfl.Bytes(fmt.Appendf(nil, "%s %d", id, n))}
	for k := range n + 1 {
		files[fmt.Sprintf("pages/%d", k)] = ocfl.Bytes(fmt.Appendf(nil, "%s page %d", id, k))
	}
	return ocfl.Version{Expect: n, Created: created.Add(time.Duration(n) * time.Minute), Message: "kept", Files: files}
}

func checkAcknowledged(t *testing.T, s *ocfl.Store, b archive.Blobs, acknowledged map[ocfl.ID]int) {
	t.Helper()
	if _, err := s.Recover(t.Context()); err != nil {
		t.Errorf("Recover = %v", err)
	}
	for id, n := range acknowledged {
		o, err := s.Head(t.Context(), id)
		if err != nil || o.Head < n {
			t.Errorf("%s: version %d, %v, want %d, which was acknowledged", id, o.Head, err, n)
			continue
		}
		if got, want := contents(t, b, o)["metadata.json"], fmt.Sprintf("%s %d", id, o.Head-1); got != want {
			t.Errorf("%s: metadata %q, want %q", id, got, want)
		}
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("findings %q, want none", got)
	}
	if got := pending(t, b); got != 0 {
		t.Errorf("%d commits under way, want 0", got)
	}
}
