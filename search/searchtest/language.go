package searchtest

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// language makes running text: function words, and compounds of two syllables
// by Zipf's law. The commonest compounds are those of offices; the others are
// of syllables that Vietnamese may have.
type language struct {
	compounds [][2]string
	table     [1 << 16]uint16 // compounds by their share
}

// Sizes of the vocabulary.
const (
	compoundWords = 20_000
	commonWords   = 400 // compounds that no phrase is known by
)

// newLanguage makes the vocabulary of a seed.
func newLanguage(seed uint64) *language {
	rnd := rand.New(rand.NewPCG(seed, 1))
	l := new(language)
	for _, w := range officeWords {
		a, b, _ := strings.Cut(w, " ")
		l.compounds = append(l.compounds, [2]string{a, b})
	}
	rnd.Shuffle(len(l.compounds), func(i, j int) { l.compounds[i], l.compounds[j] = l.compounds[j], l.compounds[i] })
	made := syllables()
	rnd.Shuffle(len(made), func(i, j int) { made[i], made[j] = made[j], made[i] })
	made = made[:6000]
	// Few syllables make many compounds: squaring prefers the first.
	one := func() string { return made[int(math.Pow(rnd.Float64(), 2)*float64(len(made)))] }
	for len(l.compounds) < compoundWords {
		l.compounds = append(l.compounds, [2]string{one(), one()})
	}
	var sum float64
	upTo := make([]float64, len(l.compounds))
	for i := range upTo {
		sum += math.Pow(float64(i+20), -1.05)
		upTo[i] = sum
	}
	for i, at := 0, 0; i < len(l.table); i++ {
		for upTo[at] < sum*(float64(i)+.5)/float64(len(l.table)) {
			at++
		}
		l.table[i] = uint16(at)
	}
	return l
}

// compound draws the rank of a compound. The tail, too rare for the table, is
// drawn evenly now and then.
func (l *language) compound(rnd *rand.Rand) int {
	n := rnd.Uint64()
	if n>>60 == 0 {
		return int(n & (1<<32 - 1) * uint64(len(l.compounds)) >> 32)
	}
	return int(l.table[n&(1<<16-1)])
}

// run appends n words of text or one more. phrase is a part of it that no
// other text has, nil if there is none.
func (l *language) run(rnd *rand.Rand, words []string, n int) (out, phrase []string) {
	start, rare, from := len(words), 0, 0
	for len(words)-start < n {
		if rnd.Uint32()%4 == 0 {
			words = append(words, functionWords[rnd.Uint32()%uint32(len(functionWords))])
			continue
		}
		k := l.compound(rnd)
		words = append(words, l.compounds[k][0], l.compounds[k][1])
		if k < commonWords {
			continue
		}
		if rare++; rare == 1 {
			from = len(words) - 2
		} else if phrase == nil && len(words)-from <= phraseWords {
			from = max(start, len(words)-phraseWords)
			phrase = words[from:len(words):len(words)]
		} else {
			from = len(words) - 2
		}
	}
	return words, slices.Clone(phrase)
}

// phraseWords is the length of a phrase that people remember.
const phraseWords = 7

// syllables are what the spelling allows of some onsets, rimes and tones.
func syllables() []string {
	const (
		onsets = "_ b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
		rimes  = "a ac ach ai am an ang anh ao ap at au ăm ăn ăng ăp ăt âm ân âng âp ât âu âi " +
			"e em en et ê êm ên êt êu i ich im in inh ip it iêm iên iêp iêt iêu o oa oai oan oc oi om on ong op ot " +
			"ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u uc ui um un ung up ut uôc uôi uôn uông ua ư ưc ưng ươc ươi ươm ươn ương ưa"
		tones = "\u0300\u0301\u0309\u0303\u0323"
	)
	var out []string
	for _, on := range strings.Fields(onsets) {
		for _, rime := range strings.Fields(rimes) {
			s := spelt(strings.Trim(on, "_"), rime)
			stopped := strings.ContainsAny(rime[len(rime)-1:], "cpt") || strings.HasSuffix(rime, "ch")
			for _, t := range tones {
				if !stopped || t == '\u0301' || t == '\u0323' {
					out = append(out, toned(s, rime, t))
				}
			}
			if !stopped {
				out = append(out, norm.NFC.String(s))
			}
		}
	}
	return out
}

// spelt joins an onset and a rime.
func spelt(onset, rime string) string {
	front := strings.HasPrefix(rime, "i") || strings.HasPrefix(rime, "e") || strings.HasPrefix(rime, "ê")
	switch {
	case front && onset == "c":
		return "k" + rime
	case front && (onset == "g" || onset == "ng"):
		return onset + "h" + rime
	case onset == "gi" && strings.HasPrefix(rime, "i"):
		return "g" + rime
	}
	return onset + rime
}

// toned puts a tone on the vowel of rime that carries it, in s that ends with
// rime: the marked vowel, the second of two before a consonant, else the first.
func toned(s, rime string, tone rune) string {
	before, letters := s[:len(s)-len(strings.TrimPrefix(rime, "i"))], []rune(rime)
	if strings.HasSuffix(s, rime) {
		before = s[:len(s)-len(rime)]
	} else {
		letters = []rune(strings.TrimPrefix(rime, "i"))
	}
	at := 0
	for i, r := range letters {
		if strings.ContainsRune("ăâêôơ", r) || r == 'ư' && !strings.ContainsRune(rime, 'ơ') {
			at = i
		}
	}
	if strings.HasPrefix(rime, "oa") && len(rime) > 2 {
		at = 1
	}
	return norm.NFC.String(before + string(letters[:at+1]) + string(tone) + string(letters[at+1:]))
}
