package pdfa

import (
	"bytes"
	"fmt"
	"maps"
)

// markOperators are those of a visible signature: the ones of pages, paths,
// colours of the device and the other ways of showing text.
var markOperators = func() map[string]string {
	ops := maps.Clone(pageOperators)
	maps.Copy(ops, map[string]string{
		"m": "nn", "l": "nn", "c": "nnnnnn", "h": "", "re": "nnnn", "W": "", "n": "", "f": "", "S": "", "s": "", "B": "",
		"w": "n", "J": "n", "j": "n", "M": "n", "d": "an", "g": "n", "G": "n", "rg": "nnn", "RG": "nnn",
		"Td": "nn", "TD": "nn", "TL": "n", "Tc": "n", "Tw": "n", "Ts": "n", "T*": "", "TJ": "a",
	})
	return ops
}()

// acroForm checks the form, which may hold signature fields only.
func (l *linter) acroForm(v any) {
	d := l.dict(v, "form", "Fields! SigFlags!")
	flags := whole(d["SigFlags"])
	l.check(flags == 1 || flags == 3, "form: SigFlags is %v", d["SigFlags"])
	for _, f := range l.array(d["Fields"], "form: Fields") {
		n, ok := f.(ref)
		if _, twice := l.fields[n]; !l.check(ok && !twice, "form: field %v is direct or comes twice", f) {
			return
		}
		l.fields[n] = false
		l.field(f, fmt.Sprintf("signature field %d", n))
	}
}

// field checks a signature field that is its own widget.
func (l *linter) field(v any, what string) {
	d := l.dict(v, what, "Type=Annot Subtype=Widget FT=Sig T! F! Rect! V P AP Lock")
	const print, bad = 4, 1 | 2 | 32 | 256 // bad: invisible, hidden, no view, toggle (ISO 19005-2, 6.3.2)
	flags := whole(d["F"])
	l.check(flags&print != 0 && flags&bad == 0, "%s: flags %d", what, flags)
	rect := l.numbers(d["Rect"], 4, what+": Rect")
	_, drawn := d["AP"]
	l.check(drawn || rect[0] == rect[2] && rect[1] == rect[3], "%s: visible without appearance", what)
	if drawn {
		ap := l.dict(d["AP"], what+": AP", "N!")
		l.formObject(ap["N"], what+": appearance", 1)
	}
	if p, ok := d["P"]; ok {
		page, _ := l.resolve(p).(dict)
		l.check(page["Type"] == name("Page"), "%s: P is no page", what)
	}
	if lock, ok := d["Lock"]; ok {
		l.dict(lock, what+": Lock", "Type Action! Fields P")
	}
	if sig, ok := d["V"]; ok {
		l.signature(sig, what)
	}
}

// formObject checks a form XObject and what it draws.
func (l *linter) formObject(v any, what string, depth int) {
	if !l.check(depth <= 4, "%s: forms are nested too deeply", what) {
		return
	}
	d, obj := l.stream(v, what, "Type Subtype=Form FormType BBox! Matrix Resources Filter")
	l.numbers(d["BBox"], 4, what+": BBox")
	if m, ok := d["Matrix"]; ok {
		l.numbers(m, 6, what+": Matrix")
	}
	var res resources
	if r, ok := d["Resources"]; ok {
		res = l.resources(r, what, depth)
	}
	c := &content{linter: l, what: what, resources: res, operators: markOperators}
	c.run(l.body(obj, what))
}

// signature checks a signature dictionary: what it covers reaches from the
// first byte to the end of a revision, and leaves out the signature only
// (ISO 19005-2, 6.4.3).
func (l *linter) signature(v any, what string) {
	d := l.dict(v, what+": V", "Type Filter! SubFilter! ByteRange! Contents! M Name Reason Location ContactInfo Reference Prop_Build")
	sub, _ := d["SubFilter"].(name)
	l.check(sub == "ETSI.CAdES.detached" || sub == "ETSI.RFC3161" || sub == "adbe.pkcs7.detached", "%s: SubFilter %v", what, sub)
	n, _ := v.(ref)
	obj := l.file.objects[int(n)]
	contents, ok := d["Contents"].(text)
	if !l.check(ok && obj != nil, "%s: no signature, or a direct one", what) {
		return
	}
	r := l.numbers(d["ByteRange"], 4, what+": ByteRange")
	l.check(r[0] == 0 && int64(r[1]) == obj.pos+int64(contents.pos) && int64(r[2]) == obj.pos+int64(contents.end),
		"%s: ByteRange leaves out more or less than the signature", what)
	l.check(l.endsRevision(int64(r[2])+int64(r[3])), "%s: ByteRange does not reach the end of a revision", what)
	first, _ := l.file.read(int64(r[1]), 1)
	l.check(bytes.Equal(first, []byte("<")), "%s: the signature is no hexadecimal string", what)
	if refs, ok := d["Reference"]; ok {
		for _, x := range l.array(refs, what+": Reference") {
			t := l.dict(x, what+": Reference", "Type TransformMethod! TransformParams!")
			l.dict(t["TransformParams"], what+": TransformParams", "Type P V Action Fields")
		}
	}
}

// endsRevision reports whether a revision ends at off, with or without the
// line end behind its marker.
func (l *linter) endsRevision(off int64) bool {
	for _, rev := range l.file.revisions {
		if off == rev.eof || off == rev.end {
			return true
		}
	}
	return false
}

// evidence checks what long-term signatures add to the catalogue.
func (l *linter) evidence(c dict) {
	if perms, ok := c["Perms"]; ok {
		l.signature(l.dict(perms, "permissions", "DocMDP!")["DocMDP"], "permissions")
	}
	if ext, ok := c["Extensions"]; ok {
		for _, v := range l.dict(ext, "extensions", "ESIC ADBE") {
			l.dict(v, "extension", "Type BaseVersion! ExtensionLevel!")
		}
	}
	if dss, ok := c["DSS"]; ok {
		for key, v := range l.dict(dss, "DSS", "Type Certs OCSPs CRLs") {
			if key == "Type" {
				continue
			}
			for _, s := range l.array(v, "DSS: "+key) {
				_, obj := l.stream(s, "DSS: "+key, "Filter")
				l.body(obj, "DSS: "+key)
			}
		}
	}
}
