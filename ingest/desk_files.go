package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
)

// atOnce is how many files are written at a time.
const atOnce = 8

// moveFiles copies the working files of pages to the documents that they are
// moved to, where they stay when the former one is kept.
func (d *desk) moveFiles(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for _, l := range d.leaves {
		for i, f := range l.Files {
			if f.Role == sohoa.RoleImage || !strings.HasPrefix(f.Key, workPrefix) || strings.HasPrefix(f.Key, workDir(l.Holder)) {
				continue
			}
			g.Go(func() (err error) {
				l.Files[i].Key, err = d.service.copyFile(ctx, f, leafKey(l.Holder, f))
				return err
			})
		}
	}
	return g.Wait()
}

// copyFile copies the bytes of a stored file to another key. What a store
// copies by itself is compared with the digest when it is kept.
func (s *Service) copyFile(ctx context.Context, f sohoa.File, key string) (string, error) {
	if c, ok := s.Blobs.(archive.Copier); ok {
		return key, c.Copy(ctx, key, f.Key)
	}
	b, err := s.Blobs.Open(ctx, f.Key)
	if err != nil {
		return "", err
	}
	defer b.Close()
	info, err := s.Blobs.Put(ctx, key, b)
	if err == nil && info.Digest != f.Digest {
		err = &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{f.Key}}
	}
	return key, err
}

// finish makes those pages of a document that will not be what they are, and
// their files.
func (d *desk) finish(ctx context.Context, on *onDesk) error {
	var numbers []int
	for i, ref := range on.is.Pages {
		if i >= len(on.was.Pages) || on.was.Pages[i] != ref {
			numbers = append(numbers, i+1)
		}
	}
	pages, files := make([]sohoa.Page, len(numbers)), make([][]sohoa.File, len(numbers))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i, n := range numbers {
		g.Go(func() (err error) {
			ref := on.is.Pages[n-1]
			pages[i], files[i], err = d.service.pageOf(ctx, d.leaves[ref.Leaf()].Leaf, ref, n)
			return err
		})
	}
	err := g.Wait()
	on.pages, on.files = pages, slices.Concat(files...)
	return err
}

// pageOf makes a leaf page n of its holder, turned as ref says. Its image is
// the same; its text is turned with it.
func (s *Service) pageOf(ctx context.Context, l sohoa.Leaf, ref sohoa.PageRef, n int) (sohoa.Page, []sohoa.File, error) {
	page := l.Page
	page.Document, page.Number, page.From = l.Holder, n, ref
	page.Turn = (l.Page.Turn + ref.Turn) % 360
	var files []sohoa.File
	for _, f := range l.Files {
		f.Page = n
		switch f.Role {
		case sohoa.RoleThumb:
			continue // its key follows from where the page came from and its turn
		case sohoa.RoleText:
			var err error
			if f, err = s.turnText(ctx, f, page); err != nil {
				return page, nil, err
			}
		}
		files = append(files, f)
	}
	return page, files, nil
}

// turnText stores the text of a leaf as that of page.
func (s *Service) turnText(ctx context.Context, f sohoa.File, page sohoa.Page) (sohoa.File, error) {
	read, err := s.TextAt(ctx, f.Key)
	if err != nil {
		return f, err
	}
	return s.storeArranged(ctx, page, read.Turned(page.From.Turn))
}

// storeArranged stores the text of a page that was moved or turned. The key is
// that of its bytes, so that whoever writes it writes the same.
func (s *Service) storeArranged(ctx context.Context, page sohoa.Page, text sohoa.PageText) (sohoa.File, error) {
	text.Page = page.Number
	b, err := json.Marshal(text)
	if err != nil {
		return sohoa.File{}, err
	}
	info, err := s.Blobs.Put(ctx, arrangedKey(page.Document, b), bytes.NewReader(b))
	return sohoa.File{Role: sohoa.RoleText, Page: page.Number, Key: info.Key, Size: info.Size, Digest: info.Digest,
		MediaType: "application/json"}, err
}
