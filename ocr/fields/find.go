// Package fields finds the values that describe a document in its recognised
// text: kind, number and notation, date, agency and subject.
//
// It knows the layout of administrative documents (NĐ 30/2020, appendix I) and
// of the certificates that one-stop offices see most. What it finds are
// proposals: a Field says which rule found it, where, and how surely its words
// were read, and nothing is Confirmed before a person compared it with the
// paper. A rule that is not sure finds nothing rather than something. The
// rules are tables in rules.go; the package holds no state.
package fields

import (
	"sohoa"
)

// Find returns the fields found in the pages of one document, at most one of
// each name, in the order of the names in the root package. Only the first
// page with text is looked at, because that is where a document is named.
func Find(pages []sohoa.PageText) []sohoa.Field {
	for _, p := range pages {
		if len(p.Lines) > 0 {
			return find(newSheet(p))
		}
	}
	return nil
}

// find applies the rules of each field in turn until one finds something.
func find(s sheet) []sohoa.Field {
	var out []sohoa.Field
	for _, rules := range allRules {
		for _, r := range rules {
			if found := r.find(s); len(found) > 0 {
				for _, f := range found {
					f.Rule = r.name
					out = append(out, f)
				}
				break
			}
		}
	}
	return out
}

// field makes a field of the words between runes from and to of g.
func (g segment) field(name, value string, from, to int) sohoa.Field {
	return fieldOf(name, value, g.slice(from, to), g.page)
}

// fieldOf makes a field of words, whose confidence is their mean.
func fieldOf(name, value string, words []sohoa.Word, page int) sohoa.Field {
	f := sohoa.Field{Name: name, Value: value, Text: joined(words), Page: page}
	for i, w := range words {
		if i == 0 {
			f.Box = w.Box
		}
		f.Box = union(f.Box, w.Box)
		f.Confidence += w.Confidence / float64(len(words))
	}
	return f
}
