package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/raster"
	"sohoa/ocr"
)

// Open returns a stored file of a document; page is 0 for files of the whole
// document. A page image that was lost is made again from the original, a
// thumbnail from the image. The caller has made sure that whoever asks may see
// the document.
func (s *Service) Open(ctx context.Context, id sohoa.DocumentID, role sohoa.Role, page int) (archive.Blob, sohoa.File, error) {
	if role == sohoa.RoleThumb {
		return s.openThumb(ctx, id, page)
	}
	file, err := s.file(ctx, id, role, page)
	if err != nil {
		return nil, file, err
	}
	b, err := s.Blobs.Open(ctx, file.Key)
	if errors.Is(err, sohoa.ErrNotExist) && role == sohoa.RoleImage {
		if file, err = s.findImage(ctx, id, file); err != nil {
			return nil, file, err
		}
		b, err = s.Blobs.Open(ctx, file.Key)
	}
	if errors.Is(err, sohoa.ErrNotExist) {
		err = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "store.missing", Args: []string{file.Key}}
	}
	return b, file, err
}

// openThumb opens a thumbnail, and makes it if there is none: pages that
// brought their own text were never decoded, and thumbnails are not preserved.
func (s *Service) openThumb(ctx context.Context, id sohoa.DocumentID, number int) (archive.Blob, sohoa.File, error) {
	page, err := s.page(ctx, id, number)
	if err != nil {
		return nil, sohoa.File{}, err
	}
	return s.thumb(ctx, page, func() ([]byte, error) { return s.bytes(ctx, id, sohoa.RoleImage, number) })
}

// thumb opens the thumbnail of a page, or makes it of its image.
func (s *Service) thumb(ctx context.Context, page sohoa.Page, image func() ([]byte, error)) (archive.Blob, sohoa.File, error) {
	file := sohoa.File{Role: sohoa.RoleThumb, Page: page.Number, Key: thumbKey(page.Origin()), MediaType: "image/jpeg"}
	b, err := s.Blobs.Open(ctx, file.Key)
	if !errors.Is(err, sohoa.ErrNotExist) || s.Reader == nil {
		return b, file, err
	}
	data, err := image()
	if err != nil {
		return nil, file, err
	}
	thumb, err := s.Reader.Thumbnail(ctx, ocr.Page{Image: data, Number: page.Number, Turn: page.Turn})
	if err != nil {
		return nil, file, err
	}
	if _, err := s.Blobs.Put(ctx, file.Key, bytes.NewReader(thumb)); err != nil {
		return nil, file, err
	}
	b, err = s.Blobs.Open(ctx, file.Key)
	return b, file, err
}

// OpenLeaf returns the thumbnail of a page that a document has, dropped ones
// included, turned as ref says. The caller has made sure that whoever asks may
// see the document.
func (s *Service) OpenLeaf(ctx context.Context, id sohoa.DocumentID, ref sohoa.PageRef) (archive.Blob, sohoa.File, error) {
	unknown := &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "arrange.page", Args: []string{sohoa.FormatPages(id, []sohoa.PageRef{ref})}}
	leaf, err := s.Catalog.Leaf(ctx, ref)
	if errors.Is(err, sohoa.ErrNotExist) && ref.Document == id {
		leaf.Holder = id // never arranged
		leaf.Page, err = s.page(ctx, id, ref.Page)
	}
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && leaf.Holder != id {
		return nil, sohoa.File{}, unknown
	}
	if err != nil {
		return nil, sohoa.File{}, err
	}
	page := leaf.Page
	page.From, page.Turn = ref, (page.Turn+ref.Turn)%360
	return s.thumb(ctx, page, func() ([]byte, error) { return s.leafImage(ctx, leaf) })
}

// leafImage is the image of a page that may be dropped.
func (s *Service) leafImage(ctx context.Context, leaf sohoa.Leaf) ([]byte, error) {
	for _, f := range leaf.Files {
		if f.Role == sohoa.RoleImage {
			f, err := s.sourceOf(ctx, leaf.Page, f)
			if err != nil {
				return nil, err
			}
			b, err := s.Blobs.Open(ctx, f.Key)
			if err != nil {
				return nil, err
			}
			defer b.Close()
			return io.ReadAll(b)
		}
	}
	return s.bytes(ctx, leaf.Page.Document, sohoa.RoleImage, leaf.Page.Number)
}

// file finds the entry of a stored file.
func (s *Service) file(ctx context.Context, id sohoa.DocumentID, role sohoa.Role, page int) (sohoa.File, error) {
	files, err := s.Catalog.Files(ctx, id)
	if err != nil {
		return sohoa.File{}, err
	}
	for _, f := range files {
		if f.Role == role && f.Page == page {
			return f, nil
		}
	}
	name := string(role)
	if page > 0 {
		name += " " + strconv.Itoa(page)
	}
	return sohoa.File{}, &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "file.unknown", Args: []string{id.String(), name}}
}

// findImage finds the image of a page that is not where it was.
func (s *Service) findImage(ctx context.Context, id sohoa.DocumentID, file sohoa.File) (sohoa.File, error) {
	page, err := s.page(ctx, id, file.Page)
	if err != nil {
		return file, err
	}
	return s.sourceOf(ctx, page, file)
}

// sourceOf returns where the image of a page is now. An image that is an
// original itself moves with that one; one that can be made again is, if it is
// not there.
func (s *Service) sourceOf(ctx context.Context, page sohoa.Page, file sohoa.File) (sohoa.File, error) {
	_, err := s.Blobs.Stat(ctx, file.Key)
	if !errors.Is(err, sohoa.ErrNotExist) {
		return file, err
	}
	from := page.Origin()
	original, err := s.file(ctx, from.Document, sohoa.RoleOriginal, 0)
	if err != nil {
		return file, err
	}
	switch {
	case file.Digest == original.Digest:
		file.Key = original.Key
	case strings.HasPrefix(file.Key, cachePrefix):
		err = s.remake(ctx, original, from, file)
	}
	return file, err
}

// remake splits an original again for one page and stores its image, which
// must have the digest it had before.
func (s *Service) remake(ctx context.Context, original sohoa.File, from sohoa.PageRef, want sohoa.File) error {
	path, remove, err := s.local(ctx, original.Key)
	if err != nil {
		return err
	}
	defer remove()
	opts := raster.SplitOptions{First: from.Page, Last: from.Page, Images: true}
	_, err = s.Raster.Split(ctx, path, opts, func(p raster.Page) error {
		if sohoa.Sum(p.Image) != want.Digest {
			return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{want.Key}}
		}
		_, err := s.Blobs.Put(ctx, want.Key, bytes.NewReader(p.Image))
		return err
	})
	if err != nil {
		return fmt.Errorf("make image of page %d of %s again: %w", from.Page, from.Document, err)
	}
	return nil
}
