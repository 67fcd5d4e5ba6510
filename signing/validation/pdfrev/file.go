package pdfrev

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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

	src       io.ReaderAt
	size      int64
	failed    error // of reading, the first one
	shift     int64 // added to every offset: bytes before the header
	history   map[int][]version
	defines   map[int][]Ref // what each revision defines
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

// Open reads the structure of the size bytes of src, which must not change
// while the File is used. It fails with ErrNotPDF, ErrDamaged, ErrBound or
// ErrRead, or ctx's error.
func Open(ctx context.Context, src io.ReaderAt, size int64) (*File, error) {
	f := &File{
		src: src, size: size,
		objects:   map[place]Indirect{},
		packed:    map[int64]map[int]Indirect{},
		history:   map[int][]version{},
		defines:   map[int][]Ref{},
		decodable: maxDecoded,
		parseable: 4*size + 64<<20,
	}
	header := bytes.Index(f.read(0, headerWindow), []byte("%PDF-"))
	if header < 0 {
		return nil, cmp.Or(f.failed, ErrNotPDF)
	}
	at, err := f.startXRef()
	if err != nil {
		return nil, cmp.Or(f.failed, err)
	}
	sections, err := f.sections(ctx, at)
	if err != nil && header > 0 {
		f.shift = int64(header)
		sections, err = f.sections(ctx, at)
	}
	if err != nil {
		return nil, cmp.Or(f.failed, err)
	}
	f.arrange(sections)
	return f, nil
}

// ReadAt implements io.ReaderAt over the file.
func (f *File) ReadAt(p []byte, offset int64) (int, error) {
	if f.failed != nil {
		return 0, f.failed
	}
	n, err := f.src.ReadAt(p, offset)
	if err != nil && !errors.Is(err, io.EOF) || n < len(p) && offset+int64(n) < f.size {
		f.failed = fmt.Errorf("%w: %d bytes at %d: %w", ErrRead, len(p), offset, cmp.Or(err, io.ErrUnexpectedEOF))
		err = f.failed
	}
	return n, err
}

// read returns up to n bytes from offset; fewer at the end of the file or after
// a failure, which Failed tells.
func (f *File) read(offset int64, n int) []byte {
	n = int(min(int64(n), f.size-offset))
	if n <= 0 || offset < 0 {
		return nil
	}
	b := make([]byte, n)
	got, _ := f.ReadAt(b, offset)
	return b[:got]
}

// Failed is the first error of reading the file, or nil. After one, what File
// says is not to be relied on.
func (f *File) Failed() error { return f.failed }

// Size is the length of the file in bytes.
func (f *File) Size() int64 { return f.size }

// Bytes returns the bytes of the file from start to before end, cut at its end.
// It is for few of them.
func (f *File) Bytes(start, end int64) []byte { return f.read(start, int(end-start)) }

// startXRef is the offset that the last startxref gives.
func (f *File) startXRef() (int64, error) {
	tail := f.read(max(0, f.size-4*maxTrailing), 4*maxTrailing)
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return 0, fmt.Errorf("no startxref: %w", ErrDamaged)
	}
	p := &parser{data: tail, pos: i + len("startxref"), max: maxValues}
	at, err := p.integer()
	if err != nil {
		return 0, fmt.Errorf("startxref: %w", err)
	}
	if len(tail)-p.pos > maxTrailing {
		return 0, fmt.Errorf("%d bytes after the last startxref: %w", len(tail)-p.pos, ErrDamaged)
	}
	return at, nil
}

// StartXRefBefore is the offset that the startxref at the end of the first end
// bytes gives, and where its %%EOF ends; -1, -1 when there is none.
func (f *File) StartXRefBefore(end int64) (offset, eof int64) {
	window := max(0, end-2*maxTrailing)
	tail := f.read(window, int(end-window))
	i := bytes.LastIndex(tail, []byte("startxref"))
	if i < 0 {
		return -1, -1
	}
	p := &parser{data: tail, pos: i + len("startxref"), max: maxValues}
	at, err := p.integer()
	p.skipSpace()
	if err != nil || !p.take("%%EOF") {
		return -1, -1
	}
	return at + f.shift, window + int64(p.pos)
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
			rev := len(f.Revisions) - 1
			f.history[num] = append(f.history[num], version{rev, e})
			if e.kind != entryFree {
				f.defines[rev] = append(f.defines[rev], Ref{num, e.gen})
			}
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
	for _, ref := range f.defines[rev] {
		if ind, err := f.View(rev).Get(ref); err == nil && ind.Repeated {
			return true
		}
	}
	return false
}

func (f *File) parserAt(offset int64) *parser {
	return &parser{from: f, base: offset, max: maxValues - f.values}
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
