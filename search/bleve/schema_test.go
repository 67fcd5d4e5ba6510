package bleve_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

var update = flag.Bool("update", false, "write testdata/terms.txt")

// TestSchema compares the terms of some pages with those of when the schema
// was last raised. An index made with other terms answers wrongly and nothing
// would tell; so where they differ, schema goes up, and then -update.
func TestSchema(t *testing.T) {
	golden := filepath.Join("testdata", "terms.txt")
	had, err := os.ReadFile(golden)
	if err != nil && !*update {
		t.Fatal(err)
	}
	is := fmt.Appendf(nil, "schema %d\n", bleve.Schema)
	same := bytes.HasPrefix(had, is)
	for _, d := range schemaPages() {
		fields := search.TermsOf(d, search.Privacy{}).Fields
		fields["stamp"] = []string{search.Privacy{}.Stamp(d)}
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			is = fmt.Appendf(is, "%d/%s %s\n", d.Page, name, strings.ReplaceAll(fmt.Sprintf("%q", fields[name]), `" "`, " "))
		}
	}
	switch {
	case bytes.Equal(had, is):
	case same:
		t.Errorf("the terms are not those of schema %d: raise the constant schema, then run this test with -update", bleve.Schema)
	case *update:
		if err := os.WriteFile(golden, is, 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("schema was raised to %d: run this test with -update", bleve.Schema)
	}
}

// generation is the name of a generation.
func generation(n int) string { return fmt.Sprintf("v%d-%06d", bleve.Schema, n) }

// schemaPages have something in every field.
func schemaPages() []search.PageDoc {
	accepted := time.Date(2024, 6, 15, 1, 2, 3, 0, time.UTC)
	paper := search.PageDoc{Document: searchtest.ID(1), Page: 1, Name: "giay-phep.pdf",
		Text:    "GIẤY PHÉP XÂY DỰNG số 123/GP-UBND ngày 01 tháng 02 năm 2023, thửa đất số 12, tờ bản đồ số 345, lệ phí 1.500.000 đồng, CCCD 001085012345, hoà/hòa, kỹ thuật",
		Dossier: "000.00.01.H49-240611-0001", Procedure: "1.009994", ProcedureName: "Cấp giấy phép xây dựng",
		Agency: "H49.1", Shared: []string{"H49.2"}, AgencyName: "UBND xã Kỳ Sơn", Owner: "Nguyễn Đặng Quyết", OwnerNumber: "001085012345",
		Fields: map[string]string{sohoa.FieldTypeName: "Giấy phép", sohoa.FieldCodeNumber: "123", sohoa.FieldCodeNotation: "GP-UBND",
			sohoa.FieldIssuedDate: "2023-02-01", sohoa.FieldOrganName: "UBND huyện", sohoa.FieldSubject: "về việc xây dựng nhà ở"},
		Accepted: accepted, State: sohoa.StateKept, Type: "GP", Life: sohoa.Life{ValidFrom: "2023-02-01", ValidUntil: "2025-01-31"}}
	second := paper
	second.Page, second.Text, second.Life = 2, "Trang hai", sohoa.Life{Revoked: &sohoa.Revocation{At: accepted}}
	plain := search.PageDoc{Document: searchtest.ID(2), Page: 3, Text: "đơn đề nghị", Dossier: "H1", Agency: "H1", Accepted: accepted, State: sohoa.StateReading}
	return []search.PageDoc{paper, second, plain}
}
