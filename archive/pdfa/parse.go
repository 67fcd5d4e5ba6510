package pdfa

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// The values of a PDF file (ISO 32000-1, 7.3), as far as ours have them.
// Numbers are int64 and float64, booleans bool, null nil.
type (
	name    string
	dict    map[string]any
	array   []any
	ref     int      // object number; the generation is always 0
	keyword string   // an operator, or a word that opens or closes something
	text    struct { // a string, and where it stands in the parsed bytes
		bytes    []byte
		pos, end int
	}
)

// errShort says that a value does not end within the bytes at hand.
var errShort = errors.New("value is cut short")

// maxDepth bounds the nesting of arrays and dictionaries.
const maxDepth = 12

// parser reads values from b. It knows no comments.
type parser struct {
	b   []byte
	pos int
}

// isSpace reports whether c is white space (7.2.2).
func isSpace(c byte) bool { return bytes.IndexByte([]byte("\x00\t\n\f\r "), c) >= 0 }

// isRegular reports whether c can stand inside a name, number or keyword.
func isRegular(c byte) bool { return !isSpace(c) && bytes.IndexByte([]byte("()<>[]{}/%"), c) < 0 }

// space skips white space.
func (p *parser) space() {
	for p.pos < len(p.b) && isSpace(p.b[p.pos]) {
		p.pos++
	}
}

// word reads a run of regular characters.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.b) && isRegular(p.b[p.pos]) {
		p.pos++
	}
	return string(p.b[start:p.pos])
}

// take skips s if it stands at the present place.
func (p *parser) take(s string) bool {
	if !bytes.HasPrefix(p.b[p.pos:], []byte(s)) {
		return false
	}
	p.pos += len(s)
	return true
}

// value reads one value or keyword. References are put together from "n 0 R"
// by collections and by object, since only they may hold them.
func (p *parser) value(depth int) (any, error) {
	p.space()
	switch {
	case p.pos >= len(p.b):
		return nil, errShort
	case depth > maxDepth:
		return nil, errors.New("values are nested too deeply")
	case p.take("/"):
		return p.name()
	case p.take("<<"):
		return p.dict(depth)
	case p.take("<"):
		return p.hex()
	case p.take("("):
		return p.literal()
	case p.take("["):
		items, err := p.until("]", depth)
		return array(items), err
	case isRegular(p.b[p.pos]):
		return p.plain(), nil
	}
	return nil, fmt.Errorf("unexpected %q", p.b[p.pos])
}

// plain reads a number, a boolean, null or a keyword.
func (p *parser) plain() any {
	w := p.word()
	switch w {
	case "true", "false":
		return w == "true"
	case "null":
		return nil
	}
	for i := range len(w) { // only digits, signs and points; no exponent
		if c := w[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' {
			return keyword(w)
		}
	}
	if n, err := strconv.ParseInt(w, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(w, 64); err == nil {
		return f
	}
	return keyword(w)
}

// name reads the rest of a name and resolves #xx.
func (p *parser) name() (any, error) {
	w := p.word()
	var out []byte
	for i := 0; i < len(w); i++ {
		if w[i] != '#' {
			out = append(out, w[i])
			continue
		}
		if i+2 >= len(w) {
			return nil, errors.New("name with a broken escape")
		}
		b, err := hex.DecodeString(w[i+1 : i+3])
		if err != nil {
			return nil, errors.New("name with a broken escape")
		}
		out = append(out, b...)
		i += 2
	}
	if len(out) > 127 {
		return nil, errors.New("name of more than 127 bytes")
	}
	return name(out), nil
}

// until reads values up to the closing bracket and puts references together.
func (p *parser) until(end string, depth int) ([]any, error) {
	items := []any{}
	for {
		p.space()
		if p.take(end) {
			return items, nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if v == keyword("R") {
			if items, err = joinRef(items); err != nil {
				return nil, err
			}
			continue
		}
		if k, ok := v.(keyword); ok {
			return nil, fmt.Errorf("unexpected %q", k)
		}
		items = append(items, v)
	}
}

// joinRef replaces the last two numbers by a reference.
func joinRef(items []any) ([]any, error) {
	if n := len(items); n >= 2 {
		num, ok := items[n-2].(int64)
		if ok && items[n-1] == int64(0) && num > 0 && num < 1<<31 {
			return append(items[:n-2], ref(num)), nil
		}
	}
	return nil, errors.New("broken reference")
}

// dict reads the rest of a dictionary. No key may come twice.
func (p *parser) dict(depth int) (any, error) {
	items, err := p.until(">>", depth)
	if err != nil {
		return nil, err
	}
	if len(items)%2 != 0 {
		return nil, errors.New("dictionary with a key without a value")
	}
	d := dict{}
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].(name)
		if _, twice := d[string(key)]; !ok || twice {
			return nil, fmt.Errorf("dictionary with the key %v twice, or no name", items[i])
		}
		d[string(key)] = items[i+1]
	}
	return d, nil
}

// hex reads the rest of a hexadecimal string: whole pairs, no white space
// (ISO 19005-2, 6.1.6).
func (p *parser) hex() (any, error) {
	start := p.pos - 1
	n := bytes.IndexByte(p.b[p.pos:], '>')
	if n < 0 {
		return nil, errShort
	}
	b, err := hex.DecodeString(string(p.b[p.pos : p.pos+n]))
	if err != nil {
		return nil, fmt.Errorf("hexadecimal string: %w", err)
	}
	p.pos += n + 1
	return text{b, start, p.pos}, nil
}

// literal reads the rest of a string in parentheses (7.3.4.2), without octal
// escapes and line continuations.
func (p *parser) literal() (any, error) {
	start := p.pos - 1
	escapes := map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', '(': '(', ')': ')', '\\': '\\'}
	var out []byte
	for open := 1; p.pos < len(p.b); {
		c := p.b[p.pos]
		p.pos++
		switch c {
		case '\\':
			if p.pos >= len(p.b) {
				return nil, errShort
			}
			if c = escapes[p.b[p.pos]]; c == 0 {
				return nil, fmt.Errorf("string with the escape %q", p.b[p.pos])
			}
			p.pos++
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				return text{out, start, p.pos}, nil
			}
		}
		out = append(out, c)
	}
	return nil, errShort
}

// operations reads a content stream or CMap and calls do for each operator
// with its operands.
func operations(b []byte, do func(op string, args []any) error) error {
	p := &parser{b: b}
	var args []any
	for p.space(); p.pos < len(b); p.space() {
		v, err := p.value(0)
		if err != nil {
			return err
		}
		op, ok := v.(keyword)
		if !ok {
			if args = append(args, v); len(args) > 1000 {
				return errors.New("more than 1000 operands")
			}
			continue
		}
		if err := do(string(op), args); err != nil {
			return err
		}
		args = args[:0]
	}
	if len(args) > 0 {
		return errors.New("operands without an operator")
	}
	return nil
}
