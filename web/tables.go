package web

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"

	"github.com/xuri/excelize/v2"

	"sohoa"
)

// givenTable is rows of cells that are given out as a file for spreadsheets. Cells
// are text, int, or float64; text is never taken for a formula.
type givenTable struct {
	Name string // of its sheet, at most 31 characters
	Head []string
	Rows [][]any
}

// The forms of files.
const (
	formatCSV  = "csv"
	formatXLSX = "xlsx"
)

// xlsxType is the media type of an Office Open XML workbook (ECMA-376).
const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// giveTables answers with tables: as CSV the first of them, as XLSX each on a
// sheet of its own. name is the file's, without its ending.
func giveTables(w http.ResponseWriter, format, name string, tables ...givenTable) error {
	switch format {
	case formatCSV, "":
		w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		w.Header().Set("Content-Disposition", attachment(name+".csv"))
		writeCSV(w, tables[0])
		return nil
	case formatXLSX:
		f, err := workbook(tables)
		if err != nil {
			return err
		}
		defer f.Close()
		w.Header().Set("Content-Type", xlsxType)
		w.Header().Set("Content-Disposition", attachment(name+".xlsx"))
		_ = f.Write(w) // an error of writing: the client is gone
		return nil
	}
	return newProblem(sohoa.ErrInvalid, "figures.format", format)
}

// writeCSV writes a table as RFC 4180 in UTF-8 with a byte order mark, by which
// spreadsheets know it.
func writeCSV(w http.ResponseWriter, t givenTable) {
	_, _ = w.Write([]byte("\ufeff"))
	c := csv.NewWriter(w)
	_ = c.Write(t.Head)
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, cell := range row {
			line[i] = cellText(cell)
		}
		_ = c.Write(line)
	}
	c.Flush() // an error of writing: the client is gone
}

// cellText is a cell in a file of text: numbers with a point.
func cellText(cell any) string {
	switch v := cell.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return inert(v)
	}
	return fmt.Sprint(cell)
}

// workbook makes tables the sheets of a file. The first row of each stays in
// sight and is bold.
func workbook(tables []givenTable) (*excelize.File, error) {
	f := excelize.NewFile()
	for i, t := range tables {
		if i == 0 {
			if err := f.SetSheetName(f.GetSheetName(0), t.Name); err != nil {
				return nil, err
			}
		} else if _, err := f.NewSheet(t.Name); err != nil {
			return nil, err
		}
		if err := fillSheet(f, t); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func fillSheet(f *excelize.File, t givenTable) error {
	s, err := f.NewStreamWriter(t.Name)
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(t.Head))
	for i, name := range t.Head {
		head[i] = excelize.Cell{StyleID: bold, Value: name}
	}
	if err := s.SetRow("A1", head); err != nil {
		return err
	}
	for n, row := range t.Rows {
		cells := make([]any, len(row))
		for i, cell := range row {
			if text, ok := cell.(string); ok {
				cell = inert(text)
			}
			cells[i] = cell
		}
		if err := s.SetRow("A"+strconv.Itoa(n+2), cells); err != nil {
			return err
		}
	}
	return s.Flush()
}
