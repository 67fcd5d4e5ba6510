package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"sohoa"
)

// table is a list that people keep in a spreadsheet or an editor: CSV, TOML in
// the form of F, or JSON.
type table[T, F any] struct {
	readCSV  func(io.Reader) (T, error)
	writeCSV func(io.Writer, T) error
	fromTOML func(F) T
	toTOML   func(T) F
	broken   string // code of the Problem of TOML that cannot be read
}

// read reads a table: TOML from a file of that name, else CSV; "-" is in.
func (t table[T, F]) read(name string, in io.Reader) (v T, err error) {
	if name == "-" {
		return t.readCSV(in)
	}
	f, err := os.Open(name)
	if err != nil {
		return v, openFailed(name, err)
	}
	defer f.Close()
	if !strings.HasSuffix(name, ".toml") {
		return t.readCSV(f)
	}
	var file F
	if _, err := toml.NewDecoder(f).Decode(&file); err != nil {
		return v, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: t.broken, Detail: err.Error()}
	}
	return t.fromTOML(file), nil
}

// write writes a table as csv, toml or json.
func (t table[T, F]) write(w io.Writer, format string, v T) error {
	switch format {
	case "toml":
		return toml.NewEncoder(w).Encode(t.toTOML(v))
	case "json":
		return json.NewEncoder(w).Encode(v)
	}
	return t.writeCSV(w, v)
}
