package ocfl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"

	"sohoa"
)

// maxInventoryBytes bounds what is read as an inventory; one of a thousand
// pages and a hundred versions has some 20 MiB.
const maxInventoryBytes = 256 << 20

// evidence is what one root has of the inventories of an object: each stands
// there twice (root and newest version), with its digest beside it.
type evidence struct {
	there    bool // there is something of the object
	root     place
	versions map[int]place
}

// place is one inventory with its sidecar.
type place struct {
	inv     *ocflgo.StoredInventory // nil unless it is one of this object, and of this version
	why     string                  // why inv is nil though a file is there
	stated  string                  // the digest that the sidecar has
	sidecar string                  // why there is no stated though a file is there
}

// gather reads the inventories of an object, whose files are listed.
func (s *Store) gather(ctx context.Context, id ID, dir string, files map[string]int64) (evidence, error) {
	e := evidence{there: len(files) > 0, versions: map[int]place{}}
	folders := map[int]bool{0: true}
	for key := range files {
		folder, name, _ := strings.Cut(strings.TrimPrefix(key, dir+"/"), "/")
		if n := versionNumber(folder); n > 0 && (name == inventoryFile || name == sidecarFile) {
			folders[n] = true
		}
	}
	for n := range folders {
		p, err := s.place(ctx, id, dir, n, files)
		if err != nil {
			return e, err
		}
		if n == 0 {
			e.root = p
		} else {
			e.versions[n] = p
		}
	}
	return e, nil
}

// versionNumber is the number of a version's folder; 0 if it is none.
func versionNumber(folder string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(folder, "v"))
	if err != nil || n < 1 || folder != "v"+strconv.Itoa(n) {
		return 0
	}
	return n
}

// place reads the inventory of version n, or of the root if n is 0.
func (s *Store) place(ctx context.Context, id ID, dir string, n int, files map[string]int64) (p place, err error) {
	if n > 0 {
		dir = path.Join(dir, ocflgo.V(n).String())
	}
	if key := path.Join(dir, inventoryFile); has(files, key) {
		b, err := s.readUpTo(ctx, key, maxInventoryBytes)
		if isOutage(err) {
			return p, err
		}
		p.inv, p.why = parseInventory(b, err, id, n)
	}
	if key := path.Join(dir, sidecarFile); has(files, key) {
		b, err := s.readUpTo(ctx, key, maxConfigBytes)
		if isOutage(err) {
			return p, err
		}
		p.stated, p.sidecar = parseSidecar(b, err)
	}
	return p, nil
}

func has(files map[string]int64, key string) bool {
	_, ok := files[key]
	return ok
}

// parseInventory says why b is no inventory of version n of the object; 0 is
// any version.
func parseInventory(b []byte, err error, id ID, n int) (*ocflgo.StoredInventory, string) {
	if err != nil {
		return nil, oneLine(err)
	}
	inv, v := ocflgo.ValidateInventoryBytes(b)
	switch err := v.Err(); {
	case err != nil:
		return nil, fmt.Sprintf("%d bytes: %v", len(b), oneLine(err))
	case inv.ID != string(id) || n > 0 && inv.Head.Num() != n:
		return nil, fmt.Sprintf("it is of %s, %s", inv.ID, inv.Head)
	}
	return inv, ""
}

var sidecarForm = regexp.MustCompile(`^([0-9a-fA-F]+)\s+inventory\.json\n?$`)

func parseSidecar(b []byte, err error) (stated, why string) {
	m := sidecarForm.FindSubmatch(b)
	switch {
	case err != nil:
		return "", oneLine(err)
	case m == nil:
		return "", "it is no digest"
	}
	return string(m[1]), ""
}

// readUpTo returns a file of at most limit bytes.
func (s *Store) readUpTo(ctx context.Context, key string, limit int64) ([]byte, error) {
	f, err := s.fs.blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err = errors.Join(err, f.Close()); err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s has more than %d bytes: %w", key, limit, sohoa.ErrVerification)
	}
	return b, err
}

// candidate is an inventory that may be the right one.
type candidate struct {
	inv   *ocflgo.StoredInventory
	votes int // files that have it, sidecars that name it, the next inventory if it follows from that
}

// truth are the inventories of an object by version, as far as it can be told
// which are right.
type truth map[int]*ocflgo.StoredInventory

// minVotes is how many must agree on an inventory: a file and its sidecar, two
// files.
const minVotes = 2

// judge decides which inventories are right. Each version's is the one on
// which most agree of the files, their sidecars and the inventory that comes
// after it; where as many are for another one it cannot be told.
func judge(all ...evidence) truth {
	stated, candidates := votes(all)
	t := truth{}
	numbers := slices.Sorted(maps.Keys(candidates))
	for i := len(numbers) - 1; i >= 0; i-- {
		n := numbers[i]
		if inv := elect(candidates[n], stated, t.before(n)); inv != nil {
			t[n] = inv
		}
	}
	return t
}

// votes collects the inventories by version and digest, and the digests that
// sidecars state. A version that only sidecars know is a candidate for what
// follows from the one after it.
func votes(all []evidence) (stated map[string]int, candidates map[int]map[string]*candidate) {
	stated, candidates = map[string]int{}, map[int]map[string]*candidate{}
	of := func(n int) map[string]*candidate {
		if candidates[n] == nil {
			candidates[n] = map[string]*candidate{}
		}
		return candidates[n]
	}
	add := func(p place) {
		if p.stated != "" {
			stated[p.stated]++
		}
		if p.inv == nil {
			return
		}
		at := of(p.inv.Head.Num())
		if at[p.inv.Digest()] == nil {
			at[p.inv.Digest()] = &candidate{inv: p.inv}
		}
		at[p.inv.Digest()].votes++
	}
	for _, e := range all {
		add(e.root)
		for n, p := range e.versions {
			of(n)
			add(p)
		}
	}
	return stated, candidates
}

// before is the inventory of version n as it follows from that of the next
// one, nil if that is not known.
func (t truth) before(n int) *ocflgo.StoredInventory {
	if t[n+1] == nil {
		return nil
	}
	next := t[n+1].Inventory
	inv := ocflgo.Inventory{ID: next.ID, Type: next.Type, DigestAlgorithm: next.DigestAlgorithm, Head: ocflgo.V(n),
		ContentDirectory: next.ContentDirectory, Manifest: ocflgo.DigestMap{}, Versions: map[ocflgo.VNum]*ocflgo.InventoryVersion{}}
	for _, v := range inv.Head.Lineage() {
		inv.Versions[v] = next.Versions[v]
	}
	for name, hex := range next.Manifest.Paths() {
		folder, _, _ := strings.Cut(name, "/")
		if at := versionNumber(folder); at > 0 && at <= n {
			inv.Manifest[hex] = append(inv.Manifest[hex], name)
		}
	}
	for _, names := range inv.Manifest {
		slices.Sort(names)
	}
	b, err := json.Marshal(inv)
	if err != nil {
		return nil
	}
	stored, v := ocflgo.ValidateInventoryBytes(b)
	if v.Err() != nil {
		return nil
	}
	return stored
}

// elect returns the inventory on which most agree, nil if that is not clear.
// follows may be nil.
func elect(among map[string]*candidate, stated map[string]int, follows *ocflgo.StoredInventory) *ocflgo.StoredInventory {
	if follows != nil {
		if among[follows.Digest()] == nil {
			among[follows.Digest()] = &candidate{inv: follows}
		}
		among[follows.Digest()].votes++
	}
	var best *candidate
	tie := false
	for digest, c := range among {
		if follows != nil && !agrees(c.inv, follows) {
			continue
		}
		c.votes += stated[digest]
		switch {
		case best == nil || c.votes > best.votes:
			best, tie = c, false
		case c.votes == best.votes:
			tie = true
		}
	}
	if best == nil || tie || best.votes < minVotes {
		return nil
	}
	return best.inv
}

// agrees reports whether two inventories of one version say the same, in
// whatever words.
func agrees(a, b *ocflgo.StoredInventory) bool {
	if !a.Manifest.Eq(b.Manifest) || len(a.Versions) != len(b.Versions) {
		return false
	}
	for n, v := range a.Versions {
		w := b.Versions[n]
		if w == nil || !v.State.Eq(w.State) || !v.Created.Equal(w.Created) || v.Message != w.Message {
			return false
		}
	}
	return true
}

// head is the version that a root has an object at: that of its root
// inventory if this is right, else what its root sidecar names, else the
// newest whose inventory is right; 0 if that cannot be told.
func (e evidence) head(t truth) int {
	if inv := e.root.inv; inv != nil && t.is(inv.Head.Num(), inv.Digest()) {
		return inv.Head.Num()
	}
	newest := 0
	for n, inv := range t {
		if e.root.stated == inv.Digest() {
			return n
		}
		if p := e.versions[n]; n > newest && (p.stated == inv.Digest() || p.inv != nil && p.inv.Digest() == inv.Digest()) {
			newest = n
		}
	}
	return newest
}

func (t truth) is(n int, digest string) bool { return t[n] != nil && t[n].Digest() == digest }

// headOf is e.head, or a later version of which the root has the inventory
// though its root inventory is of an earlier one: that was put back. Without
// another root to confirm it, it is contested.
func headOf(e, other evidence, t truth) (head int, contested bool) {
	head = e.head(t)
	confirmed := other.head(t)
	for _, n := range slices.Sorted(maps.Keys(e.versions)) {
		p := e.versions[n]
		switch {
		case n <= head || p.inv == nil:
		case n <= confirmed && t.is(n, p.inv.Digest()):
			head = n
		default:
			contested = true
		}
	}
	return head, contested
}
