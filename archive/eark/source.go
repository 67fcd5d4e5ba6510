package eark

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"sohoa"
)

// Source is a package as somebody brought it: its files by name, of which
// nothing was believed yet but how many and how large they say to be.
type Source struct {
	files map[string]brought
	names []string // in the order of the source
	total int64
}

type brought struct {
	size int64
	open func() (io.ReadCloser, error)
}

// OpenZIP reads the list of a ZIP file. Beyond a bound, and where a name leads
// out of the package, it is a Problem.
func OpenZIP(r io.ReaderAt, size int64) (*Source, error) {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.zip", Detail: err.Error()}
	}
	if len(z.File) > 2*sohoa.MaxPackageFiles {
		return nil, beyond("files", len(z.File), sohoa.MaxPackageFiles)
	}
	s := &Source{files: map[string]brought{}}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if f.Flags&1 != 0 || f.Mode()&^fs.ModePerm != 0 {
			return nil, badName(f.Name) // encrypted, a link, a device
		}
		if f.UncompressedSize64 > sohoa.MaxUploadBytes {
			return nil, beyond(f.Name, f.UncompressedSize64, sohoa.MaxUploadBytes)
		}
		if err := s.add(f.Name, int64(f.UncompressedSize64), f.Open); err != nil {
			return nil, err
		}
	}
	if s.total > size*sohoa.MaxPackageRatio {
		return nil, beyond("ZIP", s.total, size*sohoa.MaxPackageRatio)
	}
	return s, nil
}

// OpenFolder reads the list of a folder. Links are refused.
func OpenFolder(fsys fs.FS) (*Source, error) {
	s := &Source{files: map[string]brought{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return badName(name)
		}
		return s.add(name, info.Size(), func() (io.ReadCloser, error) { return fsys.Open(name) })
	})
	return s, err
}

// add enters a file, within the bounds.
func (s *Source) add(name string, size int64, open func() (io.ReadCloser, error)) error {
	if strings.Contains(name, `\`) || strings.ContainsRune(name, 0) || !fs.ValidPath(name) || len(name) > sohoa.MaxPackagePath {
		return badName(name)
	}
	if _, twice := s.files[name]; twice {
		return badName(name)
	}
	s.files[name] = brought{size, open}
	s.names = append(s.names, name)
	s.total += size
	switch {
	case len(s.names) > sohoa.MaxPackageFiles:
		return beyond("files", len(s.names), sohoa.MaxPackageFiles)
	case size > sohoa.MaxUploadBytes:
		return beyond(name, size, sohoa.MaxUploadBytes)
	case s.total > sohoa.MaxPackageBytes:
		return beyond("bytes", s.total, int64(sohoa.MaxPackageBytes))
	}
	return nil
}

// root is the folder that METS.xml is in: the top, or the one folder there.
func (s *Source) root() (string, error) {
	if _, ok := s.files[metsName]; ok {
		return "", nil
	}
	for _, name := range s.names {
		if dir, file := path.Split(name); file == metsName && strings.Count(dir, "/") == 1 {
			return dir, nil
		}
	}
	return "", &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.no-mets"}
}

// xml reads a file that is small enough to be held.
func (s *Source) xml(ctx context.Context, name string) ([]byte, error) {
	f, ok := s.files[name]
	if !ok {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.missing", Args: []string{name}}
	}
	if f.size > sohoa.MaxPackageXML {
		return nil, beyond(name, f.size, int64(sohoa.MaxPackageXML))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r, err := f.open()
	if err != nil {
		return nil, damaged(name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, sohoa.MaxPackageXML))
	if err != nil {
		return nil, damaged(name, err)
	}
	return b, nil
}

func badName(name string) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.name", Args: []string{fmt.Sprintf("%.200q", name)}}
}

func beyond[T, U int | int64 | uint64](what string, n T, most U) error {
	return &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "package.bound", Args: []string{what, fmt.Sprint(n), fmt.Sprint(most)}}
}

func damaged(name string, err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "package.damaged", Args: []string{name}, Detail: err.Error()}
}
