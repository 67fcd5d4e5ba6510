package vi

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// AnalyzeTyped is Analyze of what somebody typed, perhaps while the input
// method was off or half on: the keys of Telex (nguyeexn) or VNI (nguye64n)
// then stand in the text. A word that is no syllable, and would be one by its
// keys, gets the other reading in Token.Or. Where little doubt is left, by two
// keys in the word or two such words, the syllable comes first and what was
// typed is the other reading.
//
// Places are those of s. It is for queries. Texts are not read so: what stands there stands there.
func AnalyzeTyped(s string) Text {
	typed := Analyze(s)
	readings := make(map[int]reading)
	for i, t := range typed.Tokens {
		if r, ok := readKeys(s[t.Start:t.End]); ok && !inCode(s, typed.Tokens, i) {
			readings[i] = r
		}
	}
	if len(readings) == 0 {
		return typed
	}
	out := typed
	if sure := len(readings) > 1; sure || anySure(readings) {
		out = Analyze(replace(s, typed.Tokens, func(i int) (string, bool) {
			r, ok := readings[i]
			return r.word, ok && (sure || r.keys > 1)
		}))
	}
	if len(out.Tokens) != len(typed.Tokens) {
		return typed
	}
	out.moveTo(typed.Tokens)
	for i, r := range readings {
		other := Analyze(r.word).Tokens[0]
		if out.Tokens[i].Fold == other.Fold && out.Tokens[i].Exact == other.Exact {
			other = typed.Tokens[i]
		}
		other.Or = nil
		out.Tokens[i].Or = &other
	}
	return out
}

// TypedPrefix is the folded form of a word that somebody is typing with the
// keys of Telex or VNI, if its keys may yet make a syllable.
func TypedPrefix(word string) (fold string, ok bool) {
	ty, ok := takeKeys(word)
	if !ok || ty.keys == 0 || !beginsSyllable(string(ty.letters)) {
		return "", false
	}
	return Fold(string(ty.letters)), true
}

// moveTo gives the tokens and terms of t the places of tokens, of which there
// are as many.
func (t *Text) moveTo(tokens []Token) {
	starts, ends := make(map[int]int, len(tokens)), make(map[int]int, len(tokens))
	for i := range tokens {
		w := &t.Tokens[i]
		starts[w.Start], ends[w.End] = tokens[i].Start, tokens[i].End
		w.Start, w.End = tokens[i].Start, tokens[i].End
	}
	for _, terms := range [][]Term{t.Codes, t.Identities} {
		for i := range terms {
			terms[i].Start, terms[i].End = starts[terms[i].Start], ends[terms[i].End]
		}
	}
}

// reading is a syllable that was typed with the keys of an input method.
type reading struct {
	word string // NFC
	keys int    // that were taken for marks
}

func anySure(readings map[int]reading) bool {
	for _, r := range readings {
		if r.keys > 1 {
			return true
		}
	}
	return false
}

// inCode reports whether token i is joined to a neighbour, as the parts of a
// code are.
func inCode(s string, tokens []Token, i int) bool {
	for _, j := range []int{i, i + 1} {
		if j == 0 || j == len(tokens) {
			continue
		}
		gap := s[tokens[j-1].End:tokens[j].Start]
		if r, n := utf8.DecodeRuneInString(gap); n == len(gap) && isJoiner(r) {
			return true
		}
	}
	return false
}

// replace is s with other words for some of its tokens.
func replace(s string, tokens []Token, word func(i int) (string, bool)) string {
	var b strings.Builder
	at := 0
	for i, t := range tokens {
		if w, ok := word(i); ok {
			b.WriteString(s[at:t.Start])
			b.WriteString(w)
			at = t.End
		}
	}
	return b.String() + s[at:]
}

// typing is a word under way, as the input method would have made it.
type typing struct {
	letters []rune // with quality marks
	tone    uint8
	keys    int
	late    bool // a vowel was typed again after the end of the syllable
}

// longestTyped bounds the letters and keys of one syllable.
const longestTyped = 12

// readKeys reads word by the keys of Telex or VNI.
func readKeys(word string) (reading, bool) {
	ty, ok := takeKeys(word)
	if !ok || ty.keys == 0 || ty.late && ty.keys < 2 || !ty.finish() {
		return reading{}, false
	}
	return reading{ty.word(), ty.keys}, true
}

// takeKeys takes the keys of word, one after the other. A word that is a
// syllable without them is refused, and so is one with keys that do nothing.
func takeKeys(word string) (*typing, bool) {
	ty := new(typing)
	fold, digits := "", 0
	if len(word) > 3*longestTyped {
		return nil, false
	}
	for _, r := range word {
		if l, kind := lookup(r); kind == kindLetter {
			fold += string(l.fold)
			if l.fold >= '0' && l.fold <= '9' {
				digits++
			}
		}
	}
	if len(fold)-digits < 2 || isPlainSyllable(fold) && !strings.Contains(fold, "oo") {
		return nil, false
	}
	step := ty.telex
	if digits > 0 {
		step = ty.vni
	}
	for _, r := range norm.NFC.String(word) {
		if l, kind := lookup(r); kind != kindLetter || !ty.old(l) || !step(l.qual) {
			return nil, false
		}
	}
	return ty, true
}

// finish reports whether the letters make a syllable, with the horns that
// input methods add (dduwong) or keep off (thuowr).
func (ty *typing) finish() bool {
	typed := string(ty.letters)
	for _, letters := range []string{typed, strings.Replace(typed, "ưo", "ươ", 1), strings.Replace(typed, "ươ", "uơ", 1)} {
		ty.letters = []rune(letters)
		if isSyllable(letters, ty.tone) || ty.beforeTone() {
			return true
		}
	}
	return false
}

// beforeTone reports whether a syllable that ends in a stop lacks only its
// tone: quyeet, half typed.
func (ty *typing) beforeTone() bool {
	return ty.tone == 0 && isSyllable(string(ty.letters), 2)
}

// old takes over the tone that a letter bears already.
func (ty *typing) old(l letter) bool {
	if l.tone == 0 {
		return true
	}
	if ty.tone != 0 {
		return false
	}
	ty.tone = l.tone
	return true
}

// telex takes one key of Telex.
func (ty *typing) telex(key rune) bool {
	switch key {
	case 's', 'f', 'r', 'x', 'j':
		if ty.lastOf("aăâeêioôơuưy") >= 0 {
			return ty.setTone(map[rune]uint8{'f': 1, 's': 2, 'r': 3, 'x': 4, 'j': 5}[key])
		}
	case 'd':
		if len(ty.letters) > 0 {
			return ty.bar()
		}
	case 'a', 'e', 'o':
		if i := ty.lastOf(string(key)); i >= 0 && (i == len(ty.letters)-1 || !isVowel(ty.letters[len(ty.letters)-1])) {
			ty.late = ty.late || i < len(ty.letters)-1
			return ty.set(i, quality(key, markCircumflex))
		}
	case 'w':
		return ty.horn() || ty.breve() || ty.lastOf("aăâeêioôơuưy") < 0 && ty.add('ư')
	case 'z':
		return false
	}
	ty.letters = append(ty.letters, key)
	return len(ty.letters) <= longestTyped
}

// vni takes one key of VNI.
func (ty *typing) vni(key rune) bool {
	switch key {
	case '1', '2', '3', '4', '5':
		return ty.lastOf("aăâeêioôơuưy") >= 0 && ty.setTone([]uint8{2, 1, 3, 4, 5}[key-'1'])
	case '6':
		i := ty.lastOf("aeo")
		return i >= 0 && ty.set(i, quality(ty.letters[i], markCircumflex))
	case '7':
		return ty.horn()
	case '8':
		return ty.breve()
	case '9':
		return ty.bar()
	case '0':
		return false
	}
	ty.letters = append(ty.letters, key)
	return len(ty.letters) <= longestTyped
}

func (ty *typing) setTone(tone uint8) bool {
	if ty.tone != 0 && ty.tone != tone {
		return false
	}
	ty.tone = tone
	ty.keys++
	return true
}

// set gives letter i its quality mark.
func (ty *typing) set(i int, to rune) bool {
	ty.letters[i] = to
	ty.keys++
	return true
}

// add appends a letter that is a key of its own.
func (ty *typing) add(r rune) bool {
	ty.letters = append(ty.letters, r)
	ty.keys++
	return true
}

// bar makes đ of the d at the beginning.
func (ty *typing) bar() bool {
	return len(ty.letters) > 0 && ty.letters[0] == 'd' && ty.set(0, 'đ')
}

// horn makes ươ of uo, ư of u and ơ of o; ua becomes ưa.
func (ty *typing) horn() bool {
	i := ty.lastOf("uo")
	if i < 0 || ty.letters[i] == 'o' && i+1 < len(ty.letters) && ty.letters[i+1] == 'a' {
		return false // hoặc
	}
	if ty.letters[i] == 'u' && i > 0 && ty.letters[0] == 'q' {
		return false // quặng
	}
	if ty.letters[i] == 'o' && i > 0 && (ty.letters[i-1] == 'u' || ty.letters[i-1] == 'ư') && ty.letters[0] != 'q' {
		ty.letters[i-1] = 'ư'
	}
	return ty.set(i, quality(ty.letters[i], markHorn))
}

// breve makes ă of a.
func (ty *typing) breve() bool {
	i := ty.lastOf("a")
	return i >= 0 && ty.set(i, 'ă')
}

// lastOf is where the last of some letters stands, or -1.
func (ty *typing) lastOf(letters string) int {
	for i := len(ty.letters) - 1; i >= 0; i-- {
		if strings.ContainsRune(letters, ty.letters[i]) {
			return i
		}
	}
	return -1
}

func isVowel(r rune) bool { return strings.ContainsRune("aăâeêioôơuưy", r) }

// word is the syllable in NFC. Its tone stands on the last marked vowel, or on
// the last vowel before the end.
func (ty *typing) word() string {
	at := ty.lastOf("ăâêôơư")
	if at < 0 {
		at = ty.lastOf("aeiouy")
	}
	var b strings.Builder
	for i, r := range ty.letters {
		b.WriteRune(r)
		if i == at && ty.tone > 0 {
			b.WriteRune([]rune{markGrave, markAcute, markHook, markTilde, markDot}[ty.tone-1])
		}
	}
	return norm.NFC.String(b.String())
}
