package revision

import (
	"bytes"
	"encoding/hex"
)

// name reads a name.
func (l *lexer) name() (Name, error) {
	l.pos++
	start := l.pos
	for l.pos < len(l.b) && !isSpace(l.b[l.pos]) && !isDelimiter(l.b[l.pos]) {
		l.pos++
	}
	if l.pos == len(l.b) && !l.whole {
		return "", errShort
	}
	raw := l.b[start:l.pos]
	if bytes.IndexByte(raw, '#') < 0 {
		return Name(raw), nil
	}
	return unescapeName(raw), nil
}

func unescapeName(raw []byte) Name {
	var out []byte
	for i := 0; i < len(raw); i++ {
		var c [1]byte
		if raw[i] == '#' && i+2 < len(raw) {
			if _, err := hex.Decode(c[:], raw[i+1:i+3]); err == nil {
				out = append(out, c[0])
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return Name(out)
}

// hex reads a string in hexadecimal.
func (l *lexer) hex() (Object, error) {
	n := bytes.IndexByte(l.b[l.pos:], '>')
	if n < 0 {
		return nil, l.end()
	}
	digits := make([]byte, 0, n)
	for _, c := range l.b[l.pos+1 : l.pos+n] {
		if !isSpace(c) {
			digits = append(digits, c)
		}
	}
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make(String, len(digits)/2)
	if _, err := hex.Decode(out, digits); err != nil {
		return nil, errSyntax
	}
	l.pos += n + 1
	return out, nil
}

// literal reads a string in parentheses (7.3.4.2).
func (l *lexer) literal() (Object, error) {
	out := String{}
	open := 0
	for l.pos < len(l.b) {
		c := l.b[l.pos]
		l.pos++
		switch c {
		case '(':
			if open++; open == 1 {
				continue
			}
		case ')':
			if open--; open == 0 {
				return out, nil
			}
		case '\\':
			out = l.escape(out)
			continue
		case '\r': // any end of line is a line feed
			if l.pos < len(l.b) && l.b[l.pos] == '\n' {
				l.pos++
			}
			c = '\n'
		}
		out = append(out, c)
	}
	return nil, l.end()
}

// escapes are the one-letter escapes.
var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}

// escape reads what follows a backslash.
func (l *lexer) escape(out String) String {
	if l.pos >= len(l.b) {
		return out
	}
	c := l.b[l.pos]
	if c >= '0' && c <= '7' {
		return append(out, l.octal())
	}
	l.pos++
	if e, ok := escapes[c]; ok {
		return append(out, e)
	}
	switch c {
	case '\n':
		return out
	case '\r':
		if l.pos < len(l.b) && l.b[l.pos] == '\n' {
			l.pos++
		}
		return out
	}
	return append(out, c)
}

func (l *lexer) octal() byte {
	v := 0
	for i := 0; i < 3 && l.pos < len(l.b); i++ {
		c := l.b[l.pos]
		if c < '0' || c > '7' {
			break
		}
		v = v<<3 | int(c-'0')
		l.pos++
	}
	return byte(v)
}
