package revision

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"sort"
)

// Update is the next revision of a File, under way.
type Update struct {
	f    *File
	next int
	objs map[Ref]Object
}

// maxTableOffset is the largest offset that a cross-reference table can hold.
const maxTableOffset = 9_999_999_999

// NewUpdate begins a revision.
func (f *File) NewUpdate() *Update {
	return &Update{f: f, next: f.last + 1, objs: map[Ref]Object{}}
}

// Reserve returns a reference that no object has.
func (u *Update) Reserve() Ref {
	u.next++
	return Ref{u.next - 1, 0}
}

// Add adds a new object.
func (u *Update) Add(o Object) Ref {
	ref := u.Reserve()
	u.Set(ref, o)
	return ref
}

// Set makes o the object that ref refers to from this revision on.
func (u *Update) Set(ref Ref, o Object) { u.objs[ref] = o }

// Bytes returns what is to be appended to the file, and sets the offset of
// each Slot. second is the second half of the file identifier (14.4).
func (u *Update) Bytes(second String) ([]byte, error) {
	w := &writer{base: u.f.size}
	var last [1]byte
	if _, err := u.f.r.ReadAt(last[:], u.f.size-1); err != nil {
		return nil, fmt.Errorf("read the last byte: %w", err)
	}
	if last[0] != '\n' && last[0] != '\r' {
		w.buf.WriteByte('\n')
	}
	offsets := map[Ref]int64{}
	for _, ref := range u.sorted() {
		offsets[ref] = w.offset()
		w.indirect(ref, u.objs[ref])
	}
	trailer := u.trailer(second)
	if u.f.xrefIsStm || w.offset() > maxTableOffset {
		u.writeStream(w, offsets, trailer)
	} else {
		u.writeTable(w, offsets, trailer)
	}
	return w.buf.Bytes(), nil
}

func (u *Update) sorted() []Ref {
	refs := make([]Ref, 0, len(u.objs))
	for ref := range u.objs {
		refs = append(refs, ref)
	}
	sort.Slice(refs, func(i, j int) bool { return refs[i].Number < refs[j].Number })
	return refs
}

// trailer makes the new trailer: what the old one says of the document, never
// what it says of its own section.
func (u *Update) trailer(second String) *Dict {
	old := u.f.trailer
	d := NewDict("Size", Int(u.next), "Root", old.Get("Root"), "Info", old.Get("Info"), "Prev", Int(u.f.startXref))
	first := Object(second)
	if id, err := u.f.Array(old.Get("ID")); err == nil && len(id) == 2 {
		if s, ok := id[0].(String); ok {
			first = s
		}
	}
	d.Set("ID", Array{first, second})
	return d
}

// writeTable writes a cross-reference table.
func (u *Update) writeTable(w *writer, offsets map[Ref]int64, trailer *Dict) {
	start := w.offset()
	w.buf.WriteString("xref\n")
	for _, run := range runs(u.sorted()) {
		fmt.Fprintf(&w.buf, "%d %d\n", run[0].Number, len(run))
		for _, ref := range run {
			fmt.Fprintf(&w.buf, "%010d %05d n\r\n", offsets[ref], ref.Generation)
		}
	}
	w.buf.WriteString("trailer\n")
	w.object(trailer)
	fmt.Fprintf(&w.buf, "\nstartxref\n%d\n%%%%EOF\n", start)
}

// writeStream writes a cross-reference stream, which lists itself.
func (u *Update) writeStream(w *writer, offsets map[Ref]int64, trailer *Dict) {
	self := u.Reserve()
	start := w.offset()
	offsets[self] = start
	refs := append(u.sorted(), self)
	var index Array
	var rows []byte
	for _, run := range runs(refs) {
		index = append(index, Int(run[0].Number), Int(len(run)))
		for _, ref := range run {
			rows = append(rows, 1)
			for shift := 40; shift >= 0; shift -= 8 {
				rows = append(rows, byte(offsets[ref]>>shift))
			}
			rows = append(rows, byte(ref.Generation>>8), byte(ref.Generation))
		}
	}
	d := NewDict("Type", Name("XRef"), "W", Array{Int(1), Int(6), Int(2)}, "Index", index)
	for _, k := range trailer.Keys() {
		d.Set(k, trailer.Get(k))
	}
	d.Set("Size", Int(u.next))
	w.indirect(self, &Stream{Dict: d, Data: rows})
	fmt.Fprintf(&w.buf, "startxref\n%d\n%%%%EOF\n", start)
}

// runs splits refs where their numbers are not consecutive.
func runs(refs []Ref) [][]Ref {
	var out [][]Ref
	for i, ref := range refs {
		if i == 0 || refs[i-1].Number+1 != ref.Number {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], ref)
	}
	return out
}

// writer writes objects at offsets that it knows.
type writer struct {
	buf  bytes.Buffer
	base int64
}

func (w *writer) offset() int64 { return w.base + int64(w.buf.Len()) }

func (w *writer) indirect(ref Ref, o Object) {
	fmt.Fprintf(&w.buf, "%d %d obj\n", ref.Number, ref.Generation)
	w.object(o)
	w.buf.WriteString("\nendobj\n")
}

func (w *writer) object(o Object) {
	switch v := o.(type) {
	case nil:
		w.buf.WriteString("null")
	case bool, Number:
		fmt.Fprint(&w.buf, v)
	case Name:
		w.name(v)
	case String:
		fmt.Fprintf(&w.buf, "<%s>", hex.EncodeToString(v))
	case Ref:
		fmt.Fprintf(&w.buf, "%d %d R", v.Number, v.Generation)
	case Array:
		w.array(v)
	case *Dict:
		w.dict(v)
	case *Stream:
		w.stream(v)
	case *Slot:
		v.Offset = w.offset()
		w.buf.Write(v.Fill)
	}
}

func (w *writer) array(a Array) {
	w.buf.WriteByte('[')
	for i, o := range a {
		if i > 0 {
			w.buf.WriteByte(' ')
		}
		w.object(o)
	}
	w.buf.WriteByte(']')
}

func (w *writer) dict(d *Dict) {
	w.buf.WriteString("<<")
	for _, k := range d.Keys() {
		w.buf.WriteByte('\n')
		w.name(k)
		w.buf.WriteByte(' ')
		w.object(d.Get(k))
	}
	w.buf.WriteString("\n>>")
}

func (w *writer) stream(s *Stream) {
	d := s.Dict.Clone()
	d.Set("Length", Int(len(s.Data)))
	w.dict(d)
	w.buf.WriteString("\nstream\n")
	w.buf.Write(s.Data)
	w.buf.WriteString("\nendstream")
}

// name writes a name with whatever is not plain ASCII escaped (7.3.5).
func (w *writer) name(n Name) {
	w.buf.WriteByte('/')
	for _, c := range []byte(n) {
		if c <= ' ' || c > '~' || c == '#' || isDelimiter(c) {
			fmt.Fprintf(&w.buf, "#%02X", c)
			continue
		}
		w.buf.WriteByte(c)
	}
}

// AppendTo returns the array in o with more appended: as a new array, or as
// the same reference with a new array behind it.
func (u *Update) AppendTo(o Object, more ...Object) (Object, error) {
	a, err := u.f.Array(o)
	if err != nil {
		return nil, err
	}
	a = append(slices.Clone(a), more...)
	if ref, ok := o.(Ref); ok {
		u.Set(ref, a)
		return ref, nil
	}
	return a, nil
}
