package sohoa

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// The kinds of error. Every error that a person or a caller can do something
// about is one of these under errors.Is; web maps them to a status, cmd to an
// exit status.
var (
	ErrNotExist     = errors.New("does not exist")
	ErrConflict     = errors.New("conflicts with what is there")
	ErrInvalid      = errors.New("invalid input")
	ErrTooLarge     = errors.New("exceeds a bound")
	ErrForbidden    = errors.New("not permitted")
	ErrUnavailable  = errors.New("temporarily unavailable") // worth retrying
	ErrVerification = errors.New("verification failed")
)

// Problem is an error that a person will read. Code picks the sentence
// (Text has them in Vietnamese and English), Args fill it, Detail is for
// operators and logs. A Problem whose Kind is not ErrUnavailable will not go
// away by trying again.
//
// Problems travel between processes, in the catalogue and in the API, as JSON
// with the kind by name.
type Problem struct {
	Kind   error    `json:"-"`
	Code   string   `json:"code"` // e.g. "file.empty"; a key of the table in messages.go
	Args   []string `json:"args,omitempty"`
	Detail string   `json:"detail,omitempty"`
}

// Error is the English sentence, with the detail if there is one.
func (p *Problem) Error() string {
	s := p.Text(English)
	if p.Detail != "" {
		s += " (" + p.Detail + ")"
	}
	return s
}

// Unwrap returns the kind.
func (p *Problem) Unwrap() error { return p.Kind }

// kinds are the error kinds by the name they travel under.
var kinds = map[string]error{
	"not-exist":    ErrNotExist,
	"conflict":     ErrConflict,
	"invalid":      ErrInvalid,
	"too-large":    ErrTooLarge,
	"forbidden":    ErrForbidden,
	"unavailable":  ErrUnavailable,
	"verification": ErrVerification,
}

// problemJSON is a Problem as it is written.
type problemJSON struct {
	Kind string `json:"kind,omitempty"`
	*problemFields
}

type problemFields Problem

// MarshalJSON writes the kind by name beside the other fields.
func (p *Problem) MarshalJSON() ([]byte, error) {
	w := problemJSON{problemFields: (*problemFields)(p)}
	for name, kind := range kinds {
		if p.Kind == kind {
			w.Kind = name
		}
	}
	return json.Marshal(w)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (p *Problem) UnmarshalJSON(b []byte) error {
	w := problemJSON{problemFields: (*problemFields)(p)}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	p.Kind = kinds[w.Kind]
	return nil
}

// Lang is a language that people read.
type Lang string

// The languages of screens and messages.
const (
	Vietnamese Lang = "vi"
	English    Lang = "en"
)

// Text is the sentence for people in lang.
func (p *Problem) Text(lang Lang) string {
	m, ok := messages[p.Code]
	if !ok {
		return strings.TrimSpace(p.Code + " " + strings.Join(p.Args, " "))
	}
	s := m.vi
	if lang == English {
		s = m.en
	}
	for i, a := range p.Args {
		s = strings.ReplaceAll(s, fmt.Sprintf("{%d}", i), a)
	}
	return s
}

// AsProblem returns the Problem in err's chain, or wraps err as an internal
// one, so that whatever stops a document has a reason people can read.
func AsProblem(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	for _, k := range kinds {
		if errors.Is(err, k) {
			return &Problem{Kind: k, Code: "internal", Detail: err.Error()}
		}
	}
	return &Problem{Code: "internal", Detail: err.Error()}
}

// Permanent reports whether trying again cannot help.
func Permanent(err error) bool {
	return errors.Is(err, ErrInvalid) || errors.Is(err, ErrTooLarge) || errors.Is(err, ErrForbidden)
}
