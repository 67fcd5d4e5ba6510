package pdfa

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"
)

// metadata checks the XMP packet and that it says the same as Info.
func (l *linter) metadata(v any) {
	_, obj := l.stream(v, "metadata", "Type=Metadata Subtype=XML")
	b := l.body(obj, "metadata")
	l.check(bytes.HasPrefix(b, []byte(packetStart)) && bytes.HasSuffix(b, []byte(packetEnd)), "metadata: no packet")
	got, err := parseXMP(b)
	l.check(err == nil, "metadata: %v", err)
	l.check(got[nsPart+" part"] == "2" && got[nsPart+" conformance"] == "U", "metadata: not PDF/A-2u")
	for key, property := range map[string]string{"Title": nsDC + " title", "Subject": nsDC + " description",
		"Producer": nsPDF + " Producer", "CreationDate": nsXMP + " CreateDate", "ModDate": nsXMP + " ModifyDate"} {
		want := ""
		if s, ok := l.info[key].(text); ok {
			want = decodeText(s.bytes)
		}
		if strings.HasPrefix(property, nsXMP) && want != "" {
			want = isoDate(want)
		}
		l.check(got[property] == want, "metadata: %s is %q, Info says %q", property, got[property], want)
	}
}

// xmpNames are the elements that our packets have. What is not listed would
// need an extension schema, or means nothing.
var xmpNames = map[string]bool{
	nsX + " xmpmeta": true, nsRDF + " RDF": true, nsRDF + " Description": true, nsRDF + " Alt": true, nsRDF + " Bag": true, nsRDF + " li": true,
	nsPart + " part": true, nsPart + " conformance": true, nsDC + " title": true, nsDC + " description": true, nsDC + " language": true,
	nsDC + " identifier": true, nsXMP + " CreateDate": true, nsXMP + " ModifyDate": true, nsPDF + " Producer": true,
}

// parseXMP returns the text of each property by namespace and name.
func parseXMP(b []byte) (map[string]string, error) {
	out := map[string]string{}
	d := xml.NewDecoder(bytes.NewReader(b))
	var path []string // of open elements that are properties
	for {
		t, err := d.Token()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := t.Name.Space + " " + t.Name.Local
			if !xmpNames[n] {
				return nil, fmt.Errorf("element %q", n)
			}
			if path, err = openProperty(path, n, out); err != nil {
				return nil, err
			}
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if len(path) > 3 {
				out[path[3]] += strings.Trim(string(t), "\n")
			}
		}
	}
}

// openProperty notes an opened element. Properties are the fourth level, and
// none comes twice.
func openProperty(path []string, n string, out map[string]string) ([]string, error) {
	if len(path) == 3 {
		if _, twice := out[n]; twice || strings.HasPrefix(n, nsRDF) {
			return nil, fmt.Errorf("property %q comes twice, or is none", n)
		}
		out[n] = ""
	}
	if len(path) > 8 {
		return nil, errors.New("elements are nested too deeply")
	}
	return append(path, n), nil
}

// decodeText reads a text string: UTF-16BE with a mark, or ASCII.
func decodeText(b []byte) string {
	rest, ok := bytes.CutPrefix(b, []byte{0xFE, 0xFF})
	if !ok {
		return string(b)
	}
	units := make([]uint16, len(rest)/2)
	for i := range units {
		units[i] = uint16(rest[2*i])<<8 | uint16(rest[2*i+1])
	}
	return string(utf16.Decode(units))
}

// isoDate is a date of Info as XMP writes it, or "" if it is not one of ours.
func isoDate(s string) string {
	t, err := time.Parse("D:20060102150405+00'00'", s)
	if err != nil {
		return ""
	}
	return t.Format("2006-01-02T15:04:05+00:00")
}
