package sohoa_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// arrows are the imports that are allowed between our packages: from the
// folder on the left to those on the right. A package may also import what
// lies in its own folder, and the root. A new arrow is a design decision.
var arrows = map[string][]string{
	"cmd":     {"web", "ingest", "search", "archive", "ocr", "signing"},
	"web":     {"ingest", "search", "archive", "ocr", "signing"},
	"ingest":  {"archive", "ocr", "signing"},
	"search":  {"archive"},
	"archive": {},
	"ocr":     {"archive/jbig2"},
	"signing": {"ocr/child"},
}

func TestImportsFollowTheArrows(t *testing.T) {
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	packages := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		for _, imported := range p.Imports {
			if bad := forbidden(p.ImportPath, imported); bad != "" {
				t.Error(bad)
			}
		}
	}
	if packages < 5 {
		t.Errorf("go list found %d packages, want the whole module", packages)
	}
}

// forbidden says why from must not import to, or nothing.
func forbidden(from, to string) string {
	from, inside := strings.CutPrefix(from, "sohoa")
	from = strings.TrimPrefix(from, "/")
	rest, ours := strings.CutPrefix(to, "sohoa/")
	if from == "" {
		if first, _, _ := strings.Cut(to, "/"); ours || strings.Contains(first, ".") {
			return "the root package imports " + to + "; it has the standard library only"
		}
		return ""
	}
	if !inside || !ours {
		return ""
	}
	folder, _, _ := strings.Cut(from, "/")
	target, _, _ := strings.Cut(rest, "/")
	if folder == target {
		return ""
	}
	for _, allowed := range arrows[folder] {
		if rest == allowed || strings.HasPrefix(rest, allowed+"/") {
			return ""
		}
	}
	return from + " imports " + rest + ", which no arrow allows"
}
