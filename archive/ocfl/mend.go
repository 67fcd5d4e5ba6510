package ocfl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	ocflgo "github.com/srerickson/ocfl-go"

	"sohoa"
	"sohoa/archive"
)

// Source is where the bytes of a repair came from.
type Source string

// The sources of repairs.
const (
	FromItself     Source = "itself"     // what the object says of itself elsewhere: inventories, sidecars, declarations
	FromOther      Source = "other"      // the other root
	FromQuarantine Source = "quarantine" // nowhere: an extra file was moved out of the root
)

// Repaired is a finding that is none any more.
type Repaired struct {
	Finding
	From Source
}

// Mended is what a repair came to.
type Mended struct {
	Repaired []Repaired
	Left     []Finding // what could not be repaired; Detail says why where that is known
}

// QuarantinePrefix is where a root's repairs move what they take out of it: in
// a folder of the object, by the time of the repair.
func (s *Store) QuarantinePrefix() string { return s.dir + ".quarantine/" }

// aside is the folder of the quarantine for what a repair takes out of dir.
func (s *Store) aside(dir string, now time.Time) string {
	return s.QuarantinePrefix() + strings.TrimPrefix(dir, s.dir+"/") + "/" + now.UTC().Format("20060102T150405Z") + "/"
}

// ClearQuarantine removes for good what repairs took out of an object, which
// is of use to nobody once the object is destroyed.
func (s *Store) ClearQuarantine(ctx context.Context, id ID) error {
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	return archive.PurgeAll(ctx, s.fs.eraser, s.QuarantinePrefix()+strings.TrimPrefix(dir, s.dir+"/")+"/")
}

// Mend repairs an object: from what it says of itself, and from the other root,
// if there is one. Only bytes are written whose digest is the one that the
// right inventory says; which inventory is right is decided as Check does, and
// where that cannot be told nothing is touched. Nothing is lost: files that no
// inventory lists, and those that are replaced, go to QuarantinePrefix, under
// the time now, first. What is written is read back.
//
// It may be interrupted at any step and done again. Errors are about the stores,
// or ErrBusy; that something is left is no error.
func (s *Store) Mend(ctx context.Context, id ID, a Against, now time.Time) (Mended, error) {
	dir, err := s.path(id)
	if err != nil {
		return Mended{}, err
	}
	defer s.lock(id)()
	m, err := s.mend(ctx, id, dir, a, now)
	if err != nil {
		return m, fmt.Errorf("repair %s: %w", id, err)
	}
	return m, nil
}

func (s *Store) mend(ctx context.Context, id ID, dir string, a Against, now time.Time) (Mended, error) {
	if err := s.idle(ctx, id); err != nil {
		return Mended{}, err
	}
	c, err := s.newCheck(ctx, id, a)
	if err != nil {
		return Mended{}, err
	}
	if err := c.run(ctx); err != nil || len(c.found) == 0 {
		return Mended{}, err
	}
	r := repairing{check: c, aside: s.aside(dir, now), from: map[string]Source{}}
	if why := r.hopeless(); why != "" {
		return Mended{Left: explained(c.found, why)}, nil
	}
	if err := r.unchanged(ctx); err != nil {
		return Mended{}, err
	}
	if err := r.run(ctx); err != nil {
		return Mended{}, err
	}
	left, err := s.checkOnce(ctx, id, a)
	if err != nil {
		return Mended{}, err
	}
	return r.outcome(left), nil
}

// repairing is one repair of one object.
type repairing struct {
	*check
	aside string            // where what is taken out goes, with a slash
	from  map[string]Source // by key, of what was written or moved
	why   map[string]string // by key, why something could not be
}

// hopeless says why nothing may be touched.
func (r *repairing) hopeless() string {
	switch {
	case !r.own.there && !r.other.there:
		return "no copy has anything of it"
	case r.own.there && r.contested:
		return "the root inventory is of an earlier version than others; a person has to decide"
	case r.own.there && r.head == 0:
		return "no copy has an inventory that can be relied on"
	}
	return ""
}

func explained(found []Finding, why string) (all []Finding) {
	for _, f := range found {
		f.Detail = strings.TrimSpace(f.Detail + "; " + why)
		all = append(all, f)
	}
	return all
}

// unchanged makes sure that no other process has begun to write a version
// since the object was looked at.
func (r *repairing) unchanged(ctx context.Context) error {
	if err := r.store.idle(ctx, r.id); err != nil {
		return err
	}
	now, err := r.store.evidence(ctx, r.id)
	if err != nil {
		return err
	}
	if was := r.own.root.inv; was != nil && (now.root.inv == nil || now.root.inv.Digest() != was.Digest()) {
		return ErrBusy
	}
	return nil
}

// run takes out what does not belong there, then writes content, then
// inventories, that of the root last, then versions that are missing.
func (r *repairing) run(ctx context.Context) error {
	found := slices.Clone(r.found)
	slices.SortStableFunc(found, func(a, b Finding) int { return r.rank(a) - r.rank(b) })
	for _, f := range found {
		err := r.fix(ctx, f)
		if isOutage(err) {
			return err
		}
		if err != nil {
			r.refuse(f.Key, err)
		}
	}
	return nil
}

func (r *repairing) refuse(key string, err error) {
	if r.why == nil {
		r.why = map[string]string{}
	}
	r.why[key] = oneLine(err)
}

// rank is the order of repairs.
func (r *repairing) rank(f Finding) int {
	name := r.name(f)
	switch {
	case f.Kind == Extra:
		return 0
	case f.Key == "" || versionNumber(name) > 0:
		return 6
	case name == sidecarFile:
		return 5
	case name == inventoryFile:
		return 4
	case path.Base(name) == inventoryFile || path.Base(name) == sidecarFile:
		return 3
	}
	return 1
}

func (r *repairing) name(f Finding) string { return strings.TrimPrefix(f.Key, r.dir+"/") }

// fix repairs what one finding is about, if it can.
func (r *repairing) fix(ctx context.Context, f Finding) error {
	name := r.name(f)
	folder, base := path.Split(name)
	n := versionNumber(strings.TrimSuffix(folder, "/"))
	switch {
	case f.Kind == Extra:
		return r.takeOut(ctx, f.Key)
	case f.Key == "" || versionNumber(name) > 0:
		return r.bring(ctx, f.Key)
	case name == objectDeclaration:
		return r.write(ctx, name, []byte(declaration(objectDeclaration)), FromItself)
	case folder == "" && base == inventoryFile || folder == "" && base == sidecarFile:
		return r.inventory(ctx, name, r.truth[r.head])
	case n > 0 && (base == inventoryFile || base == sidecarFile):
		return r.inventory(ctx, name, r.truth[n])
	}
	return r.content(ctx, name)
}

// errNoGood says that no copy has the right bytes.
var errNoGood = errors.New("no copy has the right bytes")

// inventory writes an inventory or its sidecar.
func (r *repairing) inventory(ctx context.Context, name string, want *ocflgo.StoredInventory) error {
	if want == nil {
		return errNoGood
	}
	from := FromItself
	if r.Other != nil && !r.own.knows(want.Digest()) && r.other.knows(want.Digest()) {
		from = FromOther
	}
	b, err := want.MarshalBinary()
	if err != nil {
		return err
	}
	if path.Base(name) == sidecarFile {
		b = []byte(sidecarOf(want))
	}
	return r.write(ctx, name, b, from)
}

// knows reports whether an inventory is among those of a root.
func (e evidence) knows(digest string) bool {
	if e.root.inv != nil && e.root.inv.Digest() == digest {
		return true
	}
	for _, p := range e.versions {
		if p.inv != nil && p.inv.Digest() == digest {
			return true
		}
	}
	return false
}

// content brings a file from the other root, in which it is at the same place.
func (r *repairing) content(ctx context.Context, name string) error {
	inv := r.truth[r.head]
	if inv == nil || r.Other == nil {
		return errNoGood
	}
	dir, err := r.Other.path(r.id)
	if err != nil {
		return err
	}
	hex := inv.Manifest.DigestFor(name)
	if got, err := r.Other.fs.hash(ctx, path.Join(dir, name)); err != nil || got.String() != hex {
		if isOutage(err) {
			return err
		}
		return errNoGood // before anything here is moved
	}
	if err := r.keepAside(ctx, name); err != nil {
		return err
	}
	c := copying{r.store.fs, r.Other, dir}
	if err := c.file(ctx, r.dir, name, hex); err != nil {
		return err
	}
	r.from[path.Join(r.dir, name)] = FromOther
	return nil
}

// bring gets versions, or all of the object, from the other root.
func (r *repairing) bring(ctx context.Context, key string) error {
	if r.Other == nil || !r.other.there {
		return errNoGood
	}
	if _, _, err := r.store.bring(ctx, r.id, r.dir, r.Other); err != nil {
		return err
	}
	r.from[key] = FromOther
	return nil
}

// write replaces a small file.
func (r *repairing) write(ctx context.Context, name string, b []byte, from Source) error {
	if err := r.keepAside(ctx, name); err != nil {
		return err
	}
	w := &writer{filesystem: r.store.fs}
	if _, err := w.Write(ctx, path.Join(r.dir, name), bytes.NewReader(b)); err != nil {
		return err
	}
	r.from[path.Join(r.dir, name)] = from
	return nil
}

// takeOut moves a file that does not belong there.
func (r *repairing) takeOut(ctx context.Context, key string) error {
	if err := r.store.setAside(ctx, key, r.aside+strings.TrimPrefix(key, r.dir+"/")); err != nil {
		return err
	}
	r.from[key] = FromQuarantine
	return r.store.fs.eraser.Remove(ctx, key)
}

// keepAside copies what is about to be replaced, if there is anything that can
// be read.
func (r *repairing) keepAside(ctx context.Context, name string) error {
	err := r.store.setAside(ctx, path.Join(r.dir, name), r.aside+name)
	if errors.Is(err, sohoa.ErrNotExist) || errors.Is(err, sohoa.ErrVerification) {
		return nil // nothing is there, or nothing that the store can read
	}
	return err
}

// setAside copies a file into the quarantine.
func (s *Store) setAside(ctx context.Context, key, aside string) error {
	b, err := s.fs.blobs.Open(ctx, key)
	if err != nil {
		return err
	}
	_, err = s.fs.blobs.Put(ctx, aside, b)
	return errors.Join(err, b.Close())
}

// outcome compares what was found with what is left.
func (r *repairing) outcome(left []Finding) (m Mended) {
	remains := map[string]bool{}
	for _, f := range left {
		remains[f.Key] = true
		if why := r.why[f.Key]; why != "" {
			f.Detail = strings.TrimPrefix(f.Detail+"; "+why, "; ")
		}
		m.Left = append(m.Left, f)
	}
	for _, f := range r.found {
		if from := r.from[f.Key]; !remains[f.Key] {
			if from == "" {
				from = FromItself // it went with another one
			}
			m.Repaired = append(m.Repaired, Repaired{f, from})
		}
	}
	return m
}
