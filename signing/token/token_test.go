package token_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/signing/token"
	"sohoa/signing/validation"
)

// signPDF signs with k, and has our validator and poppler judge it.
func signPDF(t *testing.T, k *signing.Key, req signing.Request) {
	t.Helper()
	pdf := simplePDF()
	var out bytes.Buffer
	res, err := signing.Sign(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), &out, k, req, nil)
	if err != nil {
		t.Fatalf("Sign = %v", err)
	}
	report, err := validation.Validate(t.Context(), bytes.NewReader(out.Bytes()), res.Size,
		validation.Options{Roots: []validation.Root{{World: "test", Certificate: ca(t).Root()}}})
	if err != nil || report.Conclusion != validation.TotalPassed {
		t.Errorf("Validate = %+v, %v, want %s", report, err, validation.TotalPassed)
	}
	said, err := exec.Command(need(t, "pdfsig"), "-nocert", temp(t, "a.pdf", out.Bytes())).CombinedOutput()
	if !strings.Contains(string(said), "Signature is Valid") || !strings.Contains(string(said), "Total document signed") {
		t.Errorf("pdfsig: %v\n%s", err, said)
	}
}

func TestSignPDF(t *testing.T) {
	h := newHSM(t, "Chữ ký số")
	a, b, c := identity(t, "Nguyễn Vĩnh Nghĩa", testca.RSA2048), identity(t, "Trần Thị Mỹ", testca.P256), identity(t, "Lê Văn Tám", testca.P384)
	h.put("Chữ ký số", "01", "rsa", a)
	h.put("Chữ ký số", "02", "ec", b)
	h.put("Chữ ký số", "0300ff", "ec", c)
	h.certify("Chữ ký số", "01", "cert of rsa", a.Certificate)
	h.certify("Chữ ký số", "02", "cert of ec", b.Certificate, "--private")
	h.certify("Chữ ký số", "77", "elsewhere", c.Certificate) // under another id: its public half tells
	h.certify("Chữ ký số", "99", "issuing", ca(t).Issuing())
	tests := []struct {
		name, path string
		req        signing.Request
		who        *testca.Identity
	}{
		{"RSA", "token=Chữ ký số;id=%01", signing.Request{}, a},
		{"RSA-PSS", "token=Chữ ký số;object=rsa;type=private", signing.Request{PSS: true}, a},
		{"label of the certificate", "token=Ch%E1%BB%AF%20k%C3%BD%20s%E1%BB%91;object=cert%20of%20rsa;type=cert", signing.Request{}, a},
		{"P-256, its certificate behind the log-in", "id=%02", signing.Request{}, b},
		{"P-384, its certificate under another id", "id=" + escapeID("0300ff"), signing.Request{}, c},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k, err := h.open(tt.path).Key(t.Context())
			if err != nil || !k.Certificate.Equal(tt.who.Certificate) || len(k.Chain) != 1 {
				t.Fatalf("Key = %+v, %v, want the key with 1 certificate above", k, err)
			}
			signPDF(t, k, tt.req)
		})
	}
}

// TestCertificateFromFile signs with a key whose certificates are not in the
// token.
func TestCertificateFromFile(t *testing.T) {
	h := newHSM(t, "T")
	a, b, other := identity(t, "A", testca.P256), identity(t, "B", testca.RSA2048), identity(t, "C", testca.P256)
	h.put("T", "01", "a", a)
	h.put("T", "02", "b", b)
	tok := h.open("token=T")
	for _, who := range []*testca.Identity{a, b} {
		k, err := tok.Key(t.Context(), append([]*x509.Certificate{who.Certificate, ca(t).Root()}, who.Chain...)...)
		if err != nil || len(k.Chain) != 1 {
			t.Fatalf("Key = %+v, %v, want it with 1 certificate above", k, err)
		}
		signPDF(t, k, signing.Request{})
	}
	_, err := tok.Key(t.Context(), other.Certificate)
	wantProblem(t, err, "sign.key-mismatch")
	_, err = tok.Key(t.Context())
	if p := wantProblem(t, err, "sign.token-certificate"); !strings.Contains(p.Args[0], "object=a;id=%01") {
		t.Errorf("Args = %q, want the keys by name", p.Args)
	}
}

func TestWhichKey(t *testing.T) {
	h := newHSM(t, "T")
	a, b := identity(t, "A", testca.P256), identity(t, "B", testca.P256)
	h.put("T", "01", "a", a)
	h.put("T", "02", "b", b)
	h.certify("T", "01", "a", a.Certificate)
	h.certify("T", "02", "b", b.Certificate)
	tests := []struct{ name, path, code, says string }{
		{"two", "token=T", "sign.token-choose", "object=a;id=%01, object=b;id=%02"},
		{"none by label", "token=T;object=c", "sign.token-key", "object=c"},
		{"none by id", "token=T;id=%03", "sign.token-key", "id=%03"},
		{"id and label of two", "token=T;id=%01;object=b", "sign.token-key", "object=b;id=%01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.open(tt.path).Key(t.Context())
			if p := wantProblem(t, err, tt.code); !strings.Contains(strings.Join(p.Args, " "), tt.says) {
				t.Errorf("Args = %q, want %q", p.Args, tt.says)
			}
		})
	}
}

func TestOpenFails(t *testing.T) {
	h := newHSM(t, "T")
	h.init("U")
	text := temp(t, "m.so", []byte("not a library"))
	tests := []struct{ name, uri, pin, code, says string }{
		{"no such token", h.uri("token=V"), pin, "sign.token-missing", "token=U"},
		{"no such serial", h.uri("token=T;serial=0"), pin, "sign.token-missing", "token=T;serial=0"},
		{"no such slot", h.uri("slot-id=1"), pin, "sign.token-missing", "slot-id=1"},
		{"two tokens", h.uri(""), pin, "sign.token-choose", "token=T"},
		{"no module", "pkcs11:token=T?module-path=/nowhere/m.so", pin, "sign.token-module", "/nowhere/m.so"},
		{"not a module", "pkcs11:token=T?module-path=" + text, pin, "sign.token-module", "m.so"},
		{"no PIN", h.uri("token=T"), "", "sign.pin-missing", "token=T"},
		{"wrong PIN", h.uri("token=T"), "PIN-khác-77", "sign.password", "token=T"},
		{"wrong PIN in the address", h.uri("token=T") + "&pin-value=PIN-khác-77", pin, "sign.password", "token=T"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := token.Open(t.Context(), token.Config{URI: tt.uri, PIN: tt.pin})
			p := wantProblem(t, err, tt.code)
			if !strings.Contains(p.Error(), tt.says) {
				t.Errorf("error = %v, want it to say %q", p, tt.says)
			}
			if strings.Contains(p.Error(), pin) || strings.Contains(p.Error(), "PIN-khác") {
				t.Errorf("error tells the PIN: %v", p)
			}
			if left := children(t); len(left) > 0 {
				t.Errorf("children %v are left", left)
			}
		})
	}
}

// sha is a digest to sign.
var sha = sha256.Sum256([]byte("Quyết định"))

// TestOneLogin makes fifty signatures, some at once, in one session of one
// child.
func TestOneLogin(t *testing.T) {
	h := newHSM(t, "T")
	who := identity(t, "A", testca.RSA2048)
	h.equip("T", who)
	log := h.spy()
	k, err := h.open("token=T").Key(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before, sessions := children(t), calls(log(), "C_OpenSession")
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			for range 10 {
				value, err := k.Signer.Sign(nil, sha[:], crypto.SHA256)
				if err == nil {
					err = rsa.VerifyPKCS1v15(k.Certificate.PublicKey.(*rsa.PublicKey), crypto.SHA256, sha[:], value)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if after := children(t); len(before) != 1 || !slices.Equal(before, after) {
		t.Errorf("children = %v, later %v, want the same one", before, after)
	}
	all := log()
	if n := calls(all, "C_Login"); n != 1 {
		t.Errorf("C_Login was called %d times, want 1", n)
	}
	if n := calls(all, "C_SignInit"); n != 50 {
		t.Errorf("C_SignInit was called %d times, want 50", n)
	}
	if n := calls(all, "C_OpenSession"); n != sessions {
		t.Errorf("C_OpenSession was called %d times for the signatures, want 0", n-sessions)
	}
}

// TestKilledChild kills the child between two signatures.
func TestKilledChild(t *testing.T) {
	h := newHSM(t, "T")
	who := identity(t, "A", testca.P256)
	h.equip("T", who)
	k, err := h.open("token=T").Key(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signPDF(t, k, signing.Request{})
	before := children(t)
	if len(before) != 1 {
		t.Fatalf("children = %v, want one", before)
	}
	kill(t, before[0])
	signPDF(t, k, signing.Request{})
	if after := children(t); len(after) != 1 || after[0] == before[0] {
		t.Errorf("children = %v, want one other than %v", after, before)
	}
}

func kill(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err == nil {
		err = syscall.Kill(n, syscall.SIGKILL)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnplugged takes the token away between two signatures and brings it
// back.
func TestUnplugged(t *testing.T) {
	h := newHSM(t, "T")
	h.equip("T", identity(t, "A", testca.P256))
	k, err := h.open("token=T").Key(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Rename(h.tokens, h.tokens+".away"), os.Mkdir(h.tokens, 0o700)); err != nil {
		t.Fatal(err)
	}
	kill(t, children(t)[0]) // SoftHSM keeps what it has read
	for range 2 {
		_, err := k.Signer.Sign(nil, sha[:], crypto.SHA256)
		if p := wantProblem(t, err, "sign.token-missing"); p.Kind != sohoa.ErrUnavailable {
			t.Errorf("Sign without the token = kind %v, want %v", p.Kind, sohoa.ErrUnavailable)
		}
	}
	if err := errors.Join(os.RemoveAll(h.tokens), os.Rename(h.tokens+".away", h.tokens)); err != nil {
		t.Fatal(err)
	}
	signPDF(t, k, signing.Request{})
}

// TestBadModules loads modules that misbehave.
func TestBadModules(t *testing.T) {
	tests := []struct{ name, body, says string }{
		{"crashes", "write(2, \"" + pin + "\", " + strconv.Itoa(len(pin)) + "); abort();", "died"},
		{"hangs", "for (;;) pause();", "too long"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			module := compile(t, "#include <stdlib.h>\n#include <unistd.h>\nunsigned long C_GetFunctionList(void *l) { "+tt.body+" }\n")
			_, err := token.Open(t.Context(), token.Config{URI: "pkcs11:?module-path=" + module, PIN: pin, Timeout: time.Second})
			p := wantProblem(t, err, "sign.token-failed")
			if p.Kind != sohoa.ErrUnavailable || !strings.Contains(p.Detail, tt.says) || strings.Contains(p.Detail, pin) {
				t.Errorf("Open = %v, want one that says %q and no PIN", p, tt.says)
			}
			if left := children(t); len(left) > 0 {
				t.Errorf("children %v are left", left)
			}
		})
	}
}

// compile makes a module out of C.
func compile(t *testing.T, source string) string {
	t.Helper()
	module := filepath.Join(t.TempDir(), "m.so")
	run(t, need(t, "g++"), "-x", "c", "-w", "-shared", "-fPIC", "-o", module, temp(t, "m.c", []byte(source)))
	return module
}

func TestContext(t *testing.T) {
	h := newHSM(t, "T")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := token.Open(ctx, token.Config{URI: h.uri("token=T"), PIN: pin}); !errors.Is(err, context.Canceled) {
		t.Errorf("Open = %v, want %v", err, context.Canceled)
	}
}

func TestSignerRefusesOtherDigests(t *testing.T) {
	h := newHSM(t, "T")
	who := identity(t, "A", testca.P256)
	h.put("T", "01", "a", who)
	k, err := h.open("token=T").Key(t.Context(), who.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	for _, opts := range []crypto.SignerOpts{crypto.Hash(0), crypto.SHA384} {
		if _, err := k.Signer.Sign(nil, sha[:], opts); err == nil {
			t.Errorf("Sign of 32 bytes with hash %v succeeded", opts)
		}
	}
}
