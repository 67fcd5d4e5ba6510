package archivetest

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/fixity"
	"sohoa/archive/ocfl"
)

// Campaign is a damage campaign: random damages to either of two copies, all of
// which must be found, named and repaired, and nothing else.
type Campaign struct {
	Seed    uint64
	Damages int            // how many in all
	Objects int            // of one to four versions
	Stores  [2]StoreToTest // empty ones
	Each    func(int)      // optional: called with the number of damages so far
}

// StoreToTest is a store that can be damaged.
type StoreToTest interface {
	archive.Blobs
	archive.Eraser
}

// round is how many damages are made before the copies are examined. Each is to
// other objects, so that what one copy lost the other has.
const round = 16

// root is the prefix of the storage roots of a campaign.
const root = "ocfl"

// campaign is a Campaign under way.
type campaign struct {
	Campaign
	t      *testing.T
	rand   *rand.Rand
	roots  [2]*ocfl.Store
	heads  map[ocfl.ID]int
	whole  [2]map[string]string // what the stores hold undamaged
	spared map[string]bool      // objects that were damaged in this round
	kinds  map[string]int       // damages so far
}

// Run makes the copies, damages and repairs them until c.Damages were made, and
// returns how many there were of each kind. Afterwards both roots are byte for
// byte what they were; it validates them.
func (c Campaign) Run(t *testing.T) map[string]int {
	t.Helper()
	w := &campaign{Campaign: c, t: t, rand: rand.New(rand.NewPCG(c.Seed, 1)), heads: map[ocfl.ID]int{}, kinds: map[string]int{}}
	w.build()
	for done := 0; done < c.Damages; {
		n := min(round, c.Damages-done)
		w.round(n)
		if t.Failed() {
			t.Fatalf("seed %d: stopped after %d damages: %v", c.Seed, done+n, w.kinds)
		}
		done += n
		if c.Each != nil {
			c.Each(done)
		}
	}
	for i, s := range w.roots {
		if err := s.Validate(t.Context(), func(f ocfl.Finding) { t.Errorf("copy %d: the validator finds %+v", i, f) }); err != nil {
			t.Fatal(err)
		}
	}
	return w.kinds
}

// build makes objects in the first copy and brings them to the second.
func (w *campaign) build() {
	t := w.t
	t.Helper()
	for i, b := range w.Stores {
		s, err := ocfl.Open(t.Context(), b, root)
		if err != nil {
			t.Fatal(err)
		}
		w.roots[i] = s
	}
	for i := range w.Objects {
		id := ocfl.DocumentID(sohoa.NewDocumentID(moment.Add(time.Duration(i) * time.Second)))
		for n := range 1 + w.rand.IntN(4) {
			w.commit(id, n)
		}
		if _, _, err := w.roots[1].Bring(t.Context(), id, w.roots[0]); err != nil {
			t.Fatal(err)
		}
	}
	for i := range w.Stores {
		w.whole[i] = w.content(i)
	}
}

func (w *campaign) commit(id ocfl.ID, n int) {
	files := map[string]ocfl.Content{"metadata.json": ocfl.Bytes(fmt.Appendf(nil, `{"object":%q,"version":%d}`, id, n+1))}
	for _, name := range []string{"original.pdf", "text/0001.json", "text/0002.json"} {
		files[name] = ocfl.Kept()
		if n == 0 {
			files[name] = ocfl.Bytes(w.bytes(200 + w.rand.IntN(5000)))
		}
	}
	files["signed.pdf"] = ocfl.Bytes(w.bytes(1000))
	o, err := w.roots[0].Commit(w.t.Context(), id, ocfl.Version{Expect: n, Created: moment, Message: fmt.Sprint("version ", n+1), Files: files})
	if err != nil {
		w.t.Fatal(err)
	}
	w.heads[id] = o.Head
}

func (w *campaign) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(w.rand.Uint32())
	}
	return b
}

// content is what a copy's root holds.
func (w *campaign) content(i int) map[string]string {
	all := map[string]string{}
	for info, err := range w.Stores[i].List(w.t.Context(), root+"/") {
		if err != nil {
			w.t.Fatal(err)
		}
		all[info.Key] = string(w.read(i, info.Key))
	}
	return all
}

func (w *campaign) read(i int, key string) []byte {
	w.t.Helper()
	return ReadBlob(w.t, w.Stores[i], key)
}

func (w *campaign) write(i int, key string, data []byte) {
	w.t.Helper()
	put(w.t, w.Stores[i], key, data)
}

func (w *campaign) remove(i int, key string) {
	if err := w.Stores[i].Remove(w.t.Context(), key); err != nil {
		w.t.Fatal(err)
	}
}

// round makes n damages, and wants them found, then repaired.
func (w *campaign) round(n int) {
	w.spared = map[string]bool{}
	want := [2]map[string]bool{{}, {}}
	var story []string
	for range n {
		i := w.rand.IntN(2)
		kind, keys := w.damage(i)
		w.kinds[kind]++
		story = append(story, fmt.Sprintf("copy %d: %s %q", i, kind, keys))
		for _, k := range keys {
			want[i][k] = true
		}
	}
	for i := range w.roots {
		got, _ := w.examine(i, false)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want[i])), got); diff != "" {
			w.t.Errorf("seed %d, copy %d: found (-want +got):\n%s\n%s", w.Seed, i, diff, strings.Join(story, "\n"))
		}
	}
	for i := range w.roots {
		if _, left := w.examine(i, true); len(left) > 0 {
			w.t.Errorf("seed %d, copy %d: left unrepaired: %q\n%s", w.Seed, i, left, strings.Join(story, "\n"))
		}
		if diff := cmp.Diff(w.whole[i], w.content(i)); diff != "" {
			w.t.Errorf("seed %d, copy %d: after the repair (-want +got):\n%s\n%s", w.Seed, i, diff, strings.Join(story, "\n"))
		}
	}
}

// examine looks at all of a copy, and returns the keys of what is found, and of
// what could not be repaired. An object that is missing is its ID.
func (w *campaign) examine(i int, repair bool) (found, left []string) {
	e := &fixity.Examiner{
		Copy: []archive.CopyName{archive.FirstCopy, archive.SecondCopy}[i], Root: w.roots[i], Other: w.roots[1-i], Repair: repair,
		Known: func(_ context.Context, id ocfl.ID) (fixity.Known, error) {
			return fixity.Known{First: w.heads[id], Second: w.heads[id]}, nil
		},
		Now: func() time.Time { return moment.Add(time.Hour) },
	}
	name := func(f ocfl.Finding) string {
		if f.Key == "" {
			return string(f.ID)
		}
		return f.Key
	}
	err := e.Run(w.t.Context(), "", func(r fixity.Result) error {
		for _, f := range r.Findings {
			found = append(found, name(f))
		}
		for _, f := range r.Left {
			left = append(left, name(f)+": "+f.Detail)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(found)
	return found, left
}

// object picks an object that is whole in both copies.
func (w *campaign) object() (id ocfl.ID, dir string) {
	ids := slices.Sorted(maps.Keys(w.heads))
	for {
		id = ids[w.rand.IntN(len(ids))]
		if !w.spared[string(id)] {
			break
		}
	}
	w.spared[string(id)] = true
	name := strings.TrimPrefix(string(id), "urn:sohoa:")
	for key := range w.whole[0] {
		if before, _, ok := strings.Cut(key, "/"+name+"/"); ok {
			return id, before + "/" + name
		}
	}
	w.t.Fatalf("%s is nowhere", id)
	return id, ""
}

// files are the keys of an object.
func (w *campaign) files(dir string) (keys []string) {
	for key := range w.whole[0] {
		if strings.HasPrefix(key, dir+"/") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// anyFile is a file of an object.
func (w *campaign) anyFile() string {
	_, dir := w.object()
	keys := w.files(dir)
	return keys[w.rand.IntN(len(keys))]
}

// damage makes one damage to a copy, and returns its kind and the keys at which
// it must be found.
func (w *campaign) damage(i int) (kind string, keys []string) {
	kinds := slices.Sorted(maps.Keys(damageKinds))
	kind = kinds[w.rand.IntN(len(kinds))]
	return kind, damageKinds[kind](w, i)
}

// damageKinds are what can happen.
var damageKinds = map[string]func(w *campaign, i int) []string{
	"flipped bit": func(w *campaign, i int) []string { return w.alter(i, w.anyFile(), w.flip) },
	"truncated": func(w *campaign, i int) []string {
		return w.alter(i, w.anyFile(), func(b []byte) []byte { return b[:w.rand.IntN(len(b))] })
	},
	"emptied": func(w *campaign, i int) []string { return w.alter(i, w.anyFile(), func([]byte) []byte { return nil }) },
	"longer": func(w *campaign, i int) []string {
		return w.alter(i, w.anyFile(), func(b []byte) []byte { return append(b, w.bytes(1+w.rand.IntN(20))...) })
	},
	"other bytes": func(w *campaign, i int) []string {
		return w.alter(i, w.anyFile(), func(b []byte) []byte { return w.bytes(len(b)) })
	},
	"deleted": func(w *campaign, i int) []string {
		key := w.anyFile()
		w.remove(i, key)
		return []string{key}
	},
	"extra in an object": func(w *campaign, i int) []string {
		_, dir := w.object()
		names := []string{"notes.txt", "v1/content/more.pdf", "v9/content/more.pdf", "v1/inventory.json.bak", "logs/x"}
		key := path.Join(dir, names[w.rand.IntN(len(names))])
		w.write(i, key, w.bytes(30))
		return []string{key}
	},
	"extra in the root": func(w *campaign, i int) []string {
		key := fmt.Sprintf("%s/%s/stray-%d", root, []string{"AA", "AA/BB", "x"}[w.rand.IntN(3)], w.rand.Uint32())
		w.write(i, key, w.bytes(30))
		return []string{key}
	},
	"two files swapped": func(w *campaign, i int) []string {
		_, dir := w.object()
		keys := w.files(dir)
		a, b := keys[w.rand.IntN(len(keys))], keys[w.rand.IntN(len(keys))]
		return w.swap(i, a, b)
	},
	"two objects' files swapped": func(w *campaign, i int) []string {
		_, dir := w.object()
		_, dir2 := w.object()
		name := []string{"v1/inventory.json", "v1/content/original.pdf", "inventory.json", "inventory.json.sha256"}[w.rand.IntN(4)]
		return w.swap(i, path.Join(dir, name), path.Join(dir2, name))
	},
	"object removed": func(w *campaign, i int) []string {
		id, dir := w.object()
		if err := w.Stores[i].RemoveAll(w.t.Context(), dir+"/"); err != nil {
			w.t.Fatal(err)
		}
		return []string{string(id)}
	},
	"version removed": func(w *campaign, i int) (keys []string) {
		id, dir := w.object()
		prefix := fmt.Sprintf("%s/v%d/", dir, 1+w.rand.IntN(w.heads[id]))
		for _, key := range w.files(dir) {
			if strings.HasPrefix(key, prefix) {
				w.remove(i, key)
				keys = append(keys, key)
			}
		}
		return keys
	},
	"inventory edited": func(w *campaign, i int) []string {
		_, dir := w.object()
		return w.alter(i, path.Join(dir, w.inventory(dir)), forge)
	},
	"inventory and sidecar edited": func(w *campaign, i int) []string {
		_, dir := w.object()
		key := path.Join(dir, w.inventory(dir))
		keys := w.alter(i, key, forge)
		w.write(i, key+".sha256", fmt.Appendf(nil, "%v inventory.json\n", sohoa.Sum(w.read(i, key))))
		return append(keys, key+".sha256")
	},
	"put back to its first version": func(w *campaign, i int) (keys []string) {
		_, dir := w.object()
		for _, name := range []string{"inventory.json", "inventory.json.sha256"} {
			old := w.read(i, path.Join(dir, "v1", name))
			keys = append(keys, w.alter(i, path.Join(dir, name), func([]byte) []byte { return old })...)
		}
		return keys
	},
	"root file damaged": func(w *campaign, i int) []string {
		names := []string{"0=ocfl_1.1", "ocfl_layout.json", "ocfl_1.1.md"}
		key := path.Join(root, names[w.rand.IntN(len(names))])
		if w.spared[key] {
			return nil
		}
		w.spared[key] = true
		if w.rand.IntN(2) == 0 {
			w.remove(i, key)
			return []string{key}
		}
		return w.alter(i, key, w.flip)
	},
}

// alter changes the bytes of a file; the key comes back unless they stayed the
// same.
func (w *campaign) alter(i int, key string, change func([]byte) []byte) []string {
	was := w.read(i, key)
	now := change(bytes.Clone(was))
	w.write(i, key, now)
	if bytes.Equal(was, now) {
		return nil
	}
	return []string{key}
}

func (w *campaign) flip(b []byte) []byte {
	b[w.rand.IntN(len(b))] ^= 1 << w.rand.IntN(8)
	return b
}

func (w *campaign) swap(i int, a, b string) []string {
	was := w.read(i, b)
	keys := w.alter(i, b, func([]byte) []byte { return w.read(i, a) })
	return append(keys, w.alter(i, a, func([]byte) []byte { return was })...)
}

// inventory is the name of one of an object's inventories.
func (w *campaign) inventory(dir string) string {
	var names []string
	for _, key := range w.files(dir) {
		if path.Base(key) == "inventory.json" {
			names = append(names, strings.TrimPrefix(key, dir+"/"))
		}
	}
	return names[w.rand.IntN(len(names))]
}

// forge changes what an inventory says, so that it is still one.
func forge(b []byte) []byte { return bytes.Replace(b, []byte("version 1"), []byte("version X"), 1) }
