package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sohoa"
)

// benchCmd measures pages per CPU-minute, end to end.
type benchCmd struct {
	Paths []string `arg:"" name:"path" help:"Files or folders to digitise."`
	JSON  bool     `name:"json" help:"One measurement a line as JSON."`
}

// measurement is what one program took for the same pages.
type measurement struct {
	Program          string  `json:"program"`
	Pages            int     `json:"pages"`
	CPUSeconds       float64 `json:"cpuSeconds"`
	WallSeconds      float64 `json:"wallSeconds"`
	PagesPerCPUMin   float64 `json:"pagesPerCPUMinute"`
	RecognitionShare float64 `json:"recognitionShare,omitempty"` // of the CPU time; sohoa only
	Failed           int     `json:"failed,omitempty"`           // files
}

// Run implements the command. Everything runs in folders of its own, which
// are removed afterwards.
func (c *benchCmd) Run(ctx context.Context, set *settings, out *streams) error {
	files, err := listFiles(c.Paths)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "sohoa-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := benchmark{set: set, files: files, dir: dir}
	for _, program := range []func(context.Context) (measurement, error){b.sohoa, b.tesseract, b.ocrmypdf} {
		m, err := program(ctx)
		if errors.Is(err, exec.ErrNotFound) {
			fmt.Fprintf(out.err, "%s is not installed\n", m.Program)
			continue
		}
		if err != nil {
			return err
		}
		if err := c.print(out.out, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *benchCmd) print(w io.Writer, m measurement) error {
	if m.CPUSeconds > 0 {
		m.PagesPerCPUMin = float64(m.Pages) / m.CPUSeconds * 60
	}
	if c.JSON {
		return json.NewEncoder(w).Encode(m)
	}
	_, err := fmt.Fprintf(w, "%-12s %4d pages  %7.1f CPU s  %7.1f s  %6.1f pages/CPU-min", m.Program, m.Pages, m.CPUSeconds, m.WallSeconds, m.PagesPerCPUMin)
	if err == nil && m.RecognitionShare > 0 {
		_, err = fmt.Fprintf(w, "  recognition %.0f %%", 100*m.RecognitionShare)
	}
	if err == nil && m.Failed > 0 {
		_, err = fmt.Fprintf(w, "  %d failed", m.Failed)
	}
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	return err
}

// benchmark runs programs over the same files.
type benchmark struct {
	set   *settings
	files []string
	dir   string
	pages int // as sohoa counted them
}

// add puts the costs of a finished process, children included, into m.
func (m *measurement) add(p *os.ProcessState, wall time.Duration) {
	m.CPUSeconds += (p.UserTime() + p.SystemTime()).Seconds()
	m.WallSeconds += wall.Seconds()
}

// timed runs a command to its end.
func (m *measurement) timed(cmd *exec.Cmd) error {
	start := time.Now()
	err := cmd.Run()
	if cmd.ProcessState != nil {
		m.add(cmd.ProcessState, time.Since(start))
	}
	return err
}

// sohoa digitises the files into a new archive: everything from the upload to
// the storage root and the index.
func (b *benchmark) sohoa(ctx context.Context) (measurement, error) {
	m := measurement{Program: "sohoa"}
	exe, err := os.Executable()
	if err != nil {
		return m, err
	}
	data := filepath.Join(b.dir, "data")
	args := append([]string{"add", "--json", "--data", data, "--ocr-workers", fmt.Sprint(b.set.OcrWorkers), "--"}, b.files...)
	cmd := exec.CommandContext(ctx, exe, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := m.timed(cmd); err != nil && stdout.Len() == 0 {
		return m, fmt.Errorf("sohoa add: %w: %s", err, stderr.String())
	}
	m.Failed = len(b.files)
	lines := bufio.NewScanner(&stdout)
	lines.Buffer(nil, 16<<20)
	var ids []string
	for lines.Scan() {
		var d sohoa.Document
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			return m, err
		}
		if d.State == sohoa.StateKept {
			m.Failed--
			ids = append(ids, d.ID.String())
		}
		m.Pages += d.Pages
	}
	b.pages = m.Pages
	recognition, err := b.recognition(ctx, data, ids)
	m.RecognitionShare = recognition.Seconds() / m.CPUSeconds
	return m, errors.Join(err, lines.Err())
}

// recognition adds up the CPU time that reading took, as each page's text
// says.
func (b *benchmark) recognition(ctx context.Context, data string, ids []string) (time.Duration, error) {
	a, err := openApp(ctx, &settings{Data: data, Store: "local", Languages: b.set.Languages, Tessdata: b.set.Tessdata}, discardLog())
	if err != nil {
		return 0, err
	}
	defer a.Close()
	var sum time.Duration
	for _, id := range ids {
		doc, err := a.document(ctx, id)
		if err != nil {
			return 0, err
		}
		for n := 1; n <= doc.Pages; n++ {
			text, err := a.service.PageText(ctx, doc.ID, n)
			if errors.Is(err, sohoa.ErrNotExist) {
				continue
			}
			if err != nil {
				return 0, err
			}
			sum += time.Duration(text.CPUMilli) * time.Millisecond
		}
	}
	return sum, nil
}

// tesseract recognises the images among the files, one process each, as its
// users do. PDFs are rendered by pdftoppm, at no cost to tesseract.
func (b *benchmark) tesseract(ctx context.Context) (measurement, error) {
	m := measurement{Program: "tesseract"}
	if _, err := exec.LookPath("tesseract"); err != nil {
		return m, err
	}
	images, err := b.images(ctx)
	if err != nil {
		return m, err
	}
	for _, image := range images {
		cmd := exec.CommandContext(ctx, "tesseract", image, "-", "-l", b.set.Languages)
		cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
		if err := m.timed(cmd); err != nil {
			m.Failed++
			continue
		}
		m.Pages++
	}
	return m, nil
}

// images are the pages as files that tesseract reads.
func (b *benchmark) images(ctx context.Context) ([]string, error) {
	var images []string
	for i, file := range b.files {
		if !strings.EqualFold(filepath.Ext(file), ".pdf") {
			images = append(images, file)
			continue
		}
		prefix := filepath.Join(b.dir, fmt.Sprintf("page-%d", i))
		if err := exec.CommandContext(ctx, "pdftoppm", "-r", fmt.Sprint(sohoa.RenderDPI), "-png", file, prefix).Run(); err != nil {
			return nil, fmt.Errorf("render %s: %w", file, err)
		}
		pages, err := filepath.Glob(prefix + "-*.png")
		if err != nil {
			return nil, err
		}
		images = append(images, pages...)
	}
	return images, nil
}

// ocrmypdf makes a searchable PDF/A of each file.
func (b *benchmark) ocrmypdf(ctx context.Context) (measurement, error) {
	m := measurement{Program: "ocrmypdf", Pages: b.pages}
	if _, err := exec.LookPath("ocrmypdf"); err != nil {
		return m, err
	}
	out := filepath.Join(b.dir, "out.pdf")
	for _, file := range b.files {
		cmd := exec.CommandContext(ctx, "ocrmypdf", "-q", "-l", b.set.Languages, "--jobs", "1", "--rotate-pages", "--deskew",
			"--output-type", "pdfa-2", "--image-dpi", "300", file, out)
		if err := m.timed(cmd); err != nil {
			m.Failed++
		}
	}
	return m, nil
}
