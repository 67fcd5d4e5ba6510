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
	harmed := 0
	var pairs pairs
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
		pairs = append(pairs, pair{filepath.Base(path), pdf, out})
	}
	for i, why := range pairs.compare(t) {
		if why != "" {
			harmed++
			t.Errorf("%s: %s", pairs[i].name, why)
		}
	}
	t.Logf("%d files: %d signed, %d harmed, refused %v", len(paths), len(pairs), harmed, refused)
}

// pair is a file before and after signing.
type pair struct {
	name          string
	before, after []byte
}

type pairs []pair

// compare tells how signing made each file worse, in poppler's eyes and,
// where it is at hand or CI is set, in pyHanko's.
func (ps pairs) compare(t *testing.T) []string {
	t.Helper()
	var files [][]byte
	for _, p := range ps {
		files = append(files, p.before, p.after)
	}
	var judged [][]judgement
	if os.Getenv("SOHOA_PYHANKO_PYTHON") != "" || os.Getenv("CI") != "" {
		judged = pyhankoAll(t, files)
	}
	out := make([]string, len(ps))
	for i, p := range ps {
		why := comparePoppler(pdfsig(t, p.before), pdfsig(t, p.after))
		if judged != nil {
			why = append(why, comparePyHanko(judged[2*i], judged[2*i+1])...)
		}
		out[i] = strings.Join(why, "; ")
	}
	return out
}

func comparePoppler(was, is []verdict) []string {
	if len(is) != len(was)+1 {
		return []string{"poppler sees a wrong number of signatures"}
	}
	var why []string
	for i, v := range was {
		if v.Valid && !is[i].Valid {
			why = append(why, "poppler finds "+v.Field+" broken")
		}
	}
	if ours := is[len(is)-1]; !ours.Valid || !ours.Total {
		why = append(why, "poppler finds our signature wanting")
	}
	return why
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
