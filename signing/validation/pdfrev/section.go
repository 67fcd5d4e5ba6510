package pdfrev

import "fmt"

// entry is where a section says that an object is.
type entry struct {
	kind  byte  // entryFree, entryOffset or entryPacked
	gen   int   // of the object; for packed ones 0
	place int64 // offset in the file, or number of the object stream
	index int   // in the object stream
}

const (
	entryFree = iota
	entryOffset
	entryPacked
)

// section is one cross-reference section.
type section struct {
	offset  int64 // as startxref or Prev gives it
	end     int64 // after %%EOF and its end of line, or -1 without %%EOF
	entries map[int]entry
	trailer Dict

	ambiguous bool // says two things about an object, or of the document
	hybrid    bool // has a stream for readers that know streams
}

// section reads the section at offset, with the stream of a hybrid.
func (f *File) section(offset int64) (*section, error) {
	s, err := f.plainSection(offset)
	if err != nil {
		return nil, fmt.Errorf("cross-reference at byte %d: %w", offset, err)
	}
	at, ok := s.trailer["XRefStm"].(int64)
	if !ok {
		return s, nil
	}
	s.hybrid = true
	hidden, err := f.plainSection(at + f.shift)
	if err != nil {
		return nil, fmt.Errorf("hidden cross-reference at byte %d: %w", at, err)
	}
	s.ambiguous = s.ambiguous || hidden.ambiguous
	for num, e := range hidden.entries {
		shown, ok := s.entries[num]
		if !ok || shown.kind == entryFree {
			s.entries[num] = e
		} else if shown != e {
			s.ambiguous = true
		}
	}
	return s, nil
}

func (f *File) plainSection(offset int64) (*section, error) {
	if offset < 0 || offset >= f.size {
		return nil, fmt.Errorf("outside the file: %w", ErrDamaged)
	}
	p := f.parserAt(offset)
	p.skip()
	s := &section{offset: offset, entries: map[int]entry{}}
	read := f.xrefStream
	if p.take("xref") {
		read = f.xrefTable
	}
	if err := read(p, s); err != nil {
		return nil, err
	}
	s.end = p.endOfRevision()
	s.ambiguous = s.ambiguous || p.repeated
	return s, f.charge(p)
}

// xrefTable reads subsections and trailer (7.5.4).
func (f *File) xrefTable(p *parser, s *section) error {
	for {
		p.skip()
		if p.take("trailer") {
			break
		}
		if err := f.subsection(p, s); err != nil {
			return err
		}
	}
	o, err := p.value(0)
	if err != nil {
		return err
	}
	d, ok := o.(Dict)
	if !ok {
		return p.errorf("trailer without dictionary")
	}
	s.trailer = d
	return nil
}

func (f *File) subsection(p *parser, s *section) error {
	first, err := p.integer()
	if err != nil {
		return err
	}
	count, err := p.integer()
	if err != nil {
		return err
	}
	if first > maxObjectNumber || count > maxObjectNumber-first || count > (f.size-p.base-int64(p.pos))/10 {
		return fmt.Errorf("%d entries from object %d: %w", count, first, ErrBound)
	}
	for i := range count {
		e, err := p.tableEntry()
		if err != nil {
			return err
		}
		if err := f.add(s, int(first+i), e); err != nil {
			return err
		}
	}
	return nil
}

func (p *parser) tableEntry() (entry, error) {
	place, err := p.integer()
	if err != nil {
		return entry{}, err
	}
	gen, err := p.integer()
	if err != nil || gen > 65535 {
		return entry{}, p.errorf("generation expected")
	}
	p.skip()
	switch p.word() {
	case "n":
		return entry{kind: entryOffset, gen: int(gen), place: place}, nil
	case "f":
		return entry{kind: entryFree, gen: int(gen)}, nil
	}
	return entry{}, p.errorf("n or f expected")
}

// add records e; the first entry of a number in a section counts.
func (f *File) add(s *section, num int, e entry) error {
	if f.entries++; f.entries > maxEntries {
		return fmt.Errorf("more than %d entries: %w", maxEntries, ErrBound)
	}
	if have, ok := s.entries[num]; !ok {
		s.entries[num] = e
	} else if have != e {
		s.ambiguous = true
	}
	return nil
}

// xrefStream reads a cross-reference stream (7.5.8).
func (f *File) xrefStream(p *parser, s *section) error {
	_, ind, err := p.indirect()
	if err != nil {
		return err
	}
	stream, ok := ind.Value.(*Stream)
	if !ok || stream.Dict["Type"] != Name("XRef") {
		return p.errorf("neither a table nor a cross-reference stream")
	}
	s.trailer = stream.Dict
	view := View{file: f, rev: -1} // its entries are direct: nothing can be resolved yet
	b, err := view.Decoded(stream)
	if err != nil {
		return err
	}
	if err := f.streamEntries(s, b); err != nil {
		return err
	}
	length, err := view.Length(stream)
	if err != nil {
		return err
	}
	f.parseable -= int64(p.pos)
	p.data, p.pos, p.base = nil, 0, stream.Start+length
	p.skipSpace()
	if !p.take("endstream") {
		return p.errorf("endstream expected")
	}
	p.skip()
	p.take("endobj")
	return nil
}

// streamEntries reads the rows of a cross-reference stream.
func (f *File) streamEntries(s *section, b []byte) error {
	w, err := widths(s.trailer["W"])
	if err != nil {
		return err
	}
	index, _ := s.trailer["Index"].(Array)
	if index == nil {
		index = Array{int64(0), s.trailer["Size"]}
	}
	for i := 0; i+1 < len(index); i += 2 {
		first, ok1 := index[i].(int64)
		count, ok2 := index[i+1].(int64)
		if !ok1 || !ok2 || first < 0 || count < 0 || first > maxObjectNumber {
			return fmt.Errorf("index of a cross-reference stream: %w", ErrDamaged)
		}
		for num := first; num < first+count && len(b) >= w.row(); num++ {
			if num > maxObjectNumber {
				return fmt.Errorf("object number %d: %w", num, ErrBound)
			}
			if err := f.add(s, int(num), w.entry(b)); err != nil {
				return err
			}
			b = b[w.row():]
		}
	}
	return nil
}

// fieldWidths are the bytes of the three fields of a row.
type fieldWidths [3]int

func (w fieldWidths) row() int { return w[0] + w[1] + w[2] }

func widths(o Object) (fieldWidths, error) {
	var w fieldWidths
	a, _ := o.(Array)
	for i := range w {
		if i >= len(a) {
			return w, fmt.Errorf("widths of a cross-reference stream: %w", ErrDamaged)
		}
		n, ok := a[i].(int64)
		if !ok || n < 0 || n > 8 {
			return w, fmt.Errorf("widths of a cross-reference stream: %w", ErrDamaged)
		}
		w[i] = int(n)
	}
	if len(a) != 3 || w.row() == 0 {
		return w, fmt.Errorf("widths of a cross-reference stream: %w", ErrDamaged)
	}
	return w, nil
}

func (w fieldWidths) entry(b []byte) entry {
	field := func(from, n int) int64 {
		var v int64
		for _, c := range b[from : from+n] {
			v = v<<8 | int64(c)
		}
		return v
	}
	kind := int64(entryOffset) // when the field is absent
	if w[0] > 0 {
		kind = field(0, w[0])
	}
	second, third := field(w[0], w[1]), field(w[0]+w[1], w[2])
	switch kind {
	case entryOffset:
		return entry{kind: entryOffset, gen: int(third & 0xffff), place: second}
	case entryPacked:
		return entry{kind: entryPacked, place: second, index: int(third & 0x7fffffff)}
	}
	return entry{kind: entryFree} // unknown kinds are null
}

// endOfRevision is the offset after "startxref n %%EOF" and one end of line,
// or -1 when something else follows.
func (p *parser) endOfRevision() int64 {
	p.skip()
	if !p.take("startxref") {
		return -1
	}
	if _, err := p.integer(); err != nil {
		return -1
	}
	p.skipSpace()
	if !p.take("%%EOF") {
		return -1
	}
	if !p.take("\r\n") && !p.take("\n") {
		p.take("\r")
	}
	return p.base + int64(p.pos)
}
