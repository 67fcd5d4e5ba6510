package sohoa

// Purpose (mục đích) says what somebody looks at papers for. It stands in
// the journal with each search, view, download and print.
type Purpose struct {
	Dossier     string `json:"dossier,omitempty"`     // Dossier.Code of the one at hand
	Requirement string `json:"requirement,omitempty"` // Requirement.Code of what is looked for
	Text        string `json:"text,omitempty"`        // in words
}

// String is the purpose in one line, as it stands in Entry.Purpose:
// "DOSSIER/REQUIREMENT text", each part where it is known.
func (p Purpose) String() string {
	s := p.Dossier
	if s != "" && p.Requirement != "" {
		s += "/" + p.Requirement
	}
	if s != "" && p.Text != "" {
		s += " "
	}
	return s + p.Text
}
