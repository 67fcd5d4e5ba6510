package cms_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/digitorus/timestamp"

	"sohoa/signing/testca"
	"sohoa/signing/validation/cms"
)

var content = []byte("what is signed")

var authority = sync.OnceValues(func() (*testca.Authority, error) { return testca.New(nil) })

func identity(t testing.TB, alg testca.Algorithm) *testca.Identity {
	t.Helper()
	ca, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	id, err := ca.Agency("UBND xã", testca.WithKey(alg))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func message(t testing.TB, id *testca.Identity, attrs ...pkcs7.Attribute) []byte {
	t.Helper()
	sd, err := pkcs7.NewSignedData(content)
	if err != nil {
		t.Fatal(err)
	}
	sd.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := sd.AddSignerChain(id.Certificate, id.Signer, id.Chain, pkcs7.SignerInfoConfig{ExtraSignedAttributes: attrs}); err != nil {
		t.Fatal(err)
	}
	sd.Detach()
	der, err := sd.Finish()
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func binding(cert *x509.Certificate) pkcs7.Attribute {
	digest := sha256.Sum256(cert.Raw)
	type essCertID struct{ Hash []byte }
	type signingCertificate struct{ Certs []essCertID }
	return pkcs7.Attribute{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}, Value: signingCertificate{[]essCertID{{digest[:]}}}}
}

func parse(t testing.TB, der []byte) *cms.Message {
	t.Helper()
	m, err := cms.Parse(der)
	if err != nil {
		t.Fatalf("Parse = %v", err)
	}
	return m
}

func TestVerify(t *testing.T) {
	for _, alg := range []testca.Algorithm{testca.RSA2048, testca.P256, testca.P384, testca.P521} {
		t.Run(string(alg), func(t *testing.T) {
			id := identity(t, alg)
			m := parse(t, message(t, id))
			s := m.Signers[0]
			if !m.Detached || !m.IsData() || s.Certificate == nil || !s.Certificate.Equal(id.Certificate) {
				t.Fatalf("detached %t, data %t, certificate %v", m.Detached, m.IsData(), s.Certificate)
			}
			digest, err := s.MessageDigest()
			if err != nil || !bytes.Equal(digest, s.Digest.Sum(content)) {
				t.Errorf("MessageDigest = %x, %v", digest, err)
			}
			if err := s.Verify(); err != nil {
				t.Errorf("Verify = %v", err)
			}
			s.Value[len(s.Value)-1] ^= 1
			if err := s.Verify(); !errors.Is(err, cms.ErrSignature) {
				t.Errorf("Verify of a changed value = %v, want %v", err, cms.ErrSignature)
			}
		})
	}
}

func TestBinding(t *testing.T) {
	id := identity(t, testca.P256)
	tests := []struct {
		name  string
		attrs []pkcs7.Attribute
		bound bool
		err   error
	}{
		{"none", nil, false, nil},
		{"right", []pkcs7.Attribute{binding(id.Certificate)}, true, nil},
		{"another", []pkcs7.Attribute{binding(id.Chain[0])}, true, cms.ErrBinding},
		{"twice", []pkcs7.Attribute{binding(id.Certificate), binding(id.Certificate)}, true, cms.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bound, err := parse(t, message(t, id, tt.attrs...)).Signers[0].Binding()
			if bound != tt.bound || !errors.Is(err, tt.err) {
				t.Errorf("Binding = %t, %v, want %t, %v", bound, err, tt.bound, tt.err)
			}
		})
	}
}

// indefinite rewrites the outer elements of der with indefinite lengths, as
// BER permits.
func indefinite(t testing.TB, der []byte, depth int) []byte {
	t.Helper()
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(der, &v)
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Clone(der[:len(der)-len(rest)])
	if depth > 0 && v.IsCompound {
		out = []byte{out[0], 0x80}
		for inner := v.Bytes; len(inner) > 0; {
			var child asn1.RawValue
			after, err := asn1.Unmarshal(inner, &child)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, indefinite(t, inner[:len(inner)-len(after)], depth-1)...)
			inner = after
		}
		out = append(out, 0, 0)
	}
	return out
}

func TestBER(t *testing.T) {
	der := message(t, identity(t, testca.P256))
	m := parse(t, append(indefinite(t, der, 3), 0, 0, 0))
	if err := m.Signers[0].Verify(); err != nil || len(m.Padding) != 3 {
		t.Errorf("Verify = %v, %d bytes of padding, want 3", err, len(m.Padding))
	}
}

func stamp(t testing.TB, data []byte) []byte {
	t.Helper()
	ca, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	req, err := timestamp.CreateRequest(bytes.NewReader(data), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := ca.TSA().Respond(req)
	if err != nil {
		t.Fatal(err)
	}
	ts, err := timestamp.ParseResponse(answer)
	if err != nil {
		t.Fatal(err)
	}
	return ts.RawToken
}

func TestToken(t *testing.T) {
	token, err := cms.ParseToken(stamp(t, content))
	if err != nil {
		t.Fatal(err)
	}
	if err := token.Covers(content[:4], content[4:]); err != nil {
		t.Errorf("Covers = %v", err)
	}
	if err := token.Covers([]byte("else")); !errors.Is(err, cms.ErrSignature) {
		t.Errorf("Covers of something else = %v, want %v", err, cms.ErrSignature)
	}
	if since := time.Since(token.Time); since < -time.Minute || since > time.Hour {
		t.Errorf("time = %v", token.Time)
	}
	if !cms.MayStamp(token.Signers[0].Certificate) || cms.MayStamp(identity(t, testca.P256).Certificate) {
		t.Error("MayStamp tells timestamp units and people apart wrongly")
	}
	token.Content[len(token.Content)-3] ^= 1
	if err := token.Covers(content); !errors.Is(err, cms.ErrSignature) {
		t.Errorf("Covers of a changed token = %v, want %v", err, cms.ErrSignature)
	}
}

func TestMalformed(t *testing.T) {
	der := message(t, identity(t, testca.P256))
	tests := []struct {
		name string
		in   []byte
	}{
		{"empty", nil},
		{"text", []byte("hello")},
		{"cut short", der[:len(der)-1]},
		{"nested", bytes.Repeat([]byte{0x30, 0x80}, 10_000)},
		{"certificate", identity(t, testca.P256).Certificate.Raw},
		{"indefinite primitive", []byte{0x04, 0x80, 0, 0}},
		{"too large", make([]byte, cms.MaxBytes+1)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := cms.Parse(tt.in); !errors.Is(err, cms.ErrMalformed) {
				t.Errorf("Parse = %v, want %v", err, cms.ErrMalformed)
			}
			if _, err := cms.ParseToken(tt.in); !errors.Is(err, cms.ErrMalformed) {
				t.Errorf("ParseToken = %v, want %v", err, cms.ErrMalformed)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	id := identity(f, testca.P256)
	f.Add(message(f, id, binding(id.Certificate)))
	f.Add(message(f, identity(f, testca.RSA2048)))
	f.Add(stamp(f, content))
	f.Add(indefinite(f, message(f, id), 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := cms.Parse(b)
		if err != nil {
			return
		}
		for _, s := range m.Signers {
			s.MessageDigest()
			s.Binding()
			s.SigningTime()
			s.Timestamps()
			s.Revocation()
			s.Algorithm()
			s.Verify(content)
		}
	})
}

func FuzzParseToken(f *testing.F) {
	f.Add(stamp(f, content))
	f.Add(indefinite(f, stamp(f, content), 3))
	f.Add(message(f, identity(f, testca.P256)))
	f.Fuzz(func(t *testing.T, b []byte) {
		token, err := cms.ParseToken(b)
		if err != nil {
			return
		}
		if len(token.Signers) != 1 || token.Serial == nil {
			t.Errorf("token with %d signers, serial %v", len(token.Signers), token.Serial)
		}
		token.Covers(content)
	})
}
