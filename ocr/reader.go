// Package ocr reads page images: it prepares them, recognises their text with
// Tesseract, and places every word on the page.
//
// A Reader hands each page to a child process (ocr/child) that keeps its model
// loaded, so a page that crashes or hangs the engine costs that page and
// nothing else. In the child a page goes through one chain: decode; grey
// without red seals, evenly lit; blank or not; which way up; skew; dotted
// leaders erased; recognition; words placed back on the page as it was scanned.
// Nothing is written to disk and nothing is kept between pages but the model.
//
// Text is NFC. Boxes and baselines are in the frame of the upright page as
// the root package defines it; the stored image itself is never changed.
package ocr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/ocr/child"
)

// Config describes a Reader. The zero value reads Vietnamese with the models
// of the system and as many children as there are processors.
type Config struct {
	Workers   int    // child processes at most; 0 is one a processor
	Tessdata  string // folder of *.traineddata; "" is TESSDATA_PREFIX or the system's
	Languages string // models joined by +; "" is DefaultLanguages
	Exe       string // executable that calls child.Run; "" is this one
}

// DefaultLanguages is what pages are read with. English beside Vietnamese
// reads Vietnamese names worse; docs/decisions/ocr-languages.md has figures.
const DefaultLanguages = "vie"

// recycle is the number of pages after which a child is replaced. gosseract
// v2.4.1 does not free the text that it returns, some 100 KB a page.
const recycle = 500

// Reader recognises pages. It is safe for concurrent use; Close it.
type Reader struct{ pool *child.Pool }

// Page is a page image to be read.
type Page struct {
	Image  []byte  // JPEG, PNG, TIFF (first frame), BMP or PNM
	Number int     // 1-based
	DPI    float64 // of the image; 0 is unknown, then the image's own word or its size decides
	Turn   int     // turn known from the file, degrees clockwise; what is found overrides it, unless it is Sure
	Sure   bool    // a person says that Turn is right

	Fidelity sohoa.Fidelity // of the Layers that are wanted; "" and sohoa.FidelityNone are none

	// What the page of a PDF brought along, for the image turned by their Turn.
	Own *sohoa.PageText // text that it draws: kept exactly, with what is recognised elsewhere on the page beside it
	Old *sohoa.PageText // text that it hides, mostly of an earlier recognition: replaced if what is recognised reads better
}

// Result is what stands on a page.
type Result struct {
	Text  sohoa.PageText `json:"text"`
	Thumb []byte         `json:"thumb"` // upright JPEG, at most 320 pixels wide

	Layers *sohoa.Layers `json:"layers,omitempty"` // for the access copy; nil if none are wanted
}

// New makes a Reader. It returns an ocr.model-missing Problem if a model of
// cfg.Languages is not there; it starts no process yet.
func New(cfg Config) (*Reader, error) {
	if cfg.Languages == "" {
		cfg.Languages = DefaultLanguages
	}
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.NumCPU()
	}
	folder, err := findModels(cfg.Tessdata, cfg.Languages)
	if err != nil {
		return nil, err
	}
	pool, err := child.NewPool(child.Config{
		Role:    role,
		Size:    cfg.Workers,
		Exe:     cfg.Exe,
		Recycle: recycle,
		CPU:     2 * sohoa.MaxReadTime,
		Env:     []string{"OMP_THREAD_LIMIT=1", envTessdata + "=" + folder, envLanguages + "=" + cfg.Languages},
	})
	if err != nil {
		return nil, err
	}
	return &Reader{pool}, nil
}

// systemModels are the folders where distributions keep models.
var systemModels = []string{
	"/usr/share/tesseract-ocr/5/tessdata",
	"/usr/share/tesseract-ocr/4.00/tessdata",
	"/usr/share/tessdata",
	"/usr/local/share/tessdata",
}

// modelName keeps names of models from being other paths.
var modelName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9_-]+)?$`)

// findModels returns the folder that holds every model of languages.
func findModels(folder, languages string) (string, error) {
	if folder == "" {
		folder = systemFolder()
	}
	for _, lang := range strings.Split(languages, "+") {
		file := filepath.Join(folder, lang+".traineddata")
		info, err := os.Stat(file)
		if !modelName.MatchString(lang) || err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
			return "", &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "ocr.model-missing", Args: []string{lang}, Detail: file}
		}
	}
	return filepath.Abs(folder)
}

func systemFolder() string {
	if dir := os.Getenv("TESSDATA_PREFIX"); dir != "" {
		return dir
	}
	for _, dir := range systemModels {
		if _, err := os.Stat(dir); err == nil {
			return dir
		}
	}
	return systemModels[0]
}

// Close ends the children.
func (r *Reader) Close() error { return r.pool.Close() }

// Read recognises one page, and decides between what it recognised and what
// the page brought along (PageText.Source says for which). A text reads well
// as its letters stand in forms that Vietnamese papers have, in words that
// their engine does not doubt, and as its words account for the page's ink; no
// truth is needed. A text that lacks most of the words that were surely read,
// at their place, is not this page's. Its Problems are those of lept.Decode,
// page.timeout after sohoa.MaxReadTime, and page.crash, which is worth
// retrying. Otherwise it returns the error of ctx.
func (r *Reader) Read(ctx context.Context, p Page) (Result, error) {
	res, err := r.do(ctx, p, "")
	if err != nil {
		return Result{}, fmt.Errorf("read page %d: %w", p.Number, err)
	}
	return res, nil
}

// Thumbnail makes the Thumb of a page whose Turn is known, without reading it.
// Its Problems are those of Read.
func (r *Reader) Thumbnail(ctx context.Context, p Page) ([]byte, error) {
	res, err := r.do(ctx, p, onlyThumb)
	if err != nil {
		return nil, fmt.Errorf("thumbnail of page %d: %w", p.Number, err)
	}
	return res.Thumb, nil
}

// Screen makes an upright JPEG of a page that can be read on a screen, at most
// 1240 pixels wide. Its Problems are those of Read.
func (r *Reader) Screen(ctx context.Context, p Page) ([]byte, error) {
	res, err := r.do(ctx, p, onlyScreen)
	if err != nil {
		return nil, fmt.Errorf("picture of page %d: %w", p.Number, err)
	}
	return res.Thumb, nil
}

// Layers takes a page apart without reading it; what it looks like is checked,
// what it reads like is not. Its Problems are those of Read.
func (r *Reader) Layers(ctx context.Context, p Page) (*sohoa.Layers, error) {
	res, err := r.do(ctx, p, onlyLayers)
	if err != nil {
		return nil, fmt.Errorf("layers of page %d: %w", p.Number, err)
	}
	return res.Layers, nil
}

// do has a child work on a page.
func (r *Reader) do(ctx context.Context, p Page, only part) (Result, error) {
	var res Result
	if p.Turn%90 != 0 {
		return res, fmt.Errorf("turn by %d degrees: %w", p.Turn, sohoa.ErrInvalid)
	}
	body, err := jobOf(p, only).encode(p.Image)
	if err != nil {
		return res, err
	}
	err = r.pool.Do(ctx, child.Request{Body: body, Idle: sohoa.MaxReadTime}, func(reply []byte) error {
		return json.Unmarshal(reply, &res)
	})
	return res, pageProblem(err, p.Number)
}

// pageProblem turns what happened to the child into what happened to the page.
func pageProblem(err error, number int) error {
	n := strconv.Itoa(number)
	switch {
	case errors.Is(err, child.ErrTimeout):
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "page.timeout", Args: []string{n, sohoa.MaxReadTime.String()}}
	case errors.Is(err, child.ErrDied):
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "page.crash", Args: []string{n}, Detail: err.Error()}
	}
	return err
}
