package syllable_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa/ocr/syllable"
)

func TestWellFormed(t *testing.T) {
	for _, s := range strings.Fields(`Cộng hoà xã hội chủ nghĩa Việt Nam Độc lập Tự do Hạnh phúc
		QUYẾT ĐỊNH Nguyễn Thị Quỳnh Huyền gì giếng giết gìn quốc quyền quyển khuỷu ngoằn ngoèo thuở
		yêu y lý kỹ Ỷ ý xoong hoà hòa nghiêng ghi kỳ huých uyển chuyển rượu bướu đường ôm ăn oai`) {
		if !syllable.WellFormed(s) || !syllable.WellFormed(norm.NFD.String(s)) {
			t.Errorf("WellFormed(%q) = false, want true", s)
		}
	}
	for _, s := range []string{"", "Nguyen", "Viet", "hop", "tap", "tắc'", "quyõt", "céng", "hoμ", "x·", "bbi", "kan", "cê",
		"nghan", "ngê", "hyên", "tấấ", "ṇi", "wi", "ñi", "m", "12", "t5", "nưgời", "phài c", "quuy", "letter"} {
		if syllable.WellFormed(s) {
			t.Errorf("WellFormed(%q) = true, want false", s)
		}
	}
}

func TestMarked(t *testing.T) {
	for s, want := range map[string]bool{"đi": true, "ăn": true, "là": true, "ơ": true, "an": false, "Nam": false, "": false, "ñ": false} {
		if got := syllable.Marked(s); got != want {
			t.Errorf("Marked(%q) = %v, want %v", s, got, want)
		}
	}
}

// TestText checks that nearly all words of real texts pass, and that most of
// them do not once they lost their marks.
func TestText(t *testing.T) {
	files, err := filepath.Glob("../../testdata/truth/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	words, formed, marked := 0, 0, 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range strings.FieldsFunc(string(b), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
			if strings.ToUpper(w) == w && len(w) < 6 {
				continue // abbreviations
			}
			words++
			if syllable.WellFormed(w) {
				formed++
			} else {
				t.Logf("%s: %q", filepath.Base(f), w)
			}
			if syllable.Marked(w) {
				marked++
			}
		}
	}
	t.Logf("%d words, %d well-formed, %d marked", words, formed, marked)
	if words < 1000 || formed*100 < words*98 || marked*100 < words*65 {
		t.Errorf("of %d words %d are well-formed and %d marked", words, formed, marked)
	}
}
