package eark

import (
	"path"
	"strconv"
	"time"

	"sohoa"
)

// entry is a file of the package in the making, as METS lists it.
type entry struct {
	path      string // in the package
	data      []byte // of what was made here
	file      *File  // or what is copied
	mediaType string
	size      int64
	digest    sohoa.Digest
	group     string // docCode of the document that it is of
	dmd       string // ID of the section with its description
}

func made(name string, data []byte, mediaType string) entry {
	return entry{path: name, data: data, mediaType: mediaType, size: int64(len(data)), digest: sohoa.Sum(data)}
}

// sheet is a METS file in the making: of the package, or of a representation
// of it in the folder base.
type sheet struct {
	p     *Package
	base  string
	id    string // OBJID
	label string
	kind  string // of the representation

	descriptions []description
	premis       entry
	groups       []group
	pointers     []pointer
}

// description is a file with descriptive metadata.
type description struct {
	entry
	mdType, other, version string
}

// group is files by their use.
type group struct {
	use   string
	files []entry
}

// pointer leads to the METS file of a representation, which is in a group.
type pointer struct {
	entry
	use string
}

// ref is an xs:ID of this file. AIP9 wants those of files to begin so.
func (s *sheet) ref(parts ...string) string {
	return "ID-" + uuid(append([]string{s.p.ID(), s.base}, parts...)...)
}

func (s *sheet) relative(name string) string {
	if s.base == "" {
		return name
	}
	return name[len(s.base)+1:]
}

// mets is METS.xml by CSIP 2.0.4; the comments name its requirements.
func (s *sheet) mets() []byte {
	up := ""
	if s.base != "" {
		up = "../../"
	}
	root := el("mets", "xmlns", "http://www.loc.gov/METS/", "xmlns:csip", "https://DILCIS.eu/XML/METS/CSIPExtensionMETS",
		"xmlns:sip", "https://DILCIS.eu/XML/METS/SIPExtensionMETS", "xmlns:xlink", "http://www.w3.org/1999/xlink",
		"xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance",
		"xsi:schemaLocation", "http://www.loc.gov/METS/ "+up+"schemas/mets1_12.xsd",
		"OBJID", s.id, "LABEL", s.label, "TYPE", "Mixed", "csip:CONTENTINFORMATIONTYPE", "MIXED", "PROFILE", profiles[s.p.Kind])
	root.add(s.header())
	for _, d := range s.descriptions {
		root.add(el("dmdSec", "ID", s.ref("dmd", d.path), "CREATED", moment(s.p.Created), "STATUS", "CURRENT").add(
			s.reference(d.entry, "MDTYPE", d.mdType, "OTHERMDTYPE", d.other, "MDTYPEVERSION", d.version)))
	}
	root.add(el("amdSec", "ID", s.ref("amd")).add(
		el("digiprovMD", "ID", s.ref("premis"), "CREATED", moment(s.p.Created), "STATUS", "CURRENT").add(
			s.reference(s.premis, "MDTYPE", "PREMIS", "MDTYPEVERSION", "3.0"))))
	return root.add(s.fileSec(), s.structMap()).document()
}

// header names who made the package (CSIP10 to 16), who gives it (SIP15) and
// who gets it (SIP9).
func (s *sheet) header() *element {
	now := moment(s.p.Created)
	h := el("metsHdr", "CREATEDATE", now, "LASTMODDATE", now, "RECORDSTATUS", "NEW", "csip:OAISPACKAGETYPE", string(s.p.Kind))
	h.add(el("agent", "ROLE", "CREATOR", "TYPE", "OTHER", "OTHERTYPE", "SOFTWARE").add(
		value("name", "sohoa"), value("note", or(s.p.Version, "unknown"), "csip:NOTETYPE", "SOFTWARE VERSION")))
	organisation := func(role string) *element {
		a := el("agent", "ROLE", role, "TYPE", "ORGANIZATION").add(value("name", or(s.p.Agency.Name, s.p.Agency.Code)))
		if s.p.Agency.Code != "" {
			a.add(value("note", s.p.Agency.Code, "csip:NOTETYPE", "IDENTIFICATIONCODE"))
		}
		return a
	}
	h.add(organisation("ARCHIVIST"), organisation("CREATOR"))
	if s.p.Recipient != "" {
		h.add(el("agent", "ROLE", "PRESERVATION", "TYPE", "ORGANIZATION").add(value("name", s.p.Recipient)))
	}
	return h
}

// reference points to a metadata file.
func (s *sheet) reference(e entry, kind ...string) *element {
	return el("mdRef", append([]string{"ID", s.ref("ref", e.path), "LOCTYPE", "URL", "xlink:type", "simple", "xlink:href", s.relative(e.path),
		"MIMETYPE", "text/xml", "SIZE", strconv.FormatInt(e.size, 10), "CREATED", moment(s.p.Created),
		"CHECKSUM", e.digest.String(), "CHECKSUMTYPE", "SHA-256"}, kind...)...)
}

func (s *sheet) fileSec() *element {
	sec := el("fileSec", "ID", s.ref("files"))
	for _, g := range s.groups {
		grp := el("fileGrp", "ID", s.ref("group", g.use), "USE", g.use)
		for _, e := range g.files {
			grp.add(el("file", "ID", s.ref("file", e.path), "MIMETYPE", e.mediaType, "SIZE", strconv.FormatInt(e.size, 10),
				"CREATED", moment(e.created(s.p)), "CHECKSUM", e.digest.String(), "CHECKSUMTYPE", "SHA-256",
				"GROUPID", e.group, "USE", e.use(), "DMDID", e.dmd).add(
				el("FLocat", "LOCTYPE", "URL", "xlink:type", "simple", "xlink:href", s.relative(e.path))))
		}
		sec.add(grp)
	}
	return sec
}

func (s *sheet) structMap() *element {
	metadata := el("div", "ID", s.ref("div", "Metadata"), "LABEL", "Metadata", "ADMID", s.ref("premis"))
	dmd := ""
	for _, d := range s.descriptions {
		if dmd != "" {
			dmd += " "
		}
		dmd += s.ref("dmd", d.path)
	}
	metadata.attrs = append(metadata.attrs, "DMDID", dmd)
	top := el("div", "ID", s.ref("div"), "TYPE", s.kind, "LABEL", s.id).add(metadata)
	for _, g := range s.groups {
		if len(s.pointers) > 0 && path.Dir(g.use) == "Representations" {
			continue
		}
		top.add(el("div", "ID", s.ref("div", g.use), "LABEL", g.use).add(el("fptr", "FILEID", s.ref("group", g.use))))
	}
	for _, p := range s.pointers {
		top.add(el("div", "ID", s.ref("div", p.use), "LABEL", p.use).add(
			el("mptr", "LOCTYPE", "URL", "xlink:type", "simple", "xlink:href", p.path, "xlink:title", s.ref("group", p.use))))
	}
	return el("structMap", "ID", s.ref("map"), "TYPE", "PHYSICAL", "LABEL", "CSIP").add(top)
}

// use marks what is no document of its own.
func (e entry) use() string {
	if e.file != nil && e.file.Rep == RepOriginal && e.file.Part != "" {
		return usePage
	}
	return ""
}

func (e entry) created(p *Package) time.Time {
	if e.file != nil && !e.file.Created.IsZero() {
		return e.file.Created
	}
	return p.Created
}
