package sohoa

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// procedureColumns head the table of procedures: a line for each paper that a
// procedure asks for, and one line for a procedure that asks for none.
var procedureColumns = []string{"procedure", "name", "result", "requirement", "paper", "types", "scope", "days", "optional"}

// maxProceduresBytes bounds the table of procedures: more than 20,000 lines.
const maxProceduresBytes = 8 << 20

// WriteProceduresCSV writes procedures as a table.
func WriteProceduresCSV(w io.Writer, all []Procedure) error {
	table := csv.NewWriter(w)
	rows := [][]string{procedureColumns}
	for _, p := range all {
		if len(p.Requirements) == 0 {
			rows = append(rows, procedureRow(p, Requirement{}))
		}
		for _, r := range p.Requirements {
			rows = append(rows, procedureRow(p, r))
		}
	}
	return table.WriteAll(rows)
}

func procedureRow(p Procedure, r Requirement) []string {
	days, optional := "", ""
	if r.MaxDays > 0 {
		days = strconv.Itoa(r.MaxDays)
	}
	if r.Optional {
		optional = "x"
	}
	return []string{p.Code, p.Name, p.Result, r.Code, r.Name, strings.Join(r.Types, " "), r.Scope, days, optional}
}

// ReadProceduresCSV reads a table that WriteProceduresCSV wrote, or a person
// with a spreadsheet: a byte order mark and semicolons are understood. The
// lines of a procedure need not stand together; its name and result are those
// of its first line. Each procedure has passed Check.
func ReadProceduresCSV(r io.Reader) ([]Procedure, error) {
	broken := func(err error) error {
		return &Problem{Kind: ErrInvalid, Code: "procedure.table", Detail: err.Error()}
	}
	b, err := io.ReadAll(io.LimitReader(r, maxProceduresBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxProceduresBytes {
		return nil, broken(fmt.Errorf("more than %d bytes", maxProceduresBytes))
	}
	text := strings.TrimPrefix(string(b), "\ufeff")
	table := csv.NewReader(strings.NewReader(text))
	if head, _, _ := strings.Cut(text, "\n"); strings.Contains(head, ";") {
		table.Comma = ';'
	}
	rows, err := table.ReadAll()
	if err == nil && (len(rows) == 0 || !slices.Equal(rows[0], procedureColumns)) {
		err = errors.New("the first line is not " + strings.Join(procedureColumns, ","))
	}
	if err != nil {
		return nil, broken(err)
	}
	var all []Procedure
	for i, row := range rows[1:] {
		if all, err = addProcedureRow(all, row); err != nil {
			return nil, &Problem{Kind: ErrInvalid, Code: "procedure.row", Args: []string{strconv.Itoa(i + 2), row[0]}, Detail: err.Error()}
		}
	}
	for _, p := range all {
		if err := p.Check(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addProcedureRow adds one line of the table to what the lines before it said.
func addProcedureRow(all []Procedure, row []string) ([]Procedure, error) {
	for i := range row {
		row[i] = strings.TrimSpace(row[i])
	}
	at := slices.IndexFunc(all, func(p Procedure) bool { return p.Code == row[0] })
	if at < 0 {
		at, all = len(all), append(all, Procedure{Code: row[0], Name: row[1], Result: row[2]})
	}
	if strings.Join(row[3:], "") == "" {
		return all, nil
	}
	r := Requirement{Code: row[3], Name: row[4], Scope: row[6], Optional: row[8] != ""}
	if types := strings.Fields(row[5]); len(types) > 0 {
		r.Types = types
	}
	if row[7] != "" {
		n, err := strconv.Atoi(row[7])
		if err != nil {
			return all, fmt.Errorf("days: %w", err)
		}
		r.MaxDays = n
	}
	all[at].Requirements = append(all[at].Requirements, r)
	return all, nil
}
