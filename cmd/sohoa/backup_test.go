package main

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive/archivetest"
	"sohoa/archive/s3"
)

// filesBelow counts the files of a folder that appear to be whole.
func filesBelow(dir string) (n int) {
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.Contains(path, "/.tmp/") {
			n++
		}
		return nil // what goes meanwhile is not there
	})
	return n
}

// contents are the files below a folder by path.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.Contains(path, "/.tmp/") {
			all[strings.TrimPrefix(path, dir)] = string(mustRead(t, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// killAt starts a command and kills it once a folder has that many files; ok
// is false if it ended before.
func (p *program) killAt(dir string, n int, args ...string) (ok bool) {
	p.t.Helper()
	cmd := p.command(args...)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait() // how it ended does not matter
		close(ended)
	}()
	for filesBelow(dir) < n {
		select {
		case <-ended:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	cmd.Process.Kill()
	<-ended
	return true
}

// TestBackupAndRestoreSurviveKills backs up while documents are brought in,
// with back-ups killed on the way, and restores with restores killed on the
// way.
func TestBackupAndRestoreSurviveKills(t *testing.T) {
	t.Parallel()
	p := newProgram(t, officeKey(t)...)
	copyDir := filepath.Join(t.TempDir(), "copy")
	s := p.serve()
	b := s.signIn()
	dir := t.TempDir()
	first := decode[sohoa.Document](t, p.ok("add", "--json", "--dossier", "HS-1", write(t, dir, "a.jpg", page(t, "So 10000"))))
	added := make(chan sohoa.Document, 100)
	ctx, stop := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	sending.Go(func() {
		for n := 1; n < cap(added) && ctx.Err() == nil; n++ {
			doc, err := b.upload(ctx, "HS-1", numbered("trang", n)+".jpg", bytes.NewReader(page(t, "So "+word(n))))
			if err != nil {
				if ctx.Err() == nil {
					t.Error(err)
				}
				return
			}
			added <- doc
		}
	})
	killed := 0
	for _, n := range []int{1, 3, 8, 16} {
		if p.killAt(copyDir, filesBelow(copyDir)+n, "backup", copyDir) {
			killed++
		}
	}
	before := len(added)
	p.ok("backup", copyDir)
	stop()
	sending.Wait()
	s.stop()
	p.ok("backup", "check", "--read-data", copyDir)
	t.Logf("%d back-ups were killed; %d documents brought in before the last began, %d in all", killed, before, len(added))

	restored := *p
	restored.data = filepath.Join(t.TempDir(), "restored")
	furnish(t, restored.data)
	restored.env = append(slices.Clone(p.env), "SOHOA_DATA="+restored.data)
	killed = 0
	for _, n := range []int{1, 5, 12, 30} {
		if restored.killAt(restored.data, n, "restore", "latest", "--from", copyDir) {
			killed++
			if !fileThere(filepath.Join(restored.data, restoringFile)) {
				continue // it had not begun
			}
			if r := restored.run("search", "10000"); r.status != exitFailed || !strings.Contains(r.err, "not restored here to the end") {
				t.Errorf("a restore that was killed leaves an archive that opens: %d %s%s", r.status, r.out, r.err)
			}
		}
	}
	t.Logf("%d restores were killed", killed)
	t.Logf("%s", restored.ok("restore", "latest", "--from", copyDir))
	restored.ok("journal", "verify")
	again := restored.serve() // goes on with what was not kept
	defer again.stop()
	c := again.signInAgain(b)
	until(t, "the restored documents", func() bool {
		return c.document(t, first.ID).State == sohoa.StateKept && !slices.ContainsFunc(ids(added, before), func(id sohoa.DocumentID) bool {
			return c.document(t, id).State != sohoa.StateKept
		})
	})
	for n, id := range ids(added, before) {
		if found := restored.ok("search", word(n+1)); !strings.Contains(found, id.String()) {
			t.Errorf("search %s = %q, want %s", word(n+1), found, id)
		}
		out := filepath.Join(dir, id.String())
		restored.ok("get", "--rendition", "original", "-o", out, id.String())
		if !bytes.Equal(mustRead(t, out), page(t, "So "+word(n+1))) {
			t.Errorf("the original of %s is another one", id)
		}
		restored.ok("verify", id.String())
	}
	restored.ok("fixity")
}

// ids are the first documents of a channel, which keeps them.
func ids(docs chan sohoa.Document, n int) (all []sohoa.DocumentID) {
	for range len(docs) {
		d := <-docs
		docs <- d
		if len(all) < n {
			all = append(all, d.ID)
		}
	}
	return all
}

// signInAgain is a person who has a password, at another server.
func (s *server) signInAgain(b *person) *person {
	moved := *b
	moved.base = s.address()
	return &moved
}

// TestStoreMovesWhileServing moves the object store to S3 and back while
// documents are brought in and read; the server is killed in each phase.
func TestStoreMovesWhileServing(t *testing.T) {
	t.Parallel()
	where := archivetest.StartS3(t, "versitygw")
	makeBucket(t, where)
	p := newProgram(t, officeKey(t)...)
	p.env = append(p.env, "SOHOA_S3_ENDPOINT="+where.Endpoint, "SOHOA_S3_ACCESS_KEY="+where.AccessKey, "SOHOA_S3_SECRET_KEY="+where.SecretKey, "SOHOA_S3_INSECURE=1")
	first := p.ok("add", "--json", "--dossier", "HS-1", write(t, t.TempDir(), "a.jpg", page(t, "So 10000")))
	s := p.serve()
	b := s.signIn()
	var docs []sohoa.DocumentID
	docs = append(docs, decode[sohoa.Document](t, first).ID)
	bring := func() {
		t.Helper()
		n := len(docs)
		doc, err := b.upload(t.Context(), "HS-1", numbered("trang", n)+".jpg", bytes.NewReader(page(t, "So "+word(n))))
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, doc.ID)
		if got := p.run("get", "--rendition", "original", "-o", filepath.Join(t.TempDir(), "o"), docs[0].String()); got.status != exitDone {
			t.Fatalf("reading while the store is moved: %s", got.err)
		}
	}
	// The server dies while it copies, at several moments.
	for n := range 4 {
		bring()
		until(t, "the documents", func() bool { return allKept(t, b, docs) })
		have := inBucket(t, where)
		cmd := p.command("migrate-store", "--to", "s3", "--rate", "0.003")
		end := begin(t, cmd)
		until(t, "objects in the bucket", func() bool { return inBucket(t, where) > have+n })
		s.kill()
		r := end()
		if r.status == exitDone {
			t.Fatalf("it ended before the server died: %s", r.out)
		}
		s = p.serve()
		b = s.signInAgain(b)
	}
	bring()
	// What the command is told counts, not what the server was.
	if r := p.run("migrate-store", "--to", "s3", "--s3-ca", "nowhere.pem"); r.status != exitFailed || !strings.Contains(r.err, "nowhere.pem") {
		t.Errorf("migrate-store with certificates that are not there = %d %q", r.status, r.err)
	}
	if out := p.ok("migrate-store", "--to", "s3"); !strings.Contains(out, "Change the settings") {
		t.Errorf("migrate-store = %q", out)
	}
	doc, err := b.upload(t.Context(), "HS-1", "sau.jpg", bytes.NewReader(page(t, "So 77777"))) // goes to the new store
	if err != nil {
		t.Fatal(err)
	}
	docs = append(docs, doc.ID)
	until(t, "the documents", func() bool { return allKept(t, b, docs) })
	old := contents(t, filepath.Join(p.data, objectsDir))
	s.kill()
	if r := p.run("serve", "--listen", "127.0.0.1:0"); r.status != exitFailed || !strings.Contains(r.err, `store = "s3"`) {
		t.Errorf("a start with the old settings = %d %q", r.status, r.err)
	}
	p.env = append(p.env, "SOHOA_STORE=s3")
	p.ok("fixity")
	for _, id := range docs {
		p.ok("verify", id.String())
	}
	// And back, while it serves.
	s = p.serve()
	b = s.signInAgain(b)
	bring()
	p.ok("migrate-store", "--to", "local")
	until(t, "the documents", func() bool { return allKept(t, b, docs) })
	s.stop()
	if r := p.run("fixity"); r.status != exitFailed || !strings.Contains(r.err, `store = "local"`) {
		t.Errorf("a command with the old settings = %d %q", r.status, r.err)
	}
	p.env = append(p.env, "SOHOA_STORE=local")
	p.ok("fixity")
	p.ok("journal", "verify")
	checkRoot(t, p, len(docs))
	now := contents(t, filepath.Join(p.data, objectsDir))
	maps.DeleteFunc(old, func(key, _ string) bool { return !strings.HasPrefix(key, "/ocfl/") })
	for key, data := range old {
		if now[key] != data {
			t.Errorf("%s came back as something else", key)
		}
	}
}

func allKept(t *testing.T, b *person, docs []sohoa.DocumentID) bool {
	return !slices.ContainsFunc(docs, func(id sohoa.DocumentID) bool { return b.document(t, id).State != sohoa.StateKept })
}

func bucket(t *testing.T, where archivetest.S3) *s3.Store {
	t.Helper()
	return must(s3.Open(t.Context(), s3.Config{Endpoint: where.Endpoint, AccessKey: where.AccessKey, SecretKey: where.SecretKey,
		Bucket: "sohoa", PathStyle: true, CreateBucket: true}))(t)
}

func makeBucket(t *testing.T, where archivetest.S3) { bucket(t, where) }

// inBucket counts the files of the storage root in a bucket.
func inBucket(t *testing.T, where archivetest.S3) (n int) {
	t.Helper()
	for range bucket(t, where).List(t.Context(), "ocfl/") {
		n++
	}
	return n
}

// TestRestoreOnPostgresAndS3 backs up an archive that is in PostgreSQL and a
// bucket, into another bucket, and restores it beside the first.
func TestRestoreOnPostgresAndS3(t *testing.T) {
	t.Parallel()
	where := archivetest.StartS3(t, "versitygw")
	makeBucket(t, where)
	server := archivetest.StartPostgres(t)
	p := newProgram(t, officeKey(t)...)
	p.env = append(p.env, "SOHOA_DATABASE="+server.Database(t), "SOHOA_STORE=s3", "SOHOA_S3_PREFIX=first",
		"SOHOA_S3_ENDPOINT="+where.Endpoint, "SOHOA_S3_ACCESS_KEY="+where.AccessKey, "SOHOA_S3_SECRET_KEY="+where.SecretKey, "SOHOA_S3_INSECURE=1",
		"SOHOA_BACKUP_S3_BUCKET=sohoa", "SOHOA_BACKUP_DIR=s3:copy", "SOHOA_BACKUP_S3_INSECURE=1",
		"SOHOA_BACKUP_S3_ENDPOINT="+where.Endpoint, "SOHOA_BACKUP_S3_ACCESS_KEY="+where.AccessKey, "SOHOA_BACKUP_S3_SECRET_KEY="+where.SecretKey)
	image := page(t, "So 48213")
	doc := decode[sohoa.Document](t, p.ok("add", "--json", "--dossier", "HS-1", write(t, t.TempDir(), "a.jpg", image)))
	p.ok("backup")
	if r := p.run("restore", "latest", "--into", filepath.Join(t.TempDir(), "x")); r.status != exitFailed || !strings.Contains(r.err, "is not empty") {
		t.Errorf("restore over the archive = %d %s", r.status, r.err)
	}
	restored := *p
	restored.data = filepath.Join(t.TempDir(), "restored")
	furnish(t, restored.data)
	restored.env = append(slices.Clone(p.env), "SOHOA_DATA="+restored.data, "SOHOA_S3_PREFIX=second")
	if r := restored.run("restore", "latest"); r.status != exitFailed || !strings.Contains(r.err, "has a catalogue already") {
		t.Errorf("restore into the database in use = %d %s", r.status, r.err)
	}
	restored.env = append(restored.env, "SOHOA_DATABASE="+server.Database(t))
	if out := restored.ok("restore", "latest"); !strings.Contains(out, "1 documents, 1 kept, 0 parked") {
		t.Errorf("restore = %q", out)
	}
	if found := restored.ok("search", "48213"); !strings.Contains(found, doc.ID.String()) {
		t.Errorf("search = %q, want %s", found, doc.ID)
	}
	restored.ok("verify", doc.ID.String())
	restored.ok("journal", "verify")
	restored.ok("add", "--dossier", "HS-1", write(t, t.TempDir(), "b.jpg", page(t, "So 55917")))
	serving := restored.serve()
	if r := restored.run("migrate-store", "--to", "local"); r.status != exitFailed || !strings.Contains(r.err, "processes share the database") {
		t.Errorf("moving while others may be working = %d %s", r.status, r.err)
	}
	serving.stop()
	restored.ok("migrate-store", "--to", "local")
	if r := restored.run("fixity"); !strings.Contains(r.err, "was moved to local") {
		t.Errorf("with the old settings: %d %s", r.status, r.err)
	}
	restored.env = append(restored.env, "SOHOA_STORE=local")
	restored.ok("fixity")
}
