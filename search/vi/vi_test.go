package vi_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa/search/vi"
)

func folds(s string) string {
	var out []string
	for _, t := range vi.Analyze(s).Tokens {
		out = append(out, t.Fold)
	}
	return strings.Join(out, " ")
}

func exacts(s string) string {
	var out []string
	for _, t := range vi.Analyze(s).Tokens {
		out = append(out, t.Exact)
	}
	return strings.Join(out, " ")
}

func TestAnalyzeForms(t *testing.T) {
	for _, tt := range []struct{ name, in, fold, exact string }{
		{"marks", "Giấy chứng nhận", "giay chung nhan", "giây2 chưng2 nhân5"},
		{"đ", "Đất ĐAI", "dat dai", "đât2 đai"},
		{"eth for đ", "Ðất ðai", "dat dai", "đât2 đai"},
		{"old tone style", "hòa thúy", "hoa thuy", "hoa1 thuy2"},
		{"new tone style", "hoà thuý", "hoa thuy", "hoa1 thuy2"},
		{"decomposed", norm.NFD.String("Đặng Hòa Ưởng"), "dang hoa uong", "đăng5 hoa1 ương3"},
		{"upper case", "NGUYỄN THỊ ƯỚC", "nguyen thi uoc", "nguyên4 thi5 ươc2"},
		{"i and y", "ký lý mỹ sỹ tỷ hy quý quỳnh", "ki li mi si ti hi qui quinh", "ki2 li2 mi4 si4 ti3 hi qui2 quinh1"},
		{"y that stays", "tây thủy Thy yên y", "tay thuy thy yen y", "tây thuy3 thy yên y"},
		{"foreign letters", "café Müller", "cafe muller", "cafe2 muller"},
		{"digits", "số 12a", "so 12a", "sô2 12a"},
		{"soft hyphen and zero width", "quyền\u00ad sử\u200bdụng", "quien sudung", "quiên1 sưdung5"},
		{"code parts", "123/QĐ-UBND.", "123 qd ubnd", "123 qđ ubnd"},
		{"nothing", " -–/ ", "", ""},
		{"invalid bytes", "a\xffb", "a b", "a b"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := folds(tt.in); got != tt.fold {
				t.Errorf("Analyze(%q) folds = %q, want %q", tt.in, got, tt.fold)
			}
			if got := exacts(tt.in); got != tt.exact {
				t.Errorf("Analyze(%q) exact = %q, want %q", tt.in, got, tt.exact)
			}
		})
	}
}

func TestAnalyzeCodes(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     []string
	}{
		{"document number", "Số: 123/QĐ-UBND ngày", []string{"123/9d/u8nd"}},
		{"dashes", "123/QĐ–UBND", []string{"123/9d/u8nd"}},
		{"look-alikes", "l23/QD-UBND", []string{"123/9d/u8nd"}},
		{"dossier", "H49.64.33-240305-0012", []string{"h49/64/33/240305/0012"}},
		{"short date", "5/3/2024", []string{"=20240305d"}},
		{"date with zeros", "05-03-2024", []string{"=20240305d"}},
		{"ISO date", "2024-03-05", []string{"=20240305d"}},
		{"long date", "ngày 5 tháng 3 năm 2024", []string{"=20240305d"}},
		{"long date upper", "NGÀY 05 THÁNG 03 NĂM 2024", []string{"=20240305d"}},
		{"amount", "1.500.000 đồng", []string{"=1500000"}},
		{"no day", "45/13/2024", []string{"45/13/2024"}},
		{"no digits", "và/hoặc", nil},
		{"end of sentence", "năm 2024. Căn cứ", []string{"=2024y"}},
		{"spaced", "123 / QĐ", []string{"123/9d"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range vi.Analyze(tt.in).Codes {
				got = append(got, c.Text)
			}
			if strings.Join(got, " ") != strings.Join(tt.want, " ") {
				t.Errorf("Analyze(%q) codes = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestAnalyzeIdentity(t *testing.T) {
	in := "CCCD số 001099012345, điện thoại 0912345678"
	got := vi.Analyze(in).Identities
	if len(got) != 1 || got[0].Text != "001099012345" || in[got[0].Start:got[0].End] != "001099012345" {
		t.Errorf("Analyze(%q) identities = %v, want 001099012345", in, got)
	}
}

func TestPairs(t *testing.T) {
	tokens := vi.Analyze("quyền sử dụng" + vi.Break + "Hòa Bình\fđất").Tokens
	if got := strings.Join(vi.Pairs(tokens), " "); got != "quiensu sudung hoabinh" {
		t.Errorf("Pairs = %q, want %q", got, "quiensu sudung hoabinh")
	}
	if got := strings.Join(vi.ExactPairs(tokens), " "); got != "quiên1sư3 sư3dung5 hoa1binh1" {
		t.Errorf("ExactPairs = %q, want %q", got, "quiên1sư3 sư3dung5 hoa1binh1")
	}
}

func TestNear(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"nguyen", "nguyen", true}, {"nguyen", "nguycn", true}, {"nguyen", "nguyn", true},
		{"nguyn", "nguyen", true}, {"nguyen", "nugyen", true}, {"nguyen", "nguyenx", true},
		{"nguyen", "ngycn", false}, {"ab", "ba", true}, {"abc", "cba", false}, {"", "a", true}, {"", "ab", false},
		{"an", "anh", true}, {"abcd", "abdcx", false},
	} {
		if got := vi.Near(tt.a, tt.b); got != tt.want {
			t.Errorf("Near(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestCodeTermIsStable(t *testing.T) {
	for _, in := range []string{"123/QĐ-UBND", "Zl0.O/S", "H49.64.33-240305-0012"} {
		once := vi.CodeTerm(in)
		if got := vi.CodeTerm(once); got != once {
			t.Errorf("CodeTerm(%q) = %q, want %q", once, got, once)
		}
	}
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"", "Giấy chứng nhận số 123/QĐ-UBND", norm.NFD.String("Đặng Thị Hòa"),
		"ngày 5 tháng 3 năm 2024", "\xff\xfe/1/", "1.000.000", "001099012345", "a\u0301\u0302\u031b", "İstanbul ß ǅ 中文"} {
		f.Add(s)
	}
	for _, s := range []string{"nguyeexn d9a6t1 quyeets ddinhj", "thửa 12 tờ 345, TĐ 1 TBĐ 2", "2,3 tỷ 1 triệu rưỡi 1,500,000 đ", "qđ-ubnd 123 / UBND 1/2/23"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		typed := vi.AnalyzeTyped(s)
		for _, w := range typed.Tokens {
			if w.Start < 0 || w.End <= w.Start || w.End > len(s) || w.Fold == "" || w.Or != nil && w.Or.Fold == "" {
				t.Fatalf("AnalyzeTyped(%q): token %+v of %d", s, w, len(s))
			}
		}
		for _, c := range typed.Codes {
			if c.Start < 0 || c.End <= c.Start || c.End > len(s) || c.Text == "" {
				t.Fatalf("AnalyzeTyped(%q): term %+v of %d", s, c, len(s))
			}
			vi.Wider(c.Text)
		}
		vi.TypedPrefix(s)
		text := vi.Analyze(s)
		end := 0
		for _, tok := range text.Tokens {
			if tok.Start < end || tok.End <= tok.Start || tok.End > len(s) {
				t.Fatalf("Analyze(%q): token %v after %d of %d", s, tok, end, len(s))
			}
			if tok.Fold == "" || !utf8.ValidString(tok.Fold+tok.Exact) || len(tok.Fold) > vi.MaxTerm {
				t.Fatalf("Analyze(%q): token %+v", s, tok)
			}
			end = tok.End
		}
		var words []string
		vi.Words(s, func(forms []byte, exact int, broken bool) {
			words = append(words, fmt.Sprint(string(forms[:exact]), " ", string(forms[exact:]), broken))
		})
		if len(words) != len(text.Tokens) {
			t.Fatalf("Words(%q) = %q, want the %d of Analyze", s, words, len(text.Tokens))
		}
		for i, tok := range text.Tokens {
			if want := fmt.Sprint(tok.Fold, " ", tok.Exact, tok.Break); words[i] != want {
				t.Fatalf("Words(%q)[%d] = %q, want %q", s, i, words[i], want)
			}
		}
		for _, c := range append(text.Codes, text.Identities...) {
			if c.Start < 0 || c.End <= c.Start || c.End > len(s) || c.Text == "" {
				t.Fatalf("Analyze(%q): term %+v of %d", s, c, len(s))
			}
		}
		if len(text.Tokens) == 1 && utf8.ValidString(s) {
			if got := vi.Fold(text.Tokens[0].Fold); got != text.Tokens[0].Fold {
				t.Fatalf("Fold(%q) = %q, want itself", text.Tokens[0].Fold, got)
			}
		}
	})
}
