package web

import (
	"bytes"
	"io"
	"net/http"

	"sohoa"
	"sohoa/web/table"
)

// The forms of files of tables.
const (
	formatCSV  = "csv"
	formatXLSX = "xlsx"
)

// xlsxType is the media type of a workbook (ECMA-376).
const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// giveTables answers with tables: as CSV the first of them, as XLSX each on a
// sheet of its own. name is the file's, without its ending.
func giveTables(w http.ResponseWriter, format, name string, sheets ...table.Sheet) error {
	var b bytes.Buffer
	var err error
	mediaType := "text/csv; charset=utf-8"
	switch format {
	case formatCSV, "":
		format, err = formatCSV, table.WriteCSV(&b, sheets[0].Head, sheets[0].Text())
	case formatXLSX:
		mediaType, err = xlsxType, table.WriteBook(&b, sheets...)
	default:
		err = newProblem(sohoa.ErrInvalid, "figures.format", format)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Disposition", attachment(name+"."+format))
	_, _ = io.Copy(w, &b) // the client may be gone
	return nil
}
