package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/search"
)

// Papers makes the papers of some two hundred offices as recognition reads
// them. Paper n follows from the seed and n alone, so that any number of them
// can be had in any order, and again, with nothing kept. The same seed with
// another share of errors gives the same papers. It is safe for concurrent
// use.
//
// Three papers make a dossier, about a person who may have other dossiers and
// shares the name with others. What is known about a paper (its metadata) is
// clean; its text has what recognition does to it.
type Papers struct {
	seed  uint64
	noise float64
	text  *language
}

// NewPapers are papers in whose texts noise, 0 to 1, is the share of words
// that recognition got wrong. Pages differ: it is the mean.
func NewPapers(seed uint64, noise float64) *Papers {
	return &Papers{seed: seed, noise: noise, text: newLanguage(seed)}
}

// dossierPapers is how many papers a dossier has.
const dossierPapers = 3

// Paper is one document.
type Paper struct {
	Number int
	Pages  []search.PageDoc

	dossier dossier
	facts   facts
	phrases [][]string // of the clean text, each nowhere else
	people  []person   // whose identity numbers are on it
}

// ID is the paper's document.
func (p Paper) ID() sohoa.DocumentID { return ID(p.Number) }

// PaperNumber is the number of the paper that ID named.
func PaperNumber(id sohoa.DocumentID) int {
	n := 0
	for _, r := range id.String()[20:] {
		n = n*32 + strings.IndexRune("0123456789ABCDEFGHJKMNPQRSTVWXYZ", r)
	}
	return n
}

// person is somebody with papers.
type person struct {
	name     string
	woman    bool
	birth    time.Time
	identity string
}

// dossier is what three papers have in common.
type dossier struct {
	code    string
	agency  int
	form    procedure
	day     time.Time
	owner   person
	second  person // spouse, parent, witness
	village string
}

// Streams of randomness; each thing has its own, so that it does not depend on
// what was made before it.
const (
	ofPerson = iota
	ofDossier
	ofPaper
	ofMisreading
	ofQueries
	streams
)

func (c *Papers) random(stream, n int) *rand.Rand {
	return rand.New(rand.NewPCG(c.seed, uint64(n)*streams+uint64(stream)))
}

// pickOf is one of list.
func pickOf[T any](rnd *rand.Rand, list []T) T { return list[rnd.IntN(len(list))] }

// draw is a word by its weight.
func draw(rnd *rand.Rand, words []choice) string {
	n := rnd.IntN(words[len(words)-1].upTo)
	for _, w := range words {
		if n < w.upTo {
			return w.word
		}
	}
	return ""
}

// person is person n.
func (c *Papers) person(n int) person {
	rnd := c.random(ofPerson, n)
	p := person{woman: rnd.IntN(2) == 0}
	middle, given := menMiddle, menGiven
	if p.woman {
		middle, given = womenMiddle, womenGiven
	}
	words := []string{draw(rnd, surnames), draw(rnd, middle), pickOf(rnd, given)}
	if rnd.IntN(5) < 2 {
		words = []string{words[0], words[1], pickOf(rnd, given), words[2]}
	}
	p.name = strings.Join(words, " ")
	p.birth = time.Date(1935+rnd.IntN(70), 1, 1+rnd.IntN(365), 0, 0, 0, 0, time.UTC)
	sex := 0
	if p.woman {
		sex = 1
	}
	if p.birth.Year() >= 2000 {
		sex += 2
	}
	p.identity = fmt.Sprintf("%03d%d%02d%06d", pickOf(rnd, []int{1, 20, 48, 49, 51, 56, 64, 66, 67, 68, 75, 82}), sex, p.birth.Year()%100, rnd.IntN(1e6))
	return p
}

// dossier is dossier n. Six in ten are of somebody new.
func (c *Papers) dossier(n int) dossier {
	rnd := c.random(ofDossier, n)
	owner := n
	if n > 0 && rnd.IntN(10) >= 6 {
		owner = rnd.IntN(n)
	}
	d := dossier{agency: rnd.IntN(2 * len(communes)), form: pickOf(rnd, procedures), owner: c.person(owner), second: c.person(rnd.IntN(n + 1)),
		day: time.Date(2014, 1, 1+rnd.IntN(4300), 0, 0, 0, 0, time.UTC), village: pickOf(rnd, villages)}
	d.code = fmt.Sprintf("000.%02d.%02d.H49-%s-%04d", d.agency/100, d.agency%100, d.day.Format("060102"), 1+rnd.IntN(400))
	return d
}

func (d dossier) commune() string { return communes[d.agency%len(communes)] }

func (d dossier) unit() string {
	return "xã " + d.commune() + ", tỉnh " + provinces[d.agency*7%len(provinces)]
}

// facts are what a paper says, by the name that forms have for it.
type facts map[string]string

// Paper makes paper n.
func (c *Papers) Paper(n int) Paper {
	d := c.dossier(n / dossierPapers)
	rnd := c.random(ofPaper, n)
	count := pickOf(rnd, pageCounts)
	p := Paper{Number: n, dossier: d, people: []person{d.owner}}
	f := p.form()
	p.facts = c.facts(rnd, d)
	meta := search.PageDoc{Document: ID(n), Name: fmt.Sprintf("scan_%05d.pdf", n%100000), Agency: fmt.Sprintf("H49.64.%d", d.agency),
		AgencyName: "UBND xã " + d.commune(), Dossier: d.code, ProcedureName: d.form.name, Procedure: "1." + strconv.Itoa(100000+len(d.form.name)*731),
		Owner: d.owner.name, State: sohoa.StateKept, Accepted: d.day, Fields: map[string]string{sohoa.FieldTypeName: f.typeName,
			sohoa.FieldIssuedDate: p.issued().Format("2006-01-02"), sohoa.FieldOrganName: "Ủy ban nhân dân xã " + d.commune()}}
	if f.notation != "" {
		meta.Fields[sohoa.FieldCodeNumber], meta.Fields[sohoa.FieldCodeNotation] = p.facts["serial"], f.notation
		meta.Fields[sohoa.FieldSubject] = f.typeName + " của " + d.owner.name
	}
	noise := misreader{c.random(ofMisreading, n), c.noise}
	for i := range count {
		page := meta
		page.Page = i + 1
		page.Text = noise.page(c.page(rnd, &p, f, i, count))
		p.Pages = append(p.Pages, page)
	}
	return p
}

// pageCounts are how many pages papers have.
var pageCounts = []int{1, 1, 1, 2, 2, 2, 3, 3, 4, 8}

// PageCount is how many pages paper n has, which costs less than making it.
func (c *Papers) PageCount(n int) int { return pickOf(c.random(ofPaper, n), pageCounts) }

// form is the kind of paper that p is.
func (p Paper) form() form { return p.dossier.form.forms[p.Number%dossierPapers] }

// issued is the day of the paper.
func (p Paper) issued() time.Time {
	t, err := time.Parse("02/01/2006", p.facts["date"])
	if err != nil {
		panic(err)
	}
	return t
}

// number is the paper's number as it is written, "" without one.
func (p Paper) number() string {
	m := p.Pages[0].Fields
	if m[sohoa.FieldCodeNotation] == "" {
		return ""
	}
	return m[sohoa.FieldCodeNumber] + "/" + m[sohoa.FieldCodeNotation]
}

// facts are drawn for a paper of d.
func (c *Papers) facts(rnd *rand.Rand, d dossier) facts {
	day := func(t time.Time) string { return t.Format("02/01/2006") }
	issued := d.day.AddDate(0, 0, rnd.IntN(25)-5)
	child := issued.AddDate(0, 0, -rnd.IntN(300))
	amount := (1 + rnd.IntN(999)) * pickOf(rnd, []int{10_000, 50_000, 100_000, 500_000, 1_000_000})
	land := c.random(ofDossier, d.agency*1_000_003+d.day.YearDay()*97+len(d.owner.name)) // all papers of the dossier name one plot
	area := 40 + land.IntN(900)
	f := facts{"name": d.owner.name, "NAME": strings.ToUpper(d.owner.name), "birth": day(d.owner.birth), "year": strconv.Itoa(d.owner.birth.Year()),
		"identity": d.owner.identity, "idDate": day(issued.AddDate(-3, 0, -rnd.IntN(300))), "second": d.second.name,
		"secondYear": strconv.Itoa(d.second.birth.Year()), "secondIdentity": d.second.identity, "unit": d.unit(), "UNIT": strings.ToUpper(d.unit()),
		"commune": d.commune(), "village": d.village, "address": d.village + ", " + d.unit(), "date": day(issued), "dateWords": longDate(issued),
		"child": pickOf(rnd, strings.Fields("Gia Bảo Minh Anh An Nhiên Khánh Vy Tuệ")) + " " + pickOf(rnd, womenGiven), "childDate": day(child), "childWords": dateInWords(child),
		"hour": strconv.Itoa(7 + rnd.IntN(10)), "weight": strconv.Itoa(2500 + 10*rnd.IntN(130)), "official": c.person(rnd.IntN(40)).name,
		"serial": strconv.Itoa(1 + rnd.IntN(1800)), "plot": strconv.Itoa(1 + land.IntN(900)), "sheet": strconv.Itoa(1 + land.IntN(120)),
		"area": strconv.Itoa(area), "areaWords": inWords(area), "amount": dotted(amount), "amountWords": inWords(amount),
		"phone": fmt.Sprintf("09%08d", rnd.IntN(1e8)), "trade": pickOf(rnd, trades), "street": pickOf(rnd, streets), "sex": "Nam"}
	if d.owner.woman {
		f["sex"] = "Nữ"
	}
	f["child"] = strings.Fields(d.owner.name)[0] + " " + f["child"]
	return f
}

// Plain drops the marks, as people type in haste.
func Plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		switch {
		case r == 'đ':
			b.WriteByte('d')
		case r == 'Đ':
			b.WriteByte('D')
		case r < 0x300 || r > 0x36f:
			b.WriteRune(r)
		}
	}
	return b.String()
}
