// Package archivetest holds the tests that every implementation of archive's
// interfaces passes before it is offered, and what those tests need: S3
// servers to talk to (StartS3), a proxy in front of one that is slow, breaks
// off, lies or refuses (Proxy, by rule or by a seed), and a store that fails
// at a chosen change (Faults).
package archivetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"sohoa"
	"sohoa/archive"
)

// Blobs tests a store. open returns an empty one, or one that nobody else
// uses; it is called once for each part of the suite.
func Blobs(t *testing.T, open func(t *testing.T) archive.Blobs) {
	for name, test := range map[string]func(*testing.T, archive.Blobs){
		"round trip":       testRoundTrip,
		"overwrite":        testOverwrite,
		"read at":          testReadAt,
		"seek":             testSeek,
		"missing":          testMissing,
		"bad keys":         testBadKeys,
		"failing reader":   testFailingReader,
		"cancelled":        testCancelled,
		"read cancelled":   testReadCancelled,
		"list":             testList,
		"many":             testMany,
		"concurrent put":   testConcurrentPut,
		"remove":           testRemove,
		"copy":             testCopy,
		"put while erased": testPutWhileErased,
		"put new":          testPutNew,
		"put over":         testPutOver,
		"one of many":      testOneOfMany,
		"purge":            testPurge,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// sizes reach from nothing to more than one part of a multipart upload.
var sizes = []int{0, 1, 4095, 1 << 20, 9<<20 + 17, 21<<20 + 1}

func testRoundTrip(t *testing.T, b archive.Blobs) {
	for _, size := range sizes {
		key, data := fmt.Sprintf("a/b=c/%d.bin", size), randomBytes(size)
		// A reader that is nothing but a reader: its length is unknown.
		info, err := b.Put(t.Context(), key, io.MultiReader(bytes.NewReader(data)))
		if err != nil {
			t.Fatalf("Put(%q) = %v", key, err)
		}
		if info.Key != key || info.Size != int64(size) || info.Digest != sohoa.Sum(data) || info.Modified.IsZero() {
			t.Errorf("Put(%q) = %+v, want size %d, digest %v and a time", key, info, size, sohoa.Sum(data))
		}
		if got := ReadBlob(t, b, key); !bytes.Equal(got, data) {
			t.Errorf("%s: read %d bytes that differ from the %d put", key, len(got), size)
		}
		st, err := b.Stat(t.Context(), key)
		if err != nil || st.Size != int64(size) || st.Key != key {
			t.Errorf("Stat(%q) = %+v, %v, want size %d", key, st, err, size)
		}
		if !st.Digest.IsZero() && st.Digest != sohoa.Sum(data) {
			t.Errorf("Stat(%q).Digest = %v, want zero or %v", key, st.Digest, sohoa.Sum(data))
		}
	}
}

func testOverwrite(t *testing.T, b archive.Blobs) {
	put(t, b, "k/1", []byte("the first, which is longer"))
	old, err := b.Open(t.Context(), "k/1")
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	put(t, b, "k/1", []byte("the second"))
	if got := ReadBlob(t, b, "k/1"); string(got) != "the second" {
		t.Errorf("after overwriting: %q, want %q", got, "the second")
	}
	// A reader of the old bytes gets them all, or an error.
	if got, err := io.ReadAll(old); err == nil && string(got) != "the first, which is longer" {
		t.Errorf("read %q across an overwrite, want the old bytes or an error", got)
	}
}

func testReadAt(t *testing.T, b archive.Blobs) {
	data := randomBytes(3<<20 + 5)
	put(t, b, "k", data)
	f, err := b.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Size() != int64(len(data)) {
		t.Errorf("Size = %d, want %d", f.Size(), len(data))
	}
	for _, r := range []struct{ off, n int }{
		{0, 10}, {1<<20 - 3, 6}, {len(data) - 5, 5}, {1, len(data) - 1}, {2 << 20, 1 << 19}, {7, 0},
	} {
		got := make([]byte, r.n)
		n, err := f.ReadAt(got, int64(r.off))
		if n != r.n || (err != nil && err != io.EOF) || !bytes.Equal(got[:n], data[r.off:r.off+r.n]) {
			t.Errorf("ReadAt(%d bytes, %d) = %d, %v, want the bytes there", r.n, r.off, n, err)
		}
	}
	got := make([]byte, 10)
	n, err := f.ReadAt(got, int64(len(data)-4))
	if n != 4 || err != io.EOF || !bytes.Equal(got[:4], data[len(data)-4:]) {
		t.Errorf("ReadAt across the end = %d, %v, want 4, EOF", n, err)
	}
	if n, err := f.ReadAt(got, int64(len(data)+1)); n != 0 || err != io.EOF {
		t.Errorf("ReadAt behind the end = %d, %v, want 0, EOF", n, err)
	}
	readAtFromMany(t, f, data)
}

func readAtFromMany(t *testing.T, f archive.Blob, data []byte) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			got, off := make([]byte, 1000), i*300_000
			if n, err := f.ReadAt(got, int64(off)); n != 1000 || !bytes.Equal(got, data[off:off+1000]) {
				t.Errorf("ReadAt(1000 bytes, %d) beside others = %d, %v, want the bytes there", off, n, err)
			}
		})
	}
	wg.Wait()
}

func testSeek(t *testing.T, b archive.Blobs) {
	data := randomBytes(100_000)
	put(t, b, "k", data)
	f, err := b.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, s := range []struct {
		off    int64
		whence int
		want   int64
	}{{10, io.SeekStart, 10}, {5, io.SeekCurrent, 25}, {-20, io.SeekEnd, 99_980}, {0, io.SeekStart, 0}} {
		if got, err := f.Seek(s.off, s.whence); got != s.want || err != nil {
			t.Fatalf("Seek(%d, %d) = %d, %v, want %d", s.off, s.whence, got, err, s.want)
		}
		got := make([]byte, 10)
		if _, err := io.ReadFull(f, got); err != nil || !bytes.Equal(got, data[s.want:s.want+10]) {
			t.Errorf("read after Seek(%d, %d): wrong bytes, %v", s.off, s.whence, err)
		}
	}
	if _, err := f.Seek(-1, io.SeekStart); err == nil {
		t.Error("Seek(-1, SeekStart) = nil, want an error")
	}
	if _, err := f.Seek(0, io.SeekEnd); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("Read at the end = %d, %v, want 0, EOF", n, err)
	}
}

func testMissing(t *testing.T, b archive.Blobs) {
	put(t, b, "folder/blob", []byte("x"))
	for _, key := range []string{"nothing", "folder", "folder/none", "folder/blob/below"} {
		if _, err := b.Open(t.Context(), key); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Open(%q) = %v, want ErrNotExist", key, err)
		}
		if _, err := b.Stat(t.Context(), key); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("Stat(%q) = %v, want ErrNotExist", key, err)
		}
	}
	if got := keys(t, b, "nowhere/"); len(got) != 0 {
		t.Errorf("List(nowhere/) = %q, want nothing", got)
	}
}

func testBadKeys(t *testing.T, b archive.Blobs) {
	for _, key := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "../a", ".tmp/x", "a/.b", "a b", "số", "a\x00b", "a\\b", "a%b",
		strings.Repeat("a", archive.MaxNameBytes+1), strings.Repeat("a/", archive.MaxKeyBytes),
	} {
		if _, err := b.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("Put(%q) = %v, want ErrInvalid", key, err)
		}
		if _, err := b.Open(t.Context(), key); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("Open(%q) = %v, want ErrInvalid", key, err)
		}
		if _, err := b.Stat(t.Context(), key); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("Stat(%q) = %v, want ErrInvalid", key, err)
		}
	}
	if got := keys(t, b, ""); len(got) != 0 {
		t.Errorf("List = %q after refused Puts, want nothing", got)
	}
}

func testFailingReader(t *testing.T, b archive.Blobs) {
	broken := errors.New("the scanner was unplugged")
	for _, size := range sizes {
		r := io.MultiReader(bytes.NewReader(randomBytes(size)), iotest.ErrReader(broken))
		if _, err := b.Put(t.Context(), "new/x", r); !errors.Is(err, broken) {
			t.Errorf("Put of %d bytes and an error = %v, want that error", size, err)
		}
		if got := keys(t, b, ""); len(got) != 0 {
			t.Errorf("List = %q after a failed Put of %d bytes, want nothing", got, size)
		}
	}
	put(t, b, "old", []byte("old"))
	if _, err := b.Put(t.Context(), "old", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("Put = %v, want the reader's error", err)
	}
	if got := ReadBlob(t, b, "old"); string(got) != "old" {
		t.Errorf("after a failed overwrite: %q, want %q", got, "old")
	}
}

func testCancelled(t *testing.T, b archive.Blobs) {
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(bytes.NewReader(randomBytes(9<<20)), readerFunc(func(p []byte) (int, error) {
		cancel()
		return copy(p, "more"), nil
	}))
	if _, err := b.Put(ctx, "k", r); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with a context that ends midway = %v, want Canceled", err)
	}
	for _, err := range b.List(ctx, "") {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("List with a cancelled context yields %v, want Canceled", err)
		}
	}
	if got := keys(t, b, ""); len(got) != 0 {
		t.Errorf("List = %q after a cancelled Put, want nothing", got)
	}
}

// testReadCancelled reads on after the end of the context.
func testReadCancelled(t *testing.T, b archive.Blobs) {
	put(t, b, "k", randomBytes(9<<20))
	ctx, cancel := context.WithCancel(t.Context())
	f, err := b.Open(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	cancel()
	if n, err := io.Copy(io.Discard, f); !errors.Is(err, context.Canceled) {
		t.Errorf("read %d bytes and %v after the context ended, want Canceled", n, err)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func testList(t *testing.T, b archive.Blobs) {
	all := []string{"a-b/1", "a.txt", "a/b/c/d", "a/b/c0", "a/b=1", "a/z", "aa/1", "b/0=x_1.1", "b/v1/content/1"}
	for i, key := range slices.Backward(all) {
		put(t, b, key, make([]byte, i))
	}
	for _, prefix := range []string{"", "a", "a/", "a/b", "a/b/", "a/b/c", "a/b/c/", "b/v1/c", "c", "a.", "a-b/1", "a-b/1/"} {
		var want []string
		for _, key := range all {
			if strings.HasPrefix(key, prefix) {
				want = append(want, key)
			}
		}
		if got := keys(t, b, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) = %q, want %q", prefix, got, want)
		}
	}
	for info, err := range b.List(t.Context(), "aa") {
		if err != nil || info.Size != 6 || info.Modified.IsZero() {
			t.Errorf("List(aa) yields %+v, %v, want size 6 and a time", info, err)
		}
	}
	for _, prefix := range []string{"/", "../", "a//", "%"} {
		for _, err := range b.List(t.Context(), prefix) {
			if !errors.Is(err, sohoa.ErrInvalid) {
				t.Errorf("List(%q) yields %v, want ErrInvalid", prefix, err)
			}
		}
	}
}

// testMany lists more than S3 returns in one answer.
func testMany(t *testing.T, b archive.Blobs) {
	const n = 1203
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < n; i += 8 {
				if _, err := b.Put(t.Context(), fmt.Sprintf("m/%02d/%04d", i%7, i), strings.NewReader("x")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := keys(t, b, "m/")
	if len(got) != n || !slices.IsSorted(got) {
		t.Errorf("List yields %d keys, sorted %v, want %d, sorted", len(got), slices.IsSorted(got), n)
	}
	seen := 0
	for range b.List(t.Context(), "m/") {
		if seen++; seen == 10 {
			break // and nothing leaks or panics
		}
	}
}

func testConcurrentPut(t *testing.T, b archive.Blobs) {
	var wg sync.WaitGroup
	datas := make([][]byte, 6)
	for i := range datas {
		datas[i] = randomBytes(300_000 + i)
		wg.Go(func() {
			if _, err := b.Put(t.Context(), "same/key", bytes.NewReader(datas[i])); err != nil {
				t.Errorf("Put beside others = %v", err)
			}
		})
	}
	wg.Wait()
	got := ReadBlob(t, b, "same/key")
	if !slices.ContainsFunc(datas, func(d []byte) bool { return bytes.Equal(d, got) }) {
		t.Errorf("read %d bytes that are none of those put", len(got))
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func put(t *testing.T, b archive.Blobs, key string, data []byte) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, bytes.NewReader(data)); err != nil {
		t.Fatalf("Put(%q) = %v", key, err)
	}
}

// ReadBlob returns the bytes under key, or ends the test.
func ReadBlob(t *testing.T, b archive.Blobs, key string) []byte {
	t.Helper()
	f, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open(%q) = %v", key, err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	return data
}

func keys(t *testing.T, b archive.Blobs, prefix string) []string {
	t.Helper()
	var all []string
	for info, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List(%q) = %v", prefix, err)
		}
		all = append(all, info.Key)
	}
	return all
}
