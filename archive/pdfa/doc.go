// Package pdfa writes scanned pages as PDF/A-2u and checks what it wrote.
//
// It owns the form of the pdf rendition: page images exactly as they came in
// wherever the format allows it, an invisible layer of the recognised words
// over each image, XMP and Info that say the same, and an sRGB output intent.
// The target is ISO 19005-2:2011, conformance level U, on ISO 32000-1.
//
// Guarantees of a Writer:
//   - Streaming. A page leaves memory when AddPage returns; what stays is one
//     offset an object, the page numbers and the set of characters used.
//   - Deterministic. Equal options and pages give equal bytes; the file
//     identifier is taken from the SHA-256 of the bytes before it.
//   - Lossless. JPEG files, and PNG files without transparency, interlacing
//     or 16-bit samples, are passed through; what is black and white becomes
//     JBIG2, pixel by pixel; a page is turned by the matrix that draws it.
//     PageReport says what happened to each image.
//   - A page of an access copy is drawn from its sohoa.Layers: background,
//     stencils of ink and patches, without transparency.
//   - Words copy as NFC text from the place where they stand on the page.
//
// Lint is the other half: a whitelist of the object shapes that a Writer
// emits, and of those that a signature adds in an incremental update. It knows
// nothing else of PDF on purpose: whatever it does not know, it refuses.
package pdfa
