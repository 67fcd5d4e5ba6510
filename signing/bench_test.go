package signing_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/digitorus/pdf"
	pdfsign "github.com/digitorus/pdfsign/sign"

	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
)

// byPdfsign signs with github.com/digitorus/pdfsign, our counterpart.
func byPdfsign(t testing.TB, in []byte, k *signing.Key, out io.Writer) {
	t.Helper()
	r, err := pdf.NewReader(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		t.Fatal(err)
	}
	data := pdfsign.SignData{Signer: k.Signer, Certificate: k.Certificate, DigestAlgorithm: crypto.SHA256}
	data.Signature.CertType = pdfsign.ApprovalSignature
	data.Signature.Info.Date = time.Now()
	if err := pdfsign.Sign(bytes.NewReader(in), out, r, int64(len(in)), data); err != nil {
		t.Fatalf("pdfsign: %v", err)
	}
}

// TestCosignCounterpart adds our signature to pdfsign's.
func TestCosignCounterpart(t *testing.T) {
	var theirs bytes.Buffer
	byPdfsign(t, plain{}.table(), key(t, testca.RSA2048), &theirs)
	out, _ := sign(t, theirs.Bytes(), signing.Request{}, nil)
	vs := pdfsig(t, out)
	if len(vs) != 2 || !vs[0].Valid || !vs[1].Valid || !vs[1].Total {
		t.Errorf("pdfsig = %+v, want two valid signatures", vs)
	}
}

// TestMemoryDoesNotGrowWithTheDocument signs 64 MB out of a reader.
func TestMemoryDoesNotGrowWithTheDocument(t *testing.T) {
	in := plain{objects: map[int]string{4: big(64 << 20)}}.table()
	k := key(t, testca.P256)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := signing.Sign(t.Context(), bytes.NewReader(in), int64(len(in)), io.Discard, k, signing.Request{}, nil)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 2<<20 {
		t.Errorf("signing 64 MB allocated %d bytes, want at most 2 MB", n)
	}
}

// byPyhanko is the CPU time of one signature by pyHanko, our other
// counterpart, in a process of its own.
func byPyhanko(b *testing.B, file, key string, times int) time.Duration {
	b.Helper()
	python := os.Getenv("SOHOA_PYHANKO_PYTHON")
	if python == "" {
		missing(b, "SOHOA_PYHANKO_PYTHON is not set")
	}
	out, err := exec.Command(python, filepath.Join("testdata", "speed.py"), file, key, "x", strconv.Itoa(times)).Output()
	if err != nil {
		b.Fatalf("pyhanko: %v", err)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	if err != nil {
		b.Fatal(err)
	}
	return time.Duration(seconds * float64(time.Second))
}

// BenchmarkSign signs scans of ten pages and of 140 MB. All times are CPU time,
// ns/op too. The metric limits is the time as a multiple of the least that is
// possible without a Base, which is hashing the file once and one operation of
// the key; keys is that of the operation alone. What is stored, and has a Base,
// ends with what is to be appended; the others end with a copy.
func BenchmarkSign(b *testing.B) {
	for _, pages := range []int{10, 560} {
		in := bundle(b, pages)
		for _, alg := range []testca.Algorithm{testca.P256, testca.RSA2048} {
			b.Run(fmt.Sprintf("%dMB/%s", len(in)/1e6, alg), func(b *testing.B) {
				(&race{in: in, key: key(b, alg), base: note(b, in), took: map[string]time.Duration{}}).run(b)
			})
		}
	}
}

// race is one document that is signed in several ways.
type race struct {
	in   []byte
	key  *signing.Key
	base *signing.Base
	took map[string]time.Duration // by way
}

func (r *race) run(b *testing.B) {
	waiting := r.prepare(b, signing.Request{})
	value := r.value(b, waiting)
	r.lap(b, "key", func() { r.value(b, waiting) })
	r.lap(b, "check", func() { r.complete(b, waiting, value) })
	r.lap(b, "limit", func() { sha256.Sum256(r.in); r.value(b, waiting) })
	r.lap(b, "stored", func() {
		p := r.prepare(b, signing.Request{Base: r.base})
		r.complete(b, p, r.value(b, p))
	})
	r.lap(b, "stored-marked", func() {
		p := r.prepare(b, signing.Request{Base: r.base, Mark: mark.Agency("", "Ủy ban nhân dân tỉnh Hà Tĩnh", moment)})
		r.complete(b, p, r.value(b, p))
	})
	r.lap(b, "sohoa", func() {
		_, err := signing.Sign(b.Context(), bytes.NewReader(r.in), int64(len(r.in)), io.Discard, r.key, signing.Request{}, nil)
		if err != nil {
			b.Fatal(err)
		}
	})
	r.lap(b, "pdfsign", func() { byPdfsign(b, r.in, r.key, io.Discard) })
	b.Run("pyhanko", func(b *testing.B) {
		file, p12 := temp(b, "a.pdf", r.in), temp(b, "a.p12", packed(b, r.key))
		r.report(b, "pyhanko", byPyhanko(b, file, p12, 5))
	})
}

// lap measures one way in CPU time, which other programs disturb least.
func (r *race) lap(b *testing.B, way string, fn func()) {
	b.Run(way, func(b *testing.B) {
		b.ReportAllocs()
		start := cpuTime(b)
		for b.Loop() {
			fn()
		}
		r.report(b, way, (cpuTime(b)-start)/time.Duration(b.N))
	})
}

// cpuTime is what this process used so far, all threads together.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (r *race) report(b *testing.B, way string, took time.Duration) {
	r.took[way] = took
	b.ReportMetric(float64(took), "ns/op")
	if key := r.took["key"]; key > 0 {
		b.ReportMetric(float64(took)/float64(key), "keys")
	}
	if limit := r.took["limit"]; limit > 0 {
		b.ReportMetric(float64(took)/float64(limit), "limits")
	}
}

func (r *race) prepare(b *testing.B, req signing.Request) *signing.Prepared {
	p, err := signing.Prepare(b.Context(), bytes.NewReader(r.in), int64(len(r.in)), r.key.Certificates(), req)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

func (r *race) value(b *testing.B, p *signing.Prepared) []byte {
	v, err := r.key.Sign(b.Context(), p)
	if err != nil {
		b.Fatal(err)
	}
	return v
}

func (r *race) complete(b *testing.B, p *signing.Prepared, value []byte) {
	if _, err := signing.Complete(b.Context(), p, value, nil); err != nil {
		b.Fatal(err)
	}
}

// packed is a key as a PKCS#12 file under the password x.
func packed(b *testing.B, k *signing.Key) []byte {
	b.Helper()
	p12, err := (&testca.Identity{Signer: k.Signer, Certificate: k.Certificate, Chain: k.Chain}).PKCS12("x")
	if err != nil {
		b.Fatal(err)
	}
	return p12
}

// BenchmarkMemory signs files of 2, 140 and 500 MB out of a folder. Beside what
// one signature allocates it reports by how much the peak of the process's
// memory grew.
func BenchmarkMemory(b *testing.B) {
	for _, size := range []int64{2 << 20, 140 << 20, 500 << 20} {
		b.Run(fmt.Sprintf("%dMB", size>>20), func(b *testing.B) {
			f, size := sparse(b, size)
			k := key(b, testca.P256)
			debug.FreeOSMemory()
			if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
				b.Skip("the peak cannot be reset here")
			}
			before := peak(b)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signing.Sign(b.Context(), f, size, io.Discard, k, signing.Request{}, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(peak(b)-before), "KB-peak")
		})
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peak is the most memory that this process had, KB.
func peak(b *testing.B) int {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	m := highWater.FindSubmatch(status)
	if err != nil || m == nil {
		b.Skip("the peak cannot be read here")
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// sparse is a PDF of some n bytes, most of which are a hole in the file.
func sparse(b *testing.B, n int64) (*os.File, int64) {
	b.Helper()
	var head bytes.Buffer
	var xref strings.Builder
	head.WriteString("%PDF-1.7\n")
	xref.WriteString("\nendstream\nendobj\nxref\n0 5\n0000000000 65535 f \n")
	for i := 1; i <= 4; i++ {
		fmt.Fprintf(&xref, "%010d 00000 n \n", head.Len())
		fmt.Fprintf(&head, "%d 0 obj\n", i)
		if i < 4 {
			fmt.Fprintf(&head, "%s\nendobj\n", defaults[i])
		}
	}
	fmt.Fprintf(&head, "<</Length %d>>\nstream\n", n)
	at := int64(head.Len()) + n
	fmt.Fprintf(&xref, "trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", at+int64(len("\nendstream\nendobj\n")))
	f, err := os.Create(filepath.Join(b.TempDir(), "sparse.pdf"))
	if err == nil {
		_, err = f.Write(head.Bytes())
	}
	if err == nil {
		_, err = f.WriteAt([]byte(xref.String()), at)
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return f, at + int64(xref.Len())
}
