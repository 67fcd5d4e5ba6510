package pdfrev_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa/signing/validation/pdfrev"
)

// table is a file of one revision with a cross-reference table.
func table(objects ...string) []byte { return revision([]byte("%PDF-1.7\n"), "", 1, objects...) }

// revision appends objects first, first+1, ... to pdf.
func revision(pdf []byte, trailer string, first int, objects ...string) []byte {
	w := bytes.NewBuffer(bytes.Clone(pdf))
	entries := ""
	for i, o := range objects {
		entries += fmt.Sprintf("%010d 00000 n \n", w.Len())
		fmt.Fprintf(w, "%d 0 obj\n%s\nendobj\n", first+i, o)
	}
	at := w.Len()
	fmt.Fprintf(w, "xref\n%d %d\n%strailer\n<</Root 1 0 R/Size 9%s>>\nstartxref\n%d\n%%%%EOF\n", first, len(objects), entries, trailer, at)
	return w.Bytes()
}

func open(t *testing.T, pdf []byte) *pdfrev.File {
	t.Helper()
	f, err := pdfrev.Open(context.Background(), bytes.NewReader(pdf), int64(len(pdf)))
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	return f
}

func TestValues(t *testing.T) {
	tests := []struct {
		name, text string
		want       pdfrev.Object
	}{
		{"integer", "42", int64(42)},
		{"negative", "-7", int64(-7)},
		{"real", ".5", 0.5},
		{"true", "true", true},
		{"null", "null", nil},
		{"name", "/A#20B", pdfrev.Name("A B")},
		{"name with a lone #", "/A#", pdfrev.Name("A#")},
		{"reference", "3 1 R", pdfrev.Ref{3, 1}},
		{"three integers", "[3 1 2]", pdfrev.Array{int64(3), int64(1), int64(2)}},
		{"comment", "[1 % two\n3]", pdfrev.Array{int64(1), int64(3)}},
		{"dictionary", "<</A[/B]/C<<>>>>", pdfrev.Dict{"A": pdfrev.Array{pdfrev.Name("B")}, "C": pdfrev.Dict{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, table("<</Type/Catalog>>", tt.text))
			got := f.View(0).Resolve(pdfrev.Ref{Num: 2})
			if tt.name == "reference" {
				ind, err := f.View(0).Get(pdfrev.Ref{Num: 2})
				if err != nil {
					t.Fatal(err)
				}
				got = ind.Value
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", tt.text, diff)
			}
		})
	}
}

func TestStrings(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "(abc)", "abc"},
		{"nested", "(a(b)c)", "a(b)c"},
		{"escapes", `(\(\)\\\n\101\7)`, "()\\\nA\a"},
		{"line break escaped", "(a\\\r\nb)", "ab"},
		{"line breaks", "(a\r\nb\rc)", "a\nb\nc"},
		{"hexadecimal", "<41 4>", "A@"},
		{"empty", "<>", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pdf := table("<</Type/Catalog>>", tt.text)
			s, ok := open(t, pdf).View(0).Resolve(pdfrev.Ref{Num: 2}).(pdfrev.String)
			if !ok || string(s.Value) != tt.want {
				t.Errorf("%q = %q, want %q", tt.text, s.Value, tt.want)
			}
			if got := string(pdf[s.Start:s.End]); got != tt.text {
				t.Errorf("token = %q, want %q", got, tt.text)
			}
		})
	}
}

func TestRevisionsSeeTheirOwnObjects(t *testing.T) {
	one := table("<</Type/Catalog/V 2 0 R>>", "(old)")
	two := revision(one, fmt.Sprintf("/Prev %d", bytes.LastIndex(one, []byte("xref\n1"))), 2, "(new)")
	f := open(t, two)
	if len(f.Revisions) != 2 || f.Revisions[0].End != int64(len(one)) || f.Revisions[1].End != int64(len(two)) {
		t.Fatalf("revisions = %+v, want ends %d and %d", f.Revisions, len(one), len(two))
	}
	for i, want := range []string{"old", "new"} {
		v := f.View(i)
		if s, _ := v.Resolve(v.Root()["V"]).(pdfrev.String); string(s.Value) != want {
			t.Errorf("revision %d shows %q, want %q", i, s.Value, want)
		}
	}
	offset, eof := f.StartXRefBefore(int64(len(one)))
	if offset != f.Revisions[0].StartXRef || eof != int64(len(one)-1) {
		t.Errorf("StartXRefBefore = %d, %d", offset, eof)
	}
}

// packed is a file with an object stream and a cross-reference stream, whose
// rows are filtered with a PNG predictor.
func packed() []byte {
	w := bytes.NewBufferString("%PDF-1.7\n")
	inside := "1 0 2 32 <</Type/Catalog/V 2 0 R       >>(packed)"
	first := strings.Index(inside, "<<")
	at3 := w.Len()
	body := deflate([]byte(inside))
	fmt.Fprintf(w, "3 0 obj\n<</Type/ObjStm/N 2/First %d/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\nendobj\n", first, len(body), body)
	at4 := w.Len()
	rows := [][4]byte{{0, 0, 0, 0}, {2, 0, 3, 0}, {2, 0, 3, 1}, {1, byte(at3 >> 8), byte(at3), 0}, {1, byte(at4 >> 8), byte(at4), 0}}
	var filtered []byte
	var prior [4]byte
	for _, row := range rows {
		filtered = append(filtered, 2) // up
		for i := range row {
			filtered = append(filtered, row[i]-prior[i])
		}
		prior = row
	}
	data := deflate(filtered)
	fmt.Fprintf(w, "4 0 obj\n<</Type/XRef/Size 5/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", len(data), data, at4)
	return w.Bytes()
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestObjectStreams(t *testing.T) {
	v := open(t, packed()).View(0)
	s, _ := v.Resolve(v.Root()["V"]).(pdfrev.String)
	if string(s.Value) != "packed" || s.Start != -1 {
		t.Errorf("string = %q at %d, want packed at -1", s.Value, s.Start)
	}
}

func TestHybridShowsHiddenObjects(t *testing.T) {
	pdf := packed()
	stream := bytes.LastIndex(pdf, []byte("4 0 obj"))
	at := len(pdf)
	pdf = fmt.Appendf(pdf, "xref\n0 1\n0000000000 65535 f \n3 1\n%010d 00000 n \ntrailer\n<</Root 1 0 R/Size 5/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n",
		bytes.Index(pdf, []byte("3 0 obj")), stream, at)
	v := open(t, pdf).View(0)
	if s, _ := v.Resolve(v.Root()["V"]).(pdfrev.String); string(s.Value) != "packed" {
		t.Errorf("string = %q, want packed", s.Value)
	}
}

func TestRepeatedKeysAreNoted(t *testing.T) {
	f := open(t, table("<</Type/Catalog>>", "<</A 1/B<</C 1/C 2>>>>", "<</A 1>>"))
	for num, want := range map[int]bool{2: true, 3: false} {
		ind, err := f.View(0).Get(pdfrev.Ref{Num: num})
		if err != nil || ind.Repeated != want {
			t.Errorf("object %d: repeated = %t, %v, want %t", num, ind.Repeated, err, want)
		}
	}
}

func TestErrors(t *testing.T) {
	good := string(table("<</Type/Catalog>>"))
	tests := []struct {
		name, pdf string
		want      error
	}{
		{"empty", "", pdfrev.ErrNotPDF},
		{"text", "hello", pdfrev.ErrNotPDF},
		{"late header", strings.Repeat(" ", 2000) + good, pdfrev.ErrNotPDF},
		{"no startxref", "%PDF-1.7\n", pdfrev.ErrDamaged},
		{"startxref elsewhere", strings.Replace(good, "startxref\n", "startxref\n9", 1), pdfrev.ErrDamaged},
		{"junk at the end", good + strings.Repeat("x", 2000), pdfrev.ErrDamaged},
		{"trailer is no dictionary", strings.Replace(good, "trailer\n<<", "trailer\n[<<", 1), pdfrev.ErrDamaged},
		{"itself before", strings.Replace(good, "/Size 9", fmt.Sprintf("/Prev %d", strings.LastIndex(good, "xref\n1")), 1), pdfrev.ErrDamaged},
		{"nested", "%PDF-1.7\nxref\n0 0\ntrailer\n" + strings.Repeat("<</A", 500) + "\nstartxref\n9\n%%EOF", pdfrev.ErrBound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := pdfrev.Open(context.Background(), strings.NewReader(tt.pdf), int64(len(tt.pdf))); !errors.Is(err, tt.want) {
				t.Errorf("Open = %v, want %v", err, tt.want)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(table("<</Type/Catalog/V 2 0 R>>", "(a)", "<</Length 3>>\nstream\nabc\nendstream"))
	f.Add(packed())
	one := table("<</Type/Catalog>>")
	f.Add(revision(one, "/Prev 44", 2, "[1 0 R<4142>(\\101)]"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		file, err := pdfrev.Open(context.Background(), bytes.NewReader(pdf), int64(len(pdf)))
		if err != nil {
			return
		}
		for i := range file.Revisions {
			v := file.View(i)
			for num := range 50 {
				o := v.Resolve(pdfrev.Ref{Num: num})
				if s, ok := o.(*pdfrev.Stream); ok {
					v.Decoded(s)
				}
				if _, ok := o.(pdfrev.Ref); ok {
					t.Errorf("object %d resolves to a reference", num)
				}
			}
		}
	})
}
