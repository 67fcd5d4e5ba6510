package table

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/xuri/excelize/v2"

	"sohoa"
)

// readXLSX reads the first sheet of a workbook.
func readXLSX(b []byte) (found []sohoa.TableRow, err error) {
	defer func() {
		if p := recover(); p != nil { // the library is not written for hostile files
			found, err = nil, unreadable(fmt.Errorf("%v", p))
		}
	}()
	if err := boundZIP(b); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: sohoa.MaxTableUnzipped, UnzipXMLSizeLimit: sohoa.MaxTableUnzipped,
	})
	if err != nil {
		return nil, unreadable(err)
	}
	defer book.Close()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, invalid("table.empty")
	}
	in, err := book.Rows(sheets[0])
	if err != nil {
		return nil, unreadable(err)
	}
	defer in.Close()
	return sheetRows(in)
}

// boundZIP looks at what a workbook says of itself before it is unpacked;
// archive/zip holds it to that.
func boundZIP(b []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return unreadable(err)
	}
	var size uint64
	for _, f := range archive.File {
		size += min(f.UncompressedSize64, sohoa.MaxTableUnzipped+1)
		if size > sohoa.MaxTableUnzipped || len(archive.File) > sohoa.MaxTableParts {
			return invalid("table.bytes", strconv.Itoa(sohoa.MaxTableBytes>>20))
		}
	}
	return nil
}

// lastRow is the last that a sheet can have (ECMA-376); rows that are left out
// count too.
const lastRow = 1 << 20

func sheetRows(in *excelize.Rows) ([]sohoa.TableRow, error) {
	var all rows
	for number := 1; in.Next(); number++ {
		cells, err := in.Columns()
		if err != nil {
			return nil, unreadable(err)
		}
		if number > lastRow {
			return nil, invalid("table.rows", strconv.Itoa(sohoa.MaxTableRows))
		}
		if len(cells) == 0 {
			continue
		}
		for i, cell := range cells {
			cells[i] = asTyped(cell)
		}
		if err := all.add(number, cells); err != nil {
			return nil, err
		}
	}
	if err := in.Error(); err != nil {
		return nil, unreadable(err)
	}
	return all, nil
}

// stored is a number as spreadsheets store it: 1.1 as 1.1000000000000001.
var stored = regexp.MustCompile(`^-?[0-9]+\.[0-9]{14,}(E-?[0-9]+)?$`)

// asTyped is a number with the fifteen digits that a spreadsheet shows.
func asTyped(cell string) string {
	if !stored.MatchString(cell) {
		return cell
	}
	v, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	v, err = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		return cell
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// WriteXLSX writes a table as the one sheet of a workbook. Every cell is text,
// so that codes keep their zeros.
func WriteXLSX(w io.Writer, head []string, rows [][]string) error {
	s := Sheet{Name: "Sheet1", Head: head}
	for _, row := range rows {
		s.Rows = append(s.Rows, textCells(row))
	}
	return WriteBook(w, s)
}

func textCells(row []string) []any {
	cells := make([]any, len(row))
	for i, cell := range row {
		cells[i] = cell
	}
	return cells
}
