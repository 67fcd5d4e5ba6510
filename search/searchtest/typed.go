package searchtest

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/search"
)

// offices are papers that differ in little, for what must tell them apart.
func offices() []search.PageDoc {
	land := page(1, "QUYẾT ĐỊNH số 123/QĐ-UBND ngày 01 tháng 02 năm 2023 về thửa đất số 123, tờ bản đồ số 45, lệ phí 1.500.000 đồng")
	other := page(2, "QUYẾT ĐỊNH số 124/QĐ-UBND ngày 02 tháng 01 năm 2023 về thửa đất số 45, tờ bản đồ số 123, lệ phí 1.500.500 đồng")
	year := page(3, "QUYẾT ĐỊNH số 123/2024/QĐ-SXD, ngày 1/2/2024, thửa số 12, tờ số 345, Bằng chữ: hai triệu rưỡi")
	loose := page(4, "thửa ruộng ở tờ trình số 123 và bản đồ xã, 45 hộ, có 1 quyết định trong tháng, năm sau 2 số, qd cũ, tờ 9 bản 2023")
	person := page(5, "Ông Nguyễn Đặng Quyết, đất ở lâu dài, English test box max file")
	person.Owner, person.ProcedureName, person.Procedure = "Nguyễn Đặng Quyết", "Cấp giấy phép xây dựng", "1.009994"
	person.Fields = map[string]string{sohoa.FieldTypeName: "Tờ khai", sohoa.FieldIssuedDate: "2022-05-06"}
	revoked := page(6, "Giấy phép xây dựng cũ")
	revoked.Life.Revoked, revoked.Fields = &sohoa.Revocation{At: longAgo}, map[string]string{sohoa.FieldTypeName: "Giấy phép", sohoa.FieldIssuedDate: "2021-01-01"}
	replaced := page(7, "Giấy phép xây dựng cũ hơn")
	replaced.Life.Replaced, replaced.Fields = &sohoa.Replacement{At: longAgo}, map[string]string{sohoa.FieldTypeName: "Đơn đề nghị", sohoa.FieldIssuedDate: "2020-12-31"}
	parked := page(8, "Đơn dừng lại")
	parked.State = sohoa.StateParked
	return []search.PageDoc{land, other, year, loose, person, revoked, replaced, parked}
}

// testFindsForms asks for the same in the forms that people type.
func testFindsForms(t *testing.T, open Opener) {
	idx := fresh(t, open, offices()...)
	for _, tt := range []struct {
		want    int // first
		queries []string
	}{
		{1, []string{"123/QĐ-UBND", "123 qd ubnd", "qđ ubnd 123", "qd-ubnd 123", "số 123/QĐ-UBND", "l23/QD-UBND", "123 / QĐ - UBND",
			norm.NFD.String("123/QĐ-UBND"), "so:123/QĐ-UBND", `so:"123 qd ubnd"`, "quyeets ddinhj soos 123/QĐ-UBND"}},
		{2, []string{"124/QĐ-UBND", "124 qd ubnd", "qd 124", "quyết định 124", "quyết định số 124", "so 124"}},
		{3, []string{"123/2024/QĐ-SXD", "123/QĐ-SXD", "123 qd sxd", "sxd 123", "qđ sxd 123/2024"}},
		{1, []string{"1/2/2023", "01-02-2023", "1.2.23", "1.2.2023", "ngày 1 tháng 2 năm 2023", "2023-02-01", "ngayf 1 thangs 2 nawm 2023",
			"tháng 2/2023", "tháng 2 năm 2023", "thang 2 nam 2023", "02/2023"}},
		{2, []string{"2/1/2023", "02/01/2023", "tháng 1/2023"}},
		{3, []string{"1/2/2024", "ngày 1 tháng 2 năm 2024", "tháng 2/2024", "năm 2024"}},
		{1, []string{"1500000", "1.500.000 đ", "1,5 triệu", "1500000 đồng", "một triệu rưỡi", "một triệu năm trăm nghìn đồng", "1,500,000 đồng"}},
		{2, []string{"1500500", "1.500.500 đồng"}},
		{3, []string{"2.500.000", "2,5 triệu", "hai triệu năm trăm nghìn"}},
		{1, []string{"thửa đất số 123, tờ bản đồ số 45", "thửa 123 tờ 45", "thua 123 to ban do 45", "TĐ 123 TBĐ 45", "tờ 45 thửa 123", "thửa đất 123"}},
		{2, []string{"thửa đất số 45, tờ bản đồ số 123", "thửa 45 tờ 123", "thua 45 to ban do 123", "TĐ 45 TBĐ 123", "tờ bản đồ 123"}},
		{3, []string{"thửa 12 tờ 345", "tờ 345 thửa 12", "thua dat so 12 to ban do so 345"}},
		{5, []string{"nguyễn đặng quyết", "nguyen dang quyet", "NGUYỄN ĐẶNG QUYẾT", "nguyeexn ddawngj quyeets", "nguye64n d9a85ng quye61t",
			"Nguyeexn Ddawngj Quyeets", "NGUYEEXN DDAWNGJ QUYEETS", "nguyênx đặng quyêts", "nguyeen ddawng quyeet", "max", "test box", "file max",
			"thutuc:1.009994", `thutuc:"giấy phép xây dựng"`, "nam:2022", "ngay:5/2022"}},
	} {
		for _, q := range tt.queries {
			if got := found(find(t, idx, q)); len(got) == 0 || got[0] != ID(tt.want) {
				t.Errorf("Search(%q) = %v, want %v first", q, got, ID(tt.want))
			}
		}
	}
}

// testFilterLanguage checks how filters go together.
func testFilterLanguage(t *testing.T, open Opener) {
	idx := fresh(t, open, offices()...)
	for _, tt := range []struct {
		query string
		want  []int
	}{
		{`loai:"tờ khai"`, []int{5}},
		{`loai:"tờ khai" loai:đơn`, []int{7, 5}},
		{`loai:"tờ khai" loai:"giấy phép"`, []int{6, 5}},
		{`loai:"tờ khai" loai:"giấy phép" nam:2021`, []int{6}},
		{`ngay:2020.. -loai:"tờ khai"`, []int{7, 6}},
		{"ngay:2020.. -nam:2021", []int{7, 5}},
		{"nam:2020..2021", []int{7, 6}},
		{"nam:2020 nam:2022", []int{7, 5}},
		{`trangthai:"thu hồi"`, []int{6}},
		{"trangthai:revoked", []int{6}},
		{`trangthai:"hủy/thu hồi"`, []int{6}},
		{`trangthai:"thay thế"`, []int{7}},
		{`trangthai:"hết hiệu lực"`, []int{7, 6}},
		{`trangthai:"còn hiệu lực" thutuc:1.009994`, []int{5}},
		{`trangthai:"còn hiệu lực"`, []int{5, 4, 3, 2, 1}},
		{`-trangthai:"đã lưu"`, []int{8}},
		{"trangthai:parked", []int{8}},
		{"state:parked", []int{8}},
		{`nguoi:"nguyeexn ddawngj quyeets"`, []int{5}},
	} {
		var want []sohoa.DocumentID
		for _, n := range tt.want {
			want = append(want, ID(n))
		}
		if got := found(find(t, idx, tt.query)); !slices.Equal(got, want) {
			t.Errorf("Search(%q) = %v, want %v", tt.query, got, want)
		}
	}
}

// testPhrases holds that quotes are phrases in order.
func testPhrases(t *testing.T, open Opener) {
	idx := fresh(t, open, page(1, "tờ khai đăng ký kết hôn"), page(2, "đăng ký khai sinh, sẽ ký kết hợp đồng, giấy kết hôn cũ"),
		page(3, "kết hôn, đăng ký"), page(4, "phiếu đăng ký kếthôn"))
	for _, tt := range []struct {
		query string
		want  []int
	}{
		{`"đăng ký kết hôn"`, []int{1, 4}}, {`"dang ky ket hon"`, []int{1, 4}}, {`"kết hôn đăng ký"`, []int{3}}, {`"hôn kết ký đăng"`, nil}, {`"đăng ký khai sinh"`, []int{2}},
		{`"ký kết hợp đồng"`, []int{2}}, {`"kết hôn" "đăng ký"`, []int{1, 2, 3, 4}},
	} {
		res := find(t, idx, tt.query)
		if res.Total != len(tt.want) {
			t.Errorf("Search(%s): Total %d, want %d", tt.query, res.Total, len(tt.want))
		}
		got := found(res)
		slices.SortFunc(got, func(a, b sohoa.DocumentID) int { return strings.Compare(a.String(), b.String()) })
		var want []sohoa.DocumentID
		for _, n := range tt.want {
			want = append(want, ID(n))
		}
		if !slices.Equal(got, want) {
			t.Errorf("Search(%s) = %v, want %v", tt.query, got, want)
		}
	}
}

// testRanksMarks ranks what has the marks that were typed above what has not.
func testRanksMarks(t *testing.T, open Opener) {
	for _, tt := range []struct{ query, better, worse string }{
		{"Trần Thị Hòa", "bà Trần Thị Hòa", "bà Trần Thị Hoa"},
		{"Trần Thị Hoà", "bà Trần Thị Hòa", "bà Trần Thị Hoá"},
		{"traanf thij hoaf", "bà Trần Thị Hòa", "bà Trần Thị Hoa"},
		{"Lê Văn Đạt", "ông Lê Văn Đạt", "ông Lê Văn Dat"},
		{"Nguyễn Văn Ước", "ông Nguyễn Văn Ước", "ông Nguyễn Vân Uoc"},
		{`"cấp giấy phép xây dựng"`, "việc cấp giấy phép xây dựng nhà", "cấp giấy, giấy phép, phép xây, xây dựng và cấp giấy phép"},
		{"cấp giấy phép xây dựng", "việc cấp giấy phép xây dựng nhà", "xây dựng mới; giấy mời; cấp phép; dựng cấp giấy"},
		{"thửa 123 tờ 45", "thửa đất số 123, tờ bản đồ số 45", "thửa 45 tờ bản đồ 123; 45 hộ có 123 tờ thửa đất 45 tờ"},
		{"123/QĐ-UBND", "Số 123/QĐ-UBND", "123 hộ, QĐ cũ, UBND, 123 tờ, số 123 QĐ số UBND xã"},
	} {
		filler := strings.Repeat(" căn cứ luật tổ chức", 10)
		idx := fresh(t, open, page(1, tt.better+filler), page(2, tt.worse+filler))
		if got := found(find(t, idx, tt.query)); len(got) == 0 || got[0] != ID(1) {
			t.Errorf("Search(%q) = %v, want %q first", tt.query, got, tt.better)
		}
	}
}

// testRanksFields ranks papers by what is known of them, in the forms of a
// whole: who asks for a name does not mean a longer one, and a number with a
// year is of that year.
func testRanksFields(t *testing.T, open Opener) {
	paper := func(n int, owner, day, text string) search.PageDoc {
		p := page(n, text)
		p.Owner, p.ProcedureName = owner, "Đăng ký khai sinh"
		p.Fields = map[string]string{sohoa.FieldCodeNumber: "834", sohoa.FieldCodeNotation: "GKS", sohoa.FieldIssuedDate: day}
		return p
	}
	idx := fresh(t, open,
		paper(1, "Nguyễn Văn Đức", "2019-05-06", "Số: 834/GKS Đăng ký khai sinh. Họ và tên: Nguyễn Vãn Đức Ngày 6/5/2019"),
		paper(2, "Nguyễn Văn Đức Toàn", "2020-03-04", "Số: 834/GKS Đăng ký khai sinh. Họ và tên: Nguyễn Văn Đức Toàn, giấy chứng sinh ngày 6/5/2019"),
		paper(3, "Nguyễn Văn Đức Toàn Thắng", "2021-07-08", "Số: 834/GKS Đăng ký khai sinh cho Nguyễn Văn Đức Toàn Thắng"))
	for _, tt := range []struct {
		query string
		want  int
	}{
		{"Nguyễn Văn Đức", 1},
		{"nguyen van duc", 1},
		{"Nguyễn Văn Đức đăng ký khai sinh", 1},
		{"khai sinh nguyen van duc", 1},
		{"nguyen van duc toan khai sinh", 2},
		{"834 gks 2019", 1},
		{"834/GKS năm 2020", 2},
		{"834 gks 2021", 3},
		{"834 gks 6/5/2019", 1},
	} {
		if got := found(find(t, idx, tt.query)); len(got) == 0 || got[0] != ID(tt.want) {
			t.Errorf("Search(%q) = %v, want %v first", tt.query, got, ID(tt.want))
		}
	}
}
