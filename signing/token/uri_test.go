package token_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa"
	"sohoa/signing/token"
)

func TestParseURI(t *testing.T) {
	slot := uint64(1042)
	tests := []struct {
		name, in string
		want     token.URI
	}{
		{"token and key", "pkcs11:token=T;object=K?module-path=/m.so", token.URI{Token: "T", Object: "K", Module: "/m.so"}},
		{"percent", "pkcs11:token=The%20Software%3B%20PKCS%2311;id=%69%00%ff?module-path=/a%20b.so",
			token.URI{Token: "The Software; PKCS#11", ID: []byte{0x69, 0, 0xff}, Module: "/a b.so"}},
		{"Vietnamese", "pkcs11:token=Ch%E1%BB%AF%20k%C3%BD;object=Vĩnh Nghĩa?module-path=/m.so",
			token.URI{Token: "Chữ ký", Object: "Vĩnh Nghĩa", Module: "/m.so"}},
		{"every attribute", "pkcs11:token=T;manufacturer=F;model=M;serial=0a1;slot-id=1042;id=%01;object=K;type=private?module-path=/m.so&x-vendor=1",
			token.URI{Token: "T", Manufacturer: "F", Model: "M", Serial: "0a1", Slot: &slot, ID: []byte{1}, Object: "K", Module: "/m.so"}},
		{"any key", "PKCS11:?module-path=/m.so", token.URI{Module: "/m.so"}},
		{"plus is a plus", "pkcs11:token=a+b?module-path=/m.so", token.URI{Token: "a+b", Module: "/m.so"}},
		{"PIN", "pkcs11:token=T?module-path=/m.so&pin-value=1%262", token.URI{Token: "T", Module: "/m.so"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := token.ParseURI(tt.in)
			if err != nil || !sameURI(got, &tt.want) {
				t.Errorf("ParseURI(%q) = %+v, %v, want %+v", tt.in, got, err, tt.want)
			}
		})
	}
}

// sameURI compares what is exported.
func sameURI(a, b *token.URI) bool {
	sameSlot := (a.Slot == nil) == (b.Slot == nil) && (a.Slot == nil || *a.Slot == *b.Slot)
	return sameSlot && bytes.Equal(a.ID, b.ID) && a.String() == b.String() && a.Module == b.Module
}

func TestParseURIRefuses(t *testing.T) {
	tests := []struct{ name, in, attribute string }{
		{"not one", "key.p12", "pkcs11:"},
		{"no module", "pkcs11:token=T", "module-path"},
		{"relative module", "pkcs11:token=T?module-path=m.so", "module-path"},
		{"twice", "pkcs11:token=T;token=U?module-path=/m.so", "token"},
		{"half a percent", "pkcs11:token=%4?module-path=/m.so", "token"},
		{"not text", "pkcs11:token=%ff?module-path=/m.so", "token"},
		{"zero byte", "pkcs11:object=a%00?module-path=/m.so", "object"},
		{"unknown", "pkcs11:library-version=3?module-path=/m.so", "library-version"},
		{"type", "pkcs11:type=secret-key?module-path=/m.so", "type"},
		{"slot", "pkcs11:slot-id=-1?module-path=/m.so", "slot-id"},
		{"no value", "pkcs11:geheim?module-path=/m.so", "pkcs11:"},
		{"two PINs", "pkcs11:?module-path=/m.so&pin-value=geheim&pin-source=/f", "pin-source"},
		{"program for the PIN", "pkcs11:?module-path=/m.so&pin-source=|geheim", "pin-source"},
		{"PIN that is not text", "pkcs11:?module-path=/m.so&pin-value=geheim%ff", "pin-value"},
		{"PIN with half a percent", "pkcs11:?module-path=/m.so&pin-value=geheim%f", "pin-value"},
		{"long", "pkcs11:token=" + strings.Repeat("a", sohoa.MaxTokenURIBytes), "pkcs11:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := token.ParseURI(tt.in)
			p := wantProblem(t, err, "sign.token-uri")
			if len(p.Args) != 1 || p.Args[0] != tt.attribute {
				t.Errorf("ParseURI(%q) names %q, want %q", tt.in, p.Args, tt.attribute)
			}
			if strings.Contains(p.Error(), "geheim") {
				t.Errorf("ParseURI(%q) tells the PIN: %v", tt.in, p)
			}
		})
	}
}

func TestHidePIN(t *testing.T) {
	for _, in := range []string{"pkcs11:token=T?pin-value=geheim&module-path=/m.so", "pkcs11:token=T?module-path=m.so&pin-value=geheim"} {
		if got := token.HidePIN(in); strings.Contains(got, "geheim") || !strings.Contains(got, "token=T") {
			t.Errorf("HidePIN(%q) = %q", in, got)
		}
	}
}

// A wrong pin-source is told without its contents or its name, which may be
// the PIN itself.
func TestPINSourceRefuses(t *testing.T) {
	module := filepath.Join(t.TempDir(), "m.so")
	long := filepath.Join(t.TempDir(), "long")
	if err := errors.Join(os.WriteFile(module, nil, 0o600), os.WriteFile(long, bytes.Repeat([]byte("geheim"), 100), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, source := range []string{"/nowhere/geheim", long} {
		_, err := token.Open(t.Context(), token.Config{URI: "pkcs11:?module-path=" + module + "&pin-source=" + source})
		if p := wantProblem(t, err, "sign.token-uri"); strings.Contains(p.Error(), "geheim") {
			t.Errorf("Open with pin-source %q tells it: %v", source, p)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	for _, s := range []string{
		"pkcs11:", "pkcs11:token=T;object=K?module-path=/m.so", "pkcs11:token=a%20b;id=%00%ff;slot-id=3;type=cert?module-path=/m.so&pin-source=file:///p",
		"pkcs11:serial=1;serial=2", "pkcs11:?pin-value=1234&module-path=/%e1%bb%af", "pkcs11:token=%", "pkcs11:;;=?&&=",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := token.ParseURI(s)
		if err != nil {
			if p := wantProblem(t, err, "sign.token-uri"); p.Kind != sohoa.ErrInvalid {
				t.Errorf("ParseURI(%q) = kind %v, want %v", s, p.Kind, sohoa.ErrInvalid)
			}
			return
		}
		again, err := token.ParseURI(u.String())
		if err != nil || !sameURI(u, again) {
			t.Errorf("ParseURI(%q) = %+v, %v, want %+v as of %q", u.String(), again, err, u, s)
		}
	})
}

// wantProblem returns the Problem, which must have this code.
func wantProblem(t testing.TB, err error, code string) *sohoa.Problem {
	t.Helper()
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Fatalf("error = %v, want the Problem %s", err, code)
	}
	if p.Text(sohoa.English) == code || p.Text(sohoa.Vietnamese) == code {
		t.Errorf("no sentence for %s", code)
	}
	return p
}
