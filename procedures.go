package sohoa

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// Procedure is an administrative procedure (thủ tục hành chính): the papers
// it asks for, and the result that it gives.
type Procedure struct {
	Code         string        `json:"code" toml:"code"`                                     // MaTTHC
	Name         string        `json:"name" toml:"name"`                                     // in Vietnamese
	Result       string        `json:"result,omitempty" toml:"result,omitempty"`             // Life.Type of what it gives (MaKetQua); empty is not known
	Requirements []Requirement `json:"requirements,omitempty" toml:"requirements,omitempty"` // in the order in which people are asked for them
}

// Requirement is one paper that a procedure asks for (thành phần hồ sơ).
type Requirement struct {
	Code     string   `json:"code" toml:"code"`                             // MaThanhPhanHoSo, unique within its procedure
	Name     string   `json:"name" toml:"name"`                             // in Vietnamese
	Types    []string `json:"types,omitempty" toml:"types,omitempty"`       // kinds (Life.Type) any one of which satisfies it; none: nothing that is held does
	Scope    string   `json:"scope,omitempty" toml:"scope,omitempty"`       // Life.Scope that a result must have; empty: any
	MaxDays  int      `json:"maxDays,omitempty" toml:"maxDays,omitempty"`   // since its date of issue; 0: without bound
	Optional bool     `json:"optional,omitempty" toml:"optional,omitempty"` // asked for only where it applies
}

// Requirement finds a requirement by its code.
func (p Procedure) Requirement(code string) (Requirement, bool) {
	i := slices.IndexFunc(p.Requirements, func(r Requirement) bool { return r.Code == code })
	if i < 0 {
		return Requirement{}, false
	}
	return p.Requirements[i], true
}

// Satisfied reports whether a result of some kind is what r asks for.
func (r Requirement) Satisfied(kind string) bool { return kind != "" && slices.Contains(r.Types, kind) }

// Check reports as the Problem "procedure.invalid" why p cannot be entered,
// naming the procedure and what is wrong with it.
func (p Procedure) Check() error {
	wrong := func(what string) error {
		return &Problem{Kind: ErrInvalid, Code: "procedure.invalid", Args: []string{p.Code, what}}
	}
	switch {
	case !shortText(p.Code, maxDossierCode):
		return wrong("code")
	case !shortText(p.Name, MaxNameRunes):
		return wrong("name")
	case len(p.Requirements) > MaxRequirements:
		return wrong("requirements > " + strconv.Itoa(MaxRequirements))
	}
	seen := map[string]bool{}
	for _, r := range p.Requirements {
		if !shortText(r.Code, maxDossierCode) || !shortText(r.Name, MaxNameRunes) || seen[r.Code] || r.MaxDays < 0 ||
			utf8.RuneCountInString(r.Scope) > MaxScopeRunes {
			return wrong(r.Code)
		}
		seen[r.Code] = true
	}
	return nil
}

// shortText reports whether s is text of 1 to most runes.
func shortText(s string, most int) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= most && utf8.ValidString(s)
}
