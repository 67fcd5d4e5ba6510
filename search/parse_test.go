package search_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"sohoa"
	"sohoa/search"
	"sohoa/search/vi"
)

// words are the folded words of t.
func words(t vi.Text) string {
	var out []string
	for _, w := range t.Tokens {
		out = append(out, w.Fold)
	}
	return strings.Join(out, " ")
}

// show writes p in one line.
func show(p search.Parsed) string {
	out := []string{words(p.Words)}
	for _, t := range p.Phrases {
		out = append(out, "+"+words(t))
	}
	for _, t := range p.Without {
		out = append(out, "-"+words(t))
	}
	for _, f := range p.Filters {
		if f.Name == search.FilterDate {
			out = append(out, fmt.Sprintf("%s=%s..%s", f.Name, f.From, f.To))
		} else {
			out = append(out, fmt.Sprintf("%s=%s", f.Name, words(f.Text)))
		}
	}
	return strings.Join(out, "; ")
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"words", "giấy khai sinh", "giay khai sinh"},
		{"phrase", `giấy "khai sinh" mới`, "giay khai sinh moi; +khai sinh"},
		{"curly quotes", "“khai sinh”", "khai sinh; +khai sinh"},
		{"open quote", `"khai sinh`, "khai sinh"},
		{"minus", "khai -sinh", "khai; -sinh"},
		{"minus phrase", `khai -"kết hôn"`, "khai; -ket hon"},
		{"hyphen inside", "123/QĐ-UBND", "123 qd ubnd"},
		{"dash alone", "Hà Nội - 2023", "ha noi 2023"},
		{"filter", "đất loai:quyết", "dat; loai=quiet"},
		{"filter with marks", `Loại:"quyết định"`, "; loai=quiet dinh"},
		{"unknown filter", "abc:def", "abc def"},
		{"colon and space", "số: 12", "so 12"},
		{"year", "ngày:2023", "; ngay=20230101..20231231"},
		{"years", "ngay:2023..2024", "; ngay=20230101..20241231"},
		{"from", "ngay:2023..", "; ngay=20230101.."},
		{"until month", "ngay:..3/2024", "; ngay=..20240331"},
		{"day", "ngay:5/3/2024", "; ngay=20240305..20240305"},
		{"ISO day", "ngay:2024-03-05", "; ngay=20240305..20240305"},
		{"no date", "ngay:mai", "ngay mai"},
		{"no bounds", "ngay:..", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := search.Parse(tt.in, search.Privacy{})
			if tt.want == "" {
				if !errors.Is(err, sohoa.ErrInvalid) {
					t.Errorf("Parse(%q) = %v, %v, want sohoa.ErrInvalid", tt.in, show(got), err)
				}
				return
			}
			if err != nil || show(got) != tt.want {
				t.Errorf("Parse(%q) = %q, %v, want %q", tt.in, show(got), err, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", `giấy "khai sinh" -mới`, "ngay:2023..2024", `-"`, "-loai:\"x", "so:123/QĐ-UBND \xff", "ngay:..-..", "“”«»"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := search.Parse(s, search.Privacy{})
		if err != nil {
			if !errors.Is(err, sohoa.ErrInvalid) {
				t.Fatalf("Parse(%q) = %v, want sohoa.ErrInvalid", s, err)
			}
			return
		}
		if len(p.Words.Tokens)+len(p.Filters) == 0 {
			t.Fatalf("Parse(%q) = nothing to look for, want query.empty", s)
		}
		for _, x := range p.Filters {
			if x.Name == search.FilterDate && (len(x.From)%8 != 0 || len(x.To)%8 != 0 || x.From+x.To == "") {
				t.Fatalf("Parse(%q) = %+v, want YYYYMMDD", s, x)
			}
		}
	})
}

// pageText sets lines of words, the third line in another paragraph.
func pageText(lines ...string) sohoa.PageText {
	var t sohoa.PageText
	for i, l := range lines {
		line := sohoa.Line{Par: i / 2}
		for _, w := range strings.Fields(l) {
			line.Words = append(line.Words, sohoa.Word{Text: w})
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

func TestPlainText(t *testing.T) {
	got := search.PlainText(pageText("một hai", "ba", "bốn"))
	if want := "một hai\nba\n\nbốn"; got != want {
		t.Errorf("PlainText = %q, want %q", got, want)
	}
}

func TestMark(t *testing.T) {
	page := pageText("Số: 123/QĐ-UBND ngày 5 tháng 3 năm 2024", "Đặng Thị Hòa, k hung cửa, Tạmtrú đất",
		"ông Đặng Văn Đất Nguyển Thị")
	for _, tt := range []struct{ name, query, want string }{
		{"name", "dang thi hoà", "1:0 1:1 1:2"},
		{"across lines", "2024 đặng", "0:7 1:0"},
		{"single word everywhere", "đất", "1:7 2:3"},
		{"number", "123 qd ubnd", "0:1"},
		{"number whole", "123/QĐ-UBND", "0:1"},
		{"date in figures", "5/3/2024", "0:3 0:4 0:5 0:6 0:7"},
		{"split", "khung", "1:3 1:4"},
		{"glued", "tạm trú", "1:6"},
		{"one edit beside a fit", "nguyễm thị", "2:4 2:5"},
		{"far from it", "hộ chiếu", ""},
		{"bad query", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, r := range search.Mark(page, tt.query) {
				got = append(got, fmt.Sprintf("%d:%d", r.Line, r.Word))
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("Mark(%q) = %q, want %q", tt.query, got, tt.want)
			}
		})
	}
}

func FuzzMark(f *testing.F) {
	f.Add("Đặng Thị Hòa 123/QĐ-UBND", "hoà 123")
	f.Add("k hung \xff a/1", "khung")
	f.Fuzz(func(t *testing.T, text, query string) {
		page := pageText(strings.Split(text, "\n")...)
		last := search.WordRef{Line: -1}
		for _, r := range search.Mark(page, query) {
			if r.Line < last.Line || r.Line == last.Line && r.Word <= last.Word {
				t.Fatalf("Mark(%q, %q): %v after %v", text, query, r, last)
			}
			if w := page.Lines[r.Line].Words[r.Word]; w.Text == "" && utf8.ValidString(text) {
				t.Fatalf("Mark(%q, %q): %v is no word", text, query, r)
			}
			last = r
		}
	})
}
