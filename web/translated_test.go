package web_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"sohoa"
	"sohoa/web/i18n"
)

// sources are files of this package by a pattern.
func sources(t *testing.T, pattern string) map[string]string {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("Glob(%q) = %v, %v", pattern, names, err)
	}
	files := map[string]string{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(b)
	}
	return files
}

var (
	action          = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	noscript        = regexp.MustCompile(`</?noscript>`)  // what is in it would be one text
	addressed       = regexp.MustCompile(`\S*/\S*`)       // an address, or its beginning
	attributesAlone = regexp.MustCompile(`^\s*[a-z-]+="`) // a template of some attributes
	letters         = regexp.MustCompile(`\pL{2,}`)
)

// sameInBoth is what templates may say without translation: names, and what
// stands on keys.
var sameInBoth = regexp.MustCompile(`^(sohoa|SHA-256|PAdES|EN|Tab|Space|Shift|Alt|Ctrl|Enter|Esc|Delete|Home|End|PageUp|PageDown|PDF|CSV|XLSX|QR|TOTP|OIDC|API|URL|JSON|CCCD)$`)

// samples are what placeholders show as it would be typed.
var samples = map[string]bool{"H00.00.00-260101-0001": true, "XXXX-XXXX-XXXX-XXXX": true, "document.view access.refused": true}

// TestTemplatesSpeakByPhrases finds text in templates that is not a phrase.
func TestTemplatesSpeakByPhrases(t *testing.T) {
	spoken := []string{"placeholder", "title", "aria-label", "alt", "aria-description", "data-shortcut-label"}
	literal := func(name, text string) {
		text = addressed.ReplaceAllString(text, "")
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
			if letters.MatchString(word) && !sameInBoth.MatchString(word) {
				t.Errorf("%s says %q; use a phrase of web/i18n", name, strings.TrimSpace(text))
				return
			}
		}
	}
	for name, source := range sources(t, "templates/*.html") {
		for z := html.NewTokenizer(strings.NewReader(noscript.ReplaceAllString(action.ReplaceAllString(source, ""), ""))); z.Next() != html.ErrorToken; {
			tok := z.Token()
			if tok.Type == html.TextToken && !attributesAlone.MatchString(tok.Data) && !strings.HasPrefix(tok.Data, "sohoa ") { // a command is one in both languages
				literal(name, tok.Data)
			}
			for _, a := range tok.Attr {
				if slices.Contains(spoken, a.Key) && !samples[a.Val] {
					literal(name, a.Val)
				}
			}
		}
	}
}

var (
	scriptText = regexp.MustCompile(`'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"`)
	sentence   = regexp.MustCompile(`^(\p{Lu}\pL+( \pL+)+|\pL+( \pL+){2,})[.!?…:]?$`)
	comment    = regexp.MustCompile(`(?m)^\s*//.*$|\s// .*$`)
)

// TestScriptsSpeakByTheirPages finds sentences in scripts: what those say comes
// from data-... attributes.
func TestScriptsSpeakByTheirPages(t *testing.T) {
	for name, source := range sources(t, "static/*.js") {
		for _, m := range scriptText.FindAllStringSubmatch(comment.ReplaceAllString(source, ""), -1) {
			text := m[1] + m[2]
			if text != "use strict" && (sentence.MatchString(text) || strings.ContainsFunc(text, func(r rune) bool { return r > 0x7f && unicode.IsLetter(r) })) {
				t.Errorf("%s says %q; take it from a data-... attribute", name, text)
			}
		}
	}
}

var english = regexp.MustCompile(`(?i)\b(the|of|and|is|are|was|were|not|with|this|that|from|have|has|been|your|you|will|must|can|cannot|page|file|search|document|dossier|signature|please|error|failed|invalid)\b`)

// englishHere are phrases whose Vietnamese has an English word on purpose.
var englishHere = map[string]bool{}

// alike are phrases that are the same in both languages on purpose.
var alike = regexp.MustCompile(`^(brand|.*\.id|page\.dpi|level\..*|life\.decision-like|new\.person-hint|webhooks\.one|lang\..*)$`)

// TestPhrasesAreTranslated looks for what was left in the other language.
func TestPhrasesAreTranslated(t *testing.T) {
	vietnamese := regexp.MustCompile(`[ăâđêôơưĂÂĐÊÔƠƯạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]`)
	quoted := regexp.MustCompile(`[“"«(][^”"»)]*[”"»)]`)
	for _, key := range i18n.Keys() {
		vi, en := i18n.Text(sohoa.Vietnamese, key), i18n.Text(sohoa.English, key)
		if m := english.FindString(quoted.ReplaceAllString(vi, "")); m != "" && !englishHere[key] {
			t.Errorf("%s: the Vietnamese %q has %q", key, vi, m)
		}
		if vi == en && letters.MatchString(regexp.MustCompile(`%[a-z.0-9]+`).ReplaceAllString(vi, "")) && !alike.MatchString(key) && !sameInBoth.MatchString(vi) {
			t.Errorf("%s is %q in both languages", key, vi)
		}
		if strings.Count(en, " ") > 2 && vietnamese.MatchString(quoted.ReplaceAllString(en, "")) && len(vietnamese.FindAllString(en, -1)) > len(strings.Fields(en))/2 {
			t.Errorf("%s: the English %q is Vietnamese", key, en)
		}
	}
}
