package raster_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"image"
	"io"
	"math/rand/v2"
	"testing"

	"sohoa"
	"sohoa/ingest/raster"
)

// grain is a picture that no encoder without loss can make small.
func grain(w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	rnd := rand.New(rand.NewPCG(5, 6))
	for i := range img.Pix {
		img.Pix[i] = byte(rnd.Uint32())
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	return img
}

// TestPhotographsAreReduced converts what would be huge without loss.
func TestPhotographsAreReduced(t *testing.T) {
	photo := grain(1800, 1700) // 9.2 MB as PNG
	r := newRasterizer(t)
	for name, tt := range map[string]struct {
		b         []byte
		mediaType string
		reason    string
	}{
		"mirrored photograph":    {withOrientation(encode(t, photo, 90), 2), raster.TypeJPEG, raster.ReasonReduced},
		"WebP without loss":      {tool(t, [][]byte{ppmOf(photo)}, "webp", "cwebp", "-quiet", "-lossless", "-z", "0"), raster.TypePNG, raster.ReasonFormat},
		"WebP of less than that": {tool(t, [][]byte{ppmOf(sheet(1800, 1700))}, "webp", "cwebp", "-quiet"), raster.TypePNG, raster.ReasonFormat},
	} {
		t.Run(name, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a", tt.b), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			if p := pages[0]; p.MediaType != tt.mediaType || p.Reason != tt.reason || p.Source != sohoa.SourceFrame {
				t.Errorf("page is %s, %s, reason %q, want %s, %q", p.Source, p.MediaType, p.Reason, tt.mediaType, tt.reason)
			}
		})
	}
}

// profile is the header of an ICC profile for those colours, and some data.
func profile(space string) []byte {
	b := bytes.Repeat([]byte("sohoa"), 100)
	copy(b[16:], space)
	return b
}

// TestProfilesGoAlong checks that a frame keeps its colours' meaning.
func TestProfilesGoAlong(t *testing.T) {
	page := sheet(60, 90)
	withICC := func(icc []byte, bits, samples, photometric int, data []byte) []byte {
		at := uint32(8 + len(data) + len(data)%2)
		return rawTIFF(60, 90, bits, samples, photometric, append(bytes.Clone(data), icc...), [4]uint32{34675, 7, uint32(len(icc)), at})
	}
	rgb, grey := profile("RGB "), profile("GRAY")
	tests := map[string]struct {
		b    []byte
		want []byte
	}{
		"colours":                {withICC(rgb, 8, 3, 2, rgbOf(page)), rgb},
		"greys":                  {withICC(grey, 8, 1, 1, inGrey(page).Pix), grey},
		"profile of other kinds": {withICC(rgb, 8, 1, 1, inGrey(page).Pix), nil},
	}
	r := newRasterizer(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, pages, err := split(t, r, write(t, "a.tif", tt.b), raster.SplitOptions{Images: true})
			if err != nil {
				t.Fatal(err)
			}
			decode(t, pages[0].Image) // checks the chunk's sum
			if got := profileIn(t, pages[0].Image); !bytes.Equal(got, tt.want) {
				t.Errorf("profile has %d bytes, want %d", len(got), len(tt.want))
			}
		})
	}
}

// profileIn is the profile in the iCCP chunk of a PNG, or nil.
func profileIn(t *testing.T, b []byte) []byte {
	t.Helper()
	at := bytes.Index(b, []byte("iCCPICC\x00\x00"))
	if at < 0 {
		return nil
	}
	n := int(binary.BigEndian.Uint32(b[at-4:]))
	z, err := zlib.NewReader(bytes.NewReader(b[at+9 : at+4+n]))
	if err != nil {
		t.Fatal(err)
	}
	icc, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return icc
}
