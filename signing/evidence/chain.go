package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"slices"

	"sohoa"
)

// maxIssuers bounds the issuers that are asked for to complete one chain.
const maxIssuers = 4

// chain finds a chain to a root that was valid when n was used. Issuers that
// are missing are asked for where the certificate below says (RFC 5280,
// 4.2.2.1).
func (c *Collector) chain(ctx context.Context, n Need, known *Set) ([]*x509.Certificate, error) {
	bag := slices.Clone(n.Bag)
	for _, der := range known.Certificates {
		if cert, err := x509.ParseCertificate(der); err == nil {
			bag = append(bag, cert)
		}
	}
	for range maxIssuers {
		chain, err := c.verify(n, bag)
		if err == nil {
			return chain, nil
		}
		issuer := c.issuer(ctx, top(n.Certificate, bag))
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

// issuer asks for the certificate above cert; nil if there is none to be had.
func (c *Collector) issuer(ctx context.Context, cert *x509.Certificate) *x509.Certificate {
	if bytes.Equal(cert.RawIssuer, cert.RawSubject) {
		return nil
	}
	for _, url := range firstFew(cert.IssuingCertificateURL) {
		der, err := c.get(ctx, question{url: url, limit: sohoa.MaxIssuerBytes})
		if err != nil {
			continue
		}
		if found, err := x509.ParseCertificate(der); err == nil && issued(found, cert) {
			return found
		}
	}
	return nil
}
