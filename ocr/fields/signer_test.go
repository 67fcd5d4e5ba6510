package fields_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/ocr/fields"
)

// truth is what a page of testdata/truth says.
type truth struct {
	Page, Width, Height, Turn int
	DPI                       float64
	Flags                     []string `json:"page_flags"`
	Zones                     []struct {
		Kind  string
		Lines []truthLine
		Cols  [][]truthLine
	}
}

type truthLine struct {
	T string
	B [4]float64 // on the page as drawn at 300 dpi
}

// text is the page as a perfect engine would read it.
func (tr truth) text() sohoa.PageText {
	p := sohoa.PageText{Page: tr.Page, DPI: 300, Width: int(float64(tr.Width) * 300 / tr.DPI), Height: int(float64(tr.Height) * 300 / tr.DPI)}
	if tr.Turn%180 != 0 {
		p.Width, p.Height = p.Height, p.Width
	}
	for _, z := range tr.Zones {
		for _, col := range append(z.Cols, z.Lines) {
			for _, l := range col {
				p.Lines = append(p.Lines, lineOf(l))
			}
		}
	}
	return p
}

// lineOf gives each word its share of a line.
func lineOf(l truthLine) sohoa.Line {
	out := sohoa.Line{Height: l.B[3] - l.B[1]}
	each := (l.B[2] - l.B[0]) / float64(max(1, len([]rune(l.T))))
	x := l.B[0]
	for _, w := range strings.Fields(l.T) {
		width := each * float64(len([]rune(w)))
		out.Words = append(out.Words, sohoa.Word{Text: w, Confidence: 95, Box: sohoa.Rect{X0: x, Y0: l.B[1], X1: x + width, Y1: l.B[3]}})
		x += width + each
	}
	return out
}

// signer is the block of who signs: the position's last line and the name.
func (tr truth) signer() (position, name truthLine, ok bool) {
	signed := strings.Contains(strings.Join(tr.Flags, " "), "signature")
	for _, z := range tr.Zones {
		if n := len(z.Cols); signed && n > 0 {
			if col := z.Cols[n-1]; len(col) > 1 {
				position, name, ok = col[len(col)-2], col[len(col)-1], true
			}
		}
	}
	return position, name, ok
}

// TestSignaturePlaceOnSamples wants the place between position and name on
// every sample that is signed, and none on the others.
func TestSignaturePlaceOnSamples(t *testing.T) {
	files, err := filepath.Glob("../../testdata/truth/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("samples: %d, %v", len(files), err)
	}
	found := 0
	for _, f := range files {
		var tr truth
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &tr); err != nil {
			t.Fatal(err)
		}
		position, name, signed := tr.signer()
		person := name.T
		if !signed {
			person = "Nguyễn Vĩnh Nghĩa"
		}
		page, r, ok := fields.SignaturePlace([]sohoa.PageText{tr.text()}, person)
		if ok != signed {
			t.Errorf("%s: a place for %s: %v, want %v", f, person, ok, signed)
			continue
		}
		if !signed {
			continue
		}
		found++
		middle := (name.B[0] + name.B[2]) / 2
		if page != tr.Page || r.Y0 < position.B[3] || r.Y1 > name.B[1] || r.X0 >= middle || r.X1 <= middle || r.Height() < 70 {
			t.Errorf("%s: the place is %v on page %d, want it between %v and %v", f, r, page, position, name)
		}
	}
	t.Logf("%d of %d pages have a signer", found, len(files))
	if found < 5 {
		t.Errorf("%d samples are signed, want at least 5", found)
	}
}

func TestSignaturePlace(t *testing.T) {
	foot := func(lines ...string) []string { // 30 pixels a line
		return append(append([]string(nil), decision...), append(strings.Split(strings.Repeat("left Điều 1. Cấp phép cho hộ;|", 10), "|")[:10], lines...)...)
	}
	tests := []struct {
		name  string
		lines []string
		ok    bool
	}{
		{"chairman", foot("right TM. ỦY BAN NHÂN DÂN", "right CHỦ TỊCH", "", "", "", "", "right Nguyễn Vĩnh Nghĩa"), true},
		{"recipients beside", foot("left Nơi nhận: | KT. CHỦ TỊCH", "left - Như trên; | PHÓ CHỦ TỊCH", "", "", "", "left - Lưu: VT. | Nguyễn Vĩnh Nghĩa"), true},
		{"on the left", foot("left CHỦ TRÌ", "", "", "", "", "left Nguyễn Vĩnh Nghĩa"), true},
		{"alone on the page", []string{"left 2", "right CHỦ TỊCH", "", "", "", "", "right Nguyễn Vĩnh Nghĩa"}, true},
		{"degree", foot("right GIÁM ĐỐC", "", "", "", "", "right TS. Nguyễn Vĩnh Nghĩa"), true},
		{"marks misread", foot("right GIÁM ĐỐC", "", "", "", "", "right Nguyên Vinh Nghla"), true},
		{"note in brackets", foot("right NGƯỜI YÊU CẦU", "right (Ký, ghi rõ họ và tên)", "", "", "", "right Nguyễn Vĩnh Nghĩa"), true},
		{"another name", foot("right CHỦ TỊCH", "", "", "", "", "right Nguyễn Vĩnh Hưng"), false},
		{"no room", foot("right CHỦ TỊCH", "right Nguyễn Vĩnh Nghĩa"), false},
		{"no position", foot("", "", "", "", "", "", "", "", "", "", "", "", "right Nguyễn Vĩnh Nghĩa"), false},
		{"in a sentence", foot("right CHỦ TỊCH", "", "", "", "", "right Ông Nguyễn Vĩnh Nghĩa chịu trách nhiệm"), false},
		{"sentences between", foot("right CHỦ TỊCH", "", "right cấp cho hộ gia đình bà", "", "", "right Nguyễn Vĩnh Nghĩa"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := page(tt.lines...)
			p.DPI = 120
			_, r, ok := fields.SignaturePlace([]sohoa.PageText{p}, "Nguyễn Vĩnh Nghĩa")
			if ok != tt.ok {
				t.Errorf("SignaturePlace = %v, %v, want %v", r, ok, tt.ok)
			}
		})
	}
	blank := sohoa.PageText{Page: 3, Width: 1000, Height: 1400, DPI: 120}
	first := page(foot("right CHỦ TỊCH", "", "", "", "", "right Nguyễn Vĩnh Nghĩa")...)
	second := first
	first.DPI, second.DPI, second.Page = 120, 120, 2
	if n, _, ok := fields.SignaturePlace([]sohoa.PageText{first, second, blank}, "Nguyễn Vĩnh Nghĩa"); n != 2 || !ok {
		t.Errorf("SignaturePlace on three pages = page %d, %v, want page 2", n, ok)
	}
}
