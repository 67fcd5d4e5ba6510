package token

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"strings"

	"sohoa"
)

// candidate is a key that the address may mean.
type candidate struct {
	keyObject
	public      crypto.PublicKey
	print       [sha256.Size]byte
	certificate *x509.Certificate // the newest one for it; nil if the token has none
	labels      []string          // of all certificates for it
}

// candidates are the keys that match the address, and every certificate of
// the token.
func (t *Token) candidates(a reply) (list []*candidate, bag []*x509.Certificate) {
	all := make([]*candidate, 0, len(a.Keys))
	for _, k := range a.Keys {
		public, err := x509.ParsePKIXPublicKey(k.Public)
		if err != nil {
			continue // of no kind that we sign with
		}
		all = append(all, &candidate{keyObject: k, public: public, print: sha256.Sum256(k.Public)})
	}
	for _, o := range a.Certificates {
		c, err := x509.ParseCertificate(o.DER)
		if err != nil {
			continue // tokens hold certificates of every kind; this is not one for us
		}
		bag = append(bag, c)
		for _, k := range all {
			k.take(c, o.Label)
		}
	}
	for _, k := range all {
		if k.isNamed(t.uri.Object) {
			list = append(list, k)
		}
	}
	return list, bag
}

// take keeps a certificate that is for this key. The public half decides, not
// CKA_ID, which anybody sets.
func (k *candidate) take(c *x509.Certificate, label string) {
	if !same(k.public, c.PublicKey) {
		return
	}
	k.labels = append(k.labels, label)
	if k.certificate == nil || c.NotBefore.After(k.certificate.NotBefore) {
		k.certificate = c
	}
}

func same(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}

// isNamed reports whether the key or a certificate for it has this label.
func (k *candidate) isNamed(object string) bool {
	if object == "" || k.Label == object {
		return true
	}
	for _, l := range k.labels {
		if l == object {
			return true
		}
	}
	return false
}

// choose picks the key that has a certificate, if there is but one.
func (t *Token) choose(list []*candidate) (*candidate, error) {
	if len(list) == 0 {
		return nil, t.noKey()
	}
	var with []*candidate
	for _, k := range list {
		if k.certificate != nil {
			with = append(with, k)
		}
	}
	switch len(with) {
	case 0:
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.token-certificate", Args: []string{names(list)}}
	case 1:
		return with[0], nil
	}
	return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.token-choose", Args: []string{names(with)}}
}

// chooseFor picks the key that a certificate is for.
func (t *Token) chooseFor(list []*candidate, c *x509.Certificate) (*candidate, error) {
	for _, k := range list {
		if same(k.public, c.PublicKey) {
			k.certificate = c
			return k, nil
		}
	}
	if len(list) == 0 {
		return nil, t.noKey()
	}
	return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.key-mismatch", Args: []string{c.Subject.CommonName},
		Detail: "keys in the token: " + names(list)}
}

func (t *Token) noKey() error {
	wanted := URI{ID: t.uri.ID, Object: t.uri.Object}
	return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "sign.token-key", Args: []string{strings.Join(wanted.object(), ";")}}
}

// names are keys as an address names them.
func names(list []*candidate) string {
	var s []string
	for _, k := range list {
		s = append(s, strings.Join((&URI{ID: k.ID, Object: k.Label}).object(), ";"))
	}
	slices.Sort(s) // tokens list in any order
	return strings.Join(s, ", ")
}
