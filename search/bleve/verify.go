package bleve

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
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
		diffs, pages, err := x.differences(ctx, src, id)
		if err != nil {
			return err
		}
		count(v, diffs)
		if how.Repair {
			if err := x.repair(ctx, src, toRepair(diffs, pages)); err != nil {
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
	now, err := src.Outlines(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	err = x.use(func(g *generation) error { diffs, err = g.differences(ctx, id, now); return err })
	return diffs, len(now), err
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

// toRepair are the pages of a document of so many; one without any goes as a
// whole.
func toRepair(diffs []difference, pages int) []search.PageKey {
	var keys []search.PageKey
	for _, d := range diffs {
		if pages == 0 {
			return []search.PageKey{{Document: d.Document}}
		}
		keys = append(keys, d.PageKey)
	}
	return keys
}

// repair applies pages as they are now. Nothing else is applied meanwhile, so
// that nothing newer is overwritten.
func (x *Index) repair(ctx context.Context, src search.Source, pages []search.PageKey) error {
	for part := range slices.Chunk(pages, verifyRepairs) {
		err := x.write(func(g *generation) error {
			cursor, err := g.Cursor(ctx)
			if err != nil {
				return err
			}
			changes, err := search.ChangesOf(ctx, src, part)
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
