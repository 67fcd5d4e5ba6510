package validation_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"sohoa/signing"
	"sohoa/signing/validation"
)

// BenchmarkValidate checks a signature on 2 MB, the size of ten scanned pages.
func BenchmarkValidate(b *testing.B) {
	objects := append(base[:len(base):len(base)], object{10, stream(strings.Repeat("x", 2<<20))})
	pdf := sealed(b, build(objects), person(b), signing.Request{}, nil)
	opts := trust(b)
	b.SetBytes(int64(len(pdf)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := validation.Validate(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), opts)
		if err != nil || r.Conclusion != validation.TotalPassed {
			b.Fatal(r, err)
		}
	}
}
