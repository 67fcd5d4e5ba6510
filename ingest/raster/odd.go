package raster

import (
	"bytes"
	"io"
)

// oddTokens are what a PDF contains if an image on a page may look different
// from its own bytes: masks, inverted samples, optional content.
// Dictionaries of images are never compressed (ISO 32000-1, 7.5.7: streams
// cannot stand in object streams), so that a search of the file finds them.
var oddTokens = [][]byte{
	[]byte("/SMask"), []byte("/Mask"), []byte("/ImageMask"), []byte("/OC "),
	[]byte("/Decode "), []byte("/Decode["), []byte("/Decode\n"), []byte("/Decode\r"),
}

// oddWindow is read at a time; consecutive windows overlap by oddOverlap.
const (
	oddWindow  = 1 << 18
	oddOverlap = 16
)

// oddities reports whether r contains one of oddTokens. If so, an image is
// compared with what a viewer shows before it stands for its page.
func oddities(r io.Reader) (bool, error) {
	buf := make([]byte, oddWindow)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		window := buf[:kept+n]
		for _, t := range oddTokens {
			if bytes.Contains(window, t) {
				return true, nil
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, window[len(window)-oddOverlap:])
	}
}
