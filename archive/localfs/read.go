package localfs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"sohoa"
	"sohoa/archive"
)

// Open implements archive.Blobs.
func (s *Store) Open(ctx context.Context, key string) (archive.Blob, error) {
	if err := archive.CheckKey(key); err != nil {
		return nil, err
	}
	fi, err := s.root.Lstat(key)
	if err == nil {
		err = regular(fi)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, explain(err))
	}
	// A pipe put there meanwhile must not block us.
	f, err := s.root.OpenFile(key, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", key, explain(err))
	}
	fi, err = f.Stat()
	if err == nil {
		err = regular(fi)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", key, err), f.Close())
	}
	return &blob{f, f, ctx, fi.Size()}, nil
}

// regular says what is wrong with a file that is not a blob.
func regular(fi fs.FileInfo) error {
	switch {
	case fi.IsDir():
		return fmt.Errorf("is a folder: %w", sohoa.ErrNotExist)
	case !fi.Mode().IsRegular():
		return fmt.Errorf("is not a regular file: %w", sohoa.ErrVerification)
	}
	return nil
}

// blob is an open file that ends with its context. It is no *os.File, which
// io.Copy would read past Read.
type blob struct {
	io.ReadSeekCloser
	io.ReaderAt
	ctx  context.Context
	size int64
}

func (b *blob) Size() int64 { return b.size }

func (b *blob) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.ReadSeekCloser.Read(p)
}

// Stat implements archive.Blobs. It does not know digests.
func (s *Store) Stat(ctx context.Context, key string) (archive.BlobInfo, error) {
	if err := cmp.Or(archive.CheckKey(key), ctx.Err()); err != nil {
		return archive.BlobInfo{}, err
	}
	fi, err := s.root.Lstat(key)
	if err == nil {
		err = regular(fi)
	}
	if err != nil {
		return archive.BlobInfo{}, fmt.Errorf("stat %s: %w", key, explain(err))
	}
	return info(key, fi), nil
}

func info(key string, fi fs.FileInfo) archive.BlobInfo {
	return archive.BlobInfo{Key: key, Size: fi.Size(), Modified: fi.ModTime().UTC(), Tag: tag(fi)}
}

// tag differs between any two files that were under a key one after the
// other.
func tag(fi fs.FileInfo) string {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x", st.Ino, fi.ModTime().UnixNano(), fi.Size())
}

// List implements archive.Blobs. It reads one folder at a time.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[archive.BlobInfo, error] {
	return func(yield func(archive.BlobInfo, error) bool) {
		if err := archive.CheckPrefix(prefix); err != nil {
			yield(archive.BlobInfo{}, err)
			return
		}
		w := walk{ctx, s.root, prefix, yield}
		dir := "."
		if i := strings.LastIndexByte(prefix, '/'); i >= 0 {
			dir = prefix[:i]
		}
		w.dir(dir)
	}
}

// walk is one listing.
type walk struct {
	ctx    context.Context
	root   *os.Root
	prefix string
	yield  func(archive.BlobInfo, error) bool
}

// dir yields what is in dir and below, and reports whether to go on.
func (w walk) dir(dir string) bool {
	entries, err := w.entries(dir)
	if err != nil {
		w.yield(archive.BlobInfo{}, fmt.Errorf("list %s: %w", dir, err))
		return false
	}
	for _, e := range entries {
		if !w.entry(path.Join(dir, e.Name()), e) {
			return false
		}
	}
	return true
}

func (w walk) entry(key string, e fs.DirEntry) bool {
	switch {
	case e.IsDir() && (strings.HasPrefix(key+"/", w.prefix) || strings.HasPrefix(w.prefix, key+"/")):
		return w.dir(key)
	case e.IsDir() || !strings.HasPrefix(key, w.prefix):
		return true
	}
	fi, err := w.root.Lstat(key)
	if errors.Is(err, fs.ErrNotExist) {
		return true // removed meanwhile
	}
	if err != nil {
		return w.yield(archive.BlobInfo{}, fmt.Errorf("list %s: %w", key, err)) && false
	}
	return w.yield(info(key, fi), nil)
}

// entries reads dir in the order of keys, in which a folder's name ends in a
// slash. A folder that is not there has none.
func (w walk) entries(dir string) ([]fs.DirEntry, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, err
	}
	f, err := w.root.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	entries, err := f.ReadDir(-1)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // removed meanwhile
	}
	if dir == "." {
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == tempDir })
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(sortName(a), sortName(b)) })
	return entries, errors.Join(err, f.Close())
}

func sortName(e fs.DirEntry) string {
	if e.IsDir() {
		return e.Name() + "/"
	}
	return e.Name()
}
