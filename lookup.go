package sohoa

import (
	"crypto/rand"
	"strings"
)

// lookupLength is the number of characters of a lookup code: 80 random bits,
// five to a character.
const lookupLength = 16

// NewLookup makes a lookup code (mã tra cứu), the value of Document.Lookup: 16
// capital letters and digits that nobody guesses, without those that look
// alike on a printed copy (I, L, O, U).
func NewLookup() string {
	var b [10]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return crockford.EncodeToString(b[:])
}

// ParseLookup reads a lookup code as people type it from paper: in either
// case, in groups, with O for 0 and I or L for 1. What cannot be one is the
// Problem "lookup.unknown", as is a code that no document has: the two are not
// told apart.
func ParseLookup(s string) (string, error) {
	code := strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '.':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(s))
	if len(code) != lookupLength || strings.Trim(code, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		return "", &Problem{Kind: ErrNotExist, Code: "lookup.unknown"}
	}
	return code, nil
}

// FormatLookup writes a lookup code in groups of four, as people read it.
func FormatLookup(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}
