package revision

import (
	"fmt"
)

// entryKind says where an object is.
type entryKind byte

const (
	entryFree entryKind = iota
	entryOffset
	entryPacked // in an object stream
)

// entry is one line of a cross-reference table.
type entry struct {
	kind       entryKind
	generation int
	offset     int64 // or the number of the object stream
	index      int   // in the object stream
}

// readSections reads all sections, the newest first.
func (f *File) readSections() error {
	seen := map[int64]bool{}
	for at := f.startXref; at >= 0; {
		if seen[at] || len(seen) >= maxSections {
			return fmt.Errorf("sections go in circles: %w", ErrDamaged)
		}
		seen[at] = true
		trailer, err := f.readSection(at)
		if err != nil {
			return err
		}
		if f.trailer == nil {
			f.trailer = trailer
		}
		if at, err = section(trailer, "Prev"); err != nil {
			return err
		}
	}
	return nil
}

// section returns the offset that a trailer names under key, -1 for none.
func section(trailer *Dict, key Name) (int64, error) {
	o := trailer.Get(key)
	if o == nil {
		return -1, nil
	}
	n, _ := o.(Number)
	at, ok := n.Int64()
	if !ok || at < 0 {
		return 0, fmt.Errorf("/%s %v: %w", key, o, ErrDamaged)
	}
	return at, nil
}

// readSection reads one section and returns its trailer.
func (f *File) readSection(at int64) (*Dict, error) {
	isTable := false
	err := f.parse(at, func(l *lexer) error {
		w, err := l.word()
		isTable = w == "xref"
		return err
	})
	if err != nil {
		return nil, err
	}
	if at == f.startXref {
		f.xrefIsStm = !isTable
	}
	var trailer *Dict
	if isTable {
		trailer, err = f.readHybrid(at)
	} else {
		trailer, err = f.readXrefStream(at)
	}
	if err != nil {
		return nil, err
	}
	if n, ok := trailer.Get("Size").(Number); ok {
		if size, ok := n.Int64(); ok && size <= maxObjects {
			f.last = max(f.last, int(size)-1)
		}
	}
	return trailer, nil
}

// readHybrid reads a table and the stream that may go with it (7.5.8.4). What
// only the stream knows is free in the table, to hide it from programs of
// before PDF 1.5; so the table's free entries count last.
func (f *File) readHybrid(at int64) (*Dict, error) {
	f.free = nil
	trailer, err := f.readTable(at)
	if err != nil {
		return nil, err
	}
	stream, err := section(trailer, "XRefStm")
	if err != nil {
		return nil, err
	}
	if stream >= 0 {
		if _, err := f.readXrefStream(stream); err != nil {
			return nil, err
		}
	}
	for _, n := range f.free {
		f.enter(n, entry{kind: entryFree})
	}
	return trailer, nil
}

// readTable reads "xref ... trailer <<...>>" (7.5.4).
func (f *File) readTable(at int64) (*Dict, error) {
	var trailer *Dict
	err := f.parse(at, func(l *lexer) error {
		if err := l.expect("xref"); err != nil {
			return err
		}
		for {
			w, err := l.word()
			if err != nil {
				return err
			}
			if w == "trailer" {
				break
			}
			if err := f.readSubsection(l, w); err != nil {
				return err
			}
		}
		o, err := l.object(0)
		trailer, _ = o.(*Dict)
		if err == nil && trailer == nil {
			err = errSyntax
		}
		return err
	})
	return trailer, err
}

// readSubsection reads the entries after the number of the first.
func (f *File) readSubsection(l *lexer, first string) error {
	n, ok := Number(first).Int64()
	count, err := l.integer()
	if err != nil {
		return err
	}
	if !ok || n < 0 || n+count > maxObjects {
		return fmt.Errorf("subsection %.20s: %w", first, errSyntax)
	}
	for i := n; i < n+count; i++ {
		offset, err := l.integer()
		if err != nil {
			return err
		}
		generation, err := l.integer()
		if err != nil {
			return err
		}
		kind, err := l.word()
		if err != nil {
			return err
		}
		switch kind {
		case "n":
			f.enter(int(i), entry{kind: entryOffset, generation: int(min(generation, 65535)), offset: offset})
		case "f":
			f.free = append(f.free, int(i))
		default:
			return fmt.Errorf("entry of object %d: %w", i, errSyntax)
		}
	}
	return nil
}

// enter adds an entry unless a newer section has one.
func (f *File) enter(number int, e entry) {
	if _, newer := f.entries[number]; newer {
		return
	}
	f.entries[number] = e
	f.last = max(f.last, number)
}

// readXrefStream reads a cross-reference stream (7.5.8).
func (f *File) readXrefStream(at int64) (*Dict, error) {
	o, err := f.objectAt(at, nil)
	if err != nil {
		return nil, err
	}
	s, ok := o.(*Stream)
	if !ok || s.Dict.Get("Type") != Name("XRef") {
		return nil, fmt.Errorf("no cross-references at %d: %w", at, ErrDamaged)
	}
	widths, ok := integers(s.Dict.Get("W"), 3)
	if !ok {
		return nil, fmt.Errorf("cross-references at %d, /W: %w", at, ErrDamaged)
	}
	index, ok := integers(s.Dict.Get("Index"), 0)
	if !ok {
		size, _ := integers(Array{s.Dict.Get("Size")}, 1)
		index = append([]int{0}, size...)
	}
	data, err := f.content(s)
	if err != nil {
		return nil, err
	}
	if err := f.enterAll(data, widths, index); err != nil {
		return nil, fmt.Errorf("cross-references at %d: %w", at, err)
	}
	return s.Dict, nil
}

// integers returns the whole numbers in an array, n of them unless n is 0.
func integers(o Object, n int) ([]int, bool) {
	a, ok := o.(Array)
	if !ok || (n > 0 && len(a) < n) {
		return nil, false
	}
	out := make([]int, len(a))
	for i, o := range a {
		num, _ := o.(Number)
		v, ok := num.Int64()
		if !ok || v < 0 || v > maxObjects {
			return nil, false
		}
		out[i] = int(v)
	}
	return out, true
}

// enterAll enters the rows of a cross-reference stream.
func (f *File) enterAll(data []byte, w, index []int) error {
	row := w[0] + w[1] + w[2]
	if max(w[0], w[1], w[2]) > 8 || row == 0 {
		return fmt.Errorf("/W %v: %w", w, ErrDamaged)
	}
	for ; len(index) >= 2; index = index[2:] {
		for i := range index[1] {
			if len(data) < row {
				return fmt.Errorf("too few rows: %w", ErrDamaged)
			}
			if index[0]+i > maxObjects {
				return fmt.Errorf("object %d: %w", index[0]+i, ErrDamaged)
			}
			f.enter(index[0]+i, rowEntry(data[:row], w))
			data = data[row:]
		}
	}
	return nil
}

func rowEntry(row []byte, w []int) entry {
	var v [3]int64
	for i, n := range w[:3] {
		for _, c := range row[:n] {
			v[i] = v[i]<<8 | int64(c)
		}
		row = row[n:]
	}
	if w[0] == 0 {
		v[0] = 1 // the default
	}
	switch v[0] {
	case 1:
		return entry{kind: entryOffset, offset: v[1], generation: int(v[2] & 0xffff)}
	case 2:
		return entry{kind: entryPacked, offset: v[1], index: int(v[2] & 0x7fffffff)}
	}
	return entry{kind: entryFree}
}
