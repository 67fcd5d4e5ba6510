package token

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa"
)

// scheme begins every address of a key.
const scheme = "pkcs11:"

// URI is the address of a key (RFC 7512). What is empty is not asked for;
// what is given must match exactly.
type URI struct {
	Token        string  // label of the token
	Manufacturer string  // of the token
	Model        string  // of the token
	Serial       string  // of the token
	Slot         *uint64 // number of the slot that the token is in
	ID           []byte  // CKA_ID of the key
	Object       string  // CKA_LABEL of the key or of its certificate
	Module       string  // absolute path of the PKCS#11 module

	pinValue  string
	pinSource string
}

// IsURI reports whether s is meant as the address of a PKCS#11 key rather
// than as a file name.
func IsURI(s string) bool {
	return len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme)
}

var pinValue = regexp.MustCompile(`pin-value=[^&]*`)

// HidePIN is s, which need not be well-formed, without the PIN in it.
func HidePIN(s string) string { return pinValue.ReplaceAllLiteralString(s, "pin-value=…") }

// ParseURI reads the address of a key: token, manufacturer, model, serial,
// slot-id, id, object and type; module-path, pin-value and pin-source. Unlike
// RFC 7512 it wants a module-path. Attributes that it does not know are
// refused before the question mark, where they would have to match, and
// passed over after it. The error is the Problem sign.token-uri, which names
// the attribute and never its value.
func ParseURI(s string) (*URI, error) {
	if !IsURI(s) {
		return nil, wrong(scheme, "the scheme is missing")
	}
	if len(s) > sohoa.MaxTokenURIBytes {
		return nil, wrong(scheme, fmt.Sprintf("longer than %d bytes", sohoa.MaxTokenURIBytes))
	}
	path, query, _ := strings.Cut(s[len(scheme):], "?")
	u := &URI{}
	if err := attributes(path, ";", u.setPath); err != nil {
		return nil, err
	}
	if err := attributes(query, "&", u.setQuery); err != nil {
		return nil, err
	}
	if u.Module == "" {
		return nil, wrong("module-path", "it is missing")
	}
	if u.pinValue != "" && u.pinSource != "" {
		return nil, wrong("pin-source", "there is a pin-value too") // RFC 7512, 2.4
	}
	return u, nil
}

// wrong is the Problem of an address that is wrong in one attribute.
func wrong(attribute, detail string) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "sign.token-uri", Args: []string{attribute}, Detail: detail}
}

// attributes calls set for each name=value in s; each may be there once.
func attributes(s, separator string, set func(name, value string) error) error {
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s, separator) {
		if part == "" {
			continue
		}
		name, escaped, ok := strings.Cut(part, "=")
		if !ok || !isName(name) {
			return wrong(scheme, "a part is not name=value")
		}
		if seen[name] {
			return wrong(name, "it is there twice")
		}
		seen[name] = true
		value, err := url.PathUnescape(escaped)
		if err != nil {
			return wrong(name, "a percent sign is not followed by two hexadecimal digits")
		}
		if err := set(name, value); err != nil {
			return err
		}
	}
	return nil
}

// isName keeps values out of messages that quote the name.
func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return s != ""
}

func (u *URI) setPath(name, value string) error {
	switch name {
	case "token":
		return text(&u.Token, name, value)
	case "manufacturer":
		return text(&u.Manufacturer, name, value)
	case "model":
		return text(&u.Model, name, value)
	case "serial":
		return text(&u.Serial, name, value)
	case "object":
		return text(&u.Object, name, value)
	case "id":
		u.ID = []byte(value)
	case "slot-id":
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return wrong(name, "it is not a number")
		}
		u.Slot = &n
	case "type": // the key and its certificate belong together; either names both
		if value != "private" && value != "cert" && value != "public" {
			return wrong(name, "it is not private, cert or public")
		}
	default:
		return wrong(name, "it is not known")
	}
	return nil
}

func (u *URI) setQuery(name, value string) error {
	switch name {
	case "pin-value":
		return text(&u.pinValue, name, value)
	case "pin-source":
		if strings.HasPrefix(value, "|") {
			return wrong(name, "programs are not run")
		}
		return text(&u.pinSource, name, strings.TrimPrefix(value, "file://"))
	case "module-path":
		if !filepath.IsAbs(value) {
			return wrong(name, "it is not absolute")
		}
		return text(&u.Module, name, value)
	}
	return nil
}

// text sets a value that is text.
func text(field *string, name, value string) error {
	if !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
		return wrong(name, "it is not text")
	}
	*field = value
	return nil
}

// String is the address without the PIN or where it is.
func (u *URI) String() string {
	return scheme + strings.Join(append(u.token(), u.object()...), ";") + "?module-path=" + escape(u.Module)
}

// object is the part of the address that names the key.
func (u *URI) object() []string {
	var s []string
	if u.Object != "" {
		s = append(s, "object="+escape(u.Object))
	}
	if len(u.ID) > 0 {
		s = append(s, "id="+escapeBytes(u.ID))
	}
	return s
}

// token is the part of the address that names the token.
func (u *URI) token() []string {
	var s []string
	for _, a := range []struct{ name, value string }{
		{"token", u.Token}, {"manufacturer", u.Manufacturer}, {"model", u.Model}, {"serial", u.Serial},
	} {
		if a.value != "" {
			s = append(s, a.name+"="+escape(a.value))
		}
	}
	if u.Slot != nil {
		s = append(s, "slot-id="+strconv.FormatUint(*u.Slot, 10))
	}
	return s
}

// tokenName is what messages call the token.
func (u *URI) tokenName() string {
	if s := u.token(); len(s) > 0 {
		return strings.Join(s, ";")
	}
	return u.Module
}

// escape leaves letters of all languages, so that people can read it.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= utf8.RuneSelf && unicode.IsPrint(r) || isName(string(r)) || strings.ContainsRune(".~/:", r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(escapeBytes([]byte(string(r))))
	}
	return b.String()
}

func escapeBytes(id []byte) string {
	var b strings.Builder
	for _, c := range id {
		b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
	}
	return b.String()
}

// pin is the PIN that the address names, or fallback.
func (u *URI) pin(fallback string) (string, error) {
	if u.pinValue != "" {
		return u.pinValue, nil
	}
	if u.pinSource == "" {
		return fallback, nil
	}
	f, err := os.Open(u.pinSource)
	if err != nil {
		return "", wrong("pin-source", "the file cannot be opened") // it may be a PIN in the wrong place: not quoted
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, sohoa.MaxPINBytes+1))
	if err != nil || len(b) > sohoa.MaxPINBytes {
		return "", wrong("pin-source", fmt.Sprintf("the file cannot be read, or has more than %d bytes", sohoa.MaxPINBytes))
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}
