package main

import (
	"bytes"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/archive/pdfa"
	"sohoa/signing/csc/csctest"
	"sohoa/signing/testca"
)

const remotePIN = "PIN-55871"

// TestRemoteKey signs with keys of a remote service: at once, later, and when
// its user has confirmed elsewhere.
func TestRemoteKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, err := testca.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Person("Nguyễn Vĩnh Nghĩa", "UBND tỉnh Hà Tĩnh")
	if err != nil {
		t.Fatal(err)
	}
	root := write(t, dir, "root.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Root().Raw}))
	pdf, signed := write(t, dir, "mot.pdf", onePage(t)), filepath.Join(dir, "signed.pdf")
	p := newProgram(t, "SOHOA_TRUST="+root, "SOHOA_CSC_CLIENT_ID="+csctest.ClientID,
		"SOHOA_CSC_CLIENT_SECRET="+csctest.ClientSecret, "SOHOA_KEY_PASSWORD="+remotePIN)

	tests := []struct {
		name  string
		rules csctest.Rules
		more  string // of the address
		fault csctest.Fault
		env   string
		says  string // "" signs
	}{
		{name: "at once", rules: csctest.Rules{PIN: remotePIN}},
		{name: "named key of several", rules: csctest.Rules{PIN: remotePIN, Others: 1}, more: "?credential=" + csctest.Credential},
		{name: "asynchronous", rules: csctest.Rules{PIN: remotePIN, Polls: 1}, more: "?mode=async"},
		{name: "confirmed on the telephone", rules: csctest.Rules{PIN: remotePIN, Confirm: true}},
		{name: "token of a browser", rules: csctest.Rules{Browser: true}, env: "SOHOA_CSC_TOKEN=" + csctest.Token},
		{name: "several keys", rules: csctest.Rules{Others: 1}, says: "several keys: khoa-1, khoa-2"},
		{name: "wrong PIN", rules: csctest.Rules{PIN: "1"}, says: "Wrong PIN or one-time password"},
		{name: "no one-time password", rules: csctest.Rules{PIN: remotePIN, OTP: true}, says: "needs its OTP"},
		{name: "no log-in", env: "SOHOA_CSC_CLIENT_ID=", says: "Set SOHOA_CSC_TOKEN"},
		{name: "wrong value", rules: csctest.Rules{PIN: remotePIN}, fault: csctest.FaultTrickster, says: "Nothing was signed"},
		{name: "wrong address", more: "?pin=1", says: "The address of the remote key is wrong"},
	}
	for _, tt := range tests {
		service := csctest.New(id, tt.rules)
		service.Misbehave(tt.fault)
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "authorizeCheck") {
				if asked++; asked == 2 {
					service.Confirm()
				}
			}
			service.ServeHTTP(w, r)
		}))
		q := p.with()
		if tt.env != "" {
			q = p.with(tt.env)
		}
		r := q.run("sign", "--key", "csc:"+server.URL+"/csc/v2"+tt.more, "-o", signed, pdf)
		server.Close()
		if tt.says == "" {
			if r.status != exitDone {
				t.Errorf("%s: sign = status %d, %q, want success", tt.name, r.status, r.err)
				continue
			}
			p.ok("verify", signed)
			if err := os.Remove(signed); err != nil {
				t.Error(err)
			}
			continue
		}
		if r.status == exitDone || !strings.Contains(r.err, tt.says) || strings.Contains(r.err, remotePIN) || fileExists(signed) {
			t.Errorf("%s: sign = status %d, %q, file %v; want %q and no file", tt.name, r.status, r.err, fileExists(signed), tt.says)
		}
	}
	if r := p.with("SOHOA_SIGN_KEY=csc:https://ky.example.vn/csc/v2").run("add", pdf); !strings.Contains(r.err, "is a remote key") {
		t.Errorf("add with a remote sign_key = status %d, %q, want a refusal", r.status, r.err)
	}
}

// onePage is an archival PDF of one page.
func onePage(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := pdfa.NewWriter(&out, pdfa.Options{Title: "Quyết định", Created: time.Now()})
	if _, err := w.AddPage(pdfa.Page{Image: page(t, "So 48213"), MediaType: "image/jpeg", DPI: 100}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
