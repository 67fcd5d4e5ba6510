package signing

import (
	"bytes"
	"compress/zlib"
	"sync"

	"sohoa/signing/mark"
	"sohoa/signing/revision"
)

// addAppearance adds a drawing as a form XObject and returns the appearance
// dictionary that shows it.
func addAppearance(u *revision.Update, d *mark.Drawing) *revision.Dict {
	resources := revision.NewDict()
	if d.Font != nil {
		fonts := revision.NewDict(mark.FontName, addFont(u, d.Font))
		resources.Set("Font", fonts)
	}
	if d.Image != nil {
		resources.Set("XObject", revision.NewDict(mark.ImageName, addImage(u, d.Image)))
	}
	form := compress(revision.NewDict(
		"Type", revision.Name("XObject"),
		"Subtype", revision.Name("Form"),
		"BBox", reals(d.BBox[:]...),
		"Matrix", reals(d.Matrix[:]...),
		"Resources", resources,
	), d.Content)
	return revision.NewDict("N", u.Add(form))
}

// addFont adds a Type 0 font over a TrueType subset (ISO 32000-2, 9.7), with
// all that PDF/A-2u asks for: embedded, Identity maps, ToUnicode.
func addFont(u *revision.Update, f *mark.Font) revision.Ref {
	base := revision.Name(f.Name)
	program := compress(revision.NewDict("Length1", revision.Int(len(f.Program))), f.Program)
	descriptor := u.Add(revision.NewDict(
		"Type", revision.Name("FontDescriptor"),
		"FontName", base,
		"Flags", revision.Int(2|4), // serif, symbolic
		"FontBBox", reals(f.BBox[:]...),
		"ItalicAngle", revision.Int(0),
		"Ascent", revision.Real(f.Ascent),
		"Descent", revision.Real(f.Descent),
		"CapHeight", revision.Real(f.CapHeight),
		"StemV", revision.Int(80),
		"FontFile2", u.Add(program),
	))
	descendant := u.Add(revision.NewDict(
		"Type", revision.Name("Font"),
		"Subtype", revision.Name("CIDFontType2"),
		"BaseFont", base,
		"CIDSystemInfo", revision.NewDict(
			"Registry", revision.String("Adobe"), "Ordering", revision.String("Identity"), "Supplement", revision.Int(0)),
		"FontDescriptor", descriptor,
		"CIDToGIDMap", revision.Name("Identity"),
		"W", revision.Array{revision.Int(0), reals(f.Widths...)},
	))
	return u.Add(revision.NewDict(
		"Type", revision.Name("Font"),
		"Subtype", revision.Name("Type0"),
		"BaseFont", base,
		"Encoding", revision.Name("Identity-H"),
		"DescendantFonts", revision.Array{descendant},
		"ToUnicode", u.Add(compress(revision.NewDict(), f.ToUnicode)),
	))
}

// addImage adds an image with its transparency as a soft mask (ISO 32000-2,
// 11.6.5.2), which PDF/A permits from its second part on. The page needs no
// transparency group: its colours are those of the output intent (ISO 19005-2,
// 6.2.10).
func addImage(u *revision.Update, img *mark.Image) revision.Ref {
	mask := u.Add(imageStream(img, "DeviceGray", 1, img.Opacity))
	colours := imageStream(img, "DeviceRGB", 3, img.Colours)
	colours.Dict.Set("SMask", mask)
	return u.Add(colours)
}

func imageStream(img *mark.Image, space revision.Name, samples int, data []byte) *revision.Stream {
	return &revision.Stream{Data: data, Dict: revision.NewDict(
		"Type", revision.Name("XObject"),
		"Subtype", revision.Name("Image"),
		"Width", revision.Int(img.Width),
		"Height", revision.Int(img.Height),
		"ColorSpace", space,
		"BitsPerComponent", revision.Int(8),
		"Filter", revision.Name("FlateDecode"),
		"DecodeParms", revision.NewDict("Predictor", revision.Int(15), "Colors", revision.Int(samples),
			"BitsPerComponent", revision.Int(8), "Columns", revision.Int(img.Width)),
	)}
}

// deflaters are idle compressors: each takes 0.8 MB, and a mark needs three.
var deflaters = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

// compress makes a Flate stream.
func compress(d *revision.Dict, data []byte) *revision.Stream {
	var b bytes.Buffer
	z := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(z)
	z.Reset(&b)
	z.Write(data) // a bytes.Buffer takes everything
	z.Close()
	d.Set("Filter", revision.Name("FlateDecode"))
	return &revision.Stream{Dict: d, Data: b.Bytes()}
}

func reals(values ...float64) revision.Array {
	a := make(revision.Array, len(values))
	for i, v := range values {
		a[i] = revision.Real(v)
	}
	return a
}
