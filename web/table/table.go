// Package table reads and writes the tables in which offices bring lists of
// people, agencies, procedures and retention: CSV as spreadsheets and editors
// write it, and XLSX.
//
// What is read is hostile: its size, what it unpacks to, its rows and its
// cells are bounded (limits.go of the root package), no formula is evaluated
// (a cell has the value that was saved with it), and nothing in it is taken
// for a path or an address. What is written is inert: no cell begins with what
// a spreadsheet takes for a formula.
package table

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sohoa"
	"sohoa/archive"
)

// Column is one that a table may have.
type Column struct {
	Key      string   // its name in our own exports and on the command line
	Names    []string // others; case, marks, blanks and signs do not matter
	Required bool
}

// headed is whether a heading names c.
func (c Column) headed(heading string) bool {
	return slices.ContainsFunc(append([]string{c.Key}, c.Names...), func(n string) bool { return plain(n) == heading })
}

// plain is what is compared of a heading.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, archive.Fold(s))
}

// Read reads a table and returns its rows with a cell for each of columns, in
// that order; cells of columns that it lacks are empty, and empty rows are
// left out. Text is NFC without blanks around it. Row numbers are those that a
// spreadsheet shows. Errors are Problems "table.…" that say what to do.
func Read(r io.Reader, columns []Column) ([]sohoa.TableRow, error) {
	b, err := io.ReadAll(io.LimitReader(r, sohoa.MaxTableBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > sohoa.MaxTableBytes {
		return nil, invalid("table.bytes", strconv.Itoa(sohoa.MaxTableBytes>>20))
	}
	rows, err := readRows(b)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, invalid("table.empty")
	}
	places, err := place(rows[0].Cells, columns)
	if err != nil {
		return nil, err
	}
	for i, row := range rows[1:] {
		if err := beyond(row.Cells, len(rows[0].Cells)); err {
			return nil, invalid("table.wide", strconv.Itoa(row.Number))
		}
		rows[i+1].Cells = pick(row.Cells, places)
	}
	return rows[1:], nil
}

// readRows reads all rows that have something in them.
func readRows(b []byte) ([]sohoa.TableRow, error) {
	switch {
	case strings.HasPrefix(string(b), "PK\x03\x04"):
		return readXLSX(b)
	case strings.HasPrefix(string(b), "\xd0\xcf\x11\xe0"):
		return nil, invalid("table.old")
	}
	return readCSV(b)
}

// rows collects rows within the bounds.
type rows []sohoa.TableRow

func (r *rows) add(number int, cells []string) error {
	for i, cell := range cells {
		cells[i] = tidy(cell)
		if len(cell) > 4*sohoa.MaxCellRunes || len([]rune(cells[i])) > sohoa.MaxCellRunes {
			return invalid("table.cell", strconv.Itoa(number), strconv.Itoa(sohoa.MaxCellRunes))
		}
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil
	}
	if len(cells) > sohoa.MaxTableColumns {
		return invalid("table.wide", strconv.Itoa(number))
	}
	if len(*r) > sohoa.MaxTableRows {
		return invalid("table.rows", strconv.Itoa(sohoa.MaxTableRows))
	}
	*r = append(*r, sohoa.TableRow{Number: number, Cells: cells})
	return nil
}

// tidy is a cell as text: NFC, control characters as blanks, none around it,
// without the mark by which Write made it inert.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\ufeff' {
			return ' '
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "\ufffd")))
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "'"); ok && Inert(rest) != rest {
		return rest
	}
	return s
}

// place finds for each column where it stands in the head; -1 is nowhere.
func place(head []string, columns []Column) ([]int, error) {
	places := slices.Repeat([]int{-1}, len(columns))
	for i, heading := range head {
		if heading == "" {
			continue
		}
		at := slices.IndexFunc(columns, func(c Column) bool { return c.headed(plain(heading)) })
		if at < 0 {
			return nil, invalid("table.column", clip(heading), known(columns))
		}
		if places[at] >= 0 {
			return nil, invalid("table.twice", clip(heading))
		}
		places[at] = i
	}
	for i, c := range columns {
		if c.Required && places[i] < 0 {
			return nil, invalid("table.missing", c.label(), known(columns))
		}
	}
	return places, nil
}

// label is how a column is called to people.
func (c Column) label() string {
	if len(c.Names) == 0 {
		return c.Key
	}
	return c.Names[0] + " (" + c.Key + ")"
}

func known(columns []Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.label()
	}
	return strings.Join(names, ", ")
}

// clip keeps what somebody else wrote short in a sentence.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// beyond reports whether there is something to the right of the head, which
// nobody would read.
func beyond(cells []string, width int) bool { return len(cells) > width }

func pick(cells []string, places []int) []string {
	picked := make([]string, len(places))
	for i, at := range places {
		if at >= 0 && at < len(cells) {
			picked[i] = cells[at]
		}
	}
	return picked
}

// Inert keeps spreadsheets from taking what somebody typed for a formula.
func Inert(s string) string {
	if strings.IndexAny(s, "=+-@\t\r＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}

func invalid(code string, args ...string) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code, Args: args}
}

func unreadable(err error) error {
	var p *sohoa.Problem
	if errors.As(err, &p) {
		return err
	}
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "table.unreadable", Detail: err.Error()}
}
