package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

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
		if err := s.remake(ctx, id, file); err != nil {
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
	key := thumbKey(id, number)
	file := sohoa.File{Role: sohoa.RoleThumb, Page: number, Key: key, MediaType: "image/jpeg"}
	b, err := s.Blobs.Open(ctx, key)
	if !errors.Is(err, sohoa.ErrNotExist) || s.Reader == nil {
		return b, file, err
	}
	page, err := s.page(ctx, id, number)
	if err != nil {
		return nil, file, err
	}
	image, err := s.bytes(ctx, id, sohoa.RoleImage, number)
	if err != nil {
		return nil, file, err
	}
	thumb, err := s.Reader.Thumbnail(ctx, ocr.Page{Image: image, Number: number, Turn: page.Turn})
	if err != nil {
		return nil, file, err
	}
	if _, err := s.Blobs.Put(ctx, key, bytes.NewReader(thumb)); err != nil {
		return nil, file, err
	}
	b, err = s.Blobs.Open(ctx, key)
	return b, file, err
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

// remake splits the original again for one page and stores its image, which
// must have the digest it had before.
func (s *Service) remake(ctx context.Context, id sohoa.DocumentID, want sohoa.File) error {
	original, err := s.file(ctx, id, sohoa.RoleOriginal, 0)
	if err != nil {
		return err
	}
	path, remove, err := s.local(ctx, original.Key)
	if err != nil {
		return err
	}
	defer remove()
	opts := raster.SplitOptions{First: want.Page, Last: want.Page, Images: true}
	_, err = s.Raster.Split(ctx, path, opts, func(p raster.Page) error {
		if sohoa.Sum(p.Image) != want.Digest {
			return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{want.Key}}
		}
		_, err := s.Blobs.Put(ctx, want.Key, bytes.NewReader(p.Image))
		return err
	})
	if err != nil {
		return fmt.Errorf("make image of page %d of %s again: %w", want.Page, id, err)
	}
	return nil
}
