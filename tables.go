package sohoa

// TableRow is a line of a table that somebody imports: a cell for each column.
type TableRow struct {
	Number int // as a spreadsheet counts; the head of the table is the first
	Cells  []string
}

// RowProblem is what is wrong with a line of a table.
type RowProblem struct {
	Row     int // TableRow.Number
	Problem *Problem
}

// FirstProblem is the first of what is wrong with a table, nil if nothing is.
func FirstProblem(wrong []RowProblem) error {
	if len(wrong) == 0 {
		return nil
	}
	return wrong[0].Problem
}
