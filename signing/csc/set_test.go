package csc_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sohoa/signing"
	"sohoa/signing/csc/csctest"
	"sohoa/signing/testca"
	"sohoa/signing/validation"
)

// TestSetOfDocumentsOverARestart prepares 300 documents, has all signed under
// one authorisation, forgets everything but the records, and completes them.
func TestSetOfDocumentsOverARestart(t *testing.T) {
	s := start(t, testca.P256, csctest.Rules{PIN: goodPIN, Multisign: 300, Polls: 1})
	s.config.Ask, s.config.Asynchronous = pin(goodPIN), true
	c := s.open(t)
	var records [][]byte
	var all [][]byte
	for i := range 300 {
		pdf := document(i)
		p, err := signing.Prepare(t.Context(), bytes.NewReader(pdf), int64(len(pdf)), c.Certificates(), signing.Request{})
		if err != nil {
			t.Fatal(err)
		}
		record, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		records, all = append(records, record), append(all, p.Digest())
	}
	_, ticket, err := c.SignDigests(t.Context(), signing.ECDSA, all)
	if err != nil || ticket == "" || len(ticket) > 32<<10 {
		t.Fatalf("SignDigests = ticket of %d bytes, %v; want one of at most 32 KB", len(ticket), err)
	}

	s.config.Ask = nil
	c = s.open(t)
	if _, err := c.Collect(t.Context(), ticket); !errors.Is(err, signing.ErrNotYet) {
		t.Fatalf("Collect at once = %v, want ErrNotYet", err)
	}
	values, err := c.Collect(t.Context(), ticket)
	if err != nil {
		t.Fatal(err)
	}
	for i, record := range records {
		var p signing.Prepared
		if err := json.Unmarshal(record, &p); err != nil {
			t.Fatal(err)
		}
		made, err := signing.Complete(t.Context(), &p, values[i], nil)
		if err != nil {
			t.Fatalf("Complete document %d = %v", i, err)
		}
		if i%100 == 0 {
			wantPassed(t, append(document(i), made.Tail...))
		}
	}
	if got := s.Counts(); got.Authorisations != 1 || got.Signings != 1 {
		t.Errorf("service asked %+v, want one authorisation and one signing", got)
	}
}

// document is a PDF of one empty page, the nth.
func document(n int) []byte {
	w := bytes.NewBufferString("%PDF-1.7\n")
	var table strings.Builder
	for i, body := range []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>", fmt.Sprintf("<</Title(%d)>>", n)} {
		fmt.Fprintf(&table, "%010d 00000 n \n", w.Len())
		fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	at := w.Len()
	fmt.Fprintf(w, "xref\n0 5\n0000000000 65535 f \n%strailer\n<</Size 5/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF\n", table.String(), at)
	return w.Bytes()
}

// wantPassed fails unless pdf has one signature that passes.
func wantPassed(t testing.TB, pdf []byte) {
	t.Helper()
	ca, err := authority()
	if err != nil {
		t.Fatal(err)
	}
	r, err := validation.Validate(t.Context(), bytes.NewReader(pdf), int64(len(pdf)),
		validation.Options{Roots: []validation.Root{{World: "test", Certificate: ca.Root()}}})
	if err != nil || r.Conclusion != validation.TotalPassed || len(r.Signatures) != 1 {
		t.Errorf("Validate = %+v, %v; want one signature that passes", r, err)
	}
}
