package table

import (
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// Sheet is a table that is given out. Cells are text, int or float64; text is
// never taken for a formula.
type Sheet struct {
	Name string // at most 31 characters
	Head []string
	Rows [][]any
}

// Text is the sheet's rows as text: numbers with a point.
func (s Sheet) Text() [][]string {
	rows := make([][]string, len(s.Rows))
	for n, row := range s.Rows {
		for _, cell := range row {
			text := fmt.Sprint(cell)
			if v, ok := cell.(float64); ok {
				text = strconv.FormatFloat(v, 'f', -1, 64)
			}
			rows[n] = append(rows[n], text)
		}
	}
	return rows
}

// WriteBook writes sheets as a workbook (Office Open XML, ECMA-376). The head of
// each is bold and stays in sight.
func WriteBook(w io.Writer, sheets ...Sheet) error {
	book := excelize.NewFile()
	defer book.Close()
	for i, s := range sheets {
		if i == 0 {
			if err := book.SetSheetName(book.GetSheetName(0), s.Name); err != nil {
				return err
			}
		} else if _, err := book.NewSheet(s.Name); err != nil {
			return err
		}
		if err := s.fill(book); err != nil {
			return err
		}
	}
	return book.Write(w)
}

// fill writes the cells of a sheet that is there.
func (s Sheet) fill(book *excelize.File) error {
	out, err := book.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := out.SetColWidth(1, max(1, len(s.Head)), 24); err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := out.SetRow("A1", textCells(s.Head), excelize.RowOpts{StyleID: bold}); err != nil {
		return err
	}
	for i, row := range s.Rows {
		cells := make([]any, len(row))
		for n, cell := range row {
			if text, ok := cell.(string); ok {
				cell = Inert(text)
			}
			cells[n] = cell
		}
		if err := out.SetRow("A"+strconv.Itoa(i+2), cells); err != nil {
			return err
		}
	}
	return out.Flush()
}
