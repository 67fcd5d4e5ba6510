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
		minus := map[bool]string{true: "-"}[f.Without]
		switch f.Name {
		case search.FilterDate, search.FilterYear:
			out = append(out, fmt.Sprintf("%s%s=%s..%s", minus, f.Name, f.From, f.To))
		case search.FilterState:
			out = append(out, fmt.Sprintf("%s%s=%s", minus, f.Name, f.Raw))
		default:
			out = append(out, fmt.Sprintf("%s%s=%s", minus, f.Name, words(f.Text)))
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
		{"no date", "ngay:mai", ""},
		{"no bounds", "ngay:..", ""},
		{"short year", "ngay:5/3/24", "; ngay=20240305..20240305"},
		{"eight digits", "ngay:20240305", "; ngay=20240305..20240305"},
		{"day in words", `ngay:"5 tháng 3 năm 2024"`, "; ngay=20240305..20240305"},
		{"month in words", `ngay:"tháng 2/2024"`, "; ngay=20240201..20240229"},
		{"year in words", `ngay:"năm 2024"`, "; ngay=20240101..20241231"},
		{"days", "ngay:1/2/2023..5.3.2023", "; ngay=20230201..20230305"},
		{"months", "ngay:2/2023..3/2023", "; ngay=20230201..20230331"},
		{"the wrong way round", "ngay:2024..2023", "; ngay=20230101..20241231"},
		{"years with a hyphen", "ngay:2023-2024", "; ngay=20230101..20241231"},
		{"no such day", "ngay:31/2/2023", ""},
		{"nam", "nam:2023", "; nam=20230101..20231231"},
		{"nam with marks", "năm:2023", "; nam=20230101..20231231"},
		{"nam range", "nam:2020..2023", "; nam=20200101..20231231"},
		{"nam open", "nam:2020..", "; nam=20200101.."},
		{"nam of a date", "nam:3/2023", "; nam=20230101..20231231"},
		{"nam of words", "nam:nay", ""},
		{"thutuc", "thutuc:1.001193", "; thutuc=1 001193"},
		{"thutuc by name", `thủtục:"đăng ký khai sinh"`, "; thutuc=dang ki khai sinh"},
		{"state kept", `trangthai:"đã lưu"`, "; trangthai=kept"},
		{"state in force", `trạngthái:"còn hiệu lực"`, "; trangthai=in-force"},
		{"state no longer", `trangthai:"hết hiệu lực"`, "; trangthai=ended"},
		{"state revoked", `trangthai:"hủy/thu hồi"`, "; trangthai=revoked"},
		{"state revoked, plain", `trangthai:"thu hoi"`, "; trangthai=revoked"},
		{"state replaced", `trangthai:"thay thế"`, "; trangthai=replaced"},
		{"state as facets name it", `trangthai:in-force`, "; trangthai=in-force"},
		{"no state", "trangthai:xanh", ""},
		{"without filter", `đất -loai:"tờ khai"`, "dat; -loai=to khai"},
		{"only without filter", `-loai:"tờ khai"`, "; -loai=to khai"},
		{"two of a name", `loai:đơn loai:"tờ khai"`, "; loai=don; loai=to khai"},
		{"English", "type:đơn number:123 agency:a person:b date:2023 dossier:x procedure:y year:2023 state:kept",
			"; loai=don; so=123; coquan=a; nguoi=b; ngay=20230101..20231231; hoso=x; thutuc=y; nam=20230101..20231231; trangthai=kept"},
		{"filter in Telex", `nguoi:"Nguyeexn Vawn"`, "; nguoi=nguyen van"},
		{"words in Telex", "quyeets ddinhj soos 123", "quiet dinh so 123"},
		{"words in VNI", "d9a6t1 d9ai", "dat dai"},
		{"phrase in Telex", `"nguyeexn vawn"`, "nguyen van; +nguyen van"},
		{"web address", "https://a.vn", "https a vn"},
		{"empty quotes", `"" đất`, "dat"},
		{"minus minus", "--đất", ""},
		{"filter of nothing", "loai: đất", "loai dat"},
		{"filter of signs", "loai:- đất", "dat"},
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
	for _, s := range []string{"", `giấy "khai sinh" -mới`, "ngay:2023..2024", `-"`, "-loai:\"x", "so:123/QĐ-UBND \xff", "nguyeexn d9a6t1 -trangthai:\"hết hiệu lực\" nam:2020..2023", "dduwowngf ngayf 5 thangs 3 nawm 2024", "ngay:..-..", "“”«»"} {
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
		for _, w := range p.Words.Tokens {
			if w.Start < 0 || w.End < w.Start || w.Or != nil && (w.Or.Fold == "" || w.Or.Or != nil) {
				t.Fatalf("Parse(%q): word %+v", s, w)
			}
		}
		for _, x := range p.Filters {
			if (x.Name == search.FilterDate || x.Name == search.FilterYear) && (len(x.From)%8 != 0 || len(x.To)%8 != 0 || x.From+x.To == "") {
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
		{"Telex", "ddawngj thij hoaf", "1:0 1:1 1:2"},
		{"VNI", "nguye64n thi5", "2:4 2:5"},
		{"half typed", "nguyeen", "2:4"},
		{"month of a date", "tháng 3/2024", "0:3 0:4 0:5 0:6 0:7"},
		{"year of a date", "năm 2024", "0:3 0:4 0:5 0:6 0:7"},
		{"number alone", "số 123", "0:0 0:1"},
		{"number in words", "quyết định 123", "0:1"},
		{"number, notation first", "ubnd qđ 123", "0:1"},
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

// TestMarkOverWords marks what is written in several words, or otherwise than
// it was asked for.
func TestMarkOverWords(t *testing.T) {
	page := pageText("thửa đất số 45, tờ bản đồ số 12 lệ phí 1.500.000 đồng", "123 / QĐ - UBND nghlệp vụ",
		"Bằng chữ: một triệu năm trăm nghìn đồng")
	for _, tt := range []struct{ name, query, want string }{
		{"plot and sheet", "thửa 45 tờ 12", "0:0 0:1 0:2 0:3 0:4 0:5 0:6 0:7 0:8"},
		{"amount in figures", "1500000 đồng", "0:11 0:12 2:2 2:3 2:4 2:5 2:6 2:7"},
		{"amount, rounded", "1,5 triệu", "0:11 2:2 2:3 2:4 2:5 2:6"},
		{"number with spaces", "123/QĐ-UBND", "1:0 1:2 1:4"},
		{"misread, alone", "nghiệp", "1:5"},
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
	if got := search.Boxes(page, "nghiệp"); len(got) != 1 {
		t.Errorf("Boxes = %v, want that of one word", got)
	}
}

func TestStands(t *testing.T) {
	for _, tt := range []struct {
		query, page string
		want        bool
	}{
		{`"đăng ký kết hôn"`, "tờ khai đăng ký kết hôn", true},
		{`"đăng ký kết hôn"`, "đăng ký khai sinh, ký kết hợp đồng, kết hôn", false},
		{`"đăng ký kết hôn"`, "đăng ký\nkết hôn", true},
		{`"đăng ký kết hôn"`, "ĐĂNG KÝ KẾT HÔN", true},
		{`"đăng ký kết hôn"`, "đăng ký kếthôn", true},
		{`"đăng ký kết hôn"`, "đăng ký k ết hôn", true},
		{`"dang ky ket hon"`, "đăng ký kết hôn", true},
		{`"ddawng kys"`, "đăng ký kết hôn", true},
		{`"kết hôn đăng ký"`, "đăng ký kết hôn", false},
		{`"hôn nhân" "khai sinh"`, "khai sinh và hôn nhân", true},
		{`"hôn nhân" "khai sinh"`, "hôn nhân", false},
		{`"hôn nhân"`, "hôn" + vi.Break + "nhân", false},
		{`đơn -"đăng ký kết hôn"`, "đơn đăng ký kết hôn", false},
		{`đơn -"đăng ký kết hôn"`, "đơn đăng ký khai sinh, ký kết, kết hôn", true},
	} {
		p, err := search.Parse(tt.query, search.Privacy{})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Stands(vi.Analyze(tt.page)); got != tt.want {
			t.Errorf("Parse(%q).Stands(%q) = %v, want %v", tt.query, tt.page, got, tt.want)
		}
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
