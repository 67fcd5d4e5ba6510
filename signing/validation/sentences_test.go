package validation

import (
	"fmt"
	"strings"
	"testing"
)

// Every sentence exists in both languages and takes the same arguments.
func TestSentencesAreComplete(t *testing.T) {
	for code, s := range sentences {
		if s.vi == "" || s.en == "" {
			t.Errorf("sentence %q lacks a language", code)
		}
		for i := range 6 {
			arg := fmt.Sprintf("{%d}", i)
			if strings.Contains(s.vi, arg) != strings.Contains(s.en, arg) {
				t.Errorf("sentence %q uses %s in one language only", code, arg)
			}
		}
	}
}
