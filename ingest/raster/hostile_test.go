package raster_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/ingest/raster"
)

func TestRefusedPDFs(t *testing.T) {
	sized := func(box string) []byte {
		m := newPDF()
		m.rawPage("/MediaBox " + box)
		return m.bytes()
	}
	many := newPDF()
	for range 2000 {
		many.rawPage("/MediaBox [0 0 298 421]")
	}
	noPages := newPDF()
	loop := newPDF()
	loop.kids = []int{2, 2, 2}
	whole := oneImage(scan(t, 496, 702), 496, 702, fullPage, dct, "")
	tests := []struct {
		name, code string
		kind       error
		b          []byte
	}{
		{"header alone", "pdf.damaged", sohoa.ErrInvalid, []byte("%PDF-1.7\n")},
		{"noise", "pdf.damaged", sohoa.ErrInvalid, append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{7, 200, 31}, 5000)...)},
		{"first half", "pdf.damaged", sohoa.ErrInvalid, whole[:len(whole)/2]},
		{"no pages", "pdf.damaged", sohoa.ErrInvalid, noPages.bytes()},
		{"page tree in a loop", "pdf.page-damaged", sohoa.ErrInvalid, loop.bytes()},
		{"2,000 pages", "document.too-many-pages", sohoa.ErrTooLarge, many.bytes()},
		{"huge page", "pdf.page-size", sohoa.ErrInvalid, sized("[0 0 1000000000 1000000000]")},
		{"tiny page", "pdf.page-size", sohoa.ErrInvalid, sized("[0 0 1 1]")},
	}
	r := newRasterizer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a.pdf", tt.b), raster.SplitOptions{Images: true})
			wantProblem(t, err, tt.code, tt.kind)
			if len(pages) != 0 {
				t.Errorf("%d pages before %v", len(pages), err)
			}
		})
	}
}

func TestEncryptedPDF(t *testing.T) {
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("qpdf is missing")
		}
		t.Skip("qpdf is missing")
	}
	plain := write(t, "plain.pdf", oneImage(scan(t, 496, 702), 496, 702, fullPage, dct, ""))
	encrypt := func(user string) string {
		out := filepath.Join(t.TempDir(), "locked.pdf")
		cmd := exec.Command(qpdf, "--encrypt", user, "owner", "256", "--", plain, out)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("qpdf: %v: %s", err, msg)
		}
		return out
	}
	r := newRasterizer(t)
	_, _, err = split(t, r, encrypt("user"), raster.SplitOptions{})
	wantProblem(t, err, "pdf.encrypted", sohoa.ErrInvalid)
	if _, pages, err := split(t, r, encrypt(""), raster.SplitOptions{Images: true}); err != nil || pages[0].Source != sohoa.SourceDirect {
		t.Errorf("a PDF that opens without password: %v", err)
	}
}

// strokes is a page of n lines across all of it.
func strokes(n int) []byte {
	var c strings.Builder
	c.WriteString("9 w [0.001 0.001] 0 d\n")
	for i := range n {
		fmt.Fprintf(&c, "0 %d m 298 %d l S\n", i%421, 421-i%421)
	}
	m := newPDF()
	m.page(c.String(), "")
	return m.bytes()
}

// TestSlowPage gives pdfium a page that takes it minutes.
func TestSlowPage(t *testing.T) {
	r := newRasterizer(t)
	warm(t, r)
	defer raster.SetRenderTime(2 * time.Second)()
	path := write(t, "strokes.pdf", strokes(300_000))
	ticks := 0 // how often this process could run meanwhile
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _, err := split(t, r, path, raster.SplitOptions{Images: true})
		var p *sohoa.Problem
		if !errors.As(err, &p) || p.Code != "page.timeout" || p.Args[0] != "1" || !sohoa.Permanent(err) {
			t.Errorf("error = %v, want page.timeout for page 1", err)
		}
	}()
	start := time.Now()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-tick.C:
			ticks++
		case <-done:
			waiting = false
		}
	}
	if ticks < 50 {
		t.Errorf("this process ran %d times in %v", ticks, time.Since(start))
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("stopped after %v", d)
	}
	warm(t, r) // the next file is served
}

// warm has r's process started and pdfium loaded.
func warm(t *testing.T, r *raster.Rasterizer) {
	t.Helper()
	m := newPDF()
	m.page("", "")
	if _, _, err := split(t, r, write(t, "warm.pdf", m.bytes()), raster.SplitOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestContextEndsSplit(t *testing.T) {
	r := newRasterizer(t)
	warm(t, r)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := r.Split(ctx, write(t, "strokes.pdf", strokes(300_000)), raster.SplitOptions{Images: true}, func(raster.Page) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want %v", err, context.DeadlineExceeded)
	}
}

// children are the processes that this one has started and that run.
func children(t testing.TB) []int {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, s := range stats {
		b, err := os.ReadFile(s)
		if err != nil {
			continue // it has ended
		}
		after := string(b[bytes.LastIndexByte(b, ')')+1:])
		f := strings.Fields(after)
		if len(f) > 1 && f[1] == strconv.Itoa(os.Getpid()) && f[0] != "Z" {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(s)))
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestKilledProcess(t *testing.T) {
	m := newPDF()
	for range 40 {
		m.page("0 0 m 9 9 l S", "")
	}
	path := write(t, "many.pdf", m.bytes())
	r := newRasterizer(t)
	seen := 0
	_, err := r.Split(context.Background(), path, raster.SplitOptions{Images: true}, func(p raster.Page) error {
		seen++
		if seen > 1 {
			return nil
		}
		for _, pid := range children(t) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				return err
			}
		}
		return nil
	})
	wantProblem(t, err, "page.crash", sohoa.ErrUnavailable)
	if sohoa.Permanent(err) || seen >= 40 {
		t.Errorf("after %d pages %v, want an error that a retry may cure", seen, err)
	}
	if f, pages, err := split(t, r, path, raster.SplitOptions{First: 39}); err != nil || f.Pages != 40 || len(pages) != 2 {
		t.Errorf("afterwards Split = %+v, %d pages, %v", f, len(pages), err)
	}
}
