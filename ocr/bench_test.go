package ocr_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/ocr"
)

// benchPages are what SOHOA_CORPUS names, or the samples.
func benchPages(b *testing.B) [][]byte {
	b.Helper()
	files := corpus(b)
	for i := 0; len(files) < len(samples) && os.Getenv("SOHOA_CORPUS") == ""; i++ {
		files = append(files, filepath.Join(testdata, "scans", samples[i]))
	}
	var out [][]byte
	for _, f := range files {
		out = append(out, fileBytes(b, f))
	}
	return out
}

// cpu is the processor time of this process.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSteps reports the processor time of a page's steps other than
// recognition: the mean of all pages.
func BenchmarkSteps(b *testing.B) {
	pages := benchPages(b)
	sums := map[string]time.Duration{}
	n := 0
	for b.Loop() {
		for _, page := range pages {
			last := cpu(b)
			_, err := ocr.Steps(page, sohoa.FidelityStandard, func(step string) {
				now := cpu(b)
				sums[step] += now - last
				last = now
			})
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	}
	for step, sum := range sums {
		b.ReportMetric(float64(sum.Microseconds())/1000/float64(n), step+"-ms/page")
	}
}

// BenchmarkRead reports what a page costs beside its recognition, the access
// copy read again included, and what that copy takes, by fidelity.
func BenchmarkRead(b *testing.B) {
	r, err := reader()
	if err != nil {
		b.Fatal(err)
	}
	pages := benchPages(b)
	for _, f := range []sohoa.Fidelity{sohoa.FidelityNone, sohoa.FidelitySmall, sohoa.FidelityStandard, sohoa.FidelityHigh} {
		b.Run(string(f), func(b *testing.B) {
			var other, recognise, bytes, n int64
			var each []int64
			for b.Loop() {
				for i, page := range pages {
					res, err := r.Read(context.Background(), ocr.Page{Image: page, Number: i + 1, Fidelity: f})
					if err != nil {
						b.Fatal(err)
					}
					n++
					other += res.Text.CPUMilli - res.Text.RecogniseMilli
					recognise += res.Text.RecogniseMilli
					each = append(each, res.Text.CPUMilli-res.Text.RecogniseMilli)
					if res.Layers != nil {
						bytes += res.Layers.Treatment.Bytes
					}
				}
			}
			b.ReportMetric(float64(other)/float64(n), "other-ms/page")
			b.ReportMetric(float64(slices.Max(each)), "most-ms/page")
			b.ReportMetric(float64(recognise)/float64(n), "recognition-ms/page")
			b.ReportMetric(float64(bytes)/float64(n)/1024, "KB/page")
		})
	}
}
