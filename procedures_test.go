package sohoa_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
)

// tableRows are lines of a table, by the cells that have bars between them.
func tableRows(lines ...string) []sohoa.TableRow {
	var rows []sohoa.TableRow
	for i, line := range lines {
		rows = append(rows, sohoa.TableRow{Number: i + 2, Cells: strings.Split(line, "|")})
	}
	return rows
}

func TestProceduresTable(t *testing.T) {
	want := []sohoa.Procedure{
		{Code: "1.001193", Name: "Đăng ký khai sinh", Result: "giay-khai-sinh", Requirements: []sohoa.Requirement{
			{Code: "TP1", Name: "Giấy chứng sinh; hoặc giấy thay thế", Types: []string{"giay-chung-sinh", "van-ban-xac-nhan"}, MaxDays: 60},
			{Code: "TP2", Name: "Tờ khai", Scope: "toàn quốc", Optional: true}}},
		{Code: "2.000635", Name: "Cấp bản sao"},
	}
	var written []string
	for _, row := range sohoa.ProcedureRows(want) {
		written = append(written, strings.Join(row, "|"))
	}
	for name, lines := range map[string][]string{
		"as written": written,
		"by a person": {"1.001193|Đăng ký khai sinh|giay-khai-sinh|TP1|Giấy chứng sinh; hoặc giấy thay thế| giay-chung-sinh,  van-ban-xac-nhan ||60|",
			"2.000635|Cấp bản sao|||||||", "1.001193|||TP2|Tờ khai||toàn quốc||có"},
	} {
		got, wrong := sohoa.ProceduresOf(tableRows(lines...))
		if d := cmp.Diff(want, got); len(wrong) > 0 || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, wrong, d)
		}
	}
	for name, lines := range map[string][]string{
		"days":              {"1|x||TP1|giấy|||soon|"},
		"negative days":     {"1|x||TP1|giấy|||-1|"},
		"a paper twice":     {"1|x||TP1|giấy||||", "1|x||TP1|giấy||||"},
		"a paper, no name":  {"1|x||TP1|||||"},
		"no procedure code": {"|x|||||||"},
	} {
		got, wrong := sohoa.ProceduresOf(tableRows(lines...))
		if len(wrong) != 1 || wrong[0].Row != len(lines)+1 || wrong[0].Problem.Code != "procedure.row" {
			t.Errorf("%s: %v, %v, want one problem at the last line", name, got, wrong)
		}
	}
}
