package revision

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

// objectStream is a decoded object stream (7.5.7).
type objectStream struct {
	data    []byte
	numbers []int64
	offsets []int64
}

// Content returns the decoded content of a stream that was read: plain or
// Flate. Other filters are ErrDamaged under errors.Is.
func (f *File) Content(s *Stream) ([]byte, error) { return f.content(s) }

// content decodes a stream that holds structure: plain or Flate, with or
// without PNG predictors. Programs write no others.
func (f *File) content(s *Stream) ([]byte, error) {
	raw, err := f.raw(s)
	if err != nil {
		return nil, err
	}
	filter, err := f.single(s.Dict.Get("Filter"))
	if err != nil {
		return nil, err
	}
	if filter == nil {
		return raw, nil
	}
	if filter != Name("FlateDecode") && filter != Name("Fl") {
		return nil, fmt.Errorf("filter %v on structure: %w", filter, ErrDamaged)
	}
	data, err := inflate(raw)
	if err != nil {
		return nil, err
	}
	if err := f.spend(int64(len(data))); err != nil {
		return nil, err
	}
	parms, err := f.single(s.Dict.Get("DecodeParms"))
	if err != nil {
		return nil, err
	}
	d, _ := parms.(*Dict)
	return unpredict(data, d)
}

// single resolves o; of an array it takes the only element.
func (f *File) single(o Object) (Object, error) {
	o, err := f.Resolve(o)
	if a, ok := o.(Array); ok && err == nil {
		switch len(a) {
		case 0:
			return nil, nil
		case 1:
			return f.Resolve(a[0])
		}
		return nil, fmt.Errorf("%d filters on structure: %w", len(a), ErrDamaged)
	}
	return o, err
}

// raw reads a stream's bytes.
func (f *File) raw(s *Stream) ([]byte, error) {
	if f.busy[s.offset] {
		return nil, fmt.Errorf("a stream's length depends on the stream: %w", ErrDamaged)
	}
	f.busy[s.offset] = true
	defer delete(f.busy, s.offset)
	o, err := f.Resolve(s.Dict.Get("Length"))
	if err != nil {
		return nil, err
	}
	num, _ := o.(Number)
	n, ok := num.Int64()
	if !ok || n < 0 || n > maxObjectBytes || s.offset+n > f.size {
		return nil, fmt.Errorf("stream at %d has length %q: %w", s.offset, num, ErrDamaged)
	}
	return f.readAt(s.offset, n)
}

func inflate(raw []byte) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%v: %w", err, ErrDamaged)
	}
	data, err := io.ReadAll(io.LimitReader(z, maxObjectBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%v: %w", err, ErrDamaged)
	}
	if len(data) > maxObjectBytes {
		return nil, fmt.Errorf("a stream of structure exceeds %d bytes: %w", maxObjectBytes, ErrDamaged)
	}
	return data, nil
}

// unpredict undoes PNG prediction (7.4.4.4) in place.
func unpredict(data []byte, parms *Dict) ([]byte, error) {
	parm := func(key Name, value int64) int64 {
		if n, ok := parms.Get(key).(Number); ok {
			value, _ = n.Int64()
		}
		return value
	}
	predictor := parm("Predictor", 1)
	if predictor == 1 {
		return data, nil
	}
	colors, bits, columns := parm("Colors", 1), parm("BitsPerComponent", 8), parm("Columns", 1)
	if predictor < 10 || colors != 1 || bits != 8 || columns < 1 || columns > 1<<16 {
		return nil, fmt.Errorf("predictor %d on structure: %w", predictor, ErrDamaged)
	}
	n := int(columns)
	above := make([]byte, n)
	out := data[:0]
	for len(data) > n {
		row := data[1 : n+1]
		if err := unfilter(data[0], row, above); err != nil {
			return nil, err
		}
		copy(above, row)
		data = data[n+1:]
		out = append(out, above...)
	}
	return out, nil
}

// unfilter undoes one row's PNG filter, for one byte a pixel.
func unfilter(kind byte, row, above []byte) error {
	var left, corner byte
	for i := range row {
		up := above[i]
		switch kind {
		case 0:
		case 1:
			row[i] += left
		case 2:
			row[i] += up
		case 3:
			row[i] += byte((int(left) + int(up)) / 2)
		case 4:
			row[i] += paeth(left, up, corner)
		default:
			return fmt.Errorf("PNG filter %d: %w", kind, ErrDamaged)
		}
		left, corner = row[i], up
	}
	return nil
}

func paeth(a, b, c byte) byte {
	pa, pb := abs(int(b)-int(c)), abs(int(a)-int(c))
	pc := abs(int(a) + int(b) - 2*int(c))
	switch {
	case pa <= pb && pa <= pc:
		return a
	case pb <= pc:
		return b
	}
	return c
}

func abs(n int) int { return max(n, -n) }

// unpack reads an object out of its object stream.
func (f *File) unpack(number int, e entry) (Object, error) {
	s, err := f.openStream(int(e.offset))
	if err != nil {
		return nil, err
	}
	if e.index >= len(s.numbers) || s.numbers[e.index] != int64(number) {
		return nil, fmt.Errorf("is not in object stream %d: %w", e.offset, ErrDamaged)
	}
	l := &lexer{b: s.data[s.offsets[e.index]:], whole: true}
	o, err := l.object(0)
	return o, damaged(err, s.offsets[e.index])
}

// openStream decodes object stream number.
func (f *File) openStream(number int) (*objectStream, error) {
	if s, ok := f.streams[number]; ok {
		return s, nil
	}
	e := f.entries[number]
	if e.kind != entryOffset {
		return nil, fmt.Errorf("object stream %d is missing: %w", number, ErrDamaged)
	}
	o, err := f.objectAt(e.offset, &Ref{number, e.generation})
	if err != nil {
		return nil, err
	}
	s, ok := o.(*Stream)
	if !ok || s.Dict.Get("Type") != Name("ObjStm") {
		return nil, fmt.Errorf("%d is no object stream: %w", number, ErrDamaged)
	}
	data, err := f.content(s)
	if err != nil {
		return nil, err
	}
	stream, err := newObjectStream(s.Dict, data)
	if err != nil {
		return nil, fmt.Errorf("object stream %d: %w", number, damaged(err, e.offset))
	}
	f.streams[number] = stream
	return stream, nil
}

func newObjectStream(d *Dict, data []byte) (*objectStream, error) {
	head, ok := integers(Array{d.Get("N"), d.Get("First")}, 2)
	if !ok || head[1] > len(data) || head[0] > len(data) {
		return nil, errSyntax
	}
	s := &objectStream{data: data}
	l := &lexer{b: data[:head[1]], whole: true}
	for range head[0] {
		number, err := l.integer()
		if err != nil {
			return nil, err
		}
		offset, err := l.integer()
		if err != nil {
			return nil, err
		}
		if offset += int64(head[1]); offset < 0 || offset >= int64(len(data)) {
			return nil, errSyntax
		}
		s.numbers = append(s.numbers, number)
		s.offsets = append(s.offsets, offset)
	}
	return s, nil
}
