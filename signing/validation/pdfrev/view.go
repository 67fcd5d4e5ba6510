package pdfrev

import (
	"fmt"
	"sort"
)

// View is the document as one revision left it.
type View struct {
	file *File
	rev  int
}

// View returns the document as revision i left it; 0 is the oldest.
func (f *File) View(i int) View { return View{f, i} }

// Trailer is the trailer dictionary of the view's revision.
func (v View) Trailer() Dict { return v.file.Revisions[v.rev].Trailer }

// Root is the document catalogue, or nil.
func (v View) Root() Dict { return v.Dict(v.Trailer()["Root"]) }

// Dict resolves o and returns it if it is a dictionary, or that of a stream;
// else nil.
func (v View) Dict(o Object) Dict {
	switch d := v.Resolve(o).(type) {
	case Dict:
		return d
	case *Stream:
		return d.Dict
	}
	return nil
}

// Resolve follows references from o. What cannot be read is nil, as is what
// does not exist.
func (v View) Resolve(o Object) Object {
	for range maxHops {
		ref, ok := o.(Ref)
		if !ok {
			return o
		}
		ind, err := v.Get(ref)
		if err != nil {
			return nil
		}
		o = ind.Value
	}
	return nil
}

// lookup is the entry for num in the view.
func (v View) lookup(num int) (entry, bool) {
	h := v.file.history[num]
	i := sort.Search(len(h), func(i int) bool { return h[i].rev > v.rev })
	if i == 0 {
		return entry{}, false
	}
	// A linearised file has two sections of one revision: they are disjoint.
	return h[i-1].entry, true
}

// Get reads the object that ref names. A missing or free object is a zero
// Indirect without an error.
func (v View) Get(ref Ref) (Indirect, error) {
	missing := Indirect{Start: -1, End: -1}
	e, ok := v.lookup(ref.Num)
	if !ok || e.kind == entryFree || e.gen != ref.Gen {
		return missing, nil
	}
	if e.kind == entryPacked {
		return v.unpack(e, ref.Num)
	}
	return v.file.objectAt(e.place+v.file.shift, ref)
}

// objectAt reads the object at offset, which must be ref.
func (f *File) objectAt(offset int64, ref Ref) (Indirect, error) {
	key := place{offset, ref.Num}
	if ind, ok := f.objects[key]; ok {
		return ind, nil
	}
	if offset < 0 || offset >= f.size {
		return Indirect{}, fmt.Errorf("object %d: outside the file: %w", ref.Num, ErrDamaged)
	}
	p := f.parserAt(offset)
	got, ind, err := p.indirect()
	if err := f.charge(p); err != nil {
		return Indirect{}, err
	}
	if err != nil {
		return Indirect{}, fmt.Errorf("object %d: %w", ref.Num, err)
	}
	if got != ref {
		return Indirect{}, fmt.Errorf("object %d: object %d is at its place: %w", ref.Num, got.Num, ErrDamaged)
	}
	f.objects[key] = ind
	return ind, nil
}

// unpack reads an object from the object stream that e names.
func (v View) unpack(e entry, num int) (Indirect, error) {
	holder, ok := v.lookup(int(min(e.place, maxObjectNumber+1)))
	if !ok || holder.kind != entryOffset {
		return Indirect{}, fmt.Errorf("object %d: no object stream %d: %w", num, e.place, ErrDamaged)
	}
	ind, err := v.file.objectAt(holder.place+v.file.shift, Ref{int(e.place), holder.gen})
	if err != nil {
		return Indirect{}, err
	}
	stream, ok := ind.Value.(*Stream)
	if !ok {
		return Indirect{}, fmt.Errorf("object %d: object %d is no stream: %w", num, e.place, ErrDamaged)
	}
	objects, ok := v.file.packed[stream.Start]
	if !ok {
		if objects, err = v.objectStream(stream); err != nil {
			return Indirect{}, err
		}
		v.file.packed[stream.Start] = objects
	}
	o, ok := objects[num]
	if !ok {
		return Indirect{}, fmt.Errorf("object %d: not in object stream %d: %w", num, e.place, ErrDamaged)
	}
	return o, nil
}

// objectStream reads all objects of an object stream (7.5.7).
func (v View) objectStream(s *Stream) (map[int]Indirect, error) {
	b, err := v.Decoded(s)
	if err != nil {
		return nil, err
	}
	count, _ := v.Resolve(s.Dict["N"]).(int64)
	first, _ := v.Resolve(s.Dict["First"]).(int64)
	if count < 0 || first < 0 || first > int64(len(b)) || count > first {
		return nil, fmt.Errorf("object stream at byte %d: %w", s.Start, ErrDamaged)
	}
	head := &parser{data: b[:first], base: -1, max: maxValues}
	objects := map[int]Indirect{}
	for range count {
		num, err1 := head.integer()
		at, err2 := head.integer()
		if err1 != nil || err2 != nil || at > int64(len(b))-first || num > maxObjectNumber {
			return nil, fmt.Errorf("object stream at byte %d: %w", s.Start, ErrDamaged)
		}
		if _, ok := objects[int(num)]; ok {
			continue
		}
		p := &parser{data: b[first+at:], base: -1, max: maxValues - v.file.values}
		o, err := p.value(0)
		if err := v.file.charge(p); err != nil {
			return nil, err
		}
		if _, ok := o.(keyword); ok || err != nil {
			return nil, fmt.Errorf("object %d in the object stream at byte %d: %w", num, s.Start, ErrDamaged)
		}
		objects[int(num)] = Indirect{Value: o, Start: -1, End: -1, Repeated: p.repeated}
	}
	return objects, nil
}
