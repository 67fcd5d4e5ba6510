package toolsim

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"github.com/digitorus/pdf"
	pdfsign "github.com/digitorus/pdfsign/sign"

	"sohoa/signing"
)

// sign signs a PDF: by github.com/digitorus/pdfsign (adbe.pkcs7.detached), a
// program that has nothing in common with ours, where that writes good files;
// else by package signing.
func sign(ctx context.Context, in []byte, key *signing.Key) ([]byte, error) {
	if plain(in) && suits(key) {
		return independent(in, key)
	}
	var out bytes.Buffer
	req := signing.Request{Name: key.Certificate.Subject.CommonName}
	_, err := signing.Sign(ctx, bytes.NewReader(in), int64(len(in)), &out, key, req, nil)
	return out.Bytes(), err
}

// suits reports whether pdfsign reserves enough room for the key's signature.
func suits(key *signing.Key) bool {
	k, ok := key.Certificate.PublicKey.(*rsa.PublicKey)
	return !ok || k.N.BitLen() <= 3072
}

// plain reports whether a PDF has neither form nor signature, of which pdfsign
// loses parts.
func plain(in []byte) (ok bool) {
	defer func() { ok = recover() == nil && ok }()
	r, err := pdf.NewReader(bytes.NewReader(in), int64(len(in)))
	return err == nil && r.Trailer().Key("Root").Key("AcroForm").IsNull()
}

// independent signs with pdfsign, which panics on some files.
func independent(in []byte, key *signing.Key) (signed []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("pdfsign: panic: %v", r)
		}
	}()
	r, err := pdf.NewReader(bytes.NewReader(in), int64(len(in)))
	if err != nil {
		return nil, err
	}
	data := pdfsign.SignData{Signer: key.Signer, Certificate: key.Certificate, DigestAlgorithm: crypto.SHA256,
		CertificateChains: [][]*x509.Certificate{key.Certificates()}}
	data.Signature.CertType = pdfsign.ApprovalSignature
	data.Signature.Info.Date = time.Now()
	var out bytes.Buffer
	if err := pdfsign.Sign(bytes.NewReader(in), &out, r, int64(len(in)), data); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(out.Bytes(), in) {
		return nil, errors.New("pdfsign changed the document")
	}
	return out.Bytes(), nil
}
