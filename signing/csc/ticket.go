package csc

import (
	"encoding/json"
	"fmt"

	"sohoa"
	"sohoa/signing"
)

// ticket is what a later Collect needs to know. It holds no secret.
type ticket struct {
	Credential string            `json:"credential"`
	Algorithm  signing.Algorithm `json:"algorithm"`
	Parts      []part            `json:"parts"` // one for each authorisation
}

// part is what became of the digests of one authorisation: values, or where to
// ask for them.
type part struct {
	Digests  [][]byte `json:"digests"`
	Values   [][]byte `json:"values,omitempty"`
	Response string   `json:"response,omitempty"` // identifies values to come
	Handle   string   `json:"handle,omitempty"`   // identifies an authorisation that the user has not confirmed
}

// key identifies a part that waits.
func (p part) key() string { return p.Handle + "\n" + p.Response }

// values returns all values in order, if they are there.
func (t ticket) values() ([][]byte, bool) {
	var all [][]byte
	for _, p := range t.Parts {
		if len(p.Values) != len(p.Digests) {
			return nil, false
		}
		all = append(all, p.Values...)
	}
	return all, true
}

func (t ticket) encode() (string, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("write a ticket: %w", err)
	}
	return string(b), nil
}

func parseTicket(s string) (ticket, error) {
	var t ticket
	if err := json.Unmarshal([]byte(s), &t); err != nil {
		return ticket{}, detailed(sohoa.ErrInvalid, "remote.ticket", err, shown(s))
	}
	return t, nil
}
