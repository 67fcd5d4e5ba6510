package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"sohoa"
)

// The kinds of queries for known papers.
const (
	KindName      = "name"
	KindPlainName = "name, plain"
	KindNameAbout = "name + procedure"
	KindNumber    = "number"
	KindLoose     = "number, loose"
	KindDossier   = "dossier, tail"
	KindIdentity  = "identity"
	KindPhrase    = "phrase"
	KindTyped     = "phrase, mistyped"
	KindFacts     = "plot, date + amount"
)

// Kinds are all of them.
var Kinds = []string{KindName, KindPlainName, KindNameAbout, KindNumber, KindLoose, KindDossier, KindIdentity, KindPhrase, KindTyped, KindFacts}

// Sought is a query for a known paper. Papers of which the same is true are as
// right: another paper of a person with that name, when the name is all that is
// asked for.
type Sought struct {
	Kind string
	Text string
	Want sohoa.DocumentID
	truth
}

// truth is something true of a paper: how it is compared, and the value.
type truth struct{ about, value string }

// Answers reports whether p is as right an answer to q as q.Want.
func (p Paper) Answers(q Sought) bool {
	for _, t := range p.truths() {
		if t == q.truth {
			return true
		}
	}
	return false
}

// Right reports whether a paper found answers q.
func (c *Papers) Right(q Sought, found sohoa.DocumentID) bool {
	return found == q.Want || c.Paper(PaperNumber(found)).Answers(q)
}

// CountRight is, for each query, how many of the papers below n are right.
func (c *Papers) CountRight(queries []Sought, n int) []int {
	asked := map[truth][]int{}
	for i, q := range queries {
		asked[q.truth] = append(asked[q.truth], i)
	}
	out := make([]int, len(queries))
	for k := range n {
		seen := map[truth]bool{}
		for _, t := range c.Paper(k).truths() {
			if seen[t] {
				continue
			}
			seen[t] = true
			for _, i := range asked[t] {
				out[i]++
			}
		}
	}
	return out
}

// truths are what p may be sought by. A name is that of the owner, an identity
// number any that stands on it.
func (p Paper) truths() []truth {
	name, m := p.dossier.owner.name, p.Pages[0].Fields
	out := []truth{{KindName, folded(name)}, {KindPlainName, strings.ToLower(Plain(name))}, {KindNameAbout, folded(name) + "|" + p.dossier.form.name},
		{KindDossier, p.dossier.code}, {KindDossier, p.tail()}, {KindPhrase, p.ID().String()}}
	if p.form().land {
		out = append(out, p.plot())
	}
	if p.form().amount {
		out = append(out, p.payment())
	}
	if n := p.number(); n != "" {
		out = append(out, truth{KindNumber, n}, truth{KindLoose, n + "|" + m[sohoa.FieldIssuedDate][:4]})
	}
	for _, who := range p.people {
		out = append(out, truth{KindIdentity, who.identity})
	}
	return out
}

// folded is a name but for case and the place of a tone: hòa is hoà.
func folded(s string) string {
	r := []rune(norm.NFD.String(strings.ToLower(s)))
	for i := 1; i+1 < len(r); i++ {
		if r[i-1] == 'o' && r[i] >= 0x300 && r[i] <= 0x323 && (r[i+1] == 'a' || r[i+1] == 'e') {
			r[i], r[i+1] = r[i+1], r[i]
		}
	}
	return string(r)
}

// plot is where the land lies that p speaks of.
func (p Paper) plot() truth {
	return truth{"plot", p.facts["plot"] + "|" + p.facts["sheet"] + "|" + p.dossier.commune()}
}

// payment is the day of p and the amount on it.
func (p Paper) payment() truth {
	return truth{"amount", p.facts["date"] + "|" + p.facts["amount"]}
}

// tail is the part of the dossier code that people remember.
func (p Paper) tail() string {
	_, tail, _ := strings.Cut(p.dossier.code, "-")
	return tail
}

// Sought makes count queries for papers below n, the kinds in turn. The same
// seed gives the same queries; they do not depend on the errors in the texts.
func (c *Papers) Sought(seed uint64, n, count int) []Sought {
	rnd := rand.New(rand.NewPCG(seed, streams*uint64(n)+ofQueries))
	var out []Sought
	for len(out) < count {
		p := c.Paper(rnd.IntN(n))
		q := Sought{Kind: Kinds[len(out)%len(Kinds)], Want: p.ID()}
		q.Text, q.truth = p.ask(rnd, q.Kind)
		if q.Text != "" {
			out = append(out, q)
		}
	}
	return out
}

// ask is a query of a kind for p, "" where p has nothing to be asked for.
func (p Paper) ask(rnd *rand.Rand, kind string) (string, truth) {
	name, about := p.dossier.owner.name, p.dossier.form.name
	switch kind {
	case KindName:
		return name, truth{kind, folded(name)}
	case KindPlainName:
		return strings.ToLower(Plain(name)), truth{kind, strings.ToLower(Plain(name))}
	case KindNameAbout:
		return name + " " + pickOf(rnd, []string{about, strings.ToLower(about)}), truth{kind, folded(name) + "|" + about}
	case KindDossier:
		code := pickOf(rnd, []string{p.dossier.code, p.tail()})
		return code, truth{kind, code}
	case KindIdentity:
		return p.dossier.owner.identity, truth{kind, p.dossier.owner.identity}
	case KindNumber, KindLoose:
		return p.askNumber(rnd, kind)
	case KindPhrase, KindTyped:
		return p.askPhrase(rnd, kind)
	}
	return p.askFacts(rnd)
}

// askNumber asks for a paper by its number: as written, or its parts with the
// year.
func (p Paper) askNumber(rnd *rand.Rand, kind string) (string, truth) {
	n := p.number()
	if n == "" {
		return "", truth{}
	}
	if kind == KindNumber {
		return pickOf(rnd, []string{n, strings.ToLower(n), "số " + n}), truth{kind, n}
	}
	year := strconv.Itoa(p.issued().Year())
	parts := strings.ToLower(strings.NewReplacer("/", " ", "-", " ").Replace(n))
	return pickOf(rnd, []string{Plain(parts) + " " + year, parts + " năm " + year, parts + " " + year}), truth{kind, n + "|" + year}
}

// askPhrase asks by words that stand on a page, rightly typed or not.
func (p Paper) askPhrase(rnd *rand.Rand, kind string) (string, truth) {
	if len(p.phrases) == 0 {
		return "", truth{}
	}
	words := append([]string(nil), pickOf(rnd, p.phrases)...)
	if kind == KindTyped {
		i := rnd.IntN(len(words))
		words[i] = mistyped(rnd, words[i])
		if rnd.IntN(3) == 0 {
			i = rnd.IntN(len(words))
			words[i] = keys(words[i], telex)
		}
	}
	text := strings.Join(words, " ")
	if kind == KindPhrase && rnd.IntN(2) == 0 {
		text = Plain(text)
	}
	return text, truth{KindPhrase, p.ID().String()}
}

// askFacts asks by plot, map sheet and commune, or by day and amount.
func (p Paper) askFacts(rnd *rand.Rand) (string, truth) {
	f, form := p.facts, p.form()
	if form.land && (!form.amount || rnd.IntN(2) == 0) {
		return fmt.Sprintf(pickOf(rnd, []string{"thửa %s tờ bản đồ %s xã %s", "thửa đất số %s, tờ bản đồ số %s %s", "thua %s to %s %s"}),
			f["plot"], f["sheet"], f["commune"]), p.plot()
	}
	if !form.amount {
		return "", truth{}
	}
	day, amount := p.issued(), f["amount"]
	text := pickOf(rnd, []string{day.Format("2/1/2006"), day.Format("02-01-2006"), day.Format("2.1.2006"), longDate(day)}) + " " +
		pickOf(rnd, []string{amount, amount + " đồng", strings.ReplaceAll(amount, ".", "") + " đồng"})
	return text, p.payment()
}

// mistyped is a word with a slip of the finger, or as the keyboard gives it
// when its input method is off or is another.
func mistyped(rnd *rand.Rand, w string) string {
	switch rnd.IntN(3) {
	case 0:
		return keys(w, telex)
	case 1:
		return keys(w, vni)
	}
	return misreader{rnd, 1}.letter(w)
}

// What is typed for a mark.
var (
	telex = strings.NewReplacer("â", "aa", "ă", "aw", "ê", "ee", "ô", "oo", "ơ", "ow", "ư", "uw", "đ", "dd",
		"\u0300", "f", "\u0301", "s", "\u0309", "r", "\u0303", "x", "\u0323", "j")
	vni = strings.NewReplacer("â", "a6", "ă", "a8", "ê", "e6", "ô", "o6", "ơ", "o7", "ư", "u7", "đ", "d9",
		"\u0300", "2", "\u0301", "1", "\u0309", "3", "\u0303", "4", "\u0323", "5")
)

// keys is what is typed for w, the tone last.
func keys(w string, method *strings.Replacer) string {
	var letters, tone strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(w)) {
		if strings.ContainsRune("\u0300\u0301\u0309\u0303\u0323", r) {
			tone.WriteRune(r)
		} else {
			letters.WriteRune(r)
		}
	}
	return method.Replace(norm.NFC.String(letters.String())) + method.Replace(tone.String())
}
