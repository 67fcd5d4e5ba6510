package raster

import (
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"

	"sohoa"
)

const (
	maxObjects  = 2000 // page objects that are looked at; a page with more is no scan
	maxAnnots   = 200  // annotations that are looked at
	maxDepth    = 3    // forms inside forms that are looked at
	coverShare  = 0.98 // of the page's width and height that an image covers to be the page
	mixedShare  = 0.5  // of the page's area that images cover to make its text only a part of it
	fewestWords = 40   // beside such images, fewer words are a stamp over a scan
)

// box is a rectangle of the page in PDF user space: points, y upwards.
type box struct{ x0, y0, x1, y1 float64 }

func (b box) w() float64 { return b.x1 - b.x0 }
func (b box) h() float64 { return b.y1 - b.y0 }

// covers reports whether b covers nearly all of c.
func (b box) covers(c box) bool {
	w := min(b.x1, c.x1) - max(b.x0, c.x0)
	h := min(b.y1, c.y1) - max(b.y0, c.y0)
	return w >= coverShare*c.w() && h >= coverShare*c.h()
}

// share is the share of c's area that b covers, 0 to 1.
func (b box) share(c box) float64 {
	w := max(min(b.x1, c.x1)-max(b.x0, c.x0), 0)
	h := max(min(b.y1, c.y1)-max(b.y0, c.y0), 0)
	return w * h / (c.w() * c.h())
}

// cover is an image object that covers the page, or a part of it.
type cover struct {
	ref     references.FPDF_PAGEOBJECT
	matrix  structs.FPDF_FS_MATRIX
	bounds  box
	opaque  bool
	clipped bool
}

// content is what a page draws, as far as it can be seen: an opaque image that
// covers the page hides all that was drawn before.
type content struct {
	page       box
	rotate     int     // of the page, degrees clockwise
	cover      *cover  // the last image that covers the page
	tiles      []cover // the images that cover a part of it
	visible    bool    // text is drawn
	hidden     bool    // text is there that is not drawn
	drawn      string  // the reason that the first thing drawn is which is neither text nor image; empty if there is none
	widgets    bool    // form fields, among them visible signatures
	imageShare float64 // of the page's area, at most 1
}

// draw notes that something is drawn.
func (c *content) draw(reason string) {
	if c.drawn == "" {
		c.drawn = reason
	}
}

// inspect walks the objects of the page.
func (p *pdfPage) inspect() (*content, error) {
	c := &content{}
	bb, err := p.inst.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: p.ref})
	if err != nil {
		return nil, err
	}
	c.page = normal(float64(bb.Rect.Left), float64(bb.Rect.Bottom), float64(bb.Rect.Right), float64(bb.Rect.Top))
	rot, err := p.inst.FPDFPage_GetRotation(&requests.FPDFPage_GetRotation{Page: p.ref})
	if err != nil {
		return nil, err
	}
	c.rotate = int(rot.PageRotation) * 90
	n, err := p.inst.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: p.ref})
	if err != nil {
		return nil, err
	}
	for i := range min(n.Count, maxObjects) {
		o, err := p.inst.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: p.ref, Index: i})
		if err != nil {
			return nil, err
		}
		p.look(c, o.PageObject, 0)
	}
	if n.Count > maxObjects { // what the rest is, ownText finds out
		c.draw(ReasonMany)
		c.visible, c.hidden = true, true
	}
	c.imageShare = min(c.imageShare, 1)
	p.lookAtAnnots(c)
	return c, nil
}

func normal(x0, y0, x1, y1 float64) box {
	return box{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}
}

// look adds one object to c. What cannot be asked about counts as drawn.
func (p *pdfPage) look(c *content, o references.FPDF_PAGEOBJECT, depth int) {
	kind, err := p.inst.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o})
	switch {
	case err != nil:
		c.draw(ReasonVector)
	case kind.Type == enums.FPDF_PAGEOBJ_TEXT:
		p.lookAtText(c, o)
	case kind.Type == enums.FPDF_PAGEOBJ_IMAGE && depth == 0:
		p.lookAtImage(c, o)
	case kind.Type == enums.FPDF_PAGEOBJ_FORM:
		c.draw(ReasonForm)
		p.lookIntoForm(c, o, depth)
	default:
		c.draw(ReasonVector)
	}
}

func (p *pdfPage) lookAtText(c *content, o references.FPDF_PAGEOBJECT) {
	if p.invisible(o) {
		c.hidden = true
	} else {
		c.visible = true
	}
}

// invisible reports whether the text object paints nothing (ISO 32000-1,
// table 106: modes 3 and 7).
func (p *pdfPage) invisible(o references.FPDF_PAGEOBJECT) bool {
	m, err := p.inst.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: o})
	return err == nil && (m.TextRenderMode == enums.FPDF_TEXTRENDERMODE_INVISIBLE || m.TextRenderMode == enums.FPDF_TEXTRENDERMODE_CLIP)
}

// lookAtImage makes a covering image the cover, which hides what came before.
func (p *pdfPage) lookAtImage(c *content, o references.FPDF_PAGEOBJECT) {
	b, err := p.inst.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: o})
	if err != nil {
		c.draw(ReasonBroken)
		return
	}
	bounds := normal(float64(b.Left), float64(b.Bottom), float64(b.Right), float64(b.Top))
	c.imageShare += bounds.share(c.page)
	m, err := p.inst.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: o})
	if err != nil {
		c.draw(ReasonBroken)
		return
	}
	cv := cover{ref: o, matrix: m.Matrix, bounds: bounds, opaque: p.opaque(o), clipped: !p.unclipped(c, o)}
	if !bounds.covers(c.page) {
		c.tiles = append(c.tiles, cv)
		return
	}
	if cv.why() != "" || (p.odd && (!c.visible || p.masked(o))) { // what is below may shine through
		if c.cover != nil {
			c.draw(ReasonSeveral)
		}
		c.cover = &cv
		return
	}
	*c = content{page: c.page, rotate: c.rotate, cover: &cv, hidden: c.hidden || c.visible, imageShare: 1}
}

func (p *pdfPage) opaque(o references.FPDF_PAGEOBJECT) bool {
	t, err := p.inst.FPDFPageObj_HasTransparency(&requests.FPDFPageObj_HasTransparency{PageObject: o})
	return err == nil && !t.HasTransparency
}

// masked reports whether the image has a mask that lets the page below shine
// through. Where that is too costly to find out, it has.
func (p *pdfPage) masked(o references.FPDF_PAGEOBJECT) bool {
	size, err := p.inst.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: o})
	if err != nil || uint64(size.Width)*uint64(size.Height) > sohoa.MaxRenderPixels {
		return true
	}
	bm, err := p.inst.FPDFImageObj_GetRenderedBitmap(&requests.FPDFImageObj_GetRenderedBitmap{Document: p.document.ref, Page: p.ref, ImageObject: o})
	if err != nil {
		return true
	}
	defer p.inst.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bm.Bitmap})
	raw, err := p.pixels(bm.Bitmap)
	return err != nil || raw.transparent()
}

// lookIntoForm finds the text of a form XObject.
func (p *pdfPage) lookIntoForm(c *content, o references.FPDF_PAGEOBJECT, depth int) {
	n, err := p.inst.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: o})
	if err != nil || depth >= maxDepth || n.Count > maxObjects {
		c.visible, c.hidden = true, true
		return
	}
	for i := range n.Count {
		inner, err := p.inst.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: o, Index: uint64(i)})
		if err == nil {
			p.look(c, inner.PageObject, depth+1)
		}
	}
}

// unclipped reports whether the object's clip path, if it has one, is a
// rectangle that leaves the page whole.
func (p *pdfPage) unclipped(c *content, o references.FPDF_PAGEOBJECT) bool {
	clip, err := p.inst.FPDFPageObj_GetClipPath(&requests.FPDFPageObj_GetClipPath{PageObject: o})
	if err != nil {
		return true
	}
	n, err := p.inst.FPDFClipPath_CountPaths(&requests.FPDFClipPath_CountPaths{ClipPath: clip.ClipPath})
	if err != nil {
		return true
	}
	for i := range n.Count {
		if i >= maxDepth || !p.clipBox(clip.ClipPath, i).covers(c.page) {
			return false
		}
	}
	return true
}

// clipBox is the rectangle that one path of clip is, or an empty box.
func (p *pdfPage) clipBox(clip references.FPDF_CLIPPATH, path int) box {
	const corners, closed = 4, 6
	n, err := p.inst.FPDFClipPath_CountPathSegments(&requests.FPDFClipPath_CountPathSegments{ClipPath: clip, PathIndex: path})
	if err != nil || n.Count < corners || n.Count > closed {
		return box{}
	}
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i := range n.Count {
		s, err := p.inst.FPDFClipPath_GetPathSegment(&requests.FPDFClipPath_GetPathSegment{ClipPath: clip, PathIndex: path, SegmentIndex: i})
		if err != nil {
			return box{}
		}
		pt, err := p.inst.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: s.PathSegment})
		if err != nil {
			return box{}
		}
		x, y := float64(pt.X), float64(pt.Y)
		b = box{min(b.x0, x), min(b.y0, y), max(b.x1, x), max(b.y1, y)}
	}
	return b
}

// lookAtAnnots finds what annotations draw over the page: stamps, notes, and
// the visible marks of signatures.
func (p *pdfPage) lookAtAnnots(c *content) {
	n, err := p.inst.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p.ref})
	if err != nil {
		return
	}
	for i := range min(n.Count, maxAnnots) {
		a, err := p.inst.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: p.ref, Index: i})
		if err != nil {
			continue
		}
		p.lookAtAnnot(c, a.Annotation)
		_, _ = p.inst.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: a.Annotation}) // the page's closing frees it too
	}
	if n.Count > maxAnnots {
		c.draw(ReasonMany)
	}
}

// The flags of an annotation that is not shown (ISO 32000-1, table 165).
const (
	annotHidden = 1 << 1
	annotNoView = 1 << 5
)

func (p *pdfPage) lookAtAnnot(c *content, a references.FPDF_ANNOTATION) {
	kind, err := p.inst.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: a})
	if err != nil || kind.Subtype == enums.FPDF_ANNOT_SUBTYPE_LINK || kind.Subtype == enums.FPDF_ANNOT_SUBTYPE_POPUP {
		return
	}
	flags, err := p.inst.FPDFAnnot_GetFlags(&requests.FPDFAnnot_GetFlags{Annotation: a})
	if err == nil && int(flags.Flags)&(annotHidden|annotNoView) != 0 {
		return
	}
	r, err := p.inst.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: a})
	if err != nil || r.Rect.Left == r.Rect.Right || r.Rect.Top == r.Rect.Bottom {
		return
	}
	if kind.Subtype == enums.FPDF_ANNOT_SUBTYPE_WIDGET {
		c.widgets = true
	} else {
		c.draw(ReasonAnnotations)
	}
}

// imageTurn is the turn that the image's matrix asks for, in degrees
// clockwise; why is not empty for mirrored, sheared or skewed ones.
func imageTurn(m structs.FPDF_FS_MATRIX) (turn int, why string) {
	const slack = 1e-3 // of the longer side
	a, b, cc, d := float64(m.A), float64(m.B), float64(m.C), float64(m.D)
	eps := slack * max(math.Abs(a), math.Abs(b), math.Abs(cc), math.Abs(d))
	upright := math.Abs(b) <= eps && math.Abs(cc) <= eps
	turned := math.Abs(a) <= eps && math.Abs(d) <= eps
	switch {
	case !upright && !turned:
		return 0, ReasonSkewed
	case a*d-b*cc < 0:
		return 0, ReasonFlipped
	case upright && a > 0:
		return 0, ""
	case upright:
		return 180, ""
	case b < 0:
		return 90, ""
	}
	return 270, ""
}

// setDirect makes p a page whose image has w x h pixels as stored.
func (p *pdfPage) setDirect(w, h, turn int, source sohoa.PageSource) {
	p.Width, p.Height, p.Turn, p.Source = w, h, turn, source
	across := float64(w)
	if turn%180 != 0 {
		across = float64(h)
	}
	p.DPI = plausibleDPI(across/(p.WidthPt/72), w, h)
}
