package ocr

import (
	"slices"

	"sohoa"
)

// A word that was read is one of the page's own if it lies on own words with
// so much of its area, or if so much of an own word's area lies in it.
const (
	onOwn  = 0.4
	ownsIn = 0.5
)

// beside is the page's own text, exactly as it is, with the lines that were
// read elsewhere on the page at their place in reading order.
func beside(own, read sohoa.PageText) sohoa.PageText {
	rest := without(read.Lines, own.Lines)
	text := read
	text.Lines, text.Blank = own.Lines, false
	text.Source, text.Engine = sohoa.TextPDF, own.Engine
	if len(rest) == 0 {
		return text
	}
	if read.Source != sohoa.TextPDF {
		text.Source = sohoa.TextMixed
	}
	if read.Engine != own.Engine {
		text.Engine += ", " + read.Engine
	}
	text.Lines = woven(own.Lines, rest)
	return text
}

// without is lines less the words that lie on words of own.
func without(lines, own []sohoa.Line) []sohoa.Line {
	var rest []sohoa.Line
	for _, l := range lines {
		l.Words = slices.DeleteFunc(slices.Clone(l.Words), func(w sohoa.Word) bool { return lieOn(w.Box, own) })
		if len(l.Words) == 0 {
			continue
		}
		l.Box = l.Words[0].Box
		for _, w := range l.Words {
			l.Box = around([]sohoa.Line{{Box: l.Box}, {Box: w.Box}})
		}
		rest = append(rest, l)
	}
	return rest
}

// lieOn reports whether a word in box is one of own's.
func lieOn(box sohoa.Rect, own []sohoa.Line) bool {
	covered := 0.0
	for _, l := range own {
		if shared(l.Box, box) == 0 {
			continue
		}
		for _, w := range l.Words {
			part := shared(w.Box, box)
			if part > 0 && part >= ownsIn*w.Box.Width()*w.Box.Height() {
				return true
			}
			covered += part
		}
	}
	return covered > 0 && covered >= onOwn*box.Width()*box.Height()
}

// woven puts each paragraph of read before the first own line that begins
// below the paragraph's middle, and counts blocks and paragraphs anew.
func woven(own, read []sohoa.Line) []sohoa.Line {
	w := weaver{block: -1}
	next := 0
	for len(read) > 0 {
		n := 1
		for n < len(read) && read[n].Block == read[0].Block && read[n].Par == read[0].Par {
			n++
		}
		box := around(read[:n])
		at := next
		for at < len(own) && own[at].Box.Y0 < (box.Y0+box.Y1)/2 {
			at++
		}
		w.add(own[next:at], true)
		w.add(read[:n], false)
		next, read = at, read[n:]
	}
	w.add(own[next:], true)
	return w.lines
}

// weaver gathers lines of two texts.
type weaver struct {
	lines      []sohoa.Line
	own        bool       // the last line is
	last       sohoa.Line // as it was numbered in its text
	block, par int
}

func (w *weaver) add(lines []sohoa.Line, own bool) {
	for _, l := range lines {
		switch {
		case len(w.lines) == 0 || w.own != own || w.last.Block != l.Block:
			w.block, w.par = w.block+1, 0
		case w.last.Par != l.Par:
			w.par++
		}
		w.own, w.last = own, l
		l.Block, l.Par = w.block, w.par
		w.lines = append(w.lines, l)
	}
}
