package ocfl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"

	ocflgo "github.com/srerickson/ocfl-go"
	ocflfs "github.com/srerickson/ocfl-go/fs"

	"sohoa"
)

// Object is the state of an object at its newest version.
type Object struct {
	ID       ID
	Head     int             // number of the newest version, from 1
	Files    map[string]File // by logical path
	Versions []VersionInfo   // oldest first; Versions[Head-1] is the newest
}

// File is where the bytes of a logical path are.
type File struct {
	Key    string // in the store of blobs
	Digest sohoa.Digest
	Size   int64 // bytes; -1 if the file is missing, which Fixity reports
}

// VersionInfo is what a version says about itself.
type VersionInfo struct {
	Number  int
	Created time.Time
	Message string
	User    User
}

// Head returns the newest version of an object, or sohoa.ErrNotExist. It is
// sohoa.ErrVerification if the inventory is not one that a Commit wrote. The
// files themselves are not read.
func (s *Store) Head(ctx context.Context, id ID) (Object, error) {
	dir, err := s.path(id)
	if err != nil {
		return Object{}, err
	}
	inv, err := s.inventory(ctx, id, dir)
	if err != nil {
		return Object{}, fmt.Errorf("read object %s: %w", id, err)
	}
	return s.object(ctx, dir, inv)
}

// inventory reads and authenticates the root inventory: its digest stands in
// the sidecar, or, between two writes of a Commit, in that of its version.
func (s *Store) inventory(ctx context.Context, id ID, dir string) (*ocflgo.StoredInventory, error) {
	inv, err := ocflgo.ReadInventory(ctx, s.fs, dir)
	if err != nil {
		return nil, unreadable(dir, err)
	}
	if inv.ID != string(id) {
		return nil, fmt.Errorf("%s belongs to object %q: %w", path.Join(dir, inventoryFile), inv.ID, sohoa.ErrVerification)
	}
	if err := inv.ValidateSidecar(ctx, s.fs, dir); err == nil || isOutage(err) {
		return inv, err
	}
	if err := inv.ValidateSidecar(ctx, s.fs, path.Join(dir, inv.Head.String())); err != nil {
		return nil, unreadable(dir, err)
	}
	return inv, nil
}

// unreadable tells an inventory that is not there and a store that does not
// answer from one that is not as it should be.
func unreadable(dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || isOutage(err) {
		return err
	}
	return fmt.Errorf("%s: %w: %w", path.Join(dir, inventoryFile), sohoa.ErrVerification, err)
}

// isOutage reports whether err says something about the store or the caller,
// not about what is stored.
func isOutage(err error) bool {
	return errors.Is(err, sohoa.ErrUnavailable) || errors.Is(err, sohoa.ErrForbidden) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (s *Store) object(ctx context.Context, dir string, inv *ocflgo.StoredInventory) (Object, error) {
	sizes, err := s.sizes(ctx, dir)
	if err != nil {
		return Object{}, err
	}
	return objectOf(dir, inv, sizes)
}

// committed is the object after a Commit, which knows the sizes of what it
// wrote.
func (s *Store) committed(ctx context.Context, w *writer, inv *ocflgo.StoredInventory) (Object, error) {
	for _, paths := range inv.Manifest {
		if _, ok := w.sizes[path.Join(w.dir, paths[0])]; !ok {
			return s.object(ctx, w.dir, inv)
		}
	}
	return objectOf(w.dir, inv, w.sizes)
}

func objectOf(dir string, inv *ocflgo.StoredInventory, sizes map[string]int64) (o Object, err error) {
	o = Object{ID: ID(inv.ID), Head: inv.Head.Num(), Files: map[string]File{}}
	for logical, hex := range inv.Versions[inv.Head].State.Paths() {
		f := File{Key: path.Join(dir, inv.Manifest[hex][0]), Size: -1}
		if f.Digest, err = digestOf(inv, hex); err != nil {
			return Object{}, err
		}
		if size, ok := sizes[f.Key]; ok {
			f.Size = size
		}
		o.Files[logical] = f
	}
	for _, n := range inv.Head.Lineage() {
		v := inv.Versions[n]
		info := VersionInfo{Number: n.Num(), Created: v.Created, Message: v.Message}
		if v.User != nil {
			info.User = User{v.User.Name, v.User.Address}
		}
		o.Versions = append(o.Versions, info)
	}
	return o, nil
}

func digestOf(inv *ocflgo.StoredInventory, hex string) (sohoa.Digest, error) {
	if inv.DigestAlgorithm != "sha256" {
		return sohoa.Digest{}, fmt.Errorf("object %s has digests of %s, not sha256: %w", inv.ID, inv.DigestAlgorithm, sohoa.ErrInvalid)
	}
	return sohoa.ParseDigest(hex)
}

// sizes lists an object.
func (s *Store) sizes(ctx context.Context, dir string) (map[string]int64, error) {
	sizes := map[string]int64{}
	for info, err := range s.fs.blobs.List(ctx, dir+"/") {
		if err != nil {
			return nil, err
		}
		sizes[info.Key] = info.Size
	}
	return sizes, nil
}

// Objects yields the IDs of all objects, in the order of their places. An
// object whose ID cannot be found out is an error, after which the iteration
// goes on; it ends after an error of the store.
func (s *Store) Objects(ctx context.Context) iter.Seq2[ID, error] {
	return func(yield func(ID, error) bool) {
		for info, err := range s.fs.blobs.List(ctx, s.dir+"/") {
			if err != nil {
				yield("", fmt.Errorf("list objects: %w", err))
				return
			}
			dir, ok := strings.CutSuffix(info.Key, "/"+objectDeclaration)
			if !ok {
				continue
			}
			if id, err := s.idAt(ctx, dir); !yield(id, err) {
				return
			}
		}
	}
}

// idAt returns the ID of the object at dir. In our own layout its folder
// bears its name; in others its inventory knows.
func (s *Store) idAt(ctx context.Context, dir string) (ID, error) {
	id := ID(idPrefix + path.Base(dir))
	if p, err := s.path(id); err == nil && p == dir {
		return id, nil
	}
	b, err := ocflfs.ReadAll(ctx, s.fs, path.Join(dir, inventoryFile))
	if err != nil {
		return "", unreadable(dir, err)
	}
	inv, v := ocflgo.ValidateInventoryBytes(b)
	if err := v.Err(); err != nil {
		return "", unreadable(dir, err)
	}
	id = ID(inv.ID)
	if p, err := s.path(id); err != nil || p != dir {
		return "", fmt.Errorf("object %s is not where its ID says: %w", dir, sohoa.ErrVerification)
	}
	return id, nil
}
