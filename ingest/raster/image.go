package raster

import (
	"fmt"
	"os"

	"sohoa"
	"sohoa/ingest/raster/heif"
	"sohoa/ocr/lept"
)

// imageFile is an image file of any kind.
type imageFile struct {
	mediaType string
	b         []byte
}

func openImage(path, mediaType string) (source, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return &imageFile{mediaType, b}, nil
}

func (f *imageFile) close() {}

// info counts frames, and refuses from the header what is too large.
func (f *imageFile) info() (File, error) {
	file := File{MediaType: f.mediaType, Pages: 1}
	var err error
	switch f.mediaType {
	case TypeTIFF:
		file.Pages, err = lept.TIFFFrames(f.b, sohoa.MaxPages)
	case TypeHEIC:
		_, _, err = heif.Size(f.b)
	case TypeJPEG:
		err = decodable(f.b)
	default:
		_, _, err = lept.Size(f.b)
	}
	return file, err
}

// decodable refuses a JPEG that is too large or of a kind that nothing here
// decodes.
func decodable(b []byte) error {
	if h, ok := jpegFrame(b); ok && h.unsupported() {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.unsupported", Args: []string{h.kind()}}
	}
	_, _, err := lept.Size(b)
	return err
}

// page decodes the image whole, so that a damaged one is found here. What
// browsers and PDF readers show as it is stays as it is.
func (f *imageFile) page(n int, image bool) (Page, error) {
	switch f.mediaType {
	case TypeTIFF:
		return f.frame(n, image)
	case TypeHEIC:
		return f.photo(n, image)
	}
	turn, reason := lept.ExifTurn(f.b), f.whyConverted()
	if f.mediaType == TypeJPEG && reason == "" {
		return f.asItIs(n, turn)
	}
	pix, err := lept.Decode(f.b)
	if err != nil {
		return Page{}, fmt.Errorf("decode: %w", err)
	}
	defer pix.Close()
	if reason != "" {
		c := converted{pix: pix, turn: turn, mirrored: lept.ExifMirrored(f.b), profile: f.profile(), reason: reason, lossy: f.lossy()}
		return c.page(n, image)
	}
	p := pageOf(pix, n)
	p.Source, p.MediaType, p.Turn = sohoa.SourceImage, f.mediaType, turn
	return p, nil
}

// asItIs is the page of a JPEG, which is looked through without making all of
// its pixels.
func (f *imageFile) asItIs(n, turn int) (Page, error) {
	small, err := lept.Probe(f.b)
	if err != nil {
		return Page{}, fmt.Errorf("decode: %w", err)
	}
	defer small.Close()
	w, h, err := lept.Size(f.b)
	return Page{Number: n, Width: w, Height: h, DPI: plausibleDPI(small.DPI(), w, h),
		Source: sohoa.SourceImage, MediaType: f.mediaType, Turn: turn}, err
}

// whyConverted is the reason why the file itself cannot be the page's image,
// or empty.
func (f *imageFile) whyConverted() string {
	if f.mediaType == TypeWebP {
		return ReasonFormat
	}
	if lept.ExifMirrored(f.b) {
		return ReasonMirrored
	}
	if h, ok := jpegFrame(f.b); ok && h.arithmetic() {
		return ReasonFormat
	}
	return ""
}

// lossy reports whether encoding the file lost something already.
func (f *imageFile) lossy() bool {
	switch f.mediaType {
	case TypeWebP:
		return lept.Chunk(f.b, "VP8L") == nil
	case TypePNG:
		return false
	}
	return true
}

// profile is the colour profile of a WebP. That of a PNG or JPEG that must be
// converted, which is rarer still, is dropped.
func (f *imageFile) profile() []byte {
	if f.mediaType == TypeWebP {
		return lept.Chunk(f.b, "ICCP")
	}
	return nil
}

// frame is page n of a TIFF.
func (f *imageFile) frame(n int, image bool) (Page, error) {
	pix, err := lept.DecodeTIFFFrame(f.b, n-1)
	if err != nil {
		return Page{}, fmt.Errorf("decode frame %d: %w", n, err)
	}
	defer pix.Close()
	c := converted{pix: pix, profile: lept.TIFFProfile(f.b, n-1)}
	return c.page(n, image)
}

// photo is the photograph in a HEIC file.
func (f *imageFile) photo(n int, image bool) (p Page, err error) {
	err = heif.Decode(f.b, func(ph heif.Photo) error {
		m := pixmap{w: ph.Width, h: ph.Height, stride: ph.Stride, b: ph.Pixels, size: 3, alpha: ph.Alpha}
		if ph.Alpha {
			m.size = 4
		}
		pix, err := m.pix()
		if err != nil {
			return err
		}
		defer pix.Close()
		c := converted{pix: pix, profile: ph.Profile, reason: ReasonFormat, lossy: true}
		p, err = c.page(n, image)
		return err
	})
	if err != nil {
		err = fmt.Errorf("decode photograph: %w", err)
	}
	return p, err
}

// pageOf measures pix.
func pageOf(pix *lept.Pix, n int) Page {
	w, h := pix.Width(), pix.Height()
	return Page{Number: n, Width: w, Height: h, DPI: plausibleDPI(pix.DPI(), w, h)}
}

// The bounds of a resolution that is believed, and the side of the widest
// sheet that an office scans (A2), in inches.
const (
	minDPI      = 60
	maxDPI      = 1200
	a4Width     = 210 / 25.4
	widestShort = 17
)

// plausibleDPI is dpi if a sheet of paper could have it, and otherwise what
// makes the shorter side of w x h pixels as long as A4's. Cameras and image
// editors state 72 or 96 whatever they hold.
func plausibleDPI(dpi float64, w, h int) float64 {
	short := float64(min(w, h))
	if dpi >= minDPI && dpi <= maxDPI && short/dpi <= widestShort {
		return dpi
	}
	return short / a4Width
}
