package pdfa_test

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"

	"sohoa"
	"sohoa/archive/pdfa"
)

// pngKind is a form that a PNG may have.
type pngKind struct {
	depth     int
	colour    byte
	interlace byte
	key       bool // a colour, or the palette, has a transparency
	profile   bool
}

// name tells the kinds apart.
func (k pngKind) name() string {
	colours := map[byte]string{0: "gray", 2: "rgb", 3: "palette", 4: "gray-alpha", 6: "rgb-alpha"}
	name := fmt.Sprintf("png-%s-%d", colours[k.colour], k.depth)
	for word, has := range map[string]bool{"-interlaced": k.interlace == 1, "-key": k.key, "-icc": k.profile} {
		if has {
			name += word
		}
	}
	return name
}

// pngKinds are all colour types and depths that PNG has, straight and
// interlaced; some with a transparent colour, some with a profile.
func pngKinds() []pngKind {
	depths := map[byte][]int{0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
	var all []pngKind
	for _, colour := range []byte{0, 2, 3, 4, 6} {
		for _, depth := range depths[colour] {
			all = append(all, pngKind{depth: depth, colour: colour}, pngKind{depth: depth, colour: colour, interlace: 1})
			if colour < 4 {
				all = append(all, pngKind{depth: depth, colour: colour, key: true}, pngKind{depth: depth, colour: colour, profile: true})
			}
		}
	}
	return all
}

// file is a PNG of noise.
func (k pngKind) file(w, h int) []byte {
	r := rand.New(rand.NewPCG(uint64(w), uint64(h)))
	bits := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[k.colour] * k.depth
	passes := adam7
	if k.interlace == 0 {
		passes = [][4]int{{0, 0, 1, 1}}
	}
	var rows []byte
	for _, p := range passes {
		n := (max(w-p[0], 0) + p[2] - 1) / p[2]
		for y := p[1]; y < h && n > 0; y += p[3] {
			rows = append(rows, byte(r.IntN(5)))
			for range (n*bits + 7) / 8 {
				rows = append(rows, byte(r.Uint32()))
			}
		}
	}
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", pngHead(w, h, k.depth, k.colour, k.interlace))...)
	if k.profile {
		space := "RGB "
		if k.colour == 0 {
			space = "GRAY"
		}
		b = append(b, chunk("iCCP", iccp(profileOf(space, 4)))...)
	}
	if k.colour == 3 {
		b = append(b, chunk("PLTE", noise(r, 3<<k.depth))...)
	}
	if k.key {
		b = append(b, chunk("tRNS", noise(r, map[byte]int{0: 2, 2: 6, 3: 2}[k.colour]))...)
	}
	b = append(b, chunk("IDAT", deflate(rows))...)
	return append(b, chunk("IEND", nil)...)
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// oddKinds are kinds, and all the other forms of JPEG and PNG.
func oddKinds() []kind {
	all := append([]kind(nil), kinds...)
	exif := "Exif\x00\x00MM\x00\x2A\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
	jpegs := map[string]func(w, h int) []byte{
		"jpeg-cmyk-plain":    func(w, h int) []byte { return cmykPicture(-1) },
		"jpeg-cmyk-inverted": func(w, h int) []byte { return cmykPicture(0) },
		"jpeg-ycck":          func(w, h int) []byte { return cmykPicture(2) },
		"jpeg-exif":          func(w, h int) []byte { return addSegment(encodeJPEG(rgb(w, h)), 0xE1, []byte(exif)) },
		"jpeg-comment":       func(w, h int) []byte { return addSegment(encodeJPEG(gray(w, h)), 0xFE, []byte("ghi chú")) },
	}
	for name, file := range jpegs {
		all = append(all, kind{name: name, mediaType: "image/jpeg", file: file})
	}
	for _, k := range pngKinds() {
		all = append(all, kind{name: k.name(), mediaType: "image/png", file: k.file})
	}
	return all
}

// oddSizes and oddResolutions are those that a page may bring: a pixel, tiny,
// very wide and very high.
var (
	oddSizes       = [][2]int{{1, 1}, {61, 83}, {2400, 3}, {3, 700}}
	oddResolutions = []float64{60, 100, 300, 1200}
)

// oddMasters are pages of every kind of image in every turn, in two of the
// sizes each.
func oddMasters() map[string]pdfa.Page {
	pages := map[string]pdfa.Page{}
	for i, k := range oddKinds() {
		for j := range 8 {
			turn, size, dpi := j%4*90, oddSizes[(i+j+j/4)%4], oddResolutions[(i/4+j)%4]
			name := fmt.Sprintf("%s-%d-%dx%d-%.0f", k.name, turn, size[0], size[1], dpi)
			pages[name] = pdfa.Page{Image: k.file(size[0], size[1]), MediaType: k.mediaType, DPI: dpi, Turn: turn, Text: grid(600, 840, 1)}
		}
	}
	return pages
}

// oddLayers are pages of layers in every turn and size, with several kinds
// of background and up to three stencils and patches.
func oddLayers() map[string]pdfa.Page {
	backgrounds := map[string][]byte{
		"white": nil, "colour": encodeJPEG(rgb(9, 7)), "gray": encodeJPEG(gray(5, 3)), "progressive": decodeBase64(progressiveJPEG),
		"large": encodeJPEG(plain(300, 200, color.White)),
	}
	pages := map[string]pdfa.Page{}
	for ground, file := range backgrounds {
		for j := range 16 {
			turn, size, dpi := j%4*90, oddSizes[j/4], oddResolutions[(j+j/4)%4]
			l := &sohoa.Layers{Width: size[0], Height: size[1], Background: file, Treatment: sohoa.Treatment{Form: sohoa.FormLayered}}
			for s := range 1 + j%3 {
				l.Stencils = append(l.Stencils, sohoa.Stencil{Mask: mask(size[0], size[1], ink), Colour: [3]uint8{uint8(80 * s), 0, 255}})
			}
			for range j % 4 {
				p := image.Pt((size[0]+1)/2, (size[1]+1)/2)
				l.Patches = append(l.Patches, sohoa.Patch{Width: p.X, Height: p.Y, JPEG: encodeJPEG(rgb(p.X, p.Y))})
			}
			pages[fmt.Sprintf("layers-%s-%d-%dx%d-%.0f", ground, turn, size[0], size[1], dpi)] =
				pdfa.Page{Layers: l, DPI: dpi, Turn: turn, Text: grid(600, 840, -1)}
		}
	}
	return pages
}
