package ocfl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	ocflgo "github.com/srerickson/ocfl-go"
	"github.com/srerickson/ocfl-go/digest"

	"sohoa"
	"sohoa/archive"
)

// Version is a new version of an object.
type Version struct {
	Expect  int       // number of the version that this one follows; 0 for a new object
	Created time.Time // kept to the second
	Message string    // what happened, e.g. "signed"
	User    User
	// Files is all of the version, by logical path: what is not in it is not
	// part of the version. Paths have the form of archive.CheckKey.
	Files map[string]Content
}

// User is who made a version. An empty Name is "system". Address is a URI;
// the empty one stands for "urn:sohoa:user:" and the name.
type User struct {
	Name    string
	Address string
}

const (
	cleanupTime  = 30 * time.Second
	copiesAtOnce = 4
)

// Commit adds a version to an object, or makes the object. It may be done
// again after a crash or an error: the same Expect and the same files give
// the same object, and if they are there already they are not written again.
// A version that would not differ from the one it follows is not made.
//
// Content that the object has, under whatever path, is not stored again. All
// that is written is read back and hashed before the version becomes visible.
//
// Errors: sohoa.ErrConflict if the object is at another version than Expect;
// sohoa.ErrInvalid for malformed paths; the Problems "store.missing" and
// "store.changed" for a blob that is not there or not what its digest says;
// what the store of blobs reports. Nothing of the version is visible then,
// except that a store which fails (sohoa.ErrUnavailable) may leave open
// whether it is; doing the Commit again settles it.
func (s *Store) Commit(ctx context.Context, id ID, v Version) (Object, error) {
	dir, err := s.path(id)
	if err != nil {
		return Object{}, err
	}
	defer s.lock(id)()
	inv, err := s.commit(ctx, id, dir, v)
	if err != nil {
		return Object{}, fmt.Errorf("commit version %d of %s: %w", v.Expect+1, id, err)
	}
	return s.object(ctx, dir, inv)
}

func (s *Store) commit(ctx context.Context, id ID, dir string, v Version) (*ocflgo.StoredInventory, error) {
	inv, err := s.repair(ctx, id, dir)
	if err != nil {
		return nil, err
	}
	w := &writer{filesystem: s.fs, sources: map[string]Content{}}
	state, err := w.state(ctx, dir, inv, v)
	if err != nil {
		return nil, err
	}
	if done, err := follows(inv, v.Expect, state); done || err != nil {
		return inv, err
	}
	if err := s.begun(ctx, id, v.Expect+1); err != nil {
		return nil, err
	}
	err = w.apply(ctx, id, dir, state, v)
	return s.settle(ctx, id, dir, outcome{v.Expect, state, err})
}

// outcome is how the writing of a version ended.
type outcome struct {
	expect int
	state  ocflgo.DigestMap
	err    error
}

// settle cleans up after writing, also when the caller went away. Whether the
// version is there is decided by what is stored: an answer of the store that
// got lost does not matter.
func (s *Store) settle(ctx context.Context, id ID, dir string, o outcome) (*ocflgo.StoredInventory, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	inv, err := s.repair(ctx, id, dir)
	if err != nil && o.err == nil {
		inv, err = s.inventory(ctx, id, dir) // only the note could not be removed
	}
	if err != nil {
		return nil, cmp.Or(o.err, err) // what is left waits for the next Commit or Recover
	}
	if done, _ := follows(inv, o.expect, o.state); done {
		return inv, nil
	}
	return nil, cmp.Or(o.err, fmt.Errorf("the version is not there after writing it: %w", sohoa.ErrVerification))
}

// follows reports whether the object is as the Commit would make it, and as
// an error that the Commit does not follow what is there.
func follows(inv *ocflgo.StoredInventory, expect int, state ocflgo.DigestMap) (done bool, err error) {
	head := 0
	if inv != nil {
		head = inv.Head.Num()
		if head == expect || head == expect+1 {
			done = inv.Versions[inv.Head].State.Eq(state)
		}
	}
	if !done && head != expect {
		err = fmt.Errorf("it is at version %d, not %d: %w", head, expect, sohoa.ErrConflict)
	}
	return done, err
}

// state is the version as digests and logical paths; new content becomes one
// of the writer's sources.
func (w *writer) state(ctx context.Context, dir string, inv *ocflgo.StoredInventory, v Version) (ocflgo.DigestMap, error) {
	if len(v.Files) == 0 {
		return nil, fmt.Errorf("no files: %w", sohoa.ErrInvalid)
	}
	state := ocflgo.DigestMap{}
	for _, logical := range slices.Sorted(maps.Keys(v.Files)) {
		if err := cmp.Or(archive.CheckKey(logical), archive.CheckKey(path.Join(dir, "v0000/content", logical))); err != nil {
			return nil, fmt.Errorf("path: %w", err)
		}
		hex, err := w.digest(ctx, inv, v, logical)
		if err != nil {
			return nil, err
		}
		state[hex] = append(state[hex], logical)
	}
	return state, nil
}

func (w *writer) digest(ctx context.Context, inv *ocflgo.StoredInventory, v Version, logical string) (string, error) {
	c := v.Files[logical]
	if c.kept {
		return keptDigest(inv, v.Expect, logical)
	}
	if c.digest.IsZero() {
		d, err := w.hash(ctx, c.key)
		if err != nil {
			return "", missing(c.key, err)
		}
		c.digest = d
	}
	w.sources[c.digest.String()] = c
	return c.digest.String(), nil
}

// keptDigest finds a path in the version that is followed.
func keptDigest(inv *ocflgo.StoredInventory, expect int, logical string) (string, error) {
	if inv != nil && 0 < expect && expect <= inv.Head.Num() {
		if hex := inv.Versions[ocflgo.V(expect)].State.DigestFor(logical); hex != "" {
			return hex, nil
		}
	}
	return "", fmt.Errorf("path %q is not in version %d: %w", logical, expect, sohoa.ErrInvalid)
}

// apply writes the version in the order of ocfl-go's update plan: object
// declaration, content, the version's inventory and sidecar, the root
// inventory, which makes the version visible, and its sidecar.
func (w *writer) apply(ctx context.Context, id ID, dir string, state ocflgo.DigestMap, v Version) error {
	obj, err := ocflgo.NewObject(ctx, w, dir, ocflgo.ObjectWithID(string(id)))
	if err != nil {
		return err
	}
	stage := &ocflgo.Stage{State: state, DigestAlgorithm: digest.SHA256, ContentSource: w}
	plan, err := obj.NewUpdatePlan(stage, v.Message, v.User.ocfl(),
		ocflgo.UpdateWithVersionCreated(v.Created.UTC()),
		ocflgo.UpdateWithContentPathFunc(onePath),
		ocflgo.UpdateWithGoLimit(copiesAtOnce))
	if err != nil {
		return fmt.Errorf("%w: %w", sohoa.ErrInvalid, err)
	}
	return obj.ApplyUpdatePlan(ctx, plan, w)
}

// onePath stores content once however many logical paths it has.
func onePath(logical []string) []string { return []string{slices.Min(logical)} }

func (u User) ocfl() ocflgo.User {
	name := cmp.Or(u.Name, "system")
	return ocflgo.User{Name: name, Address: cmp.Or(u.Address, "urn:sohoa:user:"+url.PathEscape(name))}
}

// begun notes durably that a version is being written: only what such a note
// stands for may ever be swept.
func (s *Store) begun(ctx context.Context, id ID, number int) error {
	_, err := s.fs.blobs.Put(ctx, s.pending+id.name(), strings.NewReader(strconv.Itoa(number)))
	return err
}

// noted returns the number of the version that is being written; 0 if none,
// destroyed if the object is being destroyed.
func (s *Store) noted(ctx context.Context, id ID) (int, error) {
	b, err := s.read(ctx, s.pending+id.name())
	if errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if string(b) == destruction {
		return destroyed, nil
	}
	n, err := strconv.Atoi(string(b))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s says %q: %w", s.pending+id.name(), b, sohoa.ErrVerification)
	}
	return n, nil
}
