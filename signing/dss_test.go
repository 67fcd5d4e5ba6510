package signing_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/testca"
)

// dssJudgement is what EU DSS says of a signature.
type dssJudgement struct {
	Indication string
	Sub        string // "null" without one
	Level      string
	Timestamps int    // that passed, of the whole document
	Why        string // errors
}

// dss asks EU DSS about every signature of each file at a time. It fetches
// nothing.
func dss(t testing.TB, roots []*x509.Certificate, at time.Time, pdfs ...[]byte) [][]dssJudgement {
	t.Helper()
	jars := os.Getenv("SOHOA_DSS_JARS")
	if jars == "" {
		missing(t, "SOHOA_DSS_JARS is not set")
	}
	args := []string{"-Xmx1g", "-cp", filepath.Join(jars, "*"), filepath.Join("testdata", "dss", "Judge.java"),
		at.UTC().Format(time.RFC3339), strconv.Itoa(len(roots))}
	for _, c := range roots {
		args = append(args, temp(t, "root.der", c.Raw))
	}
	for _, pdf := range pdfs {
		args = append(args, temp(t, "a.pdf", pdf))
	}
	var stderr bytes.Buffer
	cmd := exec.Command("java", args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("EU DSS: %v\n%s%s", err, out, stderr.String())
	}
	js := make([][]dssJudgement, len(pdfs))
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		n, err := strconv.Atoi(f[0])
		if err != nil || len(f) != 6 {
			t.Fatalf("EU DSS said %q", line)
		}
		passed, _ := strconv.Atoi(f[4])
		js[n] = append(js[n], dssJudgement{f[1], f[2], f[3], passed, f[5]})
	}
	return js
}

// keyKind is a kind of key and how it signs.
type keyKind struct {
	key testca.Algorithm
	pss bool
}

// TestDSS lets EU DSS judge every level with every kind of key at once;
// TestThirtyYears has what comes of them.
func TestDSS(t *testing.T) {
	var pdfs [][]byte
	var want []string
	var roots []*x509.Certificate
	for _, tt := range []keyKind{{testca.RSA2048, false}, {testca.RSA2048, true}, {testca.P256, false}, {testca.P384, false}, {testca.P521, false}} {
		l := newLab(t, testca.WithKey(tt.key))
		for _, level := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
			req := signing.Request{Level: level, Evidence: l.source, Time: l.now(), PSS: tt.pss}
			pdf, _ := signWith(t, scan(t), l.key, req, l.tsa)
			pdfs, want, roots = append(pdfs, pdf), append(want, "PAdES-BASELINE-"+strings.TrimPrefix(string(level), "B-")), append(roots, l.Root())
		}
	}
	for i, js := range dss(t, roots, moment.Add(time.Minute), pdfs...) {
		wantDSS(t, js, want[i])
	}
}

// wantDSS fails unless js is one signature that passed at a level. Below LT
// nobody says anything about revocation, and EU DSS does not pass it.
func wantDSS(t *testing.T, js []dssJudgement, level string) {
	t.Helper()
	indication := "TOTAL_PASSED"
	if level == "PAdES-BASELINE-B" || level == "PAdES-BASELINE-T" {
		indication = "INDETERMINATE"
	}
	if len(js) != 1 || js[0].Level != level || js[0].Indication != indication {
		t.Errorf("EU DSS: %+v, want one of %s, %s", js, level, indication)
	}
}
