package pdfa

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"sohoa/archive/jbig2"
)

// image checks an image XObject and reports whether it is a stencil. Its data
// is read to the end. Only images of signatures may be translucent.
func (l *linter) image(v any, what string, translucent bool) (stencil bool) {
	if n, _ := v.(ref); !l.check(!l.images[n], "%s: it is drawn by two pages", what) {
		return false
	} else {
		l.images[n] = true
	}
	d, obj := l.stream(v, what, "Type=XObject Subtype=Image Width! Height! BitsPerComponent! ColorSpace ImageMask Filter! DecodeParms SMask")
	if obj == nil {
		return false
	}
	if mask, ok := d["SMask"]; ok && l.check(translucent, "%s: it is translucent", what) {
		l.opacity(mask, d, what+": mask")
	}
	p := &picture{width: whole(d["Width"]), height: whole(d["Height"]), depth: whole(d["BitsPerComponent"])}
	if p.stencil = l.stencil(d, what); !p.stencil {
		p.components = l.colourSpace(d["ColorSpace"], what)
	}
	if err := checkPixels(p.width, p.height); err != nil {
		l.check(false, "%s: %v", what, err)
		return false
	}
	l.samples(d, p, io.NewSectionReader(l.file.r, obj.data, obj.length), what)
	return p.stencil
}

// stencil reports whether d is the dictionary of a stencil, and checks what
// then may be in it.
func (l *linter) stencil(d dict, what string) bool {
	mask, has := d["ImageMask"]
	if !has {
		return false
	}
	_, coloured := d["ColorSpace"]
	l.check(mask == true && !coloured, "%s: stencil with colours", what)
	l.check(d["Filter"] == name("JBIG2Decode"), "%s: stencil with the filter %v", what, d["Filter"])
	return true
}

// opacity checks the soft mask of an image: gray, opaque itself, and as large
// as the image.
func (l *linter) opacity(v any, d dict, what string) {
	mask, _ := l.resolve(v).(dict)
	l.check(mask["ColorSpace"] == name("DeviceGray") && mask["Width"] == d["Width"] && mask["Height"] == d["Height"],
		"%s: it does not fit", what)
	l.image(v, what, false)
}

// samples compares the data of an image with its dictionary.
func (l *linter) samples(d dict, p *picture, body *io.SectionReader, what string) {
	_, parms := d["DecodeParms"]
	switch d["Filter"] {
	case name("DCTDecode"):
		l.check(!parms && p.depth == 8, "%s: JPEG with parameters", what)
		l.jpeg(body, p, what)
	case name("JBIG2Decode"):
		l.check(!parms && p.depth == 1, "%s: JBIG2 with parameters", what)
		l.check(p.stencil || d["ColorSpace"] == name("DeviceGray"), "%s: JBIG2 with colours", what)
		l.jbig2(body, p, what)
	case name("FlateDecode"):
		parms := l.dict(d["DecodeParms"], what+": parameters", "Predictor! Colors! BitsPerComponent! Columns!")
		l.check(parms["Predictor"] == int64(15) && parms["Colors"] == int64(p.components) &&
			parms["BitsPerComponent"] == int64(p.depth) && parms["Columns"] == int64(p.width), "%s: parameters do not fit", what)
		l.check(strings.Contains(" 1 2 4 8 ", fmt.Sprintf(" %d ", p.depth)), "%s: %d bits", what, p.depth)
		err := checkRows(bufio.NewReader(body), p.height, p.rowBytes())
		l.check(err == nil, "%s: %v", what, err)
	default:
		l.check(false, "%s: filter %v", what, d["Filter"])
	}
}

// jpeg compares a JPEG file with its dictionary.
func (l *linter) jpeg(r io.Reader, p *picture, what string) {
	b, err := io.ReadAll(r)
	if err != nil {
		l.check(false, "%s: %v", what, err)
		return
	}
	info, err := readJPEG(b)
	if err != nil {
		l.check(false, "%s: %v", what, err)
		return
	}
	l.check(info.obstacle() == "", "%s: %s", what, info.obstacle())
	l.check(info.width == p.width && info.height == p.height && info.components == p.components,
		"%s: JPEG of %d×%d×%d does not fit", what, info.width, info.height, info.components)
}

// jbig2 compares a JBIG2 stream with its dictionary. Its code is not decoded.
func (l *linter) jbig2(r io.Reader, p *picture, what string) {
	b, err := io.ReadAll(r)
	if err != nil {
		l.check(false, "%s: %v", what, err)
		return
	}
	w, h, err := jbig2.Size(b)
	l.check(err == nil, "%s: %v", what, err)
	l.check(w == p.width && h == p.height, "%s: JBIG2 of %d×%d does not fit", what, w, h)
}

// whole is a value as a positive integer, or 0.
func whole(v any) int {
	n, _ := v.(int64)
	if n < 0 || n > 1<<31-1 {
		return 0
	}
	return int(n)
}

// colourSpace checks a colour space and returns the samples of a pixel.
func (l *linter) colourSpace(v any, what string) int {
	switch v {
	case name("DeviceGray"):
		return 1
	case name("DeviceRGB"):
		return 3
	}
	a := l.array(v, what+": ColorSpace")
	switch {
	case len(a) == 2 && a[0] == name("ICCBased"):
		return l.profile(a[1]).components
	case len(a) == 4 && a[0] == name("Indexed"):
		l.check(l.colourSpace(a[1], what) == 3, "%s: palette without colours", what)
		table, _ := a[3].(text)
		l.check(len(table.bytes) == 3*(whole(a[2])+1) && len(table.bytes) <= 768, "%s: palette of %d bytes", what, len(table.bytes))
		return 1
	}
	l.check(false, "%s: unknown colour space", what)
	return 0
}
