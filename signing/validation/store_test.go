package validation_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"strings"
	"testing"

	"sohoa/signing/testca"
)

// inStore appends a revision with a document security store.
func inStore(t testing.TB, pdf []byte, certs []*x509.Certificate, answers [][]byte, crls ...[]byte) []byte {
	t.Helper()
	num := 200 // past what the tests use
	for hasObject(pdf, num) {
		num += 100
	}
	var objects []object
	array := func(ders [][]byte) string {
		var refs []string
		for _, der := range ders {
			objects = append(objects, object{num, stream(string(der))})
			refs = append(refs, fmt.Sprintf("%d 0 R", num))
			num++
		}
		return strings.Join(refs, " ")
	}
	var raw [][]byte
	for _, c := range certs {
		raw = append(raw, c.Raw)
	}
	store := fmt.Sprintf("/DSS<</Type/DSS/Certs[%s]/OCSPs[%s]/CRLs[%s]>>/Pages", array(raw), array(answers), array(crls))
	return update(pdf, append(objects, replaced(t, pdf, 1, "/Pages", store))...)
}

// hasObject reports whether pdf has an object of that number.
func hasObject(pdf []byte, num int) bool {
	return bytes.Contains(pdf, fmt.Appendf(nil, "\n%d 0 obj", num))
}

// lists are the revocation lists of an authority, as of its clock.
func lists(t testing.TB, a *testca.Authority) [][]byte {
	t.Helper()
	issuing, err := a.CRL()
	if err != nil {
		t.Fatal(err)
	}
	root, err := a.RootCRL()
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{issuing, root}
}
