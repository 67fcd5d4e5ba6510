package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/s3"
	"sohoa/archive/vault"
)

// newKeys makes the keys of a new identity.
func newKeys(t testing.TB, to ...string) (vault.Keys, string) {
	t.Helper()
	file, _, err := vault.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	return parsed(t, file, to...), file
}

func parsed(t testing.TB, file string, to ...string) vault.Keys {
	t.Helper()
	k, err := vault.NewKeys([]byte(file), to)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func local(t testing.TB, dir string) *localfs.Store {
	t.Helper()
	s, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func open(t testing.TB, inner vault.Inner, k vault.Keys) *vault.Store {
	t.Helper()
	s, err := vault.Open(t.Context(), inner, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// buckets counts, so that each test has its own.
var buckets atomic.Int64

func bucket(t testing.TB, server archivetest.S3) *s3.Store {
	t.Helper()
	s, err := s3.Open(t.Context(), s3.Config{
		Endpoint: server.Endpoint, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
		Bucket: fmt.Sprintf("papers-%d", buckets.Add(1)), CreateBucket: true, PathStyle: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBlobs(t *testing.T) {
	t.Run("localfs", func(t *testing.T) {
		archivetest.Blobs(t, func(t *testing.T) archive.Blobs {
			k, _ := newKeys(t)
			return open(t, local(t, t.TempDir()), k)
		})
	})
	t.Run("versitygw", func(t *testing.T) {
		server := archivetest.StartS3(t, "versitygw")
		archivetest.Blobs(t, func(t *testing.T) archive.Blobs {
			k, _ := newKeys(t)
			return open(t, bucket(t, server), k)
		})
	})
	// Switched off again, and never switched on.
	t.Run("off", func(t *testing.T) {
		archivetest.Blobs(t, func(t *testing.T) archive.Blobs {
			k, _ := newKeys(t)
			inner := local(t, t.TempDir())
			open(t, inner, k)
			return open(t, inner, k.ReadOnly())
		})
	})
	t.Run("no keys", func(t *testing.T) {
		archivetest.Blobs(t, func(t *testing.T) archive.Blobs { return open(t, local(t, t.TempDir()), vault.Keys{}) })
	})
}

func put(t testing.TB, b archive.Blobs, key string, data []byte) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
		t.Fatalf("Put(%q) = %v", key, err)
	}
}

func keys(t testing.TB, b archive.Blobs, prefix string) (all []string) {
	t.Helper()
	for info, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List(%q) = %v", prefix, err)
		}
		all = append(all, info.Key)
	}
	return all
}

// random is data that is the same in each run.
func random(seed uint64, n int) []byte {
	var s [32]byte
	s[0], s[1] = byte(seed), byte(seed>>8)
	b := make([]byte, n)
	rand.NewChaCha8(s).Read(b)
	return b
}

// TestSwitching switches encryption on and off in a store that is in use.
func TestSwitching(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	never := open(t, inner, vault.Keys{})
	put(t, never, "a/old", []byte("from before"))
	put(t, never, "a/changed", []byte("from before, and changed"))

	on := open(t, inner, k)
	put(t, on, "a/changed", []byte("now"))
	put(t, on, "a/new", []byte("new"))
	want := map[string]string{"a/old": "from before", "a/changed": "now", "a/new": "new"}
	checkAll(t, on, want)
	if got := keys(t, inner, "a/"); !slices.Equal(got, []string{"a/changed.age", "a/new.age", "a/old"}) {
		t.Errorf("switched on the store has %q, want what is new encrypted and once", got)
	}

	off := open(t, inner, k.ReadOnly())
	checkAll(t, off, want)
	put(t, off, "a/new", []byte("plain again"))
	want["a/new"] = "plain again"
	checkAll(t, off, want)
	checkAll(t, on, want)
	if got := keys(t, inner, "a/"); !slices.Equal(got, []string{"a/changed.age", "a/new", "a/old"}) {
		t.Errorf("switched off the store has %q, want what is new plain", got)
	}
	if err := archive.Purge(t.Context(), on, "a/changed"); err != nil {
		t.Errorf("Purge = %v", err)
	}
	for _, key := range []string{"a/old", "a/new"} {
		if err := on.Remove(t.Context(), key); err != nil {
			t.Errorf("Remove(%q) = %v", key, err)
		}
	}
	if got := keys(t, inner, "a/"); len(got) > 0 {
		t.Errorf("after removing all the store has %q", got)
	}
}

func checkAll(t *testing.T, b archive.Blobs, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, key := range keys(t, b, "a/") {
		got[key] = string(archivetest.ReadBlob(t, b, key))
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the vault has %q, want %q", got, want)
	}
	for info, err := range b.List(t.Context(), "a/") {
		if err != nil || info.Size != int64(len(want[info.Key])) {
			t.Errorf("List yields %+v, %v, want size %d", info, err, len(want[info.Key]))
		}
	}
}

// TestPutThatIsCutOff stops the store between the two changes of a Put that
// changes the form of a blob: one of the two contents is read, the same from
// then on, and a Put of the same key tidies up.
func TestPutThatIsCutOff(t *testing.T) {
	k, _ := newKeys(t)
	for name, c := range map[string]struct {
		first, then vault.Keys
		want        string
	}{
		"on":  {k.ReadOnly(), k, "new"},
		"off": {k, k.ReadOnly(), "old"},
	} {
		t.Run(name, func(t *testing.T) {
			inner := local(t, t.TempDir())
			open(t, inner, k)
			put(t, open(t, inner, c.first), "a/k", []byte("old"))
			faulty := open(t, archivetest.NewFaults(inner, 2, archivetest.Mode{Stop: true}), c.then)
			if _, err := faulty.Put(t.Context(), "a/k", strings.NewReader("new")); !errors.Is(err, sohoa.ErrUnavailable) {
				t.Fatalf("Put = %v, want the fault", err)
			}
			if got := keys(t, inner, "a/"); len(got) != 2 {
				t.Fatalf("the store has %q, want both forms", got)
			}
			for _, mode := range []vault.Keys{k, k.ReadOnly()} {
				checkAll(t, open(t, inner, mode), map[string]string{"a/k": c.want})
			}
			put(t, open(t, inner, c.then), "a/k", []byte("newest"))
			if got := keys(t, inner, "a/"); len(got) != 1 {
				t.Errorf("after another Put the store has %q, want one", got)
			}
			checkAll(t, open(t, inner, k), map[string]string{"a/k": "newest"})
		})
	}
}

// TestListIsInOrder compares listings with sorted keys, for keys that the
// suffix puts out of order.
func TestListIsInOrder(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	off, on := open(t, inner, k.ReadOnly()), open(t, inner, k)
	all := []string{"a", "a-", "a-b/c", "a-b/c-d", "a-b/c.d", "a.0", "a.aaa", "a.agf", "a.b", "a.b-", "a0", "b/a-1/x", "b/a-2/y", "b/a", "b/a=1", "b/a_1", "c-d.e-f", "c-d", "c"}
	for i, key := range all {
		if i%3 == 0 {
			put(t, off, key, []byte(key))
		} else {
			put(t, on, key, []byte(key))
		}
	}
	slices.Sort(all)
	for _, prefix := range []string{"", "a", "a-", "a-b/", "a-b/c", "a.", "a.b", "b/", "b/a", "b/a.a", "b/a-", "b/a.age", "c-d", "c-d.", "c-d.a", "v"} {
		var want []string
		for _, key := range all {
			if strings.HasPrefix(key, prefix) {
				want = append(want, key)
			}
		}
		if got := keys(t, on, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) = %q, want %q", prefix, got, want)
		}
	}
}

// TestNothingIsReadable looks for plaintext in what is stored.
func TestNothingIsReadable(t *testing.T) {
	dir := t.TempDir()
	inner := local(t, dir)
	k, _ := newKeys(t)
	s := open(t, inner, k)
	secret := strings.Repeat("Nguyễn Thị Bí Mật 012345678901 ", 10_000)
	put(t, s, "work/1/original", []byte(secret))
	if err := s.Copy(t.Context(), "work/2/leaf", "work/1/original"); err != nil {
		t.Fatal(err)
	}
	var first []byte
	for _, key := range []string{"work/1/original.age", "work/2/leaf.age"} {
		got := archivetest.ReadBlob(t, inner, key)
		if bytes.Contains(got, []byte("Nguyễn")) || bytes.Contains(got, []byte("0123456")) || !bytes.HasPrefix(got, []byte("age-encryption.org/v1\n")) {
			t.Errorf("%s has plaintext in it", key)
		}
		if first != nil && !bytes.Equal(got, first) {
			t.Error("a copy was encrypted anew, want the same bytes")
		}
		first = got
	}
	if got := archivetest.ReadBlob(t, s, "work/2/leaf"); string(got) != secret {
		t.Error("the copy reads otherwise")
	}
}

// TestNotesStay has the vault refuse to remove what it noted itself.
func TestNotesStay(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	s := open(t, inner, k)
	for _, prefix := range []string{"vault/", "vault/a/"} {
		if err := s.RemoveAll(t.Context(), prefix); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("RemoveAll(%q) = %v, want ErrInvalid", prefix, err)
		}
		if err := s.PurgeAll(t.Context(), prefix); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("PurgeAll(%q) = %v, want ErrInvalid", prefix, err)
		}
	}
	if got := keys(t, inner, "vault/"); len(got) != 1 {
		t.Errorf("notes %q, want one", got)
	}
}

func TestStored(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	s := open(t, inner, k)
	data := random(1, 200_000)
	put(t, s, "a", data)
	put(t, open(t, inner, k.ReadOnly()), "b", data)
	got, err := s.Stored(t.Context(), "a", sohoa.Sum(data))
	if want := (vault.Stored{Key: "a.age", Digest: sohoa.Sum(archivetest.ReadBlob(t, inner, "a.age"))}); err != nil || got != want {
		t.Errorf("Stored(a) = %v, %v, want %v", got, err, want)
	}
	got, err = s.Stored(t.Context(), "b", sohoa.Sum(data))
	if want := (vault.Stored{Key: "b", Digest: sohoa.Sum(data)}); err != nil || got != want {
		t.Errorf("Stored(b) = %v, %v, want %v", got, err, want)
	}
	if _, err := s.Stored(t.Context(), "a", sohoa.Sum(nil)); !changed(err) {
		t.Errorf("Stored with another digest = %v, want store.changed", err)
	}
	if _, err := s.Stored(t.Context(), "c", sohoa.Sum(nil)); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Stored(c) = %v, want ErrNotExist", err)
	}
}

func changed(err error) bool {
	var p *sohoa.Problem
	return errors.As(err, &p) && p.Code == "store.changed" && errors.Is(err, sohoa.ErrVerification)
}

// readAll reads a blob from its beginning.
func readAll(t *testing.T, b archive.Blobs, key string) ([]byte, error) {
	t.Helper()
	f, err := b.Open(t.Context(), key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
