package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sohoa"
	"sohoa/archive"
)

// desk is where pages are rearranged: the documents that a change concerns, as
// they are and as they will be. What it reads it reads before the transaction
// that commits the change, which sees to it that nothing was changed since.
type desk struct {
	service *Service
	docs    map[sohoa.DocumentID]*onDesk
	leaves  map[sohoa.PageRef]*leafOnDesk // by PageRef.Leaf
	undo    bool
}

// onDesk is a document on the desk.
type onDesk struct {
	doc     sohoa.Document
	was, is sohoa.Arrangement
	fresh   bool         // it is about to be split off
	pages   []sohoa.Page // that become others
	files   []sohoa.File // of these
}

// changes reports whether the document will be another one.
func (on *onDesk) changes() bool { return on.is.Version > on.was.Version }

// gone reports whether nothing of the document is left: it was split off, and
// that was taken back.
func (on *onDesk) gone() bool {
	return on.is.State == 0 && on.doc.Digest.IsZero() && !on.fresh && on.changes()
}

// leafOnDesk is a page on the desk.
type leafOnDesk struct {
	sohoa.Leaf
	put bool // it is new, or another document's than before
}

func (s *Service) newDesk() *desk {
	return &desk{service: s, docs: map[sohoa.DocumentID]*onDesk{}, leaves: map[sohoa.PageRef]*leafOnDesk{}}
}

// fetch puts a document with its pages on the desk.
func (d *desk) fetch(ctx context.Context, id sohoa.DocumentID) error {
	if d.docs[id] != nil {
		return nil
	}
	catalog, on := d.service.Catalog, &onDesk{}
	var err error
	if on.doc, err = catalog.Document(ctx, sohoa.Everything, id); err != nil {
		return err
	}
	if on.was, err = d.service.arrangement(ctx, on.doc, on.doc.Arrangement); err != nil {
		return err
	}
	d.docs[id] = on
	if on.doc.Arrangement == 0 {
		return d.pick(ctx, id)
	}
	leaves, err := catalog.Leaves(ctx, id)
	for _, l := range leaves {
		d.leaves[l.Ref] = &leafOnDesk{Leaf: l}
	}
	return err
}

// pick makes leaves of the pages of a document that was never arranged.
func (d *desk) pick(ctx context.Context, id sohoa.DocumentID) error {
	pages, err := d.service.Catalog.Pages(ctx, id)
	if err != nil {
		return err
	}
	files, err := d.service.Catalog.Files(ctx, id)
	if err != nil {
		return err
	}
	for _, p := range pages {
		ref := sohoa.PageRef{Document: id, Page: p.Number}
		d.leaves[ref] = &leafOnDesk{Leaf: sohoa.Leaf{Ref: ref, Holder: id, Page: p}, put: true}
	}
	for _, f := range files {
		if l := d.leaves[sohoa.PageRef{Document: id, Page: f.Page}]; l != nil {
			l.Files = append(l.Files, f)
		}
	}
	return nil
}

// gather puts on the desk what else is needed for doc to have these pages.
func (d *desk) gather(ctx context.Context, doc sohoa.Document, refs []sohoa.PageRef) error {
	for _, ref := range refs {
		if d.leaves[ref.Leaf()] != nil {
			continue
		}
		unknown := &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "arrange.page", Args: []string{sohoa.FormatPages(doc.ID, []sohoa.PageRef{ref.Leaf()})}}
		source, err := d.service.Catalog.Document(ctx, sohoa.Everything, ref.Document)
		if errors.Is(err, sohoa.ErrNotExist) || err == nil && source.Dossier != doc.Dossier {
			return unknown
		}
		if err != nil {
			return err
		}
		holder := source.ID
		if l, err := d.service.Catalog.Leaf(ctx, ref); err == nil {
			holder = l.Holder
		} else if !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
		if err := d.fetch(ctx, holder); err != nil {
			return err
		}
		if err := d.ready(holder); err != nil {
			return err
		}
		if d.leaves[ref.Leaf()] != nil {
			continue
		}
		// Its document was not arranged when it was looked at. If it is now,
		// the page went elsewhere meanwhile.
		if _, err := d.service.Catalog.Leaf(ctx, ref); !errors.Is(err, sohoa.ErrNotExist) {
			return cmp.Or(err, arrangedMeanwhile())
		}
		return unknown
	}
	return nil
}

// ready reports as a Problem why a document on the desk cannot be arranged.
func (d *desk) ready(id sohoa.DocumentID) error {
	doc := d.docs[id].doc
	if err := unsigned(doc); err != nil {
		return err
	}
	if doc.State == sohoa.StateParked && (doc.Stage == sohoa.StageCompose || doc.Stage == sohoa.StageSign) {
		doc.State = sohoa.StateRead // hold takes it up
	}
	return arrangeable(doc)
}

// place gives a document the pages of a list. Those that others have are taken
// from them.
func (d *desk) place(id sohoa.DocumentID, pages []sohoa.PageRef) {
	here := map[sohoa.PageRef]bool{}
	for _, ref := range pages {
		here[ref.Leaf()] = true
	}
	without := func(refs []sohoa.PageRef) []sohoa.PageRef {
		return slices.DeleteFunc(slices.Clone(refs), func(r sohoa.PageRef) bool { return here[r.Leaf()] })
	}
	for other, on := range d.docs {
		on.is = sohoa.Arrangement{Document: other, Pages: without(on.was.Pages), Dropped: without(on.was.Dropped)}
		if other == id {
			on.is.Dropped = append(on.is.Dropped, on.is.Pages...)
			on.is.Pages = pages
		}
	}
	for ref := range here {
		d.leaves[ref].hold(id)
	}
	d.number()
}

// hold gives the page to a document.
func (l *leafOnDesk) hold(id sohoa.DocumentID) {
	l.put = l.put || l.Holder != id
	l.Holder = id
}

// number gives the next version to each document that changes.
func (d *desk) number() {
	for _, on := range d.docs {
		same := slices.Equal(on.is.Pages, on.was.Pages) && slices.Equal(on.is.Dropped, on.was.Dropped)
		if same && !on.fresh {
			on.is = on.was
			continue
		}
		on.is.Version = on.was.Version + 1
		on.is.State, on.is.Before = on.is.Version, on.was.State
	}
	changed := d.changed()
	for _, on := range changed {
		for _, other := range changed {
			if other != on {
				on.is.With = append(on.is.With, sohoa.Together{Document: other.doc.ID, State: other.is.State})
			}
		}
	}
}

// goBack gives every document on the desk the pages that it had before the
// change that made it what it is.
func (d *desk) goBack(ctx context.Context) error {
	for id, on := range d.docs {
		before, err := d.service.arrangement(ctx, on.doc, on.was.Before)
		if err != nil {
			return err
		}
		on.is = before
		on.is.Version = on.was.Version + 1
		for _, ref := range slices.Concat(before.Pages, before.Dropped) {
			l := d.leaves[ref.Leaf()]
			if l == nil {
				return fmt.Errorf("undo in %s: page %d of %s is elsewhere: %w", id, ref.Page, ref.Document, sohoa.ErrConflict)
			}
			l.hold(id)
		}
	}
	return nil
}

// changed are the documents that change, by their identifiers.
func (d *desk) changed() []*onDesk {
	var all []*onDesk
	for _, on := range d.docs {
		if on.changes() {
			all = append(all, on)
		}
	}
	slices.SortFunc(all, func(a, b *onDesk) int { return strings.Compare(a.doc.ID.String(), b.doc.ID.String()) })
	return all
}

// carryOut stores what the documents will need and commits the change. Where
// nothing changes it does nothing.
func (d *desk) carryOut(ctx context.Context, actor string) error {
	changed := d.changed()
	if len(changed) == 0 {
		return nil
	}
	for _, on := range changed {
		if err := d.ready(on.doc.ID); err != nil {
			return err
		}
	}
	if err := d.moveFiles(ctx); err != nil {
		return err
	}
	for _, on := range changed {
		if err := d.finish(ctx, on); err != nil {
			return fmt.Errorf("arrange %s: %w", on.doc.ID, err)
		}
	}
	err := d.service.Catalog.Update(ctx, func(tx archive.Tx) error { return d.commit(tx, actor, changed) })
	if err != nil {
		return err
	}
	for _, on := range changed {
		if on.gone() {
			d.service.clear(ctx, []sohoa.DocumentID{on.doc.ID})
		}
	}
	return nil
}

// commit is the transaction of a change. It fails with "arrange.changed" if
// one of the documents is not what it was when the change was prepared.
func (d *desk) commit(tx archive.Tx, actor string, changed []*onDesk) error {
	for _, on := range changed {
		doc := on.doc
		if !on.fresh {
			var err error
			if doc, err = tx.Document(doc.ID); err != nil {
				return err
			}
		}
		if doc.Arrangement != on.was.Version {
			return arrangedMeanwhile()
		}
		if err := d.service.hold(tx, actor, &doc); err != nil {
			return err
		}
		if err := arrangeable(doc); err != nil {
			return err
		}
		doc.Expected = on.given(doc.Expected, d.undo)
		if err := tx.PutDocument(on.after(doc)); err != nil {
			return err
		}
	}
	var leaves []sohoa.Leaf
	for _, l := range d.leaves {
		if l.put {
			leaves = append(leaves, l.Leaf)
		}
	}
	if err := tx.PutLeaves(leaves...); err != nil {
		return err
	}
	for _, on := range changed {
		if err := d.enterArrangement(tx, actor, on); err != nil {
			return err
		}
	}
	return nil
}

// after is the document with its new pages.
func (on *onDesk) after(doc sohoa.Document) sohoa.Document {
	doc.Arrangement, doc.Pages, doc.PagesRead = on.is.Version, len(on.is.Pages), len(on.is.Pages)
	doc.Fields, doc.FieldsAt, doc.MovedTo = nil, doc.FieldsAt+1, nil
	if doc.Pages == 0 {
		for _, with := range on.is.With {
			doc.MovedTo = append(doc.MovedTo, with.Document)
		}
	}
	return doc
}

// enterArrangement commits what a desk made of one document.
func (d *desk) enterArrangement(tx archive.Tx, actor string, on *onDesk) error {
	if on.gone() {
		if err := tx.RemoveDocument(on.doc.ID); err != nil {
			return err
		}
		return d.journal(tx, actor, on)
	}
	if on.was.Version == 0 {
		if err := tx.PutArrangement(on.was); err != nil {
			return err
		}
	}
	if err := tx.PutArrangement(on.is); err != nil {
		return err
	}
	if err := tx.ReplacePages(on.doc.ID, len(on.is.Pages), on.pages, on.files); err != nil {
		return err
	}
	return d.journal(tx, actor, on)
}

// journal notes what was where before, and where it is.
func (d *desk) journal(tx archive.Tx, actor string, on *onDesk) error {
	id := on.doc.ID
	note := detail{"version": on.is.Version, "before": sohoa.FormatPages(id, on.was.Pages), "after": sohoa.FormatPages(id, on.is.Pages)}
	if len(on.is.Dropped) > 0 {
		note["dropped"] = sohoa.FormatPages(id, on.is.Dropped)
	}
	if on.fresh {
		note["splitFrom"] = on.doc.SplitFrom
	}
	if d.undo {
		note["undo"] = true
	}
	var with []string
	for _, other := range d.changed() {
		if other != on {
			with = append(with, other.doc.ID.String())
		}
	}
	if with != nil {
		note["with"] = with
	}
	return d.service.journalBy(tx, actor, on.doc, sohoa.ActionArrange, note)
}
