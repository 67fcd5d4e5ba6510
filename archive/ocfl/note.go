package ocfl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"

	"sohoa"
)

// A note says that a version is being written. Who finds one cannot know
// whether its writer is dead or stands still. Where the store refuses late
// writers (archive.Creator), it therefore touches nothing of the other before
// the version is decided, which is the moment when the root inventory is
// written, by one of them: it writes its own content into a folder of its
// own. Afterwards nobody can make the other's visible any more, and whatever
// the version does not list goes.

// note is the content of a note. A zero number is none.
type note struct {
	number int    // of the version; destroyed if the object is being destroyed
	token  string // of the writer; empty in notes of before
}

// begun notes durably that a version is being written: only what such a note
// stands for may ever be swept.
func (s *Store) begun(ctx context.Context, id ID, n note) error {
	_, err := s.fs.blobs.Put(ctx, s.pending+id.name(), strings.NewReader(strconv.Itoa(n.number)+" "+n.token))
	return err
}

// noted returns the note of an object.
func (s *Store) noted(ctx context.Context, id ID) (note, error) {
	b, err := s.read(ctx, s.pending+id.name())
	if errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, fs.ErrNotExist) {
		return note{}, nil
	}
	if err != nil {
		return note{}, err
	}
	if string(b) == destruction {
		return note{number: destroyed}, nil
	}
	number, token, _ := strings.Cut(string(b), " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		return note{}, fmt.Errorf("%s says %q: %w", s.pending+id.name(), b, sohoa.ErrVerification)
	}
	return note{n, token}, nil
}

// takeUp is repair for a writer, except that a version which is not decided is
// left as it is where the store refuses late writers.
func (s *Store) takeUp(ctx context.Context, id ID, w *writer) (*ocflgo.StoredInventory, error) {
	if w.creator == nil {
		return s.repair(ctx, id, w.dir)
	}
	n, err := s.noted(ctx, id)
	if err != nil {
		return nil, err
	}
	if n.number <= 0 {
		return s.repairNoted(ctx, id, w.dir, n)
	}
	inv, err := s.inventory(ctx, id, w.dir)
	missing := errors.Is(err, fs.ErrNotExist)
	switch {
	case err != nil && !missing:
		return nil, err
	case missing && n.number == 1, !missing && inv.Head.Num() == n.number-1:
		w.beside = true
		return inv, nil
	}
	return s.repairNoted(ctx, id, w.dir, n)
}

// isTaken reports whether another process took over what the writer began.
func (s *Store) isTaken(ctx context.Context, id ID, w *writer) (bool, error) {
	if w.creator == nil {
		return false, nil
	}
	n, err := s.noted(ctx, id)
	return n.token != w.token, err
}

// conclude ends a version that the writer decided.
func (s *Store) conclude(ctx context.Context, id ID, w *writer, inv *ocflgo.StoredInventory) error {
	n, err := s.noted(ctx, id)
	if err == nil && w.creator != nil && (n.token != w.token || w.beside) {
		err = s.tidy(ctx, w.dir, inv, inv.Head.Num())
	}
	if err != nil {
		return err
	}
	return s.dropNote(ctx, id, n, inv)
}

// giveWay ends an attempt that another process overtook, or that a store which
// answered wrongly made believe so. If the version is decided, what this one
// left goes, and the sidecar is made right, since whoever decided may have
// ended before it did that; else it is left to the other.
func (s *Store) giveWay(ctx context.Context, id ID, w *writer, number int) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	inv, err := s.inventory(ctx, id, w.dir)
	if err != nil || inv.Head.Num() < number {
		return nil // not decided, or not for us to say; the note is there
	}
	err = s.tidy(ctx, w.dir, inv, number)
	if err == nil && inv.Head.Num() == number {
		err = s.writeSidecar(ctx, w.dir, inv)
	}
	if errors.Is(err, sohoa.ErrConflict) {
		return nil // somebody is writing it; the note stays for whoever comes next
	}
	if err != nil {
		return err
	}
	n, err := s.noted(ctx, id)
	if err != nil {
		return err
	}
	return s.dropNote(ctx, id, n, inv)
}

// dropNote removes the note of a version that is decided.
func (s *Store) dropNote(ctx context.Context, id ID, n note, inv *ocflgo.StoredInventory) error {
	if n.number <= 0 || n.number > inv.Head.Num() {
		return nil
	}
	if err := s.fs.eraser.Remove(ctx, s.pending+id.name()); !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	return nil
}

// tidy removes from the folder of a decided version what nothing lists, and
// sees to it that the newest has the inventory of the root.
func (s *Store) tidy(ctx context.Context, dir string, inv *ocflgo.StoredInventory, number int) error {
	version := path.Join(dir, ocflgo.V(number).String())
	if inv.Head.Num() == number {
		if err := s.restoreInventory(ctx, version, inv); err != nil {
			return err
		}
	}
	listed := map[string]bool{path.Join(version, inventoryFile): true, path.Join(version, sidecarFile): true}
	for _, paths := range inv.Manifest {
		for _, p := range paths {
			listed[path.Join(dir, p)] = true
		}
	}
	for info, err := range s.fs.blobs.List(ctx, version+"/") {
		if err == nil && !listed[info.Key] {
			err = s.fs.eraser.Remove(ctx, info.Key)
		}
		if err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			return err
		}
	}
	return nil
}

// restoreInventory writes the inventory of the root and its sidecar into the
// folder of its version, unless they are there.
func (s *Store) restoreInventory(ctx context.Context, version string, inv *ocflgo.StoredInventory) error {
	got, err := s.fs.hash(ctx, path.Join(version, inventoryFile))
	if isOutage(err) {
		return err
	}
	if err == nil && got.String() == inv.Digest() && inv.ValidateSidecar(ctx, s.fs, version) == nil {
		return nil
	}
	b, err := inv.MarshalBinary()
	if err != nil {
		return err
	}
	if _, err := s.fs.blobs.Put(ctx, path.Join(version, inventoryFile), bytes.NewReader(b)); err != nil {
		return err
	}
	_, err = s.fs.blobs.Put(ctx, path.Join(version, sidecarFile), strings.NewReader(sidecarOf(inv)))
	return err
}
