package ocfl

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"

	"sohoa"
)

// Bring makes the object of another root an object of this one, or brings it
// up to date, and returns the version that it is at. fresh says whether
// anything was written: all of that was read back and hashed, what was there
// before was not.
//
// It goes version by version, each as a Commit goes: a crash at any step leaves
// the versions that were there readable, and is repaired by the next Bring, or
// by Recover. What has not the digest that the inventories say is not brought.
//
// Errors: sohoa.ErrNotExist where the other root has no such object;
// sohoa.ErrConflict "copy.differs" where the two are not the same object at
// different versions; sohoa.ErrVerification where either is damaged; what the
// stores report. Only one process at a time may write to an object.
func (s *Store) Bring(ctx context.Context, id ID, from *Store) (head int, fresh bool, err error) {
	dir, err := s.path(id)
	if err != nil {
		return 0, false, err
	}
	defer s.lock(id)()
	head, fresh, err = s.bring(ctx, id, dir, from)
	if err != nil {
		return 0, false, fmt.Errorf("copy %s: %w", id, err)
	}
	return head, fresh, nil
}

// bring is Bring with the lock held.
func (s *Store) bring(ctx context.Context, id ID, dir string, from *Store) (head int, fresh bool, err error) {
	if err := s.undestroyed(ctx, id, from); err != nil {
		return 0, false, err
	}
	src, err := from.newCheck(ctx, id, Against{})
	if err != nil {
		return 0, false, err
	}
	if src.contested || src.head == 0 {
		return 0, false, damaged(path.Join(src.dir, inventoryFile), "it cannot be told which inventory is right")
	}
	inv, err := s.repair(ctx, id, dir)
	if err != nil {
		return 0, false, err
	}
	if inv != nil {
		head = inv.Head.Num()
		if head > src.head || !src.truth.is(head, inv.Digest()) {
			return 0, false, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "copy.differs", Args: []string{string(id)},
				Detail: fmt.Sprintf("version %d here, %d there", head, src.head)}
		}
	}
	for head < src.head {
		head++
		if err := s.bringVersion(ctx, dir, from, src, head); err != nil {
			return 0, false, fmt.Errorf("version %d: %w", head, err)
		}
		fresh = true
	}
	return head, fresh, nil
}

// undestroyed is sohoa.ErrNotExist for an object that either root is about to
// destroy.
func (s *Store) undestroyed(ctx context.Context, id ID, from *Store) error {
	for _, root := range []*Store{s, from} {
		n, err := root.noted(ctx, id)
		if err != nil {
			return err
		}
		if n.number == destroyed {
			return fmt.Errorf("it is being destroyed: %w", sohoa.ErrNotExist)
		}
	}
	return nil
}

// damaged is the Problem of a file that has not the bytes it should have.
func damaged(key, detail string) error {
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{key}, Detail: detail}
}

// bringVersion writes one version, and settles it as a Commit does.
func (s *Store) bringVersion(ctx context.Context, dir string, from *Store, src *check, n int) error {
	inv := src.truth[n]
	if inv == nil {
		return damaged(path.Join(src.dir, ocflgo.V(n).String(), inventoryFile), "it cannot be told what is right")
	}
	if err := s.begun(ctx, src.id, note{number: n}); err != nil {
		return err
	}
	err := s.writeVersion(ctx, dir, copying{s.fs, from, src.dir}, inv)
	settled, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	now, repairErr := s.repair(settled, src.id, dir)
	if now != nil && now.Digest() == inv.Digest() {
		return nil
	}
	return errors.Join(err, repairErr)
}

// writeVersion writes in the order of Commit: declaration, content, the
// version's inventory, then the root inventory, which makes it visible.
func (s *Store) writeVersion(ctx context.Context, dir string, c copying, inv *ocflgo.StoredInventory) error {
	w := &writer{filesystem: s.fs} // whoever else brings it brings the same bytes
	write := func(name string, b []byte) error {
		_, err := w.Write(ctx, path.Join(dir, name), bytes.NewReader(b))
		return err
	}
	if inv.Head.Num() == 1 {
		if err := write(objectDeclaration, []byte(declaration(objectDeclaration))); err != nil {
			return err
		}
	}
	folder := inv.Head.String()
	for name, hex := range inv.Manifest.Paths() {
		if !strings.HasPrefix(name, folder+"/") {
			continue
		}
		if err := c.file(ctx, dir, name, hex); err != nil {
			return err
		}
	}
	b, err := inv.MarshalBinary()
	if err != nil {
		return err
	}
	sidecar := []byte(sidecarOf(inv))
	return inTurn(
		func() error { return write(path.Join(folder, inventoryFile), b) },
		func() error { return write(path.Join(folder, sidecarFile), sidecar) },
		func() error { return write(inventoryFile, b) },
		func() error { return write(sidecarFile, sidecar) },
	)
}

// inTurn runs steps until one fails.
func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func sidecarOf(inv *ocflgo.StoredInventory) string { return inv.Digest() + " " + inventoryFile + "\n" }

// copying brings files of one object from another root.
type copying struct {
	to   *filesystem
	from *Store
	dir  string // the object in the other root
}

// file copies one file into the object at dir. Its bytes are hashed before
// they become visible, and read back afterwards.
func (c copying) file(ctx context.Context, dir, name, hex string) error {
	want, err := sohoa.ParseDigest(hex)
	if err != nil {
		return damaged(path.Join(c.dir, inventoryFile), err.Error())
	}
	key := path.Join(c.dir, name)
	src, err := c.from.fs.blobs.Open(ctx, key)
	if err != nil {
		return missing(key, err)
	}
	r := &verified{r: src, h: sha256.New(), want: want, key: key}
	_, err = c.to.blobs.Put(ctx, path.Join(dir, name), r)
	if err = errors.Join(err, src.Close()); err != nil {
		return err
	}
	_, err = (&writer{filesystem: c.to}).readBack(ctx, path.Join(dir, name), Content{key: path.Join(dir, name), digest: want})
	return err
}

// verified reads what has a digest, and fails at the end of anything else.
type verified struct {
	r    io.Reader
	h    hash.Hash
	want sohoa.Digest
	key  string
}

func (v *verified) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	v.h.Write(p[:n])
	if errors.Is(err, io.EOF) {
		if got := sohoa.Digest(v.h.Sum(nil)); got != v.want {
			return n, damaged(v.key, fmt.Sprintf("its digest is %v, kept was %v", got, v.want))
		}
	}
	return n, err
}
