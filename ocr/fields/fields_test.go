package fields_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/ocr"
	"sohoa/ocr/child"
	"sohoa/ocr/fields"
)

func TestMain(m *testing.M) {
	child.Run()
	os.Exit(m.Run())
}

// page lays out lines on a page of 1000 by 1400. A line is "x y text"; a bar
// in the text is a gap as wide as a column's.
func page(lines ...string) sohoa.PageText {
	p := sohoa.PageText{Page: 1, Width: 1000, Height: 1400}
	for i, s := range lines {
		at, text, _ := strings.Cut(s, " ")
		x := map[string]float64{"left": 100, "middle": 350, "right": 550}[at]
		y := 60 + 30*float64(i)
		l := sohoa.Line{Height: 20}
		for _, w := range strings.Fields(text) {
			if w == "|" {
				x = 550
				continue
			}
			width := 9 * float64(len([]rune(w)))
			l.Words = append(l.Words, sohoa.Word{Text: w, Confidence: 90, Box: sohoa.Rect{X0: x, Y0: y, X1: x + width, Y1: y + 20}})
			x += width + 8
		}
		p.Lines = append(p.Lines, l)
	}
	return p
}

var decision = []string{
	"left ỦY BAN NHÂN DÂN | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
	"left HUYỆN TAM NÔNG | Độc lập - Tự do - Hạnh phúc",
	"left Số: 123/QĐ-UBND | Tam Nông, ngày 14 tháng 10 năm 1995",
	"middle QUYẾT ĐỊNH",
	"middle Về việc cấp phép sử dụng",
	"middle tạm thời vỉa hè",
	"left Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020;",
}

func replaced(i int, s string) []string {
	out := append([]string(nil), decision...)
	out[i] = s
	return out
}

func TestFind(t *testing.T) {
	const (
		typ, num, sym  = sohoa.FieldTypeName, sohoa.FieldCodeNumber, sohoa.FieldCodeNotation
		date, org, sub = sohoa.FieldIssuedDate, sohoa.FieldOrganName, sohoa.FieldSubject
	)
	tests := []struct {
		name  string
		lines []string
		want  map[string]string // "" is: not found
	}{
		{"decision", decision, map[string]string{typ: "Quyết định", num: "123", sym: "QĐ-UBND", date: "1995-10-14",
			org: "ỦY BAN NHÂN DÂN HUYỆN TAM NÔNG", sub: "Về việc cấp phép sử dụng tạm thời vỉa hè"}},
		{"blanks around strokes", replaced(2, "left Số : 123 / QĐ - UBND | Tam Nông, ngày 4/6/2001"),
			map[string]string{num: "123", sym: "QĐ-UBND", date: "2001-06-04"}},
		{"marks missed", replaced(2, "left So: 7/QD-UBND | Tam Nông, ngay 14 thang 10 nam 1995"),
			map[string]string{num: "7", sym: "QD-UBND", date: "1995-10-14"}},
		{"number left blank", replaced(2, "left Số: /QĐ-UBND | Tam Nông, ngày tháng 10 năm 1995"),
			map[string]string{num: "", sym: "QĐ-UBND", date: ""}},
		{"no such day", replaced(2, "left x | Tam Nông, ngày 31 tháng 2 năm 1995"), map[string]string{num: "", sym: "", date: ""}},
		{"references are no number or date", decision[6:], map[string]string{num: "", date: "", typ: ""}},
		{"superior agency", append([]string{"left UBND HUYỆN GIA LỘC | CỘNG HÒA XÃ HỘI", "left PHÒNG TƯ PHÁP | Độc lập", "left Số: 5/TP | x"}, decision[3:]...),
			map[string]string{org: "PHÒNG TƯ PHÁP", num: "5", sym: "TP"}},
		{"letter", []string{decision[0], decision[1], "left Số: 9/VP-HC | x", "left V/v cấp phép", "left sử dụng vỉa hè", "middle Kính gửi: Sở Nội vụ"},
			map[string]string{typ: "Công văn", sub: "V/v cấp phép sử dụng vỉa hè"}},
		{"birth certificate", []string{"middle GIẤY KHAI SINH", "middle Số: 219/2011",
			"left Nơi đăng ký khai sinh: Ủy ban nhân dân xã Tứ Cường, huyện Thanh Miện", "left Ngày, tháng, năm đăng ký: ngày 14 tháng 10 năm 1995"},
			map[string]string{typ: "Giấy khai sinh", num: "219", sym: "2011", date: "1995-10-14", org: "Ủy ban nhân dân xã Tứ Cường"}},
		{"land certificate", []string{"left I. Người sử dụng đất, chủ sở hữu nhà ở", "right Gia Lộc, ngày 03 tháng 6 năm 2018", "left Số vào sổ cấp GCN: CH 53878"},
			map[string]string{typ: "Giấy chứng nhận quyền sử dụng đất", num: "53878", sym: "CH", date: "2018-06-03"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := map[string]string{}
			for _, f := range fields.Find([]sohoa.PageText{{Page: 1, Blank: true}, page(tt.lines...)}) {
				got[f.Name] = f.Value
				checkField(t, f)
			}
			for name, want := range tt.want {
				if got[name] != want {
					t.Errorf("%s = %q, want %q", name, got[name], want)
				}
			}
		})
	}
}

// checkField checks what holds for every field.
func checkField(t *testing.T, f sohoa.Field) {
	t.Helper()
	if f.Name == "" || f.Value == "" || f.Text == "" || f.Rule == "" || f.Page == 0 || f.Confirmed {
		t.Errorf("field %+v", f)
	}
	if f.Name == sohoa.FieldIssuedDate {
		if _, err := time.Parse(time.DateOnly, f.Value); err != nil {
			t.Errorf("date %q: %v", f.Value, err)
		}
	}
}

func TestFindNothing(t *testing.T) {
	if got := fields.Find(nil); len(got) != 0 {
		t.Errorf("Find(nil) = %+v", got)
	}
	if got := fields.Find([]sohoa.PageText{{Page: 1, Blank: true}}); len(got) != 0 {
		t.Errorf("Find of a blank page = %+v", got)
	}
}

func TestUnsureNumberIsNone(t *testing.T) {
	p := page(decision...)
	for i := range p.Lines[2].Words {
		p.Lines[2].Words[i].Confidence = 50
	}
	for _, f := range fields.Find([]sohoa.PageText{p}) {
		if f.Name == sohoa.FieldCodeNumber {
			t.Errorf("number = %+v, want none from words read with confidence 50", f)
		}
	}
}

// TestRecall reads the sample scans and counts the fields that come out as
// the truth has them; values written by hand are left out.
func TestRecall(t *testing.T) {
	const root = "../../testdata/"
	r, err := ocr.New(ocr.Config{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	found, asked := map[string]int{}, map[string]int{}
	for _, name := range []string{"quyet-dinh-01.jpg", "cong-van-01.png", "giay-khai-sinh-01.jpg", "giay-chung-nhan-01.jpg", "bien-ban-02.jpg"} {
		image, err := os.ReadFile(root + "scans/" + name)
		if err != nil {
			t.Fatal(err)
		}
		res, err := r.Read(context.Background(), ocr.Page{Image: image, Number: 1})
		if err != nil {
			t.Fatalf("%s: Read = %v", name, err)
		}
		got := map[string]string{}
		for _, f := range fields.Find([]sohoa.PageText{res.Text}) {
			checkField(t, f)
			got[f.Name] = f.Value
		}
		for field, want := range wanted(t, root+"truth/"+strings.TrimSuffix(name, filepath.Ext(name))+".json") {
			asked[field]++
			if strings.Contains(strings.ToLower(got[field]), strings.ToLower(want)) {
				found[field]++
			} else {
				t.Logf("%s: %s = %q, want %q", name, field, got[field], want)
			}
		}
	}
	t.Logf("found %v of %v", found, asked)
	for field, n := range asked {
		if 10*found[field] < 8*n-2 {
			t.Errorf("%s: %d of %d found", field, found[field], n)
		}
	}
}

// wanted are the fields of a truth file that are printed.
func wanted(t *testing.T, file string) map[string]string {
	t.Helper()
	type value struct {
		Value, ISO  string
		Handwritten bool
	}
	var truth struct {
		Fields struct {
			Type   string `json:"doc_type"`
			Code   *value `json:"so_ky_hieu"`
			Date   *value `json:"date"`
			Agency *value `json:"agency"`
		} `json:"fields"`
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	f, out := truth.Fields, map[string]string{sohoa.FieldTypeName: truth.Fields.Type}
	if number, notation, ok := strings.Cut(valueOf(f.Code).Value, "/"); ok {
		out[sohoa.FieldCodeNotation] = notation
		if !f.Code.Handwritten {
			out[sohoa.FieldCodeNumber] = number
		}
	}
	if f.Date != nil && !f.Date.Handwritten {
		out[sohoa.FieldIssuedDate] = f.Date.ISO
	}
	if f.Agency != nil {
		out[sohoa.FieldOrganName] = f.Agency.Value
	}
	return out
}

// valueOf is *v, or the zero value.
func valueOf[T any](v *T) T {
	if v == nil {
		v = new(T)
	}
	return *v
}

func FuzzFind(f *testing.F) {
	f.Add(strings.Join(decision, "\n"))
	f.Add("left Số: 1/A\nmiddle GIẤY\nright A, ngày 1/1/2000\nleft Số vào sổ: AB 123")
	f.Fuzz(func(t *testing.T, s string) {
		for _, x := range fields.Find([]sohoa.PageText{page(strings.Split(s, "\n")...)}) {
			checkField(t, x)
		}
	})
}
