// Package durable writes files so that a power cut leaves either the old file
// or the new one, whole: temporary file, write, sync, rename, sync of the
// folder. When a function here returns nil the effect is on the disk.
//
// Everything happens below an os.Root, so no name and no symbolic link leads
// out of it.
package durable

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Modes of what is made here: papers are for the service alone.
const (
	DirMode  fs.FileMode = 0o700
	FileMode fs.FileMode = 0o600
)

// File is a file being written that nobody sees yet. It is for one goroutine.
type File struct {
	root *os.Root
	f    *os.File
	temp string
	done bool
}

// Create starts a file under the temporary name temp, which must not exist
// and must be on the same file system as the final name.
func Create(root *os.Root, temp string) (*File, error) {
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, FileMode)
	if err != nil {
		return nil, err
	}
	return &File{root: root, f: f, temp: temp}, nil
}

// Write adds to the file.
func (d *File) Write(p []byte) (int, error) { return d.f.Write(p) }

// Commit makes the file durable under name, in place of what is there,
// together with the folders that name needs. It may be tried again after an
// error, until Abort.
func (d *File) Commit(name string) error { return d.place(name, d.root.Rename) }

// CommitNew is Commit, but fs.ErrExist if there is something under name.
func (d *File) CommitNew(name string) error {
	err := d.place(name, d.root.Link)
	if d.done {
		err = errors.Join(err, d.root.Remove(d.temp))
	}
	return err
}

// place makes the file durable under name, to which move brings it.
func (d *File) place(name string, move func(temp, name string) error) error {
	if err := d.f.Sync(); err != nil {
		return err
	}
	dir := path.Dir(name)
	if err := MkdirAll(d.root, dir); err != nil {
		return err
	}
	if err := move(d.temp, name); err != nil {
		return err
	}
	d.done = true
	err := SyncDir(d.root, dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil // removed since, together with its folder
	}
	return errors.Join(err, d.f.Close())
}

// Abort drops the file. After Commit it does nothing.
func (d *File) Abort() error {
	if d.done {
		return nil
	}
	d.done = true
	err := d.f.Close()
	return errors.Join(err, d.root.Remove(d.temp))
}

// MkdirAll makes dir and the folders above it that are missing, and syncs
// each folder that gained one. dir is slash separated.
func MkdirAll(root *os.Root, dir string) error {
	if dir == "." {
		return nil
	}
	if !fs.ValidPath(dir) {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: fs.ErrInvalid}
	}
	if fi, err := root.Stat(dir); err == nil && fi.IsDir() {
		return nil
	}
	parent := path.Dir(dir)
	if err := MkdirAll(root, parent); err != nil {
		return err
	}
	if err := root.Mkdir(dir, DirMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return SyncDir(root, parent)
}

// SyncDir makes the names in dir durable.
func SyncDir(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// WriteFile replaces the file name, which is a path of the operating system,
// by data. The temporary file is name with ".new" added; one that an earlier
// crash left is overwritten, so there must be one writer at a time.
func WriteFile(name string, data []byte) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	base := filepath.Base(name)
	if err := root.Remove(base + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := Create(root, base+".new")
	if err != nil {
		return err
	}
	defer f.Abort() // nothing to do after Commit
	if _, err := f.Write(data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := f.Commit(base); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
