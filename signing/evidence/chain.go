package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"sohoa"
)

// maxIssuers bounds the issuers that are asked for to complete one chain.
const maxIssuers = 4

// chain finds a chain to a root that was valid when n was used. Issuers that
// are missing are asked for where the certificate below says (RFC 5280,
// 4.2.2.1).
func (c *Collector) chain(ctx context.Context, n Need, known *Known) ([]*x509.Certificate, error) {
	bag := slices.Concat(n.Bag, known.certificates)
	for range maxIssuers {
		chain, err := c.verify(n, bag)
		if err == nil {
			return chain, nil
		}
		last := top(n.Certificate, bag)
		if bytes.Equal(last.RawIssuer, last.RawSubject) {
			break
		}
		issuer := c.issuer(ctx, last)
		if issuer == nil {
			break
		}
		bag = append(bag, issuer)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	chain, err := c.verify(n, bag)
	if err != nil {
		return nil, detailed(sohoa.ErrVerification, "sign.evidence-chain", err, name(n.Certificate))
	}
	return chain, nil
}

func (c *Collector) verify(n Need, bag []*x509.Certificate) ([]*x509.Certificate, error) {
	roots, between := c.Roots, x509.NewCertPool()
	if roots == nil {
		roots = x509.NewCertPool()
	}
	for _, b := range bag {
		between.AddCert(b)
	}
	chains, err := n.Certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between,
		CurrentTime: n.Used, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil, err
	}
	return chains[0], nil
}

// top is the last certificate above cert that the bag has.
func top(cert *x509.Certificate, bag []*x509.Certificate) *x509.Certificate {
	for range bag {
		i := slices.IndexFunc(bag, func(b *x509.Certificate) bool { return !b.Equal(cert) && issued(b, cert) })
		if i < 0 {
			break
		}
		cert = bag[i]
	}
	return cert
}

func issued(issuer, cert *x509.Certificate) bool {
	return bytes.Equal(issuer.RawSubject, cert.RawIssuer) && cert.CheckSignatureFrom(issuer) == nil
}

// certificates reads a certificate, or those in a CMS message that carries
// nothing else (RFC 5280, 4.2.2.1).
func certificates(der cryptobyte.String) []*x509.Certificate {
	if c, err := x509.ParseCertificate(der); err == nil {
		return []*x509.Certificate{c}
	}
	context0 := cbasn1.Tag(0).ContextSpecific().Constructed()
	var message, wrapped, data, list cryptobyte.String
	if !der.ReadASN1(&message, cbasn1.SEQUENCE) || !message.SkipASN1(cbasn1.OBJECT_IDENTIFIER) ||
		!message.ReadASN1(&wrapped, context0) || !wrapped.ReadASN1(&data, cbasn1.SEQUENCE) ||
		!data.SkipASN1(cbasn1.INTEGER) || !data.SkipASN1(cbasn1.SET) || !data.SkipASN1(cbasn1.SEQUENCE) ||
		!data.ReadASN1(&list, context0) {
		return nil
	}
	certs, err := x509.ParseCertificates(list)
	if err != nil {
		return nil
	}
	return certs
}
