package sohoa_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
)

func TestProceduresTable(t *testing.T) {
	want := []sohoa.Procedure{
		{Code: "1.001193", Name: "Đăng ký khai sinh", Result: "giay-khai-sinh", Requirements: []sohoa.Requirement{
			{Code: "TP1", Name: "Giấy chứng sinh; hoặc giấy thay thế", Types: []string{"giay-chung-sinh", "van-ban-xac-nhan"}, MaxDays: 60},
			{Code: "TP2", Name: "Tờ khai", Scope: "toàn quốc", Optional: true}}},
		{Code: "2.000635", Name: "Cấp bản sao"},
	}
	var b bytes.Buffer
	if err := sohoa.WriteProceduresCSV(&b, want); err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]string{
		"as written": b.String(),
		"from a spreadsheet": "\ufeffprocedure;name;result;requirement;paper;types;scope;days;optional\r\n" +
			"1.001193;Đăng ký khai sinh;giay-khai-sinh;TP1;\"Giấy chứng sinh; hoặc giấy thay thế\"; giay-chung-sinh  van-ban-xac-nhan ;;60;\r\n" +
			"2.000635;Cấp bản sao;;;;;;;\r\n1.001193;;;TP2;Tờ khai;;toàn quốc;;có\r\n",
	} {
		got, err := sohoa.ReadProceduresCSV(strings.NewReader(table))
		if d := cmp.Diff(want, got); err != nil || d != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, d)
		}
	}
	head := "procedure,name,result,requirement,paper,types,scope,days,optional\n"
	for name, tt := range map[string]struct{ table, code string }{
		"empty":             {"", "procedure.table"},
		"another head":      {"code,name\n1,x\n", "procedure.table"},
		"a short line":      {head + "1,x\n", "procedure.table"},
		"days":              {head + "1,x,,TP1,giấy,,,soon,\n", "procedure.row"},
		"negative days":     {head + "1,x,,TP1,giấy,,,-1,\n", "procedure.invalid"},
		"a paper twice":     {head + "1,x,,TP1,giấy,,,,\n1,x,,TP1,giấy,,,,\n", "procedure.invalid"},
		"a paper, no name":  {head + "1,x,,TP1,,,,,\n", "procedure.invalid"},
		"no procedure code": {head + ",x,,,,,,,\n", "procedure.invalid"},
	} {
		if got, err := sohoa.ReadProceduresCSV(strings.NewReader(tt.table)); err == nil || sohoa.AsProblem(err).Code != tt.code {
			t.Errorf("%s: %v, %v, want %s", name, got, err, tt.code)
		}
	}
}

func FuzzReadProceduresCSV(f *testing.F) {
	f.Add("procedure,name,result,requirement,paper,types,scope,days,optional\n1,x,,TP1,giấy,a b,,3,x\n")
	f.Add("\ufeffprocedure;name;result;requirement;paper;types;scope;days;optional\n1;x;;;;;;;\n")
	f.Fuzz(func(t *testing.T, table string) {
		all, err := sohoa.ReadProceduresCSV(strings.NewReader(table))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := sohoa.WriteProceduresCSV(&b, all); err != nil {
			t.Fatal(err)
		}
		if again, err := sohoa.ReadProceduresCSV(&b); err != nil || !cmp.Equal(all, again) {
			t.Errorf("%q is read as %+v, and written and read again as %+v, %v", table, all, again, err)
		}
	})
}
