package eark

import "fmt"

// inElements are the fields of a dossier and of a document that EAD 2002 has an
// element for; the others become notes with their names.
var inElements = map[string]bool{FileCode: true, Title: true, StartDate: true, EndDate: true, DocCode: true, Subject: true,
	OrganName: true, IssuedDate: true}

// ead2002 describes the dossier and its documents for archives that know EAD
// and not the circular.
func (p *Package) ead2002() []byte {
	f := p.Fields
	did := el("did").add(
		value("unittitle", f[Title]),
		value("unitid", f[FileCode]),
		unitDate(f[StartDate], f[EndDate]),
		el("physdesc").add(value("extent", fmt.Sprintf("%d tài liệu, %s trang", len(p.Documents), or(f[NumberOfPage], "0")))),
		el("langmaterial").add(value("language", "Tiếng Việt", "langcode", "vie")),
		el("repository").add(value("corpname", or(p.Agency.Name, p.Agency.Code))))
	desc := el("archdesc", "level", "file").add(did).add(f.notes(dossierRules)...)
	list := el("dsc", "type", "in-depth")
	for _, d := range p.Documents {
		list.add(p.item(d))
	}
	if len(list.kids) > 0 {
		desc.add(list)
	}
	head := el("eadheader").add(
		value("eadid", p.ID()),
		el("filedesc").add(el("titlestmt").add(value("titleproper", or(f[Title], p.Label)))),
		el("profiledesc").add(el("creation").add(value("date", moment(p.Created)))))
	return el("ead", "xmlns", "urn:isbn:1-931666-22-9", "xmlns:xlink", "http://www.w3.org/1999/xlink").add(head, desc).document()
}

// item describes one document.
func (p *Package) item(d Document) *element {
	did := el("did").add(
		value("unittitle", or(d.Fields[Subject], d.Fields[DocCode])),
		value("unitid", d.Fields[DocCode]),
		unitDate(d.Fields[IssuedDate], ""))
	if organ := d.Fields[OrganName]; organ != "" {
		did.add(el("origination").add(value("corpname", organ)))
	}
	return el("c", "level", "item").add(did).add(d.Fields.notes(documentRules)...)
}

// notes are the fields that EAD 2002 has no element for.
func (f Fields) notes(rules []rule) (out []*element) {
	for _, r := range rules {
		if inElements[r.name] || f[r.name] == "" {
			continue
		}
		out = append(out, el("odd", "type", r.name).add(value("p", f[r.name])))
	}
	return out
}

func unitDate(from, to string) *element {
	switch {
	case from == "" && to == "":
		return nil
	case from == "" || to == "" || from == to:
		return value("unitdate", or(from, to))
	}
	return value("unitdate", from+" – "+to, "type", "inclusive")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
