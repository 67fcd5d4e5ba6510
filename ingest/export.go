package ingest

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/eark"
	"sohoa/archive/ocfl"
)

// ExportRequest is what somebody wants out of the archive: one document, one
// dossier, or the dossiers of a year.
type ExportRequest struct {
	Actor   string
	Purpose string // why; it stands in the journal
	Scope   sohoa.Scope
	Kind    eark.Kind

	Document sohoa.DocumentID
	Dossier  string
	Year     int    // in which dossiers were made
	Agency   string // with Year: of this one alone
	OCFL     bool   // with Document: the bare object of the storage root
	Version  string // of the program
}

// Exported is a package that was written.
type Exported struct {
	Package   string       `json:"package"` // its identifier and folder
	Dossier   string       `json:"dossier"`
	Documents int          `json:"documents"`
	Pages     int          `json:"pages"`
	METS      sohoa.Digest `json:"mets,omitzero"`  // of METS.xml, which has the digests of all else
	Left      string       `json:"left,omitempty"` // why a dossier of a year was left out

	fields eark.Fields
}

// Plan is an export that may be written: everything it names is there, kept,
// and in the journal as given out.
type Plan struct {
	s        *Service
	want     ExportRequest
	name     string
	packages []*eark.Package
	all      []string // codes of the dossiers of a year
	object   ocfl.ID
}

// Name is a name for a file with the export, without its ending.
func (p *Plan) Name() string { return p.name }

// Export checks a request and enters it in the journal. Errors are Problems:
// export.purpose, export.what, export.not-kept, and sohoa.ErrNotExist for what
// lies outside the scope.
func (s *Service) Export(ctx context.Context, want ExportRequest) (*Plan, error) {
	if err := checkPurpose(want.Purpose); err != nil {
		return nil, err
	}
	p := &Plan{s: s, want: want}
	var err error
	switch {
	case !want.Document.IsZero():
		err = p.document(ctx)
	case want.Dossier != "":
		err = p.dossier(ctx)
	case want.Year > 0:
		err = p.year(ctx)
	default:
		err = &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "export.what"}
	}
	return p, err
}

// checkPurpose refuses what is given out without a reason.
func checkPurpose(purpose string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(purpose)); n == 0 || n > sohoa.MaxReasonRunes {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "export.purpose"}
	}
	return nil
}

func (p *Plan) document(ctx context.Context) error {
	doc, err := archive.Owned(ctx, p.s.Catalog, p.want.Scope, p.want.Document)
	if err != nil {
		return err
	}
	if err := giveable(doc); err != nil {
		return err
	}
	p.name = doc.ID.String()
	d := detail{"kind": p.want.Kind}
	if p.want.OCFL {
		p.object = ocfl.DocumentID(doc.ID)
		d["object"] = p.object
	} else {
		pkg, err := p.pack(ctx, doc.Dossier, []sohoa.Document{doc})
		if err != nil {
			return err
		}
		p.packages = append(p.packages, pkg)
		d["package"] = pkg.ID()
	}
	return p.journal(ctx, []sohoa.Document{doc}, d)
}

func (p *Plan) dossier(ctx context.Context) error {
	pkg, docs, err := p.whole(ctx, p.want.Dossier)
	if err != nil {
		return err
	}
	p.name, p.packages = keyOf(p.want.Dossier), []*eark.Package{pkg}
	return p.journal(ctx, docs, detail{"kind": p.want.Kind, "package": pkg.ID()})
}

// whole is a dossier with all of its documents, which must all be kept.
func (p *Plan) whole(ctx context.Context, code string) (*eark.Package, []sohoa.Document, error) {
	if _, err := p.s.Catalog.Dossier(ctx, p.want.Scope, code); err != nil {
		return nil, nil, err
	}
	docs, err := p.s.Catalog.FindDocuments(ctx, p.want.Scope, archive.DocumentQuery{Dossier: code, Limit: everything})
	if err != nil {
		return nil, nil, err
	}
	// What was destroyed by the book is no part of the dossier any more.
	docs = slices.DeleteFunc(docs, func(d sohoa.Document) bool { return d.State == sohoa.StateDestroyed })
	slices.SortFunc(docs, func(a, b sohoa.Document) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	for _, d := range docs {
		if err := giveable(d); err != nil {
			return nil, nil, err
		}
	}
	if len(docs) == 0 {
		return nil, nil, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "export.empty", Args: []string{code}}
	}
	pkg, err := p.pack(ctx, code, docs)
	return pkg, docs, err
}

// everything is a limit that nothing reaches.
const everything = 1 << 30

func giveable(doc sohoa.Document) error {
	if doc.State != sohoa.StateKept {
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "export.not-kept", Args: []string{doc.ID.String()}}
	}
	return nil
}

// year finds the dossiers. Their packages are made one at a time.
func (p *Plan) year(ctx context.Context) error {
	scope := p.want.Scope
	if p.want.Agency != "" {
		if !scope.Includes(p.want.Agency) {
			return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "export.none", Args: []string{strconv.Itoa(p.want.Year)}}
		}
		scope = sohoa.Scope{Agencies: []string{p.want.Agency}}
	}
	list, err := p.s.Catalog.FindDossiers(ctx, scope, archive.DossierQuery{Limit: everything})
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.CreatedAt.In(sohoa.Hanoi).Year() == p.want.Year && d.Documents > 0 {
			p.all = append(p.all, d.Code)
		}
	}
	slices.Sort(p.all)
	p.name = strconv.Itoa(p.want.Year)
	if len(p.all) == 0 {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "export.none", Args: []string{p.name}}
	}
	e := sohoa.Entry{Actor: p.want.Actor, Action: sohoa.ActionExport, Purpose: p.want.Purpose}
	return p.s.Catalog.Update(ctx, func(tx archive.Tx) error {
		return p.s.append(tx, e, detail{"kind": p.want.Kind, "year": p.want.Year, "agency": p.want.Agency, "dossiers": len(p.all)})
	})
}

func (p *Plan) journal(ctx context.Context, docs []sohoa.Document, d detail) error {
	return p.s.Catalog.Update(ctx, func(tx archive.Tx) error {
		for _, doc := range docs {
			e := sohoa.Entry{Actor: p.want.Actor, Action: sohoa.ActionExport, Document: doc.ID, Dossier: doc.Dossier, Purpose: p.want.Purpose}
			if err := p.s.append(tx, e, d); err != nil {
				return err
			}
		}
		return nil
	})
}

// Write writes the export. Nothing of what was written before an error is of
// use.
func (p *Plan) Write(ctx context.Context, sink eark.Sink) ([]Exported, error) {
	if p.object != "" {
		return p.writeObject(ctx, sink)
	}
	if p.all != nil {
		return p.writeYear(ctx, sink)
	}
	pkg := p.packages[0]
	done := exported(pkg)
	var err error
	done.METS, err = eark.Write(ctx, sink, pkg)
	return []Exported{done}, err
}

func exported(pkg *eark.Package) Exported {
	pages, _ := strconv.Atoi(pkg.Fields[eark.NumberOfPage])
	return Exported{Package: pkg.ID(), Dossier: pkg.Fields[eark.FileCode], Documents: len(pkg.Documents), Pages: pages, fields: pkg.Fields}
}

// writeObject copies the object of a document as it is stored.
func (p *Plan) writeObject(ctx context.Context, sink eark.Sink) ([]Exported, error) {
	err := p.s.Keeper.Stored(ctx, p.object, func(name string, info archive.BlobInfo) error {
		w, err := sink.Create(p.want.Document.String()+"/"+name, info.Size, info.Modified)
		if err != nil {
			return err
		}
		b, err := p.s.Blobs.Open(ctx, info.Key)
		if err != nil {
			return err
		}
		n, err := io.Copy(w, b)
		if err == nil && n != info.Size {
			err = &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{info.Key}}
		}
		return errors.Join(err, b.Close())
	})
	if err != nil {
		return nil, err
	}
	return []Exported{{Package: string(p.object), Documents: 1}}, sink.Close()
}

// writeYear writes a package for each dossier, and at the end the list of all
// (mục lục hồ sơ). A dossier that is not kept as a whole is in the list as
// left out.
func (p *Plan) writeYear(ctx context.Context, sink eark.Sink) ([]Exported, error) {
	var done []Exported
	for _, code := range p.all {
		pkg, docs, err := p.whole(ctx, code)
		var problem *sohoa.Problem
		if errors.As(err, &problem) && !errors.Is(err, sohoa.ErrUnavailable) {
			done = append(done, Exported{Dossier: code, Left: problem.Text(sohoa.Vietnamese)})
			continue
		}
		if err != nil {
			return done, err
		}
		if err := p.journal(ctx, docs, detail{"kind": p.want.Kind, "package": pkg.ID()}); err != nil {
			return done, err
		}
		e := exported(pkg)
		if e.METS, err = eark.Write(ctx, eark.Sub(sink, p.name), pkg); err != nil {
			return done, err
		}
		done = append(done, e)
	}
	if err := p.list(sink, done); err != nil {
		return done, err
	}
	return done, sink.Close()
}

// list writes the transfer list, a CSV file that spreadsheets open.
func (p *Plan) list(sink eark.Sink, done []Exported) error {
	var b strings.Builder
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"STT", "Mã hồ sơ", "Tiêu đề hồ sơ", "Bắt đầu", "Kết thúc", "Thời hạn lưu trữ", "Số tài liệu", "Số trang", "Gói tin",
		"SHA-256 của METS.xml", "Ghi chú"})
	for i, e := range done {
		sum := ""
		if !e.METS.IsZero() {
			sum = e.METS.String()
		}
		f := e.fields
		_ = w.Write([]string{strconv.Itoa(i + 1), e.Dossier, f[eark.Title], f[eark.StartDate], f[eark.EndDate], f[eark.Maintenance],
			strconv.Itoa(e.Documents), strconv.Itoa(e.Pages), e.Package, sum, e.Left})
	}
	w.Flush()
	out, err := sink.Create(p.name+"/muc-luc-ho-so.csv", int64(b.Len()), p.s.Now())
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, b.String())
	return err
}

// keyOf makes a file name of a dossier's code.
func keyOf(code string) string {
	return strings.Map(func(r rune) rune {
		if archive.CheckKey("x"+string(r)) == nil && r != '/' {
			return r
		}
		return '_'
	}, code)
}

// day is a time as the circular writes dates.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(sohoa.Hanoi).Format("02/01/2006")
}

// longest is the retention code that keeps for longest; what nothing is known
// of is kept for ever.
func longest(a, b sohoa.RetentionCode) sohoa.RetentionCode {
	a, b = cmp.Or(a, sohoa.RetentionForever), cmp.Or(b, sohoa.RetentionForever)
	return min(a, b)
}
