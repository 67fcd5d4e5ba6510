package ocfl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
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
// likewise the Problem "store.overtaken" if another process wrote it at the
// same time (archive.Creator), whose doing is left alone;
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
	w := s.newWriter(dir)
	inv, err := s.commit(ctx, id, w, v)
	if err != nil {
		return Object{}, fmt.Errorf("commit version %d of %s: %w", v.Expect+1, id, err)
	}
	return s.committed(ctx, w, inv)
}

func (s *Store) commit(ctx context.Context, id ID, w *writer, v Version) (*ocflgo.StoredInventory, error) {
	dir := w.dir
	inv, err := s.takeUp(ctx, id, w)
	if err != nil {
		return nil, err
	}
	state, err := w.state(ctx, dir, inv, v)
	if err != nil {
		return nil, err
	}
	if done, err := follows(inv, v.Expect, state); done || err != nil {
		return inv, err
	}
	if err := w.follow(ctx, inv); err != nil {
		return nil, err
	}
	if err := s.begun(ctx, id, note{v.Expect + 1, w.token}); err != nil {
		return nil, err
	}
	err = w.apply(ctx, id, inv, state, v)
	if errors.Is(err, sohoa.ErrConflict) {
		return nil, cmp.Or(s.giveWay(ctx, id, w, v.Expect+1), err)
	}
	return s.settle(ctx, id, w, outcome{v.Expect, state, err})
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
func (s *Store) settle(ctx context.Context, id ID, w *writer, o outcome) (*ocflgo.StoredInventory, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	if o.err == nil {
		// All of it was read back. What fails now waits, with the note.
		inv, err := w.inventory()
		if err == nil {
			_ = s.conclude(ctx, id, w, inv)
		}
		return inv, err
	}
	taken, err := s.isTaken(ctx, id, w)
	if err != nil {
		return nil, o.err // what is left waits for the next Commit or Recover
	}
	var inv *ocflgo.StoredInventory
	if taken {
		o.err = cmp.Or(s.giveWay(ctx, id, w, o.expect+1), archive.Overtaken(w.dir, o.err))
		inv, err = s.inventory(ctx, id, w.dir)
	} else {
		inv, err = s.repair(ctx, id, w.dir)
	}
	if err != nil {
		return nil, o.err
	}
	if done, _ := follows(inv, o.expect, o.state); done {
		return inv, nil
	}
	return nil, o.err
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
		if err := cmp.Or(archive.CheckKey(logical), archive.CheckKey(path.Join(dir, "v0000/content", w.token, logical))); err != nil {
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

// apply writes the version by ocfl-go's update plan: object declaration,
// content, the version's inventory and sidecar, in any order; then the root
// inventory, which makes the version visible; then its sidecar.
func (w *writer) apply(ctx context.Context, id ID, inv *ocflgo.StoredInventory, state ocflgo.DigestMap, v Version) error {
	options := []ocflgo.ObjectOption{ocflgo.ObjectWithID(string(id))}
	if w.fresh = inv == nil; !w.fresh {
		options = append(options, ocflgo.ObjectWithInventory(inv))
	}
	obj, err := ocflgo.NewObject(ctx, w, w.dir, options...)
	if err != nil {
		if overtaken := w.follow(ctx, inv); errors.Is(overtaken, sohoa.ErrConflict) {
			return overtaken
		}
		return err
	}
	stage := &ocflgo.Stage{State: state, DigestAlgorithm: digest.SHA256, ContentSource: w}
	plan, err := obj.NewUpdatePlan(stage, v.Message, v.User.ocfl(),
		ocflgo.UpdateWithVersionCreated(v.Created.UTC()),
		ocflgo.UpdateWithContentPathFunc(w.onePath),
		ocflgo.UpdateWithGoLimit(copiesAtOnce))
	if err != nil {
		return fmt.Errorf("%w: %w", sohoa.ErrInvalid, err)
	}
	err = obj.ApplyUpdatePlan(ctx, plan, w)
	return cmp.Or(w.wait(), err)
}

// onePath stores content once however many logical paths it has; in a folder
// of its own where another process may be writing the same version.
func (w *writer) onePath(logical []string) []string {
	if w.beside {
		return []string{path.Join(w.token, slices.Min(logical))}
	}
	return []string{slices.Min(logical)}
}

func (u User) ocfl() ocflgo.User {
	name := cmp.Or(u.Name, "system")
	return ocflgo.User{Name: name, Address: cmp.Or(u.Address, "urn:sohoa:user:"+url.PathEscape(name))}
}
