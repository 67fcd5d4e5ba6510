package pdfrev

import "fmt"

// value reads the next value. Keywords come back as keyword.
func (p *parser) value(depth int) (Object, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("at byte %d: nested deeper than %d: %w", p.pos, maxDepth, ErrBound)
	}
	if p.values++; p.values > p.max {
		return nil, fmt.Errorf("more than %d values: %w", p.max, ErrBound)
	}
	p.skip()
	if !p.more() {
		return nil, p.errorf("value expected at the end")
	}
	switch p.data[p.pos] {
	case '/':
		return p.name(), nil
	case '(':
		return p.literalString()
	case '[':
		p.pos++
		return p.array(depth)
	case '<':
		if p.take("<<") {
			return p.dict(depth)
		}
		return p.hexString()
	}
	o, err := p.regular()
	if n, ok := o.(int64); ok && err == nil {
		return p.reference(n), nil
	}
	return o, err
}

// reference is "n g R" when that is what follows, else the integer n.
func (p *parser) reference(n int64) Object {
	if n < 0 || n > maxObjectNumber {
		return n
	}
	back := p.pos
	p.skip()
	g, err := p.integer()
	if err == nil && g <= 65535 {
		p.skip()
		if p.word() == "R" {
			return Ref{int(n), int(g)}
		}
	}
	p.pos = back
	return n
}

func (p *parser) array(depth int) (Object, error) {
	a := Array{}
	for {
		p.skip()
		if p.take("]") {
			return a, nil
		}
		o, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if k, ok := o.(keyword); ok {
			return nil, p.errorf("keyword %.20q in an array", string(k))
		}
		a = append(a, o)
	}
}

func (p *parser) dict(depth int) (Object, error) {
	d := Dict{}
	for {
		p.skip()
		if p.take(">>") {
			return d, nil
		}
		if !p.more() || p.data[p.pos] != '/' {
			return nil, p.errorf("key expected in a dictionary")
		}
		key := p.name()
		o, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if k, ok := o.(keyword); ok {
			return nil, p.errorf("keyword %.20q in a dictionary", string(k))
		}
		if _, ok := d[key]; ok {
			p.repeated = true
		}
		d[key] = o
	}
}

// indirect reads "n g obj value endobj" and returns the object's number too.
// The end of a stream is not looked for: its length may be elsewhere.
func (p *parser) indirect() (Ref, Indirect, error) {
	p.skip()
	ind := Indirect{Start: p.base + int64(p.pos)}
	num, err := p.integer()
	if err != nil {
		return Ref{}, ind, err
	}
	gen, err := p.integer()
	if err != nil {
		return Ref{}, ind, err
	}
	p.skip()
	if !p.take("obj") || num > maxObjectNumber || gen > 65535 {
		return Ref{}, ind, p.errorf("object expected")
	}
	ind.Value, err = p.value(0)
	if k, ok := ind.Value.(keyword); ok && k == "endobj" {
		ind.Value, err = nil, nil // "1 0 obj endobj" is null
	} else if ok {
		err = p.errorf("keyword %.20q where an object begins", string(k))
	}
	if err != nil {
		return Ref{}, ind, err
	}
	ind.End, ind.Repeated = p.base+int64(p.pos), p.repeated
	if d, ok := ind.Value.(Dict); ok {
		ind.Value = p.stream(d)
	}
	return Ref{int(num), int(gen)}, ind, nil
}

// stream is the stream that d begins, or d when no stream follows.
func (p *parser) stream(d Dict) Object {
	p.skip()
	if !p.take("stream") {
		return d
	}
	if !p.take("\r\n") && !p.take("\n") {
		p.take("\r")
	}
	return &Stream{Dict: d, Start: p.base + int64(p.pos)}
}
