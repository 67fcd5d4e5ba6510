package pdfrev

import (
	"bufio"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
)

// Length is how many bytes of the file s takes, in the sense of v, where it may
// be an object of its own.
func (v View) Length(s *Stream) (int64, error) {
	length, ok := v.Resolve(s.Dict["Length"]).(int64)
	if !ok || length < 0 || length > v.file.size-s.Start {
		return 0, fmt.Errorf("stream at byte %d: no usable length: %w", s.Start, ErrDamaged)
	}
	return length, nil
}

// SameBytes reports whether s, in the sense of v, and o, in the sense of w, have
// the same bytes as they lie in the file. It reads no more than both lengths.
func (v View) SameBytes(s *Stream, w View, o *Stream) bool {
	length, err := v.Length(s)
	other, errOther := w.Length(o)
	if err != nil || errOther != nil || length != other {
		return false
	}
	for at := int64(0); at < length; at += chunk {
		n := int(min(chunk, length-at))
		a := v.file.read(s.Start+at, n)
		if len(a) < n || !bytes.Equal(a, v.file.read(o.Start+at, n)) {
			return false
		}
	}
	return true
}

// Decoded returns the content of s. FlateDecode with PNG predictors is all
// that the structure of a file uses.
func (v View) Decoded(s *Stream) ([]byte, error) {
	length, err := v.Length(s)
	if err != nil {
		return nil, err
	}
	raw := io.NewSectionReader(v.file, s.Start, length)
	filter, parms := v.filter(s)
	switch filter {
	case "":
		return v.file.decoded(raw)
	case "FlateDecode", "Fl":
		raw.Seek(2, io.SeekStart) // the header; a wrong checksum is not looked at, as in other readers
		out, err := v.file.decoded(flate.NewReader(bufio.NewReaderSize(raw, int(min(max(length, 16), 64<<10)))))
		if err != nil {
			return nil, fmt.Errorf("stream at byte %d: %w", s.Start, err)
		}
		return v.unpredict(out, parms)
	}
	return nil, fmt.Errorf("stream at byte %d: filter %.40q: %w", s.Start, string(filter), ErrDamaged)
}

// filter is the only filter of s and its parameters.
func (v View) filter(s *Stream) (Name, Dict) {
	filter, parms := v.Resolve(s.Dict["Filter"]), v.Resolve(s.Dict["DecodeParms"])
	if a, ok := parms.(Array); ok && len(a) > 0 {
		parms = v.Resolve(a[0])
	}
	d, _ := parms.(Dict)
	switch f := filter.(type) {
	case Name:
		return f, d
	case Array:
		if len(f) == 0 {
			return "", d
		}
		if n, ok := v.Resolve(f[0]).(Name); ok && len(f) == 1 {
			return n, d
		}
		return "several filters", d
	}
	return "", d
}

// decoded reads all of r within the file's budget.
func (f *File) decoded(r io.Reader) ([]byte, error) {
	out, err := io.ReadAll(io.LimitReader(r, int64(f.decodable)+1))
	if len(out) > f.decodable {
		return nil, fmt.Errorf("more than %d decoded bytes: %w", maxDecoded, ErrBound)
	}
	f.decodable -= len(out)
	if err != nil {
		return nil, fmt.Errorf("decode: %v: %w", err, ErrDamaged)
	}
	return out, nil
}

// unpredict undoes a PNG predictor in place.
func (v View) unpredict(b []byte, parms Dict) ([]byte, error) {
	number := func(key Name, missing int64) int64 {
		if n, ok := v.Resolve(parms[key]).(int64); ok {
			return n
		}
		return missing
	}
	predictor := number("Predictor", 1)
	if predictor == 1 {
		return b, nil
	}
	colors, bits, columns := number("Colors", 1), number("BitsPerComponent", 8), number("Columns", 1)
	if predictor < 10 || colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > 1<<20 {
		return nil, fmt.Errorf("predictor %d, %d columns: %w", predictor, columns, ErrDamaged)
	}
	return unfilterPNG(b, int((colors*bits*columns+7)/8), int((colors*bits+7)/8))
}

// unfilterPNG undoes the filters of rows of width bytes, each led by its
// filter type (ISO 15948, 9.2), with pixels of step bytes.
func unfilterPNG(b []byte, width, step int) ([]byte, error) {
	out := make([]byte, 0, len(b))
	prior := make([]byte, width)
	for len(b) > 0 {
		n := min(width, len(b)-1)
		kind, row := b[0], b[1:1+n]
		b = b[1+n:]
		if kind > 4 {
			return nil, fmt.Errorf("PNG filter %d: %w", kind, ErrDamaged)
		}
		start := len(out)
		for i, c := range row {
			var left, corner byte
			if i >= step {
				left, corner = out[start+i-step], prior[i-step]
			}
			out = append(out, c+predicted(kind, left, prior[i], corner))
		}
		clear(prior)
		copy(prior, out[start:])
	}
	return out, nil
}

func predicted(kind, left, up, corner byte) byte {
	switch kind {
	case 1:
		return left
	case 2:
		return up
	case 3:
		return byte((int(left) + int(up)) / 2)
	case 4:
		return paeth(int(left), int(up), int(corner))
	}
	return 0
}

func paeth(a, b, c int) byte {
	abs := func(n int) int { return max(n, -n) }
	pa, pb, pc := abs(b-c), abs(a-c), abs(a+b-2*c)
	if pa <= pb && pa <= pc {
		return byte(a)
	}
	if pb <= pc {
		return byte(b)
	}
	return byte(c)
}
