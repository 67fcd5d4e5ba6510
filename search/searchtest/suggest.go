package searchtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/search"
)

// suggest asks idx for suggestions and returns their texts.
func suggest(t *testing.T, idx search.Index, text string, scope sohoa.Scope) []string {
	t.Helper()
	got, err := idx.Suggest(context.Background(), text, scope)
	if err != nil {
		t.Fatalf("Suggest(%q): %v", text, err)
	}
	if len(got) > search.MaxSuggestions {
		t.Errorf("Suggest(%q) = %d suggestions, want at most %d", text, len(got), search.MaxSuggestions)
	}
	var out []string
	for _, s := range got {
		out = append(out, string(s.Kind)+" "+s.Text)
	}
	return out
}

func testSuggest(t *testing.T, open Opener) {
	pages := papers()
	pages[0].Fields[sohoa.FieldSubject] = "Về việc thu hồi đất của hộ gia đình"
	idx := fresh(t, open, pages...)
	ours := sohoa.Scope{Agencies: []string{agency}}
	for _, tt := range []struct{ name, typed, want string }{
		{"name, plain", "dang th", "person Đặng Thị Hòa"},
		{"name, with marks", "Đặng Thị H", "person Đặng Thị Hòa"},
		{"name, new tone style", "hoà", "person Đặng Thị Hòa"},
		{"name, from the middle", "thị h", "person Đặng Thị Hòa"},
		{"name, i for y", "lí mĩ", "person Lý Mỹ Kỳ"},
		{"name in Telex, half typed", "ddawngj th", "person Đặng Thị Hòa"},
		{"name in Telex, one letter to go", "ddaw", "person Đặng Thị Hòa"},
		{"number", "123/Q", "number 123/QĐ-UBND"},
		{"number, plain", "123qd", "number 123/QĐ-UBND"},
		{"notation", "qđ-u", "number 123/QĐ-UBND"},
		{"dossier", "H49.64.33-2403", "dossier H49.64.33-240305-0012"},
		{"dossier, the end of it", "0777", "dossier H49.64.33-231120-0777"},
		{"procedure", "dang ky dat", "procedure Đăng ký đất đai lần đầu"},
		{"kind of document", "giay kh", "word Giấy khai sinh"},
		{"words of the subject", "thu h", "word thu hồi đất"},
		{"after other words", "đơn của dang th", "person đơn của Đặng Thị Hòa"},
		{"a word an edit away", "đơn giay khau", "word đơn giay khai"},
		{"a name an edit away", "đặnh văn toàn", "word Đặng văn toàn"},
		{"in a filter", "nguoi:dang", `person nguoi:"Đặng Thị Hòa"`},
		{"in a quoted filter", `nguoi:"đặng th`, `person nguoi:"Đặng Thị Hòa"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, scope := range []sohoa.Scope{ours, sohoa.Everything} {
				if got := suggest(t, idx, tt.typed, scope); !slices.Contains(got, tt.want) {
					t.Errorf("Suggest(%q) = %q, want %q among them", tt.typed, got, tt.want)
				}
			}
		})
	}
	for _, typed := range []string{"", "d", " ", "xyzw", "001099", "0010", "((", "\xff\xfe", strings.Repeat("dang ", 80)} {
		if got := suggest(t, idx, typed, ours); len(got) > 0 {
			t.Errorf("Suggest(%q) = %q, want nothing", typed, got)
		}
	}
}

// testSuggestMarks ranks what has the marks that were typed first.
func testSuggestMarks(t *testing.T, open Opener) {
	var pages []search.PageDoc
	for i, name := range []string{"Trần Văn Hoàn", "Trần Văn Hoan", "Trân Văn Hoán", "Hoàn Trần"} {
		p := page(i+1, "đơn")
		p.Owner = name
		pages = append(pages, p)
	}
	idx := fresh(t, open, pages...)
	for _, tt := range []struct{ typed, want string }{
		{"trần văn hoàn", "person Trần Văn Hoàn"}, {"trân văn ho", "person Trân Văn Hoán"}, {"hoàn", "person Hoàn Trần"},
	} {
		if got := suggest(t, idx, tt.typed, sohoa.Everything); len(got) == 0 || got[0] != tt.want {
			t.Errorf("Suggest(%q) = %q, want %q first", tt.typed, got, tt.want)
		}
	}
}

// testSuggestNoIdentity never suggests an identity number, wherever it came
// from.
func testSuggestNoIdentity(t *testing.T, open Opener) {
	p := page(1, "CCCD 001099012345")
	p.Owner, p.Dossier = "Trần 001099012345", "001099012345"
	p.ProcedureName, p.Fields = "thủ tục 001 099 012 345", map[string]string{sohoa.FieldSubject: "cấp cho 001099012345 thẻ",
		sohoa.FieldTypeName: "Thẻ 123456789", sohoa.FieldOrganName: "Phòng 001.099.012.345"}
	idx := fresh(t, open, p)
	for _, typed := range []string{"001099", "0010990123", "trần", "tran 001", "thủ tục", "cấp cho", "thẻ", "phòng", "1234567", "099"} {
		for _, got := range suggest(t, idx, typed, sohoa.Everything) {
			if strings.ContainsAny(got, "0123456789") {
				t.Errorf("Suggest(%q) = %q, want no identity number", typed, got)
			}
		}
	}
}

// testSuggestHidden adds papers of another agency, and removes papers, and
// expects that nobody else hears of it.
func testSuggestHidden(t *testing.T, open Opener) {
	var theirs []search.PageDoc
	for n := 100; n < 300; n++ {
		p := page(n, "đơn")
		p.Agency, p.Owner = other, fmt.Sprintf("Đặng Văn %s", strings.Repeat("A", n%7+1))
		p.Dossier, p.ProcedureName = fmt.Sprintf("H49.64.34-240305-%04d", n), "Đăng ký mật"
		theirs = append(theirs, p)
	}
	idx := fresh(t, open, papers()...)
	stranger := sohoa.Scope{Agencies: []string{agency}}
	typed := []string{"dang", "đặng v", "h49", "đăng ký", "dang ky mat", "0100", "gi"}
	before := map[string][]string{}
	for _, q := range typed {
		before[q] = suggest(t, idx, q, stranger)
	}
	apply(t, idx, 2, puts(theirs...)...)
	for _, q := range typed {
		if got := suggest(t, idx, q, stranger); !slices.Equal(got, before[q]) {
			t.Errorf("Suggest(%q) = %q after hidden papers came, want %q", q, got, before[q])
		}
		for _, scope := range []sohoa.Scope{{}, {Agencies: []string{"", "H49", agency + "\x1f"}}} {
			if got := suggest(t, idx, q, scope); len(got) > 0 {
				t.Errorf("Suggest(%q, %v) = %q, want nothing", q, scope, got)
			}
		}
	}
	if got := suggest(t, idx, "đăng ký m", sohoa.Scope{Agencies: []string{other}}); len(got) == 0 {
		t.Error("Suggest to those who may see = nothing, want Đăng ký mật")
	}
	for _, p := range papers() {
		apply(t, idx, 3, search.Change{Document: p.Document})
	}
	for _, q := range typed {
		if got := suggest(t, idx, q, stranger); len(got) > 0 {
			t.Errorf("Suggest(%q) = %q after the papers went, want nothing", q, got)
		}
	}
}

// testSuggestShared suggests to an agency what is shared with it.
func testSuggestShared(t *testing.T, open Opener) {
	p := page(1, "đơn")
	p.Owner, p.Shared = "Nông Văn Dền", []string{other}
	idx := fresh(t, open, p)
	for _, a := range []string{agency, other} {
		if got := suggest(t, idx, "nong v", sohoa.Scope{Agencies: []string{a}}); !slices.Equal(got, []string{"person Nông Văn Dền"}) {
			t.Errorf("Suggest to %s = %q, want the name", a, got)
		}
	}
}
