package ocfl_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
)

// BenchmarkCommit keeps documents of two pages and 600 KB, every write durable
// and read back, on the disk of TMPDIR and in S3 servers over it, one after
// the other and four at once. It reports documents a second, and the files,
// bytes and requests that a document takes.
func BenchmarkCommit(b *testing.B) {
	b.Run("localfs", func(b *testing.B) {
		store, err := localfs.Open(b.TempDir())
		if err != nil {
			b.Fatal(err)
		}
		defer store.Close()
		benchmarkKeep(b, store, func(ocfl.Version) int { return 0 })
	})
	for _, name := range archivetest.S3Servers {
		b.Run(name, func(b *testing.B) {
			server := archivetest.StartS3(b, name)
			c := s3.Config{
				Endpoint: server.Endpoint, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
				Bucket: "papers", CreateBucket: true, PathStyle: true,
			}
			store, err := s3.Open(b.Context(), c)
			if err != nil {
				b.Fatal(err)
			}
			benchmarkKeep(b, store, func(v ocfl.Version) int { return requests(b, c, v) })
		})
	}
}

func benchmarkKeep(b *testing.B, store archive.Blobs, requests func(ocfl.Version) int) {
	root, err := ocfl.Open(b.Context(), store, "ocfl")
	if err != nil {
		b.Fatal(err)
	}
	v := benchmarkDocument(b, store)
	files, size := footprint(b, store, root, v)
	for _, workers := range []int{1, 4} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			keepBy(b, workers, root, v)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(float64(files), "files/doc")
			b.ReportMetric(float64(size), "bytes/doc")
			if n := requests(v); n > 0 {
				b.ReportMetric(float64(n), "requests/doc")
			}
		})
	}
}

// keepBy keeps b.N documents.
func keepBy(b *testing.B, workers int, root *ocfl.Store, v ocfl.Version) {
	var wg sync.WaitGroup
	var next atomic.Int64
	b.ResetTimer()
	for range workers {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if _, err := keep(b, root, v); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}

func keep(b *testing.B, root *ocfl.Store, v ocfl.Version) (ocfl.Object, error) {
	return root.Commit(b.Context(), ocfl.DocumentID(sohoa.NewDocumentID(created)), v)
}

// benchmarkDocument is an original and a signed PDF of 300 KB each, which are
// working files, and what goes along.
func benchmarkDocument(b *testing.B, store archive.Blobs) ocfl.Version {
	b.Helper()
	files := map[string]ocfl.Content{
		"text/0001.json": ocfl.Bytes([]byte("{}")),
		"text/0002.json": ocfl.Bytes([]byte("{ }")),
		"metadata.json":  ocfl.Bytes([]byte("{  }")),
	}
	for _, name := range []string{"original", "signed.pdf"} {
		scan := make([]byte, 300<<10)
		rand.Read(scan)
		info, err := store.Put(b.Context(), "work/"+name, bytes.NewReader(scan))
		if err != nil {
			b.Fatal(err)
		}
		files[name] = ocfl.Blob(info.Key, info.Digest)
	}
	return ocfl.Version{Created: created, Message: "kept", Files: files}
}

// footprint keeps one document and returns what it left.
func footprint(b *testing.B, store archive.Blobs, root *ocfl.Store, v ocfl.Version) (files int, size int64) {
	b.Helper()
	before := map[string]bool{}
	for _, key := range list(b, store) {
		before[key] = true
	}
	if _, err := keep(b, root, v); err != nil {
		b.Fatal(err)
	}
	for info, err := range store.List(b.Context(), "") {
		if err != nil {
			b.Fatal(err)
		}
		if !before[info.Key] {
			files, size = files+1, size+info.Size
		}
	}
	return files, size
}

// requests counts those of one document more, through a proxy.
func requests(b *testing.B, c s3.Config, v ocfl.Version) (n int) {
	b.Helper()
	p := archivetest.StartProxy(b, c.Endpoint)
	c.Endpoint = p.Addr
	store, err := s3.Open(b.Context(), c)
	if err != nil {
		b.Fatal(err)
	}
	root, err := ocfl.Open(b.Context(), store, "ocfl")
	if err != nil {
		b.Fatal(err)
	}
	before := p.Seen()
	if _, err := keep(b, root, v); err != nil {
		b.Fatal(err)
	}
	for method, seen := range p.Seen() {
		n += seen - before[method]
	}
	return n
}
