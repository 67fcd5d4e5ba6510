package eark

import (
	"archive/tar"
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// ZIP makes a package a ZIP file. Contents are stored as they are: papers and
// PDFs are compressed already.
func ZIP(w io.Writer) Sink { return &zipSink{w: zip.NewWriter(w)} }

type zipSink struct{ w *zip.Writer }

func (z *zipSink) Create(name string, _ int64, t time.Time) (io.Writer, error) {
	h := &zip.FileHeader{Name: name, Method: zip.Store, Modified: t.UTC()}
	if filepath.Ext(name) == ".xsd" || filepath.Ext(name) == ".xml" {
		h.Method = zip.Deflate
	}
	return z.w.CreateHeader(h)
}

func (z *zipSink) Close() error { return z.w.Close() }

// TAR makes a package a TAR file.
func TAR(w io.Writer) Sink { return &tarSink{w: tar.NewWriter(w)} }

type tarSink struct{ w *tar.Writer }

func (t *tarSink) Create(name string, size int64, at time.Time) (io.Writer, error) {
	err := t.w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: at.UTC(), Format: tar.FormatPAX})
	return t.w, err
}

func (t *tarSink) Close() error { return t.w.Close() }

// Folder makes a package a folder inside dir, which exists. Files appear as
// they are written; one that is there already is an error.
func Folder(dir string) Sink { return &folderSink{dir: dir} }

type folderSink struct {
	dir string
	f   *os.File
}

func (s *folderSink) Create(name string, _ int64, _ time.Time) (io.Writer, error) {
	if err := s.Close(); err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	s.f = f
	return f, err
}

func (s *folderSink) Close() error {
	if s.f == nil {
		return nil
	}
	err := errors.Join(s.f.Sync(), s.f.Close())
	if err != nil {
		err = fmt.Errorf("write %s: %w", s.f.Name(), err)
	}
	s.f = nil
	return err
}

// Sub is sink with everything in a folder of it. Its Close leaves the sink
// open, so that several packages go into one.
func Sub(sink Sink, folder string) Sink { return subSink{sink, folder} }

type subSink struct {
	Sink
	folder string
}

func (s subSink) Create(name string, size int64, t time.Time) (io.Writer, error) {
	return s.Sink.Create(s.folder+"/"+name, size, t)
}

func (s subSink) Close() error { return nil }
