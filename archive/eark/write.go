package eark

import (
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"sohoa"
)

// Sink takes the files of a package one after the other. Folder, ZIP and TAR
// make some.
type Sink interface {
	// Create begins a file of size bytes; what is written to w is its content,
	// until the next Create or Close.
	Create(name string, size int64, t time.Time) (w io.Writer, err error)
	// Close makes the package whole.
	Close() error
}

// Standard schemas that packages carry, so that they can be checked wherever
// they are: METS 1.12, XLink and the CSIP extensions, PREMIS 3, EAD 2002.
//
//go:embed schemas/*.xsd
var schemas embed.FS

// placed is a file of a document with its place in its representation.
type placed struct {
	file *File
	doc  *Document
	path string // in the folder of the representation
}

// ID is the identifier of the package, and the name of the folder that it is
// in: both are asked for, by CSIP1 and by the circular, whose packages are
// called as their OBJID with "_" for ":". It is the same for the same documents
// at the same time.
func (p *Package) ID() string {
	if p.id != "" {
		return p.id
	}
	parts := []string{string(p.Kind), moment(p.Created), p.Fields[FileCode]}
	for _, d := range p.Documents {
		parts = append(parts, d.ID)
		for _, f := range d.Files {
			parts = append(parts, f.Digest.String())
		}
	}
	p.id = identifier(parts...)
	return p.id
}

// Write writes the package to sink and closes it, and returns the digest of
// METS.xml, which has those of all the others. It is sohoa.ErrVerification
// where a file is not what its digest says; what was written by then is of no
// use.
func Write(ctx context.Context, sink Sink, p *Package) (sum sohoa.Digest, err error) {
	entries, err := p.entries()
	if err != nil {
		return sum, err
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		if e.path == metsName {
			sum = e.digest
		}
		w, err := sink.Create(path.Join(p.ID(), e.path), e.size, e.created(p))
		if err != nil {
			return sum, fmt.Errorf("write package %s: %w", p.ID(), err)
		}
		if err := e.copy(ctx, w); err != nil {
			return sum, fmt.Errorf("write %s of package %s: %w", e.path, p.ID(), err)
		}
	}
	return sum, sink.Close()
}

// copy writes the content of e and compares it with its digest.
func (e entry) copy(ctx context.Context, w io.Writer) error {
	if e.file == nil {
		_, err := w.Write(e.data)
		return err
	}
	r, err := e.file.Open(ctx)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(r, e.size+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if n != e.size || sohoa.Digest(h.Sum(nil)) != e.digest {
		return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{e.path}}
	}
	return nil
}

// entries are all files of the package in order; METS.xml, which lists the
// others, is the first.
func (p *Package) entries() ([]entry, error) {
	top := &sheet{p: p, id: p.ID(), label: p.Label, kind: string(p.Kind)}
	top.descriptions = []description{
		{entry: made("metadata/descriptive/EAD.xml", p.Fields.described(dossierRules), "text/xml"), mdType: "OTHER", other: "EAD"},
		{entry: made("metadata/descriptive/EAD2002.xml", p.ead2002(), "text/xml"), mdType: "EAD", version: "2002"},
	}
	top.premis = made("metadata/preservation/PREMIS.xml", p.life(), "text/xml")
	kept, err := p.schemas()
	if err != nil {
		return nil, err
	}
	top.groups = append(top.groups, group{"Schemas", kept})
	if notes := p.documentation(); len(notes) > 0 {
		top.groups = append(top.groups, group{"Documentation", notes})
	}
	described := map[int]bool{}
	var inside []entry
	for _, rep := range reps {
		of := p.representation(rep, described)
		if len(of) == 0 {
			continue
		}
		use := "Representations/" + string(rep)
		top.groups = append(top.groups, group{use, of[:1]})
		top.pointers = append(top.pointers, pointer{of[0], use})
		inside = append(inside, of...)
	}
	all := []entry{made("METS.xml", top.mets(), "text/xml")}
	for _, d := range top.descriptions {
		all = append(all, d.entry)
	}
	all = append(all, top.premis)
	for _, g := range top.groups[:len(top.groups)-len(top.pointers)] {
		all = append(all, g.files...)
	}
	return append(all, inside...), unique(all, inside)
}

// representation are the files of one representation, its METS.xml first; none
// if no document has any. described are the documents, by serial, that an
// earlier one describes.
func (p *Package) representation(rep Rep, described map[int]bool) []entry {
	s := &sheet{p: p, base: "representations/" + string(rep), id: string(rep), label: repTypes[rep], kind: repTypes[rep]}
	var files []placed
	data := group{use: "Data"}
	for i := range p.Documents {
		d := &p.Documents[i]
		here := d.placed(rep)
		dmd := ""
		if len(here) > 0 && !described[d.Serial] {
			described[d.Serial] = true
			name := fmt.Sprintf("%s/metadata/descriptive/EAD_doc_%07d.xml", s.base, d.Serial)
			s.descriptions = append(s.descriptions, description{entry: made(name, d.Fields.described(documentRules), "text/xml"),
				mdType: "OTHER", other: "EAD_doc"})
			dmd = s.ref("dmd", name)
		}
		for _, f := range here {
			data.files = append(data.files, entry{path: s.base + "/" + f.path, file: f.file, mediaType: f.file.MediaType,
				size: f.file.Size, digest: f.file.Digest, group: d.Fields[DocCode], dmd: dmd})
		}
		files = append(files, here...)
	}
	if len(files) == 0 {
		return nil
	}
	s.groups = []group{data}
	s.premis = made(s.base+"/metadata/preservation/PREMIS.xml", p.holdings(rep, files), "text/xml")
	out := []entry{made(s.base+"/METS.xml", s.mets(), "text/xml")}
	for _, d := range s.descriptions {
		out = append(out, d.entry)
	}
	return append(append(out, s.premis), data.files...)
}

// placed are the files of d in one representation.
func (d *Document) placed(rep Rep) (out []placed) {
	for i := range d.Files {
		f := &d.Files[i]
		if f.Rep == rep {
			name := safe(d.Fields[DocCode])
			if f.Part != "" {
				name += "." + safe(f.Part)
			}
			out = append(out, placed{f, d, "data/" + name + extension(f.MediaType)})
		}
	}
	return out
}

// schemas are those that the package carries.
func (p *Package) schemas() (out []entry, err error) {
	list, err := schemas.ReadDir("schemas")
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		b, err := schemas.ReadFile("schemas/" + e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, made("schemas/"+e.Name(), b, "text/xml"))
	}
	return append(out, made("schemas/EAD.xsd", schemaOf(dossierRules), "text/xml"),
		made("schemas/EAD_doc.xsd", schemaOf(documentRules), "text/xml")), nil
}

func (p *Package) documentation() (out []entry) {
	for i := range p.Notes {
		n := &p.Notes[i]
		out = append(out, entry{path: "documentation/" + safe(n.Name), file: n, mediaType: n.MediaType, size: n.Size, digest: n.Digest})
	}
	return out
}

// unique fails where two files would have one name.
func unique(lists ...[]entry) error {
	seen := map[string]bool{}
	for _, l := range lists {
		for _, e := range l {
			if seen[e.path] {
				return fmt.Errorf("two files of a package are %s: %w", e.path, sohoa.ErrInvalid)
			}
			seen[e.path] = true
		}
	}
	return nil
}

// safe makes a name of plain characters out of a code.
func safe(s string) string {
	s = strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, s)
	return strings.TrimLeft(s, ".")
}

// extension is the file name ending of a media type.
func extension(mediaType string) string {
	switch mediaType {
	case "image/jpeg":
		return ".jpg"
	case "image/tiff":
		return ".tif"
	}
	_, sub, _ := strings.Cut(mediaType, "/")
	return "." + safe(sub)
}
