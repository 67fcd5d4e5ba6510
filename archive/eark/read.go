package eark

import (
	"context"
	"crypto"
	_ "crypto/md5"  // of packages from elsewhere
	_ "crypto/sha1" // likewise
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"

	"sohoa"
)

// Received is a package that was checked, and found right.
type Received struct {
	ID        string
	Kind      Kind
	Label     string
	Creator   string // organisation that made it
	Fields    Fields // of the dossier
	Facts     []Fact // likewise
	Documents []ReceivedDocument
}

// ReceivedDocument is a document of a package: the form of it that is to be
// taken in.
type ReceivedDocument struct {
	Path   string // in the package
	Name   string // as it was called before, or the file's
	Code   string // docCode; may be empty
	Size   int64
	Digest sohoa.Digest
	Fields Fields
	Facts  []Fact
	Open   func() (io.ReadCloser, error)
}

// Faults is all that is wrong with a package.
type Faults []*sohoa.Problem

// Error implements error.
func (f Faults) Error() string {
	var lines []string
	for _, p := range f {
		lines = append(lines, p.Error())
	}
	return strings.Join(lines, "; ")
}

// Unwrap returns the problems.
func (f Faults) Unwrap() []error {
	var errs []error
	for _, p := range f {
		errs = append(errs, p)
	}
	return errs
}

// maxFaults is after how many faults looking for more ends.
const maxFaults = 100

// Read checks a package and says what is in it. Every file is listed in
// METS.xml, has the digest that stands there, and lies inside the package;
// else the error is Faults. Taken are originals, where a representation says
// to be that, else its first representation.
func Read(ctx context.Context, src *Source) (*Received, error) {
	base, err := src.root()
	if err != nil {
		return nil, err
	}
	r := &reader{src: src, base: base, seen: map[string]bool{base + metsName: true}, sums: map[string]sohoa.Digest{}, theirs: map[[2]string]string{}}
	top, err := r.sheet(ctx, metsName)
	if err != nil {
		return nil, err
	}
	out := &Received{ID: top.ID, Kind: Kind(top.Header.Kind), Label: tidy(top.Label)}
	for _, a := range top.Header.Agents {
		if a.Type == "ORGANIZATION" && out.Creator == "" {
			out.Creator = tidy(a.Name)
		}
	}
	if out.Kind != SIP && out.Kind != AIP {
		r.fault("package.kind", string(out.Kind))
	}
	out.Fields, r.facts = r.descriptions(ctx, top)
	out.Facts = r.facts[top.ID]
	if err := r.representations(ctx, top, out); err != nil {
		return nil, err
	}
	for _, name := range src.names {
		if !r.seen[name] {
			r.fault("package.unlisted", name)
		}
	}
	if len(out.Documents) == 0 && len(r.faults) == 0 {
		r.fault("package.empty")
	}
	if len(r.faults) > 0 {
		return nil, r.faults
	}
	return out, nil
}

type reader struct {
	src    *Source
	base   string // folder of the package in the source
	seen   map[string]bool
	sums   map[string]sohoa.Digest // of what was hashed
	theirs map[[2]string]string    // in hexadecimal, by name and method
	facts  map[string][]Fact
	faults Faults
}

func (r *reader) fault(code string, args ...string) {
	r.report(&sohoa.Problem{Kind: sohoa.ErrInvalid, Code: code, Args: args})
}

func (r *reader) report(err error) {
	if p := sohoa.AsProblem(err); len(r.faults) < maxFaults {
		r.faults = append(r.faults, p)
	}
}

// sheet reads a METS file, and checks all that it lists.
func (r *reader) sheet(ctx context.Context, name string) (*metsFile, error) {
	b, err := r.src.xml(ctx, r.base+name)
	if err != nil {
		return nil, err
	}
	m, err := parseMETS(b)
	if err != nil {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.xml", Args: []string{name}, Detail: err.Error()}
	}
	for _, f := range slices.Concat(m.metadata(), m.files()) {
		if err := r.check(ctx, path.Dir(name), f); err != nil {
			return nil, err
		}
	}
	return m, ctx.Err()
}

// where is the place in the package that a reference from folder leads to.
// Some programs write spaces as in forms.
func (r *reader) where(folder, href string) (string, bool) {
	name, ok := where(folder, href)
	if _, there := r.src.files[r.base+name]; ok && !there {
		if spaced := strings.ReplaceAll(name, "+", " "); r.src.files[r.base+spaced].open != nil {
			return spaced, true
		}
	}
	return name, ok
}

func where(folder, href string) (string, bool) {
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Path == "" || path.IsAbs(u.Path) {
		return "", false
	}
	name := path.Join(folder, u.Path)
	return name, name != ".." && !strings.HasPrefix(name, "../") && !strings.Contains(name, `\`)
}

// check compares a file with what METS says of it. Only the end of ctx is an
// error; what is wrong becomes a fault.
func (r *reader) check(ctx context.Context, folder string, f fileXML) error {
	hrefs := []string{f.Href}
	if len(f.At) > 0 {
		hrefs = nil
		for _, at := range f.At {
			hrefs = append(hrefs, at.Href)
		}
	}
	for _, href := range hrefs {
		name, ok := r.where(folder, href)
		if !ok {
			r.report(badName(href))
			continue
		}
		if err := r.compare(ctx, name, f); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.report(err)
		}
	}
	return nil
}

// methods are the digests of METS by name.
var methods = map[string]crypto.Hash{"SHA-256": crypto.SHA256, "SHA-512": crypto.SHA512, "SHA-384": crypto.SHA384, "SHA-1": crypto.SHA1, "MD5": crypto.MD5}

// compare hashes a file.
func (r *reader) compare(ctx context.Context, name string, f fileXML) error {
	file, ok := r.src.files[r.base+name]
	if !ok {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.missing", Args: []string{name}}
	}
	method, known := methods[f.Method]
	if !known || f.Checksum == "" {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.no-checksum", Args: []string{name}}
	}
	if r.seen[r.base+name] && r.sums[name] == (sohoa.Digest{}) {
		return nil // METS.xml itself
	}
	r.seen[r.base+name] = true
	got, done := r.theirs[[2]string{name, f.Method}]
	if !done {
		var err error
		if got, err = r.hash(ctx, name, file, method); err != nil {
			return damaged(name, err)
		}
		r.theirs[[2]string{name, f.Method}] = got
	}
	if !strings.EqualFold(got, f.Checksum) {
		return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "package.digest", Args: []string{name}}
	}
	return nil
}

// hash reads a file and returns its digest by method.
func (r *reader) hash(ctx context.Context, name string, file brought, method crypto.Hash) (string, error) {
	in, err := file.open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	own, theirs := crypto.SHA256.New(), method.New()
	n, err := io.Copy(io.MultiWriter(own, theirs), &bounded{ctx, io.LimitReader(in, file.size+1)})
	if err == nil && n != file.size {
		err = io.ErrUnexpectedEOF
	}
	r.sums[name] = sohoa.Digest(own.Sum(nil))
	return sum(theirs), err
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// bounded ends reading with its context.
type bounded struct {
	ctx context.Context
	r   io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// descriptions reads what the package says of the dossier, and of objects.
func (r *reader) descriptions(ctx context.Context, top *metsFile) (Fields, map[string][]Fact) {
	fields, facts := Fields{}, map[string][]Fact{}
	for _, ref := range top.metadata() {
		name, ok := r.where("", ref.Href)
		if !ok || r.src.files[r.base+name].open == nil {
			continue // a fault already
		}
		b, err := r.src.xml(ctx, r.base+name)
		if err != nil {
			r.report(err)
			continue
		}
		if ref.Type == "PREMIS" {
			more, err := parseFacts(b)
			r.unreadable(name, err)
			for id, f := range more {
				facts[id] = append(facts[id], f...)
			}
			continue
		}
		more, err := parseFields(b, dossierRules)
		r.unreadable(name, err)
		for k, v := range more {
			fields[k] = or(fields[k], v)
		}
	}
	return fields, facts
}

func (r *reader) unreadable(name string, err error) {
	if err != nil {
		r.report(&sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.xml", Args: []string{name}, Detail: err.Error()})
	}
}

// form is a representation as it was read.
type form struct {
	folder   string
	original bool
	mets     *metsFile
}

// representations reads those that the package has, and chooses what is taken
// of each document.
func (r *reader) representations(ctx context.Context, top *metsFile, out *Received) error {
	var forms []form
	var hrefs []string
	top.divs(func(d divXML) {
		for _, s := range d.Sheets {
			hrefs = append(hrefs, s.Href)
		}
	})
	for _, href := range hrefs {
		name, ok := r.where("", href)
		if !ok || !r.seen[r.base+name] {
			r.report(badName(href)) // not listed, so that nothing says what it is
			continue
		}
		m, err := r.sheet(ctx, name)
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.report(err)
			continue
		}
		f := form{folder: path.Dir(name), mets: m}
		for _, s := range m.Maps {
			f.original = f.original || strings.EqualFold(s.Div.Type, typeOriginal)
		}
		forms = append(forms, f)
	}
	slices.SortStableFunc(forms, func(a, b form) int { return rank(a) - rank(b) })
	r.choose(ctx, forms, out)
	return nil
}

func rank(f form) int {
	if f.original {
		return 0
	}
	return 1
}

// choose takes each document from the first form that has it. Files without a
// group are documents of their own, of the first form alone.
func (r *reader) choose(ctx context.Context, forms []form, out *Received) {
	taken := map[string]int{} // by group, the place in out.Documents
	described := map[string]Fields{}
	for i, f := range forms {
		fields := r.documentFields(ctx, f)
		for _, x := range f.mets.files() {
			if x.Group != "" && len(fields[x.ID]) > 0 {
				described[x.Group] = fields[x.ID]
			}
			if _, have := taken[x.Group]; x.Group != "" && have || x.Group == "" && i > 0 || f.original && x.Group != "" && x.Use == usePage {
				continue
			}
			d, ok := r.document(f, x)
			if !ok {
				continue
			}
			d.Fields = fields[x.ID]
			taken[x.Group] = len(out.Documents)
			out.Documents = append(out.Documents, d)
		}
	}
	for i := range out.Documents {
		d := &out.Documents[i]
		if d.Code != "" && len(d.Fields) == 0 {
			d.Fields = described[d.Code]
		}
		if id := d.Fields[DocID]; id != "" {
			d.Facts = r.facts["urn:sohoa:"+id]
		}
	}
}

// usePage marks the image of a page that came from another original.
const usePage = "page"

func (r *reader) document(f form, x fileXML) (ReceivedDocument, bool) {
	href := x.Href
	if len(x.At) > 0 {
		href = x.At[0].Href
	}
	name, ok := r.where(f.folder, href)
	file, there := r.src.files[r.base+name]
	if !ok || !there {
		return ReceivedDocument{}, false
	}
	return ReceivedDocument{Path: name, Name: path.Base(name), Code: x.Group, Size: file.size, Digest: r.sums[name], Open: file.open}, true
}

// documentFields reads the descriptions of documents in a form, by the ID of
// the file that they are of: as the file says, or as a division does.
func (r *reader) documentFields(ctx context.Context, f form) map[string]Fields {
	bySection := map[string]Fields{}
	for _, s := range f.mets.Descriptions {
		for _, ref := range s.Refs {
			name, ok := r.where(f.folder, ref.Href)
			if !ok || r.src.files[r.base+name].open == nil {
				continue
			}
			b, err := r.src.xml(ctx, r.base+name)
			if err == nil {
				bySection[s.ID], err = parseFields(b, documentRules)
			}
			r.unreadable(name, err)
		}
	}
	out := map[string]Fields{}
	for _, x := range f.mets.files() {
		if fields, ok := bySection[x.DMD]; ok {
			out[x.ID] = fields
		}
	}
	f.mets.divs(func(d divXML) {
		for _, p := range d.Files {
			if fields, ok := bySection[d.DMD]; ok && out[p.ID] == nil {
				out[p.ID] = fields
			}
		}
	})
	return out
}
