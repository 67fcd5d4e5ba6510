package sohoa

import "strings"

// Purpose (mục đích) says what somebody looks at papers for. It stands in
// the journal with each search, view, download and print: a dossier, or a Kind
// of work that is about no dossier.
type Purpose struct {
	Dossier     string `json:"dossier,omitempty"`     // Dossier.Code of the one at hand
	Requirement string `json:"requirement,omitempty"` // Requirement.Code of what is looked for

	Kind PurposeKind `json:"kind,omitempty"` // in place of a dossier
	Ref  string      `json:"ref,omitempty"`  // of the kind: which signing set, disposal, sample

	Text string `json:"text,omitempty"` // in words
}

// PurposeKind is work that is about no dossier.
type PurposeKind string

// The kinds, and who has them: docs/access.md.
const (
	PurposeInspection     PurposeKind = "inspection"     // which one, in words
	PurposeDisposal       PurposeKind = "disposal"       // Ref: Disposal.ID
	PurposeSigning        PurposeKind = "signing"        // Ref: SigningSet.ID
	PurposeSample         PurposeKind = "sample"         // Ref: of the quality sample
	PurposeAdministration PurposeKind = "administration" // words may say more
)

// kindPowers are the powers of which one opens a kind.
var kindPowers = map[PurposeKind][]Power{
	PurposeInspection: {PowerInspect}, PurposeDisposal: {PowerDispose}, PurposeSigning: {PowerSign}, PurposeSample: {PowerSample},
	PurposeAdministration: {PowerManage, PowerDispose},
}

// MayState reports whether a kind of purpose is open to u.
func (u User) MayState(k PurposeKind) bool {
	for _, p := range kindPowers[k] {
		if u.May(p) {
			return true
		}
	}
	return false
}

// String is the purpose in one line, as it stands in Entry.Purpose:
// "DOSSIER/REQUIREMENT text" or "KIND:REF text", each part where it is known.
// Codes of dossiers have no colon.
func (p Purpose) String() string {
	s := p.Dossier
	if s != "" && p.Requirement != "" {
		s += "/" + p.Requirement
	}
	if p.Kind != "" {
		s = string(p.Kind) + ":" + p.Ref
	}
	if s != "" && p.Text != "" {
		s += " "
	}
	return s + p.Text
}

// ParsePurpose reads a purpose of a kind from its String; ok is false of
// others, whose dossier only a catalogue tells from words.
func ParsePurpose(s string) (p Purpose, ok bool) {
	kind, rest, found := strings.Cut(s, ":")
	if p.Kind = PurposeKind(kind); !found || kindPowers[p.Kind] == nil {
		return Purpose{}, false
	}
	p.Ref, p.Text, _ = strings.Cut(rest, " ")
	p.Text = strings.TrimSpace(p.Text)
	return p, true
}
