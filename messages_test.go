package sohoa

import (
	"fmt"
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
