package signing_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa/signing"
	"sohoa/signing/testca"
)

// authority is one test CA for all tests: keys are slow to make.
var authority = sync.OnceValues(func() (*testca.Authority, error) { return testca.New(nil) })

func ca(t testing.TB) *testca.Authority {
	t.Helper()
	a, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	keysMu sync.Mutex
	keys   = map[testca.Algorithm]*signing.Key{}
)

// key returns the one signing key of its kind.
func key(t testing.TB, alg testca.Algorithm) *signing.Key {
	t.Helper()
	keysMu.Lock()
	defer keysMu.Unlock()
	if k, ok := keys[alg]; ok {
		return k
	}
	id, err := ca(t).Person("Nguyễn Vĩnh Nghĩa", "UBND tỉnh Hà Tĩnh", testca.WithKey(alg))
	if err != nil {
		t.Fatal(err)
	}
	keys[alg] = &signing.Key{Signer: id.Signer, Certificate: id.Certificate, Chain: id.Chain}
	return keys[alg]
}

// sign signs pdf, which must succeed.
func sign(t testing.TB, pdf []byte, req signing.Request, tsa signing.Stamper) ([]byte, signing.Result) {
	t.Helper()
	return signWith(t, pdf, key(t, testca.P256), req, tsa)
}

func signWith(t testing.TB, pdf []byte, k *signing.Key, req signing.Request, tsa signing.Stamper) ([]byte, signing.Result) {
	t.Helper()
	var out bytes.Buffer
	res, err := signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, k, req, tsa)
	if err != nil {
		t.Fatalf("Sign = %v", err)
	}
	if !bytes.HasPrefix(out.Bytes(), pdf) {
		t.Fatal("the signed file does not begin with the file that was signed")
	}
	if int64(out.Len()) != res.Size {
		t.Errorf("Result.Size = %d, want %d", res.Size, out.Len())
	}
	return out.Bytes(), res
}

// need returns the path of an outside program. Without it the test is
// skipped, or fails where CI is set.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		missing(t, program+" is not installed")
	}
	return path
}

// missing ends a test whose outside judge is missing.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// temp writes b to a file.
func temp(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pdfsig returns what poppler says of each signed field.
func pdfsig(t testing.TB, pdf []byte) []verdict {
	t.Helper()
	out, _ := exec.Command(need(t, "pdfsig"), "-nocert", temp(t, "a.pdf", pdf)).CombinedOutput()
	return parsePdfsig(string(out))
}

// verdict is what poppler says of a signature.
type verdict struct {
	Field string
	Valid bool
	Total bool // covers the whole document
}

func parsePdfsig(out string) []verdict {
	var vs []verdict
	for _, line := range strings.Split(out, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "Signature #") {
			vs = append(vs, verdict{})
		}
		if len(vs) == 0 {
			continue
		}
		v := &vs[len(vs)-1]
		switch {
		case strings.HasPrefix(line, "- Signature Field Name: "):
			v.Field = strings.TrimPrefix(line, "- Signature Field Name: ")
		case line == "- Signature Validation: Signature is Valid.":
			v.Valid = true
		case line == "- Total document signed":
			v.Total = true
		case line == "The signature form field is not signed.":
			vs = vs[:len(vs)-1]
		}
	}
	return vs
}

// wantSigned fails unless pdf has n signatures that poppler finds valid, the
// last of them over all of it, and qpdf finds nothing wrong.
func wantSigned(t testing.TB, pdf []byte, n int) {
	t.Helper()
	vs := pdfsig(t, pdf)
	if len(vs) != n {
		t.Fatalf("pdfsig finds %d signatures, want %d", len(vs), n)
	}
	total := 0
	for _, v := range vs {
		if !v.Valid {
			t.Errorf("pdfsig: %s is not valid", v.Field)
		}
		if v.Total {
			total++
		}
	}
	if total != 1 {
		t.Errorf("pdfsig: %d signatures cover the whole file, want 1", total)
	}
	qpdfCheck(t, pdf)
}

func qpdfCheck(t testing.TB, pdf []byte) {
	t.Helper()
	out, err := exec.Command(need(t, "qpdf"), "--check", temp(t, "a.pdf", pdf)).CombinedOutput()
	if err != nil || strings.Contains(string(out), "WARNING") {
		t.Errorf("qpdf --check: %v\n%s", err, out)
	}
}

// judgement is what pyHanko says of one signature.
type judgement struct {
	Field        string `json:"field"`
	Coverage     string `json:"coverage"`
	Intact       bool   `json:"intact"`
	Valid        bool   `json:"valid"`
	Trusted      bool   `json:"trusted"`
	Modification string `json:"modification"`
	DocMDP       bool   `json:"docmdp"`
	Timestamp    bool   `json:"timestamp"` // present, valid and trusted
	PAdES        bool   `json:"pades"`     // SubFilter ETSI.CAdES.detached, no signing-time
	Error        string `json:"error"`
}

// pyhanko asks pyHanko about every signature in pdf, with roots trusted.
func pyhanko(t testing.TB, pdf []byte, roots ...*x509.Certificate) []judgement {
	t.Helper()
	return pyhankoAll(t, [][]byte{pdf}, roots...)[0]
}

// pyhankoAll asks about many files at once: the judge is slow to start.
func pyhankoAll(t testing.TB, pdfs [][]byte, roots ...*x509.Certificate) [][]judgement {
	t.Helper()
	python := os.Getenv("SOHOA_PYHANKO_PYTHON")
	if python == "" {
		missing(t, "SOHOA_PYHANKO_PYTHON is not set")
	}
	args := []string{filepath.Join("testdata", "judge.py")}
	for _, c := range roots {
		args = append(args, "--root", temp(t, "root.der", c.Raw))
	}
	for _, pdf := range pdfs {
		args = append(args, temp(t, "a.pdf", pdf))
	}
	var stderr bytes.Buffer
	cmd := exec.Command(python, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("pyhanko: %v\n%s", err, stderr.String())
	}
	var js [][]judgement
	if err := json.Unmarshal(out, &js); err != nil || len(js) != len(pdfs) {
		t.Fatalf("pyhanko judged %d of %d files: %v\n%s", len(js), len(pdfs), err, out)
	}
	return js
}

// a moment for signatures whose bytes are compared.
var moment = time.Now().Truncate(time.Second)

var byteRange = regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\]`)

// split returns the bytes that the newest signature covers, and its CMS object.
func split(t testing.TB, pdf []byte) (content, cms []byte) {
	t.Helper()
	all := byteRange.FindAllSubmatch(pdf, -1)
	if len(all) == 0 {
		t.Fatal("no byte range")
	}
	var n [3]int
	for i := range n {
		n[i], _ = strconv.Atoi(string(all[len(all)-1][i+1]))
	}
	if n[1]+n[2] != len(pdf) {
		t.Fatalf("the byte range ends at %d, want %d", n[1]+n[2], len(pdf))
	}
	cms, err := hex.DecodeString(string(pdf[n[0]+1 : n[1]-1]))
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(pdf[:n[0]]), pdf[n[1]:]...), cms
}

// base64Lines is the body of a PEM block.
func base64Lines(der []byte) string {
	s := base64.StdEncoding.EncodeToString(der)
	var b strings.Builder
	for len(s) > 64 {
		b.WriteString(s[:64] + "\n")
		s = s[64:]
	}
	return b.String() + s + "\n"
}
