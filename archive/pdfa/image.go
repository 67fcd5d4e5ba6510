package pdfa

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strconv"

	"sohoa"
)

// PageReport says what became of a page.
type PageReport struct {
	Treatment     sohoa.Treatment // of its images; Reason is a Reason constant, or what Layers say
	Width, Height float64         // of the upright page, points
	DPI           float64         // resolution that the size follows from
	Words         int             // words written
	Dropped       int             // words without any character that may be written
	Overhead      int64           // bytes written beside the image data
}

// picture is an image ready to be written as an image XObject.
type picture struct {
	width, height int
	depth         int    // bits a sample
	components    int    // samples a pixel: 1 or 3
	palette       []byte // RGB triples, for indexed images
	profile       []byte // ICC profile of the colours; nil for plain gray or sRGB
	stencil       bool   // no colours: its ink lets the present colour through
	data          streamData
	form          sohoa.Form
	reason        string
	detail        string
}

// size is the length of the image data in bytes.
func (p *picture) size() int64 { return p.data.size() }

// damaged is the problem of an image that cannot be read.
func damaged(detail string) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged", Detail: detail}
}

// checkPixels refuses images that are empty or too large.
func checkPixels(width, height int) error {
	if width <= 0 || height <= 0 {
		return damaged("no pixels")
	}
	if int64(width)*int64(height) > sohoa.MaxImagePixels {
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "image.too-many-pixels",
			Args: []string{strconv.Itoa(width), strconv.Itoa(height), strconv.Itoa(sohoa.MaxImagePixels / 1_000_000)}}
	}
	return nil
}

// openImage finds the way of an image file into the document.
func openImage(file []byte, mediaType string) (*picture, error) {
	switch mediaType {
	case "image/jpeg":
		return openJPEG(file)
	case "image/png":
		return openPNG(file)
	}
	return nil, fmt.Errorf("image of type %q: %w", mediaType, sohoa.ErrInvalid)
}

// openJPEG passes a JPEG through if PDF readers show it as it is meant.
func openJPEG(file []byte) (*picture, error) {
	info, err := readJPEG(file)
	if err != nil {
		return nil, damaged(err.Error())
	}
	if err := checkPixels(info.width, info.height); err != nil {
		return nil, err
	}
	if why := info.obstacle(); why != "" {
		img, err := decodeJPEG(file, info)
		if err != nil {
			return nil, damaged(err.Error())
		}
		return recode(img, info.components == 1, info.icc, why)
	}
	return info.picture(file), nil
}

// picture is the JPEG file itself.
func (i *jpegInfo) picture(file []byte) *picture {
	p := &picture{width: i.width, height: i.height, depth: 8, components: i.components,
		data: streamData{"DCTDecode", [][]byte{file}}, form: sohoa.FormOriginal}
	p.colour(i.icc, i.iccFault)
	return p
}

// openPNG passes the data stream of a PNG through if it is one that Flate
// with the PNG predictor can read.
func openPNG(file []byte) (*picture, error) {
	info, err := readPNG(file)
	if err != nil {
		return nil, damaged(err.Error())
	}
	if err := checkPixels(info.width, info.height); err != nil {
		return nil, err
	}
	if why := info.obstacle(); why != "" {
		img, err := png.Decode(bytes.NewReader(file))
		if err != nil {
			return nil, damaged(err.Error())
		}
		return recode(img, info.gray(), info.icc, why)
	}
	return info.picture()
}

// picture passes the data through once it is known to be complete. What is
// black and white becomes JBIG2.
func (i *pngInfo) picture() (*picture, error) {
	p := &picture{width: i.width, height: i.height, depth: i.depth, components: i.samples(), palette: i.palette,
		data: streamData{"FlateDecode", i.idat}, form: sohoa.FormOriginal}
	p.colour(i.icc, i.iccFault)
	if flip, ok := p.bilevel(); ok {
		return p, p.bitonal(flip)
	}
	if err := checkRows(p.data.reader(), i.height, p.rowBytes()); err != nil {
		return nil, damaged(err.Error())
	}
	return p, nil
}

// recode stores a decoded image without loss. The way leads through a PNG
// file, whose data stream is then passed through.
func recode(img image.Image, gray bool, icc []byte, why string) (*picture, error) {
	var buf bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := enc.Encode(&buf, flatten(img, gray)); err != nil {
		return nil, damaged(err.Error())
	}
	info, err := readPNG(buf.Bytes())
	if err != nil {
		return nil, damaged(err.Error())
	}
	info.icc = icc
	p, err := info.picture()
	if err != nil {
		return nil, err
	}
	if p.form == sohoa.FormOriginal {
		p.form = sohoa.FormLossless
	}
	p.reason = why
	return p, nil
}

// flatten makes an image of 8 opaque bits a sample: what was transparent
// becomes paper white.
func flatten(img image.Image, gray bool) image.Image {
	if gray {
		if g, ok := img.(*image.Gray); ok {
			return blackAndWhite(g)
		}
		out := image.NewGray(img.Bounds())
		draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
		return blackAndWhite(out)
	}
	switch m := img.(type) {
	case *image.RGBA, *image.NRGBA:
		if img.(interface{ Opaque() bool }).Opaque() {
			return img
		}
	case *image.Paletted:
		return flattenPalette(m)
	}
	return paper{img}
}

// flattenPalette keeps an image indexed.
func flattenPalette(img *image.Paletted) image.Image {
	out := *img
	out.Palette = make(color.Palette, len(img.Palette))
	for i, c := range img.Palette {
		out.Palette[i] = onPaper(c)
	}
	return &out
}

// paper shows an image on white, pixel by pixel, without a copy of it.
type paper struct{ image.Image }

// ColorModel is 8-bit RGB.
func (p paper) ColorModel() color.Model { return color.RGBAModel }

// Opaque is true.
func (p paper) Opaque() bool { return true }

// At is the colour on white paper.
func (p paper) At(x, y int) color.Color { return onPaper(p.Image.At(x, y)) }

// onPaper lays a colour over white.
func onPaper(c color.Color) color.RGBA {
	r, g, b, a := c.RGBA()
	white := 0xFFFF - a
	return color.RGBA{uint8((r + white) >> 8), uint8((g + white) >> 8), uint8((b + white) >> 8), 0xFF}
}

// colour decides whether a profile found in the image file is written.
func (p *picture) colour(icc []byte, fault string) {
	want := p.components
	if p.palette != nil {
		want = 3
	}
	switch {
	case fault != "":
		p.leaveOut(fault)
	case icc == nil:
	default:
		prof, err := parseProfile(icc)
		switch {
		case err != nil:
			p.leaveOut(err.Error())
		case prof.components != want:
			p.leaveOut(fmt.Sprintf("it is for %d components, the image has %d", prof.components, want))
		case !prof.srgb:
			p.profile = prof.data
		}
	}
}

// leaveOut notes why the colour profile is not written.
func (p *picture) leaveOut(why string) {
	p.reason, p.detail = ReasonProfile, "colour profile left out: "+why
}

// rowBytes is the length of a row of samples, rounded up to bytes.
func (p *picture) rowBytes() int { return (p.width*p.components*p.depth + 7) / 8 }

// image writes an image XObject and the profile it needs, and returns its
// number.
func (w *Writer) image(p *picture) int {
	dict := fmt.Sprintf("/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent %d", p.width, p.height, p.depth)
	if p.stencil {
		return w.stream(w.reserve(), dict+"/ImageMask true", p.data)
	}
	dict += "/ColorSpace " + w.space(p)
	if p.data.filter == "FlateDecode" {
		dict += fmt.Sprintf("/DecodeParms<</Predictor 15/Colors %d/BitsPerComponent %d/Columns %d>>", p.components, p.depth, p.width)
	}
	return w.stream(w.reserve(), dict, p.data)
}

// space is the colour space of an image, whose profile it writes.
func (w *Writer) space(p *picture) string {
	space := map[int]string{1: "/DeviceGray", 3: "/DeviceRGB"}[p.components]
	if p.palette != nil {
		space = "/DeviceRGB"
	}
	if p.profile != nil {
		space = fmt.Sprintf("[/ICCBased %d 0 R]", w.profile(p))
	}
	if p.palette != nil {
		space = fmt.Sprintf("[/Indexed %s %d <%X>]", space, len(p.palette)/3-1, p.palette)
	}
	return space
}

// profile writes a colour profile once for all images that carry it.
func (w *Writer) profile(p *picture) int {
	key := sohoa.Sum(p.profile)
	if n, ok := w.profiles[key]; ok {
		return n
	}
	n := 3
	if p.components == 1 && p.palette == nil {
		n = 1
	}
	obj := w.stream(w.reserve(), fmt.Sprintf("/N %d", n), w.deflate(p.profile))
	w.profiles[key] = obj
	return obj
}
