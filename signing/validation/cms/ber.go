package cms

import "fmt"

// toDER rewrites the first BER element of b in DER lengths and joins the parts
// of constructed octet strings (X.690, 8.1.3.6, 8.7.3). It returns the element
// and what follows it.
func toDER(b []byte, depth int) (out, rest []byte, err error) {
	head, length, err := header(b)
	if err != nil {
		return nil, nil, err
	}
	if depth > maxDepth {
		return nil, nil, fmt.Errorf("nested deeper than %d: %w", maxDepth, ErrMalformed)
	}
	tag, body := b[:head.tag], b[head.tag+head.length:]
	constructed := b[0]&0x20 != 0
	if length < 0 && !constructed {
		return nil, nil, fmt.Errorf("indefinite length of a primitive: %w", ErrMalformed)
	}
	if !constructed {
		return element(tag, body[:length]), body[length:], nil
	}
	content, rest, err := children(body, length, depth)
	if err != nil {
		return nil, nil, err
	}
	if b[0] == 0x24 { // constructed OCTET STRING
		content, err = joined(content)
		tag = []byte{0x04}
	}
	return element(tag, content), rest, err
}

// children converts the elements in body: length bytes of them, or up to the
// end-of-contents octets when length is negative.
func children(body []byte, length, depth int) (content, rest []byte, err error) {
	inside, rest := body, []byte(nil)
	if length >= 0 {
		inside, rest = body[:length], body[length:]
	}
	for {
		if length < 0 && len(inside) >= 2 && inside[0] == 0 && inside[1] == 0 {
			return content, inside[2:], nil
		}
		if length >= 0 && len(inside) == 0 {
			return content, rest, nil
		}
		var child []byte
		child, inside, err = toDER(inside, depth+1)
		if err != nil {
			return nil, nil, err
		}
		content = append(content, child...)
	}
}

// joined is the content of the primitive octet strings in b, in DER.
func joined(b []byte) ([]byte, error) {
	var out []byte
	for len(b) > 0 {
		head, length, err := header(b)
		if err != nil || b[0] != 0x04 {
			return nil, fmt.Errorf("parts of an octet string: %w", ErrMalformed)
		}
		start := head.tag + head.length
		out = append(out, b[start:start+length]...)
		b = b[start+length:]
	}
	return out, nil
}

// headerSize are the bytes of an element before its content.
type headerSize struct{ tag, length int }

// header reads tag and length; a length of -1 is indefinite. A definite
// length lies within b.
func header(b []byte) (headerSize, int, error) {
	bad := fmt.Errorf("element cut short: %w", ErrMalformed)
	if len(b) < 2 {
		return headerSize{}, 0, bad
	}
	h := headerSize{1, 1}
	if b[0]&0x1f == 0x1f {
		for h.tag < len(b) && h.tag < 6 && b[h.tag]&0x80 != 0 {
			h.tag++
		}
		h.tag++
	}
	if h.tag >= len(b) {
		return h, 0, bad
	}
	n := int(b[h.tag])
	if n == 0x80 {
		return h, -1, nil
	}
	if n > 0x80 {
		h.length += n & 0x7f
		if h.length > 5 || h.tag+h.length > len(b) {
			return h, 0, bad
		}
		n = 0
		for _, c := range b[h.tag+1 : h.tag+h.length] {
			n = n<<8 | int(c)
		}
	}
	if n > len(b)-h.tag-h.length {
		return h, 0, bad
	}
	return h, n, nil
}

// element is tag, DER length and content.
func element(tag, content []byte) []byte {
	out := append(make([]byte, 0, len(content)+8), tag...)
	n := len(content)
	if n < 0x80 {
		return append(append(out, byte(n)), content...)
	}
	var digits []byte
	for ; n > 0; n >>= 8 {
		digits = append([]byte{byte(n)}, digits...)
	}
	out = append(append(out, 0x80|byte(len(digits))), digits...)
	return append(out, content...)
}
