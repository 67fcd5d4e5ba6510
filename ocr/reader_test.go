package ocr_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/ocr/lept"
)

func TestMain(m *testing.M) {
	child.Run()
	os.Exit(m.Run())
}

const testdata = "../testdata/"

// samples are the single pages of testdata/scans.
var samples = []string{
	"quyet-dinh-01.jpg", "cong-van-01.png", "giay-khai-sinh-01.jpg", "danh-sach-01.jpg", "to-khai-01.jpg",
	"giay-chung-nhan-01.jpg", "bien-ban-02.jpg", "bien-ban-03.jpg", "trang-trang-01.jpg",
}

// truth is what testdata/truth says about a page.
type truth struct {
	Text   string `json:"-"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Turn   int    `json:"turn"` // by how much the scan was turned
	Skew   float64
	Blank  bool

	Severity string // of the scan: clean, office or hard
	Zones    []struct {
		Lines []truthLine     `json:"lines"`
		Cols  [][]truthLine   `json:"cols"`
		Rows  [][][]truthLine `json:"rows"`
	}
}

type truthLine struct {
	Text string     `json:"t"`
	Quad [8]float64 `json:"q"`
}

// lines are all the lines of a page.
func (t truth) lines() []truthLine {
	var out []truthLine
	for _, z := range t.Zones {
		out = append(out, z.Lines...)
		for _, c := range z.Cols {
			out = append(out, c...)
		}
		for _, r := range z.Rows {
			for _, c := range r {
				out = append(out, c...)
			}
		}
	}
	return out
}

// upright is the box of a line in the frame of the upright page.
func (t truth) upright(l truthLine) sohoa.Rect {
	r := sohoa.Rect{X0: math.Inf(1), Y0: math.Inf(1), X1: math.Inf(-1), Y1: math.Inf(-1)}
	for i := 0; i < 8; i += 2 {
		x, y := l.Quad[i], l.Quad[i+1]
		switch t.Turn {
		case 90:
			x, y = y, float64(t.Width)-x
		case 180:
			x, y = float64(t.Width)-x, float64(t.Height)-y
		case 270:
			x, y = float64(t.Height)-y, x
		}
		r = sohoa.Rect{X0: min(r.X0, x), Y0: min(r.Y0, y), X1: max(r.X1, x), Y1: max(r.Y1, y)}
	}
	return r
}

func load(t *testing.T, name string) ([]byte, truth) {
	t.Helper()
	stem := testdata + "truth/" + strings.TrimSuffix(name, filepath.Ext(name))
	b := readFile(t, testdata+"scans/"+name)
	var tr truth
	if err := json.Unmarshal(readFile(t, stem+".json"), &tr); err != nil {
		t.Fatal(err)
	}
	tr.Text = string(readFile(t, stem+".txt"))
	return b, tr
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reader is shared by the tests, so that models are loaded once.
var reader = sync.OnceValues(func() (*ocr.Reader, error) { return ocr.New(ocr.Config{Workers: 2}) })

func read(t *testing.T, p ocr.Page) ocr.Result {
	t.Helper()
	r, err := reader()
	if err != nil {
		t.Fatalf("New = %v", err)
	}
	res, err := r.Read(context.Background(), p)
	if err != nil {
		t.Fatalf("Read = %v", err)
	}
	return res
}

var (
	resultsMu sync.Mutex
	results   = map[string]ocr.Result{}
)

// sample reads a sample once for all tests.
func sample(t *testing.T, name string) (ocr.Result, truth) {
	t.Helper()
	resultsMu.Lock()
	defer resultsMu.Unlock()
	b, tr := load(t, name)
	res, ok := results[name]
	if !ok {
		res = read(t, ocr.Page{Image: b, Number: 1})
		results[name] = res
	}
	return res, tr
}

// words are the words of a text, without the dots of forms.
func words(text string) []string {
	var out []string
	for _, w := range strings.Fields(text) {
		if strings.Trim(w, ".…·_") != "" {
			out = append(out, w)
		}
	}
	return out
}

// missed counts the words of want that are not in got, in any order.
func missed(want, got string) int {
	have := map[string]int{}
	for _, w := range words(got) {
		have[w]++
	}
	n := 0
	for _, w := range words(want) {
		if have[w]--; have[w] < 0 {
			n++
		}
	}
	return n
}

func plainText(t *testing.T, p sohoa.PageText) string {
	t.Helper()
	var b bytes.Buffer
	if err := ocr.Text(&b, []sohoa.PageText{p}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestReadSamples bounds the words that are missed on each page.
func TestReadSamples(t *testing.T) {
	for _, name := range samples {
		res, tr := sample(t, name)
		want, n := len(words(tr.Text)), missed(tr.Text, plainText(t, res.Text))
		t.Logf("%-24s %4d words, missed %3d, CPU %d ms", name, want, n, res.Text.CPUMilli)
		if n > want/4 {
			t.Errorf("%s: missed %d of %d words, want at most a quarter", name, n, want)
		}
	}
}

// TestPreparationHelps compares with Tesseract's own program on the files as
// they are: a decision, a form that lies on its side, a skewed page.
func TestPreparationHelps(t *testing.T) {
	ours, plain := 0, 0
	for _, name := range []string{"quyet-dinh-01.jpg", "giay-khai-sinh-01.jpg", "bien-ban-03.jpg"} {
		res, tr := sample(t, name)
		ours += missed(tr.Text, plainText(t, res.Text))
		plain += missed(tr.Text, tesseract(t, testdata+"scans/"+name))
	}
	t.Logf("missed %d words, plain tesseract %d", ours, plain)
	if ours > plain*2/3 {
		t.Errorf("missed %d words, plain tesseract %d, want at most two thirds of that", ours, plain)
	}
}

// tesseract is what the program of that name reads with the same model.
func tesseract(t *testing.T, file string) string {
	t.Helper()
	if _, err := exec.LookPath("tesseract"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command("tesseract", file, "-", "-l", ocr.DefaultLanguages)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestPageText(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			res, tr := sample(t, name)
			p := res.Text
			w, h := tr.Width, tr.Height
			if tr.Turn%180 != 0 {
				w, h = h, w
			}
			if p.Width != w || p.Height != h || p.Turn != (360-tr.Turn)%360 || p.Blank != tr.Blank {
				t.Errorf("page is %dx%d turned %d blank %v, want %dx%d turned %d blank %v",
					p.Width, p.Height, p.Turn, p.Blank, w, h, (360-tr.Turn)%360, tr.Blank)
			}
			if !tr.Blank && math.Abs(p.Skew-tr.Skew) > 0.4 {
				t.Errorf("skew = %.2f, want %.2f", p.Skew, tr.Skew)
			}
			if p.Page != 1 || p.Source != sohoa.TextOCR || !strings.HasPrefix(p.Engine, "tesseract ") || p.DPI < 190 || p.CPUMilli <= 0 {
				t.Errorf("page %d, source %q, engine %q, %v dpi, %d ms", p.Page, p.Source, p.Engine, p.DPI, p.CPUMilli)
			}
			checkText(t, p)
			checkThumb(t, res.Thumb, float64(h)/float64(w))
		})
	}
}

// checkText checks what holds for every word of every page.
func checkText(t *testing.T, p sohoa.PageText) {
	t.Helper()
	for _, l := range p.Lines {
		if len(l.Words) == 0 || l.Height <= 0 || l.Baseline.X1 <= l.Baseline.X0 {
			t.Errorf("line %+v", l)
		}
		for _, w := range l.Words {
			if !norm.NFC.IsNormalString(w.Text) || strings.ContainsFunc(w.Text, unicode.IsSpace) || w.Text == "" {
				t.Errorf("word %q is not clean", w.Text)
			}
			if b := w.Box; b.X0 < 0 || b.Y0 < 0 || b.X1 > float64(p.Width) || b.Y1 > float64(p.Height) || b.Width() <= 0 || b.Height() <= 0 {
				t.Errorf("word %q at %+v is not on the page of %dx%d", w.Text, b, p.Width, p.Height)
			}
			if w.Confidence < 0 || w.Confidence > 100 {
				t.Errorf("word %q has confidence %v", w.Text, w.Confidence)
			}
		}
	}
}

// checkThumb checks that b is a JPEG, 320 wide and ratio times as high.
func checkThumb(t *testing.T, b []byte, ratio float64) {
	t.Helper()
	c, err := jpeg.DecodeConfig(bytes.NewReader(b))
	if err != nil || math.Abs(float64(c.Width)-320) > 2 || math.Abs(float64(c.Height)/float64(c.Width)-ratio) > 0.02 {
		t.Errorf("thumbnail is %dx%d, %v, want 320 wide and %.2f times as high", c.Width, c.Height, err, ratio)
	}
}

// TestBoxes compares the places of words with the truth: each word that
// stands in one line only, in truth and as read, belongs into that line.
func TestBoxes(t *testing.T) {
	for _, name := range []string{"quyet-dinh-01.jpg", "cong-van-01.png", "giay-khai-sinh-01.jpg", "danh-sach-01.jpg", "bien-ban-03.jpg"} {
		t.Run(name, func(t *testing.T) {
			res, tr := sample(t, name)
			in, all := 0, 0
			found := places(res.Text)
			for word, line := range unique(tr.lines()) {
				at, ok := found[word]
				if !ok || len(at) != 1 {
					continue
				}
				all++
				if within(at[0], tr.upright(line)) {
					in++
				}
			}
			t.Logf("%d of %d words in their lines", in, all)
			if all < 20 || in*100 < all*97 {
				t.Errorf("%d of %d words are in their lines, want 97 %% of at least 20", in, all)
			}
			checkBaselines(t, res.Text, tr.Skew)
		})
	}
}

// places are the boxes of words by their text.
func places(p sohoa.PageText) map[string][]sohoa.Rect {
	out := map[string][]sohoa.Rect{}
	for _, l := range p.Lines {
		for _, w := range l.Words {
			out[w.Text] = append(out[w.Text], w.Box)
		}
	}
	return out
}

// unique finds the lines of words of three letters and more that occur once.
func unique(lines []truthLine) map[string]truthLine {
	out, count := map[string]truthLine{}, map[string]int{}
	for _, l := range lines {
		for _, w := range words(l.Text) {
			if len([]rune(w)) >= 3 {
				count[w]++
				out[w] = l
			}
		}
	}
	for w, n := range count {
		if n > 1 {
			delete(out, w)
		}
	}
	return out
}

// within reports whether the centre of r is in line, with a sixth of the
// line's height to spare.
func within(r, line sohoa.Rect) bool {
	x, y, m := (r.X0+r.X1)/2, (r.Y0+r.Y1)/2, line.Height()/6
	return x > line.X0-m && x < line.X1+m && y > line.Y0-m && y < line.Y1+m
}

// checkBaselines checks that long lines have the slope of the page, and that
// baselines run through their lines.
func checkBaselines(t *testing.T, p sohoa.PageText, skew float64) {
	t.Helper()
	for _, l := range p.Lines {
		b := l.Baseline
		if b.X1-b.X0 < float64(p.Width)/3 {
			continue
		}
		if got := math.Atan2(b.Y1-b.Y0, b.X1-b.X0) * 180 / math.Pi; math.Abs(got-skew) > 0.6 {
			t.Errorf("line %q slopes by %.2f degrees, page by %.2f", l.Words[0].Text, got, skew)
		}
		if y := (b.Y0 + b.Y1) / 2; y < l.Box.Y0 || y > l.Box.Y1 {
			t.Errorf("baseline of %q at %.0f, line %+v", l.Words[0].Text, y, l.Box)
		}
	}
}

// TestTurned turns a page every way: it must read as it does upright.
func TestTurned(t *testing.T) {
	const name = "bien-ban-02.jpg"
	b, tr := load(t, name)
	upright, _ := sample(t, name)
	base := missed(tr.Text, plainText(t, upright.Text))
	pix, err := lept.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	defer pix.Close()
	for _, turn := range []int{90, 180, 270} {
		t.Run(strconv.Itoa(turn), func(t *testing.T) {
			q, err := pix.Turn(turn)
			if err != nil {
				t.Fatal(err)
			}
			defer q.Close()
			img, err := q.EncodePNG()
			if err != nil {
				t.Fatal(err)
			}
			res := read(t, ocr.Page{Image: img, Number: 3, DPI: 200})
			if res.Text.Turn != 360-turn || res.Text.Width != tr.Width || res.Text.Page != 3 {
				t.Errorf("turn = %d, width = %d, page = %d", res.Text.Turn, res.Text.Width, res.Text.Page)
			}
			if n := missed(tr.Text, plainText(t, res.Text)); n > base+base/10+3 {
				t.Errorf("missed %d words, upright %d", n, base)
			}
			checkSamePlaces(t, places(upright.Text), places(res.Text))
		})
	}
}

// checkSamePlaces checks that words which occur once are where they were.
func checkSamePlaces(t *testing.T, want, got map[string][]sohoa.Rect) {
	t.Helper()
	n := 0
	for w, a := range want {
		b := got[w]
		if len(a) != 1 || len(b) != 1 {
			continue
		}
		n++
		if math.Abs(a[0].X0-b[0].X0) > 15 || math.Abs(a[0].Y0-b[0].Y0) > 15 {
			t.Errorf("word %q at %+v, upright at %+v", w, b[0], a[0])
		}
	}
	if n < 30 {
		t.Errorf("%d words to compare, want 30", n)
	}
}

// TestKnownTurn: a turn that the file states holds where the page does not
// show which way is up.
func TestKnownTurn(t *testing.T) {
	b, _ := load(t, "trang-trang-01.jpg")
	res := read(t, ocr.Page{Image: b, Number: 1, Turn: 90})
	if !res.Text.Blank || res.Text.Turn != 90 || res.Text.Width < res.Text.Height || len(res.Text.Lines) != 0 {
		t.Errorf("blank %v, turn %d, %dx%d, %d lines; want a blank page turned by 90",
			res.Text.Blank, res.Text.Turn, res.Text.Width, res.Text.Height, len(res.Text.Lines))
	}
	r, _ := reader()
	if _, err := r.Read(context.Background(), ocr.Page{Image: b, Turn: 45}); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Read turned by 45 = %v, want %v", err, sohoa.ErrInvalid)
	}
}

func wantProblem(t *testing.T, err error, code string, kind error) {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != code || !errors.Is(err, kind) {
		t.Errorf("error = %v, want the Problem %s of kind %v", err, code, kind)
	}
}

func TestReadRefuses(t *testing.T) {
	jpg, _ := load(t, "to-khai-01.jpg")
	var huge bytes.Buffer
	if err := png.Encode(&huge, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	binary.BigEndian.PutUint32(huge.Bytes()[16:], 30_000) // width and height of the header
	binary.BigEndian.PutUint32(huge.Bytes()[20:], 30_000)
	tests := []struct {
		name string
		b    []byte
		code string
		kind error
	}{
		{"JPEG cut in half", jpg[:len(jpg)/2], "image.damaged", sohoa.ErrInvalid},
		{"text", []byte("Cộng hòa xã hội chủ nghĩa Việt Nam"), "image.damaged", sohoa.ErrInvalid},
		{"nothing", nil, "image.damaged", sohoa.ErrInvalid},
		{"900 million pixels", huge.Bytes(), "image.too-many-pixels", sohoa.ErrTooLarge},
	}
	r, err := reader()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := r.Read(context.Background(), ocr.Page{Image: tt.b, Number: 1})
			wantProblem(t, err, tt.code, tt.kind)
		})
	}
}

// TestKilled kills the child while it reads: that page is lost, to be tried
// again, and the next one is read.
func TestKilled(t *testing.T) {
	r, err := ocr.New(ocr.Config{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, _ := load(t, "cong-van-01.png")
	before := children(t)
	done := make(chan error, 1)
	go func() {
		_, err := r.Read(context.Background(), ocr.Page{Image: b, Number: 7})
		done <- err
	}()
	deadline := time.After(10 * time.Second)
	for killed := false; !killed; {
		select {
		case err := <-done:
			t.Fatalf("Read = %v before its child was seen", err)
		case <-deadline:
			t.Fatal("no child was started")
		default:
		}
		for pid := range children(t) {
			if !before[pid] {
				killed = syscall.Kill(pid, syscall.SIGKILL) == nil
			}
		}
	}
	err = <-done
	wantProblem(t, err, "page.crash", sohoa.ErrUnavailable)
	blank, _ := load(t, "trang-trang-01.jpg")
	if res, err := r.Read(context.Background(), ocr.Page{Image: blank, Number: 8}); err != nil || !res.Text.Blank {
		t.Errorf("next page = %v, blank %v", err, res.Text.Blank)
	}
}

// children are the processes that this one started to read pages.
func children(t *testing.T) map[int]bool {
	t.Helper()
	out := map[int]bool{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stats {
		b, err := os.ReadFile(name)
		if err != nil {
			continue // it is gone
		}
		var pid, parent int
		var state string
		_, after, _ := strings.Cut(string(b), ") ")
		fmt.Sscan(string(b), &pid)
		fmt.Sscan(after, &state, &parent)
		cmdline, _ := os.ReadFile(filepath.Dir(name) + "/cmdline")
		if parent == os.Getpid() && state != "Z" && strings.Contains(string(cmdline), "ocr-read") {
			out[pid] = true
		}
	}
	return out
}

func TestPageProblem(t *testing.T) {
	wantProblem(t, ocr.PageProblem(fmt.Errorf("x: %w", child.ErrTimeout), 3), "page.timeout", sohoa.ErrTooLarge)
	wantProblem(t, ocr.PageProblem(fmt.Errorf("x: %w", child.ErrDied), 3), "page.crash", sohoa.ErrUnavailable)
	if err := ocr.PageProblem(context.Canceled, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("PageProblem = %v, want %v", err, context.Canceled)
	}
}

func TestNewNeedsItsModels(t *testing.T) {
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "vie.traineddata"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		cfg  ocr.Config
	}{
		{"unknown language", ocr.Config{Languages: "vie+klingon"}},
		{"other folder", ocr.Config{Tessdata: t.TempDir()}},
		{"empty model", ocr.Config{Tessdata: empty}},
		{"path for a name", ocr.Config{Languages: "../tessdata/vie"}},
		{"no name", ocr.Config{Languages: "vie+"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ocr.New(tt.cfg)
			wantProblem(t, err, "ocr.model-missing", sohoa.ErrNotExist)
		})
	}
}

// TestBrokenModel: what is there but no model fails the page, not the program.
func TestBrokenModel(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vie.traineddata"), []byte("not a model"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := ocr.New(ocr.Config{Workers: 1, Tessdata: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, _ := load(t, "to-khai-01.jpg")
	if _, err := r.Read(context.Background(), ocr.Page{Image: b, Number: 1}); err == nil {
		t.Error("Read with a broken model succeeded")
	}
}

func TestReadHonoursContext(t *testing.T) {
	r, err := reader()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b, _ := load(t, "to-khai-01.jpg")
	if _, err := r.Read(ctx, ocr.Page{Image: b, Number: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("Read = %v, want %v", err, context.Canceled)
	}
}
