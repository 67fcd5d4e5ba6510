package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/image/webp"
)

// screensDir has a picture of every screen, which docs/screens/update makes.
var screensDir = filepath.Join("..", "docs", "screens")

// maxScreens bounds all pictures together, in bytes.
const maxScreens = 4 << 20

var notInNames = regexp.MustCompile(`[^a-z]+`)

// screenName is the name of the picture of a route: "GET /sets/{set}" is
// "sets-set".
func screenName(pattern string) string {
	name := strings.Trim(notInNames.ReplaceAllString(strings.TrimPrefix(pattern, "GET "), "-"), "-")
	if name == "" {
		return "home"
	}
	return name
}

// TestEveryScreenHasAPicture compares the pictures with the routes that are
// pages.
func TestEveryScreenHasAPicture(t *testing.T) {
	o := newOffice(t)
	index, err := os.ReadFile(filepath.Join(screensDir, "..", "screens.md"))
	if err != nil {
		t.Fatal(err)
	}
	wanted, total := map[string]bool{}, int64(0)
	for route := range o.routes() {
		if !strings.HasPrefix(route, "GET /") || strings.HasPrefix(route, "GET /api/") || partsOfPages.MatchString(route) || unreached[route] != "" {
			continue
		}
		for _, width := range []string{"", "-phone"} {
			name := screenName(route) + width + ".webp"
			wanted[name] = true
			info, err := os.Stat(filepath.Join(screensDir, name))
			if err != nil {
				t.Errorf("%s has no picture %s: run docs/screens/update", route, name)
				continue
			}
			total += info.Size()
		}
		if !strings.Contains(string(index), "screens/"+screenName(route)+".webp") {
			t.Errorf("docs/screens.md does not show %s", route)
		}
	}
	there, err := filepath.Glob(filepath.Join(screensDir, "*.webp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if !wanted[filepath.Base(path)] {
			t.Errorf("%s shows a page that there is no more", path)
		}
	}
	if total > maxScreens {
		t.Errorf("the pictures have %d bytes, want %d at most", total, maxScreens)
	}
}

// taken is a screen with who sees it.
type taken struct {
	screen
	who   looker
	title string
}

// TestTakeScreens makes the pictures again when docs/screens/update asks for
// it. One that shows the same but for a date or an identifier is left as it is.
func TestTakeScreens(t *testing.T) {
	if os.Getenv("SOHOA_SCREENS") == "" {
		t.Skip("docs/screens/update makes the pictures")
	}
	o := newOffice(t)
	f := furnish(o)
	var all []taken
	done := map[string]bool{}
	for _, v := range f.lookers() {
		for _, s := range v.screens {
			if done[s.pattern] || v.role == "" && s.pattern == "GET /{$}" { // people at work see more there
				continue
			}
			done[s.pattern] = true
			all = append(all, taken{screen: s, who: v})
		}
	}
	old, err := filepath.Glob(filepath.Join(screensDir, "*.webp"))
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []string{"", "-phone"} {
		b := newBrowserFor(o, "screens", 1366, 768, false, 10*time.Minute)
		if width != "" {
			b = newBrowserFor(o, "screens", 390, 844, true, 10*time.Minute)
		}
		for i := range all {
			name := screenName(all[i].pattern) + width + ".webp"
			b.take(&all[i], filepath.Join(screensDir, name))
			old = slices.DeleteFunc(old, func(path string) bool { return filepath.Base(path) == name })
		}
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
	if err := os.WriteFile(filepath.Join(screensDir, "..", "screens.md"), screensPage(all), 0o644); err != nil {
		t.Fatal(err)
	}
}

// take opens a page as who sees it and writes its picture.
func (b *browser) take(s *taken, path string) {
	b.t.Helper()
	b.as(s.who.client)
	b.open(withLang(s.path, "vi"))
	s.title, _, _ = strings.Cut(eval[string](b, `new Promise((done) => setTimeout(() => done(document.title), 300))`), " · ")
	b.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		quality := int64(55)
		shot, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: "webp", Quality: &quality})
		if err != nil {
			return err
		}
		before, err := os.ReadFile(path)
		if err == nil && alikePictures(before, shot.Data) {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return os.WriteFile(path, shot.Data, 0o644)
	}))
}

// alikePictures reports whether fewer than two points of a hundred differ.
func alikePictures(a, b []byte) bool {
	one, err := webp.Decode(bytes.NewReader(a))
	if err != nil {
		return false
	}
	other, err := webp.Decode(bytes.NewReader(b))
	if err != nil || one.Bounds() != other.Bounds() {
		return false
	}
	differ, size := 0, one.Bounds()
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			if apart(one, other, x, y) {
				differ++
			}
		}
	}
	return differ*50 < size.Dx()*size.Dy()
}

func apart(a, b image.Image, x, y int) bool {
	r1, g1, b1, _ := a.At(x, y).RGBA()
	r2, g2, b2, _ := b.At(x, y).RGBA()
	return max(r1, r2)-min(r1, r2) > 0x3000 || max(g1, g2)-min(g1, g2) > 0x3000 || max(b1, b2)-min(b1, b2) > 0x3000
}

// screensPage is docs/screens.md.
func screensPage(all []taken) []byte {
	var b bytes.Buffer
	b.WriteString("# Screens\n\nEvery screen as it is now, with made-up papers, on a desk (1366 × 768) and on a phone (390 × 844). `docs/screens/update` makes the\npictures and this page again; a test compares them with the routes.\n")
	for _, s := range all {
		who := "for everybody"
		if s.who.role != "" {
			who = "as seen by: " + string(s.who.role)
		}
		name := screenName(s.pattern)
		fmt.Fprintf(&b, "\n## %s\n\n`%s`, %s\n\n<img src=\"screens/%s.webp\" alt=\"%s\" width=\"680\"> <img src=\"screens/%s-phone.webp\" alt=\"%s, phone\" width=\"195\">\n",
			heading(s), strings.TrimPrefix(s.pattern, "GET "), who, name, name, name, name)
	}
	return b.Bytes()
}

// heading is the title of a page, without what is one of many.
func heading(s taken) string {
	if strings.ContainsAny(s.title, "<>`\n") || s.title == "" {
		return screenName(s.pattern)
	}
	return s.title
}
