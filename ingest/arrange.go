package ingest

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"sohoa"
)

// Arrangement returns the pages of a document as they are arranged now.
func (s *Service) Arrangement(ctx context.Context, id sohoa.DocumentID) (sohoa.Arrangement, error) {
	doc, err := s.Catalog.Document(ctx, sohoa.Everything, id)
	if err != nil {
		return sohoa.Arrangement{}, err
	}
	return s.arrangement(ctx, doc, doc.Arrangement)
}

// arrangement returns one version; 0 of a document that was never arranged is
// made up.
func (s *Service) arrangement(ctx context.Context, doc sohoa.Document, version int) (sohoa.Arrangement, error) {
	a, err := s.Catalog.Arrangement(ctx, doc.ID, version)
	if version > 0 || !errors.Is(err, sohoa.ErrNotExist) {
		return a, err
	}
	a = sohoa.Arrangement{Document: doc.ID}
	for n := 1; n <= doc.Pages; n++ {
		a.Pages = append(a.Pages, sohoa.PageRef{Document: doc.ID, Page: n})
	}
	return a, nil
}

// Arrange gives a document the pages of want, in that order and with those
// turns, if want.Version is still the version of its arrangement; otherwise it
// is the Problem "arrange.changed" (sohoa.ErrConflict). Pages that it had and
// that are not in the list are dropped: they stay with it and may be taken in
// again. Pages of other documents of the dossier are taken from these. All
// documents concerned are held by it, and must be read and unsigned. It
// returns the arrangement as it now is.
func (s *Service) Arrange(ctx context.Context, actor string, want sohoa.Arrangement) (sohoa.Arrangement, error) {
	if err := checkPages(want); err != nil {
		return want, err
	}
	d := s.newDesk()
	if err := d.fetch(ctx, want.Document); err != nil {
		return want, err
	}
	on := d.docs[want.Document]
	if on.was.Version != want.Version {
		return on.was, arrangedMeanwhile()
	}
	if err := d.gather(ctx, on.doc, want.Pages); err != nil {
		return on.was, err
	}
	d.place(want.Document, want.Pages)
	return on.is, d.carryOut(ctx, actor)
}

func arrangedMeanwhile() error {
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.changed"}
}

// checkPages reports as a Problem why a list cannot be the pages of a
// document.
func checkPages(a sohoa.Arrangement) error {
	if len(a.Pages) == 0 {
		return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "arrange.empty"}
	}
	if len(a.Pages) > sohoa.MaxPages {
		return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "document.too-many-pages",
			Args: []string{fmt.Sprint(len(a.Pages)), fmt.Sprint(sohoa.MaxPages)}}
	}
	seen := map[sohoa.PageRef]bool{}
	for _, ref := range a.Pages {
		name := sohoa.FormatPages(a.Document, []sohoa.PageRef{ref})
		if ref.Turn < 0 || ref.Turn > 270 || ref.Turn%90 != 0 {
			return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "arrange.syntax", Args: []string{name}}
		}
		if seen[ref.Leaf()] {
			return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "arrange.twice", Args: []string{name}}
		}
		seen[ref.Leaf()] = true
	}
	return nil
}

// Split makes a new document of the pages after the given one (1-based, of
// the pages as they are arranged), if version is still that of the
// arrangement, and returns it. Both documents are held.
func (s *Service) Split(ctx context.Context, actor string, from sohoa.Arrangement, after int) (sohoa.Document, error) {
	d := s.newDesk()
	if err := d.fetch(ctx, from.Document); err != nil {
		return sohoa.Document{}, err
	}
	on := d.docs[from.Document]
	if on.was.Version != from.Version {
		return on.doc, arrangedMeanwhile()
	}
	if after < 1 || after >= len(on.was.Pages) {
		return on.doc, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "arrange.split", Args: []string{fmt.Sprint(after), fmt.Sprint(len(on.was.Pages))}}
	}
	part := s.part(on.doc, on.was.Pages[after:], actor)
	d.docs[part.ID] = &onDesk{doc: part, was: sohoa.Arrangement{Document: part.ID}, fresh: true}
	d.place(part.ID, on.was.Pages[after:])
	if err := d.carryOut(ctx, actor); err != nil {
		return on.doc, err
	}
	return s.Catalog.Document(ctx, sohoa.Everything, part.ID)
}

// part is a new document for pages of doc. Its name says which.
func (s *Service) part(doc sohoa.Document, pages []sohoa.PageRef, actor string) sohoa.Document {
	which := sohoa.FormatPages(doc.ID, pages)
	if len(which) > maxWhich {
		which = fmt.Sprintf("%d…", pages[0].Page)
	}
	ext := path.Ext(doc.Name)
	name := strings.TrimSuffix(doc.Name, ext) + " (" + which + ")" + ext
	return sohoa.Document{
		ID: sohoa.NewDocumentID(s.Now()), Dossier: doc.Dossier, Name: CleanName(name),
		State: sohoa.StateRead, Stage: sohoa.StageCompose, Master: sohoa.MasterPDFA, Signature: sohoa.SignaturePending,
		AcceptedAt: s.Now().UTC(), AcceptedBy: actor, Held: true, SplitFrom: doc.ID,
	}
}

// maxWhich is how long a list of pages may be in a name.
const maxWhich = 20

// Undo takes back the last change of a document's arrangement that was not
// taken back yet, if a.Version is still its version. A change that concerned
// several documents is taken back in all of them, unless one was changed since
// (Problem "arrange.undo-later"). A document that the change had split off is
// gone then.
func (s *Service) Undo(ctx context.Context, actor string, a sohoa.Arrangement) (sohoa.Arrangement, error) {
	d := s.newDesk()
	d.undo = true
	if err := d.fetch(ctx, a.Document); err != nil {
		return a, err
	}
	on := d.docs[a.Document]
	if on.was.Version != a.Version {
		return on.was, arrangedMeanwhile()
	}
	if on.was.State == 0 {
		return on.was, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.undo-none"}
	}
	for _, with := range on.was.With {
		later := &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.undo-later", Args: []string{with.Document.String()}}
		err := d.fetch(ctx, with.Document)
		if errors.Is(err, sohoa.ErrNotExist) || err == nil && d.docs[with.Document].was.State != with.State {
			return on.was, later
		}
		if err != nil {
			return on.was, err
		}
	}
	if err := d.goBack(ctx); err != nil {
		return on.was, err
	}
	return on.is, d.carryOut(ctx, actor)
}

// arrangeable reports as a Problem why the pages of a held document cannot be
// arranged.
func arrangeable(doc sohoa.Document) error {
	switch {
	case doc.State == sohoa.StateParked:
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.parked"}
	case doc.State != sohoa.StateRead:
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.reading", Args: []string{fmt.Sprint(doc.PagesRead), fmt.Sprint(doc.Pages)}}
	case doc.Master == sohoa.MasterOriginal:
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "arrange.original"}
	}
	return nil
}
