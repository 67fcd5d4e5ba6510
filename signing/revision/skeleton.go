package revision

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Skeleton is the part of a file that was read: what its newest trailer says,
// and the objects that were asked for. It travels as JSON. A File made from it
// reads the file only for what is not in it.
type Skeleton struct {
	StartXref int64  `json:"startXref"` // offset of the newest cross-references
	IsStream  bool   `json:"isStream"`  // whether they are a stream
	Last      int    `json:"last"`      // highest object number
	Trailer   string `json:"trailer"`
	Objects   []Bone `json:"objects"` // by number
}

// Bone is an object of a Skeleton.
type Bone struct {
	Number     int    `json:"n"`
	Generation int    `json:"g,omitempty"`
	Text       string `json:"t"` // as it is written into a file
}

// Skeleton returns what was read of f so far, streams left out.
func (f *File) Skeleton() Skeleton {
	s := Skeleton{StartXref: f.startXref, IsStream: f.xrefIsStm, Last: f.last, Trailer: text(f.trailer)}
	byNumber := func(a, b Ref) int { return cmp.Compare(a.Number, b.Number) }
	for _, ref := range slices.SortedFunc(maps.Keys(f.cache), byNumber) {
		if _, isStream := f.cache[ref].(*Stream); !isStream {
			s.Objects = append(s.Objects, Bone{ref.Number, ref.Generation, text(f.cache[ref])})
		}
	}
	return s
}

// text is o as it is written into a file.
func text(o Object) string {
	w := &writer{}
	w.object(o)
	return w.buf.String()
}

// Open makes a File of the size bytes in r, which must be those that s was
// taken from: they are not looked at. The error is ErrDamaged under errors.Is.
func (s Skeleton) Open(r io.ReaderAt, size int64) (*File, error) {
	f := newFile(r, size)
	f.startXref, f.xrefIsStm, f.last, f.partial = s.StartXref, s.IsStream, s.Last, true
	trailer, err := parseText(s.Trailer)
	if err != nil {
		return nil, fmt.Errorf("skeleton, trailer: %w", err)
	}
	f.trailer, _ = trailer.(*Dict)
	if _, ok := f.trailer.Get("Root").(Ref); !ok {
		return nil, fmt.Errorf("skeleton: no document catalog: %w", ErrDamaged)
	}
	for _, b := range s.Objects {
		o, err := parseText(b.Text)
		if err != nil {
			return nil, fmt.Errorf("skeleton, object %d: %w", b.Number, err)
		}
		f.cache[Ref{b.Number, b.Generation}] = o
	}
	return f, nil
}

func parseText(s string) (Object, error) {
	l := &lexer{b: []byte(s), whole: true}
	o, err := l.object(0)
	return o, damaged(err, 0)
}

// complete reads the cross-references of a file that was opened without them.
func (f *File) complete() error {
	if !f.partial {
		return nil
	}
	f.partial = false
	if err := f.readSections(); err != nil {
		return fmt.Errorf("read cross-references: %w", err)
	}
	return nil
}
