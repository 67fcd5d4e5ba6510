// Package pdfrev reads the revisions of a PDF that may be hostile.
//
// A PDF grows by incremental updates: each appends objects and a
// cross-reference section that refers to the one before it. This package
// finds those sections (tables, streams and hybrids of both), and shows the
// document as any revision left it, so that what a signature covers can be
// compared with what a later reader sees.
//
// The file is read where it lies, as much as its structure needs.
//
// It guarantees that work and memory are bounded whatever the bytes are:
// nesting, values, objects, sections, and decoded and parsed bytes have limits,
// offsets are followed once, and no function recurses deeper than maxDepth.
// It repairs nothing: a file whose structure contradicts itself is an error,
// because programs that repair it may disagree on what it shows.
//
// The source is ISO 32000-2:2020, 7.2 to 7.5. Encrypted strings and streams
// are not decrypted. A File belongs to one goroutine.
package pdfrev

import "errors"

// Errors that say why a file cannot be read. Others wrap ErrDamaged, or are ctx's.
var (
	ErrRead    = errors.New("cannot read the file") // of the source, not of its content
	ErrNotPDF  = errors.New("not a PDF")
	ErrDamaged = errors.New("damaged PDF structure")
	ErrBound   = errors.New("PDF structure exceeds a bound")
)

// Bounds on a file's structure. Real files stay far below them; together they
// keep what a hostile one may cost within about 1 GiB and some seconds.
const (
	maxDepth        = 64         // nesting of arrays and dictionaries
	maxValues       = 4_000_000  // values parsed in all
	maxEntries      = 2_000_000  // cross-reference entries of all sections
	maxObjectNumber = 10_000_000 // Annex C of ISO 32000-1 says 8,388,607
	maxSections     = 1_000      // cross-reference sections
	maxDecoded      = 256 << 20  // decoded bytes of object and cross-reference streams
	maxHops         = 32         // references that lead to references
	headerWindow    = 1024       // where %PDF- must be
	maxTrailing     = 1024       // bytes after the last %%EOF
	maxObjectBytes  = 64 << 20   // of one object, without the bytes of a stream
	firstRead       = 1 << 10    // bytes that are read for an object at first
	chunk           = 256 << 10  // bytes that are compared at a time
)
