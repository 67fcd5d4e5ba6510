package pdfrev

import (
	"bytes"
	"context"
	"fmt"
)

// Revision is a state of the document that one update produced.
type Revision struct {
	StartXRef int64 // offset of its cross-reference section, as startxref names it
	End       int64 // after its %%EOF and one end of line, or -1 without %%EOF
	Trailer   Dict
	Hybrid    bool // readers that know cross-reference streams see other objects than those that do not

	ambiguous bool
}

// File is a PDF with its revisions, oldest first.
type File struct {
	Revisions []Revision
	Irregular bool // the sections do not lie in the file in the order of the updates
	Encrypted bool // some trailer has an encryption dictionary

	data      []byte
	shift     int64 // added to every offset: bytes before the header
	history   map[int][]version
	behind    map[int]entry // main section of a linearised file
	objects   map[place]Indirect
	packed    map[int64]map[int]Indirect
	entries   int
	values    int
	decodable int
	parseable int64
}

// version is what one revision says about an object.
type version struct {
	rev int
	entry
}

// place identifies an object that has been read.
type place struct {
	offset int64
	num    int
}

// Open reads the structure of data, which must not change while the File is
// used. It fails with ErrNotPDF, ErrDamaged or ErrBound, or ctx's error.
func Open(ctx context.Context, data []byte) (*File, error) {
	header := bytes.Index(data[:min(len(data), headerWindow)], []byte("%PDF-"))
	if header < 0 {
		return nil, ErrNotPDF
	}
	f := &File{
		data:      data,
		objects:   map[place]Indirect{},
		packed:    map[int64]map[int]Indirect{},
		history:   map[int][]version{},
		decodable: maxDecoded,
		parseable: 4*int64(len(data)) + 64<<20,
	}
	at, err := f.startXRef()
	if err != nil {
		return nil, err
	}
	sections, err := f.sections(ctx, at)
	if err != nil && header > 0 {
		f.shift = int64(header)
		sections, err = f.sections(ctx, at)
	}
	if err != nil {
		return nil, err
	}
	f.arrange(sections)
	return f, nil
}

func (f *File) size() int64 { return int64(len(f.data)) }

// Size is the length of the file in bytes.
func (f *File) Size() int64 { return f.size() }

// Bytes returns the bytes of the file from start to before end. It panics
// when they are outside the file.
func (f *File) Bytes(start, end int64) []byte { return f.data[start:end:end] }

// startXRef is the offset that the last startxref gives.
func (f *File) startXRef() (int64, error) {
	i := bytes.LastIndex(f.data, []byte("startxref"))
	if i < 0 {
		return 0, fmt.Errorf("no startxref: %w", ErrDamaged)
	}
	p := &parser{data: f.data, pos: i + len("startxref"), max: maxValues}
	at, err := p.integer()
	if err != nil {
		return 0, fmt.Errorf("startxref: %w", err)
	}
	if len(f.data)-p.pos > maxTrailing {
		return 0, fmt.Errorf("%d bytes after the last startxref: %w", len(f.data)-p.pos, ErrDamaged)
	}
	return at, nil
}

// StartXRefBefore is the offset that the startxref at the end of the first end
// bytes gives, and where its %%EOF ends; -1, -1 when there is none.
func (f *File) StartXRefBefore(end int64) (offset, eof int64) {
	window := max(0, end-2*maxTrailing)
	i := bytes.LastIndex(f.data[window:end], []byte("startxref"))
	if i < 0 {
		return -1, -1
	}
	p := &parser{data: f.data[:end], pos: int(window) + i + len("startxref"), max: maxValues}
	at, err := p.integer()
	p.skipSpace()
	if err != nil || !p.take("%%EOF") {
		return -1, -1
	}
	return at + f.shift, int64(p.pos)
}

// sections reads the chain of sections from the newest, at offset at, to the
// oldest.
func (f *File) sections(ctx context.Context, at int64) ([]*section, error) {
	var chain []*section
	seen := map[int64]bool{}
	for {
		at += f.shift
		if seen[at] {
			return nil, fmt.Errorf("cross-reference at byte %d refers to itself: %w", at, ErrDamaged)
		}
		seen[at] = true
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(chain) == maxSections {
			return nil, fmt.Errorf("more than %d cross-reference sections: %w", maxSections, ErrBound)
		}
		s, err := f.section(at)
		if err != nil {
			return nil, err
		}
		chain = append(chain, s)
		prev, ok := s.trailer["Prev"]
		if !ok {
			return chain, nil
		}
		at, ok = prev.(int64)
		if !ok {
			return nil, fmt.Errorf("the Prev at byte %d is no integer: %w", s.offset, ErrDamaged)
		}
	}
}

// arrange makes revisions of a chain of sections, newest first. The two
// sections of a linearised file, of which the older one lies behind, are one.
func (f *File) arrange(chain []*section) {
	for i := len(chain) - 1; i >= 0; i-- {
		s := chain[i]
		_, crypt := s.trailer["Encrypt"]
		f.Encrypted = f.Encrypted || crypt
		linearised := i == len(chain)-2 && s.offset < chain[i+1].offset && s.end > 0
		if linearised {
			f.behind = chain[i+1].entries
			last := &f.Revisions[0]
			last.StartXRef, last.Trailer = s.offset, s.trailer
			last.End = max(last.End, s.end)
			last.Hybrid, last.ambiguous = last.Hybrid || s.hybrid, last.ambiguous || s.ambiguous
		} else {
			f.Irregular = f.Irregular || i < len(chain)-1 && s.offset < f.Revisions[len(f.Revisions)-1].End
			f.Revisions = append(f.Revisions, Revision{
				StartXRef: s.offset, End: s.end, Trailer: s.trailer, Hybrid: s.hybrid, ambiguous: s.ambiguous})
		}
		for num, e := range s.entries {
			f.history[num] = append(f.history[num], version{len(f.Revisions) - 1, e})
		}
	}
}

// Behind reports whether an object is listed in the main section of a linearised
// file, which readers reach by way of the first-page section. Some take the two
// for two revisions.
func (f *File) Behind(num int) bool {
	_, ok := f.behind[num]
	return ok
}

// Ambiguous reports whether revision rev, or an object that it defines, can be
// read in more than one way: it has two entries for one object, or a
// dictionary with a key twice. Readers differ in which one they take.
func (f *File) Ambiguous(rev int) bool {
	if f.Revisions[rev].ambiguous {
		return true
	}
	view := f.View(rev)
	for num, versions := range f.history {
		for _, v := range versions {
			if v.rev != rev || v.kind == entryFree {
				continue
			}
			if ind, err := view.Get(Ref{num, v.gen}); err == nil && ind.Repeated {
				return true
			}
		}
	}
	return false
}

func (f *File) parserAt(offset int64) *parser {
	return &parser{data: f.data[offset:], base: offset, max: maxValues - f.values}
}

// charge counts what p has read against the bounds of the file.
func (f *File) charge(p *parser) error {
	f.values += p.values
	f.parseable -= int64(p.pos)
	if f.values > maxValues || f.parseable < 0 {
		return fmt.Errorf("too much to read: %w", ErrBound)
	}
	return nil
}
