package search_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/search"
	"sohoa/search/searchtest"
)

var key = search.NewPrivacy(search.IdentityKey{1, 2, 3})

func TestHide(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		numbers        []string
	}{
		{"none", "thửa 45, tờ 12, ĐT 0912345678", "thửa 45, tờ 12, ĐT 0912345678", nil},
		{"plain", "Số 001085012345.", "Số 001•••••••345.", []string{"001085012345"}},
		{"two", "001085012345 và 079199000678", "001•••••••345 và 079•••••••678", []string{"001085012345", "079199000678"}},
		{"glued to a word", "CCCD001085012345cấp", "CCCD 001•••••••345 cấp", []string{"001085012345"}},
		{"in groups", "001 085 012 345 ", "001•••••••345 ", []string{"001085012345"}},
		{"with dots", "001.085.012.345", "001•••••••345", []string{"001085012345"}},
		{"in boxes", "Số: 0 0 1 0 8 5 0 1 2 3 4 5\n", "Số: 001•••••••345\n", []string{"001085012345"}},
		{"letters for digits", "OO1085012345", "001•••••••345", []string{"001085012345"}},
		{"letters within", "0010850l2345", "001•••••••345", []string{"001085012345"}},
		{"soft hyphen within", "001085\u00ad012345", "001•••••••345", []string{"001085012345"}},
		{"in a code", "HS-001085012345/QĐ", "HS-001•••••••345/QĐ", []string{"001085012345"}},
		{"behind the card", "IDVNM0850123456001085012345<<8", "IDVNM 001•••••••345<<8", []string{"001085012345"}},
		{"glued to a date", "00108501234515/07/2021", "001•••••••345 15/07/2021", []string{"001085012345"}},
		{"old, said so", "CMND số: 123456789 cấp", "CMND số: 123•••••••789 cấp", []string{"123456789"}},
		{"old, in words", "Giấy chứng minh nhân dân: 123 456 789", "Giấy chứng minh nhân dân: 123•••••••789", []string{"123456789"}},
		{"nine digits of something", "số phát hành 123456789", "số phát hành 123456789", nil},
		{"amount", "123.456.789.000 đồng", "123.456.789.000 đồng", nil},
		{"phone numbers", "0912 345 678 - 0987 654 321", "0912 345 678 - 0987 654 321", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := key.Hide(tt.in)
			if h.Text != tt.want || key.Mask(tt.in) != tt.want {
				t.Errorf("Hide(%q) = %q, want %q", tt.in, h.Text, tt.want)
			}
			var got, want []string
			for _, id := range h.Identities {
				got = append(got, id.Text)
				if s := h.Text[id.Start:id.End]; !regexp.MustCompile(`^\d{3}•{7}\d{3}$`).MatchString(s) {
					t.Errorf("Hide(%q) has a number at %q", tt.in, s)
				}
			}
			for _, n := range tt.numbers {
				want = append(want, key.Term(n))
			}
			if !slices.Equal(got, want) {
				t.Errorf("Hide(%q) = terms %q, want %q", tt.in, got, want)
			}
		})
	}
}

func TestTerm(t *testing.T) {
	other := search.NewPrivacy(search.IdentityKey{3, 2, 1})
	if a, b := key.Term("001085012345"), key.Term("001085012346"); a == b || len(a) != 33 {
		t.Errorf("Term = %q and %q, want two of 33 letters", a, b)
	}
	if key.Term("001085012345") == other.Term("001085012345") || key.Check() == other.Check() {
		t.Error("another key gives the same term")
	}
}

func TestPrivacyQuery(t *testing.T) {
	masked, ids := key.Query(`đất "001085012345" 123456789 001085012345`)
	if want := `đất "001•••••••345" 123•••••••789 001•••••••345`; masked != want {
		t.Errorf("Query = %q, want %q", masked, want)
	}
	if want := []string{key.Term("001085012345"), key.Term("123456789")}; !slices.Equal(ids, want) {
		t.Errorf("Query = %q, want %q", ids, want)
	}
}

// TestTermsHideNumbers puts numbers wherever a page may have them and looks
// for their digits in all that an index gets.
func TestTermsHideNumbers(t *testing.T) {
	const number, old = "001085012345", "123456789"
	says := "CCCD " + number + "/CMND " + old
	d := search.PageDoc{Document: searchtest.ID(1), Page: 1, Text: "Ông A, " + says + ", " + number + "/QĐ-UBND", Name: says + ".pdf",
		Dossier: "H1-" + number, Procedure: number, ProcedureName: says, Agency: "H1", AgencyName: says, Owner: says, OwnerNumber: number,
		Fields: map[string]string{sohoa.FieldTypeName: says, sohoa.FieldCodeNumber: number, sohoa.FieldCodeNotation: says,
			sohoa.FieldSubject: says, sohoa.FieldOrganName: says, sohoa.FieldIssuedDate: number}}
	terms := search.TermsOf(d, key)
	all := []string{terms.Text, terms.Meta, terms.Name, terms.Dossier, terms.Identities, terms.MetaIdentities}
	for _, list := range terms.Fields {
		all = append(all, list...)
	}
	for _, s := range all {
		if s = strings.ReplaceAll(s, "/", ""); strings.Contains(s, number) || strings.Contains(s, old) {
			t.Errorf("%q has a whole number", s)
		}
	}
	for _, n := range []string{number, old} {
		if !slices.Contains(terms.Fields[search.FieldIdentity], key.Term(n)) {
			t.Errorf("no term for %s", n)
		}
	}
}

func FuzzHide(f *testing.F) {
	for _, s := range []string{"", "001085012345", "CMND 123456789\xff", "0 0 1 0 8 5 0 1 2 3 4 5", "OO1085012345x", "1\u00ad2"} {
		f.Add(s)
	}
	whole := regexp.MustCompile(`(^|[^0-9])[0-9]{12}($|[^0-9])`)
	longer := regexp.MustCompile(`[0-9]{13}`)
	f.Fuzz(func(t *testing.T, s string) {
		h := key.Hide(s)
		if whole.MatchString(h.Text) {
			t.Fatalf("Hide(%q) = %q, which has 12 digits", s, h.Text)
		}
		if longer.MatchString(h.Text) { // words are cut somewhere
			return
		}
		for _, w := range h.Analyze().Tokens {
			if w.Start > w.End || w.End > len(h.Text) || whole.MatchString(w.Fold) && !search.IsIdentityTerm(w.Fold) {
				t.Fatalf("Hide(%q) has the word %+v", s, w)
			}
		}
		if again := key.Hide(h.Text); again.Text != h.Text {
			t.Fatalf("Hide(%q) = %q, and of that %q", s, h.Text, again.Text)
		}
	})
}
