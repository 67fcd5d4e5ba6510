package search

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/search/vi"
)

// The fields of facets, of orders and of what one may see. Each holds whole
// values. In a facet's field that is the value, a Break, and its name for
// people, so that a facet is shown without looking anything up.
const (
	FieldReaders        = "acl" // codes of the agencies that may see the page, byte by byte
	FieldSorted         = "sd"  // the date by which it is sorted, YYYYMMDD
	FieldProcedure      = "mq"  // folded words of the procedure's code and name
	FieldFacetAgency    = "fa"
	FieldFacetType      = "ft"
	FieldFacetProcedure = "fq"
	FieldFacetYear      = "fy"
	FieldFacetState     = "fs" // its states, each after the first day of it
	FieldStateSince     = "ss" // each state, a Break, and the first day of it
	FieldStateUntil     = "su" // and the last
)

// facetFields are the fields by which documents are counted.
var facetFields = map[Facet]string{
	FacetAgency:    FieldFacetAgency,
	FacetType:      FieldFacetType,
	FacetProcedure: FieldFacetProcedure,
	FacetYear:      FieldFacetYear,
	FacetState:     FieldFacetState,
}

// FacetFields are the fields by which an engine counts documents. A page has
// at most one term in each.
func FacetFields() []string {
	return []string{FieldFacetAgency, FieldFacetType, FieldFacetProcedure, FieldFacetYear, FieldFacetState}
}

// maxFacetValue bounds a facet's value and its name each, in bytes.
const maxFacetValue = 200

// facetTerms are the terms of d for facets, orders and scopes, by field.
func facetTerms(d PageDoc) map[string][]string {
	kind, kindName := d.Type, d.Fields[sohoa.FieldTypeName]
	if kind == "" {
		kind = strings.Join(folds(vi.Analyze(kindName).Tokens), " ")
	}
	issued := issuedDay(d)
	f := map[string][]string{
		FieldReaders:        present(append([]string{d.Agency}, d.Shared...)...),
		FieldProcedure:      folds(vi.Analyze(d.Procedure + vi.Break + d.ProcedureName).Tokens),
		FieldFacetAgency:    facetTerm(d.Agency, d.AgencyName),
		FieldFacetType:      facetTerm(kind, kindName),
		FieldFacetProcedure: facetTerm(d.Procedure, d.ProcedureName),
	}
	f[FieldStateSince], f[FieldStateUntil], f[FieldFacetState] = stateTerms(d)
	if len(issued) == 8 {
		f[FieldFacetYear] = facetTerm(issued[:4], "")
	} else if issued = ""; !d.Accepted.IsZero() {
		issued = d.Accepted.UTC().Format("20060102")
	}
	if issued != "" {
		f[FieldSorted] = []string{issued}
	}
	return f
}

// issuedDay is the date of issue as YYYYMMDD; "" if it is none.
func issuedDay(d PageDoc) string {
	day := strings.ReplaceAll(d.Fields[sohoa.FieldIssuedDate], "-", "")
	if _, err := strconv.ParseUint(day, 10, 32); err != nil || len(day) != 8 {
		return ""
	}
	return day
}

// facetTerm is the term of a value and its name; none of no value.
func facetTerm(value, name string) []string {
	if value = clipped(value); value == "" {
		return nil
	}
	return []string{value + vi.Break + clipped(name)}
}

// clipped is s in at most maxFacetValue bytes, without a Break.
func clipped(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, vi.Break, " "), "")
	if len(s) > maxFacetValue {
		s = strings.ToValidUTF8(s[:maxFacetValue], "")
	}
	return s
}

// facetNode finds the pages whose value in a facet is value.
func facetNode(f Facet, value string) Node {
	return Node{Field: facetFields[f], From: value + vi.Break, To: value + vi.Break + "\U0010ffff"}
}

// buckets are the largest buckets of terms, which are facetTerms. A value
// with several names has the one that most documents give it.
func buckets(terms map[string]int) []Bucket {
	byValue, most := map[string]*Bucket{}, map[string]int{}
	for _, term := range slices.Sorted(maps.Keys(terms)) {
		value, name, _ := strings.Cut(term, vi.Break)
		b := byValue[value]
		if b == nil {
			b = &Bucket{Value: value}
			byValue[value] = b
		}
		b.Count += terms[term]
		if terms[term] > most[value] {
			b.Name, most[value] = name, terms[term]
		}
	}
	out := make([]Bucket, 0, len(byValue))
	for _, b := range byValue {
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b Bucket) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out[:min(len(out), MaxBuckets)]
}

// facets are the buckets of what an engine counted, on a day.
func facets(counts map[string]map[string]int, day string) map[Facet][]Bucket {
	out := map[Facet][]Bucket{}
	for f, field := range facetFields {
		out[f] = buckets(counts[field])
	}
	out[FacetState] = buckets(statesOn(day, counts[FieldFacetState]))
	return out
}
