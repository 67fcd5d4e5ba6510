package ingest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/eark"
	"sohoa/ingest/raster"
)

// ImportRequest is a package that somebody brings.
type ImportRequest struct {
	Actor   string
	Purpose string
	Scope   sohoa.Scope
	Dossier string // into which it goes; empty is the one that the package names, made if there is none
	Agency  string // of a dossier that is made, if the package names none that is known here
	Version string // of the program
}

// Imported says what became of a package.
type Imported struct {
	Package   string             `json:"package"` // its identifier
	Creator   string             `json:"creator,omitempty"`
	Dossier   string             `json:"dossier"`
	Made      bool               `json:"made"` // the dossier is new
	Documents []ImportedDocument `json:"documents"`
}

// ImportedDocument is a document of a package.
type ImportedDocument struct {
	sohoa.Document
	Path     string `json:"path"`     // in the package
	Existing bool   `json:"existing"` // it was here already
}

// Import takes the documents of a package in, each by Accept. Before the
// first, everything was checked; if anything is wrong the error is eark.Faults
// and nothing was taken. Doing it again gives the same documents, so that an
// import that was interrupted is simply repeated.
func (s *Service) Import(ctx context.Context, src *eark.Source, r ImportRequest) (Imported, error) {
	pkg, err := eark.Read(ctx, src)
	if err != nil {
		return Imported{}, err
	}
	if err := acceptable(pkg); err != nil {
		return Imported{}, err
	}
	out := Imported{Package: pkg.ID, Creator: pkg.Creator}
	if out.Dossier, out.Made, err = s.importDossier(ctx, pkg, r); err != nil {
		return out, err
	}
	for _, d := range pkg.Documents {
		doc, existing, err := s.importDocument(ctx, pkg, d, r, out.Dossier)
		if err != nil {
			return out, fmt.Errorf("import %s: %w", d.Path, err)
		}
		out.Documents = append(out.Documents, ImportedDocument{Document: doc, Path: d.Path, Existing: existing})
	}
	return out, nil
}

// acceptable reports as eark.Faults which documents of a package are no papers
// that we take.
func acceptable(pkg *eark.Received) error {
	var faults eark.Faults
	for _, d := range pkg.Documents {
		mediaType, err := sniffed(d)
		switch {
		case err != nil:
			faults = append(faults, sohoa.AsProblem(err))
		case d.Size == 0:
			faults = append(faults, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.empty", Args: []string{d.Path}})
		case mediaType != "":
			faults = append(faults, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "file.type", Args: []string{d.Path, mediaType}})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// sniffed is the type of a document that we do not take; empty for those that
// we do.
func sniffed(d eark.ReceivedDocument) (string, error) {
	r, err := d.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	head, err := bufio.NewReaderSize(r, sniffBytes).Peek(sniffBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	mediaType, ok := raster.Sniff(head)
	if ok {
		return "", nil
	}
	return mediaType, nil
}

// importDossier finds the dossier that a package goes into, or makes it.
func (s *Service) importDossier(ctx context.Context, pkg *eark.Received, r ImportRequest) (code string, made bool, err error) {
	facts := factsOf(pkg.Facts)
	d := sohoa.Dossier{Code: r.Dossier, Procedure: facts[factProcedure], Subject: pkg.Fields[eark.Title], CreatedBy: r.Actor, CreatedAt: s.Now().UTC(),
		Owner: sohoa.Owner{Name: facts[factOwner], IDNumber: facts[factOwnerID]}}
	if d.Code == "" {
		d.Code = pkg.Fields[eark.FileCode]
	}
	if subject, ours := facts[factSubject]; ours {
		d.Subject = subject
	}
	if t, ok := eark.ParseDate(pkg.Fields[eark.StartDate]); ok && !t.After(s.Now()) {
		d.CreatedAt = t.Add(-7 * time.Hour).UTC() // midnight in Việt Nam
	}
	if err := d.Check(); err != nil {
		return "", false, err
	}
	if d.Agency, err = s.importAgency(ctx, facts[factAgency], r); err != nil {
		return "", false, err
	}
	err = s.Catalog.Update(ctx, func(tx archive.Tx) error {
		made = false
		have, err := tx.Dossier(d.Code)
		if err == nil {
			if !r.Scope.Includes(have.Agency) {
				return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "import.dossier", Args: []string{d.Code}}
			}
			return nil
		}
		if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if !r.Scope.Includes(d.Agency) {
			return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "import.agency", Args: []string{d.Agency}}
		}
		made = true
		if err := tx.PutDossier(d); err != nil {
			return err
		}
		e := sohoa.Entry{Actor: r.Actor, Action: sohoa.ActionDossier, Dossier: d.Code, Purpose: r.Purpose}
		return s.append(tx, e, detail{"package": pkg.ID})
	})
	return d.Code, made, err
}

// importAgency is the agency of a dossier that has to be made: the package's
// if it is listed here and whoever imports may enter its papers.
func (s *Service) importAgency(ctx context.Context, theirs string, r ImportRequest) (string, error) {
	agencies, err := s.Catalog.Agencies(ctx)
	if err != nil {
		return "", err
	}
	known := slices.ContainsFunc(agencies, func(a sohoa.Agency) bool { return a.Code == theirs })
	if known && r.Scope.Includes(theirs) || r.Agency == "" {
		return theirs, nil
	}
	return r.Agency, nil
}

// importDocument takes one document in, with what the package says of it.
func (s *Service) importDocument(ctx context.Context, pkg *eark.Received, d eark.ReceivedDocument, r ImportRequest, dossier string) (sohoa.Document, bool, error) {
	body, err := d.Open()
	if err != nil {
		return sohoa.Document{}, false, err
	}
	defer body.Close()
	facts := factsOf(d.Facts)
	req := Request{Dossier: dossier, Name: d.Name, Actor: r.Actor, Purpose: r.Purpose, Body: body, Size: d.Size}
	if name := facts[factName]; name != "" {
		req.Name = name
	}
	req.within = func(tx archive.Tx, doc *sohoa.Document) error {
		if doc.Digest != d.Digest {
			return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "package.digest", Args: []string{d.Path}}
		}
		doc.Fields, doc.Life = broughtFields(d.Fields, facts), broughtLife(facts, r.Actor, s.Now().UTC())
		if code := sohoa.RetentionCode(d.Fields[eark.Maintenance]); len(code) == 2 && code >= sohoa.RetentionForever && code < sohoa.RetentionOther {
			doc.Life.Retention.Code = code
		}
		return s.append(tx, sohoa.Entry{Actor: r.Actor, Action: sohoa.ActionImport, Document: doc.ID, Dossier: dossier, Purpose: r.Purpose},
			detail{"package": pkg.ID, "creator": pkg.Creator, "path": d.Path, "docCode": d.Code})
	}
	return s.Accept(ctx, req)
}

// factsOf are facts by name, the first of each.
func factsOf(list []eark.Fact) map[string]string {
	out := map[string]string{}
	for _, f := range list {
		if _, have := out[f.Name]; !have {
			out[f.Name] = f.Value
		}
	}
	return out
}

// ruleBrought is the rule of fields that came with a package.
const ruleBrought = sohoa.RulePackage

// broughtFields are the fields that a package gives a document. Nobody here
// has compared them with the paper.
func broughtFields(f eark.Fields, facts map[string]string) (out []sohoa.Field) {
	for _, name := range []string{sohoa.FieldTypeName, sohoa.FieldCodeNumber, sohoa.FieldCodeNotation, sohoa.FieldIssuedDate,
		sohoa.FieldOrganName, sohoa.FieldSubject} {
		v := sohoa.Field{Name: name, Value: f[name], Text: f[name], Rule: ruleBrought, Page: 1}
		if t, ok := eark.ParseDate(v.Value); ok && name == sohoa.FieldIssuedDate {
			v.Value = t.Format(time.DateOnly)
		}
		for typeName, code := range typeCodes {
			if name == sohoa.FieldTypeName && v.Value == code {
				v.Value = typeName
			}
		}
		if name == sohoa.FieldTypeName && facts[factTypeName] != "" {
			v.Value = facts[factTypeName]
		}
		if v.Value != "" {
			out = append(out, v)
		}
	}
	return out
}

// withBrought is what was found on the pages beside what came with a package,
// which people wrote.
func withBrought(have, found []sohoa.Field) []sohoa.Field {
	out := slices.DeleteFunc(slices.Clone(have), func(f sohoa.Field) bool { return f.Rule != ruleBrought })
	for _, f := range found {
		if !slices.ContainsFunc(out, func(b sohoa.Field) bool { return b.Name == f.Name }) {
			out = append(out, f)
		}
	}
	return out
}

// broughtLife is what the archive that a document comes from had decided. A
// result that was of no force there is of none here.
func broughtLife(facts map[string]string, actor string, now time.Time) sohoa.Life {
	l := sohoa.Life{Type: facts[factType], Scope: facts[factScope], ValidFrom: sohoa.Date(facts[factFrom]), ValidUntil: sohoa.Date(facts[factUntil])}
	if l.ValidFrom.Check() != nil {
		l.ValidFrom = ""
	}
	if l.ValidUntil.Check() != nil {
		l.ValidUntil = ""
	}
	if at, err := time.Parse(time.RFC3339, facts[factRevoked]); err == nil {
		l.Revoked = &sohoa.Revocation{At: at.UTC(), Decision: facts[factDecision], Reason: facts[factReason], By: actor, Entered: now}
	}
	if at, err := time.Parse(time.RFC3339, facts[factReplaced]); err == nil {
		l.Replaced = &sohoa.Replacement{At: at.UTC(), Decision: strings.TrimSpace(facts[factBy]), Actor: actor, Entered: now}
	}
	return l
}
