package main

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"sohoa"
	"sohoa/search"
)

// engine is one of what is compared. find may be called concurrently, also
// with add.
type engine interface {
	// open opens the index in the engine's folder, or makes it.
	open(ctx context.Context) error
	// add indexes pages of whole documents, in place of those that it has of
	// them; they are durable when it returns.
	add(ctx context.Context, pages []search.PageDoc) error
	// filled is told when the corpus is in.
	filled(ctx context.Context) error
	// find returns the n best documents, best first.
	find(ctx context.Context, query string, n int) ([]sohoa.DocumentID, error)
	// others are the processes that work for the engine beside this one.
	others() ([]int, error)
	// bytes is what the index takes on disk, with the texts and all else that
	// is stored of a page.
	bytes(ctx context.Context) (int64, error)
	close() error
}

// newEngine makes the engine of a name, whose files are in dir.
func newEngine(name, dir string) (engine, error) {
	switch name {
	case "ours":
		return &ours{dir: dir}, nil
	case "fts5":
		return &fts5{dir: dir}, nil
	case "postgres":
		return &postgres{dir: dir}, nil
	}
	return nil, fmt.Errorf("no engine is named %q", name)
}

// known is what is known about a page's document in one line, for engines that
// take text.
func known(d search.PageDoc) string {
	return strings.Join([]string{d.Owner, d.ProcedureName, d.Fields[sohoa.FieldTypeName],
		strings.Trim(d.Fields[sohoa.FieldCodeNumber]+"/"+d.Fields[sohoa.FieldCodeNotation], "/"),
		d.Fields[sohoa.FieldSubject], d.Dossier, d.AgencyName, d.Fields[sohoa.FieldOrganName], d.Fields[sohoa.FieldIssuedDate], d.Name}, " ; ")
}

// distinct are the first n documents of pages, by identifier.
func distinct(pages []string, n int) ([]sohoa.DocumentID, error) {
	var out []sohoa.DocumentID
	seen := map[string]bool{}
	for _, s := range pages {
		if seen[s] || len(out) == n {
			continue
		}
		seen[s] = true
		id, err := sohoa.ParseDocumentID(s)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// pagesPerDocument is how many pages are fetched for each document wanted:
// some are of the same one.
const pagesPerDocument = 5

// size is the sum of file sizes below dir.
func size(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}
