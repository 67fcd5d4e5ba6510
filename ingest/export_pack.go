package ingest

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive/eark"
)

// Names of facts in packages, which are read again by Import.
const (
	factName      = "name" // of the file, as it was brought
	factOwner     = "owner.name"
	factOwnerID   = "owner.idNumber"
	factProcedure = "procedure"
	factAgency    = "agency"
	factSubject   = "subject"
	factType      = "type"
	factForce     = "force"
	factFrom      = "validFrom"
	factUntil     = "validUntil"
	factScope     = "scope"
	factRevoked   = "revoked.at"
	factDecision  = "revoked.decision"
	factReason    = "revoked.reason"
	factReplaced  = "replaced.at"
	factBy        = "replaced.by"
	factTypeName  = "typeName"
)

// pack makes a package of documents of one dossier.
func (p *Plan) pack(ctx context.Context, code string, docs []sohoa.Document) (*eark.Package, error) {
	dossier, err := p.s.Catalog.Dossier(ctx, p.want.Scope, code)
	if err != nil {
		return nil, err
	}
	agency, procedure, err := p.s.Names(ctx, dossier)
	if err != nil {
		return nil, err
	}
	pkg := &eark.Package{Kind: p.want.Kind, Created: p.s.Now(), Label: titleOf(dossier, procedure), Agency: agency, Version: p.want.Version,
		Fields: dossierFields(dossier, procedure, docs),
		Facts: []eark.Fact{{Name: factOwner, Value: dossier.Owner.Name}, {Name: factOwnerID, Value: dossier.Owner.IDNumber},
			{Name: factProcedure, Value: dossier.Procedure}, {Name: "procedure.name", Value: procedure.Name},
			{Name: factAgency, Value: dossier.Agency}, {Name: factSubject, Value: dossier.Subject}}}
	people := &cast{pkg: pkg, seen: map[string]bool{}}
	if people.names, err = p.s.fullNames(ctx); err != nil {
		return nil, err
	}
	pkg.Events = []eark.Event{{Type: "information package creation", Time: pkg.Created, Outcome: success, Agent: people.of(p.want.Actor),
		Detail: string(p.want.Kind)}}
	for i, doc := range docs {
		d, err := p.packed(ctx, doc, people)
		if err != nil {
			return nil, err
		}
		d.Serial = i + 1
		d.Fields[eark.DocCode] = fmt.Sprintf("%s.%07d", dossier.Code, d.Serial)
		pkg.Documents = append(pkg.Documents, d)
		if p.want.Kind == eark.AIP {
			if err := p.addRecord(ctx, pkg, doc, d.Fields[eark.DocCode]); err != nil {
				return nil, err
			}
		}
	}
	return pkg, nil
}

func titleOf(d sohoa.Dossier, procedure sohoa.Procedure) string {
	for _, s := range []string{d.Subject, procedure.Name} {
		if s != "" {
			return s
		}
	}
	return d.Code
}

// dossierFields are the fields of EAD.xml that are known here. How many sheets
// of paper there are, in what state, and where they lie nobody has entered.
func dossierFields(d sohoa.Dossier, procedure sohoa.Procedure, docs []sohoa.Document) eark.Fields {
	f := eark.Fields{eark.FileCode: d.Code, eark.Title: titleOf(d, procedure), eark.Mode: modeConditional, eark.Language: "01",
		eark.StartDate: day(d.CreatedAt), eark.TotalDoc: strconv.Itoa(len(docs))}
	pages, keep, end := 0, docs[0].Life.Retention.Code, docs[0].AcceptedAt
	for _, doc := range docs {
		pages += doc.Pages
		keep = longest(keep, doc.Life.Retention.Code)
		if doc.AcceptedAt.After(end) {
			end = doc.AcceptedAt
		}
		if c := confidence(doc); f[eark.ConfidenceLevel] == "" {
			f[eark.ConfidenceLevel] = c
		} else if f[eark.ConfidenceLevel] != c {
			f[eark.ConfidenceLevel] = confidenceMixed
		}
	}
	f[eark.NumberOfPage], f[eark.Maintenance], f[eark.EndDate] = strconv.Itoa(pages), string(longest(keep, keep)), day(end)
	return f
}

// Codes of the circular.
const (
	modeConditional   = "02" // personal papers are given out on conditions
	confidenceBorn    = "01" // gốc điện tử
	confidenceScanned = "02" // số hóa
	confidenceMixed   = "03" // hỗn hợp
)

func confidence(doc sohoa.Document) string {
	if doc.Master == sohoa.MasterOriginal {
		return confidenceBorn
	}
	return confidenceScanned
}

// packed is a document with its files.
func (p *Plan) packed(ctx context.Context, doc sohoa.Document, people *cast) (eark.Document, error) {
	d := eark.Document{ID: doc.ID.String(), Fields: documentFields(doc), Facts: p.facts(doc)}
	if text := p.forceText(doc); text != "" {
		d.Fields[eark.Description] = text
	}
	history, err := p.s.Catalog.History(ctx, doc.ID)
	if err != nil {
		return d, err
	}
	d.Events = people.events(doc, history)
	pages, err := p.s.Catalog.Pages(ctx, doc.ID)
	if err != nil {
		return d, err
	}
	files, err := p.s.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return d, err
	}
	signed := false
	for _, f := range files {
		signed = signed || f.Role == sohoa.RoleSigned
	}
	for _, f := range files {
		if e, ok := placeOf(p.want.Kind, doc, f, signed, pages); ok {
			e.Size, e.Digest, e.MediaType, e.Created = f.Size, f.Digest, f.MediaType, doc.KeptAt
			e.Open = p.opener(f.Key)
			d.Files = append(d.Files, e)
		}
	}
	return d, nil
}

func (p *Plan) opener(key string) func(context.Context) (io.ReadCloser, error) {
	return func(ctx context.Context) (io.ReadCloser, error) {
		b, err := p.s.Blobs.Open(ctx, key)
		if err != nil {
			return nil, err
		}
		return b, nil
	}
}

// placeOf says where a file belongs in a package. Users get what is signed
// and what is for reading; that an unsigned rendition lies beside the signed
// one tells only archives something.
func placeOf(kind eark.Kind, doc sohoa.Document, f sohoa.File, signed bool, pages []sohoa.Page) (eark.File, bool) {
	archives := kind != eark.DIP
	switch f.Role {
	case sohoa.RoleSigned:
		return eark.File{Rep: eark.RepKept, Format: "PDF, PAdES"}, true
	case sohoa.RolePDF:
		e := eark.File{Rep: eark.RepKept, Format: formatOf(doc)}
		if signed {
			e.Part = "unsigned"
		}
		return e, !signed || archives && f.Digest != doc.Digest
	case sohoa.RoleAccess:
		return eark.File{Rep: eark.RepAccess, Format: formatOf(doc)}, true
	case sohoa.RoleOriginal:
		return eark.File{Rep: eark.RepOriginal, Name: doc.Name}, archives
	case sohoa.RoleText:
		return eark.File{Rep: eark.RepText, Part: fmt.Sprintf("%04d", f.Page), Format: "sohoa page text"}, archives
	case sohoa.RoleImage:
		other := f.Page <= len(pages) && f.Page > 0 && pagePath(pages[f.Page-1]) != ""
		return eark.File{Rep: eark.RepOriginal, Part: fmt.Sprintf("page-%04d", f.Page)}, archives && other
	}
	return eark.File{}, false
}

func formatOf(doc sohoa.Document) string {
	if doc.Master == sohoa.MasterPDFA {
		return "PDF/A-2u"
	}
	return ""
}

// addRecord adds the record of the storage root, from which a catalogue can be
// rebuilt.
func (p *Plan) addRecord(ctx context.Context, pkg *eark.Package, doc sohoa.Document, code string) error {
	f, err := p.s.file(ctx, doc.ID, sohoa.RoleMetadata, 0)
	if err != nil {
		return err
	}
	pkg.Notes = append(pkg.Notes, eark.File{Name: code + ".metadata.json", MediaType: f.MediaType, Size: f.Size, Digest: f.Digest,
		Created: doc.KeptAt, Open: p.opener(f.Key)})
	return nil
}

// typeCodes are the codes of kinds of documents that are known to us (TT
// 05/2025/TT-BNV, typeName). Other kinds are written by name.
var typeCodes = map[string]string{"nghị quyết": "01", "quyết định": "02", "biên bản": "20", "công văn": "22"}

// documentFields are the fields of EAD_doc.xml.
func documentFields(doc sohoa.Document) eark.Fields {
	f := eark.Fields{eark.DocID: doc.ID.String(), eark.Maintenance: string(longest(doc.Life.Retention.Code, doc.Life.Retention.Code)),
		eark.Language: "01", eark.Mode: modeConditional, eark.ConfidenceLevel: confidence(doc), eark.NumberOfPage: strconv.Itoa(doc.Pages)}
	for _, v := range doc.Valued() {
		switch v.Name {
		case sohoa.FieldIssuedDate:
			f[v.Name] = v.Value
			if t, ok := eark.ParseDate(v.Value); ok {
				f[v.Name] = t.Format("02/01/2006")
			}
		case sohoa.FieldTypeName:
			f[v.Name] = v.Value
			if code, ok := typeCodes[strings.ToLower(v.Value)]; ok {
				f[v.Name] = code
			}
		default:
			f[v.Name] = v.Value
		}
	}
	return f
}

// facts are what the circular has no field for.
func (p *Plan) facts(doc sohoa.Document) []eark.Fact {
	l := doc.Life
	out := []eark.Fact{{Name: factName, Value: doc.Name}, {Name: factType, Value: l.Type},
		{Name: factForce, Value: string(l.Force(p.s.Now()))}, {Name: factFrom, Value: string(l.ValidFrom)},
		{Name: factUntil, Value: string(l.ValidUntil)}, {Name: factScope, Value: l.Scope}, {Name: "signature", Value: string(doc.Signature)},
		{Name: "retention.basis", Value: l.Retention.Basis}, {Name: "retention.due", Value: string(l.Retention.Due)}}
	if r := l.Revoked; r != nil {
		out = append(out, eark.Fact{Name: factRevoked, Value: stamp(r.At)}, eark.Fact{Name: factDecision, Value: r.Decision},
			eark.Fact{Name: factReason, Value: r.Reason})
	}
	if r := l.Replaced; r != nil {
		out = append(out, eark.Fact{Name: factReplaced, Value: stamp(r.At)}, eark.Fact{Name: factBy, Value: r.By.String()})
	}
	for _, v := range doc.Valued() {
		if v.Name == sohoa.FieldTypeName {
			out = append(out, eark.Fact{Name: factTypeName, Value: v.Value})
		}
		if v.Confirmed {
			out = append(out, eark.Fact{Name: "confirmed", Value: v.Name})
		}
	}
	return out
}

// forceText says in a sentence that a result is of no force.
func (p *Plan) forceText(doc sohoa.Document) string {
	l := doc.Life
	switch l.Force(p.s.Now()) {
	case sohoa.ForceRevoked:
		return fmt.Sprintf("Hủy hiệu lực từ %s theo %s. Lý do: %s", day(l.Revoked.At), l.Revoked.Decision, l.Revoked.Reason)
	case sohoa.ForceReplaced:
		return fmt.Sprintf("Được thay thế từ %s bằng tài liệu %s", day(l.Replaced.At), l.Replaced.By)
	case sohoa.ForceExpired:
		return "Hết hiệu lực sau ngày " + string(l.ValidUntil)
	case sohoa.ForceNotYet:
		return "Chưa có hiệu lực trước ngày " + string(l.ValidFrom)
	}
	return ""
}
