package raster_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"sohoa/ingest/raster"
)

// paper is a JPEG like a scan of A4 at 300 dpi: noise, and lines of ink.
func paper(t testing.TB) []byte {
	const w, h = 2480, 3508
	rnd := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			v := uint8(225 + rnd.IntN(16))
			if y%60 < 30 && x > 200 && x < 2280 && (x/7+y/11)%3 == 0 {
				v /= 8
			}
			img.SetRGBA(x, y, color.RGBA{v, v - v/32, v - v/16, 255})
		}
	}
	return encode(t, img, 80)
}

// BenchmarkSplit reports the CPU time of the child process for a page, and the
// most memory that it held.
func BenchmarkSplit(b *testing.B) {
	photo := paper(b)
	scans := func(n int, more string) []byte {
		m := newPDF()
		for range n {
			img := m.jpegImage(photo, 2480, 3508, dct)
			m.rawPage(fmt.Sprintf("/MediaBox [0 0 595.2 841.92] /Contents %d 0 R %s",
				m.stream("", []byte("q 595.2 0 0 841.92 0 0 cm /I Do Q "+more)), showing(img)))
		}
		return m.bytes()
	}
	text := newPDF()
	f := text.textFont("Test", glyphs)
	for range 10 {
		var c strings.Builder
		for i := range 50 {
			fmt.Fprintf(&c, "BT /F 10 Tf 40 %d Td %s ET\n", 60+15*i, show(strings.Repeat("Nguyên Vinh Nghĩa ", 5), glyphs))
		}
		text.rawPage(fmt.Sprintf("/MediaBox [0 0 595.2 841.92] /Contents %d 0 R /Resources << /Font << /F %d 0 R >> >>", text.stream("", []byte(c.String())), f))
	}
	strips := newPDF()
	for range 10 {
		strips.rawPage(stripsOf(strips, photo))
	}
	for _, bb := range []struct {
		name  string
		b     []byte
		pages int
	}{
		{"strips", strips.bytes(), 10},
		{"direct", scans(200, ""), 200},
		{"rendered", scans(10, "0 0 m 9 9 l S"), 10},
		{"text", text.bytes(), 10},
		{"jpeg", photo, 1},
	} {
		path := write(b, bb.name, bb.b)
		b.Run(bb.name, func(b *testing.B) {
			r := newRasterizer(b)
			if _, _, err := split(b, r, path, raster.SplitOptions{Last: 1}); err != nil {
				b.Fatal(err)
			}
			pid := children(b)[0]
			start := cpuMillis(b, pid)
			for b.Loop() {
				if _, _, err := split(b, r, path, raster.SplitOptions{Images: true}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((cpuMillis(b, pid)-start)/float64(b.N*bb.pages), "cpu-ms/page")
			b.ReportMetric(peakMiB(b, pid), "peak-MiB")
		})
	}
}

// stripsOf are the entries of a page that draws the JPEG in strips of 256
// rows, each a JPEG.
func stripsOf(m *pdfMaker, b []byte) string {
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		panic(err)
	}
	var content, names bytes.Buffer
	for i, s := range rows(2480, 3508, 256) {
		var buf bytes.Buffer
		if err := jpeg.Encode(&buf, part(img, s.at), &jpeg.Options{Quality: 80}); err != nil {
			panic(err)
		}
		fmt.Fprintf(&content, "q 595.2 0 0 %.3f 0 %.3f cm /I%d Do Q\n", float64(s.at.Dy())*0.24, float64(3508-s.at.Max.Y)*0.24, i)
		fmt.Fprintf(&names, "/I%d %d 0 R ", i, m.jpegImage(buf.Bytes(), 2480, s.at.Dy(), dct))
	}
	return fmt.Sprintf("/MediaBox [0 0 595.2 841.92] /Contents %d 0 R /Resources << /XObject << %s>> >>", m.stream("", content.Bytes()), names.String())
}

// BenchmarkOpen counts the pages of a PDF of 500 scans (300 MB).
func BenchmarkOpen(b *testing.B) {
	scan := paper(b)
	m := newPDF()
	for range 500 {
		img := m.jpegImage(scan, 2480, 3508, dct)
		m.rawPage(fmt.Sprintf("/MediaBox [0 0 595.2 841.92] /Contents %d 0 R %s", m.stream("", []byte("q 595.2 0 0 841.92 0 0 cm /I Do Q")), showing(img)))
	}
	path := write(b, "500.pdf", m.bytes())
	r := newRasterizer(b)
	one := raster.SplitOptions{First: 500}
	if _, _, err := split(b, r, path, one); err != nil {
		b.Fatal(err)
	}
	pid := children(b)[0]
	start := cpuMillis(b, pid)
	for b.Loop() {
		if f, _, err := split(b, r, path, one); err != nil || f.Pages != 500 {
			b.Fatal(f, err)
		}
	}
	b.ReportMetric((cpuMillis(b, pid)-start)/float64(b.N), "cpu-ms/op")
	b.ReportMetric(peakMiB(b, pid), "peak-MiB")
}

// BenchmarkStart is the first page of a new process, with pdfium's compiled
// form at hand.
func BenchmarkStart(b *testing.B) {
	m := newPDF()
	m.page("", "")
	path := write(b, "empty.pdf", m.bytes())
	for b.Loop() {
		r, err := raster.New(raster.Config{CacheDir: cacheDir})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := split(b, r, path, raster.SplitOptions{}); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}

// cpuMillis is the CPU time that a process used (proc(5), fields 14 and 15 of
// stat, in hundredths of a second).
func cpuMillis(t testing.TB, pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	f := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	sum := 0
	for _, s := range f[11:13] {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return float64(sum * 10)
}

func peakMiB(t testing.TB, pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	kb, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		t.Fatal(err)
	}
	return float64(kb) / 1024
}
