package sohoa

import "strings"

// Check reports as the Problem "agency.invalid" why a cannot be entered.
func (a Agency) Check() error {
	if shortText(a.Code, maxDossierCode) && !strings.ContainsAny(a.Code, ", \t\r\n") && strings.TrimSpace(a.Name) == a.Name && shortText(a.Name, MaxNameRunes) {
		return nil
	}
	return &Problem{Kind: ErrInvalid, Code: "agency.invalid", Args: []string{a.Code}}
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
