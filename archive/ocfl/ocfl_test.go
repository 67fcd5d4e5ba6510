package ocfl_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
)

var (
	created = time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)
	clerk   = ocfl.User{Name: "lan", Address: "urn:sohoa:user:lan"}
)

func document(t *testing.T, s string) ocfl.ID {
	t.Helper()
	id, err := sohoa.ParseDocumentID(s)
	if err != nil {
		t.Fatal(err)
	}
	return ocfl.DocumentID(id)
}

// local is a store in memory where that can be had: these tests make
// thousands of files, and what a sync costs is not their matter.
func local(t *testing.T) (archive.Blobs, string) {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sohoa-test-")
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b, err := localfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b, dir
}

func open(t *testing.T, b archive.Blobs) *ocfl.Store {
	t.Helper()
	s, err := ocfl.Open(t.Context(), b, "ocfl")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t *testing.T, b archive.Blobs, key, data string) ocfl.Content {
	t.Helper()
	if _, err := b.Put(t.Context(), key, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
	return ocfl.Blob(key, sohoa.Sum([]byte(data)))
}

// first and second are two versions of a document. Its thumbnails are equal.
func first(t *testing.T, b archive.Blobs) ocfl.Version {
	return ocfl.Version{Created: created, Message: "captured", User: clerk, Files: map[string]ocfl.Content{
		"original":         put(t, b, "work/1", "the scan"),
		"text/0001.json":   put(t, b, "work/2", `{"page":1}`),
		"thumbs/0001.jpeg": put(t, b, "work/3", "white"),
		"thumbs/0002.jpeg": ocfl.Bytes([]byte("white")),
		"metadata.json":    ocfl.Bytes([]byte(`{"v":1}`)),
	}}
}

func second(t *testing.T, b archive.Blobs) ocfl.Version {
	return ocfl.Version{Expect: 1, Created: created.Add(time.Hour), Message: "signed", Files: map[string]ocfl.Content{
		"original":       ocfl.Kept(),
		"text/0001.json": ocfl.Kept(),
		"signed.pdf":     put(t, b, "work/4", "the scan, signed"),
		"copy":           put(t, b, "work/5", "the scan"),
		"metadata.json":  ocfl.Bytes([]byte(`{"v":2}`)),
	}}
}

func commit(t *testing.T, s *ocfl.Store, id ocfl.ID, v ocfl.Version) ocfl.Object {
	t.Helper()
	o, err := s.Commit(t.Context(), id, v)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// findings validates the root in both ways and returns what is wrong.
func findings(t *testing.T, s *ocfl.Store) (all []string) {
	t.Helper()
	add := func(f ocfl.Finding) {
		all = append(all, fmt.Sprintf("%s %s %s %s", f.Kind, f.Key, f.Code, f.Detail))
	}
	if err := s.Validate(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	for id, err := range s.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Fixity(t.Context(), id, add); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func contents(t *testing.T, b archive.Blobs, o ocfl.Object) map[string]string {
	t.Helper()
	m := map[string]string{}
	for name, f := range o.Files {
		data := archivetest.ReadBlob(t, b, f.Key)
		if int64(len(data)) != f.Size || sohoa.Sum(data) != f.Digest {
			t.Errorf("%s: %d bytes with digest %v, the object says %+v", name, len(data), sohoa.Sum(data), f)
		}
		m[name] = string(data)
	}
	return m
}

var (
	wantFirst = map[string]string{
		"original": "the scan", "text/0001.json": `{"page":1}`,
		"thumbs/0001.jpeg": "white", "thumbs/0002.jpeg": "white", "metadata.json": `{"v":1}`,
	}
	wantSecond = map[string]string{
		"original": "the scan", "text/0001.json": `{"page":1}`,
		"signed.pdf": "the scan, signed", "copy": "the scan", "metadata.json": `{"v":2}`,
	}
)

const ulid = "01KJQ3Z5W0ABCDEFGHJKMNPQRS"

// TestHistory runs over every kind of store.
func TestHistory(t *testing.T) {
	t.Run("localfs", func(t *testing.T) {
		b, _ := local(t)
		testHistory(t, b)
	})
	for _, name := range archivetest.S3Servers {
		t.Run(name, func(t *testing.T) {
			server := archivetest.StartS3(t, name)
			b, err := s3.Open(t.Context(), s3.Config{
				Endpoint: server.Endpoint, AccessKey: server.AccessKey, SecretKey: server.SecretKey,
				Bucket: "papers", CreateBucket: true, PathStyle: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			testHistory(t, b)
		})
	}
}

func testHistory(t *testing.T, b archive.Blobs) {
	s, id := open(t, b), document(t, ulid)
	if _, err := s.Head(t.Context(), id); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Head before the first Commit = %v, want ErrNotExist", err)
	}
	o := commit(t, s, id, first(t, b))
	if diff := cmp.Diff(wantFirst, contents(t, b, o)); diff != "" || o.Head != 1 {
		t.Errorf("version %d, want 1; files (-want +got):\n%s", o.Head, diff)
	}
	if a, c := o.Files["thumbs/0001.jpeg"].Key, o.Files["thumbs/0002.jpeg"].Key; a != c {
		t.Errorf("equal files are stored twice: %s, %s", a, c)
	}
	o = commit(t, s, id, second(t, b))
	if diff := cmp.Diff(wantSecond, contents(t, b, o)); diff != "" || o.Head != 2 {
		t.Errorf("version %d, want 2; files (-want +got):\n%s", o.Head, diff)
	}
	if key := o.Files["copy"].Key; key != "ocfl/SR/QP/"+ulid+"/v1/content/original" {
		t.Errorf("content that was there is at %s, want it in version 1", key)
	}
	s = open(t, b) // reads what is there
	again, err := s.Head(t.Context(), id)
	if diff := cmp.Diff(o, again); diff != "" || err != nil {
		t.Errorf("Head after reopening = %v (-committed +read):\n%s", err, diff)
	}
	want := []ocfl.VersionInfo{
		{Number: 1, Created: created, Message: "captured", User: clerk},
		{Number: 2, Created: created.Add(time.Hour), Message: "signed", User: ocfl.User{Name: "system", Address: "urn:sohoa:user:system"}},
	}
	if diff := cmp.Diff(want, o.Versions); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
	other := document(t, "01KJQ3Z5W0ABCDEFGHJKMNPQRT")
	commit(t, s, other, first(t, b))
	if diff := cmp.Diff([]ocfl.ID{id, other}, objects(t, s)); diff != "" {
		t.Errorf("Objects (-want +got):\n%s", diff)
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("findings: %q, want none", got)
	}
}

func objects(t *testing.T, s *ocfl.Store) (ids []ocfl.ID) {
	t.Helper()
	for id, err := range s.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := id.Document(); err != nil {
			t.Errorf("%s.Document() = %v", id, err)
		}
		ids = append(ids, id)
	}
	return ids
}

func TestCommitAgain(t *testing.T) {
	b, _ := local(t)
	counted := archivetest.NewFaults(b, 0, archivetest.Mode{})
	s, id := open(t, counted), document(t, ulid)
	commit(t, s, id, first(t, b))
	v := second(t, b)
	want := commit(t, s, id, v)
	before := counted.Changes()
	for name, expect := range map[string]int{"the same Expect": 1, "unchanged": 2} {
		v.Expect, v.Created = expect, v.Created.Add(time.Minute)
		if expect == 2 {
			v.Files["original"] = ocfl.Blob("work/1", sohoa.Sum([]byte("the scan")))
		}
		if got := commit(t, s, id, v); !cmp.Equal(got, want) {
			t.Errorf("%s: Commit = %+v, want %+v", name, got, want)
		}
	}
	if n := counted.Changes() - before; n != 0 {
		t.Errorf("doing a Commit again changed the store %d times, want 0", n)
	}
}

func TestCommitRefused(t *testing.T) {
	b, _ := local(t)
	s, id := open(t, b), document(t, ulid)
	commit(t, s, id, first(t, b))
	files := func(name string, c ocfl.Content) map[string]ocfl.Content {
		return map[string]ocfl.Content{name: c, "other": ocfl.Bytes([]byte("x"))}
	}
	good := ocfl.Bytes([]byte("good"))
	for _, row := range []struct {
		name   string
		id     ocfl.ID
		expect int
		files  map[string]ocfl.Content
		want   error
		code   string
	}{
		{"behind", id, 0, files("a", good), sohoa.ErrConflict, ""},
		{"ahead", id, 2, files("a", good), sohoa.ErrConflict, ""},
		{"new but not", document(t, "01KJQ3Z5W0ABCDEFGHJKMNPQRT"), 1, files("a", good), sohoa.ErrConflict, ""},
		{"no files", id, 1, nil, sohoa.ErrInvalid, ""},
		{"bad path", id, 1, files("../a", good), sohoa.ErrInvalid, ""},
		{"absolute path", id, 1, files("/a", good), sohoa.ErrInvalid, ""},
		{"foreign letters", id, 1, files("số", good), sohoa.ErrInvalid, ""},
		{"file and folder", id, 1, files("other/a", good), sohoa.ErrInvalid, ""},
		{"kept nothing", id, 1, files("a", ocfl.Kept()), sohoa.ErrInvalid, ""},
		{"no content", id, 1, files("a", ocfl.Content{}), sohoa.ErrInvalid, ""},
		{"missing blob", id, 1, files("a", ocfl.Blob("work/none", sohoa.Sum([]byte("x1")))), sohoa.ErrNotExist, "store.missing"},
		{"missing blob, no digest", id, 1, files("a", ocfl.Blob("work/none", sohoa.Digest{})), sohoa.ErrNotExist, "store.missing"},
		{"altered blob", id, 1, files("a", ocfl.Blob("work/1", sohoa.Sum([]byte("x2")))), sohoa.ErrVerification, "store.changed"},
		{"bad ID", "urn:sohoa:../x", 0, files("a", good), sohoa.ErrInvalid, ""},
		{"foreign ID", "info:x", 0, files("a", good), sohoa.ErrInvalid, ""},
	} {
		_, err := s.Commit(t.Context(), row.id, ocfl.Version{Expect: row.expect, Created: created, Files: row.files})
		if !errors.Is(err, row.want) {
			t.Errorf("%s: Commit = %v, want %v", row.name, err, row.want)
		}
		var p *sohoa.Problem
		if row.code != "" && (!errors.As(err, &p) || p.Code != row.code) {
			t.Errorf("%s: Commit = %v, want the Problem %s", row.name, err, row.code)
		}
	}
	if o, err := s.Head(t.Context(), id); err != nil || o.Head != 1 {
		t.Errorf("Head after refused Commits = %d, %v, want 1", o.Head, err)
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("findings: %q, want none", got)
	}
	if got := pending(t, b); got != 0 {
		t.Errorf("%d commits under way, want 0", got)
	}
}

func pending(t *testing.T, b archive.Blobs) (n int) {
	t.Helper()
	for _, err := range b.List(t.Context(), "ocfl.pending/") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestDigestIsFound(t *testing.T) {
	b, _ := local(t)
	s, id := open(t, b), document(t, ulid)
	put(t, b, "work/1", "x")
	o := commit(t, s, id, ocfl.Version{Created: created, Files: map[string]ocfl.Content{"a": ocfl.Blob("work/1", sohoa.Digest{})}})
	if o.Files["a"].Digest != sohoa.Sum([]byte("x")) {
		t.Errorf("digest = %v, want that of the bytes", o.Files["a"].Digest)
	}
}

func TestOpenRefused(t *testing.T) {
	b, dir := local(t)
	put(t, b, "mine/file", "x")
	if _, err := ocfl.Open(t.Context(), b, "mine"); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("Open over foreign files = %v, want ErrConflict", err)
	}
	if _, err := ocfl.Open(t.Context(), b, "../x"); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Open of a bad prefix = %v, want ErrInvalid", err)
	}
	if _, err := ocfl.Open(t.Context(), struct{ archive.Blobs }{b}, "ocfl"); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("Open over a store that cannot erase = %v, want ErrInvalid", err)
	}
	open(t, b)
	for _, name := range []string{"0=ocfl_1.1", "ocfl_layout.json", "extensions/0007-n-tuple-omit-prefix-storage-layout/config.json"} {
		file := filepath.Join(dir, "ocfl", name)
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		os.WriteFile(file, good[:len(good)/2], 0o600)
		if _, err := ocfl.Open(t.Context(), b, "ocfl"); !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("Open with half of %s = %v, want ErrVerification", name, err)
		}
		os.WriteFile(file, good, 0o600)
	}
}

// TestCreateCutOff stops the making of a root at every change.
func TestCreateCutOff(t *testing.T) {
	for n := 1; ; n++ {
		b, _ := local(t)
		if _, err := ocfl.Open(t.Context(), archivetest.NewFaults(b, n, archivetest.Mode{Stop: true, After: true}), "ocfl"); err == nil {
			if n < 4 {
				t.Errorf("making a root took %d changes", n-1)
			}
			return
		}
		if got := findings(t, open(t, b)); len(got) != 0 {
			t.Errorf("stopped at change %d: findings %q, want none", n, got)
		}
	}
}

func TestManyCommitters(t *testing.T) {
	b, _ := local(t)
	s := open(t, b)
	errs := make(chan error)
	for i := range 12 {
		go func() {
			id := ocfl.ID(fmt.Sprintf("urn:sohoa:many-%02d", i%4))
			_, err := s.Commit(t.Context(), id, ocfl.Version{Created: created, Message: "one of many", Files: map[string]ocfl.Content{
				"a": ocfl.Bytes(bytes.Repeat([]byte{byte(i)}, 1000)),
			}})
			errs <- err
		}()
	}
	conflicts := 0
	for range 12 {
		switch err := <-errs; {
		case errors.Is(err, sohoa.ErrConflict):
			conflicts++
		case err != nil:
			t.Errorf("Commit beside others = %v", err)
		}
	}
	if conflicts != 8 {
		t.Errorf("%d conflicts, want 8: one of three succeeds for each object", conflicts)
	}
	if got := findings(t, s); len(got) != 0 {
		t.Errorf("findings: %q, want none", got)
	}
}

func TestKindOfObjects(t *testing.T) {
	document := ocfl.DocumentID(sohoa.NewDocumentID(time.Now()))
	for id, want := range map[ocfl.ID]string{document: "", ocfl.NewID(ocfl.KindJournal, "2026-11-30"): "journal"} {
		if got := id.Kind(); got != want {
			t.Errorf("Kind of %s = %q, want %q", id, got, want)
		}
	}
}
