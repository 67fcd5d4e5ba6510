package raster_test

import (
	"strings"
	"testing"

	"sohoa/ingest/raster"
)

var sniffs = []struct {
	name, head, want string
	ok               bool
}{
	{"jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", raster.TypeJPEG, true},
	{"png", "\x89PNG\r\n\x1a\n\x00\x00", raster.TypePNG, true},
	{"tiff, little-endian", "II*\x00\x08\x00\x00\x00", raster.TypeTIFF, true},
	{"tiff, big-endian", "MM\x00*\x00\x00\x00\x08", raster.TypeTIFF, true},
	{"pdf", "%PDF-1.7\n", raster.TypePDF, true},
	{"pdf after junk", "\r\nHTTP/1.1 200 OK\r\n\r\n%PDF-1.4\n", raster.TypePDF, true},
	{"pdf header too late", strings.Repeat(" ", 1024) + "%PDF-1.4\n", "text", false},
	{"jpeg that mentions pdf", "\xff\xd8\xff\xfe\x00\x10%PDF-1.7", raster.TypeJPEG, true},
	{"empty", "", "empty", false},
	{"text named pdf", "Kính gửi: Ủy ban nhân dân", "text", false},
	{"text cut inside a letter", "Ủy ban nh\xc3", "text", false},
	{"text in a legacy encoding", "Nguy\xd4n", "unknown", false},
	{"docx", "PK\x03\x04\x14\x00", "ZIP (Word, Excel, ...)", false},
	{"doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office 97-2003", false},
	{"heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", raster.TypeHEIC, true},
	{"heif that names its codec later", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", raster.TypeHEIC, true},
	{"heif of any codec", "\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1", raster.TypeHEIC, true},
	{"avif", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", "AVIF", false},
	{"video", "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41", "video", false},
	{"huge first box", "\xff\xff\xff\xffftypqt  ", "video", false},
	{"webp", "RIFF\x1a\x00\x00\x00WEBPVP8L", raster.TypeWebP, true},
	{"wave", "RIFF\x1a\x00\x00\x00WAVEfmt ", "RIFF (audio, video)", false},
	{"noise", "\x00\x01\x02\x03", "unknown", false},
}

func TestSniff(t *testing.T) {
	for _, tt := range sniffs {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := raster.Sniff([]byte(tt.head))
			if got != tt.want || ok != tt.ok {
				t.Errorf("Sniff(%.20q) = %q, %v, want %q, %v", tt.head, got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzSniff(f *testing.F) {
	for _, tt := range sniffs {
		f.Add([]byte(tt.head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		got, ok := raster.Sniff(head)
		if got == "" {
			t.Errorf("Sniff(%q) names nothing", head)
		}
		if ok != (strings.HasPrefix(got, "image/") || got == raster.TypePDF) {
			t.Errorf("Sniff(%q) = %q, %v", head, got, ok)
		}
	})
}
