package pdfa

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
)

// Bounds on a file that is checked. Ours stay below: root MaxPages, each with
// MaxPageLayers images, a profile for all, content and page; 20 bytes each in
// a table.
const (
	maxTable     = 1 << 20 // bytes of a table and its trailer
	maxObjects   = 49152
	maxRevisions = 64
	maxValue     = 4 << 20  // bytes of an object without its stream
	maxInflated  = 64 << 20 // bytes of an inflated stream that is no image
	maxStream    = 1 << 30  // bytes of a stream as stored
)

// object is one indirect object.
type object struct {
	num    int
	value  any
	pos    int64 // of its first byte
	end    int64 // after its last byte
	stream bool  // value is the dictionary of a stream
	data   int64 // where the stream begins
	length int64
}

// revision is one cross-reference section and what it lists.
type revision struct {
	xref    int64 // offset of the section
	eof     int64 // after %%EOF
	end     int64 // after the line end behind it
	trailer dict
	offsets map[int]int64
}

// file is a parsed file, every byte of which is accounted for.
type file struct {
	r         io.ReaderAt
	size      int64
	revisions []revision // oldest first
	objects   map[int]*object
}

// openFile reads structure and objects, and checks that nothing but white
// space stands between them.
func openFile(r io.ReaderAt, size int64) (*file, error) {
	f := &file{r: r, size: size, objects: map[int]*object{}}
	if head, err := f.read(0, int64(len(header))); err != nil || string(head) != header {
		return nil, errors.New("the header is not ours")
	}
	last, err := f.lastXref()
	if err != nil {
		return nil, err
	}
	if err := f.readRevisions(last); err != nil {
		return nil, err
	}
	start := int64(len(header))
	for i := range f.revisions {
		if err := f.readObjects(&f.revisions[i], start); err != nil {
			return nil, err
		}
		start = f.revisions[i].end
	}
	return f, nil
}

// read returns up to n bytes from off.
func (f *file) read(off, n int64) ([]byte, error) {
	if off < 0 || off > f.size || n < 0 {
		return nil, fmt.Errorf("offset %d is outside the file", off)
	}
	b := make([]byte, min(n, f.size-off))
	if _, err := f.r.ReadAt(b, off); err != nil && err != io.EOF {
		return nil, err
	}
	return b, nil
}

var tail = regexp.MustCompile(`startxref[\r\n]{1,2}([0-9]{1,10})[\r\n]{1,2}%%EOF(\r\n|\r|\n)?$`)

// lastXref is the offset that the end of the file names.
func (f *file) lastXref() (int64, error) {
	b, err := f.read(max(f.size-64, 0), 64)
	if err != nil {
		return 0, err
	}
	m := tail.FindSubmatch(b)
	if m == nil {
		return 0, errors.New("the file does not end with %%EOF and at most one line end")
	}
	return strconv.ParseInt(string(m[1]), 10, 64)
}

// readRevisions follows the chain of sections from the newest one.
func (f *file) readRevisions(last int64) error {
	want, total := f.size, 0
	for at := last; ; {
		rev, err := f.readXref(at)
		if err != nil {
			return fmt.Errorf("cross-reference section at %d: %w", at, err)
		}
		if want == f.size && rev.end != want || rev.end > want {
			return fmt.Errorf("cross-reference section at %d is not where its revision ends", at)
		}
		f.revisions = append(f.revisions, rev)
		if total += len(rev.offsets); total > maxObjects || len(f.revisions) > maxRevisions {
			return errors.New("more objects or revisions than any document has")
		}
		prev, ok := rev.trailer["Prev"].(int64)
		if !ok {
			break
		}
		at, want = prev, rev.xref
	}
	slices.Reverse(f.revisions)
	return nil
}

var entryForm = regexp.MustCompile(`^([0-9]{10}) ([0-9]{5}) ([nf])( \n| \r|\r\n)$`)

// readXref reads the table, the trailer and the end of a revision.
func (f *file) readXref(at int64) (revision, error) {
	rev := revision{xref: at, offsets: map[int]int64{}}
	b, err := f.read(at, maxTable)
	if err != nil {
		return rev, err
	}
	p := &parser{b: b}
	if !p.take("xref\n") && !p.take("xref\r\n") {
		return rev, errors.New("no table")
	}
	for !p.take("trailer") {
		if err := rev.subsection(p); err != nil {
			return rev, err
		}
	}
	v, err := p.value(0)
	if err != nil {
		return rev, fmt.Errorf("trailer: %w", err)
	}
	rev.trailer, _ = v.(dict)
	return rev, rev.close(p)
}

// subsection reads entries of consecutive objects.
func (r *revision) subsection(p *parser) error {
	first, count, ok := p.pair()
	if !ok || count > maxObjects || first+count > 1<<31 {
		return errors.New("broken table")
	}
	for n := first; n < first+count; n++ {
		if p.pos+20 > len(p.b) {
			return errShort
		}
		m := entryForm.FindSubmatch(p.b[p.pos : p.pos+20])
		p.pos += 20
		free := m != nil && string(m[3]) == "f"
		if m == nil || free != (n == 0) || free != (string(m[2]) == "65535") || !free && string(m[2]) != "00000" {
			return fmt.Errorf("broken table entry of object %d", n)
		}
		if _, twice := r.offsets[n]; twice || len(r.offsets) > maxObjects {
			return fmt.Errorf("object %d is listed twice", n)
		}
		if !free {
			r.offsets[n], _ = strconv.ParseInt(string(m[1]), 10, 64)
		}
	}
	return nil
}

// pair reads the line "first count".
func (p *parser) pair() (first, count int, ok bool) {
	a, aErr := strconv.ParseUint(p.word(), 10, 31)
	if !p.take(" ") {
		return 0, 0, false
	}
	b, bErr := strconv.ParseUint(p.word(), 10, 31)
	p.take(" ")
	return int(a), int(b), aErr == nil && bErr == nil && (p.take("\r\n") || p.take("\n"))
}

// close reads what follows the trailer.
func (r *revision) close(p *parser) error {
	p.space()
	if !p.take("startxref") {
		return errors.New("no startxref")
	}
	p.space()
	if p.word() != strconv.FormatInt(r.xref, 10) {
		return errors.New("startxref names another place")
	}
	p.space()
	if !p.take("%%EOF") {
		return errors.New("no end of file marker")
	}
	r.eof = r.xref + int64(p.pos)
	_ = p.take("\r\n") || p.take("\n") || p.take("\r")
	r.end = r.xref + int64(p.pos)
	return nil
}
