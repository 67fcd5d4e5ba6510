package vault_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"filippo.io/age"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/vault"
)

// Sizes of an age file.
const (
	chunk = 64<<10 + 16
	nonce = 16
)

// damages are ways in which ciphertext is not what was put; head is where its
// chunks begin.
func damages(data []byte, head int, other []byte, otherHead int) map[string][]byte {
	at := func(n int) int { return head + n*chunk }
	flipped := func(i int) []byte {
		b := slices.Clone(data)
		b[i] ^= 0x20
		return b
	}
	swapped := slices.Clone(data)
	copy(swapped[at(0):at(1)], data[at(1):at(2)])
	copy(swapped[at(1):at(2)], data[at(0):at(1)])
	foreign := slices.Clone(data)
	copy(foreign[at(1):at(2)], other[otherHead+chunk:otherHead+2*chunk])
	return map[string][]byte{
		"empty":             {},
		"one byte":          data[:1],
		"magic":             flipped(0),
		"stanza":            flipped(40),
		"header MAC":        flipped(head - nonce - 10),
		"nonce":             flipped(head - 3),
		"first chunk":       flipped(at(0) + 5),
		"middle chunk":      flipped(at(1) + 5),
		"tag":               flipped(at(2) - 1),
		"last byte":         flipped(len(data) - 1),
		"cut in a chunk":    data[:len(data)-7],
		"cut at a chunk":    data[:at(2)],
		"cut to the header": data[:head],
		"a byte more":       append(slices.Clone(data), 0),
		"a chunk more":      append(slices.Clone(data), data[at(1):at(2)]...),
		"chunks swapped":    swapped,
		"chunk left out":    slices.Delete(slices.Clone(data), at(1), at(2)),
		"chunk of another":  foreign,
		"header of another": append(slices.Clone(other[:otherHead]), data[head:]...),
		"plaintext":         bytes.Repeat([]byte("%PDF-1.7\n"), len(data)/9),
		"zeros":             make([]byte, len(data)),
		"no nonce":          data[:head-nonce],
	}
}

// TestDamageIsFound reads damaged blobs in every way: whatever is returned was
// put, and the damage is found.
func TestDamageIsFound(t *testing.T) {
	inner := local(t, t.TempDir())
	k, _ := newKeys(t)
	s := open(t, inner, k)
	plain := random(7, 3*(64<<10)+1000)
	put(t, s, "good", plain)
	put(t, s, "other", random(8, len(plain)))
	data, other := archivetest.ReadBlob(t, inner, "good.age"), archivetest.ReadBlob(t, inner, "other.age")
	for name, bad := range damages(data, headBytes(t, data), other, headBytes(t, other)) {
		t.Run(name, func(t *testing.T) {
			put(t, inner, "bad.age", bad)
			checkDamaged(t, s, plain)
		})
	}
}

// headBytes is how long header and nonce of an age file are.
func headBytes(t *testing.T, data []byte) int {
	t.Helper()
	h, err := age.ExtractHeader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return len(h) + nonce
}

func checkDamaged(t *testing.T, s *vault.Store, plain []byte) {
	t.Helper()
	f, err := s.Open(t.Context(), "bad")
	if err != nil {
		if !changed(err) {
			t.Errorf("Open = %v, want store.changed", err)
		}
		return
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if !changed(err) || !bytes.HasPrefix(plain, got) {
		t.Errorf("read %d bytes and %v, want a beginning of what was put and store.changed", len(got), err)
	}
	found := false
	buf := make([]byte, 5000)
	for off := 0; off < len(plain); off += len(buf) {
		n, err := f.ReadAt(buf, int64(off))
		found = found || changed(err)
		if err != nil && err != io.EOF && !changed(err) {
			t.Errorf("ReadAt(%d) = %v, want store.changed", off, err)
		}
		if !bytes.Equal(buf[:n], plain[off:off+n]) {
			t.Fatalf("ReadAt(%d) returned bytes that were never put", off)
		}
	}
	if !found {
		t.Error("ReadAt everywhere found nothing")
	}
	if _, err := s.Stored(t.Context(), "bad", sohoa.Sum(plain)); !changed(err) {
		t.Errorf("Stored = %v, want store.changed", err)
	}
	for info, err := range s.List(t.Context(), "bad") {
		if err != nil || info.Key != "bad" {
			t.Errorf("List yields %+v, %v, want the damaged blob", info, err)
		}
	}
}

// TestReadingInEveryWay mixes Read, Seek and ReadAt.
func TestReadingInEveryWay(t *testing.T) {
	k, _ := newKeys(t)
	s := open(t, local(t, t.TempDir()), k)
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 2 * (64 << 10), 200_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			data := random(uint64(size), size)
			put(t, s, "k", data)
			f, err := s.Open(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if end := make([]byte, 1); size > 0 {
				if n, err := f.ReadAt(end, int64(size-1)); n != 1 || err != nil || end[0] != data[size-1] {
					t.Errorf("ReadAt of the last byte = %d, %v, want it without EOF", n, err)
				}
			}
			for _, from := range []int{0, size / 2, size, 0, size / 3, 0} {
				if _, err := f.Seek(int64(from), io.SeekStart); err != nil {
					t.Fatalf("Seek(%d) = %v", from, err)
				}
				if from == size/3 { // and leave it there
					io.CopyN(io.Discard, f, 10)
					continue
				}
				if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, data[from:]) {
					t.Errorf("from %d: read %d bytes, %v, want the %d there", from, len(got), err, size-from)
				}
			}
		})
	}
}
