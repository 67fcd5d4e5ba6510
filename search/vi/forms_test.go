package vi_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"sohoa/search/vi"
)

// TestSameWord holds that the forms of each row are one word, marks and all.
func TestSameWord(t *testing.T) {
	for _, forms := range [][]string{
		{"hòa", "hoà", "HÒA", "Hoà", norm.NFD.String("hòa"), norm.NFD.String("HOÀ"), "hòa\u200b", "ho\u00adà"},
		{"thủy", "thuỷ", "THỦY", norm.NFD.String("thuỷ")},
		{"giấy", "GIẤY", norm.NFD.String("giấy"), "gi\u00e2\u0301y", "gia\u0302\u0301y", "gia\u0301\u0302y"},
		{"đất", "Đất", "ĐẤT", "Ðất", "ðất", norm.NFD.String("đất")},
		{"quý", "quí", "Quý", "QUÍ"},
		{"ký", "kí", "KÝ", norm.NFD.String("ký")},
		{"lý", "lí"}, {"mỹ", "mĩ"}, {"sỹ", "sĩ"}, {"tỷ", "tỉ"}, {"hy", "hi"},
		{"khỏe", "khoẻ"}, {"quỳnh", "quình"}, {"quyền", "quiền", "QUYỀN"},
		{"ước", "ƯỚC", norm.NFD.String("ước"), "u\u031bo\u031b\u0301c"},
	} {
		want := vi.Analyze(forms[0]).Tokens
		for _, f := range forms[1:] {
			got := vi.Analyze(f).Tokens
			if len(got) != 1 || got[0].Fold != want[0].Fold || got[0].Exact != want[0].Exact {
				t.Errorf("Analyze(%q) = %+v, want the forms of %q, %+v", f, got, forms[0], want)
			}
		}
	}
	for _, apart := range [][2]string{{"thuy", "thui"}, {"tay", "tai"}, {"hòa", "hoa"}, {"đa", "da"}, {"mai", "may"}} {
		if a, b := exacts(apart[0]), exacts(apart[1]); a == b {
			t.Errorf("Analyze(%q) and Analyze(%q) have the same exact form %q", apart[0], apart[1], a)
		}
	}
}

// TestSameCode holds that each form of a row means the same, and so has the
// same term.
func TestSameCode(t *testing.T) {
	for _, tt := range []struct {
		want  string
		forms []string
	}{
		{vi.DateTerm(2023, 2, 1), []string{
			"1/2/2023", "01/02/2023", "1-2-2023", "01-02-2023", "01–02–2023", "1.2.2023", "01.02.2023", "1.2.23", "01/02/23",
			"2023-02-01", "2023/02/01", "2023.2.1", "ngày 1 tháng 2 năm 2023", "Ngày 01 tháng 02 năm 2023", "NGÀY 01 THÁNG 02 NĂM 2023",
			"ngay 1 thang 2 nam 2023", "1 tháng 2 năm 2023", "ngày 1 tháng 2/2023", "ngày 1 tháng 2-2023", "ngày 1/2 năm 2023",
			"ngày 1 tháng hai năm 2023", "ngày 1 tháng 2, 2023", "Hà Nội, ngày 01 tháng 02 năm 2023.", norm.NFD.String("ngày 1 tháng 2 năm 2023"),
		}},
		{vi.MonthTerm(2023, 2), []string{"tháng 2/2023", "tháng 02/2023", "tháng 2 năm 2023", "thang 2 nam 2023", "2/2023", "02-2023", "02.2023", "2023-02", "THÁNG 02-2023"}},
		{vi.YearTerm(2023), []string{"năm 2023", "nam 2023", "NĂM 2023", "Năm: 2023"}},
		{"=1500000", []string{"1.500.000", "1.500.000 đ", "1.500.000đ", "1.500.000 đồng", "1,500,000 đồng", "1,500,000", "1500000 đồng", "1500000 đ", "1500000 VNĐ",
			"1,5 triệu", "1.5 triệu", "1,5 triệu đồng", "1 triệu 500 nghìn", "1 triệu 500 ngàn đồng", "1500 nghìn", "1 triệu rưỡi", "một triệu rưỡi",
			"một triệu năm trăm nghìn đồng", "Một triệu năm trăm ngàn đồng", "mot trieu nam tram nghin dong", "MỘT TRIỆU NĂM TRĂM NGHÌN ĐỒNG CHẴN"}},
		{"=2300000000", []string{"2,3 tỷ", "2.3 tỷ đồng", "2 tỷ 300 triệu", "hai tỷ ba trăm triệu", "hai tỉ ba trăm triệu đồng", "2.300.000.000", "2.300 triệu"}},
		{"=25000", []string{"25.000 đồng", "25 nghìn", "25 ngàn đồng", "hai mươi lăm nghìn đồng", "25,000 đồng", "25000 đồng"}},
		{"123/9d/u8nd", []string{
			"123/QĐ-UBND", "123/QD-UBND", "123/qđ-ubnd", "123/QÐ-UBND", "123/QĐ–UBND", "123 / QĐ - UBND", "123/ QĐ-UBND", "123 /QĐ-UBND", "123/QĐ -UBND", "123/QĐ- UBND",
			"123 qd ubnd", "123 QĐ UBND", "123 qđ-ubnd", "qđ ubnd 123", "qd ubnd 123", "QĐ-UBND 123", "l23/QĐ-UBND", "I23/QD-U8ND", "123/QĐ-UBND.", "Số: 123/QĐ-UBND",
			"số 123/QĐ-UBND ngày", "123_QĐ_UBND", "123.QĐ.UBND", norm.NFD.String("123/QĐ-UBND"),
		}},
		{"123/2024/9d/u8nd", []string{"123/2024/QĐ-UBND", "123/2024 QĐ UBND", "123/2024/ QĐ-UBND"}},
		{"5/9d/u8nd", []string{"5/QĐ-UBND", "05/QĐ-UBND", "05 qd ubnd", "005/QĐ-UBND"}},
		{"123/9d", []string{"123 qđ", "qđ 123", "123/QĐ", "quyết định 123", "quyết định số 123", "quyet dinh so 123", "Quyết định số: 123"}},
		{"12/ttr", []string{"tờ trình 12", "tờ trình số 12", "12/TTr", "12 ttr"}},
		{vi.NumberTerm("123"), []string{"số 123", "so 123", "Số: 123", "SỐ 123", "số 0123"}},
		{vi.PlotTerm("123", "45"), []string{
			"thửa đất số 123, tờ bản đồ số 45", "thửa đất số: 123; tờ bản đồ số: 45", "Thửa đất số 123 tờ bản đồ số 45", "thửa 123 tờ 45", "thua 123 to ban do 45",
			"thua dat so 123 to ban do so 45", "thửa số 123, tờ số 45", "TĐ 123 TBĐ 45", "THỬA ĐẤT SỐ 123, TỜ BẢN ĐỒ SỐ 45", "tờ bản đồ số 45, thửa đất số 123",
			"tờ 45 thửa 123", "thửa 123, tờ bản đồ địa chính số 45", "thửa đất số 0123, tờ bản đồ số 045", "thửa số: 123, diện tích đất, tờ bản đồ: 45", "thửa 123 bản đồ số 45", "td 123 tbd 45",
		}},
		{vi.PlotTerm("123", ""), []string{"thửa 123", "thửa đất 123", "thửa đất số 123", "thua dat so 123", "Thửa đất số: 123"}},
		{vi.PlotTerm("", "45"), []string{"tờ bản đồ số 45", "to ban do 45", "bản đồ số 45", "TBĐ 45", "Tờ bản đồ số: 45"}},
	} {
		for _, f := range tt.forms {
			var got []string
			for _, c := range vi.Analyze(f).Codes {
				got = append(got, c.Text)
			}
			if !slices.Contains(got, tt.want) {
				t.Errorf("Analyze(%q) codes = %q, want %q among them", f, got, tt.want)
			}
		}
	}
}

// TestNoCode holds that what looks like a code and is none has no such term.
func TestNoCode(t *testing.T) {
	for _, tt := range []struct{ in, not string }{
		{"45/13/2024", "="}, {"31.2.1.4", "="}, {"tỷ lệ 5", "="}, {"năm tỷ lệ", "="}, {"12/345", "="}, {"ba ngôi nhà", "="},
		{"tháng 13/2024", "="}, {"tờ 45", "@"}, {"tờ khai số 45", "@"}, {"thửa ruộng", "@"}, {"12 km", "12/"}, {"12 ngày", "12/"},
		{"12. UBND xã", "12/"}, {"điều 5, UBND", "5/"}, {"001099012345 UBND", "001"}, {"12 tháng", "="}, {"ông 5 nghìn năm", "@"},
	} {
		for _, c := range vi.Analyze(tt.in).Codes {
			if strings.HasPrefix(c.Text, tt.not) {
				t.Errorf("Analyze(%q) has the code %q", tt.in, c.Text)
			}
		}
	}
}

func TestWider(t *testing.T) {
	for _, tt := range []struct {
		term string
		want []string
	}{
		{vi.DateTerm(2023, 2, 1), []string{vi.MonthTerm(2023, 2), vi.YearTerm(2023)}},
		{vi.MonthTerm(2023, 2), []string{vi.YearTerm(2023)}},
		{vi.YearTerm(2023), nil},
		{vi.PlotTerm("123", "45"), []string{vi.PlotTerm("123", ""), vi.PlotTerm("", "45")}},
		{vi.PlotTerm("123", ""), nil}, {vi.PlotTerm("", "45"), nil},
		{vi.CodeTerm("123/QĐ-UBND"), []string{"#123", "123/9d", "123/u8nd"}},
		{vi.CodeTerm("123/2024/QĐ-UBND"), []string{"#123", "123/2024", "123/9d/u8nd", "123/9d", "123/u8nd"}},
		{vi.CodeTerm("05/QĐ-SXD"), []string{"#5", "5/9d/5xd", "5/9d", "5/5xd"}},
		{"h49/64/33/240305/0012", nil}, {"=1500000", nil}, {"12/345", nil}, {"", nil}, {"#1", nil},
	} {
		if got := vi.Wider(tt.term); !slices.Equal(got, tt.want) {
			t.Errorf("Wider(%q) = %q, want %q", tt.term, got, tt.want)
		}
	}
}

// TestTyped holds that what was typed without the input method is read as
// what was meant.
func TestTyped(t *testing.T) {
	for _, tt := range []struct{ meant, typed string }{
		{"nguyễn", "nguyeexn nguyeenx nguyenxe Nguyeexn NGUYEEXN nguye64n nguyen64 Nguye64n NGUYE64N nguyênx nguyên4"},
		{"đất", "ddaats ddaast ddatas d9a61t d9a6t1 D9A6T1 ddất"},
		{"quyết định", "quyeets+ddinhj QUYEETS+DDINHJ quye61t+d9inh5 quyết+ddinhj quyeets+dinhjd"},
		{"giấy chứng nhận", "giaays+chuwngs+nhaanj gia61y+chu71ng+nha65n giaasy+chuwsng+nhajan"},
		{"đường", "dduwowngf dduwongf dduongwf d9u7o7ng2 d9uo72ng DDUWOWNGF dduowngf"},
		{"ước", "uwowcs uowcs u7o71c uo71c"},
		{"hoặc", "hoawcj hoa85c hoacwj"},
		{"xưa cũ", "xuaw+cux xu7a+cu4"},
		{"thuở", "thuowr"},
		{"tư", "tuw tw tu7"},
		{"trần văn hòa", "traanf+vawn+hoaf tra62n+va8n+hoa2 traafn+vawn+hofa"},
		{"lê thị thủy", "lee+thij+thuyr le6+thi5+thuy3"},
		{"đặng", "ddawngj d9a85ng ddangwj"},
		{"bưởi", "buwowir bu7o73i buowir buoiwr"},
		{"khuỷu", "khuyur khuyu3"},
		{"quặng", "quawngj qua85ng"},
		{"thông", "thoong tho6ng"},
		{"việt", "vieetj vietej vie65t vieejt"},
		{"gì", "gif gi2"},
		{"ngoằn", "ngoawnf ngoa82n"},
	} {
		for _, typed := range strings.Fields(tt.typed) {
			typed = strings.ReplaceAll(typed, "+", " ")
			if !slices.ContainsFunc(readings(typed), func(r string) bool { return r == exacts(tt.meant) }) {
				t.Errorf("AnalyzeTyped(%q) = %q, want %q", typed, readings(typed), exacts(tt.meant))
			}
		}
	}
}

// readings are the ways to read s: each word as it stands, and with the other
// reading wherever there is one.
func readings(s string) []string {
	var first, other []string
	for _, t := range vi.AnalyzeTyped(s).Tokens {
		first = append(first, t.Exact)
		if t.Or != nil {
			t = *t.Or
		}
		other = append(other, t.Exact)
	}
	return []string{strings.Join(first, " "), strings.Join(other, " ")}
}

// TestTypedKeeps holds that words that are what they are stay so.
func TestTypedKeeps(t *testing.T) {
	for _, in := range strings.Fields("UBND2 a1 A1 b2 H49 UBND QĐ 123 2023 đất dat hoa tran nguyen thanh xuan la an giay y " +
		"Word Excel Windows email Internet Facebook Google Zalo software office club party phone form file scan " +
		"photo copy PDF URL QLDD VNPT VNeID iPhone wifi COVID-19 123/QĐ-UBND H49.64.33-240305-0012 KT3 C50 " +
		"thuong duong quyen so12 to45 5a 12b 1500000 001099012345 ngo hem phuong quan huyen tinh") {
		for _, tok := range vi.AnalyzeTyped(in).Tokens {
			if tok.Or != nil {
				t.Errorf("AnalyzeTyped(%q) reads %q as %q too", in, tok.Exact, tok.Or.Exact)
			}
		}
	}
	// These are words, or syllables by their keys: both are asked for.
	for _, in := range strings.Fields("xoong max test text tax box bus gas lee moon data ca1 thon2") {
		first := vi.AnalyzeTyped(in).Tokens[0]
		if first.Exact != vi.Analyze(in).Tokens[0].Exact {
			t.Errorf("AnalyzeTyped(%q) reads %q first, want what was typed", in, first.Exact)
		}
	}
	// A code that was typed with the keys off stays whole.
	got := vi.AnalyzeTyped("quyeets ddinhj soos 123/QĐ-UBND ngayf 5 thangs 3 nawm 2024")
	var codes []string
	for _, c := range got.Codes {
		codes = append(codes, c.Text)
	}
	for _, want := range []string{"123/9d/u8nd", vi.DateTerm(2024, 3, 5)} {
		if !slices.Contains(codes, want) {
			t.Errorf("codes = %q, want %q among them", codes, want)
		}
	}
}
