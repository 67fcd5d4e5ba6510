package sohoa

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Reading is what recognition made of a field, kept where a person gave it
// another value.
type Reading struct {
	Value      string  `json:"value"`
	Text       string  `json:"text"`
	Page       int     `json:"page"`
	Box        Rect    `json:"box"`
	Confidence float64 `json:"conf"`
	Rule       string  `json:"rule"`
}

// FieldNames are the fields that people confirm, in the order in which they
// are asked for. The type of the retention schedule and the validity of a
// result are asked for beside them, and are in Life.
var FieldNames = []string{FieldTypeName, FieldCodeNumber, FieldCodeNotation, FieldIssuedDate, FieldOrganName, FieldSubject,
	FieldSigner, FieldOwnerName, FieldOwnerID}

// Rules of fields that recognition did not find.
const (
	RulePerson  = "person" // a person typed it, or took it from other words of the page than recognition did
	RulePackage = "ead"    // it came with an information package
)

// Certainty says in words how surely a field was read.
type Certainty string

// The certainties.
const (
	CertaintySure Certainty = "sure" // chắc chắn
	CertaintyLook Certainty = "look" // nên xem lại
	CertaintyNone Certainty = "none" // không đọc được
)

// sureFrom is the confidence from which a field counts as surely read.
const sureFrom = 85

// Certainty is how surely f was read.
func (f Field) Certainty() Certainty {
	switch {
	case f.Value == "":
		return CertaintyNone
	case f.Confirmed || f.Rule == RulePackage || f.Confidence >= sureFrom:
		return CertaintySure
	}
	return CertaintyLook
}

// reading is f as recognition left it.
func (f Field) reading() *Reading {
	if f.Read != nil || f.Rule == RulePerson || f.Rule == "" {
		return f.Read
	}
	return &Reading{Value: f.Value, Text: f.Text, Page: f.Page, Box: f.Box, Confidence: f.Confidence, Rule: f.Rule}
}

// FieldValue is the value that a person confirms for a field. Empty is that
// the paper has none.
type FieldValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Text  string `json:"text,omitempty"` // as it stands on the page; Value if left out
	Page  int    `json:"page,omitempty"` // where it stands; 0 is where recognition found it, or nowhere
	Box   Rect   `json:"box,omitzero"`
}

// Field returns a field of d; one without a value if there is none.
func (d Document) Field(name string) Field {
	if i := slices.IndexFunc(d.Fields, func(f Field) bool { return f.Name == name }); i >= 0 {
		return d.Fields[i]
	}
	return Field{Name: name}
}

// Valued are the fields of d that have a value, those left out that a person
// found not to be on the paper.
func (d Document) Valued() []Field {
	return slices.DeleteFunc(slices.Clone(d.Fields), func(f Field) bool { return f.Value == "" })
}

// FieldsFound reports whether the pages of d were searched for fields, so that
// a person can confirm what was found.
func (d Document) FieldsFound() bool {
	if d.Pages == 0 || len(d.MovedTo) > 0 {
		return false
	}
	switch d.State {
	case StateKept:
		return true
	case StateRead, StateParked:
		return d.Stage == StageSign || d.Stage == StagePreserve
	}
	return false
}

// Unconfirmed reports whether the fields of d wait for a person who compares
// them with the paper. A paper on which nothing was found waits too: what
// recognition cannot read people type.
func (d Document) Unconfirmed() bool {
	if !d.FieldsFound() {
		return false
	}
	return len(d.Fields) == 0 || slices.ContainsFunc(d.Fields, func(f Field) bool { return !f.Confirmed })
}

// FieldError is what is wrong with the value of one field.
type FieldError struct {
	Name    string
	Problem *Problem
}

// FieldErrors are the fields of a document that cannot be confirmed as they
// are. As an error it is the Problem of the first.
type FieldErrors []FieldError

// Error implements error.
func (e FieldErrors) Error() string {
	names := make([]string, len(e))
	for i, f := range e {
		names[i] = f.Name
	}
	return "fields " + strings.Join(names, ", ") + ": " + e[0].Problem.Error()
}

// Unwrap returns the Problems.
func (e FieldErrors) Unwrap() []error {
	all := make([]error, len(e))
	for i, f := range e {
		all[i] = f.Problem
	}
	return all
}

// CheckFields reports as FieldErrors which values cannot be: of an unknown
// field, given twice, of another form than the field's, or from no page of d.
// Missing are fields that recognition gave a value and that values leaves out.
// Today bounds dates of issue.
func (d Document) CheckFields(values []FieldValue, today Date) error {
	var errs FieldErrors
	given := map[string]bool{}
	for _, v := range values {
		code := ""
		switch {
		case !slices.Contains(FieldNames, v.Name):
			code = "fields.unknown"
		case given[v.Name]:
			code = "fields.twice"
		case !v.placed(d.Pages):
			code = "fields.place"
		case !fits(v, today):
			code = "field." + v.Name
		}
		given[v.Name] = true
		if code != "" {
			errs = append(errs, FieldError{v.Name, &Problem{Kind: ErrInvalid, Code: code, Args: []string{v.Name, v.Value}}})
		}
	}
	for _, f := range d.Fields {
		if f.Value != "" && !given[f.Name] && slices.Contains(FieldNames, f.Name) {
			errs = append(errs, FieldError{f.Name, &Problem{Kind: ErrInvalid, Code: "fields.missing", Args: []string{f.Name}}})
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}

// placed reports whether a value comes from one of so many pages, or from
// nowhere in particular.
func (v FieldValue) placed(pages int) bool {
	b := v.Box
	finite := func(x float64) bool { return x >= 0 && x <= MaxImagePixels && !math.IsNaN(x) }
	if v.Page == 0 {
		return b == Rect{}
	}
	return v.Page > 0 && v.Page <= pages && finite(b.X0) && finite(b.Y0) && finite(b.X1) && finite(b.Y1) && b.X0 <= b.X1 && b.Y0 <= b.Y1
}

// Forms of numbers as they are printed (NĐ 30/2020/NĐ-CP, appendix I) and of
// identity numbers: 9 or 12 digits, 10 or 13 of organisations, passports.
var (
	numberForm   = regexp.MustCompile(`^\p{L}{0,4}[-.]?\d[\p{L}\d.-]*$`)
	notationForm = regexp.MustCompile(`^[\p{L}\d][\p{L}\d.&/ -]*$`)
	identityForm = regexp.MustCompile(`^(\d{9,14}|\d{10}-\d{3}|[A-Z]{1,2}\d{6,8})$`)
)

// firstYear is the earliest year of a paper that offices hold.
const firstYear = "1850"

// mostRunes is how long the values of fields may be.
var mostRunes = map[string]int{FieldTypeName: MaxTypeNameRunes, FieldCodeNumber: MaxCodeNumberRunes, FieldCodeNotation: MaxCodeNotationRunes,
	FieldIssuedDate: 10, FieldOrganName: MaxOrganNameRunes, FieldSubject: MaxSubjectRunes, FieldSigner: MaxPersonRunes,
	FieldOwnerName: MaxPersonRunes, FieldOwnerID: MaxIdentityRunes}

// fits reports whether a value has the form of its field. None always has.
func fits(v FieldValue, today Date) bool {
	s := v.Value
	if s == "" {
		return v.Text == ""
	}
	if !utf8.ValidString(s) || utf8.RuneCountInString(s) > mostRunes[v.Name] || utf8.RuneCountInString(v.Text) > MaxFieldTextRunes || strings.TrimSpace(s) != s {
		return false
	}
	if strings.ContainsFunc(s+v.Text, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
		return false
	}
	switch v.Name {
	case FieldIssuedDate:
		return Date(s).Check() == nil && Date(s) <= today && s >= firstYear
	case FieldCodeNumber:
		return numberForm.MatchString(s)
	case FieldCodeNotation:
		return notationForm.MatchString(s)
	case FieldOwnerID:
		return identityForm.MatchString(s)
	}
	return strings.ContainsFunc(s, unicode.IsLetter)
}

// Confirm is the fields of d with values that by compared with the paper at a
// moment, and the names of those whose value is another than before. What
// somebody confirmed already and stays as it is keeps who it was. Values must
// have passed CheckFields.
func (d Document) Confirm(values []FieldValue, by string, at time.Time) (fields []Field, changed []string) {
	for _, name := range FieldNames {
		had := d.Field(name)
		v := FieldValue{Name: name}
		if i := slices.IndexFunc(values, func(v FieldValue) bool { return v.Name == name }); i >= 0 {
			v = values[i]
		}
		if v.Value != had.Value {
			changed = append(changed, name)
		}
		fields = append(fields, had.confirmed(v, by, at))
	}
	for _, f := range d.Fields { // of an earlier form
		if !slices.Contains(FieldNames, f.Name) {
			fields = append(fields, f)
		}
	}
	return fields, changed
}

// near reports whether two boxes are the same to half a pixel, which is how
// exactly forms send them.
func near(a, b Rect) bool {
	close := func(x, y float64) bool { return math.Abs(x-y) < 0.5 }
	return close(a.X0, b.X0) && close(a.Y0, b.Y0) && close(a.X1, b.X1) && close(a.Y1, b.Y1)
}

// confirmed is f with the value that a person gave it.
func (f Field) confirmed(v FieldValue, by string, at time.Time) Field {
	if v.Value == "" {
		v = FieldValue{Name: f.Name}
	}
	moved := v.Page != 0 && (v.Page != f.Page || !near(v.Box, f.Box))
	if v.Value == f.Value && !moved {
		if !f.Confirmed {
			f.Confirmed, f.By, f.At = true, by, at
		}
		return f
	}
	out := Field{Name: f.Name, Value: v.Value, Text: v.Text, Page: v.Page, Box: v.Box, Rule: RulePerson,
		Confirmed: true, By: by, At: at, Read: f.reading()}
	if out.Text == "" {
		out.Text = v.Value
	}
	if v.Value != "" {
		out.Confidence = 100
	}
	if r := out.Read; r != nil && r.Value == out.Value && (v.Page == 0 || v.Page == r.Page && near(v.Box, r.Box)) { // what was read was right after all
		out.Text, out.Page, out.Box, out.Confidence, out.Rule, out.Read = r.Text, r.Page, r.Box, r.Confidence, r.Rule, nil
	}
	return out
}
