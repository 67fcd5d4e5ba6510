package table_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sohoa"
	"sohoa/web/table"
)

var people = []sohoa.TableRow{
	{Number: 2, Cells: []string{"lan", "Nguyễn Thị Lan", "clerk", "H49.64.33"}},
	{Number: 4, Cells: []string{"hoa", "Lê; Hòa", "", ""}},
}

// utf16File is a text as a spreadsheet saves it as "Unicode".
func utf16File(s string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// book is a workbook with cells by their places.
func book(t testing.TB, cells map[string]any) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for at, v := range cells {
		set := f.SetCellValue
		if s, ok := v.(string); ok && strings.HasPrefix(s, "=") {
			set = func(sheet, at string, _ any) error { return f.SetCellFormula(sheet, at, s[1:]) }
		}
		if err := set("Sheet1", at, v); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReadKnowsTheTablesOfOffices(t *testing.T) {
	const lines = "lan;Nguyễn Thị Lan;clerk;H49.64.33\n;;;\nhoa;\"Lê; Hòa\";;\n"
	for name, file := range map[string]string{
		"semicolons, byte order mark": "\ufeffTên đăng nhập;Họ và tên;Vai trò;Cơ quan\r\n" + strings.ReplaceAll(lines, "\n", "\r\n"),
		"without marks":               "TEN DANG NHAP;ho ten;vai tro;don vi\n" + lines,
		"English, another order":      "agency,roles,Full name,name\nH49.64.33,clerk,Nguyễn Thị Lan, lan \n\n,,Lê; Hòa,hoa\n",
		"tabs, UTF-16":                utf16File("name\tfull_name\troles\tagency\r\nlan\tNguyễn Thị Lan\tclerk\tH49.64.33\r\n\r\nhoa\tLê; Hòa\t\t\r\n"),
		"decomposed":                  "sep=;\nname;full_name;roles;agency\nlan;Nguye\u0302\u0303n Thi\u0323 Lan;clerk;H49.64.33\n\nhoa;\"Le\u0302; Ho\u0300a\";;\n",
		"a workbook": book(t, map[string]any{"A1": "Tên đăng nhập", "B1": "Họ và tên", "C1": "Vai trò", "D1": "Cơ quan", "A2": "lan", "B2": "Nguyễn Thị Lan", "C2": "clerk",
			"D2": "H49.64.33", "A4": "hoa", "B4": "Lê; Hòa"}),
	} {
		want := people
		if name == "decomposed" {
			want = []sohoa.TableRow{people[0], people[1]}
		}
		got, err := table.Read(strings.NewReader(file), table.People)
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
	}
}

func TestReadTakesValuesAndNoFormulas(t *testing.T) {
	file := book(t, map[string]any{"A1": "code", "B1": "name", "C1": "parent", "A2": 1.1, "B2": `=HYPERLINK("http://x","y")`, "C2": "'=1+1", "A3": 2.000635, "B3": "0012"})
	got, err := table.Read(strings.NewReader(file), table.Agencies)
	want := []sohoa.TableRow{{Number: 2, Cells: []string{"1.1", "", "=1+1"}}, {Number: 3, Cells: []string{"2.000635", "0012", ""}}}
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range sohoa.MaxTableUnzipped>>20 + 1 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	const head = "code,name,parent\n"
	for name, tt := range map[string]struct{ file, code string }{
		"nothing":          {"", "table.empty"},
		"blank":            {" \n,,\n", "table.empty"},
		"another column":   {"code,name,phone\n", "table.column"},
		"a column twice":   {"code,name,Mã\n", "table.twice"},
		"a column less":    {"code,parent\n", "table.missing"},
		"beyond the head":  {head + "a,b,c,d\n", "table.wide"},
		"a quote":          {head + "a,\"b,c\n", "table.quotes"},
		"an old workbook":  {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "table.old"},
		"no workbook":      {"PK\x03\x04 and nothing else", "table.unreadable"},
		"another encoding": {head + "a,b\xe0\n", "table.encoding"},
		"a picture":        {"\x89PNG\r\n\x1a\n\x00\x00", "table.encoding"},
		"a long cell":      {head + "a," + strings.Repeat("x", sohoa.MaxCellRunes+1) + "\n", "table.cell"},
		"many rows":        {head + strings.Repeat("a,b,\n", sohoa.MaxTableRows+1), "table.rows"},
		"a large file":     {head + strings.Repeat("\n", sohoa.MaxTableBytes), "table.bytes"},
		"a bomb":           {bomb.String(), "table.bytes"},
	} {
		got, err := table.Read(strings.NewReader(tt.file), table.Agencies)
		if !errors.Is(err, sohoa.ErrInvalid) || sohoa.AsProblem(err).Code != tt.code {
			t.Errorf("%s: %d rows, %v, want %s", name, len(got), err, tt.code)
		}
	}
}

func TestWrittenTablesAreInertAndReadAgain(t *testing.T) {
	rows := [][]string{{"007", "=cmd|' /C calc'!A0", "+84"}, {"b", "@x \"y\"; z", "-1"}}
	for _, format := range []string{"csv", "xlsx"} {
		for _, lang := range []sohoa.Lang{sohoa.Vietnamese, sohoa.English} {
			var b bytes.Buffer
			if err := table.Write(&b, format, table.Head(table.Agencies, lang), rows); err != nil {
				t.Fatal(err)
			}
			if format == "xlsx" {
				checkInert(t, b.Bytes())
			} else if !strings.Contains(b.String(), "007,'=cmd") {
				t.Errorf("a formula is live in %q", b.String())
			}
			got, err := table.Read(&b, table.Agencies)
			want := []sohoa.TableRow{{Number: 2, Cells: rows[0]}, {Number: 3, Cells: rows[1]}}
			if d := cmp.Diff(want, got); err != nil || d != "" {
				t.Errorf("%s, %s: %v (-want +got):\n%s", format, lang, err, d)
			}
		}
	}
}

func checkInert(t *testing.T, file []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, at := range []string{"B2", "C2", "B3", "C3"} {
		v, err := f.GetCellValue("Sheet1", at)
		formula, err2 := f.GetCellFormula("Sheet1", at)
		if err != nil || err2 != nil || formula != "" || !strings.HasPrefix(v, "'") {
			t.Errorf("%s is %q with the formula %q, %v %v", at, v, formula, err, err2)
		}
	}
}

// FuzzRead reads any bytes; what is read can be written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte("code,name,parent\na,b,c\n"))
	f.Add([]byte("\ufeffMã;Tên;Trực thuộc\r\n1;\"x\ny\";'=z\r\n"))
	f.Add([]byte(utf16File("code\tname\na\tb\n")))
	f.Add([]byte(book(f, map[string]any{"A1": "code", "B1": "name", "A2": "x", "B2": 1.5})))
	f.Fuzz(func(t *testing.T, b []byte) {
		rows, err := table.Read(bytes.NewReader(b), table.Agencies)
		if err != nil {
			if sohoa.AsProblem(err).Code == "internal" {
				t.Errorf("%q: %v, want a Problem", b, err)
			}
			return
		}
		var out [][]string
		for _, row := range rows {
			out = append(out, row.Cells)
		}
		var file bytes.Buffer
		if err := table.WriteCSV(&file, table.Head(table.Agencies, sohoa.English), out); err != nil {
			t.Fatal(err)
		}
		again, err := table.Read(&file, table.Agencies)
		if err != nil || fmt.Sprint(cellsOf(again)) != fmt.Sprint(cellsOf(rows)) {
			t.Errorf("%q is read as %q, and written and read again as %q, %v", b, cellsOf(rows), cellsOf(again), err)
		}
	})
}

func cellsOf(rows []sohoa.TableRow) (all [][]string) {
	for _, row := range rows {
		if strings.Join(row.Cells, "") != "" {
			all = append(all, row.Cells)
		}
	}
	return all
}
