package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"sohoa"
	sheet "sohoa/web/table"
)

// table is a list that people keep in a spreadsheet or an editor: CSV, XLSX,
// TOML in the form of F, or JSON.
type table[T, F any] struct {
	columns  []sheet.Column
	of       func([]sohoa.TableRow) (T, []sohoa.RowProblem)
	rows     func(T) [][]string
	fromTOML func(F) T
	toTOML   func(T) F
}

// read reads a table: TOML from a file of that name, else CSV or XLSX; "-" is
// in.
func (t table[T, F]) read(name string, in io.Reader) (v T, err error) {
	if name == "-" {
		return t.readSheet(in)
	}
	f, err := os.Open(name)
	if err != nil {
		return v, openFailed(name, err)
	}
	defer f.Close()
	if !strings.HasSuffix(name, ".toml") {
		return t.readSheet(f)
	}
	var file F
	if _, err := toml.NewDecoder(f).Decode(&file); err != nil {
		return v, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "table.toml", Args: []string{name}, Detail: err.Error()}
	}
	return t.fromTOML(file), nil
}

func (t table[T, F]) readSheet(in io.Reader) (v T, err error) {
	rows, err := sheet.Read(in, t.columns)
	if err != nil {
		return v, err
	}
	v, wrong := t.of(rows)
	return v, sohoa.FirstProblem(wrong)
}

// write writes a table as csv, xlsx, toml or json.
func (t table[T, F]) write(w io.Writer, format string, v T) error {
	switch format {
	case "toml":
		return toml.NewEncoder(w).Encode(t.toTOML(v))
	case "json":
		return json.NewEncoder(w).Encode(v)
	}
	if format == "csv" {
		return sheet.WritePlain(w, sheet.Head(t.columns, sohoa.English), t.rows(v))
	}
	return sheet.Write(w, format, sheet.Head(t.columns, sohoa.English), t.rows(v))
}
