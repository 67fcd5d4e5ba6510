package token_test

import (
	"bytes"
	"crypto"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/signing"
	"sohoa/signing/testca"
	"sohoa/signing/token"
)

func TestPINSources(t *testing.T) {
	h := newHSM(t, "T")
	who := identity(t, "A", testca.P256)
	h.equip("T", who)
	file := temp(t, "pin", []byte(pin+"\n"))
	for _, query := range []string{"&pin-value=" + pin, "&pin-source=" + file, "&pin-source=file://" + file} {
		tok, err := token.Open(t.Context(), token.Config{URI: h.uri("token=T") + query, PIN: "not this one"})
		if err != nil {
			t.Fatalf("Open with %s = %v", query, err)
		}
		k, err := tok.Key(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		signPDF(t, k, signing.Request{})
		tok.Close()
	}
}

// TestPINChanged changes the PIN under a running service whose child then
// dies: the old PIN is tried once, and never again.
func TestPINChanged(t *testing.T) {
	h := newHSM(t, "T")
	who := identity(t, "A", testca.P256)
	h.equip("T", who)
	log := h.spy()
	k, err := h.open("token=T").Key(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run(t, "pkcs11-tool", "--module", softHSM(t), "--token-label", "T", "--login", "--pin", pin, "--change-pin", "--new-pin", "PIN-mới-4711")
	kill(t, children(t)[0])
	for range 3 {
		_, err := k.Signer.Sign(nil, sha[:], crypto.SHA256)
		p := wantProblem(t, err, "sign.password")
		if strings.Contains(fmt.Sprint(p, p.Args), pin) {
			t.Errorf("error tells the PIN: %v", p)
		}
	}
	if n := calls(log(), "C_Login"); n != 2 {
		t.Errorf("C_Login was called %d times, want 2", n)
	}
}

// TestPINStaysHidden looks at what others can see of the child.
func TestPINStaysHidden(t *testing.T) {
	t.Setenv("SOHOA_KEY_PASSWORD", pin)
	t.Setenv("SOFTHSM2_PIN", pin)
	h := newHSM(t, "T")
	h.open("token=T")
	pids := children(t)
	if len(pids) != 1 {
		t.Fatalf("children = %v, want one", pids)
	}
	for _, name := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(filepath.Join("/proc", pids[0], name))
		if err != nil || len(b) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		if bytes.Contains(b, []byte(pin)) {
			t.Errorf("%s of the child has the PIN", name)
		}
	}
}
