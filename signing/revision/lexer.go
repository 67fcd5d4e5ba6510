package revision

import (
	"bytes"
	"errors"
	"fmt"
)

// maxDepth bounds how deep arrays and dictionaries nest.
const maxDepth = 64

var (
	errShort  = errors.New("more bytes needed")
	errSyntax = errors.New("not a PDF object")
)

// lexer reads objects from a window into the file. Where the window ends
// before the object does, and whole is not set, it says errShort.
type lexer struct {
	b     []byte
	pos   int
	whole bool // the window reaches to the end of the file
}

// end is the error for running into the end of the window.
func (l *lexer) end() error {
	if l.whole {
		return errSyntax
	}
	return errShort
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool {
	return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0
}

// space skips white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.b) {
		switch c := l.b[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '%':
			i := bytes.IndexAny(l.b[l.pos:], "\r\n")
			if i < 0 {
				l.pos = len(l.b)
				return l.end()
			}
			l.pos += i
		default:
			return nil
		}
	}
	return l.end()
}

// word reads a run of regular characters, which may be empty.
func (l *lexer) word() (string, error) {
	if err := l.space(); err != nil {
		return "", err
	}
	start := l.pos
	for l.pos < len(l.b) && !isSpace(l.b[l.pos]) && !isDelimiter(l.b[l.pos]) {
		l.pos++
	}
	if l.pos == len(l.b) && !l.whole {
		return "", errShort
	}
	return string(l.b[start:l.pos]), nil
}

// expect reads the word w.
func (l *lexer) expect(w string) error {
	got, err := l.word()
	if err == nil && got != w {
		err = fmt.Errorf("%.20q where %q belongs: %w", got, w, errSyntax)
	}
	return err
}

// integer reads a whole number that is not negative.
func (l *lexer) integer() (int64, error) {
	w, err := l.word()
	if err != nil {
		return 0, err
	}
	n, ok := Number(w).Int64()
	if !ok || n < 0 {
		return 0, fmt.Errorf("%.20q is no number: %w", w, errSyntax)
	}
	return n, nil
}

// object reads one object that lies depth levels deep.
func (l *lexer) object(depth int) (Object, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d: %w", maxDepth, errSyntax)
	}
	if err := l.space(); err != nil {
		return nil, err
	}
	if l.pos+1 >= len(l.b) && !l.whole {
		return nil, errShort
	}
	switch c := l.b[l.pos]; {
	case c == '[':
		return l.array(depth)
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case bytes.HasPrefix(l.b[l.pos:], []byte("<<")):
		return l.dict(depth)
	case c == '<':
		return l.hex()
	case c >= '0' && c <= '9':
		return l.numberOrRef()
	}
	return l.keyword()
}

func (l *lexer) keyword() (Object, error) {
	w, err := l.word()
	if err != nil {
		return nil, err
	}
	switch w {
	case "null":
		return nil, nil
	case "true", "false":
		return w == "true", nil
	}
	if w != "" && isNumber(w) {
		return Number(w), nil
	}
	return nil, fmt.Errorf("%.20q: %w", w, errSyntax)
}

func isNumber(w string) bool {
	digits := 0
	for i, c := range []byte(w) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' || (i == 0 && (c == '-' || c == '+')):
		default:
			return false
		}
	}
	return digits > 0
}

// numberOrRef reads a number, or the three words of a reference.
func (l *lexer) numberOrRef() (Object, error) {
	w, err := l.word()
	if err != nil {
		return nil, err
	}
	if !isNumber(w) {
		return nil, fmt.Errorf("%.20q: %w", w, errSyntax)
	}
	after := l.pos
	ref, ok, err := l.restOfRef(w)
	if err != nil {
		return nil, err
	}
	if ok {
		return ref, nil
	}
	l.pos = after
	return Number(w), nil
}

// restOfRef reads "generation R" after the object number in w.
func (l *lexer) restOfRef(w string) (Ref, bool, error) {
	number, ok := Number(w).Int64()
	if !ok || number > maxObjects {
		return Ref{}, false, nil
	}
	var gen int64
	for _, last := range []bool{false, true} {
		w, err := l.word()
		if errors.Is(err, errShort) {
			return Ref{}, false, err
		}
		if err != nil {
			return Ref{}, false, nil
		}
		if last {
			return Ref{int(number), int(gen)}, w == "R", nil
		}
		if gen, ok = Number(w).Int64(); !ok || gen < 0 || gen > 65535 {
			return Ref{}, false, nil
		}
	}
	return Ref{}, false, nil
}

func (l *lexer) array(depth int) (Object, error) {
	l.pos++
	a := Array{}
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		if l.b[l.pos] == ']' {
			l.pos++
			return a, nil
		}
		o, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		a = append(a, o)
	}
}

func (l *lexer) dict(depth int) (Object, error) {
	l.pos += 2
	d := NewDict()
	for {
		if err := l.space(); err != nil {
			return nil, err
		}
		switch l.b[l.pos] {
		case '>':
			if l.pos+1 >= len(l.b) {
				return nil, l.end()
			}
			if l.b[l.pos+1] != '>' {
				return nil, errSyntax
			}
			l.pos += 2
			return d, nil
		case '/':
		default:
			return nil, fmt.Errorf("a key is no name: %w", errSyntax)
		}
		k, err := l.name()
		if err != nil {
			return nil, err
		}
		v, err := l.object(depth + 1)
		if err != nil {
			return nil, fmt.Errorf("/%s: %w", k, err)
		}
		d.Set(k, v)
	}
}
