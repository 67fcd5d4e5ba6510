package signing_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"sohoa/archive/archivetest"
	"sohoa/archive/pdfa"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// longJudgement is what pyHanko says of a signature by the process for
// long-term archival.
type longJudgement struct {
	Indication string `json:"indication"`
	Sub        string `json:"sub"`
	Why        string `json:"why"`
	Store      bool   `json:"store"`      // there is a document security store
	Timestamp  bool   `json:"timestamp"`  // the signature timestamp passes by itself: its unit has not ended
	Archived   bool   `json:"archived"`   // document timestamps passed
	Timestamps int    `json:"timestamps"` // document timestamps
}

// pyhankoLong asks pyHanko about the first signature of each file at a time.
// It fetches nothing and requires evidence about every certificate.
func pyhankoLong(t testing.TB, roots []*x509.Certificate, at time.Time, pdfs ...[]byte) []longJudgement {
	t.Helper()
	python := os.Getenv("SOHOA_PYHANKO_PYTHON")
	if python == "" {
		missing(t, "SOHOA_PYHANKO_PYTHON is not set")
	}
	args := []string{filepath.Join("testdata", "judge_archive.py"), "--time", at.UTC().Format("2006-01-02T15:04:05+00:00")}
	for _, root := range roots {
		args = append(args, "--root", temp(t, "root.der", root.Raw))
	}
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
	for i, j := range pyhankoLong(t, []*x509.Certificate{l.Root()}, moment.Add(time.Minute), lt, lta, stream) {
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
	want.Timestamp, want.Archived, want.Timestamps = false, true, 4
	if j := pyhankoLong(t, []*x509.Certificate{l.Root()}, years(12).Add(time.Minute), lta)[0]; j != want {
		t.Errorf("after three renewals = %+v, want %+v", j, want)
	}
}

// thirtyYears renews a B-LTA document six times, the last three by another
// authority, since the first one's root ends after 20 years: in year 30 every
// certificate of its beginning has ended. It returns the last state, and that
// of year 18.
func thirtyYears(t testing.TB, pdf []byte, first *lab) (at30, at18 []byte, roots []*x509.Certificate) {
	t.Helper()
	second := newLabAt(t, years(18))
	pool := first.Pool()
	pool.AddCert(second.Root())
	half := 182 * 24 * time.Hour
	for i, at := range []time.Time{years(4).Add(half), years(9), years(13).Add(half), years(18), years(22).Add(half), years(27)} {
		l := first
		if i >= 3 {
			l = second
		}
		first.moveTo(at)
		second.moveTo(at)
		if err := l.RenewTSA(); err != nil {
			t.Fatal(err)
		}
		l.source = l.collector() // as after a restart
		l.source.Roots = pool
		pdf = l.renew(t, pdf)
		if i == 3 {
			at18 = pdf
		}
	}
	return pdf, at18, []*x509.Certificate{first.Root(), second.Root()}
}

// TestThirtyYears lets three judges look at documents after every certificate
// that they were signed with has ended, the root too. Nothing is fetched.
// pyHanko wants news of the last timestamp's unit, and gives up once an
// authority below the root has ended: it is asked at the renewal of year 18.
func TestThirtyYears(t *testing.T) {
	var early, late [][]byte
	var roots []*x509.Certificate
	for _, k := range []keyKind{{testca.RSA2048, false}, {testca.RSA2048, true}, {testca.P384, false}} {
		l := newLab(t, testca.WithKey(k.key))
		pdf, _ := signWith(t, scan(t), l.key, signing.Request{Level: signing.LevelLTA, Evidence: l.source, Time: l.now(), PSS: k.pss}, l.tsa)
		last, at18, both := thirtyYears(t, pdf, l)
		early, late, roots = append(early, at18), append(late, last), append(roots, both...)
		r, err := validation.Validate(t.Context(), reader(last), int64(len(last)), validation.Options{Now: years(30),
			Roots: []validation.Root{{World: "test", Certificate: both[0]}, {World: "test", Certificate: both[1]}}})
		if err != nil || r.Conclusion != validation.TotalPassed || r.Signatures[0].Level != string(signing.LevelLTA) {
			t.Errorf("%v: Validate = %v\n%s", k, err, r.Text("en"))
		}
	}
	want := longJudgement{Indication: "PASSED", Sub: "OK", Store: true, Archived: true, Timestamps: 5}
	for i, j := range pyhankoLong(t, roots, years(18).Add(time.Minute), early...) {
		if j != want {
			t.Errorf("pyHanko of file %d in year 18: %+v, want %+v", i, j, want)
		}
	}
	for i, js := range dss(t, roots, years(30), late...) {
		wantDSS(t, js, "PAdES-BASELINE-LTA")
		if len(js) != 1 || js[0].Timestamps != 8 {
			t.Errorf("EU DSS of file %d in year 30: %+v, want 8 timestamps that passed", i, js)
		}
	}
}

// TestLongTermKeepsPDFA signs a document four times, each at a higher level and
// with a mark, renews it three times, and lets veraPDF and our own linter judge
// each state.
func TestLongTermKeepsPDFA(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	keep := func(name string, pdf []byte) {
		if err := pdfa.Lint(reader(pdf), int64(len(pdf))); err != nil {
			t.Errorf("Lint %s = %v", name, err)
		}
		paths = append(paths, filepath.Join(dir, name+".pdf"))
		if err := os.WriteFile(paths[len(paths)-1], pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, pdf := range map[string][]byte{"scan": scan(t), "bitonal": bitonal(t)} {
		l := newLab(t)
		for _, level := range []signing.Level{signing.LevelB, signing.LevelT, signing.LevelLT, signing.LevelLTA} {
			req := signing.Request{Level: level, Evidence: l.source, Time: l.now(), Mark: mark.Operator("Nguyễn Vĩnh Nghĩa", l.now())}
			var res signing.Result
			if pdf, res = signWith(t, pdf, l.key, req, l.tsa); res.Level != level {
				t.Fatalf("Sign = %+v, want %s", res, level)
			}
			keep(name+string(level), pdf)
		}
		for _, year := range []int{4, 8, 12} {
			l.moveTo(years(year))
			if err := l.RenewTSA(); err != nil {
				t.Fatal(err)
			}
			pdf = l.renew(t, pdf)
			keep(fmt.Sprintf("%s-year%d", name, year), pdf)
		}
	}
	archivetest.VeraPDF(t, paths...)
}
