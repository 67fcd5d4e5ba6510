package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"sohoa"
)

// readCSV reads comma, semicolon or tab separated values in UTF-8, with or
// without a byte order mark, or in UTF-16 with one.
func readCSV(b []byte) ([]sohoa.TableRow, error) {
	text, err := decode(b)
	if err != nil {
		return nil, err
	}
	if line, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(line, "sep=") {
		text = rest // a hint for one spreadsheet program
	}
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.Comma = -1, separator(text)
	var all rows
	within := 0 // line breaks inside of cells so far
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return nil, invalid("table.quotes", strconv.Itoa(wrong.StartLine))
		}
		if err != nil {
			return nil, unreadable(err)
		}
		line, _ := in.FieldPos(0)
		number := line - within
		for _, cell := range record {
			within += strings.Count(cell, "\n")
		}
		if err := all.add(number, record); err != nil {
			return nil, err
		}
	}
}

// decode makes UTF-8 of a text file.
func decode(b []byte) (string, error) {
	if bytes.HasPrefix(b, []byte{0xff, 0xfe}) || bytes.HasPrefix(b, []byte{0xfe, 0xff}) {
		var err error
		if b, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(b); err != nil {
			return "", invalid("table.encoding")
		}
	}
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	if !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return "", invalid("table.encoding")
	}
	return string(b), nil
}

// separator is what parts the cells of the first line.
func separator(text string) rune {
	head, _, _ := strings.Cut(text, "\n")
	best, most := ',', 0
	for _, r := range ",;\t" {
		if n := strings.Count(head, string(r)); n > most {
			best, most = r, n
		}
	}
	return best
}

// WriteCSV writes a table that Read reads and a spreadsheet opens as it is:
// UTF-8 with a byte order mark.
func WriteCSV(w io.Writer, head []string, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	return WritePlain(w, head, rows)
}

// WritePlain is WriteCSV without the mark: for a form, or a program.
func WritePlain(w io.Writer, head []string, rows [][]string) error {
	out := csv.NewWriter(w)
	if err := out.Write(head); err != nil {
		return err
	}
	for _, row := range rows {
		if err := out.Write(inertRow(row)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func inertRow(row []string) []string {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = Inert(cell)
	}
	return cells
}
