package pdfrev

// Object is a PDF value: nil, bool, int64, float64, String, Name, Array, Dict,
// Ref or *Stream. Callers must not change what they are given.
type Object any

// Name is a name with its #-escapes decoded.
type Name string

// Ref is a reference to an indirect object.
type Ref struct{ Num, Gen int }

// String is a string with its escapes decoded. Start and End enclose its token
// in the file, delimiters included; both are -1 inside object streams.
type String struct {
	Value      []byte
	Hex        bool
	Start, End int64
}

// Array is an array.
type Array []Object

// Dict is a dictionary. Entries whose value is null are kept.
type Dict map[Name]Object

// Stream is a stream as it lies in the file; its bytes begin at Start.
type Stream struct {
	Dict  Dict
	Start int64
}

// Indirect is an object and the bytes of the file that it was read from, from
// its number to its end, or -1 when it came from an object stream.
type Indirect struct {
	Value      Object
	Start, End int64
	Repeated   bool // a dictionary in it has a key twice
}
