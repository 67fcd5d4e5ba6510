package signing_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"sohoa"
	"sohoa/signing"
)

// foreign lists the signed PDFs of the shared corpus.
func foreign(t *testing.T) []string {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "signatures")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the shared corpus is not here")
	}
	var paths []string
	for _, pattern := range []string{"*/*.pdf", "*/*/*.pdf"} {
		more, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, more...)
	}
	sort.Strings(paths)
	return paths
}

// TestCosign adds a signature to other people's files: every signature that
// was there must be worth what it was, to poppler and to pyHanko.
func TestCosign(t *testing.T) {
	paths := foreign(t)
	refused := map[string]int{}
	signed, harmed := 0, 0
	for _, path := range paths {
		pdf, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		out, err := trySign(t, pdf, signing.Request{})
		var p *sohoa.Problem
		if errors.As(err, &p) {
			refused[p.Code]++
			t.Logf("refused: %s: %s (%s)", filepath.Base(path), p.Code, p.Detail)
			continue
		}
		if err != nil || !bytes.HasPrefix(out, pdf) {
			t.Errorf("Sign(%s) = %d bytes, %v", path, len(out), err)
			continue
		}
		signed++
		if why := compare(t, pdf, out); why != "" {
			harmed++
			t.Errorf("%s: %s", filepath.Base(path), why)
		}
	}
	t.Logf("%d files: %d signed, %d harmed, refused %v", len(paths), signed, harmed, refused)
}

// compare tells how signing made a file worse, in poppler's eyes and, where
// it is at hand, in pyHanko's.
func compare(t *testing.T, before, after []byte) string {
	t.Helper()
	var why []string
	was, is := pdfsig(t, before), pdfsig(t, after)
	if len(is) != len(was)+1 {
		why = append(why, "poppler sees a wrong number of signatures")
	} else {
		for i, v := range was {
			if v.Valid && !is[i].Valid {
				why = append(why, "poppler finds "+v.Field+" broken")
			}
		}
		if ours := is[len(is)-1]; !ours.Valid || !ours.Total {
			why = append(why, "poppler finds our signature wanting")
		}
	}
	if os.Getenv("SOHOA_PYHANKO_PYTHON") != "" {
		why = append(why, comparePyHanko(pyhanko(t, before), pyhanko(t, after))...)
	}
	return strings.Join(why, "; ")
}

func comparePyHanko(was, is []judgement) []string {
	if len(was) == 1 && was[0].Field == "" && was[0].Error != "" {
		return nil // unreadable to it before
	}
	if len(is) != len(was)+1 {
		return []string{"pyHanko sees a wrong number of signatures"}
	}
	var why []string
	for i, v := range was {
		if v.Error != "" || !v.Intact || !v.Valid || v.Coverage == "UNCLEAR" || v.Modification == "OTHER" || !v.DocMDP {
			continue
		}
		now := is[i]
		if now.Error != "" || !now.Intact || !now.Valid || !now.DocMDP || now.Modification == "OTHER" {
			why = append(why, "pyHanko: "+v.Field+" was "+v.Modification+", is "+now.Modification+" "+now.Error)
		}
	}
	if ours := is[len(is)-1]; !ours.Intact || !ours.Valid || ours.Coverage != "ENTIRE_FILE" || !ours.PAdES {
		why = append(why, "pyHanko finds our signature wanting: "+ours.Coverage+" "+ours.Error)
	}
	return why
}
