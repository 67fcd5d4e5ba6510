package raster

import (
	"fmt"
	"os"

	"sohoa"
	"sohoa/ocr/lept"
)

// imageFile is a JPEG, PNG or TIFF.
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
	if f.mediaType == TypeTIFF {
		n, err := lept.TIFFFrames(f.b, sohoa.MaxPages)
		return File{MediaType: f.mediaType, Pages: n}, err
	}
	_, _, err := lept.Size(f.b)
	return File{MediaType: f.mediaType, Pages: 1}, err
}

// page decodes the image whole, so that a damaged one is found here.
func (f *imageFile) page(n int, image bool) (Page, error) {
	if f.mediaType == TypeTIFF {
		return f.frame(n, image)
	}
	pix, err := lept.Decode(f.b)
	if err != nil {
		return Page{}, fmt.Errorf("decode: %w", err)
	}
	defer pix.Close()
	p := pageOf(pix, n)
	p.Source, p.MediaType = sohoa.SourceImage, f.mediaType
	if f.mediaType == TypeJPEG {
		p.Turn = lept.ExifTurn(f.b)
	}
	return p, nil
}

// frame is page n of a TIFF.
func (f *imageFile) frame(n int, image bool) (Page, error) {
	pix, err := lept.DecodeTIFFFrame(f.b, n-1)
	if err != nil {
		return Page{}, fmt.Errorf("decode frame %d: %w", n, err)
	}
	defer pix.Close()
	p := pageOf(pix, n)
	p.Source, p.MediaType = sohoa.SourceFrame, TypePNG
	if image {
		p.Image, err = pix.EncodePNG()
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
	minDPI      = 72
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
