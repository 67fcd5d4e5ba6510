package vi

// Pairs are the folded forms of every two adjacent tokens, glued: "quyền sử
// dụng" gives quiensu, sudung. They are the compound words of Vietnamese, far
// more selective than syllables, and they meet the spaces that recognition
// loses and adds.
func Pairs(tokens []Token) []string {
	return glue(tokens, func(t Token) string { return t.Fold })
}

// ExactPairs are the same of the exact forms.
func ExactPairs(tokens []Token) []string {
	return glue(tokens, func(t Token) string { return t.Exact })
}

func glue(tokens []Token, form func(Token) string) []string {
	out := make([]string, 0, len(tokens))
	for i := 1; i < len(tokens); i++ {
		if !tokens[i].Break {
			out = append(out, form(tokens[i-1])+form(tokens[i]))
		}
	}
	return out
}

// Near reports whether folded forms a and b differ by at most one edit: one
// letter replaced, added, dropped, or two neighbours exchanged.
func Near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i >= len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
