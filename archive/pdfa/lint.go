package pdfa

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"strings"

	"sohoa"
)

// Lint checks a finished file of size bytes: one that a Writer wrote, as it
// was or with signatures added in incremental updates. It accepts only the
// objects, keys, filters and operators that these have, so nil means that the
// file has a form which veraPDF was seen to accept; it is no validator of
// other people's PDF/A. The error names the first fault and is
// sohoa.ErrVerification under errors.Is. Foreign bytes are safe: time and
// memory are bounded by the size of the file.
func Lint(r io.ReaderAt, size int64) error {
	f, err := openFile(r, size)
	if err != nil {
		return fmt.Errorf("lint: %w: %w", err, sohoa.ErrVerification)
	}
	l := &linter{file: f, seen: map[int]bool{}, fonts: map[ref]*fontInfo{}, images: map[ref]bool{}, pages: map[ref]bool{}, fields: map[ref]bool{}}
	l.document()
	if l.err != nil {
		return fmt.Errorf("lint: %w: %w", l.err, sohoa.ErrVerification)
	}
	return nil
}

// linter walks a file from its trailer. After the first fault it goes on
// with empty values, and keeps the fault.
type linter struct {
	file   *file
	err    error
	seen   map[int]bool // objects reached
	fonts  map[ref]*fontInfo
	images map[ref]bool // that were drawn
	pages  map[ref]bool
	fields map[ref]bool // signature fields of the form; true once a page shows it
	info   dict
}

// check records a fault unless ok, and returns ok.
func (l *linter) check(ok bool, format string, args ...any) bool {
	if !ok && l.err == nil {
		l.err = fmt.Errorf(format, args...)
	}
	return ok
}

// resolve follows a reference, and marks its object as reached.
func (l *linter) resolve(v any) any {
	n, ok := v.(ref)
	if !ok {
		return v
	}
	obj := l.file.objects[int(n)]
	if !l.check(obj != nil, "object %d is missing", n) {
		return nil
	}
	l.seen[int(n)] = true
	return obj.value
}

// dict is the dictionary that v is or refers to, which must fit form.
func (l *linter) dict(v any, what, form string) dict {
	d, ok := l.resolve(v).(dict)
	if !l.check(ok, "%s: no dictionary", what) {
		return dict{}
	}
	l.form(d, what, form)
	return d
}

// form checks the keys of a dictionary. A form lists them: "Key" may be
// there, "Key!" must, "Key=Name" must and has that name as its value.
func (l *linter) form(d dict, what, form string) {
	known := map[string]bool{}
	for item := range strings.FieldsSeq(form) {
		key, want, fixed := strings.Cut(item, "=")
		key, must := strings.CutSuffix(key, "!")
		known[key] = true
		v, has := d[key]
		l.check(has || !must && !fixed, "%s: no %s", what, key)
		l.check(!fixed || v == name(want), "%s: %s is %v, want %s", what, key, v, want)
	}
	for key := range d {
		l.check(known[key], "%s: %s is not allowed", what, key)
	}
}

// array is the array that v is or refers to.
func (l *linter) array(v any, what string) array {
	a, ok := l.resolve(v).(array)
	l.check(ok, "%s: no array", what)
	return a
}

// numbers checks that v is an array of n numbers and returns them.
func (l *linter) numbers(v any, n int, what string) []float64 {
	a := l.array(v, what)
	out := make([]float64, n)
	if !l.check(len(a) == n, "%s: %d numbers, want %d", what, len(a), n) {
		return out
	}
	for i := range a {
		f, ok := number(a[i])
		l.check(ok, "%s: %v is no number", what, a[i])
		out[i] = f
	}
	return out
}

// same reports whether a and b are the same reference or name.
func same(a, b any) bool {
	switch a.(type) {
	case ref, name:
		return a == b
	}
	return false
}

// number is a value as a number.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// stream is the object of the stream that v refers to, whose dictionary must
// fit form. Length is understood.
func (l *linter) stream(v any, what, form string) (dict, *object) {
	d := l.dict(v, what, form+" Length!")
	n, _ := v.(ref)
	obj := l.file.objects[int(n)]
	if !l.check(obj != nil && obj.stream, "%s: no stream", what) {
		return d, nil
	}
	return d, obj
}

// body is the decoded content of a stream that is no image.
func (l *linter) body(obj *object, what string) []byte {
	if obj == nil {
		return nil
	}
	b, err := l.file.body(obj)
	l.check(err == nil, "%s: %v", what, err)
	return b
}

// body decodes a stream without a filter or with FlateDecode alone.
func (f *file) body(obj *object) ([]byte, error) {
	var r io.Reader = io.NewSectionReader(f.r, obj.data, obj.length)
	switch filter := obj.value.(dict)["Filter"]; filter {
	case nil:
	case name("FlateDecode"):
		z, err := zlib.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	default:
		return nil, fmt.Errorf("filter %v", filter)
	}
	b, err := io.ReadAll(io.LimitReader(r, maxInflated+1))
	if err == nil && len(b) > maxInflated {
		err = errors.New("stream is too large")
	}
	return b, err
}

// document checks everything that can be reached, and that this is all.
func (l *linter) document() {
	root := l.trailers()
	c := l.dict(root, "catalog", "Type=Catalog Pages! Metadata! OutputIntents! Lang! ViewerPreferences AcroForm Perms DSS Extensions")
	lang, ok := c["Lang"].(text)
	l.check(ok && len(lang.bytes) > 0, "catalog: no language")
	if view, ok := c["ViewerPreferences"]; ok {
		l.check(l.dict(view, "viewer preferences", "DisplayDocTitle!")["DisplayDocTitle"] == true, "viewer preferences: title is not shown")
	}
	l.outputIntent(c["OutputIntents"])
	l.metadata(c["Metadata"])
	if form, ok := c["AcroForm"]; ok {
		l.acroForm(form)
	}
	l.evidence(c)
	l.pageTree(c["Pages"])
	for field, shown := range l.fields {
		l.check(shown, "signature field %d is on no page", field)
	}
	for num := range l.file.objects {
		l.check(l.seen[num], "object %d is reached by nothing", num)
	}
}

// trailers checks the trailers of all revisions and returns the root.
func (l *linter) trailers() any {
	first := l.file.revisions[0].trailer
	_, linked := first["Prev"]
	l.check(!linked, "trailer: the first revision has a Prev")
	for i, rev := range l.file.revisions {
		t := rev.trailer
		l.form(t, "trailer", "Size! Root! Info! ID! Prev")
		l.check(same(t["Root"], first["Root"]) && same(t["Info"], first["Info"]), "trailer: revision %d has another Root or Info", i)
		size, _ := t["Size"].(int64)
		for num := range rev.offsets {
			l.check(int64(num) < size, "trailer: object %d is beyond Size", num)
		}
		id := l.array(t["ID"], "trailer: ID")
		l.check(len(id) == 2 && bytes.Equal(idPart(id, 0), idPart(first["ID"], 0)), "trailer: the identifier is broken")
		l.check(len(idPart(id, 0)) == 16 && len(idPart(id, 1)) > 0, "trailer: the identifier is empty")
	}
	l.info = l.dict(first["Info"], "information", "Title Subject Producer! CreationDate ModDate")
	return first["Root"]
}

// idPart is one half of a file identifier.
func idPart(v any, i int) []byte {
	a, _ := v.(array)
	if i >= len(a) {
		return nil
	}
	s, _ := a[i].(text)
	return s.bytes
}

// outputIntent checks the one output intent and its profile.
func (l *linter) outputIntent(v any) {
	a := l.array(v, "output intents")
	if !l.check(len(a) == 1, "output intents: %d, want 1", len(a)) {
		return
	}
	d := l.dict(a[0], "output intent", "Type=OutputIntent S=GTS_PDFA1 OutputConditionIdentifier! Info DestOutputProfile!")
	p := l.profile(d["DestOutputProfile"])
	l.check(p.components == 3 && (p.class == "mntr" || p.class == "prtr"), "output intent: no RGB output profile")
}

// profile checks an ICC profile stream.
func (l *linter) profile(v any) profile {
	d, obj := l.stream(v, "profile", "N! Filter=FlateDecode")
	p, err := parseProfile(l.body(obj, "profile"))
	l.check(err == nil, "profile: %v", err)
	l.check(d["N"] == int64(p.components), "profile: N is %v, want %d", d["N"], p.components)
	return p
}
