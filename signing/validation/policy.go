package validation

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"time"

	"sohoa/signing/validation/cms"
)

// Policy says until when an algorithm proves anything. A signature that is
// proven to have existed before an algorithm's end may use it. A zero time is
// never.
type Policy struct {
	Hashes   map[string]time.Time // by cms.Hash name; absent names have no end
	MinRSA   int                  // bits
	MinECDSA int                  // bits
	WeakRSA  time.Time            // end of RSA keys from 1024 bits to below MinRSA
}

// DefaultPolicy is the one that docs/decisions/validation-policy.md argues:
// SHA-1 and RSA-1024 to the end of 2013 (NIST SP 800-131A), MD5 never,
// RSA from 2048 and ECDSA from 256 bits (TT 15/2025/TT-BKHCN).
func DefaultPolicy() Policy {
	end2013 := time.Date(2014, 1, 1, 0, 0, 0, 0, time.UTC)
	return Policy{
		Hashes:   map[string]time.Time{"MD5": {}, "SHA-1": end2013},
		MinRSA:   2048,
		MinECDSA: 256,
		WeakRSA:  end2013,
	}
}

// hash reports whether h proves something about what existed at t.
func (p Policy) hash(h cms.Hash, t time.Time) bool {
	end, limited := p.Hashes[h.Name]
	return !limited || t.Before(end)
}

// keyEnd is until when cert's key proves something; zero is never.
func (p Policy) keyEnd(cert *x509.Certificate) time.Time {
	if k, ok := cert.PublicKey.(*rsa.PublicKey); ok && k.N.BitLen() >= 1024 {
		return p.WeakRSA
	}
	return time.Time{}
}

// key reports whether cert's key proves something about what existed at t.
func (p Policy) key(cert *x509.Certificate, t time.Time) bool {
	switch k := cert.PublicKey.(type) {
	case *rsa.PublicKey:
		bits := k.N.BitLen()
		return bits >= p.MinRSA || bits >= 1024 && t.Before(p.WeakRSA)
	case *ecdsa.PublicKey:
		return k.Curve.Params().BitSize >= p.MinECDSA
	}
	return true
}
