package raster

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// The media types that Split takes.
const (
	TypeJPEG = "image/jpeg"
	TypePNG  = "image/png"
	TypeTIFF = "image/tiff"
	TypeWebP = "image/webp"
	TypeHEIC = "image/heic"
	TypePDF  = "application/pdf"
)

// SniffBytes is how much of the start of a file Sniff wants to see.
const SniffBytes = 1024

// magic is a type that is known by the bytes at the start of a file.
type magic struct {
	prefix    string
	mediaType string
	ok        bool
}

// magics are looked through in order. Those that are not ok are named only
// to tell people what they brought.
var magics = []magic{
	{"\xff\xd8\xff", TypeJPEG, true},
	{"\x89PNG\r\n\x1a\n", TypePNG, true},
	{"II*\x00", TypeTIFF, true},
	{"MM\x00*", TypeTIFF, true},
	{"GIF8", "GIF", false},
	{"BM", "BMP", false},
	{"RIFF", "RIFF (audio, video)", false}, // WebP is looked for before
	{"PK\x03\x04", "ZIP (Word, Excel, ...)", false},
	{"\xd0\xcf\x11\xe0", "Microsoft Office 97-2003", false},
	{"{\\rtf", "RTF", false},
	{"%!PS", "PostScript", false},
	{"Rar!", "RAR", false},
	{"7z\xbc\xaf", "7-Zip", false},
	{"\x1f\x8b", "gzip", false},
	{"\x00\x00\x00\x0cjP  ", "JPEG 2000", false},
	{"II+\x00", "BigTIFF", false},
	{"MM\x00+", "BigTIFF", false},
}

// Sniff tells what a file is from its first bytes (at most SniffBytes are
// looked at; names and extensions play no part). If ok, mediaType is one of
// the Type constants; if not, it is a name for what the file seems to be, fit
// for a message: "empty", "text", "ZIP (Word, Excel, ...)", "unknown".
//
// A PDF may begin with other bytes, as long as its header stands within the
// first 1024 (ISO 32000-1, Annex H, implementation note 13).
func Sniff(head []byte) (mediaType string, ok bool) {
	head = head[:min(len(head), SniffBytes)]
	if len(head) == 0 {
		return "empty", false
	}
	if len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP" {
		return TypeWebP, true
	}
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.prefix)) {
			return m.mediaType, m.ok
		}
	}
	if bytes.Contains(head, []byte("%PDF-")) {
		return TypePDF, true
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		return brand(head)
	}
	if plainText(head) {
		return "text", false
	}
	return "unknown", false
}

// brand tells what a file in the ISO base media format is (ISO/IEC 23008-12,
// 10): the brands in its first box say so, the major one and those that it is
// compatible with. mif1 and msf1 are HEIF with any codec; which, the decoder
// finds out.
func brand(head []byte) (mediaType string, ok bool) {
	end := min(int(binary.BigEndian.Uint32(head)), len(head))
	heif := false
	for at := 8; at+4 <= end; at += 4 {
		switch string(head[at : at+4]) {
		case "heic", "heix", "heim", "heis":
			return TypeHEIC, true
		case "avif", "avis":
			return "AVIF", false
		case "mif1", "msf1":
			heif = true
		}
	}
	if heif {
		return TypeHEIC, true
	}
	return "video", false
}

// plainText reports whether head looks like text in UTF-8. A rune that is cut
// off at the end is forgiven.
func plainText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return len(head) < utf8.UTFMax && !utf8.FullRune(head)
		}
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' {
			return false
		}
		head = head[n:]
	}
	return true
}
