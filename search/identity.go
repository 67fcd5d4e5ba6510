package search

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"sohoa/search/vi"
)

// IdentityKey is the secret by which identity numbers are hashed.
type IdentityKey [32]byte

// Privacy keeps identity numbers (số định danh cá nhân, số căn cước, số chứng
// minh nhân dân) out of an index. What is indexed, stored, shown or noted
// goes through it: a number becomes a Term, which only the same key gives
// again, and its masked form. The zero value has a key of zeros, which hides
// nothing from who knows of it.
//
// A number is 12 digits, also where recognition or a form's boxes part them
// or letters look like them; and 9 digits after words that say so.
type Privacy struct{ key IdentityKey }

// NewPrivacy is the Privacy of a key.
func NewPrivacy(key IdentityKey) Privacy { return Privacy{key} }

// termMark begins the term of an identity number; no word of a text does.
const termMark = "~"

// Term is the term of an identity number, given as its digits: the first 16
// bytes of HMAC-SHA-256 (RFC 2104) in hexadecimal, after a mark.
func (p Privacy) Term(number string) string { return termMark + p.hash("identity:"+number) }

// Check tells keys apart and says nothing about them.
func (p Privacy) Check() string { return p.hash("check") }

func (p Privacy) hash(s string) string {
	mac := hmac.New(sha256.New, p.key[:])
	mac.Write([]byte(s)) // never fails
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// IsIdentityTerm reports whether a term of an index stands for an identity
// number, alone or as a part of a pair.
func IsIdentityTerm(term string) bool { return strings.Contains(term, termMark) }

// maskShown is how many digits stay at each end of a masked number, and
// maskDots what stands for the rest, however many they are.
const (
	maskShown = 3
	maskDots  = "•••••••"
)

func maskNumber(number string) string {
	return number[:maskShown] + maskDots + number[len(number)-maskShown:]
}

// Mask is s with its identity numbers masked: 001•••••••678.
func (p Privacy) Mask(s string) string { return p.Hide(s).Text }

// Query is a query as it may be kept: with its identity numbers masked, and
// with their terms, each once. Any 9 digits of a query may be a number.
func (p Privacy) Query(s string) (masked string, identities []string) {
	found := identitiesOf(s, true)
	seen := map[string]bool{}
	for _, f := range found {
		if t := p.Term(f.number); !seen[t] {
			seen[t] = true
			identities = append(identities, t)
		}
	}
	return p.hide(s, found).Text, identities
}

// Hidden is a text without identity numbers.
type Hidden struct {
	Text       string    // with masked numbers
	Identities []vi.Term // where in Text they stand, in order, and their terms
}

// Hide takes the identity numbers out of s.
func (p Privacy) Hide(s string) Hidden { return p.hide(s, identitiesOf(s, false)) }

func (p Privacy) hide(s string, found []identity) Hidden {
	if len(found) == 0 {
		return Hidden{Text: s}
	}
	var b strings.Builder
	h := Hidden{Identities: make([]vi.Term, 0, len(found))}
	at := 0
	for _, f := range found {
		b.WriteString(s[at:f.start])
		if glued(s[:f.start], true) {
			b.WriteByte(' ')
		}
		start := b.Len()
		b.WriteString(maskNumber(f.number))
		h.Identities = append(h.Identities, vi.Term{Start: start, End: b.Len(), Text: p.Term(f.number)})
		if at = f.end; glued(s[at:], false) {
			b.WriteByte(' ')
		}
	}
	b.WriteString(s[at:])
	h.Text = b.String()
	return h
}

// glued reports whether what stands at the end or start of s would be part of
// the same word as a number beside it.
func glued(s string, end bool) bool {
	const beside = "x" // whatever it is: one word or two
	if end {
		s = s[max(0, len(s)-8):] + beside
	} else {
		s = beside + s[:min(len(s), 8)]
	}
	t := vi.Analyze(s).Tokens
	if end {
		return t[len(t)-1].End-t[len(t)-1].Start > len(beside)
	}
	return t[0].End > len(beside)
}

// Analyze cuts a hidden text. Each number is one word whose forms are its
// term, and is in Identities and Codes; nothing has the digits.
func (h Hidden) Analyze() vi.Text { return veil(vi.Analyze(h.Text), h.Identities) }

// analyzeTyped is Analyze of what somebody typed, see vi.AnalyzeTyped.
func (h Hidden) analyzeTyped() vi.Text { return veil(vi.AnalyzeTyped(h.Text), h.Identities) }

// veil makes one word of whatever words identities cover.
func veil(t vi.Text, identities []vi.Term) vi.Text {
	if len(identities) == 0 {
		return t
	}
	covered := func(start, end int) (i int, ok bool) {
		for i, id := range identities {
			if start < id.End && end > id.Start {
				return i, true
			}
		}
		return 0, false
	}
	out := vi.Text{Tokens: t.Tokens[:0:0], Identities: identities}
	last := -1
	for _, w := range t.Tokens {
		i, ok := covered(w.Start, w.End)
		switch {
		case ok && i == last:
			out.Tokens[len(out.Tokens)-1].End = w.End
			continue
		case ok:
			last, w.Fold, w.Exact = i, identities[i].Text, identities[i].Text
		}
		out.Tokens = append(out.Tokens, w)
	}
	for _, c := range t.Codes {
		if _, ok := covered(c.Start, c.End); !ok {
			out.Codes = append(out.Codes, c)
		}
	}
	out.Codes = append(out.Codes, identities...)
	return out
}

// veiled cuts a text without masking it: places are those of s.
func (p Privacy) veiled(s string) vi.Text {
	var ids []vi.Term
	for _, f := range identitiesOf(s, false) {
		ids = append(ids, vi.Term{Start: f.start, End: f.end, Text: p.Term(f.number)})
	}
	return veil(vi.Analyze(s), ids)
}

// analyzeQuery cuts a query, or a part of one. Nine digits are a number or
// may be one; then they are looked for as both.
func (p Privacy) analyzeQuery(s string) vi.Text {
	t := p.Hide(s).analyzeTyped()
	for _, w := range t.Tokens {
		if len(w.Fold) == oldDigits && strings.Trim(w.Fold, "0123456789") == "" {
			id := vi.Term{Start: w.Start, End: w.End, Text: p.Term(w.Fold)}
			t.Identities = append(t.Identities, id)
			t.Codes = append(t.Codes, id)
		}
	}
	return t
}

// masked is d with masked numbers in all that is known about its document.
func (p Privacy) masked(d PageDoc) PageDoc {
	for _, s := range []*string{&d.Name, &d.Dossier, &d.Procedure, &d.ProcedureName, &d.AgencyName, &d.Owner} {
		*s = p.Mask(*s)
	}
	fields := make(map[string]string, len(d.Fields))
	for name, value := range d.Fields {
		fields[name] = p.Mask(value)
	}
	d.Fields = fields
	return d
}

// ownerTerms adds the owner's number, by which the owner's papers are found
// though the number does not stand on them.
func ownerTerms(f map[string][]string, d PageDoc, p Privacy) {
	if d.OwnerNumber == "" {
		return
	}
	t := p.Term(d.OwnerNumber)
	for _, field := range []string{FieldIdentity, FieldCodes, FieldOwner} {
		f[field] = append(f[field], t)
	}
}

// encodeIdentities writes what Hidden.Identities says as text.
func encodeIdentities(ids []vi.Term) string {
	var b strings.Builder
	for _, id := range ids {
		fmt.Fprintf(&b, "%d %d %s\n", id.Start, id.End, id.Text)
	}
	return b.String()
}

// DecodeIdentities reads Terms.Identities and Terms.MetaIdentities. What is
// not readable is left out.
func DecodeIdentities(s string) []vi.Term {
	var ids []vi.Term
	for line := range strings.Lines(s) {
		var id vi.Term
		if _, err := fmt.Sscanf(line, "%d %d %s", &id.Start, &id.End, &id.Text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
