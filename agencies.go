package sohoa

import (
	"slices"
	"strings"
)

// Check reports as the Problem "agency.invalid" why a cannot be entered.
func (a Agency) Check() error {
	if shortText(a.Code, maxDossierCode) && !strings.ContainsAny(a.Code, ", \t\r\n") && strings.TrimSpace(a.Name) == a.Name && shortText(a.Name, MaxNameRunes) {
		return nil
	}
	return &Problem{Kind: ErrInvalid, Code: "agency.invalid", Args: []string{a.Code}}
}

// CheckPlace reports why a cannot stand below its parent, given all agencies
// there are: the Problem "agency.parent" of one that is not there, or
// "agency.circle" of one that is a itself or below it.
func (a Agency) CheckPlace(all []Agency) error {
	switch {
	case a.Parent == "":
		return nil
	case a.Parent == a.Code || slices.Contains(Below(a.Code, all), a.Parent):
		return &Problem{Kind: ErrInvalid, Code: "agency.circle", Args: []string{a.Code, a.Parent}}
	case !slices.ContainsFunc(all, func(b Agency) bool { return b.Code == a.Parent }):
		return &Problem{Kind: ErrInvalid, Code: "agency.parent", Args: []string{a.Code, a.Parent}}
	}
	return nil
}

// Below returns the code of an agency and of all below it, by Agency.Parent,
// in the order of all. A parent that is not there, or a circle, ends the way
// up.
func Below(code string, all []Agency) []string {
	children := map[string][]string{}
	for _, a := range all {
		if a.Parent != "" {
			children[a.Parent] = append(children[a.Parent], a.Code)
		}
	}
	found, seen := []string{code}, map[string]bool{code: true}
	for i := 0; i < len(found); i++ {
		for _, child := range children[found[i]] {
			if !seen[child] {
				seen[child] = true
				found = append(found, child)
			}
		}
	}
	return found
}

// PlacedAgency is an agency at its place in the tree.
type PlacedAgency struct {
	Agency
	Depth int // agencies above it
}

// AgencyTree lists all agencies so that each follows the one above it, in the
// order of all otherwise. One whose parent is not there stands at the top, and
// so does one of a circle.
func AgencyTree(all []Agency) []PlacedAgency {
	children, known := map[string][]Agency{}, map[string]bool{}
	for _, a := range all {
		children[a.Parent] = append(children[a.Parent], a)
		known[a.Code] = true
	}
	var placed []PlacedAgency
	seen := map[string]bool{}
	var place func(a Agency, depth int)
	place = func(a Agency, depth int) {
		if seen[a.Code] {
			return
		}
		seen[a.Code] = true
		placed = append(placed, PlacedAgency{a, depth})
		for _, child := range children[a.Code] {
			place(child, depth+1)
		}
	}
	for _, a := range all {
		if a.Parent == "" || !known[a.Parent] {
			place(a, 0)
		}
	}
	for _, a := range all {
		place(a, 0)
	}
	return placed
}
