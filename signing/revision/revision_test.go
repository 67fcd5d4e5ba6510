package revision_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sohoa/signing/revision"
)

// build writes a PDF with a cross-reference table over objects 1, 2, ...
func build(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, trailer, start)
	return b.Bytes()
}

func open(t testing.TB, pdf []byte) *revision.File {
	t.Helper()
	f, err := revision.Open(bytes.NewReader(pdf), int64(len(pdf)))
	if err != nil {
		t.Fatalf("Open = %v", err)
	}
	return f
}

// update appends a revision that sets ref to o.
func update(t testing.TB, pdf []byte, ref revision.Ref, o revision.Object) []byte {
	t.Helper()
	u := open(t, pdf).NewUpdate()
	u.Set(ref, o)
	tail, err := u.Bytes(revision.String("id"))
	if err != nil {
		t.Fatal(err)
	}
	return append(bytes.Clone(pdf), tail...)
}

// TestObjectsReadBack reads objects, writes them in a new revision and reads
// them again: both readings must write the same.
func TestObjectsReadBack(t *testing.T) {
	tests := []struct{ name, in, out string }{
		{"null", "null", "null"},
		{"numbers", "[0 -1 +2 3.140 -.5 4. 12345678901234567890]", "[0 -1 +2 3.140 -.5 4. 12345678901234567890]"},
		{"booleans", "[true false]", "[true false]"},
		{"references", "[1 0 R 2 3 4 0 R 65535 7 R]", "[1 0 R 2 3 4 0 R 65535 7 R]"},
		{"names", "[/A/a#20b/#c4#a8/ /x#/x#4/x#zz/#23]", "[/A /a#20b /#C4#A8 / /x#23 /x#234 /x#23zz /#23]"},
		{"literal strings", `[(a(b)c)(\(\)\\)(\n\r\t\b\f)(\101\60\7)(a\
b)(q\q)]`, "[<6128622963> <28295c> <0a0d09080c> <413007> <6162> <7171>]"},
		{"line ends in strings", "[(a\r\nb)(a\rb)]", "[<610a62> <610a62>]"},
		{"hexadecimal strings", "[<>< 4 1 ><414><fEfF>]", "[<> <41> <4140> <feff>]"},
		{"dictionary", "<</B 1/A<</C[/D]>>/B 2>>", "<<\n/B 2\n/A <<\n/C [/D]\n>>\n>>"},
		{"comments", "[1%]\n2 % x\r3]", "[1 2 3]"},
		{"no space at all", "<</A/B/C(d)/E<41>/F[1]/G<<>>/H 1>>", "<<\n/A /B\n/C <64>\n/E <41>\n/F [1]\n/G <<\n>>\n/H 1\n>>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pdf := build("", "<</Type/Catalog>>", tt.in)
			ref := revision.Ref{Number: 2}
			o, err := open(t, pdf).Get(ref)
			if err != nil {
				t.Fatalf("Get(%q) = %v", tt.in, err)
			}
			again := update(t, pdf, ref, o)
			if !strings.Contains(string(again[len(pdf):]), "2 0 obj\n"+tt.out+"\nendobj") {
				t.Errorf("%q was written as\n%s\nwant %s", tt.in, again[len(pdf):], tt.out)
			}
			o2, err := open(t, again).Get(ref)
			if err != nil {
				t.Fatal(err)
			}
			third := update(t, again, ref, o2)
			if !strings.Contains(string(third[len(again):]), tt.out) {
				t.Errorf("%q changed on the second writing:\n%s", tt.in, third[len(again):])
			}
		})
	}
}

func TestRevisionsReplace(t *testing.T) {
	pdf := build("", "<</Type/Catalog>>", "1")
	for i := range 50 {
		pdf = update(t, pdf, revision.Ref{Number: 2}, revision.Int(i))
	}
	o, err := open(t, pdf).Get(revision.Ref{Number: 2})
	if err != nil || o != revision.Number("49") {
		t.Errorf("object 2 = %v, %v; want 49", o, err)
	}
	if n := bytes.Count(pdf, []byte("%%EOF")); n != 51 {
		t.Errorf("%d revisions, want 51", n)
	}
}

func TestGenerations(t *testing.T) {
	pdf := bytes.Replace(build("", "<</Type/Catalog>>", "(old)"), []byte("2 0 obj"), []byte("2 3 obj"), 1)
	at := bytes.LastIndex(pdf, []byte(" 00000 n"))
	copy(pdf[at:], " 00003 n")
	ref := revision.Ref{Number: 2, Generation: 3}
	if o, err := open(t, pdf).Get(ref); err != nil || string(o.(revision.String)) != "old" {
		t.Errorf("Get(%v) = %v, %v; want old", ref, o, err)
	}
	if o, err := open(t, pdf).Get(revision.Ref{Number: 2}); err != nil || o != nil {
		t.Errorf("Get of another generation = %v, %v; want null", o, err)
	}
	again := update(t, pdf, ref, revision.String("new"))
	if !bytes.Contains(again[len(pdf):], []byte(" 00003 n\r\n")) {
		t.Errorf("the table does not keep the generation:\n%s", again[len(pdf):])
	}
	if o, err := open(t, again).Get(ref); err != nil || string(o.(revision.String)) != "new" {
		t.Errorf("Get(%v) = %v, %v; want new", ref, o, err)
	}
}

// TestHybrid reads an object that the table hides behind a free entry, until
// a later revision frees it for good.
func TestHybrid(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n1 0 obj\n<</Type/Catalog>>\nendobj\n")
	hidden := b.Len()
	b.WriteString("2 0 obj\n(hidden)\nendobj\n")
	stream := b.Len()
	fmt.Fprintf(&b, "3 0 obj\n<</Type/XRef/Size 4/W[1 2 0]/Index[2 1]/Length 3>>\nstream\n\x01%c%c\nendstream\nendobj\n", 0, hidden)
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 4\n0000000002 65535 f \n%010d 00000 n \n0000000003 00000 f \n0000000000 00000 f \n", 9)
	fmt.Fprintf(&b, "trailer\n<</Size 4/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", stream, start)
	pdf := b.Bytes()
	ref := revision.Ref{Number: 2}
	if o, err := open(t, pdf).Get(ref); err != nil || fmt.Sprintf("%s", o) != "hidden" {
		t.Errorf("object 2 = %v, %v; want hidden", o, err)
	}
	again := update(t, pdf, revision.Ref{Number: 1}, revision.NewDict("Type", revision.Name("Catalog")))
	if o, err := open(t, again).Get(ref); err != nil || fmt.Sprintf("%s", o) != "hidden" {
		t.Errorf("object 2 after a revision = %v, %v; want hidden", o, err)
	}
	at := len(again)
	again = fmt.Appendf(again, "xref\n2 1\n0000000000 00001 f \ntrailer\n<</Size 4/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n",
		bytes.LastIndex(again, []byte("xref\n1 1")), at)
	if o, err := open(t, again).Get(ref); err != nil || o != nil {
		t.Errorf("object 2 when freed = %v, %v; want null", o, err)
	}
}

func TestNewNumbersAreFree(t *testing.T) {
	// Size says 2, but there are objects 1 to 3.
	pdf := bytes.Replace(build("", "<</Type/Catalog>>", "1", "2"), []byte("/Size 4"), []byte("/Size 2"), 1)
	u := open(t, pdf).NewUpdate()
	if ref := u.Add(revision.Int(1)); ref.Number != 4 {
		t.Errorf("the new object is number %d, want 4", ref.Number)
	}
}

func TestSlotsKnowTheirPlace(t *testing.T) {
	pdf := build("", "<</Type/Catalog>>")
	u := open(t, pdf).NewUpdate()
	slot := &revision.Slot{Fill: []byte("<0000>")}
	u.Add(revision.NewDict("A", revision.Int(1), "Contents", slot))
	tail, err := u.Bytes(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := append(pdf, tail...)
	if got := all[slot.Offset : slot.Offset+6]; string(got) != "<0000>" {
		t.Errorf("at the slot's offset stands %q, want its fill", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	good := build("", "<</Type/Catalog>>")
	circle := bytes.Replace(good, []byte("/Size 2"), fmt.Appendf(nil, "/Prev %d/Size 2", bytes.Index(good, []byte("xref"))), 1)
	tests := []struct {
		name string
		pdf  []byte
		want error
	}{
		{"empty", nil, revision.ErrDamaged},
		{"header later", append([]byte("\n"), good...), revision.ErrDamaged},
		{"sections in circles", circle, revision.ErrDamaged},
		{"no catalog", bytes.Replace(good, []byte("/Root 1 0 R"), nil, 1), revision.ErrDamaged},
		{"encrypted", build("/Encrypt 5 0 R", "<<>>"), revision.ErrEncrypted},
		{"much behind the end", append(bytes.Clone(good), bytes.Repeat([]byte(" "), 1100)...), revision.ErrTrailing},
		{"cut short", good[:len(good)/2], revision.ErrTrailing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := revision.Open(bytes.NewReader(tt.pdf), int64(len(tt.pdf)))
			if !errors.Is(err, tt.want) {
				t.Errorf("Open = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestGetRefuses(t *testing.T) {
	tests := []struct{ name, object string }{
		{"nested too deeply", strings.Repeat("[", 100_000)},
		{"no end", "(abc"},
		{"no key", "<<1 2>>"},
		{"no object", "]"},
		{"dictionary cut short", "<</A>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := open(t, build("", "<</Type/Catalog>>", tt.object))
			if o, err := f.Get(revision.Ref{Number: 2}); !errors.Is(err, revision.ErrDamaged) {
				t.Errorf("Get(%.20q) = %v, %v; want ErrDamaged", tt.object, o, err)
			}
		})
	}
}

func TestReferencesInCircles(t *testing.T) {
	f := open(t, build("", "<</Type/Catalog>>", "3 0 R", "2 0 R"))
	if _, err := f.Resolve(revision.Ref{Number: 2}); !errors.Is(err, revision.ErrDamaged) {
		t.Errorf("Resolve = %v, want ErrDamaged", err)
	}
}

func TestText(t *testing.T) {
	if got := fmt.Sprintf("%x", revision.Text("ĩ𠀀")); got != "feff0129d840dc00" {
		t.Errorf("Text = %s, want feff0129d840dc00", got)
	}
}

// FuzzOpen reads every object of whatever opens, and writes a revision of it.
func FuzzOpen(f *testing.F) {
	f.Add(build("", "<</Type/Catalog/Pages 2 0 R>>", "<</Kids[3 0 R]>>", "<</A(\\051)/B<41>/C[1 0 R]>>"))
	f.Add(build("/Info 2 0 R/ID[<01><02>]", "<</Type/Catalog>>", "<</Length 3 0 R>>\nstream\nabc\nendstream", "3"))
	f.Add([]byte("%PDF-1.5\n1 0 obj\n<</Type/XRef/Size 3/W[1 1 1]/Root 1 0 R/Length 9>>\nstream\n\x00\x00\x00\x01\x09\x00\x02\x01\x00\nendstream\nendobj\nstartxref\n9\n%%EOF\n"))
	f.Add([]byte("%PDF-1.7\nxref\n200000000 10\nstartxref\n9\n%%EOF\n"))
	f.Fuzz(func(t *testing.T, pdf []byte) {
		file, err := revision.Open(bytes.NewReader(pdf), int64(len(pdf)))
		if err != nil {
			return
		}
		u := file.NewUpdate()
		for n := range 20 {
			ref := revision.Ref{Number: n}
			if o, err := file.Get(ref); err == nil {
				if _, isStream := o.(*revision.Stream); !isStream && o != nil {
					u.Set(ref, o)
				}
			}
		}
		u.Add(revision.Int(1))
		tail, err := u.Bytes(revision.String("id"))
		if err != nil {
			t.Fatalf("Bytes = %v", err)
		}
		again := append(bytes.Clone(pdf), tail...)
		if _, err := revision.Open(bytes.NewReader(again), int64(len(again))); err != nil {
			t.Fatalf("our revision does not open: %v\n%q", err, again)
		}
	})
}

// TestSkeleton keeps what was read of a file; the rest is read from the file.
func TestSkeleton(t *testing.T) {
	pdf := build("/Info 3 0 R", "<</Type/Catalog/A(\\051)/B null>>", "[1 0 R 2.50]", "<</Title<41>>>")
	f := open(t, pdf)
	if _, err := f.Get(revision.Ref{Number: 1}); err != nil {
		t.Fatal(err)
	}
	s := f.Skeleton()
	if len(s.Objects) != 1 {
		t.Fatalf("Skeleton has %d objects, want the one that was read", len(s.Objects))
	}
	again, err := s.Open(bytes.NewReader(pdf), int64(len(pdf)))
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 4; n++ {
		want, _ := f.Get(revision.Ref{Number: n})
		got, err := again.Get(revision.Ref{Number: n})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("Get(%d) = %v, %v; want %v", n, got, err, want)
		}
	}
	s.Objects[0].Text = "<</Type"
	if _, err := s.Open(bytes.NewReader(pdf), int64(len(pdf))); !errors.Is(err, revision.ErrDamaged) {
		t.Errorf("Open of a skeleton cut short = %v, want ErrDamaged", err)
	}
	s.Objects, s.Trailer = nil, "<</Size 4>>"
	if _, err := s.Open(bytes.NewReader(pdf), int64(len(pdf))); !errors.Is(err, revision.ErrDamaged) {
		t.Errorf("Open of a skeleton without a catalog = %v, want ErrDamaged", err)
	}
}
