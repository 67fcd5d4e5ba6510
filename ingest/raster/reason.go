package raster

// The reasons why a page's image is not what the file holds (Page.Reason).
// They are codes that stay; screens have a sentence for each.
const (
	ReasonText        = "render.text"           // the page draws text
	ReasonVector      = "render.vector"         // lines, areas or shadings are drawn
	ReasonForm        = "render.form"           // what is drawn lies in a form XObject, like a watermark or a layer
	ReasonAnnotations = "render.annotations"    // notes or stamps lie over the page
	ReasonFields      = "render.fields"         // form fields, among them the visible marks of signatures
	ReasonEmpty       = "render.empty"          // nothing is drawn
	ReasonMany        = "render.many-objects"   // more is drawn than is looked at
	ReasonSeveral     = "render.several-images" // several images that do not tile the page
	ReasonPart        = "render.part"           // one image that leaves a part of the page free
	ReasonCropped     = "render.cropped"        // the image reaches beyond the page
	ReasonClipped     = "render.clipped"        // a clipping path hides a part of the image
	ReasonMasked      = "render.masked"         // the image has a mask or is transparent
	ReasonSkewed      = "render.skewed"         // the image is placed at an angle
	ReasonFlipped     = "render.mirrored"       // the image is placed mirrored
	ReasonFax         = "render.fax"            // the pixels are not square, as those of a fax
	ReasonColours     = "render.colours"        // colours that only a PDF viewer knows how to show
	ReasonLook        = "render.look"           // a viewer shows something else than the image holds
	ReasonBroken      = "render.broken-image"   // the image is cut short or is not what the page says
	ReasonPixels      = "render.pixels"         // the image is too large to be taken whole

	ReasonFormat   = "image.converted" // browsers or PDF readers do not show the format; without loss
	ReasonMirrored = "image.mirrored"  // the file asks for left and right to be exchanged; without loss
	ReasonReduced  = "image.reduced"   // converted from a photograph, which without loss would be huge
)

// Reasons are all of them.
var Reasons = []string{
	ReasonText, ReasonVector, ReasonForm, ReasonAnnotations, ReasonFields, ReasonEmpty, ReasonMany, ReasonSeveral,
	ReasonPart, ReasonCropped, ReasonClipped, ReasonMasked, ReasonSkewed, ReasonFlipped, ReasonFax, ReasonColours,
	ReasonLook, ReasonBroken, ReasonPixels, ReasonFormat, ReasonMirrored, ReasonReduced,
}

// why is the reason for which the page must be rendered; empty if its images
// may do.
func (c *content) why() string {
	switch {
	case c.visible:
		return ReasonText
	case c.widgets:
		return ReasonFields
	case c.drawn != "":
		return c.drawn
	case c.cover == nil && len(c.tiles) == 0:
		return ReasonEmpty
	case c.cover == nil && len(c.tiles) == 1:
		return ReasonPart
	case c.cover == nil:
		return c.whyNotTiles()
	case len(c.tiles) > 0:
		return ReasonSeveral
	}
	if _, why := imageTurn(c.cover.matrix); why != "" {
		return why
	}
	if !c.page.covers(c.cover.bounds) {
		return ReasonCropped
	}
	return c.cover.why()
}

// whyNotTiles is the reason why one of the tiles cannot stand for what it
// shows.

func (c *content) whyNotTiles() string {
	for _, t := range c.tiles {
		if why := t.why(); why != "" {
			return why
		}
	}
	return ""
}

// why is the reason for which the image cannot stand for what it shows.
func (v *cover) why() string {
	switch {
	case v.clipped:
		return ReasonClipped
	case !v.opaque:
		return ReasonMasked
	}
	return ""
}
