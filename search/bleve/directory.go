package bleve

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"sohoa"
)

// generationName is the name of a generation's directory: "v1-000042".
type generationName struct {
	schema, number int
}

func (n generationName) String() string { return fmt.Sprintf("v%d-%06d", n.schema, n.number) }

// next is the name of the generation after n, in this program's schema.
func (n generationName) next() generationName { return generationName{schema, n.number + 1} }

func parseName(s string) (generationName, error) {
	var n generationName
	_, err := fmt.Sscanf(s, "v%d-%d", &n.schema, &n.number)
	if err != nil || n.String() != s {
		return generationName{}, fmt.Errorf("generation %q: %w", s, sohoa.ErrInvalid)
	}
	return n, nil
}

// current reads which generation counts; fs.ErrNotExist if none does yet.
func current(dir string) (generationName, error) {
	b, err := os.ReadFile(filepath.Join(dir, "current"))
	if err != nil {
		return generationName{}, err
	}
	return parseName(strings.TrimSpace(string(b)))
}

// setCurrent makes name the generation that counts, durably.
func setCurrent(dir string, name generationName) error {
	tmp := filepath.Join(dir, "current.tmp")
	if err := writeSynced(tmp, name.String()+"\n"); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(dir, "current")); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeSynced(path, text string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.WriteString(text); err != nil {
		return err
	}
	return f.Sync()
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// setAside renames a generation that cannot be used, in place of the one set
// aside before.
func setAside(dir string, name generationName) {
	dropRemains(dir)
	err := os.Rename(filepath.Join(dir, name.String()), filepath.Join(dir, "damaged-"+name.String()))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		slog.Warn("damaged index was not set aside", "dir", dir, "err", err)
	}
}

// dropRemains removes what a damaged generation left.
func dropRemains(dir string) {
	removeOthers(dir, func(s string) bool { return !strings.HasPrefix(s, "damaged-") })
}

// clean removes generations other than keep: unfinished and replaced ones.
func clean(dir string, keep generationName) {
	removeOthers(dir, func(s string) bool {
		n, err := parseName(s)
		return err != nil || n == keep
	})
}

// removeOthers removes what is in dir unless keep says so. What cannot be
// removed is in nobody's way, but may hold what must not stay, and so is told.
func removeOthers(dir string, keep func(name string) bool) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if !keep(e.Name()) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	if err != nil {
		slog.Warn("old index was not removed; remove it by hand", "dir", dir, "err", err)
	}
}

// How long lock waits for another process, and how often it looks.
const (
	lockWait  = 2 * time.Second
	lockEvery = 50 * time.Millisecond
)

// lock takes the lock file for this process. The system releases it when the
// process dies.
func lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(lockWait); ; time.Sleep(lockEvery) {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f.Close, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
		if time.Now().After(deadline) {
			return nil, errors.Join(&sohoa.Problem{Kind: sohoa.ErrConflict, Code: "search.locked",
				Args: []string{filepath.Dir(path)}}, f.Close())
		}
	}
}
