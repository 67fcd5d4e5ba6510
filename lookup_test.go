package sohoa_test

import (
	"errors"
	"regexp"
	"testing"

	"sohoa"
)

func TestLookupCodes(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{16}$`)
	seen := map[string]bool{}
	for range 1000 {
		code := sohoa.NewLookup()
		if !form.MatchString(code) || seen[code] {
			t.Fatalf("NewLookup() = %q, want 16 characters, each time others", code)
		}
		seen[code] = true
		if got, err := sohoa.ParseLookup(sohoa.FormatLookup(code)); got != code || err != nil {
			t.Errorf("ParseLookup(%q) = %q, %v, want %q", sohoa.FormatLookup(code), got, err, code)
		}
	}
	for _, tt := range []struct{ name, in, want string }{
		{"small letters and groups", "k7qx 0000-1111.zzzz", "K7QX00001111ZZZZ"},
		{"letters that look like digits", "K7QXOOOOILIlZZZZ", "K7QX00001111ZZZZ"},
		{"short", "K7QX", ""},
		{"long", "K7QX00001111ZZZZ0", ""},
		{"foreign letters", "K7QX0000ĐĐĐĐZZZZ", ""},
		{"no code", "", ""},
	} {
		got, err := sohoa.ParseLookup(tt.in)
		if got != tt.want || tt.want == "" && !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("%s: ParseLookup(%q) = %q, %v, want %q", tt.name, tt.in, got, err, tt.want)
		}
	}
}

func FuzzParseLookup(f *testing.F) {
	f.Add("k7qx-0000-1111-zzzz")
	f.Add("İıſK")
	f.Fuzz(func(t *testing.T, s string) {
		code, err := sohoa.ParseLookup(s)
		if err == nil && len(code) != 16 {
			t.Errorf("ParseLookup(%q) = %q, want 16 characters", s, code)
		}
	})
}
