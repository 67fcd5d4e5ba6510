package main

import (
	"bufio"
	"bytes"
	"cmp"
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

// benchCmd measures pages per CPU-minute, end to end, and bytes per page.
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
	RecognitionShare float64 `json:"recognitionShare,omitempty"`   // of the CPU time
	OtherCPUPerPage  float64 `json:"otherCPUPerPage,omitempty"`    // seconds of all that is not recognition
	BytesPerPage     int64   `json:"bytesPerPage,omitempty"`       // of the PDFs with the scans at full quality
	AccessPerPage    int64   `json:"accessBytesPerPage,omitempty"` // of the access copies
	Failed           int     `json:"failed,omitempty"`             // files
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
	for _, program := range []func(context.Context) (measurement, error){b.sohoa, b.tesseract, b.ocrmypdf("-O1"), b.ocrmypdf("-O3")} {
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
	line := fmt.Sprintf("%-13s %4d pages  %7.1f CPU s  %7.1f s  %6.1f pages/CPU-min", m.Program, m.Pages, m.CPUSeconds, m.WallSeconds, m.PagesPerCPUMin)
	if m.RecognitionShare > 0 {
		line += fmt.Sprintf("  recognition %.0f %%", 100*m.RecognitionShare)
	}
	if m.OtherCPUPerPage > 0 {
		line += fmt.Sprintf("  other %.3f CPU s/page", m.OtherCPUPerPage)
	}
	if m.BytesPerPage > 0 {
		line += fmt.Sprintf("  %.1f KB/page", float64(m.BytesPerPage)/1024)
	}
	if m.AccessPerPage > 0 {
		line += fmt.Sprintf("  access %.1f KB/page", float64(m.AccessPerPage)/1024)
	}
	if m.Failed > 0 {
		line += fmt.Sprintf("  %d failed", m.Failed)
	}
	_, err := fmt.Fprintln(w, line)
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
	args := append([]string{"add", "--json", "--data", data, "--ocr-workers", fmt.Sprint(b.set.OcrWorkers),
		"--fidelity", string(b.set.Fidelity), "--"}, b.files...)
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
	return m, errors.Join(b.shares(ctx, &m, data, ids), lines.Err())
}

// shares finds out what sohoa's time went into, as each page's text says, and
// how large the renditions are.
func (b *benchmark) shares(ctx context.Context, m *measurement, data string, ids []string) error {
	a, err := openApp(ctx, &settings{Data: data, Store: "local", Languages: b.set.Languages, Tessdata: b.set.Tessdata}, discardLog())
	if err != nil {
		return err
	}
	defer a.Close()
	var recognition time.Duration
	var pdf, access int64
	for _, id := range ids {
		doc, err := a.document(ctx, id)
		if err != nil {
			return err
		}
		spent, err := recognitionOf(ctx, a, doc)
		if err != nil {
			return err
		}
		recognition += spent
		files, err := a.catalog.Files(ctx, doc.ID)
		if err != nil {
			return err
		}
		n := sizeOf(files, sohoa.RolePDF)
		pdf += n
		access += cmp.Or(sizeOf(files, sohoa.RoleAccess), n)
	}
	if m.Pages > 0 {
		m.RecognitionShare = recognition.Seconds() / m.CPUSeconds
		m.OtherCPUPerPage = (m.CPUSeconds - recognition.Seconds()) / float64(m.Pages)
		m.BytesPerPage, m.AccessPerPage = pdf/int64(m.Pages), access/int64(m.Pages)
	}
	return nil
}

// sizeOf is the size of a document's file of a role, or 0.
func sizeOf(files []sohoa.File, role sohoa.Role) int64 {
	for _, f := range files {
		if f.Role == role {
			return f.Size
		}
	}
	return 0
}

// recognitionOf adds up the CPU time that the engine took for a document.
func recognitionOf(ctx context.Context, a *app, doc sohoa.Document) (time.Duration, error) {
	var sum time.Duration
	for n := 1; n <= doc.Pages; n++ {
		text, err := a.service.PageText(ctx, doc.ID, n)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		sum += time.Duration(text.RecogniseMilli) * time.Millisecond
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

// ocrmypdf makes a searchable PDF/A of each file at an optimisation level, and
// once more without recognition: that is its own share.
func (b *benchmark) ocrmypdf(level string) func(context.Context) (measurement, error) {
	return func(ctx context.Context) (measurement, error) {
		m := measurement{Program: "ocrmypdf " + level, Pages: b.pages}
		if _, err := exec.LookPath("ocrmypdf"); err != nil {
			return m, err
		}
		out := filepath.Join(b.dir, "out.pdf")
		own, size := measurement{}, int64(0)
		for _, file := range b.files {
			args := []string{"-q", level, "-l", b.set.Languages, "--jobs", "1", "--output-type", "pdfa-2", "--image-dpi", "300"}
			if err := m.timed(exec.CommandContext(ctx, "ocrmypdf", append(args, "--rotate-pages", "--deskew", file, out)...)); err != nil {
				m.Failed++
				continue
			}
			// What is compared in size is the scan as it is: straightening compresses it anew.
			if err := own.timed(exec.CommandContext(ctx, "ocrmypdf", append(args, "--tesseract-timeout", "0", file, out)...)); err != nil {
				return m, fmt.Errorf("ocrmypdf without recognition, %s: %w", file, err)
			}
			info, err := os.Stat(out)
			if err != nil {
				return m, err
			}
			size += info.Size()
		}
		if m.Pages > 0 {
			m.OtherCPUPerPage = own.CPUSeconds / float64(m.Pages)
			m.BytesPerPage = size / int64(m.Pages)
		}
		return m, nil
	}
}
