// Package revision reads those objects of a PDF that its next revision must
// know, and writes that revision: an incremental update (ISO 32000-2, 7.5.6)
// that leaves every byte of the file as it is.
//
// A file is read in place: what costs memory is its cross-reference table and
// the objects asked for, never its pages. Reading is strict. A file whose
// cross-references do not lead to the objects that they name is damaged; other
// programs would each repair it in their own way, so that what one of them
// shows is not what another one signed. Files are foreign: depth, counts and
// sizes are bounded, and no input makes this package panic.
//
// A File and an Update belong to one goroutine.
package revision

import (
	"strconv"
)

// Object is a PDF object: nil (null), bool, Number, Name, String, Array,
// *Dict, Ref, *Stream or *Slot.
type Object any

// Number is a number as it is written in the file, e.g. "-12.50".
type Number string

// Int makes a Number.
func Int[T int | int64](n T) Number { return Number(strconv.FormatInt(int64(n), 10)) }

// Real makes a Number with at most three decimals.
func Real(f float64) Number {
	s := strconv.FormatFloat(f, 'f', 3, 64)
	for s[len(s)-1] == '0' {
		s = s[:len(s)-1]
	}
	if s[len(s)-1] == '.' {
		s = s[:len(s)-1]
	}
	if s == "-0" {
		s = "0"
	}
	return Number(s)
}

// Float returns the value of n, 0 if it is none.
func (n Number) Float() float64 {
	f, _ := strconv.ParseFloat(string(n), 64)
	return f
}

// Int64 returns n and whether it is a whole number.
func (n Number) Int64() (int64, bool) {
	i, err := strconv.ParseInt(string(n), 10, 64)
	return i, err == nil
}

// Name is a name, without its slash and with #xx resolved.
type Name string

// String is a string's bytes. It is written in hexadecimal, which no content
// can break out of.
type String []byte

// Text makes a text string (7.9.2.2): UTF-16BE with its mark.
func Text(s string) String {
	b := []byte{0xfe, 0xff}
	for _, r := range s {
		b = appendUTF16(b, r)
	}
	return b
}

func appendUTF16(b []byte, r rune) []byte {
	if r < 0x10000 {
		return append(b, byte(r>>8), byte(r))
	}
	r -= 0x10000
	hi, lo := 0xd800+(r>>10), 0xdc00+(r&0x3ff)
	return append(b, byte(hi>>8), byte(hi), byte(lo>>8), byte(lo))
}

// Array is an array.
type Array []Object

// Ref is an indirect reference.
type Ref struct{ Number, Generation int }

// Dict is a dictionary that keeps its order.
type Dict struct {
	keys   []Name
	values map[Name]Object
}

// NewDict makes a dictionary of alternating keys (Name or string) and values.
func NewDict(pairs ...Object) *Dict {
	d := &Dict{values: map[Name]Object{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch k := pairs[i].(type) {
		case string:
			d.Set(Name(k), pairs[i+1])
		case Name:
			d.Set(k, pairs[i+1])
		}
	}
	return d
}

// Get returns the value of key as it is written, nil if there is none. A nil
// Dict is empty.
func (d *Dict) Get(key Name) Object {
	if d == nil {
		return nil
	}
	return d.values[key]
}

// Set sets the value of key; nil removes it.
func (d *Dict) Set(key Name, v Object) {
	_, there := d.values[key]
	if v == nil {
		delete(d.values, key)
		return
	}
	if d.values[key] = v; there {
		return
	}
	for _, k := range d.keys {
		if k == key { // removed before
			return
		}
	}
	d.keys = append(d.keys, key)
}

// Keys returns the keys in order.
func (d *Dict) Keys() []Name {
	var keys []Name
	if d == nil {
		return nil
	}
	for _, k := range d.keys {
		if _, ok := d.values[k]; ok {
			keys = append(keys, k)
		}
	}
	return keys
}

// Clone returns a copy of d whose values are shared.
func (d *Dict) Clone() *Dict {
	c := NewDict()
	for _, k := range d.Keys() {
		c.Set(k, d.values[k])
	}
	return c
}

// Stream is a stream. Data is its content as stored, filters and all; it is
// nil in streams that were read, whose content is not.
type Stream struct {
	Dict   *Dict
	Data   []byte
	offset int64 // of the content, in a stream that was read
}

// Slot is room whose content is known only after the rest of the revision is
// written. Fill stands there until then.
type Slot struct {
	Fill   []byte
	Offset int64 // from the start of the file; set by Update.Bytes
}
