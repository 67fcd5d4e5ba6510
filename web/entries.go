package web

import "sohoa"

// entryLine is a journal entry as it is shown; Count entries of one kind in a
// row are one line.
type entryLine struct {
	sohoa.Entry
	Count       int
	ShowDossier bool
}

// entryLines lists entries newest first.
func entryLines(entries []sohoa.Entry, showDossier bool) []entryLine {
	var lines []entryLine
	for i := len(entries) - 1; i >= 0; i-- {
		e := entries[i]
		if n := len(lines); n > 0 && e.Action == sohoa.ActionRead && lines[n-1].Action == e.Action && lines[n-1].Document == e.Document {
			lines[n-1].Count++
			lines[n-1].Page = 0
			continue
		}
		lines = append(lines, entryLine{e, 1, showDossier})
	}
	return lines
}
