package validation_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/validation"
)

// hostile are files that cost other readers their process, their memory or
// minutes.
func hostile(t testing.TB) map[string][]byte {
	raw := func(objects string, trailer string) []byte {
		pdf := "%PDF-1.7\n" + objects
		return fmt.Appendf(nil, "%s%s\nstartxref\n%d\n%%%%EOF\n", pdf, trailer, len(pdf))
	}
	deep := strings.Repeat("[", 20<<20)
	objects := append([]object(nil), base...)
	objects[1] = object{2, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1>>"}
	signedCycle := handmade{id: person(t)}.sign(t, build(objects))
	signed := sealed(t, build(base), person(t), signing.Request{}, nil)
	xrefStream := func(entries string, data []byte) []byte {
		return raw("", fmt.Sprintf("1 0 obj\n<</Type/XRef/W[1 4 2]%s/Root 1 0 R/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj", entries, len(data), data))
	}
	fields := make([]string, 200_000)
	for i := range fields {
		fields[i] = "<</FT/Sig/T(x)>>"
	}
	return map[string][]byte{
		"page tree cycle":              build(objects),
		"page tree cycle, signed":      signedCycle,
		"xref from object 200000000":   raw("", "xref\n200000000 10\n"+strings.Repeat("0000000000 00000 n \n", 10)+"trailer\n<</Root 1 0 R>>"),
		"xref with 10 million entries": raw("", "xref\n0 10000000\ntrailer\n<</Root 1 0 R>>"),
		"startxref beyond integers":    []byte("%PDF-1.7\nstartxref\n99999999999999999999999999\n%%EOF"),
		"XRef of size 900000000":       xrefStream("/Size 900000000", deflate(make([]byte, 70))),
		"XRef index 0 to 2^62":         xrefStream("/Size 1/Index[0 4611686018427387904]", deflate(make([]byte, 70))),
		"XRef that is a bomb":          xrefStream("/Size 10000000", bomb()),
		"20 MB of brackets":            raw("1 0 obj\n"+deep+"\nendobj\n", "xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Root 1 0 R>>"),
		"20 MB of brackets in trailer": raw("", "xref\n0 0\ntrailer\n"+deep),
		"2 MB after the end":           append(signed, make([]byte, 2<<20)...),
		"sections in a circle":         []byte("%PDF-1.7\nxref\n0 0\ntrailer\n<</Prev 9>>\nstartxref\n9\n%%EOF"),
		"stream of unknown length":     build(append(base[:8:8], object{1, "<</Length 1 0 R>>\nstream\nendstream"})),
		"object stream in itself":      xrefStream("/Size 3", deflate([]byte{2, 0, 0, 0, 1, 0, 0, 2, 0, 0, 0, 1, 0, 1})),
		"200,000 fields":               build(append([]object{{1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[" + strings.Join(fields, "") + "]>>>>"}}, base[1:]...)),
		"nothing":                      {},
		"text":                         []byte("Kính gửi"),
		"header only":                  []byte("%PDF-1.7"),
	}
}

// bomb is a stream that grows to 300 MiB.
var bomb = sync.OnceValue(func() []byte { return deflate(make([]byte, 300<<20)) })

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestHostileFilesEndCleanly(t *testing.T) {
	for name, pdf := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			r, err := validation.Validate(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), trust(t))
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if took > 15*time.Second {
				t.Errorf("took %v", took)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 2<<30 {
				t.Errorf("allocated %d MiB", n>>20)
			}
			var problem *sohoa.Problem
			if err != nil && !errors.As(err, &problem) {
				t.Errorf("error = %v, want a Problem", err)
			}
			if err != nil && strings.Contains(err.Error(), "panic") {
				t.Errorf("error = %v", err)
			}
			if err == nil && r.Conclusion == validation.TotalPassed && name != "page tree cycle, signed" {
				t.Errorf("conclusion = %s", r.Conclusion)
			}
			t.Logf("%v, %d MiB allocated, %v", took.Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20, err)
		})
	}
}

func TestProblems(t *testing.T) {
	tests := []struct {
		name string
		pdf  []byte
		code string
		kind error
	}{
		{"text", []byte("Kính gửi"), "verify.not-pdf", sohoa.ErrInvalid},
		{"empty", nil, "verify.not-pdf", sohoa.ErrInvalid},
		{"no structure", []byte("%PDF-1.7\nhello"), "pdf.damaged", sohoa.ErrInvalid},
		{"cut short", build(base)[:600], "pdf.damaged", sohoa.ErrInvalid},
		{"encrypted", appendRevision(build(base), base[:1], lastXRef(build(base)), "/Encrypt<</Filter/Standard>>"), "pdf.encrypted", sohoa.ErrInvalid},
		{"nested", append([]byte("%PDF-1.7\nxref\n0 0\ntrailer\n"+strings.Repeat("[", 1000)), "\nstartxref\n9\n%%EOF"...), "verify.too-complex", sohoa.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := validation.Validate(context.Background(), bytes.NewReader(tt.pdf), int64(len(tt.pdf)), trust(t))
			var p *sohoa.Problem
			if !errors.As(err, &p) || p.Code != tt.code || !errors.Is(err, tt.kind) {
				t.Errorf("Validate = %v, want %s", err, tt.code)
			}
		})
	}
	_, err := validation.Validate(context.Background(), bytes.NewReader(nil), sohoa.MaxVerifyBytes+1, trust(t))
	if !errors.Is(err, sohoa.ErrTooLarge) {
		t.Errorf("Validate of a file that is too large = %v", err)
	}
}

func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	pdf := build(base)
	if _, err := validation.Validate(ctx, bytes.NewReader(pdf), int64(len(pdf)), trust(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("Validate = %v, want %v", err, context.Canceled)
	}
}

// TestMutants changes bytes of a signed file. No mutant may pass that the
// original bytes do not explain, and none may panic.
func TestMutants(t *testing.T) {
	good := sealed(t, build(base), person(t), signing.Request{}, nil)
	opts := trust(t)
	gap := validate(t, good, opts).Signatures[0].Covers.ByteRange
	for i := 0; i < len(good); i += 7 {
		if int64(i) >= gap[1] && int64(i) < gap[2] {
			i += 97 // the padding of Contents is long and dull
		}
		mutant := bytes.Clone(good)
		mutant[min(i, len(mutant)-1)] ^= 0x15
		r, err := validation.Validate(context.Background(), bytes.NewReader(mutant), int64(len(mutant)), opts)
		if err != nil && strings.Contains(err.Error(), "panic") {
			t.Fatalf("byte %d: %v", i, err)
		}
		if err == nil && r.Conclusion == validation.TotalPassed {
			t.Errorf("byte %d changed: still %s", i, r.Conclusion)
		}
	}
}

func FuzzValidate(f *testing.F) {
	f.Add(build(base))
	f.Add(sealed(f, build(base), person(f), signing.Request{}, nil))
	f.Add(handmade{id: person(f)}.sign(f, build(base)))
	p := newPKI(f)
	id := p.person(f)
	answer := p.answer(f, id.Certificate, p.responder(f, p.issuing, noCheck), nil)
	f.Add(p.archived(f, inStore(f, p.signed(f, id), nil, [][]byte{answer}, p.list(f, p.issuing, nil)), now.Add(time.Hour)))
	for _, pdf := range hostile(f) {
		if len(pdf) < 1<<16 {
			f.Add(pdf)
		}
	}
	opts := trust(f)
	f.Fuzz(func(t *testing.T, pdf []byte) {
		r, err := validation.Validate(context.Background(), bytes.NewReader(pdf), int64(len(pdf)), opts)
		if err != nil {
			if strings.Contains(err.Error(), "panic") {
				t.Fatal(err)
			}
			return
		}
		if strings.TrimSpace(r.Text(sohoa.Vietnamese)) == "" || strings.TrimSpace(r.Text(sohoa.English)) == "" {
			t.Error("a report without text")
		}
	})
}

// failing is a file whose medium fails from a byte on.
type failing struct {
	*bytes.Reader
	from int64
}

var errMedium = errors.New("medium failed")

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.from {
		return 0, errMedium
	}
	return f.Reader.ReadAt(p, off)
}

// TestMediumFails: that a file cannot be read says nothing about it.
func TestMediumFails(t *testing.T) {
	pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
	for from := int64(0); from < int64(len(pdf)); from += 997 {
		r, err := validation.Validate(context.Background(), failing{bytes.NewReader(pdf), from}, int64(len(pdf)), trust(t))
		var problem *sohoa.Problem
		if r != nil || !errors.Is(err, errMedium) || errors.As(err, &problem) {
			t.Errorf("Validate with a failure at byte %d = %v, %v; want %v", from, r, err, errMedium)
		}
	}
}
