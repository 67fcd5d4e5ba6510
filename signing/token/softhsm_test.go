package token_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sohoa/ocr/child"
	"sohoa/signing/testca"
	"sohoa/signing/token"
)

func TestMain(m *testing.M) {
	child.Run()
	os.Exit(m.Run())
}

const pin = "mã-PIN-90215"

// authority is one test CA for all tests.
var authority = sync.OnceValues(func() (*testca.Authority, error) { return testca.New(nil) })

func ca(t testing.TB) *testca.Authority {
	t.Helper()
	a, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func identity(t testing.TB, name string, alg testca.Algorithm) *testca.Identity {
	t.Helper()
	id, err := ca(t).Person(name, "UBND tỉnh Hà Tĩnh", testca.WithKey(alg))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// hsm is a SoftHSM of the test's own.
type hsm struct {
	t      testing.TB
	module string
	tokens string // folder where it keeps its tokens
}

// newHSM makes one with a token named by label.
func newHSM(t testing.TB, label string) *hsm {
	t.Helper()
	need(t, "softhsm2-util")
	need(t, "pkcs11-tool")
	dir := t.TempDir()
	conf := filepath.Join(dir, "softhsm2.conf")
	tokens := filepath.Join(dir, "tokens")
	if err := os.Mkdir(tokens, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(conf, fmt.Appendf(nil, "directories.tokendir = %s\nlog.level = ERROR\n", tokens), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	h := &hsm{t, softHSM(t), tokens}
	h.init(label)
	return h
}

// softHSM is the path of the module.
func softHSM(t testing.TB) string {
	t.Helper()
	for _, pattern := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib*/*/softhsm/libsofthsm2.so", "/usr/lib*/pkcs11/libsofthsm2.so"} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[0]
		}
	}
	missing(t, "libsofthsm2.so is not installed")
	return ""
}

func (h *hsm) init(label string) {
	h.t.Helper()
	run(h.t, "softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "so-12345", "--pin", pin)
}

// put stores a key under an id and a label.
func (h *hsm) put(token, id, label string, who *testca.Identity) {
	h.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(who.Signer)
	if err != nil {
		h.t.Fatal(err)
	}
	file := temp(h.t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	run(h.t, "softhsm2-util", "--import", file, "--token", token, "--label", label, "--id", id, "--pin", pin)
}

// certify stores a certificate.
func (h *hsm) certify(token, id, label string, cert *x509.Certificate, more ...string) {
	h.t.Helper()
	run(h.t, "pkcs11-tool", append([]string{"--module", h.module, "--token-label", token, "--login", "--pin", pin,
		"--write-object", temp(h.t, "cert.der", cert.Raw), "--type", "cert", "--id", id, "--label", label}, more...)...)
}

// equip stores a key with its certificate and the one above.
func (h *hsm) equip(token string, who *testca.Identity) {
	h.t.Helper()
	h.put(token, "01", "a", who)
	h.certify(token, "01", "a", who.Certificate)
	h.certify(token, "99", "issuing", ca(h.t).Issuing())
}

// uri is the address of a key in the HSM.
func (h *hsm) uri(path string) string { return "pkcs11:" + path + "?module-path=" + h.module }

// open opens a token, which must succeed.
func (h *hsm) open(path string) *token.Token {
	h.t.Helper()
	tok, err := token.Open(h.t.Context(), token.Config{URI: h.uri(path), PIN: pin})
	if err != nil {
		h.t.Fatalf("Open(%q) = %v", path, err)
	}
	h.t.Cleanup(func() { tok.Close() })
	return tok
}

// spy puts a module between that writes down every call, and returns what it
// wrote so far.
func (h *hsm) spy() (log func() string) {
	h.t.Helper()
	found, _ := filepath.Glob("/usr/lib*/*/pkcs11/pkcs11-spy.so")
	if len(found) == 0 {
		missing(h.t, "pkcs11-spy.so is not installed")
	}
	file := filepath.Join(h.t.TempDir(), "spy.log")
	h.t.Setenv("PKCS11SPY", h.module)
	h.t.Setenv("PKCS11SPY_OUTPUT", file)
	h.module = found[0]
	return func() string {
		b, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		return string(b)
	}
}

// calls counts the calls of a function in what a spy wrote.
func calls(log, function string) int { return strings.Count(log, ": "+function+"\n") }

func run(t testing.TB, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
}

// need finds an outside program. Without it the test is skipped, or fails
// where CI is set.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		missing(t, program+" is not installed")
	}
	return path
}

func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func temp(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// children are the ids of the module's processes that this one started.
func children(t testing.TB) []string {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	var pids []string
	for _, stat := range stats {
		dir := filepath.Dir(stat)
		b, err := os.ReadFile(stat)
		_, after, ok := bytes.Cut(b, []byte(") "))
		if err != nil || !ok {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(after)) // state, parent, ...
		command, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		if fields[0] != "Z" && fields[1] == fmt.Sprint(os.Getpid()) && bytes.HasSuffix(command, []byte("\x00pkcs11\x00")) {
			pids = append(pids, filepath.Base(dir))
		}
	}
	return pids
}

// simplePDF is a PDF of one grey square.
func simplePDF() []byte {
	objects := []string{
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<>>>>",
		"<</Length 26>>\nstream\n0.9 g 100 100 300 300 re f\nendstream",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	table := "0000000000 65535 f \n"
	for i, o := range objects {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table, len(objects)+1, start)
	return b.Bytes()
}

// escapeID writes an id in hexadecimal as an address has it.
func escapeID(id string) string {
	b, err := hex.DecodeString(id)
	if err != nil {
		panic(err)
	}
	s := ""
	for _, c := range b {
		s += fmt.Sprintf("%%%02x", c)
	}
	return s
}
