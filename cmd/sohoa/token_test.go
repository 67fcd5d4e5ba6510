package main

import (
	"crypto/x509"
	"encoding/pem"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/signing/testca"
)

const tokenPIN = "PIN-90215"

// TestToken signs with a key in a PKCS#11 token, by command and in the
// workers.
func TestToken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	uri, env := makeToken(t, dir)
	p := newProgram(t, env, "SOHOA_TRUST="+filepath.Join(dir, "root.pem"))
	scan := write(t, dir, "mot.jpg", page(t, "So 48213"))
	pdf, signed := filepath.Join(dir, "mot.pdf"), filepath.Join(dir, "signed.pdf")
	p.ok("ocr", "--format", "pdf", "-o", pdf, scan)

	tests := []struct {
		name, uri, pin, says string
	}{
		{"wrong PIN", uri, "PIN-khac", "Wrong password for key token=T"},
		{"no PIN", uri, "", "The token token=T needs its PIN"},
		{"no such token", strings.Replace(uri, "token=T", "token=U", 1), tokenPIN, "The token token=U is not there. Plug it in"},
		{"no such key", strings.Replace(uri, "?", ";object=x?", 1), tokenPIN, "The token has no key object=x"},
	}
	for _, tt := range tests {
		q := p.with("SOHOA_KEY_PASSWORD=" + tt.pin)
		r := q.run("sign", "--key", tt.uri, "-o", signed, pdf)
		if r.status == exitDone || !strings.Contains(r.err, tt.says) || strings.Contains(r.err, "PIN-") {
			t.Errorf("sign, %s = status %d, %q, want %q", tt.name, r.status, r.err, tt.says)
		}
	}
	p.with("SOHOA_KEY_PASSWORD="+tokenPIN).ok("sign", "--key", uri, "-o", signed, pdf)
	p.ok("verify", signed)

	// The workers log in; a command that only looks does not.
	worker := p.with("SOHOA_SIGN_KEY="+uri, "SOHOA_SIGN_PASSWORD="+tokenPIN)
	doc := decode[sohoa.Document](t, lines(worker.ok("add", "--json", scan))[0])
	if doc.Signature != sohoa.SignatureBasic {
		t.Errorf("add = signature %q (%v), want %q", doc.Signature, doc.SignReason, sohoa.SignatureBasic)
	}
	p.ok("verify", doc.ID.String())
	wrong := p.with("SOHOA_SIGN_KEY="+uri, "SOHOA_SIGN_PASSWORD=PIN-khac")
	wrong.ok("show", doc.ID.String())
	if r := wrong.run("add", scan); r.status != exitFailed || !strings.Contains(r.err, "Wrong password for key token=T") {
		t.Errorf("add with a wrong PIN = status %d, %q, want %d", r.status, r.err, exitFailed)
	}
}

// with is the same program with more in its environment.
func (p *program) with(env ...string) *program {
	q := *p
	q.env = append(q.env[:len(q.env):len(q.env)], env...)
	return &q
}

// makeToken makes a SoftHSM in dir with an agency's key and certificates in
// a token, and root.pem. It returns the key's address and what SoftHSM needs
// in the environment.
func makeToken(t *testing.T, dir string) (uri, env string) {
	t.Helper()
	util, tool := needs(t, "softhsm2-util"), needs(t, "pkcs11-tool")
	ca, err := testca.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	agency, err := ca.Agency("Ủy ban nhân dân xã Vĩnh Nghĩa")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(agency.Signer)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Root().Raw}))
	key := write(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	write(t, filepath.Join(dir, "tokens"), "empty", nil)
	env = "SOFTHSM2_CONF=" + write(t, dir, "softhsm2.conf", []byte("directories.tokendir = "+filepath.Join(dir, "tokens")+"\n"))
	modules, _ := filepath.Glob("/usr/lib*/softhsm/libsofthsm2.so")
	if len(modules) == 0 {
		t.Fatal("softhsm2-util is there, libsofthsm2.so is not")
	}
	in := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = append(cmd.Environ(), env)
		if r := finish(t, cmd); r.status != 0 {
			t.Fatalf("%s %q = status %d\n%s%s", name, args, r.status, r.out, r.err)
		}
	}
	in(util, "--init-token", "--free", "--label", "T", "--so-pin", "so-12345", "--pin", tokenPIN)
	in(util, "--import", key, "--token", "T", "--label", "office", "--id", "01", "--pin", tokenPIN)
	for id, c := range map[string]*x509.Certificate{"01": agency.Certificate, "99": ca.Issuing()} {
		in(tool, "--module", modules[0], "--token-label", "T", "--login", "--pin", tokenPIN,
			"--write-object", write(t, dir, id+".der", c.Raw), "--type", "cert", "--id", id, "--label", "cert "+id)
	}
	return "pkcs11:token=T?module-path=" + modules[0], env
}
