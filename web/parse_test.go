package web

import (
	"mime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
)

func TestPasswordHash(t *testing.T) {
	s := &Server{hashing: make(chan struct{}, 1)}
	encoded := hashPassword("mật khẩu dài")
	for _, tt := range []struct {
		name, encoded, password string
		want                    bool
	}{
		{"right", encoded, "mật khẩu dài", true},
		{"wrong", encoded, "mật khẩu dai", false},
		{"none set", "", "", false},
		{"damaged", encoded[:len(encoded)-5], "mật khẩu dài", false},
		{"dear parameters", strings.Replace(encoded, "m=65536", "m=99999999", 1), "mật khẩu dài", false},
		{"endless", encoded, strings.Repeat("x", maxPasswordBytes+1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := s.checkPassword(t.Context(), tt.encoded, tt.password)
			if err != nil || got != tt.want {
				t.Errorf("checkPassword(%.20q, %.20q) = %t, %v; want %t", tt.encoded, tt.password, got, err, tt.want)
			}
		})
	}
	if first, second := hashPassword("a"), hashPassword("a"); first == second {
		t.Error("two hashes of one password are equal, want different salts")
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=65536,t=3,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=0,t=0,p=0$$")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := parsePHC(s)
		if err == nil && (h.memory > maxArgonMemory || h.passes > maxArgonPasses || h.passes == 0 || h.lanes == 0 || len(h.key) > 64) {
			t.Errorf("parsePHC(%q) = %+v, want an error", s, h)
		}
	})
}

func FuzzAttachment(f *testing.F) {
	for _, name := range []string{"Quyết định.pdf", "a\r\nSet-Cookie: x", `"; filename=evil.exe`, "../../x", "\u202Egpj.exe", "%00", "\xff\xfe"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		header := attachment(name)
		if strings.ContainsFunc(header, func(r rune) bool { return r > '~' || unicode.IsControl(r) }) {
			t.Fatalf("attachment(%q) = %q, want visible ASCII", name, header)
		}
		kind, params, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || len(params) != 1 {
			t.Fatalf("attachment(%q) = %q, read as %q %q, %v", name, header, kind, params, err)
		}
		if strings.ContainsAny(params["filename"], "/\\\r\n\x00") {
			t.Errorf("attachment(%q) names %q", name, params["filename"])
		}
	})
}

func TestLimiterForgetsAndBounds(t *testing.T) {
	o := newLimiter(time.Now, 2, signInEvery)
	for i := range limiterKeys + 100 {
		o.take(strings.Repeat("k", i%50) + string(rune(i)))
	}
	if len(o.free) > limiterKeys {
		t.Errorf("limiter remembers %d keys, want at most %d", len(o.free), limiterKeys)
	}
	if passed := []bool{o.take("a"), o.take("a"), o.take("a")}; !slices.Equal(passed, []bool{true, true, false}) {
		t.Error("limiter of 2 does not let two pass and hold the third")
	}
}
