package syllable

import "strings"

// initials, longest first where one begins another; the empty one is last.
var initials = []string{
	"ngh", "ng", "nh", "n", "gh", "gi", "g", "kh", "k", "ch", "c", "tr", "th", "t", "ph", "p", "qu",
	"b", "d", "đ", "h", "l", "m", "r", "s", "v", "x", "",
}

// rhymes are all of them but those after qu, by their vowels.
var rhymes = set(`
	a ac ach ai am an ang anh ao ap at au ay
	ăc ăm ăn ăng ăp ăt
	âc âm ân âng âp ât âu ây
	e ec em en eng eo ep et
	ê êch êm ên ênh êp êt êu
	i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu
	y ych ynh yt yêm yên yêng yêt yêu
	o oc oi om on ong ooc oong op ot
	oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet
	ô ôc ôi ôm ôn ông ôp ôt
	ơ ơi ơm ơn ơp ơt
	u ua uc ui um un ung up ut uôc uôi uôm uôn uông uôt
	uâng uân uât uây uê uêch uênh uơ uy uya uych uyn uynh uyp uyt uyu uyên uyêt
	ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
`)

// afterQu are the rhymes after qu, whose u is the one of oa, uê and uy.
var afterQu = set(`
	a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây
	e en eo et ê êch ên ênh êt i ich in inh it ơ ôc y ych yn ynh yt yên yêt
`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// joins reports whether the rhyme is written after the initial: k, gh and ngh
// stand before e, ê, i and y, for which c, g and ng do not; the rhymes of y
// with another vowel stand alone; gi takes in the i of its rhyme.
func joins(initial, rhyme string) bool {
	front := strings.HasPrefix(rhyme, "e") || strings.HasPrefix(rhyme, "ê") || strings.HasPrefix(rhyme, "i") || strings.HasPrefix(rhyme, "y")
	switch initial {
	case "qu":
		return afterQu[rhyme]
	case "k", "gh", "ngh":
		if !front {
			return false
		}
	case "c", "ng":
		if front {
			return false
		}
	case "g": // gì, giếng
		if front && !strings.HasPrefix(rhyme, "i") {
			return false
		}
	}
	if initial != "" && strings.HasPrefix(rhyme, "y") && rhyme != "y" {
		return false
	}
	return rhymes[rhyme]
}
