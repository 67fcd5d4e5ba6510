package pdfa

// Why an image did not go in as it was: values of sohoa.Treatment.Reason.
// docs/format.md lists them, and screens have a sentence for each. An image
// with one of the first six was decoded and stored again: without loss, but
// for what the sentence says.
const (
	ReasonCMYK        = "jpeg.cmyk"        // four inks, on which readers disagree; stored as RGB
	ReasonRGB         = "jpeg.rgb"         // RGB where readers expect YCbCr
	ReasonUnfinished  = "jpeg.unfinished"  // the end marker is missing
	ReasonInterlaced  = "png.interlaced"   // PDF has no rows out of order
	ReasonTransparent = "png.transparent"  // laid on white paper
	ReasonDeep        = "png.16-bit"       // 8 bits of each sample are kept
	ReasonProfile     = "profile.unusable" // its colour profile is left out: PDF/A-2 forbids it, or it is broken
)
