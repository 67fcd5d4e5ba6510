package pdfa_test

import (
	"image"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"strconv"
	"testing"

	"sohoa"
	"sohoa/archive/pdfa"
)

// scanned is a colour page of 300 dpi with noise, about as long as a
// scanner's.
func scanned() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 2480, 3508))
	r := rand.New(rand.NewPCG(1, 1))
	for i := 0; i < len(img.Pix); i += 4 {
		v := 235 + uint8(r.IntN(12))
		if ink(i/4%2480/4, i/4/2480/4) {
			v -= 200
		}
		img.SetRGBA(i/4%2480, i/4/2480, color.RGBA{v, v, v - 8, 255})
	}
	return encodeJPEG(img)
}

// longPages are the pages that the documents of 500 pages have.
func longPages() map[string]pdfa.Page {
	text := grid(2480, 3508, 1)
	return map[string]pdfa.Page{
		"master":  {Image: scanned(), MediaType: "image/jpeg", DPI: 300, Text: text},
		"bitonal": {Image: bitonalPNG(2480, 3508, 0), MediaType: "image/png", DPI: 300, Text: text},
		"layered": {DPI: 300, Text: text, Layers: &sohoa.Layers{
			Width: 2480, Height: 3508, Background: encodeJPEG(rgb(827, 1169)), Treatment: sohoa.Treatment{Form: sohoa.FormLayered},
			Stencils: []sohoa.Stencil{{Mask: mask(2480, 3508, ink), Colour: [3]uint8{30, 30, 40}}},
			Patches: []sohoa.Patch{{X: 1500, Y: 2400, Width: 500, Height: 500, JPEG: encodeJPEG(rgb(500, 500))},
				{X: 300, Y: 300, Width: 400, Height: 200, JPEG: encodeJPEG(rgb(400, 200))}},
		}},
	}
}

// writePages writes 500 times the same page, and returns the most heap that
// was in use after a page, beyond what the process held before, and the length
// of the file.
func writePages(t testing.TB, page pdfa.Page) (heap uint64, size int64) {
	t.Helper()
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before := stats.HeapAlloc
	w := pdfa.NewWriter(io.Discard, options)
	for i := range 500 {
		if _, err := w.AddPage(page); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			runtime.ReadMemStats(&stats)
			heap = max(heap, before, stats.HeapAlloc)
		}
	}
	end, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	return heap - before, end.Size
}

// TestMemoryDoesNotGrowWithPages watches the heap over 500 pages with 478
// words each.
func TestMemoryDoesNotGrowWithPages(t *testing.T) {
	const bound = 40 << 20
	pages := longPages()
	delete(pages, "bitonal") // slow for a test; its bitmap is gone with the page
	for name, page := range pages {
		if heap, size := writePages(t, page); heap > bound {
			t.Errorf("%s: heap of %d bytes for a file of %d, want at most %d", name, heap, size, bound)
		}
	}
}

var peakRSS = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// BenchmarkWriter500Pages writes documents of 500 pages.
func BenchmarkWriter500Pages(b *testing.B) {
	for name, page := range longPages() {
		b.Run(name, func(b *testing.B) {
			debug.FreeOSMemory()
			_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // forget the peak so far
			var heap uint64
			var size int64
			for b.Loop() {
				heap, size = writePages(b, page)
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/500, "ms/page")
			b.ReportMetric(float64(heap)/(1<<20), "heap-MB")
			b.ReportMetric(float64(size)/500/1024, "KB/page")
			if status, err := os.ReadFile("/proc/self/status"); err == nil {
				if m := peakRSS.FindSubmatch(status); m != nil {
					kb, _ := strconv.Atoi(string(m[1]))
					b.ReportMetric(float64(kb)/1024, "RSS-MB")
				}
			}
		})
	}
}
