package validation_test

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/validation"
)

// sizes are those of ten scanned pages, and of a large file.
var sizes = map[string]int{"2MB": 2 << 20, "140MB": 140 << 20}

// signedFile is a file of about size bytes with one signature, and its path.
func signedFile(t testing.TB, size int) (*os.File, string) {
	t.Helper()
	objects := append(base[:len(base):len(base)], object{10, stream(strings.Repeat("x", size))})
	path := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(path, sealed(t, build(objects), person(t), signing.Request{}, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, path
}

func passes(t testing.TB, f *os.File, opts validation.Options) {
	t.Helper()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r, err := validation.Validate(context.Background(), f, info.Size(), opts)
	if err != nil || r.Conclusion != validation.TotalPassed {
		t.Fatal(r, err)
	}
}

// TestMemoryDoesNotGrowWithTheFile checks 64 MB where they lie.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	f, _ := signedFile(t, 64<<20)
	opts := trust(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	passes(t, f, opts)
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 6<<20 {
		t.Errorf("checking 64 MB allocated %d bytes, want at most 6 MB", n)
	}
}

// BenchmarkValidate reports the time beside that of hashing the file once.
func BenchmarkValidate(b *testing.B) {
	for name, size := range sizes {
		b.Run(name, func(b *testing.B) {
			f, _ := signedFile(b, size)
			opts := trust(b)
			start, h := time.Now(), sha256.New()
			if _, err := io.Copy(h, f); err != nil {
				b.Fatal(err)
			}
			hashing := time.Since(start)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				passes(b, f, opts)
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(hashing), "x-hashing")
		})
	}
}

// processorTime is what this process has used so far; elapsed time would count
// what other programs do meanwhile.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBesidePyHanko reports how many times the processor time pyHanko takes.
func BenchmarkBesidePyHanko(b *testing.B) {
	python := os.Getenv("SOHOA_PYHANKO_PYTHON")
	if python == "" {
		b.Skip("SOHOA_PYHANKO_PYTHON is not set")
	}
	root := filepath.Join(b.TempDir(), "root.der")
	if err := os.WriteFile(root, ca(b).Root().Raw, 0o600); err != nil {
		b.Fatal(err)
	}
	for name, size := range sizes {
		b.Run(name, func(b *testing.B) {
			f, path := signedFile(b, size)
			opts := trust(b)
			begin := processorTime(b)
			for b.Loop() {
				passes(b, f, opts)
			}
			ours := (processorTime(b) - begin).Seconds() / float64(b.N)
			out, err := exec.Command(python, filepath.Join("testdata", "seconds.py"), root, path, now.Format("2006-01-02T15:04:05+00:00"), "5").CombinedOutput()
			if err != nil {
				b.Fatalf("pyHanko: %v\n%s", err, out)
			}
			theirs, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(ours*1000, "cpu-ms/op")
			b.ReportMetric(theirs*1000, "pyhanko-cpu-ms/op")
			b.ReportMetric(theirs/ours, "x-pyhanko")
		})
	}
}
