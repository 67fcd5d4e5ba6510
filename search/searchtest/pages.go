package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// newline stands between words where a line ends.
const newline = "\n"

// pageWords is the mean length of a page.
const pageWords = 350

// page is the clean text of page i of count of p, in words.
func (c *Papers) page(rnd *rand.Rand, p *Paper, f form, i, count int) []string {
	words := make([]string, 0, pageWords*3/2)
	if i == 0 {
		words = p.head(words, f)
		if carries(f, "secondIdentity") {
			p.people = append(p.people, p.dossier.second)
		}
	} else {
		words = append(words, "Trang", fmt.Sprintf("%d/%d", i+1, count), newline)
		words = p.again(rnd, words, f)
	}
	if i > 0 && rnd.IntN(4) == 0 {
		words = c.table(rnd, words, p)
	}
	for n := pageWords*7/10 + rnd.IntN(pageWords*6/10); len(words) < n; {
		var phrase []string
		words, phrase = c.text.run(rnd, words, 25+rnd.IntN(40))
		if phrase != nil {
			p.phrases = append(p.phrases, phrase)
		}
		words = append(words, newline)
		if rnd.IntN(3) == 0 {
			words = append(append(words, pickOf(rnd, boilerplate)...), newline)
		}
	}
	return words
}

// carries reports whether f states a fact.
func carries(f form, fact string) bool {
	for _, line := range f.lines {
		for _, w := range line {
			if strings.Contains(w, "{"+fact+"}") {
				return true
			}
		}
	}
	return false
}

// head is how the first page begins.
func (p *Paper) head(words []string, f form) []string {
	if f.notation != "" {
		words = append(words, strings.Fields("ỦY BAN NHÂN DÂN "+p.facts["UNIT"])...)
		words = append(words, newline)
	}
	words = append(words, strings.Fields("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM \n Độc lập - Tự do - Hạnh phúc")...)
	words = append(words, newline)
	if f.notation != "" {
		words = append(words, "Số:", p.facts["serial"]+"/"+f.notation)
	}
	words = append(words, strings.Fields(p.facts["commune"]+", "+p.facts["dateWords"])...)
	words = append(p.facts.fill(append(words, newline), f.title), newline)
	for _, line := range f.lines {
		words = append(p.facts.fill(words, line), newline)
	}
	return words
}

// again is what a later page says once more.
func (p *Paper) again(rnd *rand.Rand, words []string, f form) []string {
	if rnd.IntN(2) == 0 {
		words = append(append(words, "Ông/bà:"), strings.Fields(p.facts["name"])...)
	}
	if f.notation != "" && rnd.IntN(3) == 0 {
		words = append(words, strings.Fields("kèm theo văn bản số "+p.facts["serial"]+"/"+f.notation)...)
	}
	return append(words, newline)
}

// fill appends a line with its facts.
func (f facts) fill(words, line []string) []string {
	for _, w := range line {
		open := strings.IndexByte(w, '{')
		if open < 0 {
			words = append(words, w)
			continue
		}
		for open >= 0 {
			shut := strings.IndexByte(w, '}')
			w = w[:open] + f[w[open+1:shut]] + w[shut+1:]
			open = strings.IndexByte(w, '{')
		}
		words = append(words, strings.Fields(w)...)
	}
	return words
}

// table lists people with their numbers, as lists of households do.
func (c *Papers) table(rnd *rand.Rand, words []string, p *Paper) []string {
	words = append(words, strings.Fields("TT Họ và tên Năm sinh Số định danh Thửa đất Diện tích Ghi chú \n")...)
	for i := range 4 + rnd.IntN(8) {
		who := c.person(rnd.IntN(p.Number/dossierPapers + 1))
		p.people = append(p.people, who)
		words = append(append(words, fmt.Sprint(i+1)), strings.Fields(who.name)...)
		words = append(words, fmt.Sprint(who.birth.Year()), who.identity, fmt.Sprint(1+rnd.IntN(900)), fmt.Sprint(40+rnd.IntN(900)), newline)
	}
	return words
}
