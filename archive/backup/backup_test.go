package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/backup"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/sqlite"
)

// world is an archive and a repository for it.
type world struct {
	t       *testing.T
	blobs   *localfs.Store
	keeper  *ocfl.Store
	catalog *sqlite.Catalog
	dir     string // of the repository
	store   backup.Store
	now     time.Time
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, blobs: folder(t, t.TempDir()), dir: t.TempDir(), now: time.Date(2026, 11, 2, 1, 0, 0, 0, time.UTC)}
	w.keeper = root(t, w.blobs)
	w.store = folder(t, w.dir)
	var err error
	if w.catalog, err = sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "c.db"), nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.catalog.Close() })
	w.entry()
	return w
}

func folder(t *testing.T, dir string) *localfs.Store {
	t.Helper()
	s, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func root(t *testing.T, b archive.Blobs) *ocfl.Store {
	t.Helper()
	k, err := ocfl.Open(t.Context(), b, "ocfl")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (w *world) entry() {
	w.t.Helper()
	err := w.catalog.Update(w.t.Context(), func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// commit gives an object its next version.
func (w *world) commit(ctx context.Context, id ocfl.ID, version int) error {
	_, err := w.keeper.Commit(ctx, id, ocfl.Version{Expect: version - 1, Created: w.now, Message: "kept", Files: map[string]ocfl.Content{
		"original.jpg":  ocfl.Bytes([]byte("original of " + id)),
		"metadata.json": ocfl.Bytes(fmt.Appendf(nil, "%s %d", id, version)),
	}})
	return err
}

func (w *world) objects(n int) (ids []ocfl.ID) {
	w.t.Helper()
	for range n {
		id := ocfl.DocumentID(sohoa.NewDocumentID(w.now))
		if err := w.commit(w.t.Context(), id, 1); err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func (w *world) repository() *backup.Repository {
	w.t.Helper()
	r, err := backup.Create(w.t.Context(), w.store, w.t.TempDir())
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) source() backup.Source {
	return backup.Source{Catalogue: w.catalog, Objects: w.blobs, Keeper: w.keeper, Work: "work/", Skip: []string{"cache/"},
		Program: "test", Settings: map[string]string{"store": "local"}, Now: func() time.Time { return w.now }}
}

// save takes a snapshot, a day after the one before.
func (w *world) save() backup.Snapshot {
	w.t.Helper()
	w.now = w.now.Add(24 * time.Hour)
	s, damaged, err := w.repository().Save(w.t.Context(), w.source())
	if err != nil || len(damaged) > 0 {
		w.t.Fatalf("Save = %v, damaged %v", err, damaged)
	}
	return s
}

// restored restores a snapshot into a new place.
func (w *world) restored(s backup.Snapshot) *localfs.Store {
	w.t.Helper()
	to := folder(w.t, w.t.TempDir())
	_, err := w.repository().Restore(w.t.Context(), s, backup.Restoring{Objects: to, Damaged: func(d backup.Damage) { w.t.Errorf("%s: %v", d.Key, d.Err) }})
	if err != nil {
		w.t.Fatal(err)
	}
	return to
}

// files are all files of a store by key.
func files(t *testing.T, b archive.Blobs, skip ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for info, err := range b.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(skip, func(p string) bool { return strings.HasPrefix(info.Key, p) }) {
			all[info.Key] = string(archivetest.ReadBlob(t, b, info.Key))
		}
	}
	return all
}

func put(t *testing.T, b archive.Blobs, key, data string) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func TestSnapshotsAreRestored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.objects(5)
	put(t, w.blobs, "work/A/original", "not kept yet")
	put(t, w.blobs, "work/A/large", strings.Repeat("a large file ", 200_000))
	put(t, w.blobs, "cache/A/image/0001", "made again")
	first := w.save()
	before := files(t, w.blobs, "cache/")
	if err := w.commit(t.Context(), ids[0], 2); err != nil {
		t.Fatal(err)
	}
	if err := w.blobs.Remove(t.Context(), "work/A/large"); err != nil {
		t.Fatal(err)
	}
	second := w.save()
	if second.Added > 100_000+second.Catalogue.Size {
		t.Errorf("the second snapshot added %d bytes, want what changed", second.Added)
	}
	if first.Objects != 5 || second.Objects != 5 || first.Catalogue.Head.Seq != 1 {
		t.Errorf("%d and %d objects, journal %d, want 5, 5, 1", first.Objects, second.Objects, first.Catalogue.Head.Seq)
	}
	for s, want := range map[*backup.Snapshot]map[string]string{&first: before, &second: files(t, w.blobs, "cache/")} {
		to := w.restored(*s)
		if got := files(t, to); !maps.Equal(got, want) {
			t.Errorf("%s: %d files restored, want the %d that there were", s.ID, len(got), len(want))
		}
		if err := root(t, to).Validate(t.Context(), func(f ocfl.Finding) { t.Errorf("%+v", f) }); err != nil {
			t.Error(err)
		}
	}
	name := filepath.Join(t.TempDir(), "c.db")
	if err := w.repository().Extract(t.Context(), second.Catalogue.Digest, name); err != nil {
		t.Fatal(err)
	}
	c, err := sqlite.Open(t.Context(), name, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if e, err := archive.VerifyJournal(t.Context(), c); err != nil || e.Hash != second.Catalogue.Head.Hash {
		t.Errorf("journal of the restored catalogue: %v, %v, want its newest entry %v", e, err, second.Catalogue.Head)
	}
}

// TestSnapshotWhileVersionsAreCommitted takes snapshots while objects come and
// get versions: each restores as a valid root.
func TestSnapshotWhileVersionsAreCommitted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.objects(4)
	ctx, stop := context.WithCancel(t.Context())
	var commits sync.WaitGroup
	src := w.source()
	for n, id := range ids {
		commits.Go(func() {
			for v := 2; ctx.Err() == nil; v++ {
				if err := errors.Join(w.commit(ctx, id, v), w.commit(ctx, ocfl.NewID("test", fmt.Sprintf("%d-%d", n, v)), 1)); err != nil && ctx.Err() == nil {
					t.Errorf("Commit: %v", err)
					return
				}
			}
		})
	}
	repo := w.repository()
	var taken []backup.Snapshot
	for range 5 {
		s, damaged, err := repo.Save(t.Context(), src)
		if err != nil || len(damaged) > 0 {
			t.Errorf("Save = %v, damaged %v", err, damaged)
		}
		taken = append(taken, s)
	}
	stop()
	commits.Wait()
	for _, s := range taken {
		to := root(t, w.restored(s))
		if err := to.Validate(t.Context(), func(f ocfl.Finding) { t.Errorf("%+v", f) }); err != nil {
			t.Error(err)
		}
		for _, id := range ids {
			if _, err := to.Head(t.Context(), id); err != nil {
				t.Errorf("%s in a snapshot: %v", id, err)
			}
		}
	}
}

// TestEveryCrashLeavesSnapshots lets the repository die at each change of a
// back-up: what was there stays whole, and the next one goes on.
func TestEveryCrashLeavesSnapshots(t *testing.T) {
	t.Parallel()
	for name, mode := range archivetest.Modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ids := w.objects(1)
			first := w.save()
			want := files(t, w.restored(first))
			sound := w.store
			for n := 1; ; n++ {
				if err := w.commit(t.Context(), ids[0], n+1); err != nil {
					t.Fatal(err)
				}
				faults := archivetest.NewFaults(sound, n, mode)
				w.store = faults
				repo, err := backup.Create(t.Context(), w.store, t.TempDir())
				if err == nil {
					_, _, err = repo.Save(t.Context(), w.source())
				}
				w.store = sound
				if faults.Changes() < n {
					break
				}
				if !errors.Is(err, archivetest.ErrFault) {
					t.Errorf("Save that fails at change %d = %v", n, err)
				}
				c, err := w.repository().Check(t.Context(), true, func(f backup.Finding) { t.Errorf("after a failure at change %d: %+v", n, f) })
				if err != nil || c.Damaged > 0 {
					t.Errorf("Check = %+v, %v", c, err)
				}
			}
			if got := files(t, w.restored(first)); !maps.Equal(got, want) {
				t.Errorf("the first snapshot restores as %d files, want %d", len(got), len(want))
			}
			if got, want := files(t, w.restored(w.save())), files(t, w.blobs); !maps.Equal(got, want) {
				t.Errorf("the last snapshot restores as %d files, want %d", len(got), len(want))
			}
		})
	}
}

// TestDamageIsFoundAndNamed damages the files of a repository one by one.
func TestDamageIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.objects(1)
	s := w.save()
	for info, err := range w.store.List(t.Context(), "data/") {
		if err != nil {
			t.Fatal(err)
		}
		good := archivetest.ReadBlob(t, w.store, info.Key)
		bad := slices.Clone(good)
		bad[len(bad)/2] ^= 1
		put(t, w.store, info.Key, string(bad))
		w.checkFinds(info.Key, "backup.damaged")
		if err := w.store.Remove(t.Context(), info.Key); err != nil {
			t.Fatal(err)
		}
		w.checkFinds(info.Key, "backup.missing")
		put(t, w.store, info.Key, string(good))
	}
	// A full back-up mends what the archive still has.
	var damaged string
	for key := range files(t, w.store, "snapshots/", "locks/", "backup.json") {
		damaged = key
		break
	}
	b := archivetest.ReadBlob(t, w.store, damaged)
	put(t, w.store, damaged, string(bytes.ToUpper(b))+"x")
	src := w.source()
	src.Full = true
	if _, _, err := w.repository().Save(t.Context(), src); err != nil {
		t.Fatal(err)
	}
	if got := archivetest.ReadBlob(t, w.store, damaged); s.Catalogue.Digest != sohoa.Sum(b) && !bytes.Equal(got, b) {
		t.Errorf("%s is still damaged after a full back-up", damaged)
	}
}

// checkFinds looks whether a damaged file is found by Check and by Restore.
func (w *world) checkFinds(key, code string) {
	w.t.Helper()
	var found []string
	c, err := w.repository().Check(w.t.Context(), true, func(f backup.Finding) {
		found = append(found, f.Name+" "+sohoa.AsProblem(f.Err).Code)
		if len(f.Keys) == 0 {
			w.t.Errorf("%s: nothing is said of what needs it", f.Name)
		}
	})
	// A list that is damaged hides what it lists; it is named first.
	if err != nil || c.Damaged == 0 || !slices.Contains(found, key+" "+code) {
		w.t.Errorf("Check = %q, %v, want %s %s", found, err, key, code)
	}
	s, err := w.repository().Snapshot(w.t.Context(), "latest")
	if err != nil {
		w.t.Fatal(err)
	}
	if key == "data/"+s.Catalogue.Digest.String()[:2]+"/"+s.Catalogue.Digest.String() {
		if err := w.repository().Extract(w.t.Context(), s.Catalogue.Digest, filepath.Join(w.t.TempDir(), "c")); !errors.Is(err, sohoa.ErrVerification) {
			w.t.Errorf("Extract of a damaged catalogue = %v", err)
		}
		return
	}
	damaged := 0
	_, err = w.repository().Restore(w.t.Context(), s, backup.Restoring{Objects: folder(w.t, w.t.TempDir()), Damaged: func(d backup.Damage) {
		damaged++
		if got := sohoa.AsProblem(d.Err); got.Code != code || !slices.Contains(got.Args, key) {
			w.t.Errorf("Restore: %s: %v, want %s of %s", d.Key, d.Err, code, key)
		}
	}})
	if err != nil || damaged == 0 {
		w.t.Errorf("Restore = %v, %d damaged, want at least one", err, damaged)
	}
}

func TestForgetKeepsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := w.objects(1)
	var all []backup.Snapshot
	for n := range 60 { // 3 November to 1 January
		if n%20 == 0 {
			if err := w.commit(t.Context(), ids[0], n/20+2); err != nil {
				t.Fatal(err)
			}
		}
		w.entry()
		all = append(all, w.save())
	}
	repo := w.repository()
	gone, err := repo.Forget(t.Context(), backup.Policy{Daily: 5, Monthly: 12})
	if err != nil {
		t.Fatal(err)
	}
	pruned, err := repo.Prune(t.Context())
	if err != nil || pruned.Files < 50 {
		t.Errorf("Prune = %+v, %v, want the catalogues of those that went", pruned, err)
	}
	left, err := repo.Snapshots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var days []string
	for _, s := range left {
		days = append(days, s.Time.Format("01-02"))
		w.restored(s)
	}
	if want := []string{"11-30", "12-28", "12-29", "12-30", "12-31", "01-01"}; !slices.Equal(days, want) || len(gone)+len(left) != len(all) {
		t.Errorf("snapshots of %q stay, %d went, want %q", days, len(gone), want)
	}
	c, err := repo.Check(t.Context(), true, func(f backup.Finding) { t.Errorf("%+v", f) })
	if err != nil || c.Extra != 0 || c.Snapshots != len(left) {
		t.Errorf("Check = %+v, %v, want nothing extra", c, err)
	}
}

// TestPruneRefusesWhatItCannotRead damages a snapshot, and a list: nothing is
// removed then.
func TestPruneRefusesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.objects(1)
	w.save()
	w.entry()
	s := w.save()
	for _, key := range []string{"snapshots/" + s.ID + ".json", "data/" + s.Lists[0].Digest.String()[:2] + "/" + s.Lists[0].Digest.String()} {
		good := archivetest.ReadBlob(t, w.store, key)
		put(t, w.store, key, string(good)+" ")
		before := files(t, w.store)
		if _, err := w.repository().Prune(t.Context()); !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("Prune with a damaged %s = %v", key, err)
		}
		if _, err := w.repository().Forget(t.Context(), backup.Policy{}); strings.HasPrefix(key, "snapshots/") != errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("Forget with a damaged %s = %v", key, err)
		}
		if strings.HasPrefix(key, "snapshots/") && !maps.Equal(before, files(t, w.store)) {
			t.Error("something was removed")
		}
		put(t, w.store, key, string(good))
	}
}

func TestLocks(t *testing.T) {
	w := newWorld(t)
	r := w.repository()
	allowed := map[backup.Use][]backup.Use{
		backup.Read: {backup.Read, backup.Write}, backup.Write: {backup.Read}, backup.Remove: {},
	}
	for first, with := range allowed {
		_, unlock, err := r.Lock(t.Context(), first)
		if err != nil {
			t.Fatal(err)
		}
		for second := range allowed {
			_, unlock, err := r.Lock(t.Context(), second)
			if (err == nil) != slices.Contains(with, second) || err != nil && sohoa.AsProblem(err).Code != "backup.locked" {
				t.Errorf("%s beside %s: %v", second, first, err)
			}
			if err == nil {
				if err := unlock(); err != nil {
					t.Error(err)
				}
			}
		}
		if err := unlock(); err != nil {
			t.Error(err)
		}
	}
	// Nobody holds this one any more.
	host, _ := os.Hostname()
	put(t, w.store, "locks/OLD.json", fmt.Sprintf(`{"use":"remove","host":%q,"pid":1073741823,"time":%q}`, host, time.Now().Format(time.RFC3339)))
	put(t, w.store, "locks/ELSEWHERE.json", fmt.Sprintf(`{"use":"remove","host":"other","pid":1,"time":%q}`, time.Now().Add(-time.Hour).Format(time.RFC3339)))
	_, unlock, err := r.Lock(t.Context(), backup.Remove)
	if err != nil {
		t.Fatalf("Lock after others died = %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
	if left := files(t, w.store, "backup.json"); len(left) > 0 {
		t.Errorf("left behind: %v", slices.Sorted(maps.Keys(left)))
	}
}

func TestRepositoryIsNotMadeOverSomethingElse(t *testing.T) {
	store := folder(t, t.TempDir())
	if _, err := backup.Open(t.Context(), store, ""); sohoa.AsProblem(err).Code != "backup.none" {
		t.Errorf("Open of nothing = %v", err)
	}
	put(t, store, "ocfl/0=ocfl_1.1", "ocfl_1.1\n")
	if _, err := backup.Create(t.Context(), store, ""); sohoa.AsProblem(err).Code != "backup.other" {
		t.Errorf("Create in a storage root = %v", err)
	}
}

// TestDamagedArchiveIsCopied takes a snapshot of an archive that has damage:
// what can be read is copied as it is.
func TestDamagedArchiveIsCopied(t *testing.T) {
	w := newWorld(t)
	ids := w.objects(3)
	o, err := w.keeper.Head(t.Context(), ids[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := strings.TrimSuffix(o.Files["original.jpg"].Key, "/v1/content/original.jpg")
	for _, key := range []string{dir + "/inventory.json", "ocfl/zz/zz/stray"} {
		put(t, w.blobs, key, "{")
	}
	if got := files(t, w.restored(w.save())); !maps.Equal(got, files(t, w.blobs)) {
		t.Errorf("restored %q", slices.Sorted(maps.Keys(got)))
	}
}
