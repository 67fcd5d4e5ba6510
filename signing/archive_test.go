package signing_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sohoa/archive/archivetest"
	"sohoa/archive/pdfa"
	"sohoa/signing"
)

// longJudgement is what pyHanko says of a signature by the process for
// long-term archival.
type longJudgement struct {
	Indication string `json:"indication"`
	Sub        string `json:"sub"`
	Why        string `json:"why"`
	Store      bool   `json:"store"`      // there is a document security store
	Timestamp  bool   `json:"timestamp"`  // the signature timestamp passed
	Archived   bool   `json:"archived"`   // document timestamps passed
	Timestamps int    `json:"timestamps"` // document timestamps
}

// pyhankoLong asks pyHanko about the first signature of each file at a time.
// It fetches nothing and requires evidence about every certificate.
func pyhankoLong(t testing.TB, root *x509.Certificate, at time.Time, pdfs ...[]byte) []longJudgement {
	t.Helper()
	python := os.Getenv("SOHOA_PYHANKO_PYTHON")
	if python == "" {
		missing(t, "SOHOA_PYHANKO_PYTHON is not set")
	}
	args := []string{filepath.Join("testdata", "judge_archive.py"), "--root", temp(t, "root.der", root.Raw), "--time", at.UTC().Format("2006-01-02T15:04:05+00:00")}
	for _, pdf := range pdfs {
		args = append(args, temp(t, "a.pdf", pdf))
	}
	var stderr bytes.Buffer
	cmd := exec.Command(python, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var js []longJudgement
	if err != nil || json.Unmarshal(out, &js) != nil || len(js) != len(pdfs) {
		t.Fatalf("pyHanko: %v\n%s%s", err, out, stderr.String())
	}
	return js
}

// TestPyHankoLongTerm lets pyHanko judge B-LT and B-LTA at once, and B-LTA that
// was renewed after every certificate of its beginning ended but the roots.
func TestPyHankoLongTerm(t *testing.T) {
	l := newLab(t)
	lt, _ := l.sign(t, scan(t), signing.LevelLT)
	lta, _ := l.sign(t, scan(t), signing.LevelLTA)
	stream, _ := l.sign(t, plain{}.stream(), signing.LevelLTA)
	want := longJudgement{Indication: "PASSED", Sub: "OK", Store: true, Timestamp: true}
	for i, j := range pyhankoLong(t, l.Root(), moment.Add(time.Minute), lt, lta, stream) {
		w := want
		if i > 0 {
			w.Archived, w.Timestamps = true, 1
		}
		if j != w {
			t.Errorf("file %d = %+v, want %+v", i, j, w)
		}
	}
	for _, year := range []int{4, 8, 12} {
		l.moveTo(years(year))
		if err := l.RenewTSA(); err != nil {
			t.Fatal(err)
		}
		lta = l.renew(t, lta)
	}
	// Nothing is fetched, so evidence about the last timestamp's unit, which is
	// new, has to be inside too.
	var last bytes.Buffer
	if _, err := signing.AddEvidence(t.Context(), reader(lta), int64(len(lta)), &last, l.source); err != nil {
		t.Fatal(err)
	}
	want.Archived, want.Timestamps = true, 4
	if j := pyhankoLong(t, l.Root(), years(12).Add(time.Minute), last.Bytes())[0]; j != want {
		t.Errorf("after three renewals = %+v, want %+v", j, want)
	}
}

// TestLongTermKeepsPDFA lets veraPDF and our own linter judge B-LT, B-LTA and a
// renewed document.
func TestLongTermKeepsPDFA(t *testing.T) {
	l := newLab(t)
	lt, _ := l.sign(t, scan(t), signing.LevelLT)
	lta, _ := l.sign(t, lt, signing.LevelLTA)
	l.moveTo(years(4))
	renewed := l.renew(t, lta)
	dir := t.TempDir()
	var paths []string
	for name, pdf := range map[string][]byte{"lt.pdf": lt, "lta.pdf": lta, "renewed.pdf": renewed} {
		if err := pdfa.Lint(reader(pdf), int64(len(pdf))); err != nil {
			t.Errorf("Lint %s = %v", name, err)
		}
		paths = append(paths, filepath.Join(dir, name))
		if err := os.WriteFile(paths[len(paths)-1], pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	archivetest.VeraPDF(t, paths...)
}
