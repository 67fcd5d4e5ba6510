package sohoa

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every sentence exists in both languages and takes the same arguments.
func TestMessagesAreComplete(t *testing.T) {
	for code, m := range messages {
		if m.vi == "" || m.en == "" {
			t.Errorf("message %q lacks a language", code)
		}
		for i := range 5 {
			arg := fmt.Sprintf("{%d}", i)
			if strings.Contains(m.vi, arg) != strings.Contains(m.en, arg) {
				t.Errorf("message %q uses %s in one language only", code, arg)
			}
		}
	}
}

var (
	codeUsed    = regexp.MustCompile(`(?:newProblem\([\w.]+, |Problem\{(?:Kind: [\w.]+, )?Code: )"([a-z]+[a-z0-9-]*(?:\.[a-z0-9-]+)+)"`)
	englishWord = regexp.MustCompile(`(?i)\b(the|of|and|is|are|was|not|with|this|that|from|have|been|your|you|will|must|cannot|failed|invalid)\b`)
	quotedText  = regexp.MustCompile("--[a-z-]+|[“\"«(`][^”\"»)`]*[”\"»)`]")
)

// TestEveryCodeHasASentence looks for codes of problems in all sources.
func TestEveryCodeHasASentence(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != "." {
			return cmp.Or(err, fs.SkipDir)
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !bytes.Contains(b, []byte("Problem")) {
			return nil
		}
		for _, m := range codeUsed.FindAllSubmatch(b, -1) {
			code := string(m[1])
			found[code] = true
			if _, ok := messages[code]; !ok && !strings.HasSuffix(code, "-") && !strings.Contains(name, "archivetest") {
				t.Errorf("%s: the problem %q has no sentence", name, code)
			}
		}
		return nil
	})
	if err != nil || len(found) < 100 {
		t.Errorf("%d codes were found, %v; want all", len(found), err)
	}
}

// TestMessagesAreTranslated looks for English in the Vietnamese sentences.
func TestMessagesAreTranslated(t *testing.T) {
	for code, m := range messages {
		if word := englishWord.FindString(quotedText.ReplaceAllString(m.vi, "")); word != "" || m.vi == m.en {
			t.Errorf("%s: the Vietnamese %q has %q", code, m.vi, word)
		}
	}
}
