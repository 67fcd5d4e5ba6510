package ocfl

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"
	ocflfs "github.com/srerickson/ocfl-go/fs"

	"sohoa"
)

// Finding is one thing that is not as it should be.
type Finding struct {
	ID     ID     // empty for what belongs to no object
	Key    string // of the file concerned; empty if it is the whole object
	Kind   Kind
	Code   string // of the OCFL specification, e.g. "E092"; may be empty
	Detail string // for operators
}

// Kind says what is wrong.
type Kind string

// The kinds of findings.
const (
	Missing   Kind = "missing"   // a file that should be there is not
	Changed   Kind = "changed"   // a file has other bytes than when it was kept
	Extra     Kind = "extra"     // a file that nothing refers to
	Malformed Kind = "malformed" // an inventory or declaration that cannot be read as one
	Invalid   Kind = "invalid"   // another error by the OCFL specification
	Warning   Kind = "warning"   // against a recommendation of the OCFL specification
)

// Problem is the finding for people, nil for a warning.
func (f Finding) Problem() *sohoa.Problem {
	code := map[Kind]string{
		Missing: "store.missing", Changed: "store.changed", Extra: "store.extra",
		Malformed: "store.malformed", Invalid: "store.malformed",
	}[f.Kind]
	if code == "" {
		return nil
	}
	name := f.Key
	if name == "" {
		name = string(f.ID)
	}
	return &sohoa.Problem{Kind: sohoa.ErrVerification, Code: code, Args: []string{name}, Detail: strings.TrimSpace(f.Code + " " + f.Detail)}
}

// Fixity reads every byte of an object again and calls each for whatever is
// not as its inventories say, in no particular order. It needs little memory
// and runs beside other work. An error is about the store, or
// sohoa.ErrNotExist if there is nothing of the object; damage is a finding.
func (s *Store) Fixity(ctx context.Context, id ID, each func(Finding)) error {
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	c := check{s, id, dir, each, nil}
	if c.unseen, err = s.sizes(ctx, dir); err != nil {
		return fmt.Errorf("check %s: %w", id, err)
	}
	if len(c.unseen) == 0 {
		return fmt.Errorf("check %s: %w", id, sohoa.ErrNotExist)
	}
	if err := c.run(ctx); err != nil {
		return fmt.Errorf("check %s: %w", id, err)
	}
	return nil
}

// check is one fixity check.
type check struct {
	store  *Store
	id     ID
	dir    string
	each   func(Finding)
	unseen map[string]int64 // sizes of what is there and not yet accounted for, by key
}

func (c *check) report(kind Kind, name, format string, args ...any) {
	c.each(Finding{ID: c.id, Key: path.Join(c.dir, name), Kind: kind, Detail: fmt.Sprintf(format, args...)})
}

func (c *check) run(ctx context.Context) error {
	if err := c.declaration(ctx); err != nil {
		return err
	}
	root, err := c.inventory(ctx, "")
	if err != nil {
		return err
	}
	newest, err := c.versions(ctx, root)
	if err != nil {
		return err
	}
	if newest == nil {
		newest = root
	}
	if newest != nil {
		if err := c.content(ctx, newest); err != nil {
			return err
		}
	}
	for key := range c.unseen {
		c.report(Extra, strings.TrimPrefix(key, c.dir+"/"), "no inventory lists it")
	}
	return nil
}

// take accounts for a file and reports whether it is there.
func (c *check) take(name string) bool {
	key := path.Join(c.dir, name)
	_, ok := c.unseen[key]
	delete(c.unseen, key)
	if !ok {
		c.report(Missing, name, "")
	}
	return ok
}

func (c *check) declaration(ctx context.Context) error {
	if !c.take(objectDeclaration) {
		return nil
	}
	b, err := c.store.read(ctx, path.Join(c.dir, objectDeclaration))
	if isOutage(err) {
		return err
	}
	if err != nil || string(b) != declaration(objectDeclaration) {
		c.report(Changed, objectDeclaration, "it says %q", b)
	}
	return nil
}

// inventory checks an inventory and its sidecar, of the root if version is
// empty. It returns nil if the inventory cannot be relied on.
func (c *check) inventory(ctx context.Context, version string) (*ocflgo.StoredInventory, error) {
	name, sidecar := path.Join(version, inventoryFile), path.Join(version, sidecarFile)
	there, sidecarThere := c.take(name), c.take(sidecar)
	if !there {
		return nil, nil
	}
	b, err := ocflfs.ReadAll(ctx, c.store.fs, path.Join(c.dir, name))
	if err != nil {
		return nil, c.unread(name, err)
	}
	inv, v := ocflgo.ValidateInventoryBytes(b)
	if err := v.Err(); err != nil {
		c.report(Malformed, name, "%d bytes: %v", len(b), oneLine(err))
		return nil, nil
	}
	if inv.ID != string(c.id) || version != "" && inv.Head.String() != version {
		c.report(Malformed, name, "it is of %s, %s", inv.ID, inv.Head)
		return nil, nil
	}
	if !sidecarThere {
		return inv, nil
	}
	return c.compareSidecar(ctx, inv, version)
}

// compareSidecar finds out which of the two is wrong where an inventory and
// its sidecar disagree, as far as that can be told.
func (c *check) compareSidecar(ctx context.Context, inv *ocflgo.StoredInventory, version string) (*ocflgo.StoredInventory, error) {
	err := inv.ValidateSidecar(ctx, c.store.fs, path.Join(c.dir, version))
	switch {
	case err == nil:
		return inv, nil
	case isOutage(err):
		return nil, err
	case errors.Is(err, ocflgo.ErrInventorySidecarContents):
		c.report(Malformed, path.Join(version, sidecarFile), "it is no digest")
		return inv, nil
	}
	c.report(Changed, path.Join(version, inventoryFile), "%v", oneLine(err))
	return nil, nil
}

// unread reports a file that cannot be read for what it is.
func (c *check) unread(name string, err error) error {
	if isOutage(err) {
		return err
	}
	c.report(Changed, name, "%v", oneLine(err))
	return nil
}

// versions checks the inventory of each version and returns the newest one
// that can be relied on.
func (c *check) versions(ctx context.Context, root *ocflgo.StoredInventory) (newest *ocflgo.StoredInventory, err error) {
	last := c.lastVersion()
	if root != nil {
		last = root.Head.Num()
	}
	for n := 1; n <= last; n++ {
		inv, err := c.inventory(ctx, ocflgo.V(n).String())
		if err != nil {
			return nil, err
		}
		if inv != nil {
			newest = inv
		}
	}
	if root != nil && newest != nil && newest.Head == root.Head && newest.Digest() != root.Digest() {
		c.report(Changed, inventoryFile, "it differs from %s/%s", root.Head, inventoryFile)
	}
	if root != nil && (newest == nil || newest.Head != root.Head) {
		newest = root
	}
	return newest, nil
}

// lastVersion is the highest number of a version folder.
func (c *check) lastVersion() int {
	last := 0
	for key := range c.unseen {
		name, _, _ := strings.Cut(strings.TrimPrefix(key, c.dir+"/"), "/")
		n, err := strconv.Atoi(strings.TrimPrefix(name, "v"))
		if err == nil && name != strconv.Itoa(n) {
			last = max(last, n)
		}
	}
	return last
}

// content hashes what the manifest lists.
func (c *check) content(ctx context.Context, inv *ocflgo.StoredInventory) error {
	for name, hex := range inv.Manifest.Paths() {
		if !c.take(name) {
			continue
		}
		got, err := c.store.fs.hash(ctx, path.Join(c.dir, name))
		if err != nil {
			if err := c.unread(name, err); err != nil {
				return err
			}
			continue
		}
		if got.String() != hex {
			c.report(Changed, name, "its digest is %v, kept was %s", got, hex)
		}
	}
	return nil
}

// oneLine is an error for Finding.Detail.
func oneLine(err error) string {
	return strings.Join(strings.Fields(err.Error()), " ")
}
