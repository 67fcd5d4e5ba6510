package web

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sohoa"
)

//go:embed commonpasswords.txt
var commonList string

// commonWords are what people most often make passwords of, without marks,
// digits and signs.
var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(commonList) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			words[line] = true
		}
	}
	return words
})

// checkNewPassword refuses what is too short, or among the first things that
// are guessed: docs/decisions/sign-in.md has the rule and its reasons.
func checkNewPassword(u sohoa.User, password string) error {
	if utf8.RuneCountInString(password) < minPasswordRunes || len(password) > maxPasswordBytes {
		return newProblem(sohoa.ErrInvalid, "user.password-short", strconv.Itoa(minPasswordRunes))
	}
	for _, read := range []string{"", "aaeoilsst"} { // digits and signs left out, and read as letters
		core := passwordCore(password, read)
		for _, own := range []string{passwordCore(u.FullName, read), passwordCore(u.Name, read)} {
			if own != "" {
				core = strings.ReplaceAll(core, own, "")
			}
		}
		if tooPlain(core) {
			return newProblem(sohoa.ErrInvalid, "user.password-common")
		}
	}
	return nil
}

// looksLike are digits and signs that people write in place of letters.
const looksLike = "@430!15$7"

// longDigits are years, sequences and the like in the middle of a password.
var longDigits = regexp.MustCompile(`[0-9]{4,}`)

// passwordCore is what a password says: letters without marks and case. If
// read has letters, those of looksLike are read as these, but for digits and
// signs at the ends and many digits together.
func passwordCore(password, read string) string {
	if read != "" {
		password = longDigits.ReplaceAllString(strings.TrimFunc(password, func(r rune) bool { return !unicode.IsLetter(r) }), "")
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(password)) {
		switch as := strings.IndexRune(looksLike, r); {
		case r == 'đ':
			b.WriteByte('d')
		case unicode.IsLetter(r):
			b.WriteRune(r)
		case as >= 0 && read != "":
			b.WriteByte(read[as])
		}
	}
	return b.String()
}

// tooPlain reports whether a core has too little in it: fewer than four
// different letters, or common words and nothing else.
func tooPlain(core string) bool {
	different := map[rune]bool{}
	for _, r := range core {
		different[r] = true
	}
	return len(different) < 4 || madeOf(core, commonWords())
}

// madeOf reports whether s is words one after the other.
func madeOf(s string, words map[string]bool) bool {
	reached := make([]bool, len(s)+1)
	reached[0] = true
	for at := range len(s) {
		for end := at + 1; end <= len(s) && reached[at]; end++ {
			reached[end] = reached[end] || words[s[at:end]]
		}
	}
	return reached[len(s)]
}
