package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"sohoa"
)

// progress shows on a terminal how far the work got: one line that is
// overwritten. Elsewhere it shows nothing but what is said.
type progress struct {
	w     io.Writer
	lang  sohoa.Lang
	live  bool // w is a terminal
	shown bool
}

func newProgress(w io.Writer, lang sohoa.Lang) *progress {
	p := &progress{w: w, lang: lang}
	if f, ok := w.(*os.File); ok {
		info, err := f.Stat()
		p.live = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// show overwrites the line.
func (p *progress) show(documents, read, pages int) {
	if !p.live {
		return
	}
	format := "còn %d tài liệu · đã đọc %d/%d trang"
	if p.lang == sohoa.English {
		format = "%d documents to go · %d of %d pages read"
	}
	p.line(fmt.Sprintf(format, documents, read, pages))
}

// line overwrites the line with any text.
func (p *progress) line(text string) {
	if !p.live {
		return
	}
	fmt.Fprint(p.w, "\r\x1b[K"+text)
	p.shown = true
}

// clear removes the line, so that other output can take its place.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}

// say writes a line that stays.
func (p *progress) say(format string, args ...any) {
	p.clear()
	fmt.Fprintf(p.w, format+"\n", args...)
}

// shown is a path as it can be put on a terminal: one that holds characters
// which move the cursor, break the line or turn its direction is quoted.
func shown(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsGraphic(r) }) || !utf8.ValidString(path) {
		return strconv.Quote(path)
	}
	return path
}

// graphic is a sentence without what would change the terminal; names of files
// may stand in it as they came.
func graphic(sentence string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return unicode.ReplacementChar
		}
		return r
	}, sentence)
}

// end is the last call.
func (p *progress) end() { p.clear() }
