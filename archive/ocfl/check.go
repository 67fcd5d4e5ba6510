package ocfl

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"

	ocflgo "github.com/srerickson/ocfl-go"
	"golang.org/x/sync/errgroup"

	"sohoa"
)

// check is one look at all of an object.
type check struct {
	Against
	store     *Store
	id        ID
	dir       string
	own       evidence
	other     evidence
	truth     truth
	head      int // the version that the object is at; 0 where that cannot be told
	contested bool

	mu     sync.Mutex
	found  []Finding        // guarded by mu
	unseen map[string]int64 // sizes of what is there and not yet accounted for, by key
}

// newCheck lists the object and reads its inventories. The other root comes
// first: what it has newer than this one then was there before.
func (s *Store) newCheck(ctx context.Context, id ID, a Against) (*check, error) {
	dir, err := s.path(id)
	if err != nil {
		return nil, err
	}
	c := &check{Against: a, store: s, id: id, dir: dir}
	if a.Other != nil {
		if c.other, err = a.Other.evidence(ctx, id); err != nil {
			return nil, err
		}
	}
	if c.unseen, err = s.sizes(ctx, dir); err != nil {
		return nil, err
	}
	if len(c.unseen) == 0 && !c.expected() {
		return nil, sohoa.ErrNotExist
	}
	if c.own, err = s.gather(ctx, id, dir, c.unseen); err != nil {
		return nil, err
	}
	c.truth = judge(c.own, c.other)
	c.head, c.contested = headOf(c.own, c.other, c.truth)
	if theirs := c.other.head(c.truth); c.head == 0 && theirs >= c.Expect {
		c.head = theirs // nothing here says what the object is, and nothing says that it is more than there
	}
	return c, nil
}

// evidence is gather for an object that is not listed yet.
func (s *Store) evidence(ctx context.Context, id ID) (evidence, error) {
	dir, err := s.path(id)
	if err != nil {
		return evidence{}, err
	}
	files, err := s.sizes(ctx, dir)
	if err != nil {
		return evidence{}, err
	}
	return s.gather(ctx, id, dir, files)
}

// expected reports whether the object must be there.
func (c *check) expected() bool { return c.Expect > 0 || c.Leads && c.other.there }

func (c *check) report(kind Kind, name, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found = append(c.found, Finding{ID: c.id, Key: path.Join(c.dir, name), Kind: kind, Detail: fmt.Sprintf(format, args...)})
}

func (c *check) run(ctx context.Context) error {
	if len(c.unseen) == 0 {
		c.found = append(c.found, Finding{ID: c.id, Kind: Missing, Detail: "nothing of the object is there"})
		return nil
	}
	if err := c.declaration(ctx); err != nil {
		return err
	}
	c.inventories()
	c.behind()
	if err := c.content(ctx); err != nil {
		return err
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

// inventories compares each inventory and sidecar with the one that is right.
func (c *check) inventories() {
	c.place("", c.own.root, c.truth[c.head])
	last := c.head
	if last == 0 {
		for n := range c.own.versions {
			last = max(last, n)
		}
	}
	for n := 1; n <= last; n++ {
		c.place(ocflgo.V(n).String(), c.own.versions[n], c.truth[n])
	}
	if c.contested {
		c.report(Changed, inventoryFile, "it is of version %d, though a later one is there", c.head)
	}
}

// place reports what is wrong with one inventory; want is nil where nobody
// can tell what is right.
func (c *check) place(folder string, p place, want *ocflgo.StoredInventory) {
	name, sidecar := path.Join(folder, inventoryFile), path.Join(folder, sidecarFile)
	if c.take(name) {
		switch {
		case p.inv == nil:
			c.report(Malformed, name, "%s", p.why)
		case want == nil:
			c.report(Changed, name, "its digest is %s, and not enough others say the same", p.inv.Digest())
		case want.Digest() != p.inv.Digest():
			c.report(Changed, name, "its digest is %s, kept was %s", p.inv.Digest(), want.Digest())
		}
	}
	if c.take(sidecar) {
		switch {
		case p.stated == "":
			c.report(Malformed, sidecar, "%s", p.sidecar)
		case want != nil && want.Digest() != p.stated:
			c.report(Changed, sidecar, "it says %s, kept was %s", p.stated, want.Digest())
		}
	}
}

// behind reports versions that should be there and are not.
func (c *check) behind() {
	want := c.Expect
	if c.Leads {
		want = max(want, c.other.head(c.truth))
	}
	if c.head > 0 && c.head < want {
		c.report(Missing, ocflgo.V(c.head+1).String(), "the object is at version %d, kept was %d", c.head, want)
	}
}

// listing is the inventory by which files are known: the right one, else any
// that is one; nil if there is none.
func (c *check) listing() *ocflgo.StoredInventory {
	if inv := c.truth[c.head]; inv != nil {
		return inv
	}
	newest := c.own.root.inv
	for _, p := range c.own.versions {
		if p.inv != nil && (newest == nil || p.inv.Head.Num() > newest.Head.Num()) {
			newest = p.inv
		}
	}
	return newest
}

// content hashes what the manifest lists, several files at once.
func (c *check) content(ctx context.Context) error {
	inv := c.listing()
	if inv == nil {
		clear(c.unseen) // nobody can tell what belongs to it
		return nil
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, c.AtOnce))
	for name, hex := range inv.Manifest.Paths() {
		if !c.take(name) {
			continue
		}
		g.Go(func() error { return c.file(ctx, name, hex) })
	}
	return g.Wait()
}

// file hashes one file.
func (c *check) file(ctx context.Context, name, hex string) error {
	got, err := c.store.hashPaced(ctx, path.Join(c.dir, name), c.Reading)
	switch {
	case isOutage(err) || ctx.Err() != nil:
		return err
	case err != nil:
		c.report(Changed, name, "%v", oneLine(err))
	case got.String() != hex:
		c.report(Changed, name, "its digest is %v, kept was %s", got, hex)
	}
	return nil
}

// pieceBytes is how much is read and hashed at a time.
const pieceBytes = 256 << 10

// pieces are buffers for hashPaced.
var pieces = sync.Pool{New: func() any { return new([pieceBytes]byte) }}

// hashPaced is the digest of a blob.
func (s *Store) hashPaced(ctx context.Context, key string, r Reading) (sohoa.Digest, error) {
	b, err := s.fs.blobs.Open(ctx, key)
	if err != nil {
		return sohoa.Digest{}, err
	}
	h := sha256.New()
	piece := pieces.Get().(*[pieceBytes]byte)
	defer pieces.Put(piece)
	for err == nil {
		var n int
		n, err = b.Read(piece[:])
		h.Write(piece[:n])
		if r.Pace != nil && n > 0 {
			err = errors.Join(err, r.Pace(ctx, n))
		}
	}
	if errors.Is(err, io.EOF) && ctx.Err() == nil {
		err = nil
	}
	return sohoa.Digest(h.Sum(nil)), errors.Join(err, b.Close())
}
