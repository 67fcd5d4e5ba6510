package search

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"sohoa"
	"sohoa/search/vi"
)

// The fields of an index. Each holds terms as they are; an index adds no
// analysis of its own.
const (
	FieldBody      = "b"      // folded words of the text
	FieldPairs     = "g"      // folded pairs of the text and of the metadata
	FieldMeta      = "m"      // folded words of the metadata
	FieldMetaPairs = "mg"     // folded pairs of the metadata
	FieldMetaExact = "mxg"    // exact pairs of the metadata
	FieldCodes     = "code"   // numbers as a whole, dates, amounts
	FieldIdentity  = "cccd"   // identity numbers, by Privacy.Term
	FieldDossier   = "ds"     // the dossier code and its tails
	FieldAgency    = "agency" // agency code, byte by byte
	FieldDocument  = "doc"    // document ID
	FieldDate      = "date"   // date of issue, YYYYMMDD
	FieldType      = "mt"     // folded words of the kind of document
	FieldNumber    = "mn"     // folded words of number and notation
	FieldOrgan     = "mo"     // folded words of agency and issuing organ
	FieldOwner     = "mp"     // folded words of the owner's name
)

// Terms are what an index stores for one page. No identity number is in
// them, see Privacy.
type Terms struct {
	Fields map[string][]string // by Field constant; may hold a term twice

	Text    string // PageDoc.Text to rank and show it
	Meta    string // the metadata in one line; vi.Break between its parts
	Name    string // PageDoc.Name
	Dossier string // PageDoc.Dossier

	Identities     string // where numbers stand in Text, see DecodeIdentities
	MetaIdentities string // and in Meta
}

// TermsOf cuts a page into terms.
func TermsOf(d PageDoc, p Privacy) Terms {
	text, line := p.Hide(d.Text), p.Hide(metaLine(d))
	body, m := text.Analyze(), line.Analyze()
	d = p.masked(d)
	f := map[string][]string{
		FieldBody:      folds(body.Tokens),
		FieldPairs:     append(vi.Pairs(body.Tokens), vi.Pairs(m.Tokens)...),
		FieldMeta:      folds(m.Tokens),
		FieldMetaPairs: vi.Pairs(m.Tokens),
		FieldMetaExact: vi.ExactPairs(m.Tokens),
		FieldCodes:     withWider(append(texts(body.Codes), texts(m.Codes)...)),
		FieldIdentity:  append(texts(body.Identities), texts(m.Identities)...),
		FieldDossier:   tails(d.Dossier),
		FieldAgency:    {d.Agency},
		FieldDocument:  {d.Document.String()},
		FieldType:      folds(vi.Analyze(d.Fields[sohoa.FieldTypeName]).Tokens),
		FieldNumber:    folds(vi.Analyze(numberOf(d)).Tokens),
		FieldOrgan:     folds(vi.Analyze(d.AgencyName + vi.Break + d.Fields[sohoa.FieldOrganName]).Tokens),
		FieldOwner:     folds(vi.Analyze(d.Owner).Tokens),
		FieldSuggest:   suggestTerms(d),
	}
	if day := strings.ReplaceAll(d.Fields[sohoa.FieldIssuedDate], "-", ""); day != "" {
		f[FieldDate] = []string{day}
	}
	ownerTerms(f, d, p)
	maps.Copy(f, facetTerms(d))
	return Terms{Fields: f, Text: text.Text, Meta: line.Text, Name: d.Name, Dossier: d.Dossier,
		Identities: encodeIdentities(text.Identities), MetaIdentities: encodeIdentities(line.Identities)}
}

// present are those of terms that are not empty.
func present(terms ...string) []string {
	return slices.DeleteFunc(terms, func(s string) bool { return s == "" })
}

// numberOf is a document's number and notation as they are written.
func numberOf(d PageDoc) string {
	return strings.Trim(d.Fields[sohoa.FieldCodeNumber]+"/"+d.Fields[sohoa.FieldCodeNotation], "/")
}

// metaLine is what is known about a page's document, for ranking and showing.
func metaLine(d PageDoc) string {
	parts := []string{d.Owner, d.ProcedureName, d.Fields[sohoa.FieldTypeName], numberOf(d),
		d.Fields[sohoa.FieldSubject], d.Dossier, d.AgencyName, d.Fields[sohoa.FieldOrganName],
		d.Procedure, d.Fields[sohoa.FieldIssuedDate], d.Name}
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, vi.Break)
}

// tails are the terms of a code and of what remains after each of its
// separators: people remember the end of a dossier code.
func tails(code string) []string {
	whole := vi.CodeTerm(code)
	var out []string
	for whole != "" {
		out = append(out, whole)
		_, whole, _ = strings.Cut(whole, "/")
	}
	return out
}

func folds(tokens []vi.Token) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		out[i] = t.Fold
	}
	return out
}

func texts(terms []vi.Term) []string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = t.Text
	}
	return out
}

// runes counts the letters of a term.
func runes(s string) int { return utf8.RuneCountInString(s) }
