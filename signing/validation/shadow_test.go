package validation_test

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"
	"testing"

	"sohoa/signing"
	"sohoa/signing/validation"
)

// shadows are attacks that prepare the file before it is signed, so that a
// small change afterwards shows something else, and signature wrapping.
func shadows() []attack {
	forged := stream("BT /F1 24 Tf 60 700 Td (The sum is 900 dong) Tj ET")
	// hidden is signed with an object in it that no cross-reference lists.
	hidden := func(t *testing.T, num int, body string) (pdf []byte, at int) {
		head := []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
		at = len(head)
		head = fmt.Appendf(head, "%d 0 obj\n%s\nendobj\n", num, body)
		return sealed(t, appendRevision(head, base, -1, "/Info 9 0 R"), person(t), signing.Request{}, nil), at
	}
	format := validation.FormatFailure
	return []attack{
		{"shadow hide: covering annotation freed", func(t *testing.T) []byte {
			return listing(t, sealed(t, build(base), person(t), signing.Request{}, nil), "8 1\n0000000000 00001 f \n", "")
		}, "change.annotation", format},
		{"shadow hide: content freed", func(t *testing.T) []byte {
			return listing(t, sealed(t, build(base), person(t), signing.Request{}, nil), "4 1\n0000000000 00001 f \n", "")
		}, "change.page", format},
		{"shadow replace: value shown by another font", func(t *testing.T) []byte {
			pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
			return update(pdf, replaced(t, pdf, 1, "/F1 5 0 R", "/F1 48 0 R"), object{48, "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"})
		}, "change.form", format},
		{"shadow hide-and-replace: content waits in the signed bytes", func(t *testing.T) []byte {
			pdf, at := hidden(t, 4, forged)
			return listing(t, pdf, fmt.Sprintf("4 1\n%010d 00000 n \n", at), "")
		}, "change.page", format},
		{"shadow hide-and-replace: catalogue waits in the signed bytes", func(t *testing.T) []byte {
			pdf, at := hidden(t, 80, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>/Lang(vi)>>")
			return listing(t, pdf, fmt.Sprintf("80 1\n%010d 00000 n \n", at), "/Root 80 0 R")
		}, "signature.removed", format},
		{"another generation", func(t *testing.T) []byte {
			pdf := sealed(t, build(base), person(t), signing.Request{}, nil)
			at := bytes.Index(pdf, []byte("\n4 0 obj")) + 1
			return listing(t, pdf, fmt.Sprintf("4 1\n%010d 00001 n \n", at), "")
		}, "change.page", format},
		{"signed revision left out of the history", func(t *testing.T) []byte {
			first := build(base)
			pdf := handmade{id: person(t)}.sign(t, first)
			objects := []object{{4, forged}}
			for _, num := range []int{1, 3, 20, 21} {
				objects = append(objects, object{num, current(t, pdf, num)})
			}
			return appendRevision(pdf, objects, lastXRef(first), "/Info 9 0 R")
		}, "byte-range.gap", format},
		{"signature wrapping", wrapped, "byte-range.gap", format},
		{"Contents in parentheses", func(t *testing.T) []byte { return withContents(t, "(", ")") }, "contents.missing", format},
		{"signature that a linearised file lists behind", behind, "signature.behind", validation.SigConstraintsFailure},
	}
}

// listing appends a revision that lists objects where they already lie, or
// frees them.
func listing(t *testing.T, pdf []byte, entries, root string) []byte {
	t.Helper()
	out := appendRevision(bytes.Clone(pdf), nil, lastXRef(pdf), root+"/Info 9 0 R")
	const first = "0000000000 65535 f \n"
	i := bytes.LastIndex(out, []byte(first)) + len(first)
	return append(append(bytes.Clone(out[:i]), entries...), out[i:]...)
}

// wrapped moves the signed bytes behind the gap to the end, and puts into the
// gap a document of its own with a second dictionary of the same message, whose
// range names the moved bytes: digest and signature value are right. The
// moved bytes name an offset for the cross-references; the forged ones lie
// there, and their objects behind.
func wrapped(t *testing.T) []byte {
	t.Helper()
	var start, end int
	pdf := handmade{id: person(t), byteRange: func(a, b, n int) []int { start, end = a, b; return []int{0, a, b, n - b} }}.sign(t, build(base))
	at, moved := lastXRef(pdf), pdf[end:]
	const width = 12
	forged := []object{{4, stream("BT /F1 24 Tf 60 700 Td (The sum is 900 dong) Tj ET")},
		{20, fmt.Sprintf("<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 %d %s %d]/Contents%s>>",
			start, strings.Repeat("9", width), len(moved), pdf[start:end])}}
	for _, num := range []int{1, 2, 3, 5, 6, 7, 8, 9, 21} {
		forged = append(forged, object{num, current(t, pdf, num)})
	}
	out := append(bytes.Clone(pdf[:end]), bytes.Repeat([]byte(" "), at-end)...)
	out = append(out, sectionOver(forged, at)...)
	for _, o := range forged {
		out = fmt.Appendf(out, "%d 0 obj\n%s\nendobj\n", o.num, o.body)
	}
	out = bytes.Replace(out, []byte(strings.Repeat("9", width)), fmt.Appendf(nil, "%0*d", width, len(out)), 1)
	return append(out, moved...)
}

// sectionOver is a section at an offset, over objects that follow it.
func sectionOver(objects []object, at int) []byte {
	write := func(from int) []byte {
		table := []byte("xref\n0 1\n0000000000 65535 f \n")
		for _, o := range objects {
			table = fmt.Appendf(table, "%d 1\n%010d 00000 n \n", o.num, from)
			from += len(fmt.Sprintf("%d 0 obj\n%s\nendobj\n", o.num, o.body))
		}
		return fmt.Appendf(table, "trailer\n<</Size 100/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", at)
	}
	return write(at + len(write(0)))
}

// withContents is a signature whose Contents has other delimiters.
func withContents(t *testing.T, open, closing string) []byte {
	t.Helper()
	id := person(t)
	h := handmade{id: id, cms: func(t testing.TB, content []byte) []byte { return goodCMS(id, crypto.SHA256)(t, content) }}
	pdf := h.sign(t, build(base))
	i := bytes.LastIndex(pdf, []byte("/Contents<")) + len("/Contents")
	j := i + bytes.IndexByte(pdf[i:], '>')
	pdf[i], pdf[j] = open[0], closing[0]
	return pdf
}

// behind is a file that was signed while it was linearised, whose first-page
// section does not list the signature, and a harmless update.
func behind(t *testing.T) []byte {
	t.Helper()
	h := handmade{id: person(t)}.named()
	plain := build(base)
	objects := append(base[1:2:2], base[3:]...)
	objects = append(append(objects, listed(t, plain, 1, "/Fields", 21), listed(t, plain, 3, "/Annots", 21)), h.objects("Sig")...)
	head := []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	front := len(head)
	section := func(main int) []byte {
		return fmt.Appendf(nil, "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 100/Root 1 0 R/Prev %010d>>\nstartxref\n0\n%%%%EOF\n", main)
	}
	whole := appendRevision(append(bytes.Clone(head), section(0)...), objects, -1, "/Info 9 0 R")
	copy(whole[front:], section(lastXRef(whole)))
	at := bytes.LastIndex(whole, []byte("startxref"))
	return update(h.fill(t, fmt.Appendf(whole[:at:at], "startxref\n%d\n%%%%EOF\n", front)), object{9, "<</Title(later)>>"})
}

// TestWrappingIsGenuine: the wrapped file is refused for its gap alone; its
// digest and its signature value are right.
func TestWrappingIsGenuine(t *testing.T) {
	s := validate(t, wrapped(t), trust(t)).Signatures[0]
	if !s.DigestOK || !s.SignatureOK || s.Covers.GapOK {
		t.Errorf("digest %t, value %t, gap %t; want right, right, wrong", s.DigestOK, s.SignatureOK, s.Covers.GapOK)
	}
}
