package ocfl

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strconv"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"
	ocflfs "github.com/srerickson/ocfl-go/fs"

	"sohoa"
	"sohoa/archive"
)

// Folder is what a listing has of one object; of what belongs to none, one
// file.
type Folder struct {
	Dir   string // key prefix of the object, without a slash at the end; empty for no object
	Files []archive.BlobInfo
}

// Folders groups a listing of the store by objects. It holds one at a time.
func Folders(list iter.Seq2[archive.BlobInfo, error]) iter.Seq2[Folder, error] {
	return func(yield func(Folder, error) bool) {
		var f Folder
		flush := func() bool {
			done := f
			f = Folder{}
			return len(done.Files) == 0 || yield(done, nil)
		}
		for info, err := range list {
			if err != nil {
				yield(Folder{}, err)
				return
			}
			if f.Dir == "" || !strings.HasPrefix(info.Key, f.Dir+"/") {
				if !flush() {
					return
				}
				f.Dir, _ = strings.CutSuffix(info.Key, "/"+objectDeclaration)
				if f.Dir == info.Key {
					f.Dir = "" // the declaration sorts before all else of an object
				}
			}
			f.Files = append(f.Files, info)
		}
		flush()
	}
}

// Settled is a file of an object at one moment.
type Settled struct {
	archive.BlobInfo
	Bytes []byte // all of it if not nil: what the store has under the key may be newer already
}

// settleTries bounds how often an object may get a version while it is looked
// at.
const settleTries = 10

// Settle is what a copy of an object must have to be the object at one of its
// versions, also while a Commit is under way: the root inventory, and what
// belongs to the versions up to its head. Of an object whose first version is
// not visible yet there is nothing. What is damaged is there as it is.
func (s *Store) Settle(ctx context.Context, f Folder) ([]Settled, error) {
	if f.Dir == "" {
		return plain(f.Files), nil
	}
	for range settleTries {
		files, ok, err := s.look(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("settle %s: %w", f.Dir, err)
		}
		if ok {
			return files, nil
		}
		if f.Files, err = s.relist(ctx, f.Dir); err != nil || len(f.Files) == 0 {
			return nil, err // destroyed meanwhile
		}
	}
	return nil, fmt.Errorf("settle %s: it changes all the time: %w", f.Dir, sohoa.ErrUnavailable)
}

func (s *Store) relist(ctx context.Context, dir string) (files []archive.BlobInfo, err error) {
	for info, err := range s.fs.blobs.List(ctx, dir+"/") {
		if err != nil {
			return nil, err
		}
		files = append(files, info)
	}
	return files, nil
}

func plain(files []archive.BlobInfo) []Settled {
	all := make([]Settled, len(files))
	for i, info := range files {
		all[i].BlobInfo = info
	}
	return all
}

// look is one look at an object; ok is false if the listing is older than
// its inventory.
func (s *Store) look(ctx context.Context, f Folder) (files []Settled, ok bool, err error) {
	root, err := ocflfs.ReadAll(ctx, s.fs, path.Join(f.Dir, inventoryFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s.settleFirst(ctx, f)
	}
	if err != nil {
		return nil, false, err
	}
	inv, v := ocflgo.ValidateInventoryBytes(root)
	if v.Err() != nil {
		return plain(f.Files), true, nil // damage
	}
	head := inv.Head.String()
	at := map[string][]byte{inventoryFile: root}
	if sidecar := []byte(sohoa.Sum(root).String() + " " + inventoryFile + "\n"); s.confirmed(ctx, f.Dir, head, sidecar) {
		at[sidecarFile] = sidecar
	}
	for _, info := range f.Files {
		name := strings.TrimPrefix(info.Key, f.Dir+"/")
		ok = ok || name == head+"/"+inventoryFile
		if at[name] == nil && versionOf(name) <= inv.Head.Num() {
			files = append(files, Settled{BlobInfo: info})
		}
	}
	for name, b := range at {
		files = append(files, Settled{archive.BlobInfo{Key: path.Join(f.Dir, name), Size: int64(len(b))}, b})
	}
	slices.SortFunc(files, func(a, b Settled) int { return strings.Compare(a.Key, b.Key) })
	return files, ok || s.lost(ctx, f.Dir, head), nil
}

// confirmed reports whether the sidecar of a version has the digest of the
// root inventory: then that of the root has it too, or is about to.
func (s *Store) confirmed(ctx context.Context, dir, head string, sidecar []byte) bool {
	b, err := s.read(ctx, path.Join(dir, head, sidecarFile))
	return err == nil && string(b) == string(sidecar)
}

// lost reports whether the inventory of a version that the root inventory
// names is not there, now that it must be.
func (s *Store) lost(ctx context.Context, dir, head string) bool {
	_, err := s.fs.blobs.Stat(ctx, path.Join(dir, head, inventoryFile))
	return errors.Is(err, sohoa.ErrNotExist)
}

// settleFirst looks at an object without root inventory: its first version is
// being written, or was just finished, or it is damaged.
func (s *Store) settleFirst(ctx context.Context, f Folder) ([]Settled, bool, error) {
	_, err := s.fs.blobs.Stat(ctx, s.pending+path.Base(f.Dir))
	if err == nil {
		return nil, true, nil
	}
	if !errors.Is(err, sohoa.ErrNotExist) {
		return nil, false, err
	}
	_, err = s.fs.blobs.Stat(ctx, path.Join(f.Dir, inventoryFile))
	if errors.Is(err, sohoa.ErrNotExist) {
		left, err := s.relist(ctx, f.Dir)
		return plain(left), true, err
	}
	return nil, false, err
}

// versionOf is the number of the version that a file of an object belongs to;
// 0 for those of the object itself.
func versionOf(name string) int {
	folder, _, inside := strings.Cut(name, "/")
	if n, err := strconv.Atoi(strings.TrimPrefix(folder, "v")); inside && err == nil && folder[0] == 'v' {
		return n
	}
	return 0
}

// IsContent reports whether the bytes under key never change once they are
// there: those of a version of an object.
func (s *Store) IsContent(key string) bool {
	rest, ok := strings.CutPrefix(key, s.dir+"/")
	if !ok {
		return false
	}
	for i := 0; i < len(rest); i++ {
		if rest[i] == '/' && versionOf(rest[i+1:]) > 0 {
			return true
		}
	}
	return false
}

// Pending is the prefix of the notes of commits under way. They are of no use
// in a copy of settled objects.
func (s *Store) Pending() string { return s.pending }
