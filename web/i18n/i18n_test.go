package i18n_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/ingest/raster"
	"sohoa/ocr/layer"
	"sohoa/web/i18n"
)

var (
	verb   = regexp.MustCompile(`%[a-z]`)
	action = regexp.MustCompile(`(?m)^\tAction\w+\s+(?:Action\s+)?= "([a-z.-]+)"`)
)

func TestBothLanguagesAreComplete(t *testing.T) {
	if len(i18n.Keys()) < 100 {
		t.Fatalf("Keys() = %d keys, want the whole table", len(i18n.Keys()))
	}
	for _, key := range i18n.Keys() {
		vi, en := i18n.Text(sohoa.Vietnamese, key), i18n.Text(sohoa.English, key)
		if vi == "" || en == "" {
			t.Errorf("%q: vi %q, en %q; want both", key, vi, en)
		}
		if a, b := verb.FindAllString(vi, -1), verb.FindAllString(en, -1); !slices.Equal(a, b) {
			t.Errorf("%q: verbs %q in vi, %q in en; want the same", key, a, b)
		}
	}
}

// TestEveryReasonHasASentence checks the reasons of what was done to pages.
func TestEveryReasonHasASentence(t *testing.T) {
	written := []string{pdfa.ReasonCMYK, pdfa.ReasonRGB, pdfa.ReasonUnfinished, pdfa.ReasonInterlaced,
		pdfa.ReasonTransparent, pdfa.ReasonDeep, pdfa.ReasonProfile}
	for _, code := range slices.Concat(written, raster.Reasons, layer.Reasons) {
		if !i18n.Has("reason." + code) {
			t.Errorf("no sentence for %q", code)
		}
	}
}

// TestEveryActionHasAPhrase finds the actions of the journal in their source.
func TestEveryActionHasAPhrase(t *testing.T) {
	files, err := filepath.Glob("../../*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range action.FindAllSubmatch(source, -1) {
			if found++; !i18n.Has("action." + string(m[1])) {
				t.Errorf("no phrase for the action %q", m[1])
			}
		}
	}
	if found < 50 {
		t.Errorf("%d actions were found, want all", found)
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct {
		name, key string
		lang      sohoa.Lang
		args      []any
		want      string
	}{
		{"Vietnamese", "page.number", sohoa.Vietnamese, []any{3}, "Trang 3"},
		{"English", "page.number", sohoa.English, []any{3}, "Page 3"},
		{"missing", "no.such", sohoa.English, nil, "no.such"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := i18n.Text(tt.lang, tt.key, tt.args...); got != tt.want {
				t.Errorf("Text(%s, %q) = %q, want %q", tt.lang, tt.key, got, tt.want)
			}
		})
	}
}
