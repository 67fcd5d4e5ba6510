package bleve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"sohoa"
	"sohoa/archive/durable"
	"sohoa/search"
)

// Verifying says how Verify goes about it.
type Verifying struct {
	Repair bool // apply what differs again
	Rest   int  // after each batch it rests so many times as long as that took; it has all night
}

// Sizes and waits of Verify.
const (
	verifyDocuments = 100 // compared at a time
	verifyRepairs   = 100 // pages applied at once
	verifyExamples  = 10  // pages that are named
	verifyWait      = time.Minute
	verifyPoll      = 20 * time.Millisecond
)

// verifiedFile has in the index directory what the last Verify found.
const verifiedFile = "verified.json"

// difference is a page that is not in the index as it should be.
type difference struct {
	search.PageKey
	want, have bool // it is in the catalogue, in the index
}

// Verify compares the index with the catalogue, documents and pages as they
// were indexed, a batch at a time, while both are used: what differs is looked
// at again once the index has taken in the journal as it is then. The result
// is kept for Health. An index that is being rebuilt is not verified:
// "search.rebuilding", sohoa.ErrConflict.
func (x *Index) Verify(ctx context.Context, src search.Catalogue, how Verifying) (search.Verified, error) {
	v := search.Verified{At: time.Now().UTC().Truncate(time.Second)}
	if h, err := x.Health(); err != nil || h.Rebuilding {
		return v, cmp.Or(err, error(&sohoa.Problem{Kind: sohoa.ErrConflict, Code: "search.rebuilding"}))
	}
	start := time.Now()
	var after sohoa.DocumentID
	for more := true; more; {
		began := time.Now()
		docs, err := src.Documents(ctx, after, verifyDocuments)
		if err != nil {
			return v, fmt.Errorf("verify index: %w", err)
		}
		more = len(docs) > 0
		if err := x.verifyBatch(ctx, src, how, span{after, docs}, &v); err != nil {
			return v, fmt.Errorf("verify index: %w", err)
		}
		if more {
			after = docs[len(docs)-1]
			rest(ctx, time.Duration(how.Rest)*time.Since(began))
		}
	}
	v.Repaired = how.Repair && v.Missing+v.Extra+v.Outdated > 0
	v.Seconds = time.Since(start).Seconds()
	b, err := json.Marshal(v)
	if err == nil {
		err = durable.WriteFile(filepath.Join(x.dir, verifiedFile), b)
	}
	return v, err
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// span are documents of the catalogue, and after which they come; none is the
// end.
type span struct {
	after sohoa.DocumentID
	docs  []sohoa.DocumentID
}

func (s span) contains(id string) bool {
	return id > text(s.after) && (len(s.docs) == 0 || id <= s.docs[len(s.docs)-1].String())
}

// text is an identifier as it sorts; nothing for the zero one.
func text(id sohoa.DocumentID) string {
	if id.IsZero() {
		return ""
	}
	return id.String()
}

// verifyBatch compares the documents of s, and those that only the index has
// between them.
func (x *Index) verifyBatch(ctx context.Context, src search.Catalogue, how Verifying, s span, v *search.Verified) error {
	docs, err := x.documents(s)
	if err != nil {
		return err
	}
	docs = append(docs, s.docs...)
	slices.SortFunc(docs, func(a, b sohoa.DocumentID) int { return cmp.Compare(a.String(), b.String()) })
	var doubtful []sohoa.DocumentID
	for _, id := range slices.Compact(docs) {
		diffs, pages, err := x.differences(ctx, src, id)
		if err != nil {
			return err
		}
		v.Pages += pages
		if len(diffs) > 0 {
			doubtful = append(doubtful, id)
		}
	}
	v.Documents += len(s.docs)
	if len(doubtful) == 0 {
		return nil
	}
	if err := x.awaitJournal(ctx, src); err != nil {
		return err
	}
	for _, id := range doubtful {
		diffs, _, err := x.differences(ctx, src, id)
		if err != nil {
			return err
		}
		count(v, diffs)
		if how.Repair {
			if err := x.repair(ctx, src, diffs); err != nil {
				return err
			}
		}
	}
	return nil
}

// count adds differences to v.
func count(v *search.Verified, diffs []difference) {
	for _, d := range diffs {
		switch {
		case !d.have:
			v.Missing++
		case !d.want:
			v.Extra++
		default:
			v.Outdated++
		}
		if len(v.Examples) < verifyExamples {
			v.Examples = append(v.Examples, pageID(d.PageKey))
		}
	}
}

// differences compares one document. pages is how many it has.
func (x *Index) differences(ctx context.Context, src search.Catalogue, id sohoa.DocumentID) (diffs []difference, pages int, err error) {
	outlines, err := src.Outlines(ctx, id)
	if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
		return nil, 0, err
	}
	want := map[int]string{}
	for _, d := range outlines {
		want[d.Page] = x.privacy.Stamp(d)
	}
	var have map[int]string
	if err := x.use(func(g *generation) error { have, err = g.stamps(ctx, id); return err }); err != nil {
		return nil, 0, err
	}
	all := maps.Clone(want)
	maps.Copy(all, have)
	for _, n := range slices.Sorted(maps.Keys(all)) {
		w, isWanted := want[n]
		h, isHad := have[n]
		if w != h || isWanted != isHad {
			diffs = append(diffs, difference{search.PageKey{Document: id, Page: n}, isWanted, isHad})
		}
	}
	return diffs, len(want), nil
}

// awaitJournal waits until the index has taken in the journal as it is now.
func (x *Index) awaitJournal(ctx context.Context, src search.Header) error {
	head, err := src.Head(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, verifyWait)
	defer cancel()
	for {
		cursor, err := x.peek(ctx)
		if err != nil || cursor >= head {
			return err
		}
		rest(ctx, verifyPoll)
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("index is at %d of the journal's %d: %w", cursor, head, err)
		}
	}
}

// repair applies pages as they are now. Nothing else is applied meanwhile, so
// that nothing newer is overwritten.
func (x *Index) repair(ctx context.Context, src search.Source, diffs []difference) error {
	for part := range slices.Chunk(diffs, verifyRepairs) {
		err := x.write(func(g *generation) error {
			cursor, err := g.Cursor(ctx)
			if err != nil {
				return err
			}
			changes, err := asTheyAre(ctx, src, part)
			if err != nil {
				return err
			}
			return g.Apply(ctx, changes, cursor)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// asTheyAre are the changes that make pages what they are now.
func asTheyAre(ctx context.Context, src search.Source, diffs []difference) ([]search.Change, error) {
	var changes []search.Change
	for _, d := range diffs {
		c := search.Change{Document: d.Document, Page: d.Page}
		page, err := src.PageDoc(ctx, d.Document, d.Page)
		switch {
		case err == nil:
			c.Put = &page
		case !errors.Is(err, sohoa.ErrNotExist):
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}
