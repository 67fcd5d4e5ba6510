package web_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestStrangersJourney is what somebody does who was given a printed copy and
// a PDF, and has no account.
func TestStrangersJourney(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int64
		phone         bool
	}{{"stranger", 1366, 768, false}, {"stranger-phone", 390, 844, true}} {
		t.Run(size.name, func(t *testing.T) {
			o := newOffice(t)
			lan := o.signedIn("lan")
			doc := o.printed(lan)
			once := o.signedFile(lan, doc)
			twice := filepath.Join(t.TempDir(), "nhận được.pdf")
			if err := os.WriteFile(twice, signPDF(t, o.ca, once), 0o600); err != nil {
				t.Fatal(err)
			}
			b := newBrowser(o, size.name, size.width, size.height, size.phone)
			b.looksUp(doc.Lookup, twice)
			b.cuts(twice, len(once))
			b.quiet()
		})
	}
}

// looksUp types the code from the print and compares a file.
func (b *browser) looksUp(code, pdf string) {
	b.t.Helper()
	b.open("/verify")
	b.click(`a[href="/q"]`)
	b.fill(`#code`, code[:4]+"-"+code[4:]+"\r")
	b.wait(`.banner.TOTAL-PASSED`)
	b.fits("01-lookup")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{pdf}))
	b.wait(`#result .relation.extended`)
	b.run(chromedp.ScrollIntoView(chromedp.CSS(`#result .relation`)))
	b.fits("02-compared")
}

// cuts checks a file with two signatures and saves what the first one covers.
func (b *browser) cuts(pdf string, want int) {
	b.t.Helper()
	b.open("/verify")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#pdf"), []string{pdf}))
	b.wait(`.signature:nth-child(2)`)
	b.click(`.signature:nth-child(1) details summary`)
	b.fits("03-report")
	b.run(chromedp.ScrollIntoView(chromedp.CSS(`.signature:nth-child(2)`)))
	b.fits("04-report-details")
	eval[bool](b, `(() => { const make = URL.createObjectURL; URL.createObjectURL = (blob) => { window.cut = blob.size; return make(blob); }; return true })()`)
	b.click(`.signature:nth-child(1) [data-cut]`)
	if got := eval[int](b, `window.cut || 0`); got != want {
		b.t.Errorf("the first signature's revision was saved with %d bytes, want %d", got, want)
	}
}
