package vi

import (
	"strings"
	"unicode"
)

// What a syllable is made of, as ocr/syllable has it: an initial, a rhyme and
// a tone. Search judges by it what somebody may have meant to type.
var (
	initials = []string{
		"ngh", "ng", "nh", "n", "gh", "gi", "g", "kh", "k", "ch", "c", "tr", "th", "t", "ph", "p", "qu",
		"b", "d", "đ", "h", "l", "m", "r", "s", "v", "x", "",
	}

	// rhymes are all of them but those after qu, by their vowels.
	rhymes = wordSet(`
	a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
	e ec em en eng eo ep et ê êch êm ên ênh êp êt êu
	i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
	y ych ynh yt yêm yên yêng yêt yêu
	o oc oi om on ong ooc oong op ot
	oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
	ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
	u ua uc ui um un ung up ut uôc uôi uôm uôn uông uôt
	uâng uân uât uây uê uêch uênh uơ uy uya uych uyn uynh uyp uyt uyu uyên uyêt
	ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu`)

	// afterQu are the rhymes after qu, whose u is the one of oa, uê and uy.
	afterQu = wordSet(`
	a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây
	e en eo et ê êch ên ênh êt i ich in inh it ơ ôc y ych yn ynh yt yên yêt`)

	plainRhymes, plainAfterQu = plainSet(rhymes), plainSet(afterQu)
)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// plainSet is set without marks, and with i for a leading y as well.
func plainSet(set map[string]bool) map[string]bool {
	m := map[string]bool{}
	for w := range set {
		p := strings.Map(func(r rune) rune { return table[r].fold }, w)
		m[p] = true
		if rest, ok := strings.CutPrefix(p, "y"); ok {
			m["i"+rest] = true
		}
	}
	return m
}

// isSyllable reports whether letters, in lower case with quality marks but
// without tone, are spelt like a syllable that is said with tone.
func isSyllable(letters string, tone uint8) bool {
	rhyme, ok := rhymeOf(letters, rhymes, afterQu)
	return ok && (tone == 2 || tone == 5 || !stopped(rhyme))
}

// beginsSyllable reports whether letters may go on as a syllable.
func beginsSyllable(letters string) bool {
	for _, initial := range initials {
		rest, ok := strings.CutPrefix(letters, initial)
		if !ok {
			continue
		}
		for rhyme := range rhymes {
			if strings.HasPrefix(rhyme, rest) && joins(initial, rhyme) {
				return true
			}
		}
	}
	return false
}

// stopped reports whether a rhyme ends in a stop; it is said with the acute
// or the dot.
func stopped(rhyme string) bool {
	switch rhyme[len(rhyme)-1] {
	case 'c', 'p', 't':
		return true
	}
	return strings.HasSuffix(rhyme, "ch")
}

// isPlainSyllable is isSyllable of a folded form.
func isPlainSyllable(fold string) bool {
	_, ok := rhymeOf(fold, plainRhymes, plainAfterQu)
	return ok
}

// rhymeOf cuts the initial off a syllable.
func rhymeOf(letters string, rhymes, afterQu map[string]bool) (string, bool) {
	for _, initial := range initials {
		rhyme, ok := strings.CutPrefix(letters, initial)
		if !ok || !joins(initial, rhyme) {
			continue
		}
		if initial == "qu" && afterQu[rhyme] || initial != "qu" && rhymes[rhyme] {
			return rhyme, true
		}
	}
	return "", false
}

// joins reports whether the initial is written before such a rhyme: k, gh and
// ngh stand before e, ê, i and y, for which c, g and ng do not.
func joins(initial, rhyme string) bool {
	front := strings.HasPrefix(rhyme, "e") || strings.HasPrefix(rhyme, "ê") ||
		strings.HasPrefix(rhyme, "i") || strings.HasPrefix(rhyme, "y")
	switch initial {
	case "k", "gh", "ngh":
		return front
	case "c", "ng":
		return !front
	case "g": // gì, giếng
		return !front || strings.HasPrefix(rhyme, "i")
	case "", "qu":
		return true
	}
	return rhyme == "y" || !strings.HasPrefix(rhyme, "y")
}

// isAbbreviation reports whether a folded word is the kind of letters that
// stand in the notation of a document: QĐ, UBND, TTr.
func isAbbreviation(fold string) bool {
	if len(fold) < 2 || len(fold) > 6 || strings.ContainsFunc(fold, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return false
	}
	switch fold {
	case "km", "kg", "cm", "mm", "ml", "vnd", "usd", "tel", "fax":
		return false
	}
	return !isPlainSyllable(fold)
}
