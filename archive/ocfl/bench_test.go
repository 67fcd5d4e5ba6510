package ocfl_test

import (
	"bytes"
	"crypto/rand"
	"testing"

	"sohoa"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
)

// BenchmarkCommit keeps documents of two pages and 600 KB on the disk of
// TMPDIR, every write synced and read back.
func BenchmarkCommit(b *testing.B) {
	store, err := localfs.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	root, err := ocfl.Open(b.Context(), store, "ocfl")
	if err != nil {
		b.Fatal(err)
	}
	scan := make([]byte, 300<<10)
	rand.Read(scan)
	for _, key := range []string{"work/original", "work/signed"} {
		scan[0]++
		if _, err := store.Put(b.Context(), key, bytes.NewReader(scan)); err != nil {
			b.Fatal(err)
		}
	}
	files := map[string]ocfl.Content{
		"original":       ocfl.Blob("work/original", sohoa.Digest{}),
		"signed.pdf":     ocfl.Blob("work/signed", sohoa.Digest{}),
		"text/0001.json": ocfl.Bytes([]byte("{}")),
		"text/0002.json": ocfl.Bytes([]byte("{ }")),
		"metadata.json":  ocfl.Bytes([]byte("{  }")),
	}
	b.SetBytes(2 * int64(len(scan)))
	for b.Loop() {
		id := ocfl.DocumentID(sohoa.NewDocumentID(created))
		if _, err := root.Commit(b.Context(), id, ocfl.Version{Created: created, Message: "kept", Files: files}); err != nil {
			b.Fatal(err)
		}
	}
}
