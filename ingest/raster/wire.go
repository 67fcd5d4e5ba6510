package raster

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"sohoa"
)

// request is what a child is asked. Without First it answers with a File,
// else with the pages.
type request struct {
	Path      string `json:"path"`
	MediaType string `json:"mediaType"`
	First     int    `json:"first,omitempty"`
	Last      int    `json:"last,omitempty"`
	Images    bool   `json:"images,omitempty"`
}

// writePage is the length of p's JSON in 4 bytes, the JSON, and the image.
func writePage(p Page) ([]byte, error) {
	head, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write page %d: %w", p.Number, err)
	}
	b := make([]byte, 0, 4+len(head)+len(p.Image))
	b = binary.BigEndian.AppendUint32(b, uint32(len(head)))
	return append(append(b, head...), p.Image...), nil
}

// readPage is the inverse of writePage. The image is a part of b.
func readPage(b []byte) (Page, error) {
	var p Page
	if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
		return p, fmt.Errorf("page answer of %d bytes is cut short: %w", len(b), sohoa.ErrUnavailable)
	}
	n := 4 + int(binary.BigEndian.Uint32(b))
	if err := json.Unmarshal(b[4:n], &p); err != nil {
		return p, fmt.Errorf("page answer: %w", err)
	}
	if len(b) > n {
		p.Image = b[n:]
	}
	return p, nil
}
