package ocfl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"time"

	ocflfs "github.com/srerickson/ocfl-go/fs"

	"sohoa"
	"sohoa/archive"
)

// filesystem shows blobs to ocfl-go as the file system that it works on.
// Paths are keys.
type filesystem struct {
	blobs  archive.Blobs
	eraser archive.Eraser
}

var (
	_ ocflfs.WriteFS      = (*filesystem)(nil)
	_ ocflfs.DirEntriesFS = (*filesystem)(nil)
	_ ocflfs.FileWalker   = (*filesystem)(nil)
)

// pathError is what ocfl-go expects, with what our callers expect inside.
func pathError(op, name string, err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// OpenFile implements ocflfs.FS.
func (f *filesystem) OpenFile(ctx context.Context, name string) (fs.File, error) {
	b, err := f.blobs.Open(ctx, name)
	if err != nil {
		return nil, pathError("open", name, err)
	}
	return file{b, name}, nil
}

// Write implements ocflfs.WriteFS.
func (f *filesystem) Write(ctx context.Context, name string, r io.Reader) (int64, error) {
	info, err := f.blobs.Put(ctx, name, r)
	if err != nil {
		return 0, pathError("write", name, err)
	}
	return info.Size, nil
}

// Remove implements ocflfs.WriteFS.
func (f *filesystem) Remove(ctx context.Context, name string) error {
	if err := f.eraser.Remove(ctx, name); err != nil {
		return pathError("remove", name, err)
	}
	return nil
}

// RemoveAll implements ocflfs.WriteFS.
func (f *filesystem) RemoveAll(ctx context.Context, name string) error {
	if err := f.eraser.RemoveAll(ctx, name+"/"); err != nil {
		return pathError("remove", name, err)
	}
	return nil
}

// DirEntries implements ocflfs.DirEntriesFS by listing everything below name:
// it is for the folders of one object.
func (f *filesystem) DirEntries(ctx context.Context, name string) iter.Seq2[fs.DirEntry, error] {
	return func(yield func(fs.DirEntry, error) bool) {
		entries, err := f.entries(ctx, name+"/")
		if err == nil && len(entries) == 0 {
			err = fs.ErrNotExist
		}
		if err != nil {
			yield(nil, pathError("readdir", name, err))
			return
		}
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (f *filesystem) entries(ctx context.Context, prefix string) ([]fs.DirEntry, error) {
	var entries []fs.DirEntry
	for info, err := range f.blobs.List(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		e := fileInfo{BlobInfo: info}
		var below bool
		e.name, _, below = strings.Cut(strings.TrimPrefix(info.Key, prefix), "/")
		if below {
			e.BlobInfo, e.mode = archive.BlobInfo{}, fs.ModeDir
		}
		if n := len(entries); !below || n == 0 || entries[n-1].Name() != e.name {
			entries = append(entries, fs.FileInfoToDirEntry(e))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// WalkFiles implements ocflfs.FileWalker.
func (f *filesystem) WalkFiles(ctx context.Context, dir string) iter.Seq2[*ocflfs.FileRef, error] {
	return func(yield func(*ocflfs.FileRef, error) bool) {
		for info, err := range f.blobs.List(ctx, dir+"/") {
			if err != nil {
				yield(nil, pathError("walk", dir, err))
				return
			}
			ref := &ocflfs.FileRef{
				FS: f, BaseDir: dir, Path: strings.TrimPrefix(info.Key, dir+"/"),
				Info: fileInfo{BlobInfo: info, name: path.Base(info.Key)},
			}
			if !yield(ref, nil) {
				return
			}
		}
	}
}

// file is an open blob as fs.File.
type file struct {
	archive.Blob
	key string
}

func (f file) Stat() (fs.FileInfo, error) {
	return fileInfo{BlobInfo: archive.BlobInfo{Key: f.key, Size: f.Blob.Size()}, name: path.Base(f.key)}, nil
}

// fileInfo is a blob, or a folder of blobs, as fs.FileInfo.
type fileInfo struct {
	archive.BlobInfo
	name string
	mode fs.FileMode
}

func (i fileInfo) Name() string       { return i.name }
func (i fileInfo) Size() int64        { return i.BlobInfo.Size }
func (i fileInfo) Mode() fs.FileMode  { return i.mode | 0o400 }
func (i fileInfo) ModTime() time.Time { return i.Modified }
func (i fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i fileInfo) Sys() any           { return nil }
