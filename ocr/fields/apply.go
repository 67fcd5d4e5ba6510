package fields

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sohoa"
)

// match finds re in the folded text of g and returns the groups' places in
// runes: 2i is the start of group i, -1 if it is absent.
func (g segment) match(re *regexp.Regexp) []int {
	s := string(g.plain)
	at := re.FindStringSubmatchIndex(s)
	for i, b := range at {
		if b >= 0 {
			at[i] = len([]rune(s[:b]))
		}
	}
	return at
}

// pattern finds number and notation as c says.
func pattern(c codeRule) func(sheet) []sohoa.Field {
	return func(s sheet) []sohoa.Field {
		for _, g := range s.segments {
			at := g.match(c.pattern)
			if at == nil || s.depth(g) > c.depth {
				continue
			}
			var out []sohoa.Field
			add := func(name string, group int) {
				if group > 0 {
					from, to := at[2*group], at[2*group+1]
					out = append(out, g.field(name, canonical(g.runes(from, to)), from, to))
				}
			}
			add(sohoa.FieldCodeNumber, c.number)
			if c.number > 0 && out[0].Confidence < leastConf {
				out = nil
			}
			add(sohoa.FieldCodeNotation, c.symbol)
			return out
		}
		return nil
	}
}

// dateRule finds a date as re says, in the upper depth of the page.
func dateRule(re *regexp.Regexp, depth float64) func(sheet) []sohoa.Field {
	return func(s sheet) []sohoa.Field {
		for _, g := range s.segments {
			at := g.match(re)
			if at == nil || s.depth(g) > depth {
				continue
			}
			if date, ok := isoDate(g.runes(at[2], at[3]), g.runes(at[4], at[5]), g.runes(at[6], at[7])); ok {
				return []sohoa.Field{g.field(sohoa.FieldIssuedDate, date, at[2], at[7])}
			}
		}
		return nil
	}
}

// isoDate is YYYY-MM-DD, if there is such a day since 1900.
func isoDate(day, month, year string) (string, bool) {
	d, derr := strconv.Atoi(day)
	m, merr := strconv.Atoi(month)
	y, yerr := strconv.Atoi(year)
	if derr != nil || merr != nil || yerr != nil || y < 1900 || y > 2100 {
		return "", false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t.Format(time.DateOnly), t.Day() == d && int(t.Month()) == m
}

// foldedTypes are typeNames folded.
var foldedTypes = func() []string {
	out := make([]string, len(typeNames))
	for i, n := range typeNames {
		out[i] = string(fold(n))
	}
	return out
}()

// heading finds the segment that names the kind of document, and the kind.
func (s sheet) heading() (at int, name string) {
	for i, g := range s.segments {
		if !g.upper() || s.depth(g) > 0.6 {
			continue
		}
		if name := typeOf(strings.TrimFunc(string(g.plain), notLetter)); name != "" {
			return i, name
		}
	}
	return -1, ""
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// typeOf is the longest type name that text begins with, as whole words.
func typeOf(text string) string {
	best := ""
	for i, t := range foldedTypes {
		rest, ok := strings.CutPrefix(text, t)
		if ok && (rest == "" || rest[0] == ' ' || rest[0] == ',') && len(typeNames[i]) > len(best) {
			best = typeNames[i]
		}
	}
	return best
}

func typeHeading(s sheet) []sohoa.Field {
	i, name := s.heading()
	if i < 0 {
		return nil
	}
	g := s.segments[i]
	return []sohoa.Field{g.field(sohoa.FieldTypeName, name, 0, len(g.plain))}
}

// letterType: a letter (công văn) bears no name of its kind; it is known by
// its subject under the number.
func letterType(s sheet) []sohoa.Field {
	if i := s.letterSubject(); i >= 0 {
		return []sohoa.Field{fieldOf(sohoa.FieldTypeName, "Công văn", s.segments[i].words, s.segments[i].page)}
	}
	return nil
}

func typeByWording(s sheet) []sohoa.Field {
	for _, g := range s.segments {
		for _, w := range wordings {
			if g.match(w.pattern) != nil {
				return []sohoa.Field{fieldOf(sohoa.FieldTypeName, w.name, g.words, g.page)}
			}
		}
	}
	return nil
}

func (s sheet) letterSubject() int {
	for i, g := range s.segments {
		if s.depth(g) < headingDepth && s.middle(g) < 0.5 && g.match(subjectLetter) != nil {
			return i
		}
	}
	return -1
}

// agencyInHeading takes the capitals at the top left, above the number. The
// first line names the superior agency where another follows.
func agencyInHeading(s sheet) []sohoa.Field {
	var lines []segment
	for _, g := range s.segments {
		if s.depth(g) > headingDepth/2 || s.middle(g) > 0.45 || g.match(motto) != nil {
			continue
		}
		if !g.upper() || typeOf(string(g.plain)) != "" {
			if len(lines) > 0 {
				break
			}
			continue
		}
		lines = append(lines, g)
	}
	if len(lines) == 0 {
		return nil
	}
	if first := lines[0]; len(lines) > 1 && first.match(superior) != nil && first.match(council) == nil {
		lines = lines[1:]
	}
	return []sohoa.Field{joinedField(sohoa.FieldOrganName, lines)}
}

// joinedField makes one field of several segments.
func joinedField(name string, parts []segment) sohoa.Field {
	var words []sohoa.Word
	for _, g := range parts {
		words = append(words, g.words...)
	}
	return fieldOf(name, strings.Trim(joined(words), " -_.:;,"), words, parts[0].page)
}

func registrationPlace(s sheet) []sohoa.Field {
	for _, g := range s.segments {
		if at := g.match(placeOfRecord); at != nil {
			value := strings.TrimSpace(g.runes(at[2], at[3]))
			return []sohoa.Field{g.field(sohoa.FieldOrganName, value, at[2], at[3])}
		}
	}
	return nil
}

// maxSubject is the number of lines that a subject may have.
const maxSubject = 5

func subjectUnderType(s sheet) []sohoa.Field {
	i, _ := s.heading()
	if i < 0 {
		return nil
	}
	return s.subject(i+1, func(g segment) bool {
		mid := s.middle(g)
		return mid > 0.3 && mid < 0.7 && !g.upper()
	})
}

func subjectOfLetter(s sheet) []sohoa.Field {
	i := s.letterSubject()
	if i < 0 {
		return nil
	}
	return s.subject(i, func(g segment) bool { return s.middle(g) < 0.5 && !g.upper() })
}

// subject joins the segments from i on that belong.
func (s sheet) subject(i int, belongs func(segment) bool) []sohoa.Field {
	var parts []segment
	for ; i < len(s.segments) && len(parts) < maxSubject; i++ {
		g := s.segments[i]
		if g.match(subjectEnd) != nil || !belongs(g) {
			break
		}
		if n := len(parts); n > 0 && g.box.Y0-parts[n-1].box.Y1 > 1.2*g.box.Height() {
			break
		}
		parts = append(parts, g)
	}
	if len(parts) == 0 {
		return nil
	}
	f := joinedField(sohoa.FieldSubject, parts)
	if f.Value == "" {
		return nil
	}
	return []sohoa.Field{f}
}
