package ocfl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"

	"sohoa"
)

// Recover finishes or sweeps what Commits that were cut off left, and returns
// the objects concerned. It is for the start of the program: no other process
// may be committing to this root. It goes on after objects that cannot be
// repaired and returns their errors together.
func (s *Store) Recover(ctx context.Context) ([]ID, error) {
	var ids []ID
	var errs []error
	for info, err := range s.fs.blobs.List(ctx, s.pending) {
		if err != nil {
			return ids, fmt.Errorf("list commits under way: %w", errors.Join(append(errs, err)...))
		}
		id := ID(idPrefix + strings.TrimPrefix(info.Key, s.pending))
		if err := s.RecoverObject(ctx, id); err != nil {
			errs = append(errs, err)
			continue
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(errs...)
}

// RecoverObject does for one object what Recover does for all; no other
// process may be committing to it. Where nothing is to be done it does
// nothing.
func (s *Store) RecoverObject(ctx context.Context, id ID) error {
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	defer s.lock(id)()
	if _, err := s.repair(ctx, id, dir); err != nil {
		return fmt.Errorf("recover %s: %w", id, err)
	}
	return nil
}

// repair brings an object into the state after or before the Commit that was
// noted for it, if any, and returns its inventory, nil if there is none. Each
// step may be cut off and done again; the note goes last.
func (s *Store) repair(ctx context.Context, id ID, dir string) (*ocflgo.StoredInventory, error) {
	n, err := s.noted(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.repairNoted(ctx, id, dir, n)
}

func (s *Store) repairNoted(ctx context.Context, id ID, dir string, n note) (*ocflgo.StoredInventory, error) {
	number := n.number
	if number == destroyed {
		return nil, s.finishDestroying(ctx, id, dir)
	}
	inv, err := s.inventory(ctx, id, dir)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return nil, err
	}
	if number == 0 {
		return inv, s.checkAbsent(ctx, dir, missing)
	}
	switch {
	case missing:
		if inv, err = s.repairFirst(ctx, id, dir, number); inv != nil && err == nil {
			err = s.tidy(ctx, dir, inv, number)
		}
	case inv.Head.Num() == number:
		if err = s.tidy(ctx, dir, inv, number); err == nil {
			err = s.writeSidecar(ctx, dir, inv)
		}
	case inv.Head.Num() == number-1:
		err = s.fs.eraser.RemoveAll(ctx, path.Join(dir, ocflgo.V(number).String())+"/")
	case inv.Head.Num() > number:
		// A process that stood still noted what others had done meanwhile.
	default:
		err = fmt.Errorf("version %d was being written, but version %d is there: %w", number, inv.Head.Num(), sohoa.ErrVerification)
	}
	if err != nil {
		return nil, err
	}
	return inv, s.fs.eraser.Remove(ctx, s.pending+id.name())
}

// checkAbsent finds files of an object that has no inventory though nobody
// was writing it: it is damaged, and is left alone.
func (s *Store) checkAbsent(ctx context.Context, dir string, missing bool) error {
	if !missing {
		return nil
	}
	key, err := s.anyOf(ctx, dir)
	if err == nil && key != "" {
		err = fmt.Errorf("%s is there without %s: %w", key, inventoryFile, sohoa.ErrVerification)
	}
	return err
}

// repairFirst deals with an object without root inventory. If its only
// version is whole it is made visible, else swept.
func (s *Store) repairFirst(ctx context.Context, id ID, dir string, number int) (*ocflgo.StoredInventory, error) {
	if number != 1 {
		return nil, fmt.Errorf("%s is missing: %w", path.Join(dir, inventoryFile), sohoa.ErrVerification)
	}
	inv, err := s.whole(ctx, id, dir)
	if err != nil {
		return nil, err
	}
	if inv == nil {
		return nil, s.fs.eraser.RemoveAll(ctx, dir+"/")
	}
	b, err := inv.MarshalBinary()
	if err != nil {
		return nil, err
	}
	w := s.newWriter(dir)
	// A sweep that was cut off may have removed the declaration.
	if _, err := w.Write(ctx, path.Join(dir, objectDeclaration), strings.NewReader(declaration(objectDeclaration))); err != nil {
		return nil, err
	}
	if err := w.wait(); err != nil {
		return nil, err
	}
	if _, err := w.Write(ctx, path.Join(dir, inventoryFile), bytes.NewReader(b)); err != nil {
		return nil, err
	}
	return inv, s.writeSidecar(ctx, dir, inv)
}

// whole returns the inventory of version 1 if all that it lists is there and
// unaltered, else nil.
func (s *Store) whole(ctx context.Context, id ID, dir string) (*ocflgo.StoredInventory, error) {
	version := path.Join(dir, "v1")
	inv, err := ocflgo.ReadInventory(ctx, s.fs, version)
	if err == nil {
		err = inv.ValidateSidecar(ctx, s.fs, version)
	}
	if err == nil && (inv.ID != string(id) || inv.Head.Num() != 1) {
		err = fmt.Errorf("not of this object: %w", sohoa.ErrVerification)
	}
	if err == nil {
		err = s.checkContent(ctx, dir, inv)
	}
	if isOutage(err) {
		return nil, err
	}
	if err != nil {
		return nil, nil // it was never finished
	}
	return inv, nil
}

func (s *Store) checkContent(ctx context.Context, dir string, inv *ocflgo.StoredInventory) error {
	for name, hex := range inv.Manifest.Paths() {
		got, err := s.fs.hash(ctx, path.Join(dir, name))
		if err != nil {
			return err
		}
		if got.String() != hex {
			return fmt.Errorf("%s was altered: %w", name, sohoa.ErrVerification)
		}
	}
	return nil
}

// writeSidecar writes the root sidecar of inv unless it is right.
func (s *Store) writeSidecar(ctx context.Context, dir string, inv *ocflgo.StoredInventory) error {
	if err := inv.ValidateSidecar(ctx, s.fs, dir); err == nil || isOutage(err) {
		return err
	}
	w := s.newWriter(dir)
	if err := w.follow(ctx, inv); err != nil {
		return err
	}
	_, err := w.Write(ctx, path.Join(dir, sidecarFile), strings.NewReader(sidecarOf(inv)))
	return err
}
