package raster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/ingest/raster"
	"sohoa/ocr"
)

// seed is a sound file that mutants are made of.
type seed struct {
	name string
	b    []byte
	many int // mutants
}

// seeds are small, so that a mutant takes milliseconds.
func seeds(t *testing.T) []seed {
	page := sheet(80, 112)
	fill(page, image.Rect(10, 50, 60, 54), image.Black)
	jpg := encode(t, page, 80)
	ppm := ppmOf(page)
	pdf := func(content, entries string, add func(*pdfMaker) int) []byte {
		m := newPDF()
		f := m.textFont("Test", glyphs)
		n := add(m)
		c := m.stream("", []byte(content))
		m.rawPage(fmt.Sprintf("/Contents %d 0 R /MediaBox [0 0 48 67] /Resources << /XObject << /I %d 0 R >> /Font << /F %d 0 R >> >> %s", c, n, f, entries))
		return m.bytes()
	}
	const full = "q 48 0 0 67 0 0 cm /I Do Q\n"
	dctImage := func(m *pdfMaker) int { return m.jpegImage(jpg, 80, 112, dct) }
	flateImage := func(m *pdfMaker) int { return flateRGB(m, page) }
	words := "BT /F 6 Tf 4 40 Td " + show("Nguyên Vinh", glyphs) + " ET\n"
	return []seed{
		{"scan.pdf", pdf(full, "", dctImage), 250},
		{"layer.pdf", pdf("BT 3 Tr ET "+full+words, "", dctImage), 150},
		{"pixels.pdf", pdf(full+"0 0 m 9 9 l S", "/Rotate 90", flateImage), 200},
		{"text.pdf", pdf(words+"q 20 0 0 20 9 9 cm /I Do Q", "", flateImage), 200},
		{"deflated.pdf", bytes.ReplaceAll(pdf(full, "", flateImage), []byte("/FlateDecode"), []byte("/FlateDecode /DecodeParms << /Predictor 15 /Columns 80 >>")), 100},
		{"a.jpg", jpg, 250},
		{"progressive.jpg", tool(t, [][]byte{ppm}, "jpg", "cjpeg", "-progressive"), 100},
		{"a.png", encodePNG(t, page), 150},
		{"lzw.tif", tool(t, [][]byte{encodeTIFF(t, page, nil)}, "tif", "tiffcp", "-c", "lzw"), 100},
		{"g4.tif", tool(t, [][]byte{rawTIFF(80, 112, 1, 1, 1, packed(inGrey(page), 1))}, "tif", "tiffcp", "-c", "g4"), 100},
		{"jpeg.tif", tool(t, [][]byte{encodeTIFF(t, page, nil)}, "tif", "tiffcp", "-c", "jpeg:r", "-r", "16"), 50},
		{"tiled.tif", tool(t, [][]byte{encodeTIFF(t, page, nil)}, "tif", "tiffcp", "-t", "-w", "32", "-l", "32"), 100},
		{"a.webp", tool(t, [][]byte{ppm}, "webp", "cwebp", "-quiet"), 100},
		{"lossless.webp", tool(t, [][]byte{ppm}, "webp", "cwebp", "-quiet", "-lossless"), 50},
		{"a.heic", heic(t, page), 100},
	}
}

// mutant is b with one to four changes.
func mutant(b []byte, rnd *rand.Rand) []byte {
	b = slices.Clone(b)
	for range 1 + rnd.IntN(4) {
		if len(b) < 16 {
			return b
		}
		at := rnd.IntN(len(b))
		n := min(1+rnd.IntN(16), len(b)-at)
		switch rnd.IntN(7) {
		case 0:
			b[at] ^= 1 << rnd.IntN(8)
		case 1:
			b[at] = byte(rnd.Uint32())
		case 2:
			for i := range n {
				b[at+i] = 0xff
			}
		case 3:
			b = slices.Delete(b, at, at+n)
		case 4:
			b = slices.Insert(b, at, slices.Clone(b[at:at+n])...)
		case 5:
			b = number(b, at, rnd)
		case 6:
			if rnd.IntN(4) == 0 {
				b = b[:at]
			}
		}
	}
	return b
}

// number replaces the next number that is written in digits from at on.
func number(b []byte, at int, rnd *rand.Rand) []byte {
	values := []string{"0", "-1", "1", "65535", "2147483647", "4294967296", "99999999999", "1e9"}
	loc := regexp.MustCompile(`[0-9]+`).FindIndex(b[at:])
	if loc == nil {
		return b
	}
	return slices.Replace(b, at+loc[0], at+loc[1], []byte(values[rnd.IntN(len(values))])...)
}

// hostile is a file to be tried, and how it ends.
type hostile struct {
	name   string
	b      []byte
	layers bool // taken apart for the access copy too
}

// outcomes counts how files end, by the code of their Problem.
type outcomes struct {
	mu     sync.Mutex
	counts map[string]int
}

func (o *outcomes) add(code string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.counts[code]++
}

// check notes the end of a file, which must be pages or a Problem with a
// sentence.
func (o *outcomes) check(t *testing.T, name string, pages int, err error) {
	if err == nil {
		if pages == 0 {
			t.Errorf("%s: neither pages nor a Problem", name)
		}
		o.add("pages")
		return
	}
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code == "internal" || p.Text(sohoa.Vietnamese) == "" {
		t.Errorf("%s: %v, want a Problem with a reason", name, err)
		return
	}
	o.add(p.Code)
}

// try splits and reads every file, two at a time, checks what that costs this
// process and its children, and returns how often each end came.
func try(t *testing.T, files []hostile) map[string]int {
	t.Helper()
	tm := newTeam(t)
	before, start := parent(), ended()
	next := make(chan hostile)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for f := range next {
				tm.attempt(t, f)
			}
		})
	}
	peak := 0.0
	for i, f := range files {
		next <- f
		if i%25 == 0 {
			for _, pid := range children(t) {
				peak = max(peak, status(pid, "VmHWM"))
			}
		}
	}
	close(next)
	wg.Wait()
	if peak > sohoa.MaxWorkerMemory/1024 {
		t.Errorf("a child held %.0f MiB", peak/1024)
	}
	const perChild, most = 2, 4 // goroutines that read from a child; children
	after := parent()
	if after.goroutines > before.goroutines+perChild*most+2 || after.heap > before.heap+64<<20 {
		t.Errorf("this process: %+v, before: %+v", after, before)
	}
	tm.close()
	end := ended()
	if end.peak > sohoa.MaxWorkerMemory {
		t.Errorf("a child that was ended held %d MiB", end.peak>>20)
	}
	t.Logf("children held at most %.0f MiB and took %v; this process %+v, before %+v", peak/1024, end.cpu-start.cpu, after, before)
	for _, code := range slices.Sorted(maps.Keys(tm.counts)) {
		t.Logf("%-24s %d", code, tm.counts[code])
	}
	return tm.counts
}

// past is what the children took that have ended, killed ones included.
type past struct {
	cpu  time.Duration
	peak int64 // bytes that the largest of them held
}

func ended() past {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &u); err != nil {
		panic(err)
	}
	return past{time.Duration(u.Utime.Nano() + u.Stime.Nano()), u.Maxrss << 10}
}

type use struct {
	goroutines int
	heap       uint64
}

// parent is what this process holds.
func parent() use {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return use{runtime.NumGoroutine(), m.HeapAlloc}
}

// status is a figure of a process in kB (proc(5)), 0 if it has ended.
func status(pid int, name string) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), name+":")
	f := strings.Fields(after)
	if len(f) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(f[0], 64)
	return kb
}

// team is a Rasterizer and a Reader of two processes each, and how files ended.
type team struct {
	outcomes
	raster *raster.Rasterizer
	reader *ocr.Reader
}

func newTeam(t *testing.T) *team {
	t.Helper()
	tm := &team{outcomes: outcomes{counts: map[string]int{}}}
	var err error
	if tm.raster, err = raster.New(raster.Config{Workers: 2, CacheDir: cacheDir}); err != nil {
		t.Fatal(err)
	}
	if tm.reader, err = ocr.New(ocr.Config{Workers: 2}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tm.close)
	return tm
}

func (tm *team) close() {
	tm.raster.Close()
	tm.reader.Close()
}

// attempt splits a file, and reads the first page's image with what the page
// brought along, or the file itself where that is the image.
func (tm *team) attempt(t *testing.T, f hostile) {
	path := t.TempDir() + "/file"
	if err := os.WriteFile(path, f.b, 0o600); err != nil {
		t.Error(err)
		return
	}
	n := 0
	page := ocr.Page{Number: 1, DPI: 300}
	if f.layers {
		page.Fidelity = sohoa.FidelityStandard
	}
	_, err := tm.raster.Split(context.Background(), path, raster.SplitOptions{Images: true, Last: 3}, func(p raster.Page) error {
		if n++; n == 1 {
			page.Image, page.Turn, page.Own, page.Old = slices.Clone(p.Image), p.Turn, p.Text, p.Old
		}
		return nil
	})
	tm.check(t, f.name, n, err)
	if page.Image == nil {
		if strings.HasSuffix(f.name, ".pdf") {
			return
		}
		page.Image = f.b
	}
	_, err = tm.reader.Read(context.Background(), page)
	tm.check(t, f.name+" (read)", 1, err)
}

// TestMutants tries 2,000 files that are nearly sound.
func TestMutants(t *testing.T) {
	defer raster.SetRenderTime(10 * time.Second)()
	defer raster.SetOpenTime(10 * time.Second)()
	var files []hostile
	rnd := rand.New(rand.NewPCG(2026, 11))
	for _, s := range seeds(t) {
		for i := range s.many {
			files = append(files, hostile{fmt.Sprintf("mutant %d of %s", i, s.name), mutant(s.b, rnd), i%8 == 0})
		}
	}
	if len(files) != 2000 {
		t.Fatalf("%d mutants, want 2,000", len(files))
	}
	if counts := try(t, files); counts["pages"] < len(files)/10 || len(counts) < 4 {
		t.Errorf("outcomes %v, want some of every kind", counts)
	}
}

// TestTruncations cuts each sound file at 24 places.
func TestTruncations(t *testing.T) {
	defer raster.SetRenderTime(10 * time.Second)()
	defer raster.SetOpenTime(10 * time.Second)()
	var files []hostile
	for _, s := range seeds(t) {
		for i := range 24 {
			files = append(files, hostile{fmt.Sprintf("%d/24 of %s", i, s.name), s.b[:len(s.b)*i/24], i%8 == 7})
		}
	}
	if counts := try(t, files); counts["image.damaged"] == 0 || counts["pdf.damaged"] == 0 {
		t.Errorf("outcomes %v, want damaged files", counts)
	}
}
