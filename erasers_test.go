package sohoa_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// erasing are the calls by which anything that is stored ceases to be.
var erasing = regexp.MustCompile(`\.(Remove|RemoveAll|Purge|PurgeAll|Destroy|BuryDocument|RemoveDocument)\((ctx|t\.ctx|tomb|doc\.ID|id\b)|\bDELETE FROM (documents|pages|files)`)

// mayErase are the files that may, and why. Everything that was kept goes
// through ingest/destroy.go alone.
var mayErase = map[string]string{
	"archive/powers.go":          "the helpers themselves",
	"archive/ocfl/ocfl.go":       "what a root that was not finished begins with",
	"archive/ocfl/filesystem.go": "what ocfl-go asks of a file system",
	"archive/ocfl/repair.go":     "versions that were never finished",
	"archive/ocfl/note.go":       "notes of commits, and versions that were never finished",
	"archive/ocfl/root.go":       "what a repair has put into the quarantine",
	"archive/ocfl/mend.go":       "the quarantine of an object that was destroyed",
	"archive/backup/*":           "locks of a repository, and snapshots that are forgotten",
	"archive/journal/*":          "entries that are in a day's object by now",
	"archive/moving/*":           "hands on, and its own notes",
	"archive/vault/vault.go":     "hands on, and the other form of a blob that was stored anew",
	"cmd/retrieval/postgres.go":  "pages of invented papers in a database of its own",
	"cmd/sohoa/second.go":        "hands on",
	"archive/ocfl/destroy.go":    "objects of approved disposals",
	"archive/sqlite/*":           "rows of the catalogue, as archive.Tx says",
	"archive/postgres/*":         "rows of the catalogue, as archive.Tx says",
	"archive/archivetest/*":      "the suites of the stores",
	"ingest/destroy.go":          "approved disposals",
	"ingest/preserve.go":         "working copies of what is kept",
	"ingest/sweep.go":            "working copies of what is kept or never came to be",
	"ingest/hold.go":             "working copies of documents without a page",
	"ingest/cosign.go":           "files that were brought back, once kept",
	"web/*":                      "sessions",
}

// TestNothingElseErases looks for another way to remove what is stored: a call
// in a file that is not on the list, or a command or route that says so.
func TestNothingElseErases(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, ".") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if found := erasing.FindString(string(b)); found != "" {
			at := path
			if _, ok := mayErase[at]; !ok {
				at = filepath.Join(filepath.Dir(path), "*")
			}
			if _, ok := mayErase[at]; !ok {
				t.Errorf("%s has %q: nothing but an approved disposal removes what is kept", path, found)
			}
			used[at] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !used["ingest/destroy.go"] || !used["archive/ocfl/destroy.go"] {
		t.Errorf("the calls of a disposal were not found, only those in %v", used)
	}
	for at := range mayErase {
		if !used[at] {
			t.Errorf("%s is on the list and erases nothing", at)
		}
	}
	commands := string(must(os.ReadFile("cmd/sohoa/run.go"))(t))
	if word := regexp.MustCompile(`(?i)\b(delete|erase|purge|destroy|rm)cmd\b`).FindString(commands); word != "" {
		t.Errorf("there is a command %s", word)
	}
	var deletes []string
	for _, name := range must(filepath.Glob("web/*.go"))(t) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		b := string(must(os.ReadFile(name))(t))
		for _, m := range regexp.MustCompile(`http\.MethodDelete, "([^"]+)"|"DELETE ([^"]+)"`).FindAllStringSubmatch(b, -1) {
			deletes = append(deletes, m[1]+m[2])
		}
	}
	for _, path := range deletes {
		if !strings.Contains(path, "/place") && !strings.Contains(path, "/signatures/") && !strings.Contains(path, "pending") &&
			!strings.Contains(path, "/search/saved/") && !strings.HasSuffix(path, "/omission") {
			t.Errorf("there is a route DELETE %s", path)
		}
	}
}

// must unwraps a result.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
