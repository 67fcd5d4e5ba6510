package search

import "context"

// ChangesOf are the changes that make pages in an index what they are now;
// page 0 removes its document.
func ChangesOf(ctx context.Context, src Source, pages []PageKey) ([]Change, error) {
	if len(pages) == 0 {
		return nil, nil
	}
	docs, err := src.PageDocs(ctx, pages)
	if err != nil {
		return nil, err
	}
	now := make(map[PageKey]*PageDoc, len(docs))
	for i, d := range docs {
		now[PageKey{d.Document, d.Page}] = &docs[i]
	}
	changes := make([]Change, len(pages))
	for i, p := range pages {
		changes[i] = Change{Document: p.Document, Page: p.Page, Put: now[p]}
	}
	return changes, nil
}
