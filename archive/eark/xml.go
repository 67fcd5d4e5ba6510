package eark

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"sohoa"
)

// element is an XML element to be written: its text, or its children.
type element struct {
	name  string
	attrs []string // names and values by turns; an empty value is left out
	text  string
	kids  []*element
}

// el makes an element with attributes.
func el(name string, attrs ...string) *element { return &element{name: name, attrs: attrs} }

// value makes an element with text.
func value(name, text string, attrs ...string) *element {
	return &element{name: name, text: text, attrs: attrs}
}

// add adds children, without those that are nil, and returns e.
func (e *element) add(kids ...*element) *element {
	for _, k := range kids {
		if k != nil {
			e.kids = append(e.kids, k)
		}
	}
	return e
}

// document writes e as an XML document. What XML cannot carry becomes the
// replacement character.
func (e *element) document() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	e.write(&b, "")
	return b.Bytes()
}

func (e *element) write(b *bytes.Buffer, indent string) {
	b.WriteString(indent + "<" + e.name)
	for i := 0; i < len(e.attrs); i += 2 {
		if e.attrs[i+1] != "" {
			fmt.Fprintf(b, ` %s="%s"`, e.attrs[i], escape(e.attrs[i+1]))
		}
	}
	switch {
	case len(e.kids) > 0:
		b.WriteString(">\n")
		for _, k := range e.kids {
			k.write(b, indent+" ")
		}
		fmt.Fprintf(b, "%s</%s>\n", indent, e.name)
	case e.text != "":
		fmt.Fprintf(b, ">%s</%s>\n", escape(e.text), e.name)
	default:
		b.WriteString("/>\n")
	}
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}

// identifier makes an xs:ID out of what it identifies: the same for the same.
func identifier(parts ...string) string { return "uuid-" + uuid(parts...) }

// uuid makes a UUID of version 8 (RFC 9562, 5.8) out of the SHA-256 of parts.
func uuid(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	s := hex.EncodeToString(u)
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

// moment writes a time as packages have it: in Việt Nam, with its offset.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(sohoa.Hanoi).Format("2006-01-02T15:04:05-07:00")
}
