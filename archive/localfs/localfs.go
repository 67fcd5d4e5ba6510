// Package localfs keeps blobs as files in a folder: the key is the path below
// it, folders are 0700, files 0600. What Put acknowledged survives a power
// cut (file, name and every new folder are synced); what it did not
// acknowledge leaves at most a temporary file, which the next Open sweeps.
//
// The folder may be shared by several processes of one machine. Symbolic
// links that lead out of it are not followed; files that are not regular are
// listed, so that a check finds them, but cannot be opened.
//
// On disk:
//
//	ROOT/<key>            a blob
//	ROOT/.tmp/<owner>/N   being written; owner is locked while its process lives
package localfs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/durable"
)

// tempDir holds unfinished files. Keys cannot begin with a dot.
const tempDir = ".tmp"

// commitTries bounds how often a folder may vanish below a Put.
const commitTries = 100

// Store is a folder of blobs. Make it with Open.
type Store struct {
	root *os.Root
	temp string        // folder of this store's temporary files, below root
	lock *os.File      // temp, locked until Close
	next atomic.Uint64 // name of the next temporary file
}

var (
	_ archive.Blobs  = (*Store)(nil)
	_ archive.Eraser = (*Store)(nil)

	_ archive.Creator = (*Store)(nil)
)

// Open opens the store in folder dir, which is made if it is missing, and
// removes what processes that died left unfinished there. A folder that
// cannot be written is the Problem "data.unwritable".
func Open(dir string) (*Store, error) {
	s, err := open(dir)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil, &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "data.unwritable", Args: []string{dir}, Detail: err.Error()}
	}
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, explain(err))
	}
	return s, nil
}

func open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, durable.DirMode); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{root: root, temp: path.Join(tempDir, rand.Text())}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// begin makes and locks this store's temporary folder and sweeps those of the
// dead. A store that was made but is not locked yet could be taken for dead,
// so the lock of tempDir is held meanwhile.
func (s *Store) begin() error {
	if err := durable.MkdirAll(s.root, tempDir); err != nil {
		return err
	}
	all, err := lockDir(s.root, tempDir, syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer all.Close()
	if err := s.sweep(all); err != nil {
		return err
	}
	if err := s.root.Mkdir(s.temp, durable.DirMode); err != nil {
		return err
	}
	s.lock, err = lockDir(s.root, s.temp, syscall.LOCK_EX)
	return err
}

// sweep removes the temporary folders that nobody holds locked.
func (s *Store) sweep(temp *os.File) error {
	owners, err := temp.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range owners {
		dir := path.Join(tempDir, name)
		f, err := lockDir(s.root, dir, syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, fs.ErrNotExist) {
			continue // alive, or closed meanwhile
		}
		if err != nil {
			return err
		}
		if err := errors.Join(s.root.RemoveAll(dir), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// lockDir locks a folder until the file that it returns is closed, at the
// latest when the process dies.
func lockDir(root *os.Root, dir string, how int) (*os.File, error) {
	f, err := root.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close gives up the store's temporary folder. Unfinished Puts fail.
func (s *Store) Close() error {
	err := s.root.RemoveAll(s.temp)
	return errors.Join(err, s.lock.Close(), s.root.Close())
}

// Put implements archive.Blobs. A full disk is the Problem "store.full".
func (s *Store) Put(ctx context.Context, key string, r io.Reader) (archive.BlobInfo, error) {
	return s.put(ctx, key, r, func(f *durable.File, _ sohoa.Digest) error { return commit(f.Commit, key) })
}

// put writes a temporary file, which place brings to its place.
func (s *Store) put(ctx context.Context, key string, r io.Reader, place func(*durable.File, sohoa.Digest) error) (archive.BlobInfo, error) {
	if err := archive.CheckKey(key); err != nil {
		return archive.BlobInfo{}, err
	}
	info, err := s.write(ctx, key, r, place)
	if err != nil {
		return archive.BlobInfo{}, fmt.Errorf("put %s: %w", key, explain(err))
	}
	return info, nil
}

func (s *Store) write(ctx context.Context, key string, r io.Reader, place func(*durable.File, sohoa.Digest) error) (archive.BlobInfo, error) {
	f, err := durable.Create(s.root, path.Join(s.temp, strconv.FormatUint(s.next.Add(1), 36)))
	if err != nil {
		return archive.BlobInfo{}, err
	}
	defer f.Abort() // nothing to do after Commit
	h := sha256.New()
	size, err := io.Copy(io.MultiWriter(f, h), ctxReader{ctx, r})
	if err != nil {
		return archive.BlobInfo{}, err
	}
	info := archive.BlobInfo{Key: key, Size: size, Digest: sohoa.Digest(h.Sum(nil)), Modified: time.Now().UTC()}
	return info, place(f, info.Digest)
}

// commit moves a file to its place. Somebody may remove an empty folder between
// its making and the move; then both are done again.
func commit(move func(name string) error, key string) error {
	err := move(key)
	for range commitTries {
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		err = move(key)
	}
	return err
}

// ctxReader ends with the error of its context.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (c ctxReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// explain turns errors of the operating system into those of archive.Blobs.
func explain(err error) error {
	switch {
	case errors.Is(err, sohoa.ErrConflict):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.full", Detail: err.Error()}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fmt.Errorf("%w: %w", sohoa.ErrNotExist, err)
	}
	return err
}
