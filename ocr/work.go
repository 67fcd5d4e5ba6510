package ocr

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/otiai10/gosseract/v2"

	"sohoa"
	"sohoa/ocr/child"
	"sohoa/ocr/lept"
)

// role is the child process in which pages are read.
const role = "ocr-read"

// The settings of that process.
const (
	envTessdata  = "SOHOA_TESSDATA"
	envLanguages = "SOHOA_OCR_LANGUAGES"
)

func init() { child.Register(role, startEngine) }

// job is a request to the child: its JSON, a line feed, the image.
type job struct {
	Number int     `json:"number"`
	DPI    float64 `json:"dpi"`
	Turn   int     `json:"turn"`
	Sure   bool    `json:"sure,omitempty"` // of Turn
	Only   part    `json:"only,omitempty"`

	Fidelity sohoa.Fidelity `json:"fidelity,omitempty"`

	Own *sohoa.PageText `json:"own,omitempty"`
	Old *sohoa.PageText `json:"old,omitempty"`
}

// part is the one thing of a page that is wanted, without reading it; empty is
// all.
type part string

const (
	onlyThumb  part = "thumb"
	onlyScreen part = "screen"
	onlyLayers part = "layers"
)

// jobOf is the job of reading p, or of making a part only.
func jobOf(p Page, only part) job {
	return job{p.Number, p.DPI, p.Turn, p.Sure || p.Own != nil, only, p.Fidelity, p.Own, p.Old}
}

func (j job) encode(image []byte) ([]byte, error) {
	head, err := json.Marshal(j)
	if err != nil {
		return nil, err
	}
	return append(append(head, '\n'), image...), nil
}

func decodeJob(b []byte) (job, []byte, error) {
	var j job
	head, image, _ := bytes.Cut(b, []byte{'\n'})
	err := json.Unmarshal(head, &j)
	return j, image, err
}

// engine is Tesseract with its model loaded. It lives in a child and serves
// one page at a time.
type engine struct {
	client     *gosseract.Client
	name       string
	recognised time.Duration // CPU time inside client for the page at hand
}

func startEngine() (child.Handler, error) {
	languages := os.Getenv(envLanguages)
	e := &engine{client: gosseract.NewClient()}
	e.name = fmt.Sprintf("tesseract %s %s", e.client.Version(), languages)
	if err := e.client.SetTessdataPrefix(os.Getenv(envTessdata)); err != nil {
		return nil, err
	}
	if err := e.client.SetLanguage(strings.Split(languages, "+")...); err != nil {
		return nil, err
	}
	// SetPageSegMode has no effect before the model is loaded; variables are
	// set after it.
	if err := e.client.SetVariable("tessedit_pageseg_mode", "3"); err != nil { // automatic, no orientation
		return nil, err
	}
	return e.handle, nil
}

// handle answers one request with one reply, a Result as JSON.
func (e *engine) handle(_ context.Context, request []byte, reply func([]byte) error) error {
	j, image, err := decodeJob(request)
	if err != nil {
		return err
	}
	start := cpuTime()
	e.recognised = 0
	res, err := e.do(j, image)
	if err != nil {
		return err
	}
	res.Text.CPUMilli = (cpuTime() - start).Milliseconds()
	res.Text.RecogniseMilli = e.recognised.Milliseconds()
	b, err := json.Marshal(res)
	if err != nil {
		return err
	}
	return reply(b)
}

// cpuTime is the processor time of this process so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// thumbWidth and thumbQuality are those of thumbnails.
const (
	thumbWidth   = 320
	screenWidth  = 1240 // A4 at 150 dpi
	thumbQuality = 75
)

// do decodes the image and does what the job asks for.
func (e *engine) do(j job, image []byte) (Result, error) {
	scan, err := lept.Decode(image)
	if err != nil {
		return Result{}, err
	}
	defer scan.Close()
	switch j.Only {
	case onlyThumb:
		thumb, err := thumbnail(scan, turnBetween(0, j.Turn))
		return Result{Thumb: thumb}, err
	case onlyScreen:
		picture, err := picture(scan, turnBetween(0, j.Turn), screenWidth)
		return Result{Thumb: picture}, err
	case onlyLayers:
		s, err := newSheet(scan, j.DPI)
		if err != nil {
			return Result{}, err
		}
		defer s.Close()
		layers, err := e.layers(s, scan, sohoa.PageText{}, wanted{j.Fidelity, len(image)})
		return Result{Layers: layers}, err
	}
	return e.read(j, scan, len(image))
}

// read takes one page through the whole chain.
func (e *engine) read(j job, scan *lept.Pix, stored int) (Result, error) {
	s, err := newSheet(scan, j.DPI)
	if err != nil {
		return Result{}, err
	}
	defer s.Close()
	text, err := e.text(s, turnBetween(0, j.Turn), j.Sure)
	if err != nil {
		return Result{}, err
	}
	text.Page, text.Source, text.Engine = j.Number, sohoa.TextOCR, e.name
	if text.Codes, err = s.codes(scan, text.Turn); err != nil {
		return Result{}, err
	}
	var res Result
	if res.Text, err = e.settle(j, s, text); err != nil {
		return Result{}, err
	}
	if res.Thumb, err = thumbnail(scan, res.Text.Turn); err != nil {
		return Result{}, err
	}
	if j.Fidelity != "" && j.Fidelity != sohoa.FidelityNone {
		res.Layers, err = e.layers(s, scan, text, wanted{j.Fidelity, stored})
	}
	return res, err
}

// text reads s, which its file says to turn by known. Where the page draws
// text the file is right (sure).
func (e *engine) text(s *sheet, known int, sure bool) (sohoa.PageText, error) {
	if s.blank {
		return s.page(view{turn: known}, nil), nil
	}
	turns := []int{known}
	if !sure {
		var err error
		if turns, err = s.turns(known); err != nil {
			return sohoa.PageText{}, err
		}
	}
	var best sohoa.PageText
	score := -1
	for _, turn := range turns {
		text, err := e.turned(s, turn)
		if err != nil {
			return sohoa.PageText{}, err
		}
		got := legibility(text)
		if got.good > score {
			best, score = text, got.good
		}
		if got.sure() {
			break
		}
	}
	return best, nil
}

// turned reads s turned by turn.
func (e *engine) turned(s *sheet, turn int) (sohoa.PageText, error) {
	v, err := s.view(turn)
	if err != nil {
		return sohoa.PageText{}, err
	}
	defer v.Close()
	lines, err := e.recognise(v.pix, s.dpi)
	if err != nil {
		return sohoa.PageText{}, err
	}
	return s.page(v, lines), nil
}

// recognise reads the lines of a prepared image, placed in its own frame.
func (e *engine) recognise(p *lept.Pix, dpi float64) ([]sohoa.Line, error) {
	start := cpuTime()
	defer func() { e.recognised += cpuTime() - start }()
	bmp, err := p.EncodeBMP()
	if err != nil {
		return nil, err
	}
	if err := e.client.SetImageFromBytes(bmp); err != nil {
		return nil, err
	}
	if err := e.client.SetVariable("user_defined_dpi", fmt.Sprintf("%.0f", dpi)); err != nil {
		return nil, err
	}
	out, err := e.client.HOCRText()
	if err != nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "ocr.model-missing",
			Args: []string{os.Getenv(envLanguages)}, Detail: err.Error()}
	}
	return parseHOCR(out)
}

// thumbnail makes the small picture of a page, upright.
func thumbnail(scan *lept.Pix, turn int) ([]byte, error) { return picture(scan, turn, thumbWidth) }

// picture makes a picture of a page, upright, at most across pixels wide.
func picture(scan *lept.Pix, turn, across int) ([]byte, error) {
	width := across
	if turn%180 != 0 { // scaled before it is turned, so that its height becomes the width
		width = max(1, scan.Width()*across/scan.Height())
	}
	small, err := scan.Thumbnail(width)
	if err != nil {
		return nil, err
	}
	defer small.Close()
	upright, err := small.Turn(turn)
	if err != nil {
		return nil, err
	}
	defer upright.Close()
	return upright.EncodeJPEG(thumbQuality)
}
