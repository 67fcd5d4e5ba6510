package vault_test

import (
	"bytes"
	"io"
	"testing"

	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/vault"
)

// stores are the same store without and with encryption.
func stores(b *testing.B, inner vault.Inner) map[string]archive.Blobs {
	k, _ := newKeys(b)
	return map[string]archive.Blobs{"plain": inner, "encrypted": open(b, inner, k)}
}

// inners are the stores that are measured.
func inners(b *testing.B) map[string]vault.Inner {
	return map[string]vault.Inner{"localfs": local(b, b.TempDir()), "versitygw": bucket(b, archivetest.StartS3(b, "versitygw"))}
}

// each runs a benchmark on every store, without and with encryption.
func each(b *testing.B, f func(b *testing.B, s archive.Blobs)) {
	for where, inner := range inners(b) {
		for how, s := range stores(b, inner) {
			b.Run(where+"/"+how, func(b *testing.B) { f(b, s) })
		}
	}
}

// BenchmarkPut stores page images of 600 KB.
func BenchmarkPut(b *testing.B) {
	data := random(1, 600_000)
	each(b, func(b *testing.B, s archive.Blobs) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			put(b, s, "work/1/original", data)
		}
	})
}

// BenchmarkRead reads them from beginning to end.
func BenchmarkRead(b *testing.B) {
	data := random(1, 600_000)
	each(b, func(b *testing.B, s archive.Blobs) {
		put(b, s, "work/1/original", data)
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if got := readThrough(b, s, "work/1/original"); got != int64(len(data)) {
				b.Fatalf("read %d bytes", got)
			}
		}
	})
}

func readThrough(b *testing.B, s archive.Blobs, key string) int64 {
	f, err := s.Open(b.Context(), key)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	n, err := io.Copy(io.Discard, f)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// BenchmarkRange opens a PDF of 100 MB and reads 64 KB from its middle, as a
// viewer does that turns to a page.
func BenchmarkRange(b *testing.B) {
	data := random(2, 100<<20)
	each(b, func(b *testing.B, s archive.Blobs) {
		put(b, s, "work/1/document.pdf", data)
		part, off := make([]byte, 64<<10), int64(0)
		for b.Loop() {
			f, err := s.Open(b.Context(), "work/1/document.pdf")
			if err != nil {
				b.Fatal(err)
			}
			off = (off + 7_777_777) % int64(len(data)-len(part))
			if _, err := f.ReadAt(part, off); err != nil || !bytes.Equal(part, data[off:off+int64(len(part))]) {
				b.Fatalf("ReadAt(%d) = %v", off, err)
			}
			f.Close()
		}
	})
}
