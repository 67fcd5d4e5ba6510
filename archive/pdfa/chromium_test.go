package pdfa_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/chromedp"

	"sohoa"
	"sohoa/archive/pdfa"
)

// The window of Chromium and its pixels to the inch of a page: two to one of
// CSS, which has 96.
const (
	windowSide = 1250
	pixels     = 2.0
	perPoint   = 96.0 / 72 * pixels
)

// viewer is Chromium's own viewer of PDF, which is pdfium with a page around
// it. It answers to the page that embeds it.
const viewer = `<!doctype html><body style="margin:0"><embed id=pdf type="application/pdf"
	src="/%d.pdf#toolbar=0&navpanes=0&zoom=100" style="width:100vw;height:100vh"><script>
let state = '', reply = () => {};
addEventListener('message', e => {
	if (e.data.type === 'documentLoaded') state = e.data.load_state;
	if ('selectedText' in e.data) reply(e.data.selectedText);
});
const selected = () => new Promise(done => {
	reply = done;
	setTimeout(() => done('?'), 1000); // the viewer may have been busy
	pdf.postMessage({type: 'getSelectedText'}, '*');
});
</script>`

// chromium shows files.
type chromium struct {
	t   testing.TB
	ctx context.Context
	url string
}

func newChromium(t testing.TB, files [][]byte) *chromium {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d.pdf", &n); err == nil {
			w.Header().Set("Content-Type", "application/pdf")
			w.Write(files[n])
		} else if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err == nil {
			fmt.Fprintf(w, viewer, n)
		}
	}))
	t.Cleanup(server.Close)
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(need(t, "chromium")), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("headless", "new"), // the other one has no viewer
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	c := &chromium{t, ctx, server.URL}
	c.do(chromedp.EmulateViewport(windowSide, windowSide, chromedp.EmulateScale(pixels)))
	return c
}

func (c *chromium) do(actions ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, actions...); err != nil {
		c.t.Fatal(err)
	}
}

// ask evaluates a script that gives text.
func (c *chromium) ask(script string) string {
	c.t.Helper()
	v, err := chromedp.Run(c.ctx, chromedp.Evaluate[json.RawMessage](script, chromedp.EvalAwaitPromise))
	if err != nil {
		c.t.Fatal(err)
	}
	var s string
	_ = json.Unmarshal(v, &s) // other values are none
	return s
}

// open shows file n.
func (c *chromium) open(n int) {
	c.t.Helper()
	c.do(chromedp.Navigate(fmt.Sprintf("%s/%d", c.url, n)))
	state := ""
	for end := time.Now().Add(20 * time.Second); state == "" && time.Now().Before(end); {
		state = c.ask(`pdf.postMessage({type: 'getSelectedText'}, '*'); state`) // it answers only who spoke first
	}
	if state != "success" {
		c.t.Fatalf("Chromium loads file %d: %q", n, state)
	}
}

// all is the text that is copied when everything is selected.
func (c *chromium) all() string {
	c.t.Helper()
	c.ask(`pdf.postMessage({type: 'selectAll'}, '*')`)
	return c.until("everything", func(s string) bool { return s != "" && s != "?" })
}

// until asks for the selected text until it is as wanted.
func (c *chromium) until(what string, fits func(string) bool) string {
	c.t.Helper()
	var got string
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
		if got = c.ask("selected()"); fits(got) {
			return got
		}
	}
	c.t.Errorf("Chromium selects %q, want %s", got, what)
	return got
}

// picture is what the window shows.
func (c *chromium) picture() image.Image {
	c.t.Helper()
	b, err := chromedp.Run(c.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		c.t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		c.t.Fatal(err)
	}
	return img
}

// word selects a word by a double click and returns what then changes on
// the screen.
func (c *chromium) word(text string, x, y float64, before image.Image) (changed image.Rectangle) {
	c.t.Helper()
	x, y = x/pixels, y/pixels
	c.do(chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
	c.until(text, func(s string) bool { return strings.TrimSpace(s) == text })
	around := image.Rect(int(x*pixels)-400, int(y*pixels)-200, int(x*pixels)+400, int(y*pixels)+200)
	for end := time.Now().Add(5 * time.Second); changed.Empty() && time.Now().Before(end); {
		changed = difference(before, c.picture(), around)
	}
	c.do(chromedp.MouseClickXY(5, 5)) // beside the page: nothing is selected any more
	c.until("nothing", func(s string) bool { return s == "" })
	return changed
}

// difference encloses the pixels in which two pictures differ.
func difference(a, b image.Image, within image.Rectangle) (box image.Rectangle) {
	within = within.Intersect(a.Bounds())
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			if !close(a.At(x, y), b.At(x, y), 8) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

// corner is the top left of the page in the window: the viewer centres it.
func corner(img image.Image, width float64) (x, y float64) {
	x = (float64(img.Bounds().Dx()) - width*perPoint) / 2
	bright := func(y int) bool {
		r, _, _, _ := img.At(img.Bounds().Dx()/2, y).RGBA()
		return r > 0x8000
	}
	top := 0
	for !bright(top) && top < 100 {
		top++
	}
	return x, float64(top)
}

// simple reports whether a double click selects the word as a whole.
func simple(word string) bool {
	return len(word) > 3 && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// TestChromiumSelectsWords has Chromium copy whole pages, which must be the
// recognised words in order, and select some words by a double click on the
// middle of their ink: what is then marked lies within 2 points of it, as in
// TestWordsLieOnTheirInk.
func TestChromiumSelectsWords(t *testing.T) {
	var files [][]byte
	var cases []layerCase
	for _, c := range layerCases(t) {
		file, _ := write(t, options, c.page)
		files, cases = append(files, file), append(cases, c)
	}
	c := newChromium(t, files)
	for i, lc := range cases {
		t.Run(lc.name, func(t *testing.T) {
			c := &chromium{t, c.ctx, c.url}
			c.open(i)
			var want []string
			for _, w := range words(lc.page.Text) {
				want = append(want, w.Text)
			}
			if got := strings.Fields(c.all()); strings.Join(got, " ") != strings.Join(want, " ") {
				t.Fatalf("Chromium copies %q, want %q", got, want)
			}
			if i < len(scans) {
				clickWords(t, c, lc.page)
			}
		})
	}
}

// clickWords selects every fortieth word of a page.
func clickWords(t *testing.T, c *chromium, p pdfa.Page) {
	t.Helper()
	const tolerance = 2 + 1/perPoint // a pixel of the screen
	c.do(chromedp.MouseClickXY(5, 5))
	c.until("nothing", func(s string) bool { return s == "" })
	before := c.picture()
	img := uprightGray(t, p)
	left, top := corner(before, float64(img.Rect.Dx())*72/p.DPI)
	scale, n, worst := 72/p.DPI, 0, deviation{}
	for _, line := range p.Text.Lines {
		for _, w := range line.Words {
			ink, ok := inkOf(img, w.Box, line.Height)
			y := top + (ink.Y0+ink.Y1)/2*scale*perPoint
			if !ok || !simple(w.Text) || w.Confidence < 60 || y > (windowSide-20)*pixels {
				continue
			}
			if n++; n%40 != 1 {
				continue
			}
			x := left + (ink.X0+ink.X1)/2*scale*perPoint
			r := c.word(w.Text, x, y, before)
			got := sohoa.Rect{X0: (float64(r.Min.X) - left) / perPoint, Y0: (float64(r.Min.Y) - top) / perPoint,
				X1: (float64(r.Max.X) - left) / perPoint, Y1: (float64(r.Max.Y) - top) / perPoint}
			d := measure(got, ink, line, w, scale)
			if d.largest() > tolerance {
				t.Errorf("Chromium marks %q off by %.1f points: %.1f", w.Text, d, got)
			}
			worst = deviation{max(worst.side, d.side), max(worst.inward, d.inward), max(worst.outward, d.outward)}
		}
	}
	t.Logf("%d words selected; off by at most %.2f points sideways, %.2f inwards, %.2f outwards", (n+39)/40, worst.side, worst.inward, worst.outward)
}
