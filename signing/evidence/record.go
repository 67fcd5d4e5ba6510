package evidence

import (
	"crypto/x509"
	"errors"

	"sohoa/signing/validation/revocation"
)

// record is an OCSP answer or a revocation list that was read. What it says is
// read as our validator reads it, so that what is collected counts there.
type record struct {
	der    []byte
	answer *revocation.Answer // one of them
	list   *revocation.List
}

func readRecord(der []byte, list bool) (*record, error) {
	r := &record{der: der}
	var err error
	if list {
		r.list, err = revocation.ParseList(der)
	} else {
		r.answer, err = revocation.ParseAnswer(der)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// errWeak is about SHA-1: evidence that is signed with it proves nothing today.
var errWeak = errors.New("the answer is signed with SHA-1 or weaker")

// about is what r says about cert, which issuer issued.
func (r *record) about(cert, issuer *x509.Certificate) (*piece, error) {
	p := &piece{record: r}
	var err error
	if r.list != nil {
		p.Statement, err = r.list.About(cert, issuer)
	} else {
		p.Statement, err = r.answer.About(cert, issuer, nil)
	}
	if err == nil && p.Hash.Func.Size() < 28 {
		err = errWeak
	}
	if err != nil {
		return nil, err
	}
	if !p.Signer.Equal(issuer) && !revocation.NoCheck(p.Signer) {
		p.responder = p.Signer
	}
	return p, nil
}

// Known is what a document has already, read once. It belongs to one goroutine.
type Known struct {
	certificates []*x509.Certificate
	records      []*record
}

// Read reads a set. What cannot be read is left out.
func Read(s *Set) *Known {
	k := &Known{}
	for _, der := range s.Certificates {
		if c, err := x509.ParseCertificate(der); err == nil {
			k.certificates = append(k.certificates, c)
		}
	}
	for _, der := range s.OCSPs {
		if r, err := readRecord(der, false); err == nil {
			k.records = append(k.records, r)
		}
	}
	for _, der := range s.CRLs {
		if r, err := readRecord(der, true); err == nil {
			k.records = append(k.records, r)
		}
	}
	return k
}
