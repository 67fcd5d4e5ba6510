package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"sohoa"
)

// placePage is where a mark is put on a page by hand: a rectangle over the
// page as it is seen, in points.
type placePage struct {
	Set    sohoa.SigningSet
	Item   sohoa.SetItem
	Doc    sohoa.Document
	Step   int
	Signer string
	Page   sohoa.Page
	Pages  []int
	Width  float64 // of the page as it is seen, points
	Height float64
	Scale  float64 // points of a pixel
	Image  string
	Turn   string      // transformation that makes the image upright
	Place  sohoa.Place // saved, or proposed
	Saved  bool
	Error  string

	Purpose string // of the view: signing
}

// signingPurpose is the purpose of who looks at a document in order to sign it.
func signingPurpose(id sohoa.SetID) string {
	return sohoa.Purpose{Kind: sohoa.PurposeSigning, Ref: string(id)}.String()
}

// pointsPerInch is the unit of pages in PDF.
const pointsPerInch = 72

// markSize is how large a mark of a part usually is, in points.
var markSize = map[sohoa.SignPart][2]float64{
	sohoa.PartPerson: {120, 60}, sohoa.PartSeal: {102, 102}, // a seal has 36 mm
}

// proposed is where the rectangle is before somebody drags it: about where the
// rule would put the mark.
func proposed(part sohoa.SignPart, page int, width, height float64) sohoa.Place {
	size, ok := markSize[part]
	if !ok {
		size = [2]float64{170, 40}
	}
	p := sohoa.Place{Page: page, Width: min(size[0], width), Height: min(size[1], height)}
	switch part {
	case sohoa.PartOperator:
		p.X, p.Y = 20, 20
	case sohoa.PartPerson, sohoa.PartSeal:
		p.X, p.Y = width*0.6, height*0.7
	default:
		p.X, p.Y = width-p.Width-20, 20
	}
	p.X, p.Y = max(0, min(p.X, width-p.Width)), max(0, min(p.Y, height-p.Height))
	return round(p)
}

// round cuts a place to tenths of a point.
func round(p sohoa.Place) sohoa.Place {
	p.X, p.Y, p.Width, p.Height = tenth(p.X), tenth(p.Y), tenth(p.Width), tenth(p.Height)
	return p
}

func (s *Server) pagePlace(w http.ResponseWriter, r *http.Request) error {
	set, item, err := s.item(r)
	if err != nil {
		return err
	}
	return s.renderPlace(w, r, http.StatusOK, set, item, "")
}

func (s *Server) renderPlace(w http.ResponseWriter, r *http.Request, status int, set sohoa.SigningSet, item sohoa.SetItem, message string) error {
	ctx := r.Context()
	step, err := stepNumber(r.FormValue("step"), set)
	if err != nil {
		step = min(item.Step, len(set.Steps)-1)
	}
	doc, err := s.viewed(ctx, item.Document.String(), 0, signingPurpose(set.ID))
	if err != nil {
		return err
	}
	who, err := s.names(ctx)
	if err != nil {
		return err
	}
	p := placePage{Set: set, Item: item, Doc: doc, Step: step, Signer: who.of(set.Steps[step].Signer()), Error: message, Purpose: signingPurpose(set.ID)}
	if err := s.drawPlace(ctx, &p, r.FormValue("page")); err != nil {
		return err
	}
	s.render(w, r, status, "place", frame{Title: text(r, "place.title"), Body: p})
	return nil
}

// drawPlace fills in the page: the one asked for, that of the saved place, or
// the first.
func (s *Server) drawPlace(ctx context.Context, p *placePage, asked string) error {
	pages, err := s.cfg.Catalog.Pages(ctx, p.Doc.ID)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		return newProblem(sohoa.ErrNotExist, "page.unknown", "1")
	}
	place, saved := p.Item.Places[p.Step]
	number, err := strconv.Atoi(asked)
	if err != nil && saved {
		number = place.Page
	}
	number = max(1, min(number, len(pages)))
	for _, page := range pages {
		p.Pages = append(p.Pages, page.Number)
		if page.Number == number {
			p.Page = page
		}
	}
	if err := s.journalView(ctx, p.Doc, number, p.Purpose); err != nil {
		return err
	}
	sh := blankSheet(p.Page)
	p.Scale = pointsPerInch / max(p.Page.DPI, 1)
	p.Width, p.Height, p.Turn = tenth(float64(sh.Width)*p.Scale), tenth(float64(sh.Height)*p.Scale), sh.Transform
	p.Image = pageURL(p.Page, "image", p.Purpose)
	if !shownTypes[p.Page.MediaType] {
		p.Image = ""
	}
	p.Saved = saved && place.Page == number
	p.Place = place
	if !p.Saved {
		p.Place = proposed(p.Set.Steps[p.Step].Part, number, p.Width, p.Height)
	}
	return nil
}

// postPlace saves where a mark goes, or takes that back.
func (s *Server) postPlace(w http.ResponseWriter, r *http.Request) error {
	set, item, err := s.item(r)
	if err != nil {
		return err
	}
	failure := s.savePlace(r, set, item)
	if failure == nil {
		return s.leaveFor(w, r, nextOr(r, pathOf("sets", string(set.ID))+"#"+item.Document.String()))
	}
	message, status, err := refused(r, failure)
	if err != nil {
		return err
	}
	return s.renderPlace(w, r, status, set, item, message)
}

func (s *Server) savePlace(r *http.Request, set sohoa.SigningSet, item sohoa.SetItem) error {
	step, err := stepNumber(r.PostFormValue("step"), set)
	if err != nil {
		return err
	}
	actor := userOf(r.Context()).Name
	if r.PostFormValue("rule") != "" {
		return s.cfg.Desk.Place(r.Context(), actor, item, step, nil)
	}
	place, err := formPlace(r)
	if err != nil {
		return err
	}
	if err := s.checkPlace(r.Context(), item.Document, place); err != nil {
		return err
	}
	return s.cfg.Desk.Place(r.Context(), actor, item, step, &place)
}

// formPlace is the rectangle of a form.
func formPlace(r *http.Request) (sohoa.Place, error) {
	page, err := strconv.Atoi(r.PostFormValue("page"))
	place, errs := sohoa.Place{Page: page}, []error{err}
	for name, v := range map[string]*float64{"x": &place.X, "y": &place.Y, "width": &place.Width, "height": &place.Height} {
		*v, err = strconv.ParseFloat(r.PostFormValue(name), 64)
		errs = append(errs, err)
	}
	if errors.Join(errs...) != nil {
		return place, newProblem(sohoa.ErrInvalid, "place.outside")
	}
	return round(place), nil
}

// placeSlack is how far a rectangle may reach over the edge by rounding,
// points.
const placeSlack = 0.5

// checkPlace refuses a rectangle that is not on its page.
func (s *Server) checkPlace(ctx context.Context, id sohoa.DocumentID, place sohoa.Place) error {
	page, err := s.findPage(ctx, id, place.Page)
	if err != nil {
		return err
	}
	sh, scale := blankSheet(page), pointsPerInch/max(page.DPI, 1)
	width, height := float64(sh.Width)*scale+placeSlack, float64(sh.Height)*scale+placeSlack
	sum := place.X + place.Y + place.Width + place.Height
	if math.IsNaN(sum) || place.X < 0 || place.Y < 0 || place.Width <= 0 || place.Height <= 0 ||
		place.X+place.Width > width || place.Y+place.Height > height {
		return newProblem(sohoa.ErrInvalid, "place.outside")
	}
	return nil
}
