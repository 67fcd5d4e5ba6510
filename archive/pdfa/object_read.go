package pdfa

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// readObjects reads the objects of a revision that begins at start.
func (f *file) readObjects(rev *revision, start int64) error {
	nums := slices.SortedFunc(maps.Keys(rev.offsets), func(a, b int) int { return int(rev.offsets[a] - rev.offsets[b]) })
	for i, num := range nums {
		off, limit := rev.offsets[num], rev.xref
		if i+1 < len(nums) {
			limit = rev.offsets[nums[i+1]]
		}
		if err := f.blank(start, off); err != nil {
			return fmt.Errorf("before object %d: %w", num, err)
		}
		obj, err := f.readObject(off, limit)
		if err != nil {
			return fmt.Errorf("object %d: %w", num, err)
		}
		if obj.num != num {
			return fmt.Errorf("object %d stands where the table says %d", obj.num, num)
		}
		f.objects[num] = obj
		start = obj.end
	}
	return f.blank(start, rev.xref)
}

// blank checks that only a little white space stands from start to end.
func (f *file) blank(start, end int64) error {
	if end < start || end-start > 16 {
		return fmt.Errorf("%d bytes that belong to nothing", end-start)
	}
	b, err := f.read(start, end-start)
	if err != nil {
		return err
	}
	if len(bytes.Trim(b, "\x00\t\n\f\r ")) > 0 {
		return errors.New("bytes that belong to nothing")
	}
	return nil
}

// readObject reads the object at off, which ends at limit at the latest.
func (f *file) readObject(off, limit int64) (*object, error) {
	for _, n := range []int64{64 << 10, maxValue} {
		b, err := f.read(off, min(n, limit-off))
		if err != nil {
			return nil, err
		}
		obj, err := f.parseObject(b, off, limit)
		if err == nil || !errors.Is(err, errShort) || int64(len(b)) < n {
			return obj, err
		}
	}
	return nil, errShort
}

// parseObject parses "n 0 obj ... endobj".
func (f *file) parseObject(b []byte, off, limit int64) (*object, error) {
	p := &parser{b: b}
	num, err := strconv.Atoi(p.word())
	if err != nil || !p.take(" 0 obj") {
		return nil, errors.New("no object")
	}
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, ok := v.(keyword); ok {
		return nil, errors.New("no value")
	}
	obj := &object{num: num, value: v, pos: off}
	p.space()
	switch {
	case p.take("endobj"):
		obj.end = off + int64(p.pos)
	case p.take("stream\n"), p.take("stream\r\n"):
		obj.data = off + int64(p.pos)
		return obj, f.endStream(obj, limit)
	case len(b)-p.pos < len("stream\r\n"):
		return nil, errShort
	default:
		return nil, errors.New("no endobj")
	}
	return obj, nil
}

var streamEnd = regexp.MustCompile(`^(\r\n|\n|\r)endstream[\r\n]{1,2}endobj`)

// endStream checks that the stream is as long as it says and that a line end
// parts it from endstream (ISO 19005-2, 6.1.7.1).
func (f *file) endStream(obj *object, limit int64) error {
	d, _ := obj.value.(dict)
	n, ok := d["Length"].(int64)
	if !ok || n < 0 || n > maxStream || obj.data+n > limit {
		return errors.New("stream with an impossible Length")
	}
	b, err := f.read(obj.data+n, 32)
	if err != nil {
		return err
	}
	end := streamEnd.Find(b)
	if end == nil {
		return errors.New("stream does not end where its Length says")
	}
	obj.stream, obj.length = true, n
	obj.end = obj.data + n + int64(len(end))
	return nil
}
