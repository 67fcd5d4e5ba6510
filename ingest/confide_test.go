package ingest_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
	"sohoa/archive/vault"
	"sohoa/ingest"
	"sohoa/signing"
)

// newKeys makes a key to encrypt with, and the file of it.
func newKeys(t testing.TB) (vault.Keys, string) {
	t.Helper()
	file, _, err := vault.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	return must(vault.NewKeys([]byte(file), nil))(t), file
}

// TestEverythingEncrypted takes documents through all that can happen to them
// with encryption on, and then reads the storage root as a stranger would who
// has the key.
func TestEverythingEncrypted(t *testing.T) {
	d := newDecades(t)
	keys, file := newKeys(t)
	o := options{dir: t.TempDir(), keys: keys, config: func(c *ingest.Config) {
		d.configure(signing.LevelLT)(c)
		c.Signing.Keys = oneKey{d.key}
	}}
	of := openOffice(t, o)
	names := []string{"to-khai-01.jpg", "bien-ban-01.pdf"}
	var ids []sohoa.DocumentID
	for _, name := range names {
		ids = append(ids, of.add(name, scan(t, name)).ID)
	}
	for i, id := range ids {
		of.kept(id)
		if got := of.read(id, sohoa.RoleOriginal, 0); !bytes.Equal(got, scan(t, names[i])) {
			t.Errorf("%s: the original is not what came in", names[i])
		}
	}
	longTerm := func(doc sohoa.Document) bool { return doc.Signature == sohoa.SignatureLongTerm }
	for _, id := range ids {
		of.await(id, longTerm)
	}
	set := of.set(ids, inOrder...)
	must(of.SignSet(t.Context(), "lan", set.ID, nil, pin))(t)
	for _, id := range ids {
		of.item(set.ID, id, at(1, sohoa.ItemDue))
	}
	must(of.SignSet(t.Context(), "binh", set.ID, nil, pin))(t)
	for _, id := range ids {
		of.item(set.ID, id, at(3, sohoa.ItemDone))
		if _, err := of.Amend(t.Context(), id, decide("sai số")); err != nil {
			t.Fatal(err)
		}
		doc := of.await(id, func(doc sohoa.Document) bool { return recorded(doc) && longTerm(doc) })
		if len(doc.Signatures) != 4 || doc.Revision < 6 {
			t.Errorf("%s is kept as %+v, want four signatures and six versions", id, doc)
		}
		if r := of.record(id); r.Document.Life.Revoked == nil {
			t.Error("the record does not have the revocation")
		}
		of.checkRanges(id)
	}
	of.stop()
	of.checkArchive()
	of.checkOthersAgree()
	of.checkNothingReadable(ids)
	of.checkAge(ids, names, file)
	of.checkRecovery(o, ids)
}

// checkRanges compares parts of a file with the whole.
func (of *office) checkRanges(id sohoa.DocumentID) {
	of.t.Helper()
	whole := of.read(id, sohoa.RoleSigned, 0)
	b, file, err := of.Open(of.t.Context(), id, sohoa.RoleSigned, 0)
	if err != nil {
		of.t.Fatal(err)
	}
	defer b.Close()
	if file.Size != int64(len(whole)) || file.Digest != sohoa.Sum(whole) || b.Size() != file.Size {
		of.t.Errorf("the catalogue has %d bytes %v, want those of the plaintext", file.Size, file.Digest)
	}
	for _, off := range []int{0, 65_530, len(whole) / 2, len(whole) - 100} {
		part := make([]byte, 100)
		if _, err := b.ReadAt(part, int64(off)); err != nil && err != io.EOF || !bytes.Equal(part, whole[off:off+100]) {
			of.t.Errorf("100 bytes at %d differ from the whole file's, %v", off, err)
		}
	}
}

// checkOthersAgree has ocfl-py validate each object.
func (of *office) checkOthersAgree() {
	of.t.Helper()
	program := os.Getenv("SOHOA_OCFL_PY")
	if program == "" {
		if os.Getenv("CI") != "" {
			of.t.Fatal("SOHOA_OCFL_PY is not set")
		}
		return
	}
	root := filepath.Join(of.dir, "objects", "ocfl")
	for _, declaration := range must(filepath.Glob(filepath.Join(root, "*", "*", "*", "0=ocfl_object_1.1")))(of.t) {
		if out, err := exec.Command(program, filepath.Dir(declaration)).CombinedOutput(); err != nil || !bytes.Contains(out, []byte("is VALID")) {
			of.t.Errorf("ocfl-py: %v\n%s", err, out)
		}
	}
}

// checkNothingReadable looks for plaintext below the object store: contents by
// their beginnings and by words that stand in every record, names by those of
// files that are not encrypted.
func (of *office) checkNothingReadable(ids []sohoa.DocumentID) {
	of.t.Helper()
	markers := [][]byte{[]byte("%PDF-"), scan(of.t, "to-khai-01.jpg")[:20], []byte("to-khai"), []byte("bien-ban"), []byte(dossier), []byte("UBND xã"),
		[]byte("sai s"), []byte(`"words"`), []byte(agencyName)}
	for _, id := range ids {
		markers = append(markers, []byte(of.record(id).Document.Digest.String()))
	}
	files := 0
	err := filepath.WalkDir(filepath.Join(of.dir, "objects"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, m := range markers {
			if bytes.Contains(b, m) {
				of.t.Errorf("%s has %q in it", path, m)
			}
		}
		if strings.Contains(path, "/content/") && !strings.HasSuffix(path, ".age") {
			of.t.Errorf("%s is not encrypted", path)
		}
		return err
	})
	if err != nil || files < 20 {
		of.t.Errorf("looked at %d files, %v, want all of the store", files, err)
	}
}

// checkAge decrypts the originals by the age program, found by their names in
// the storage root alone.
func (of *office) checkAge(ids []sohoa.DocumentID, names []string, file string) {
	of.t.Helper()
	key := filepath.Join(of.t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(file+"\n"), 0o600); err != nil {
		of.t.Fatal(err)
	}
	for i, id := range ids {
		found := must(filepath.Glob(filepath.Join(of.dir, "objects", "ocfl", "*", "*", id.String(), "v1", "content", "original.*.age")))(of.t)
		if len(found) != 1 {
			of.t.Fatalf("%q in the object, want one original", found)
		}
		out, err := exec.Command(archivetest.Program(of.t, "age"), "-d", "-i", key, found[0]).Output()
		if err != nil || sohoa.Sum(out) != sohoa.Sum(scan(of.t, names[i])) {
			of.t.Errorf("age -d %s gives %d bytes, %v, want the original", found[0], len(out), err)
		}
	}
}

// checkRecovery loses the catalogue. Without the key nothing is entered and
// each object says why; with it all is as it was.
func (of *office) checkRecovery(o options, ids []sohoa.DocumentID) {
	of.t.Helper()
	before := map[sohoa.DocumentID][]sohoa.File{}
	for _, id := range ids {
		before[id] = must(of.catalog.Files(of.t.Context(), id))(of.t)
	}
	of.catalog.Close()
	for _, lost := range []string{"c.db", "c.db-wal", "c.db-shm"} {
		os.Remove(filepath.Join(of.dir, lost))
	}
	o.idle = true
	keyless := o
	keyless.keys = must(vault.NewKeys([]byte(strangerKey(of.t)), nil))(of.t).ReadOnly()
	of = openOffice(of.t, keyless)
	told := 0
	n, err := of.Recover(of.t.Context(), func(_ sohoa.DocumentID, err error) {
		if problemOf(err) == "vault.closed" {
			told++
		}
	})
	if n != 0 || problemOf(err) != "vault.closed" || told != len(ids) { // err is of the journal
		of.t.Errorf("Recover without the key = %d, %v, and %d were told to need it, want 0, vault.closed for the journal, and %d", n, err, told, len(ids))
	}
	of.catalog.Close()

	of = openOffice(of.t, o)
	n, err = of.Recover(of.t.Context(), func(id sohoa.DocumentID, err error) {
		if err != nil {
			of.t.Errorf("recover %s: %v", id, err)
		}
	})
	if n != len(ids) || err != nil {
		of.t.Fatalf("Recover = %d, %v, want %d", n, err, len(ids))
	}
	for _, id := range ids {
		if got := must(of.catalog.Files(of.t.Context(), id))(of.t); fmt.Sprint(got) != fmt.Sprint(withoutThumbs(before[id])) {
			of.t.Errorf("recovered files\n%v, want\n%v", got, before[id])
		}
		of.checkRanges(id)
		of.read(id, sohoa.RoleImage, 1)
	}
}

func withoutThumbs(files []sohoa.File) []sohoa.File {
	return slices.DeleteFunc(slices.Clone(files), func(f sohoa.File) bool { return f.Role == sohoa.RoleThumb })
}

// strangerKey is a key to nothing.
func strangerKey(t testing.TB) string {
	_, file := newKeys(t)
	return file
}

var everyCrash = flag.Bool("every-crash", false, "stop at every change of the store, also with encryption on")

// TestEveryCrashIsRecoverableEncrypted is TestEveryCrashIsRecoverable with
// encryption on: what is committed in the end is what was encrypted once.
func TestEveryCrashIsRecoverableEncrypted(t *testing.T) {
	page := scan(t, "trang-trang-01.jpg")
	keys, _ := newKeys(t)
	total := countChangesOf(t, options{keys: keys}, page)
	step := 9
	if *everyCrash {
		step = 1
	}
	for n := 1; n <= total; n += step {
		after := n%2 == 0 // the next change has the other half
		t.Run(fmt.Sprintf("at %d after %v", n, after), func(t *testing.T) {
			crashOf(t, options{dir: t.TempDir(), keys: keys}, page, n, archivetest.Mode{Stop: true, After: after})
		})
	}
}

// TestSwitchingEncryption switches it on and off between the versions of a
// document: what a version adds is in the form of its time, what it keeps
// stays as it is.
func TestSwitchingEncryption(t *testing.T) {
	keys, _ := newKeys(t)
	o := options{dir: t.TempDir()}
	of := openOffice(t, o)
	id := of.papers(1)[0]
	waiting := of.add("b.jpg", page(t, 99)).ID
	of.kept(waiting)
	of.stop()
	unread := []sohoa.DocumentID{of.add("c.jpg", page(t, 101)).ID} // accepted under one setting, kept under another
	of.catalog.Close()
	for i, mode := range []vault.Keys{keys, keys.ReadOnly()} {
		o.keys = mode
		of = openOffice(t, o)
		if _, err := of.Amend(t.Context(), id, decide("sai số")); err != nil {
			t.Fatal(err)
		}
		of.await(id, recorded)
		for _, id := range unread {
			of.kept(id)
		}
		of.read(id, sohoa.RoleSigned, 0)
		of.read(waiting, sohoa.RoleSigned, 0)
		head := must(of.Keeper.Head(t.Context(), ocfl.DocumentID(id)))(t)
		want := []string{"document.pdf", "metadata.json", "original.jpg", "signed.pdf", "text/0001.json"}
		if mode.To != nil {
			want[1] = "metadata.json.age"
		}
		got := slices.DeleteFunc(slices.Sorted(maps.Keys(head.Files)), func(p string) bool { return p == "access.pdf" })
		if !slices.Equal(got, want) {
			t.Errorf("switch %d: version %d has %q, want %q", i, head.Head, got, want)
		}
		of.stop()
		unread = append(unread, of.add("c.jpg", page(t, 102+i)).ID)
		of.checkArchive()
		of.catalog.Close()
	}
}

// TestDamagedCiphertextIsNotRead damages the end of an original that waits.
func TestDamagedCiphertextIsNotRead(t *testing.T) {
	keys, _ := newKeys(t)
	of := openOffice(t, options{keys: keys, idle: true})
	id := of.add("a.jpg", page(t, 5)).ID
	path := filepath.Join(of.dir, "objects", "work", id.String(), "original.age")
	data := must(os.ReadFile(path))(t)
	data[len(data)-1] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	b, _, err := of.Open(t.Context(), id, sohoa.RoleOriginal, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err := io.ReadAll(b); problemOf(err) != "store.changed" {
		t.Errorf("reading = %v, want store.changed", err)
	}
}
