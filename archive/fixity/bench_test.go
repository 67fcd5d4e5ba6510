package fixity_test

import (
	"context"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/fixity"
	"sohoa/archive/ocfl"
)

// BenchmarkExamine reads 60 objects of 4 MiB again, beside sha256sum over the
// same files in the same run.
func BenchmarkExamine(b *testing.B) {
	store, dir := local(b)
	root, err := ocfl.Open(b.Context(), store, "ocfl")
	if err != nil {
		b.Fatal(err)
	}
	scan := make([]byte, 4<<20)
	random := rand.NewChaCha8([32]byte{})
	for i := range 60 {
		random.Read(scan)
		id := ocfl.DocumentID(sohoa.NewDocumentID(time.Unix(int64(i), 0)))
		if _, err := root.Commit(b.Context(), id, ocfl.Version{Created: time.Unix(0, 0), Message: "kept",
			Files: map[string]ocfl.Content{"original.pdf": ocfl.Bytes(scan)}}); err != nil {
			b.Fatal(err)
		}
	}
	var ours, theirs, peak float64
	b.ResetTimer()
	for b.Loop() {
		e := &fixity.Examiner{Copy: archive.FirstCopy, Root: root, Now: time.Now,
			Known: func(context.Context, ocfl.ID) (fixity.Known, error) { return fixity.Known{}, nil }}
		start := time.Now()
		err := e.Run(b.Context(), "", func(r fixity.Result) error {
			if len(r.Findings) > 0 {
				b.Errorf("found %+v", r.Findings)
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, float64(m.HeapInuse)/(1<<20))
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		ours += time.Since(start).Seconds()
		start = time.Now()
		files, err := filepath.Glob(filepath.Join(dir, "ocfl/*/*/*/v1/content/*"))
		if err != nil || len(files) != 60 {
			b.Fatalf("%d files, %v", len(files), err)
		}
		if err := exec.Command("sha256sum", files...).Run(); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start).Seconds()
	}
	mb := float64(b.N) * 60 * 4 * 1.048576
	b.ReportMetric(mb/ours, "MB/s")
	b.ReportMetric(mb/theirs, "sha256sum-MB/s")
	b.ReportMetric(theirs/ours, "ratio")
	b.ReportMetric(peak, "heap-MiB")
}
