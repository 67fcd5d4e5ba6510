package main

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"testing"
)

// pdfOf is a PDF with so many empty pages of A6.
func pdfOf(pages int) []byte {
	var b, kids bytes.Buffer
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	b.WriteString("%PDF-1.7\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	for n := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", n+3)
	}
	object(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, kids.String()))
	for range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 421] >>")
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, xref)
	return b.Bytes()
}

// bombPNG is a complete 1-bit PNG of side x side white pixels. For 30,000 it
// is about 110 KB of one repeated byte, which compress to a few.
func bombPNG(t testing.TB, side int) []byte {
	t.Helper()
	var pixels bytes.Buffer
	z, err := zlib.NewWriterLevel(&pixels, zlib.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	row := bytes.Repeat([]byte{0xFF}, 1+(side+7)/8)
	row[0] = 0 // no filter
	for range side {
		if _, err := z.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	header := binary.BigEndian.AppendUint32(nil, uint32(side))
	header = binary.BigEndian.AppendUint32(header, uint32(side))
	header = append(header, 1, 0, 0, 0, 0)
	b := []byte("\x89PNG\r\n\x1a\n")
	for _, c := range []struct {
		name string
		data []byte
	}{{"IHDR", header}, {"IDAT", pixels.Bytes()}, {"IEND", nil}} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(c.data)))
		body := append([]byte(c.name), c.data...)
		b = append(b, body...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	}
	return b
}

// tiffOf is a TIFF with so many white frames of 64 x 64 pixels, 1 bit each,
// which all share their pixels.
func tiffOf(frames int) []byte {
	const side = 64
	le := binary.LittleEndian
	pixels := bytes.Repeat([]byte{0xFF}, side*side/8)
	b := []byte{'I', 'I', 42, 0, 0, 0, 0, 0}
	b = append(b, pixels...)
	le.PutUint32(b[4:], uint32(len(b)))
	entries := [][2]uint32{{256, side}, {257, side}, {258, 1}, {259, 1}, {262, 1}, {273, 8}, {277, 1}, {278, side}, {279, uint32(len(pixels))}}
	for n := range frames {
		b = le.AppendUint16(b, uint16(len(entries)))
		for _, e := range entries {
			b = le.AppendUint16(b, uint16(e[0]))
			b = le.AppendUint16(b, 4) // LONG
			b = le.AppendUint32(b, 1)
			b = le.AppendUint32(b, e[1])
		}
		next := uint32(len(b) + 4)
		if n == frames-1 {
			next = 0
		}
		b = le.AppendUint32(b, next)
	}
	return b
}
