package search

import (
	"context"
	"encoding/json"
	"slices"

	"sohoa"
	"sohoa/search/vi"
)

// work is what has to be applied as it is now.
type work struct {
	PageKey        // a page; page 0 is a document that is to be removed
	document bool  // all of Document
	group    Group // all documents of it
}

// Group is all documents of a dossier, of a procedure or of an agency, by its
// code.
type Group struct{ Dossier, Procedure, Agency string }

// Node finds the pages of a group in an index made with p, and maybe others.
func (g Group) Node(p Privacy) Node {
	switch {
	case g.Procedure != "":
		return facetNode(FacetProcedure, clipped(p.Mask(g.Procedure)))
	case g.Agency != "":
		return Node{Field: FieldAgency, Term: g.Agency}
	}
	return Node{Field: FieldDossier, Term: vi.CodeTerm(p.Mask(g.Dossier))}
}

// todo is what entries ask for, each once, that of the first entry first. A
// page whose document is in the list as a whole is left out.
func todo(entries []sohoa.Entry) queue {
	whole := map[sohoa.DocumentID]bool{}
	for _, e := range entries {
		if reach(e.Action) == reachDocument {
			whole[e.Document] = true
		}
	}
	seen := map[work]bool{}
	var out queue
	for _, e := range entries {
		w := work{PageKey: PageKey{Document: e.Document}}
		switch reach(e.Action) {
		case reachPage:
			if w.document = whole[e.Document] || e.Page < 1; !w.document {
				w.Page = e.Page
			}
		case reachDocument:
			w.document = true
		case reachDossier:
			w = work{group: Group{Dossier: e.Dossier}}
		case reachProcedure:
			w = work{group: Group{Procedure: subjectOf(e).Procedure}}
		case reachAgency:
			w = work{group: Group{Agency: subjectOf(e).Agency}}
		default:
			continue
		}
		if nobody := w.Document.IsZero() && w.group == (Group{}); !nobody && !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	slices.Reverse(out)
	return out
}

// The most that an action may change of what is indexed.
const (
	reachNothing = iota
	reachPage
	reachDocument
	reachDossier   // what is indexed with every document of a dossier
	reachProcedure // and with those of a procedure
	reachAgency    // and with those of an agency
)

// reach says what an action may change of what is indexed: text, Fields, what
// PageDoc has of State and Life, who may see a document, its dossier, its
// procedure and its agency. What changes a dossier or its documents otherwise
// is not followed. Too much here costs a comparison, too little leaves the
// index wrong until the nightly one.
func reach(a sohoa.Action) int {
	switch a {
	case sohoa.ActionRead:
		return reachPage
	case sohoa.ActionCompose, sohoa.ActionConfirm, sohoa.ActionArrange, sohoa.ActionHold, sohoa.ActionRelease,
		sohoa.ActionPark, sohoa.ActionRetry, sohoa.ActionRecover, sohoa.ActionKeep, sohoa.ActionImport,
		sohoa.ActionRevoke, sohoa.ActionReinstate, sohoa.ActionReplace, sohoa.ActionValidity, sohoa.ActionType, sohoa.ActionAssign, sohoa.ActionDestroy,
		sohoa.ActionReuse, sohoa.ActionReuseEnd:
		return reachDocument
	case sohoa.ActionDossierSet:
		return reachDossier
	case sohoa.ActionProcedure:
		return reachProcedure
	case sohoa.ActionAgency:
		return reachAgency
	}
	return reachNothing
}

// subject is what an entry is about that is neither document nor dossier.
type subject struct{ Procedure, Agency string }

// subjectOf reads the detail of an entry; empty if it does not say.
func subjectOf(e sohoa.Entry) (s subject) {
	if err := json.Unmarshal([]byte(e.Detail), &s); err != nil {
		return subject{}
	}
	return s
}

// expand is w in smaller parts, unless it is a page. Of a document these are the
// pages that the index does not have as they are now.
func (w work) expand(ctx context.Context, idx Index, src Source) ([]work, error) {
	var parts []work
	if !w.document {
		docs, err := idx.Documents(ctx, w.group)
		for _, id := range docs {
			parts = append(parts, work{PageKey: PageKey{Document: id}, document: true})
		}
		return parts, err
	}
	now, err := src.Outlines(ctx, w.Document)
	if err != nil {
		return nil, err
	}
	pages, err := idx.Differing(ctx, w.Document, now)
	if len(now) == 0 && len(pages) > 0 {
		pages = []int{0}
	}
	for _, n := range pages {
		parts = append(parts, work{PageKey: PageKey{w.Document, n}})
	}
	return parts, err
}

// queue is work, what is done first at the end.
type queue []work

// take takes pages off q, at most n of them, and looks at no more
// documents than that.
func (q *queue) take(ctx context.Context, idx Index, src Source, n int) (pages []PageKey, err error) {
	for looked := 0; len(*q) > 0 && len(pages) < n && looked < n; {
		last := len(*q) - 1
		w := (*q)[last]
		if !w.document && w.group == (Group{}) {
			pages, *q = append(pages, w.PageKey), (*q)[:last]
			continue
		}
		parts, err := w.expand(ctx, idx, src)
		if err != nil {
			return nil, err
		}
		slices.Reverse(parts)
		*q = append((*q)[:last], parts...)
		looked++
	}
	return pages, nil
}

// part is how much of a queue is applied at once, and the cursor before and
// after all of it.
type part struct {
	pages      int
	from, done uint64
}

// apply applies a part of q and returns the cursor: it moves with the last
// one. Should the rest fail, all of q is looked at again.
func (q *queue) apply(ctx context.Context, idx Index, src Source, p part) (cursor uint64, err error) {
	pages, err := q.take(ctx, idx, src, p.pages)
	if err != nil {
		return p.from, err
	}
	changes, err := ChangesOf(ctx, src, pages)
	if err != nil {
		return p.from, err
	}
	if cursor = p.from; len(*q) == 0 {
		cursor = p.done
	}
	if len(changes) == 0 && cursor == p.from {
		return cursor, nil
	}
	return cursor, idx.Apply(ctx, changes, cursor)
}
