package revision

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// The reasons for which a file gets no further revision.
var (
	ErrDamaged   = errors.New("the PDF is damaged")
	ErrEncrypted = errors.New("the PDF is encrypted")
	ErrTrailing  = errors.New("something follows the end of the PDF")
)

// Bounds on one file. They are far above what the largest scan needs.
const (
	maxObjects     = 10_000_000 // object numbers; ISO 32000-1, C.2 has 8,388,607
	maxSections    = 2000       // cross-reference sections, one or two a revision
	maxObjectBytes = 64 << 20   // of one object's text or one decoded stream
	maxLoads       = 200_000    // objects read
	maxWork        = 512 << 20  // bytes read and decoded in all
	maxTrailing    = 1024       // bytes after the last %%EOF
	maxChain       = 32         // references that lead to references
)

// File is a PDF that gets a revision.
type File struct {
	r       io.ReaderAt
	size    int64
	entries map[int]entry
	streams map[int]*objectStream
	cache   map[Ref]Object
	loads   int
	work    int64          // bytes read and decoded so far
	busy    map[int64]bool // stream lengths being resolved
	partial bool           // made from a Skeleton: entries are not read yet
	free    []int          // object numbers that the table being read calls free

	trailer   *Dict
	startXref int64 // of the newest section
	xrefIsStm bool  // the newest section is a stream
	last      int   // highest object number in use or announced
}

// Open reads the cross-references of the size bytes in r. Its errors are
// ErrDamaged, ErrEncrypted and ErrTrailing under errors.Is, and those of r.
func Open(r io.ReaderAt, size int64) (*File, error) {
	f := newFile(r, size)
	if err := f.checkHeader(); err != nil {
		return nil, err
	}
	start, err := f.findStart()
	if err != nil {
		return nil, err
	}
	f.startXref = start
	if err := f.readSections(); err != nil {
		return nil, fmt.Errorf("read cross-references: %w", err)
	}
	if f.trailer.Get("Encrypt") != nil {
		return nil, ErrEncrypted
	}
	if _, ok := f.trailer.Get("Root").(Ref); !ok {
		return nil, fmt.Errorf("no document catalog: %w", ErrDamaged)
	}
	return f, nil
}

func newFile(r io.ReaderAt, size int64) *File {
	return &File{r: r, size: size,
		entries: map[int]entry{}, streams: map[int]*objectStream{}, cache: map[Ref]Object{}, busy: map[int64]bool{}}
}

// Size returns the size of the file in bytes.
func (f *File) Size() int64 { return f.size }

// Trailer returns the trailer of the newest section. It must not be changed.
func (f *File) Trailer() *Dict { return f.trailer }

// checkHeader wants the header at the very start: byte ranges and offsets
// then count from the same place.
func (f *File) checkHeader() error {
	var b [8]byte
	if _, err := f.r.ReadAt(b[:], 0); err != nil && err != io.EOF {
		return fmt.Errorf("read header: %w", err)
	}
	if !bytes.HasPrefix(b[:], []byte("%PDF-")) {
		return fmt.Errorf("no header at the start: %w", ErrDamaged)
	}
	return nil
}

// findStart finds the offset after the last startxref.
func (f *File) findStart() (int64, error) {
	n := min(f.size, 2*maxTrailing)
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, f.size-n); err != nil && err != io.EOF {
		return 0, fmt.Errorf("read trailer: %w", err)
	}
	eof := bytes.LastIndex(b, []byte("%%EOF"))
	if eof < 0 || len(b)-eof-len("%%EOF") > maxTrailing {
		return 0, ErrTrailing
	}
	at := bytes.LastIndex(b[:eof], []byte("startxref"))
	if at < 0 {
		return 0, fmt.Errorf("no startxref: %w", ErrDamaged)
	}
	l := &lexer{b: b[at+len("startxref"):], whole: true}
	start, err := l.integer()
	if err != nil || start >= f.size {
		return 0, fmt.Errorf("startxref leads nowhere: %w", ErrDamaged)
	}
	return start, nil
}

// parse lets fn read at offset, in a window that grows as fn needs.
func (f *File) parse(offset int64, fn func(*lexer) error) error {
	if offset < 0 || offset >= f.size {
		return fmt.Errorf("offset %d is outside: %w", offset, ErrDamaged)
	}
	for n := int64(2048); ; n *= 4 {
		n = min(n, f.size-offset)
		b, err := f.readAt(offset, n)
		if err != nil {
			return err
		}
		err = fn(&lexer{b: b, whole: offset+n == f.size})
		if !errors.Is(err, errShort) {
			return damaged(err, offset)
		}
		if n >= maxObjectBytes || offset+n == f.size {
			return fmt.Errorf("object at %d has no end: %w", offset, ErrDamaged)
		}
	}
}

// readAt reads n bytes at offset, all of which are in the file.
func (f *File) readAt(offset, n int64) ([]byte, error) {
	if err := f.spend(n); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, offset); err != nil && err != io.EOF {
		return nil, fmt.Errorf("read at %d: %w", offset, err)
	}
	return b, nil
}

// spend counts n bytes of work.
func (f *File) spend(n int64) error {
	if f.work += n; f.work > maxWork {
		return fmt.Errorf("structure of more than %d bytes: %w", maxWork, ErrDamaged)
	}
	return nil
}

// damaged turns a syntax error into ErrDamaged.
func damaged(err error, offset int64) error {
	if errors.Is(err, errSyntax) {
		return fmt.Errorf("at %d: %v: %w", offset, err, ErrDamaged)
	}
	return err
}

// Get reads an object. What the file does not have is nil, as 7.3.10 says.
func (f *File) Get(ref Ref) (Object, error) {
	if o, ok := f.cache[ref]; ok {
		return o, nil
	}
	if err := f.complete(); err != nil {
		return nil, err
	}
	e, ok := f.entries[ref.Number]
	if !ok || e.kind == entryFree || (e.kind == entryOffset && e.generation != ref.Generation) {
		return nil, nil
	}
	if f.loads++; f.loads > maxLoads {
		return nil, fmt.Errorf("more than %d objects: %w", maxLoads, ErrDamaged)
	}
	o, err := f.load(ref, e)
	if err != nil {
		return nil, fmt.Errorf("object %d: %w", ref.Number, err)
	}
	f.cache[ref] = o
	return o, nil
}

func (f *File) load(ref Ref, e entry) (Object, error) {
	if e.kind == entryPacked {
		return f.unpack(ref.Number, e)
	}
	return f.objectAt(e.offset, &ref)
}

// objectAt reads "n g obj ..." at offset, which must be want if that is given.
func (f *File) objectAt(offset int64, want *Ref) (Object, error) {
	var o Object
	err := f.parse(offset, func(l *lexer) error {
		number, err := l.integer()
		if err != nil {
			return err
		}
		generation, err := l.integer()
		if err != nil {
			return err
		}
		if err := l.expect("obj"); err != nil {
			return err
		}
		if want != nil && (int64(want.Number) != number || int64(want.Generation) != generation) {
			return fmt.Errorf("%d %d stands where %v belongs: %w", number, generation, *want, errSyntax)
		}
		if o, err = l.object(0); err != nil {
			return err
		}
		if d, ok := o.(*Dict); ok {
			o, err = l.stream(d, offset)
		}
		return err
	})
	return o, err
}

// stream turns d into a stream if one follows.
func (l *lexer) stream(d *Dict, offset int64) (Object, error) {
	w, err := l.word()
	if err != nil {
		return nil, err
	}
	if w != "stream" {
		return d, nil
	}
	if l.pos+2 > len(l.b) {
		return nil, l.end()
	}
	if l.b[l.pos] == '\r' {
		l.pos++
	}
	if l.b[l.pos] == '\n' {
		l.pos++
	}
	return &Stream{Dict: d, offset: offset + int64(l.pos)}, nil
}

// Resolve follows references until it has an object that is none.
func (f *File) Resolve(o Object) (Object, error) {
	for range maxChain {
		ref, ok := o.(Ref)
		if !ok {
			return o, nil
		}
		var err error
		if o, err = f.Get(ref); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("references go in circles: %w", ErrDamaged)
}

// Dict resolves o to a dictionary, that of the stream if it is one. Anything
// else is nil.
func (f *File) Dict(o Object) (*Dict, error) {
	o, err := f.Resolve(o)
	switch v := o.(type) {
	case *Dict:
		return v, err
	case *Stream:
		return v.Dict, err
	}
	return nil, err
}

// Array resolves o to an array; anything else is nil.
func (f *File) Array(o Object) (Array, error) {
	o, err := f.Resolve(o)
	a, _ := o.(Array)
	return a, err
}

// Catalog returns the document catalog and its reference.
func (f *File) Catalog() (*Dict, Ref, error) {
	ref := f.trailer.Get("Root").(Ref)
	d, err := f.Dict(ref)
	if err == nil && d == nil {
		err = fmt.Errorf("no document catalog: %w", ErrDamaged)
	}
	return d, ref, err
}
