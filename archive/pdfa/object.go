package pdfa

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
)

// fail keeps the first error.
func (w *Writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// write appends bytes to the file.
func (w *Writer) write(b []byte) {
	if w.err != nil {
		return
	}
	if _, err := w.out.Write(b); err != nil {
		w.fail(fmt.Errorf("pdfa: write: %w", err))
		return
	}
	w.sum.Write(b)
	w.pos += int64(len(b))
}

// print appends formatted text to the file.
func (w *Writer) print(format string, args ...any) {
	w.write(fmt.Appendf(nil, format, args...))
}

// reserve gives out the next object number.
func (w *Writer) reserve() int {
	w.offsets = append(w.offsets, 0)
	return len(w.offsets)
}

// object writes object n and returns n.
func (w *Writer) object(n int, body string) int {
	w.offsets[n-1] = w.pos
	w.print("%d 0 obj\n%s\nendobj\n", n, body)
	return n
}

// stream writes object n as a stream of the given pieces and returns n. dict
// holds the entries other than Length. FlateDecode is added for data that
// comes from deflate.
func (w *Writer) stream(n int, dict string, data streamData) int {
	w.offsets[n-1] = w.pos
	filter := ""
	if data.filter != "" {
		filter = "/Filter/" + data.filter
	}
	w.print("%d 0 obj\n<<%s%s/Length %d>>\nstream\n", n, dict, filter, data.size())
	for _, b := range data.pieces {
		w.write(b)
	}
	w.print("\nendstream\nendobj\n")
	return n
}

// streamData is the body of a stream, in pieces so that chunks of a PNG need
// not be joined.
type streamData struct {
	filter string // name of the only filter, or empty
	pieces [][]byte
}

// size is the length of the body in bytes.
func (d streamData) size() int64 {
	var n int64
	for _, b := range d.pieces {
		n += int64(len(b))
	}
	return n
}

// deflate compresses b.
func (w *Writer) deflate(b []byte) streamData {
	var buf bytes.Buffer
	w.zip.Reset(&buf)
	w.zip.Write(b) // a bytes.Buffer does not fail
	w.zip.Close()
	return streamData{"FlateDecode", [][]byte{buf.Bytes()}}
}

// num writes a number as PDF wants it: no exponent, at most four decimals.
func num(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	s := strconv.FormatFloat(v, 'f', 4, 64)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" {
		return "0"
	}
	return s
}

// textString writes s as a text string: UTF-16BE with byte order mark, in
// hexadecimal (ISO 32000-1, 7.9.2.2).
func textString(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	b.WriteByte('>')
	return b.String()
}
