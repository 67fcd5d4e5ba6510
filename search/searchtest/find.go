package searchtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/search"
)

// papers are a few pages as an office has them.
func papers() []search.PageDoc {
	land := page(1, "ỦY BAN NHÂN DÂN HUYỆN HẢI HÀ\nSố: 123/QĐ-UBND\nHải Hà, ngày 5 tháng 3 năm 2024\n"+
		"QUYẾT ĐỊNH\nVề việc cấp giấy chứng nhận quyền sử dụng đất cho bà Đặng Thị Hòa, thửa đất số 45, tờ bản đồ số 12")
	land.Dossier, land.Owner = "H49.64.33-240305-0012", "Đặng Thị Hòa"
	land.ProcedureName = "Đăng ký đất đai lần đầu"
	land.AgencyName = "Ủy ban nhân dân xã Quảng Phong"
	land.Fields = map[string]string{sohoa.FieldTypeName: "Quyết định", sohoa.FieldCodeNumber: "123",
		sohoa.FieldCodeNotation: "QĐ-UBND", sohoa.FieldIssuedDate: "2024-03-05"}

	birth := page(2, "GIẤY KHAI SINH\nHọ tên: Lý Mỹ Kỳ\nSố định danh cá nhân: 001099012345\n"+
		"Nơi sinh: Trạm y tế xã Quảng Long\nLệ phí 1.500.000 đồng")
	birth.Owner, birth.Dossier = "Lý Mỹ Kỳ", "H49.64.33-231120-0777"
	birth.Fields = map[string]string{sohoa.FieldTypeName: "Giấy khai sinh", sohoa.FieldIssuedDate: "2023-11-20"}

	noisy := page(3, "TỜ KHAI ĐĂNG KÝ KẾT HÔN\nHọ và tên: Phạm Quổc Khánh k hung cửa\n"+
		"Tạmtrú tại thôn Đồng Tâm, nghề nghịep: làm ruộng")
	filler := page(4, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nĐơn xin xác nhận tình trạng hôn nhân")
	report := page(5, "BÁO CÁO kết quả công tác năm 2022 và phương hướng nhiệm vụ, trang trại chăn nuôi")
	return []search.PageDoc{land, birth, noisy, filler, report}
}

func testFinds(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	for _, tt := range []struct {
		name, query string
		want        int // the first hit
	}{
		{"with marks", "giấy chứng nhận quyền sử dụng đất", 1},
		{"without marks", "giay chung nhan quyen su dung dat", 1},
		{"upper case", "GIẤY CHỨNG NHẬN", 1},
		{"decomposed", norm.NFD.String("Đặng Thị Hòa"), 1},
		{"new tone style", "Đặng Thị Hoà", 1},
		{"đ as d", "dang thi hoa", 1},
		{"i for y", "Lí Mĩ Kì", 2},
		{"single word", "khánh", 3},
		{"single word of the metadata", "lần", 1},
		{"single letter", "y", 2},
		{"common words only", "quyết định", 1},
		{"number whole", "123/QĐ-UBND", 1},
		{"number spaced", "123 qd ubnd", 1},
		{"number with look-alikes", "l23/QD-UBND", 1},
		{"identity number", "001099012345", 2},
		{"identity number in groups", "001 099 012 345", 2},
		{"identity number and name", "Lý Mỹ Kỳ 001099012345", 2},
		{"dossier code", "H49.64.33-240305-0012", 1},
		{"tail of the dossier code", "0777", 2},
		{"date in figures", "05/03/2024", 1},
		{"date in words", "ngày 5 tháng 3 năm 2024", 1},
		{"ISO date", "2024-03-05", 1},
		{"amount without dots", "1500000", 2},
		{"plot and sheet", "thửa 45 tờ bản đồ 12", 1},
		{"misread letter", "Phạm Quốc Khánh", 3},
		{"misread word", "nghề nghiệp làm ruộng", 3},
		{"split word", "khung cửa", 3},
		{"split word alone", "khung", 3},
		{"glued words", "tạm trú", 3},
		{"mistyped name", "Phạm Quốc Khanhs", 3},
		{"mistyped word", "nhiem vuj chăn nuôii", 5},
		{"procedure in the metadata", "đăng ký đất đai", 1},
		{"phrase", `"tình trạng hôn nhân"`, 4},
		{"name and kind apart", "Lý Mỹ Kỳ khai sinh", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := found(find(t, idx, tt.query))
			if len(got) == 0 || got[0] != ID(tt.want) {
				t.Errorf("Search(%q) = %v, want %v first", tt.query, got, ID(tt.want))
			}
		})
	}
}

// testFindsAll checks that a page is not lost beside one that fits better:
// one that bears the words in its metadata too.
func testFindsAll(t *testing.T, open Opener) {
	title := page(1, "QUYẾT ĐỊNH\nVề việc thu hồi đất")
	title.Name, title.Fields = "quyet-dinh-01.jpg", map[string]string{sohoa.FieldTypeName: "Quyết định"}
	list := page(2, "DANH SÁCH học viên\n(Kèm theo Quyết định số 1661/QĐ-UBND)")
	idx := fresh(t, open, append(papers()[1:4], title, list)...)
	for _, query := range []string{"quyết định", "quyet dinh"} {
		got := found(find(t, idx, query))
		if !slices.Contains(got, ID(1)) || !slices.Contains(got, ID(2)) {
			t.Errorf("Search(%q) = %v, want both pages that have it", query, got)
		}
	}
}

func testFindsNot(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	for _, tt := range []struct {
		name, query string
		not         int // must be absent; 0: nothing at all
	}{
		{"nowhere", "xyzzy qwertz", 0},
		{"nowhere, single", "blockchain", 0},
		{"without", "hôn -tờ", 3},
		{"without phrase", `hôn -"tình trạng"`, 4},
		{"phrase elsewhere", `"nhân hôn"`, 0},
		{"merely alike", "tờ khai đăng ký", 4},
		{"identity number, one digit wrong", "001099012845", 0},
		{"identity number, in part", "001099", 0},
		{"another number", "121/QĐ-SXD", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := found(find(t, idx, tt.query))
			if tt.not == 0 && len(got) > 0 || slices.Contains(got, ID(tt.not)) {
				t.Errorf("Search(%q) = %v, want it without %d", tt.query, got, tt.not)
			}
		})
	}
}

func testRanks(t *testing.T, open Opener) {
	for _, tt := range []struct {
		name, query   string
		better, worse string
	}{
		{"exact marks of a name", "Trần Văn Hoàn", "ông Trần Văn Hoàn ở", "ông Trần Vân Hoán ở"},
		{"exact marks of a word", "hoà", "ở hoà bình", "ở hoa viên"},
		{"read right above misread", "Nguyễn Thị Bưởi", "bà Nguyễn Thị Bưởi", "bà Nguyễn Thị Bướt"},
		{"in order above scattered", "cấp giấy phép", "đã cấp giấy phép xây dựng", "giấy mời và cấp xe, có phép"},
		{"together above apart", "sân bay", "tại sân bay mới", "ngoài sân chim bay"},
		{"all words above some", "đất trồng lúa nước", "là đất trồng lúa nước", "là đất trồng cây"},
		{"number above its neighbour", "124/QĐ-UBND", "Số 124/QĐ-UBND", "Số 125/QĐ-UBND"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			filler := strings.Repeat(" căn cứ luật tổ chức", 10)
			idx := fresh(t, open, page(1, tt.better+filler), page(2, tt.worse+filler))
			got := found(find(t, idx, tt.query))
			if len(got) == 0 || got[0] != ID(1) {
				t.Errorf("Search(%q) = %v, want %q first", tt.query, got, tt.better)
			}
		})
	}
}

func testFilters(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	for _, tt := range []struct {
		query string
		want  []int
	}{
		{"loai:\"quyết định\"", []int{1}},
		{"loại:khai", []int{2}},
		{"so:123/QĐ-UBND", []int{1}},
		{"so:123", []int{1}},
		{"coquan:\"Quảng Phong\"", []int{1}},
		{"coquan:h49.64.33", []int{5, 4, 3, 2, 1}},
		{"người:hoà", []int{1}},
		{"nguoi:\"ly my ky\" khai sinh", []int{2}},
		{"ngay:2023..2024", []int{2, 1}},
		{"ngay:2024", []int{1}},
		{"ngay:..2023", []int{2}},
		{"ngay:3/2024..", []int{1}},
		{"ngay:5/3/2024", []int{1}},
		{"hoso:H49.64.33-231120-0777", []int{2}},
		{"hoso:0777", []int{2}},
		{"ngay:2025", nil},
		{"đất ngay:2023", nil},
	} {
		t.Run(tt.query, func(t *testing.T) {
			var want []sohoa.DocumentID
			for _, n := range tt.want {
				want = append(want, ID(n))
			}
			if got := found(find(t, idx, tt.query)); !slices.Equal(got, want) {
				t.Errorf("Search(%q) = %v, want %v", tt.query, got, want)
			}
		})
	}
}

func testSnippets(t *testing.T, open Opener) {
	long := strings.Repeat("lời mở đầu dài dòng ", 60)
	idx := fresh(t, open, page(1, long+"cấp giấy phép\n xây  dựng nhà ở "+long), page(2, "Tạmtrú tại xã"))
	for _, tt := range []struct{ query, want string }{
		{"giay phep xay dung", "giấy phép xây dựng"},
		{"giấy phéq xây", "giấy phép xây"},
		{"tạm trú", "Tạmtrú"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			res := find(t, idx, tt.query)
			if len(res.Hits) == 0 || len(res.Hits[0].Pages) == 0 {
				t.Fatalf("Search(%q) = %v, want a page", tt.query, res)
			}
			spans := res.Hits[0].Pages[0].Snippet
			if got := marked(spans); got != tt.want {
				t.Errorf("Search(%q) marks %q in %v, want %q", tt.query, got, spans, tt.want)
			}
			for _, s := range spans {
				if len(s.Text) > 600 || strings.ContainsAny(s.Text, "\n\t") {
					t.Errorf("Search(%q) span %q, want one short line", tt.query, s.Text)
				}
			}
		})
	}
}

func testBadQueries(t *testing.T, open Opener) {
	idx := fresh(t, open, papers()...)
	for _, tt := range []struct{ name, query, code string }{
		{"empty", "", "query.empty"},
		{"blank", " \t", "query.empty"},
		{"signs only", `"-" ?!`, "query.empty"},
		{"only without", "-đất", "query.empty"},
		{"too long", strings.Repeat("a ", sohoa.MaxQueryRunes), "query.too-long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := idx.Search(t.Context(), search.Query{Text: tt.query, Scope: sohoa.Everything})
			var p *sohoa.Problem
			if !errors.As(err, &p) || p.Code != tt.code || !errors.Is(err, sohoa.ErrInvalid) {
				t.Errorf("Search(%q) = %v, want %s", tt.query, err, tt.code)
			}
		})
	}
	for _, q := range []string{"hôn \"nhân", "a:b:c", "ngay:mai", "-", "loai: x", "\xff đất", "((*?~^", strings.Repeat("đất ", 75)} {
		t.Run(fmt.Sprintf("%q", q), func(t *testing.T) {
			_, err := idx.Search(t.Context(), search.Query{Text: q, Scope: sohoa.Everything})
			if err != nil && !errors.Is(err, sohoa.ErrInvalid) {
				t.Errorf("Search(%q) = %v, want an answer or sohoa.ErrInvalid", q, err)
			}
		})
	}
}
