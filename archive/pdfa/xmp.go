package pdfa

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The namespaces that our packets use. All schemas are predefined by the XMP
// specification or by PDF/A, so no extension schema description is needed
// (ISO 19005-2, 6.6.2.3).
const (
	nsX    = "adobe:ns:meta/"
	nsRDF  = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC   = "http://purl.org/dc/elements/1.1/"
	nsXMP  = "http://ns.adobe.com/xap/1.0/"
	nsPDF  = "http://ns.adobe.com/pdf/1.3/"
	nsPart = "http://www.aiim.org/pdfa/ns/id/"
)

const (
	packetStart = "<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
	packetEnd   = "<?xpacket end=\"w\"?>"
)

// xmpPacket is the metadata stream: uncompressed, so that tools which know no
// PDF can find it, and padded, so that they can edit it in place.
func xmpPacket(o Options) streamData {
	var b bytes.Buffer
	b.WriteString(packetStart)
	fmt.Fprintf(&b, "<x:xmpmeta xmlns:x=%q>\n<rdf:RDF xmlns:rdf=%q>\n<rdf:Description rdf:about=\"\"", nsX, nsRDF)
	fmt.Fprintf(&b, " xmlns:dc=%q xmlns:xmp=%q xmlns:pdf=%q xmlns:pdfaid=%q>\n", nsDC, nsXMP, nsPDF, nsPart)
	b.WriteString("<pdfaid:part>2</pdfaid:part>\n<pdfaid:conformance>U</pdfaid:conformance>\n")
	property(&b, "dc:title", o.Title, `<rdf:Alt><rdf:li xml:lang="x-default">`, "</rdf:li></rdf:Alt>")
	property(&b, "dc:description", o.Subject, `<rdf:Alt><rdf:li xml:lang="x-default">`, "</rdf:li></rdf:Alt>")
	property(&b, "dc:language", o.Language, "<rdf:Bag><rdf:li>", "</rdf:li></rdf:Bag>")
	property(&b, "dc:identifier", o.Identifier, "", "")
	if !o.Created.IsZero() {
		date := o.Created.Format("2006-01-02T15:04:05+00:00")
		property(&b, "xmp:CreateDate", date, "", "")
		property(&b, "xmp:ModifyDate", date, "", "")
	}
	property(&b, "pdf:Producer", o.Producer, "", "")
	b.WriteString("</rdf:Description>\n</rdf:RDF>\n</x:xmpmeta>\n")
	for range 20 {
		b.WriteString(strings.Repeat(" ", 99) + "\n")
	}
	b.WriteString(packetEnd)
	return streamData{pieces: [][]byte{b.Bytes()}}
}

// property writes one property, unless its text is empty.
func property(b *bytes.Buffer, name, text, open, end string) {
	if text == "" {
		return
	}
	fmt.Fprintf(b, "<%s>%s", name, open)
	xml.EscapeText(b, []byte(text)) // a bytes.Buffer does not fail
	fmt.Fprintf(b, "%s</%s>\n", end, name)
}

// cleanText makes s one line of NFC text without characters that XML 1.0
// forbids or that say nothing.
func cleanText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !writable(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return norm.NFC.String(strings.Join(strings.Fields(s), " "))
}

// writable reports whether r may stand in text that people copy: no control
// or private characters, no non-characters (ISO 19005-2, 6.2.11.7.2 forbids
// U+0000, U+FEFF and U+FFFE), no direction overrides.
func writable(r rune) bool {
	switch {
	case r == 0xFEFF, r&0xFFFE == 0xFFFE, r >= 0xFDD0 && r <= 0xFDEF:
		return false
	case r == 0x200E, r == 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
		return false
	}
	return !unicode.In(r, unicode.Cc, unicode.Co, unicode.Cs)
}
