package sohoa

import (
	"slices"
	"strconv"
	"strings"
)

// ProcedureColumns head the table of procedures: a line for each paper that a
// procedure asks for, and one line for a procedure that asks for none.
var ProcedureColumns = []string{"procedure", "name", "result", "requirement", "paper", "types", "scope", "days", "optional"}

// ProcedureRows are procedures as lines of a table, by ProcedureColumns.
func ProcedureRows(all []Procedure) [][]string {
	var rows [][]string
	for _, p := range all {
		if len(p.Requirements) == 0 {
			rows = append(rows, procedureRow(p, Requirement{}))
		}
		for _, r := range p.Requirements {
			rows = append(rows, procedureRow(p, r))
		}
	}
	return rows
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

// ProceduresOf reads procedures from the lines of a table with a cell for each
// of ProcedureColumns. The lines of a procedure need not stand together; its
// name and result are those of its first line. If no line is wrong, each
// procedure has passed Check.
func ProceduresOf(rows []TableRow) ([]Procedure, []RowProblem) {
	var all []Procedure
	var wrong []RowProblem
	for _, row := range rows {
		var err error
		if all, err = addProcedureRow(all, row.Cells); err != nil {
			p := *AsProblem(err)
			p.Code, p.Args = "procedure.row", []string{strconv.Itoa(row.Number), row.Cells[0], AsProblem(err).Args[len(AsProblem(err).Args)-1]}
			wrong = append(wrong, RowProblem{row.Number, &p})
		}
	}
	return all, wrong
}

// addProcedureRow adds one line of the table to what the lines before it said.
func addProcedureRow(all []Procedure, row []string) ([]Procedure, error) {
	p := Procedure{Code: row[0], Name: row[1], Result: row[2]}
	at := slices.IndexFunc(all, func(p Procedure) bool { return p.Code == row[0] })
	if at >= 0 {
		p = all[at]
	} else {
		at, all = len(all), append(all, p)
	}
	p.Requirements = slices.Clip(p.Requirements)
	if strings.Join(row[3:], "") == "" {
		return all, p.Check()
	}
	r := Requirement{Code: row[3], Name: row[4], Scope: row[6], Optional: row[8] != ""}
	if types := strings.FieldsFunc(row[5], func(r rune) bool { return strings.ContainsRune(" ,;|\t", r) }); len(types) > 0 {
		r.Types = types
	}
	if row[7] != "" {
		n, err := strconv.Atoi(row[7])
		if err != nil {
			return all, &Problem{Kind: ErrInvalid, Args: []string{row[7]}, Detail: err.Error()}
		}
		r.MaxDays = n
	}
	p.Requirements = append(p.Requirements, r)
	if err := p.Check(); err != nil {
		return all, err
	}
	all[at] = p
	return all, nil
}
