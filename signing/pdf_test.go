package signing_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// plain is a small PDF with these objects, the catalog first, and a
// cross-reference table. Objects 1, 2 and 3 have defaults.
type plain struct {
	objects map[int]string
	trailer string // entries beside Size and Root
	root    string // how Root is written; "/Root 1 0 R" by default
}

var defaults = map[int]string{
	1: "<</Type/Catalog/Pages 2 0 R>>",
	2: "<</Type/Pages/Kids[3 0 R]/Count 1>>",
	3: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
	4: "<</Length 26>>\nstream\n0.9 g 100 100 300 300 re f\nendstream",
}

// all returns the objects with the defaults.
func (p plain) all() map[int]string {
	all := maps.Clone(defaults)
	maps.Copy(all, p.objects)
	return all
}

// table writes the file with a cross-reference table.
func (p plain) table() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	all := p.all()
	numbers := slices.Sorted(maps.Keys(all))
	offsets := map[int]int{}
	for _, n := range numbers {
		offsets[n] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, all[n])
	}
	start := b.Len()
	b.WriteString("xref\n0 1\n0000000000 65535 f \n")
	for _, n := range numbers {
		fmt.Fprintf(&b, "%d 1\n%010d 00000 n \n", n, offsets[n])
	}
	root := p.root
	if root == "" {
		root = "/Root 1 0 R"
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d%s%s>>\nstartxref\n%d\n%%%%EOF\n", numbers[len(numbers)-1]+1, root, p.trailer, start)
	return b.Bytes()
}

// stream writes the file with a cross-reference stream, its dictionaries in
// an object stream.
func (p plain) stream() []byte {
	var b, packed, head bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	all := p.all()
	last := slices.Max(slices.Collect(maps.Keys(all)))
	rows := make([][3]int, last+3)
	rows[0] = [3]int{0, 0, 65535}
	index := 0
	for _, n := range slices.Sorted(maps.Keys(all)) {
		if bytes.Contains([]byte(all[n]), []byte("endstream")) {
			rows[n] = [3]int{1, b.Len(), 0}
			fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n, all[n])
			continue
		}
		fmt.Fprintf(&head, "%d %d ", n, packed.Len())
		packed.WriteString(all[n] + "\n")
		rows[n] = [3]int{2, last + 1, index}
		index++
	}
	rows[last+1] = [3]int{1, b.Len(), 0}
	data := deflate(append(head.Bytes(), packed.Bytes()...))
	fmt.Fprintf(&b, "%d 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n",
		last+1, index, head.Len(), len(data), data)
	rows[last+2] = [3]int{1, b.Len(), 0}
	start := b.Len()
	data = deflate(predicted(rows))
	fmt.Fprintf(&b, "%d 0 obj\n<</Type/XRef/Size %d/W[1 4 2]/Root 1 0 R%s/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 7>>/Length %d>>\nstream\n%s\nendstream\nendobj\n",
		last+2, last+3, p.trailer, len(data), data)
	fmt.Fprintf(&b, "startxref\n%d\n%%%%EOF\n", start)
	return b.Bytes()
}

// predicted writes rows with the PNG filter Up.
func predicted(rows [][3]int) []byte {
	var out []byte
	above := make([]byte, 7)
	for _, r := range rows {
		row := []byte{byte(r[0]), byte(r[1] >> 24), byte(r[1] >> 16), byte(r[1] >> 8), byte(r[1]), byte(r[2] >> 8), byte(r[2])}
		out = append(out, 2)
		for i, c := range row {
			out = append(out, c-above[i])
		}
		above = row
	}
	return out
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// scans are the sample JPEGs.
var scans = sync.OnceValues(func() ([][]byte, error) {
	names, err := filepath.Glob("../testdata/scans/*.jpg")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("no sample scans: %v", err)
	}
	var all [][]byte
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
})

// bundle is a PDF of so many pages, each a sample scan of some 250 KB.
func bundle(t testing.TB, pages int) []byte {
	t.Helper()
	images, err := scans()
	if err != nil {
		t.Fatal(err)
	}
	p := plain{objects: map[int]string{}}
	var kids strings.Builder
	for i := range pages {
		page, content, image := 10+3*i, 11+3*i, 12+3*i
		data := images[i%len(images)]
		p.objects[page] = fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>", content, image)
		p.objects[content] = "<</Length 27>>\nstream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream"
		p.objects[image] = fmt.Sprintf("<</Type/XObject/Subtype/Image/Width 100/Height 100/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream", len(data), data)
		fmt.Fprintf(&kids, "%d 0 R ", page)
	}
	p.objects[2] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), pages)
	return p.table()
}
