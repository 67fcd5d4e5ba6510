package raster

import "time"

// SetRenderTime shortens the bound on one page, and returns what undoes it.
func SetRenderTime(d time.Duration) (undo func()) {
	old := renderTime
	renderTime = d
	return func() { renderTime = old }
}

// SetOpenTime shortens the bound on opening a file, and returns what undoes it.
func SetOpenTime(d time.Duration) (undo func()) {
	old := openTime
	openTime = d
	return func() { openTime = old }
}

// ParseJPEG is parseJPEG, for fuzzing.
func ParseJPEG(b []byte) (width, height, components int, ok bool) {
	h, ok := parseJPEG(b)
	return h.width, h.height, h.components, ok
}

// ReadPage is readPage, for fuzzing.
func ReadPage(b []byte) (Page, error) { return readPage(b) }

// Oddities is oddities.
var Oddities = oddities
