package pdfrev

import (
	"bytes"
	"fmt"
	"strconv"
)

// parser reads values from data. It serves one value tree at a time.
type parser struct {
	data     []byte // so far; more is read from the file as it is needed
	pos      int
	from     *File // nil when data is all there is
	base     int64 // offset of data in the file, or -1
	values   int   // read so far
	max      int   // bound on values
	repeated bool  // a dictionary had a key twice
}

// keyword is a token that is no value: obj, endobj, stream, R, xref, ...
type keyword string

func isSpace(c byte) bool {
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '
}

func isDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c byte) bool { return !isSpace(c) && !isDelimiter(c) }

// more reports whether a byte follows.
func (p *parser) more() bool { return p.pos < len(p.data) || p.grow() }

// grow reads on from the file.
func (p *parser) grow() bool {
	if p.from == nil {
		return false
	}
	b := p.from.read(p.base+int64(len(p.data)), min(max(firstRead, len(p.data)), maxObjectBytes-len(p.data)))
	p.data = append(p.data, b...)
	return len(b) > 0
}

// skip passes white space and comments.
func (p *parser) skip() {
	comment := false
	for ; p.more(); p.pos++ {
		c := p.data[p.pos]
		switch {
		case comment:
			comment = c != '\r' && c != '\n'
		case c == '%':
			comment = true
		case !isSpace(c):
			return
		}
	}
}

// skipSpace passes white space only.
func (p *parser) skipSpace() {
	for p.more() && isSpace(p.data[p.pos]) {
		p.pos++
	}
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %s: %w", int64(p.pos)+max(p.base, 0), fmt.Sprintf(format, args...), ErrDamaged)
}

// take consumes s if it comes next.
func (p *parser) take(s string) bool {
	for len(p.data)-p.pos < len(s) && p.grow() {
	}
	if !bytes.HasPrefix(p.data[p.pos:], []byte(s)) {
		return false
	}
	p.pos += len(s)
	return true
}

// word consumes a run of regular characters.
func (p *parser) word() string {
	start := p.pos
	for p.more() && isRegular(p.data[p.pos]) {
		p.pos++
	}
	return string(p.data[start:p.pos])
}

// integer consumes an unsigned integer after white space.
func (p *parser) integer() (int64, error) {
	p.skip()
	start := p.pos
	for p.more() && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' && p.pos-start < 20 {
		p.pos++
	}
	n, err := strconv.ParseInt(string(p.data[start:p.pos]), 10, 64)
	if err != nil {
		return 0, p.errorf("integer expected")
	}
	return n, nil
}

// number reads a number, a keyword or one of the words true, false and null.
func (p *parser) regular() (Object, error) {
	w := p.word()
	switch w {
	case "":
		return nil, p.errorf("unexpected character")
	case "true":
		return true, nil
	case "false":
		return false, nil
	case "null":
		return nil, nil
	}
	if n, err := strconv.ParseInt(w, 10, 64); err == nil {
		return n, nil
	}
	if w[0] == '+' || w[0] == '-' || w[0] == '.' || w[0] >= '0' && w[0] <= '9' {
		return realNumber(w)
	}
	return keyword(w), nil
}

// realNumber is the value of w; what is no number is 0, as readers take it.
func realNumber(w string) (Object, error) {
	if len(w) > 64 {
		return nil, fmt.Errorf("number of %d characters: %w", len(w), ErrDamaged)
	}
	f, err := strconv.ParseFloat(w, 64)
	if err != nil {
		return float64(0), nil
	}
	return f, nil
}

// name reads a name whose slash is next.
func (p *parser) name() Name {
	p.pos++
	w := p.word()
	if !bytes.Contains([]byte(w), []byte("#")) {
		return Name(w)
	}
	out := make([]byte, 0, len(w))
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) {
			if hi, lo := unhex(w[i+1]), unhex(w[i+2]); hi >= 0 && lo >= 0 {
				out = append(out, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		out = append(out, w[i])
	}
	return Name(out)
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// hexString reads a string whose < is next.
func (p *parser) hexString() (Object, error) {
	start := p.pos
	p.pos++
	var out []byte
	half := -1
	for ; p.more(); p.pos++ {
		c := p.data[p.pos]
		if c == '>' {
			p.pos++
			if half >= 0 {
				out = append(out, byte(half<<4))
			}
			return p.string(out, true, start), nil
		}
		v := unhex(c)
		switch {
		case isSpace(c):
		case v < 0:
			return nil, p.errorf("character %q in a hexadecimal string", c)
		case half < 0:
			half = v
		default:
			out = append(out, byte(half<<4|v))
			half = -1
		}
	}
	return nil, p.errorf("hexadecimal string without end")
}

func (p *parser) string(value []byte, hex bool, start int) String {
	s := String{Value: value, Hex: hex, Start: -1, End: -1}
	if p.base >= 0 {
		s.Start, s.End = p.base+int64(start), p.base+int64(p.pos)
	}
	return s
}

// literalString reads a string whose ( is next.
func (p *parser) literalString() (Object, error) {
	start := p.pos
	var out []byte
	open := 0
	for p.more() {
		c := p.data[p.pos]
		p.pos++
		switch c {
		case '(':
			if open++; open == 1 {
				continue
			}
		case ')':
			if open--; open == 0 {
				return p.string(out, false, start), nil
			}
		case '\\':
			out = p.escape(out)
			continue
		case '\r':
			p.take("\n")
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, p.errorf("string without end")
}

// escape appends what the characters after a backslash mean.
func (p *parser) escape(out []byte) []byte {
	if !p.more() {
		return out
	}
	c := p.data[p.pos]
	p.pos++
	switch c {
	case 'n':
		return append(out, '\n')
	case 'r':
		return append(out, '\r')
	case 't':
		return append(out, '\t')
	case 'b':
		return append(out, '\b')
	case 'f':
		return append(out, '\f')
	case '\r':
		p.take("\n")
		return out
	case '\n':
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	v := int(c - '0')
	for i := 0; i < 2 && p.more() && p.data[p.pos] >= '0' && p.data[p.pos] <= '7'; i++ {
		v = v<<3 | int(p.data[p.pos]-'0')
		p.pos++
	}
	return append(out, byte(v))
}
