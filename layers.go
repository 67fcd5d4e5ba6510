package sohoa

// Layers is a page taken apart for the access copy, from the bottom up: a
// background, stencils of ink, and patches of the scan itself. Coordinates are
// pixels of the stored image, not turned. It is a working file between reading
// and composing, stored as JSON.
type Layers struct {
	Width      int       `json:"width"`                // of the stored image
	Height     int       `json:"height"`               // of the stored image
	Background []byte    `json:"background,omitempty"` // JPEG of any size, stretched over the page; none is white paper
	Stencils   []Stencil `json:"stencils,omitempty"`   // drawn over the background, in order
	Patches    []Patch   `json:"patches,omitempty"`    // drawn last
	Treatment  Treatment `json:"treatment"`            // what was done, and why no better; a page with neither background nor stencils is its stored image
}

// Stencil is ink of one colour.
type Stencil struct {
	Mask   []byte   `json:"mask"`   // JBIG2 as a PDF embeds it, of the size of the page; 1 is ink
	Colour [3]uint8 `json:"colour"` // sRGB
}

// Patch is a rectangle of the scan at full resolution: a seal, a signature.
type Patch struct {
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	JPEG   []byte `json:"jpeg"`
}

// Fidelity says how much of a scan's look the access copy keeps.
type Fidelity string

// The fidelities, from none at all to nearly all of it.
const (
	FidelityNone     Fidelity = "none"     // no access copy is made
	FidelitySmall    Fidelity = "small"    // for slow lines and full disks
	FidelityStandard Fidelity = "standard" // a tenth of the master
	FidelityHigh     Fidelity = "high"     // paper and pale marks stay as they are seen
)

// Treatment says how a page went into a rendition, and why no better way was
// taken.
type Treatment struct {
	Form   Form   `json:"form,omitempty"`
	Reason string `json:"reason,omitempty"` // code, docs/format.md lists them; screens have a sentence for each
	Detail string `json:"detail,omitempty"` // the figures behind it, for operators; English
	Bytes  int64  `json:"bytes,omitempty"`  // that its images take in the rendition
}

// Form is the way an image went into a rendition.
type Form string

// The forms.
const (
	FormOriginal Form = "original" // the stored image's own bytes
	FormLossless Form = "lossless" // decoded, and stored again without loss
	FormBitonal  Form = "bitonal"  // black and white, JBIG2 without loss
	FormLayered  Form = "layered"  // Layers: stencils over a background, with patches
	FormReduced  Form = "reduced"  // one JPEG of lower quality or resolution
)

// Code is a barcode or QR code on a page.
type Code struct {
	Kind string `json:"kind"` // "qr" or "code128"
	Text string `json:"text"` // as encoded; valid UTF-8, NFC
	Box  Rect   `json:"box"`  // in the frame of the upright page
}
