package ocfl

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"sync"

	ocflgo "github.com/srerickson/ocfl-go"
	ocflfs "github.com/srerickson/ocfl-go/fs"
	"golang.org/x/sync/errgroup"

	"sohoa"
	"sohoa/archive"
)

// Content is where the bytes of one file of a Version come from.
type Content struct {
	key    string // a blob, if bytes is nil
	bytes  []byte
	digest sohoa.Digest
	kept   bool
}

// Blob is the content of the blob key, which is copied. A zero digest is
// found by reading the blob once more.
func Blob(key string, d sohoa.Digest) Content { return Content{key: key, digest: d} }

// Bytes is the content b, which must not change until Commit returns.
func Bytes(b []byte) Content {
	return Content{bytes: append([]byte{}, b...), digest: sohoa.Sum(b)}
}

// Kept is what the same path has in the version that is followed.
func Kept() Content { return Content{kept: true} }

// writer is the file system that one Commit writes through: it reads back
// what it wrote. Its content is addressed by digest: as a source of content
// it is itself, with the digest as path.
//
// Everything but the root inventory and its sidecar is written at once, beside
// each other; these two wait for the rest. Where the store refuses late
// writers, nothing is written over what another process wrote. A writer with
// nothing but a filesystem writes over what is there, one file after another.
type writer struct {
	*filesystem
	dir     string             // of the object
	sources map[string]Content // by digest; read only while the plan runs
	creator archive.Creator    // nil if the store knows no conditions
	tags    map[string]string  // of the files that are replaced, by key

	fresh  bool   // repair saw that nothing is there
	beside bool   // another process may be writing the same version
	token  string // of this writer

	group errgroup.Group // of what is being written; for one goroutine

	mu    sync.Mutex       // guards sizes
	sizes map[string]int64 // of what was written and read back, by key
	root  []byte           // the root inventory that was written
}

var (
	_ ocflfs.CopyFS        = (*writer)(nil)
	_ ocflgo.ContentSource = (*writer)(nil)
)

// smallAtOnce bounds the small files that are written beside each other.
const smallAtOnce = 3

// newWriter is for an object.
func (s *Store) newWriter(dir string) *writer {
	w := &writer{filesystem: s.fs, dir: dir, token: strings.ToLower(rand.Text()[:10]), sources: map[string]Content{}, tags: map[string]string{}, sizes: map[string]int64{}}
	if c, ok := s.fs.blobs.(archive.Creator); ok && c.Conditional() {
		w.creator = c
	}
	w.group.SetLimit(smallAtOnce)
	return w
}

// follow notes what the writer may replace: the root inventory and sidecar of
// the version that it follows, inv; nil is none. It is sohoa.ErrConflict if
// another is there by now.
func (w *writer) follow(ctx context.Context, inv *ocflgo.StoredInventory) error {
	if inv == nil || w.creator == nil {
		return nil
	}
	for _, name := range []string{sidecarFile, inventoryFile} {
		key := path.Join(w.dir, name)
		info, err := w.blobs.Stat(ctx, key)
		if errors.Is(err, sohoa.ErrNotExist) {
			continue // a sidecar that a crash left out
		}
		if err != nil {
			return err
		}
		w.tags[key] = info.Tag
	}
	key := path.Join(w.dir, inventoryFile)
	got, err := w.hash(ctx, key)
	if err == nil && got.String() != inv.Digest() {
		err = archive.Overtaken(key, errors.New("it is another since it was read"))
	}
	return err
}

// OpenFile implements ocflfs.FS. What is known not to be there is not asked
// for.
func (w *writer) OpenFile(ctx context.Context, name string) (fs.File, error) {
	if w.fresh {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	return w.filesystem.OpenFile(ctx, name)
}

// DirEntries implements ocflfs.DirEntriesFS in the same way.
func (w *writer) DirEntries(ctx context.Context, name string) iter.Seq2[fs.DirEntry, error] {
	if w.fresh {
		return func(yield func(fs.DirEntry, error) bool) { yield(nil, pathError("readdir", name, fs.ErrNotExist)) }
	}
	return w.filesystem.DirEntries(ctx, name)
}

// wait ends with what is being written.
func (w *writer) wait() error {
	err := w.group.Wait()
	w.group = errgroup.Group{}
	w.group.SetLimit(smallAtOnce)
	return err
}

// inventory is the root inventory that was written.
func (w *writer) inventory() (*ocflgo.StoredInventory, error) {
	inv, v := ocflgo.ValidateInventoryBytes(w.root)
	return inv, v.Err()
}

// GetContent implements ocflgo.ContentSource.
func (w *writer) GetContent(hex string) (ocflfs.FS, string) {
	if _, ok := w.sources[hex]; !ok {
		return nil, ""
	}
	return w, hex
}

// Copy implements ocflfs.CopyFS. src is a digest.
func (w *writer) Copy(ctx context.Context, dst, src string) (int64, error) {
	return w.store(ctx, dst, w.sources[src])
}

// store writes and reads back.
func (w *writer) store(ctx context.Context, dst string, c Content) (int64, error) {
	if err := w.put(ctx, dst, c); err != nil {
		return 0, err
	}
	n, err := w.readBack(ctx, dst, c)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil && w.sizes != nil {
		w.sizes[dst] = n
	}
	return n, err
}

func (w *writer) put(ctx context.Context, dst string, c Content) error {
	if c.bytes != nil {
		return w.putNew(ctx, dst, bytes.NewReader(c.bytes))
	}
	// A copy inside the store knows no conditions.
	if copier, ok := w.blobs.(archive.Copier); ok && w.creator == nil {
		return missing(c.key, copier.Copy(ctx, dst, c.key))
	}
	src, err := w.blobs.Open(ctx, c.key)
	if err != nil {
		return missing(c.key, err)
	}
	return errors.Join(w.putNew(ctx, dst, src), src.Close())
}

// isInventory recognises the inventory of a version and its sidecar, which
// those who write the same version beside each other write over each other's.
func (w *writer) isInventory(key string) bool {
	name := path.Base(key)
	return path.Dir(key) != w.dir && (name == inventoryFile || name == sidecarFile)
}

// putNew puts where there is nothing, or what the writer may replace.
func (w *writer) putNew(ctx context.Context, dst string, r io.Reader) (err error) {
	tag := w.tags[dst]
	switch {
	case w.creator == nil, w.beside && w.isInventory(dst):
		_, err = w.blobs.Put(ctx, dst, r)
	case tag != "":
		_, err = w.creator.PutOver(ctx, dst, tag, r)
	default:
		_, err = w.creator.PutNew(ctx, dst, r)
	}
	return err
}

// readBack hashes what is stored under dst.
func (w *writer) readBack(ctx context.Context, dst string, c Content) (int64, error) {
	got, n, err := archive.DigestOf(ctx, w.blobs, dst)
	if err != nil {
		return 0, err
	}
	if got != c.digest {
		return 0, damaged(cmp.Or(c.key, dst), fmt.Sprintf("read back as %v, want %v", got, c.digest))
	}
	return n, nil
}

// Write implements ocflfs.WriteFS for declarations and inventories, which
// ocfl-go has in memory and writes one after the other. An error of one that
// is written beside others is that of wait, or of the next that waits.
func (w *writer) Write(ctx context.Context, name string, r io.Reader) (int64, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	isRoot := name == path.Join(w.dir, inventoryFile)
	if w.dir == "" {
		return w.store(ctx, name, Bytes(b))
	}
	if !isRoot && name != path.Join(w.dir, sidecarFile) {
		w.group.Go(func() error {
			_, err := w.store(ctx, name, Bytes(b))
			return err
		})
		return int64(len(b)), nil
	}
	if err := w.wait(); err != nil {
		return 0, err
	}
	if isRoot {
		w.root = b
	}
	return w.store(ctx, name, Bytes(b))
}

// hash is the digest of a blob.
func (f *filesystem) hash(ctx context.Context, key string) (sohoa.Digest, error) {
	d, _, err := archive.DigestOf(ctx, f.blobs, key)
	return d, err
}

// missing names the blob that a Commit was to copy.
func missing(key string, err error) error {
	if errors.Is(err, sohoa.ErrNotExist) {
		return &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "store.missing", Args: []string{key}, Detail: err.Error()}
	}
	return err
}
