package raster_test

import (
	"bytes"
	"context"
	"image"
	"os"
	"path/filepath"
	"testing"

	"sohoa/ingest/raster"
	"sohoa/ocr/child"
)

// cacheDir is shared by the tests, so that pdfium is compiled once.
var cacheDir string

func TestMain(m *testing.M) {
	child.Run()
	dir, err := os.MkdirTemp("", "raster-test")
	if err != nil {
		panic(err)
	}
	cacheDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func newRasterizer(t testing.TB) *raster.Rasterizer {
	t.Helper()
	r, err := raster.New(raster.Config{Workers: 1, CacheDir: cacheDir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// split collects the pages of the file at path, with copies of their images.
func split(t testing.TB, r *raster.Rasterizer, path string, opts raster.SplitOptions) (raster.File, []raster.Page, error) {
	t.Helper()
	var pages []raster.Page
	f, err := r.Split(context.Background(), path, opts, func(p raster.Page) error {
		p.Image = append([]byte(nil), p.Image...)
		pages = append(pages, p)
		return nil
	})
	return f, pages, err
}

// mustSplit is split with images, and without error.
func mustSplit(t testing.TB, path string) (raster.File, []raster.Page) {
	t.Helper()
	f, pages, err := split(t, newRasterizer(t), path, raster.SplitOptions{Images: true})
	if err != nil {
		t.Fatalf("Split(%q): %v", filepath.Base(path), err)
	}
	return f, pages
}

// write puts b into a file of the test's own.
func write(t testing.TB, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decode decodes a page's JPEG or PNG.
func decode(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
