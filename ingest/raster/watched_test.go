package raster

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"sohoa"
)

// failing is a file whose disk fails after some reads.
type failing struct {
	*bytes.Reader
	left int
}

func (f *failing) Read(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return 0, syscall.EIO
	}
	return f.Reader.Read(p)
}

func (f *failing) Close() error { return nil }

// TestUnreadableIsNotDamaged has the disk fail at each read of a good PDF. Of
// the document nothing follows from that: neither that it is damaged, which
// would park it for good, nor that its pages are empty.
func TestUnreadableIsNotDamaged(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "scans", "bien-ban-01.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := newEngine(filepath.Join(os.TempDir(), "sohoa-test-pdfium"))
	if err != nil {
		t.Fatal(err)
	}
	look := func(f io.ReadSeekCloser) error {
		d, err := e.read(f, int64(len(b)))
		if err != nil {
			return err
		}
		defer d.close()
		if _, err := d.info(); err != nil {
			return err
		}
		_, err = d.page(1, true)
		return err
	}
	reads := 0
	for ; ; reads++ {
		f := &failing{bytes.NewReader(b), reads}
		err := look(f)
		if f.left >= 0 { // it needed no more
			if err != nil {
				t.Errorf("a good PDF = %v", err)
			}
			break
		}
		if !errors.Is(err, syscall.EIO) || sohoa.Permanent(err) {
			t.Errorf("the disk fails after %d reads: %v, want an error that passes", reads, err)
		}
	}
	if reads < 5 {
		t.Errorf("%d reads, want several", reads)
	}
}
