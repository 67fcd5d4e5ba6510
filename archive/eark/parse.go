package eark

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// metsName is the file that lists the others.
const metsName = "METS.xml"

// metsFile is what is read of METS.xml, whatever its prefixes.
type metsFile struct {
	XMLName xml.Name
	ID      string `xml:"OBJID,attr"`
	Label   string `xml:"LABEL,attr"`
	Header  struct {
		Kind   string `xml:"OAISPACKAGETYPE,attr"`
		Agents []struct {
			Type string `xml:"TYPE,attr"`
			Name string `xml:"name"`
		} `xml:"agent"`
	} `xml:"metsHdr"`
	Descriptions []section `xml:"dmdSec"`
	Admin        []struct {
		Digiprov []section `xml:"digiprovMD"`
		Rights   []section `xml:"rightsMD"`
		Tech     []section `xml:"techMD"`
		Source   []section `xml:"sourceMD"`
	} `xml:"amdSec"`
	Groups []groupXML `xml:"fileSec>fileGrp"`
	Maps   []struct {
		Div divXML `xml:"div"`
	} `xml:"structMap"`
}

type section struct {
	ID   string    `xml:"ID,attr"`
	Refs []fileXML `xml:"mdRef"`
}

type groupXML struct {
	Groups []groupXML `xml:"fileGrp"`
	Files  []fileXML  `xml:"file"`
}

// fileXML is a file, or a reference to metadata.
type fileXML struct {
	ID       string `xml:"ID,attr"`
	Type     string `xml:"MDTYPE,attr"`
	Checksum string `xml:"CHECKSUM,attr"`
	Method   string `xml:"CHECKSUMTYPE,attr"`
	Group    string `xml:"GROUPID,attr"`
	Use      string `xml:"USE,attr"`
	DMD      string `xml:"DMDID,attr"`
	Href     string `xml:"href,attr"`
	At       []struct {
		Href string `xml:"href,attr"`
	} `xml:"FLocat"`
}

type divXML struct {
	Type  string `xml:"TYPE,attr"`
	DMD   string `xml:"DMDID,attr"`
	Files []struct {
		ID string `xml:"FILEID,attr"`
	} `xml:"fptr"`
	Sheets []struct {
		Href string `xml:"href,attr"`
	} `xml:"mptr"`
	Divs []divXML `xml:"div"`
}

func parseMETS(b []byte) (*metsFile, error) {
	var m metsFile
	if err := xml.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	if m.XMLName.Local != "mets" {
		return nil, errors.New("the root element is not mets")
	}
	return &m, nil
}

// metadata are the references to metadata files.
func (m *metsFile) metadata() (out []fileXML) {
	sections := slices.Clone(m.Descriptions)
	for _, a := range m.Admin {
		sections = slices.Concat(sections, a.Digiprov, a.Rights, a.Tech, a.Source)
	}
	for _, s := range sections {
		out = append(out, s.Refs...)
	}
	return out
}

// files are those of all groups.
func (m *metsFile) files() (out []fileXML) {
	var walk func(groups []groupXML)
	walk = func(groups []groupXML) {
		for _, g := range groups {
			out = append(out, g.Files...)
			walk(g.Groups)
		}
	}
	walk(m.Groups)
	return out
}

// divs calls f for all divisions of the structural maps.
func (m *metsFile) divs(f func(divXML)) {
	var walk func(d divXML)
	walk = func(d divXML) {
		f(d)
		for _, k := range d.Divs {
			walk(k)
		}
	}
	for _, s := range m.Maps {
		walk(s.Div)
	}
}

// parseFields reads the fields of a description: those of the circular, each
// an element; or, of EAD 2002 and EAD 3, the title and the identifier.
func parseFields(b []byte, rules []rule) (Fields, error) {
	fields, path := Fields{}, []string{}
	d := xml.NewDecoder(bytes.NewReader(b))
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > maxDepth {
				return nil, errors.New("elements are nested too deeply")
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			fields.take(path, string(t), rules)
		}
	}
}

// maxDepth is how deeply elements of a description may be nested.
const maxDepth = 100

// take takes over text at a place, if it is that of a field.
func (f Fields) take(path []string, text string, rules []rule) {
	name := ""
	if len(path) == 2 {
		name = path[1]
		if other, ok := aliases[name]; ok {
			name = other
		}
	}
	switch strings.Join(path, "/") {
	case "ead/archdesc/did/unittitle":
		name = Title
	case "ead/archdesc/did/unitid":
		name = FileCode
	}
	i := slices.IndexFunc(rules, func(r rule) bool { return r.name == name })
	if text = tidy(text); i >= 0 && text != "" && f[name] == "" {
		f[name] = shorten(text, rules[i].most)
	}
}

// tidy is text on one line, in NFC, without what cannot be seen.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// premisFile is what is read of PREMIS: what objects are said to be.
type premisFile struct {
	Objects []struct {
		ID    string `xml:"objectIdentifier>objectIdentifierValue"`
		Facts []struct {
			Name  string `xml:"significantPropertiesType"`
			Value string `xml:"significantPropertiesValue"`
		} `xml:"significantProperties"`
	} `xml:"object"`
}

// parseFacts reads the facts about objects by their identifiers.
func parseFacts(b []byte) (map[string][]Fact, error) {
	var p premisFile
	if err := xml.Unmarshal(b, &p); err != nil {
		return nil, err
	}
	out := map[string][]Fact{}
	for _, o := range p.Objects {
		for _, f := range o.Facts {
			out[o.ID] = append(out[o.ID], Fact{tidy(f.Name), tidy(f.Value)})
		}
	}
	return out, nil
}

// ParseDate reads DD/MM/YYYY, as the circular has dates, or YYYY-MM-DD.
func ParseDate(s string) (time.Time, bool) {
	for _, form := range []string{"02/01/2006", time.DateOnly} {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
