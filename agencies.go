package sohoa

import "strings"

// Check reports as the Problem "agency.invalid" why a cannot be entered.
func (a Agency) Check() error {
	if shortText(a.Code, maxDossierCode) && !strings.ContainsAny(a.Code, ", \t\r\n") && strings.TrimSpace(a.Name) == a.Name && shortText(a.Name, MaxNameRunes) {
		return nil
	}
	return &Problem{Kind: ErrInvalid, Code: "agency.invalid", Args: []string{a.Code}}
}
