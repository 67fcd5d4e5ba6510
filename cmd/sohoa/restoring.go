package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/backup"
	"sohoa/archive/durable"
	"sohoa/archive/ocfl"
	"sohoa/archive/postgres"
	"sohoa/archive/sqlite"
	"sohoa/ingest/queue"
)

// restoringFile is in a data folder until a restore has come to its end: an
// archive that is not whole does not open.
const restoringFile = "restoring.json"

// restoredKeys is the folder for key files that a snapshot has.
const restoredKeys = "restored-keys"

// restoring is a restore under way.
type restoring struct {
	*app
	repo     *backup.Repository
	snap     backup.Snapshot
	out      *streams
	drill    bool
	again    bool // an earlier one was cut off
	damaged  int  // files that were not restored
	findings int  // of the check
}

// checkRestored refuses a data folder that is not restored to the end.
func (a *app) checkRestored() error {
	id, err := a.restoringID()
	if err != nil || id == "" || a.restoring {
		return err
	}
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "restore.unfinished", Args: []string{id}}
}

// restoringID is the snapshot that is being restored here; empty if none.
func (a *app) restoringID() (string, error) {
	b, err := os.ReadFile(a.path(restoringFile))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	var note struct{ Snapshot string }
	if err == nil {
		err = json.Unmarshal(b, &note)
	}
	return note.Snapshot, err
}

func (r *restoring) say(vi, en string, args ...any) {
	fmt.Fprintln(r.out.err, r.set.in(vi, en, args...))
}

// begin looks whether the snapshot may be restored here, and notes that it is.
func (r *restoring) begin(ctx context.Context) (release func(), err error) {
	kind := map[bool]string{false: sqlite.DumpKind, true: postgres.DumpKind}[r.set.shared()]
	if r.snap.Catalogue.Kind != kind {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "restore.kind", Args: []string{r.snap.Catalogue.Kind, kind}}
	}
	if err := os.MkdirAll(r.set.Data, durable.DirMode); err != nil {
		return nil, unwritable(r.set.Data, err)
	}
	id, err := r.restoringID()
	if err != nil {
		return nil, err
	}
	r.again = id == r.snap.ID
	if id != "" && !r.again {
		return nil, &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "restore.unfinished", Args: []string{id}}
	}
	if release, err = r.mustHold(); err != nil {
		return nil, err
	}
	if err := r.place(ctx); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// place opens the object store, which is empty, or has what an earlier restore
// of the same snapshot brought there. The note comes before anything is made.
func (r *restoring) place(ctx context.Context) (err error) {
	if !r.again {
		if err := r.checkEmpty(ctx); err != nil {
			return err
		}
	}
	b, err := json.Marshal(map[string]string{"snapshot": r.snap.ID})
	if err != nil {
		return err
	}
	if err := durable.WriteFile(r.path(restoringFile), b); err != nil {
		return err
	}
	r.stored, err = r.openBlobs(ctx)
	return err
}

// checkEmpty looks whether there is anything of an archive.
func (r *restoring) checkEmpty(ctx context.Context) error {
	for _, name := range []string{catalogueFile, objectsDir, indexDir} {
		if _, err := os.Stat(r.path(name)); err == nil {
			return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "restore.occupied", Args: []string{r.path(name)}}
		}
	}
	if r.set.Store == "local" {
		return nil
	}
	blobs, err := r.openBlobs(ctx)
	if err != nil {
		return err
	}
	for info, err := range blobs.List(ctx, "") {
		if err != nil {
			return err
		}
		return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "restore.occupied", Args: []string{info.Key}}
	}
	return nil
}

// objects restores the object store.
func (r *restoring) objects(ctx context.Context) error {
	p := newProgress(r.out.err, r.set.Lang)
	done, err := r.repo.Restore(ctx, r.snap, backup.Restoring{
		Objects: r.stored,
		Damaged: func(d backup.Damage) {
			r.damaged++
			p.clear()
			fmt.Fprintf(r.out.err, "%s: ", d.Key)
			report(d.Err, r.set.Lang, r.out.err)
		},
		Progress: func(done backup.Restored) {
			p.line(r.set.in("đã khôi phục %d/%d tệp", "%d of %d files restored", done.Files, r.snap.Files))
		},
	})
	p.clear()
	if err != nil {
		return err
	}
	r.say("Đã khôi phục %d tệp, %s.", "%d files, %s restored.", done.Files, megabytes(done.Bytes))
	return nil
}

// catalogue restores the database.
func (r *restoring) catalogue(ctx context.Context) error {
	if !r.set.shared() {
		for _, suffix := range []string{"-wal", "-shm"} { // of an earlier, interrupted restore
			if err := os.Remove(r.path(catalogueFile + suffix)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		return r.repo.Extract(ctx, r.snap.Catalogue.Digest, r.path(catalogueFile))
	}
	dump := r.path("catalogue.restoring")
	defer os.Remove(dump)
	if err := r.repo.Extract(ctx, r.snap.Catalogue.Digest, dump); err != nil {
		return err
	}
	err := postgres.Load(ctx, r.set.Database, dump, queue.NewPostgres(r.log))
	if r.again && errors.Is(err, sohoa.ErrConflict) {
		return nil // it was loaded whole; check compares the journal
	}
	return err
}

// keys restores the files that settings named, beside each other, and the key
// of identity numbers to its place.
func (r *restoring) keys(ctx context.Context) error {
	if len(r.snap.Keys) == 0 {
		return nil
	}
	if err := os.MkdirAll(r.path(restoredKeys), durable.DirMode); err != nil {
		return err
	}
	for i, k := range r.snap.Keys {
		name := filepath.Join(r.path(restoredKeys), fmt.Sprintf("%02d-%s", i+1, filepath.Base(k.Path)))
		if k.Setting == identitySetting { // the index of this archive is made with it
			name = r.path(identityFile)
		}
		if err := r.repo.Extract(ctx, k.Digest, name); err != nil {
			return err
		}
		r.say("%s (trước ở %s) đã khôi phục vào %s.", "%s (was at %s) is restored to %s.", k.Setting, k.Path, name)
	}
	return nil
}

// reconcile opens the archive, makes its parts agree and builds the index.
func (r *restoring) reconcile(ctx context.Context) error {
	if err := r.openStores(ctx); err != nil {
		return err
	}
	if err := r.openTools(); err != nil {
		return err
	}
	if _, err := r.keeper.Recover(ctx); err != nil {
		return err
	}
	n, err := r.service.Reconcile(ctx, func(id sohoa.DocumentID, err error) {
		if err == nil {
			return
		}
		if p := sohoa.AsProblem(err); p.Code == "recover.unfinished" {
			// It is younger than the catalogue of the snapshot.
			err = &sohoa.Problem{Kind: p.Kind, Code: "restore.later", Args: p.Args}
		} else {
			r.findings++
		}
		fmt.Fprintf(r.out.err, "%s: ", id)
		report(err, r.set.Lang, r.out.err)
	})
	if err != nil {
		return err
	}
	if n > 0 {
		r.say("%d tài liệu được lưu trữ trong lúc sao lưu đã vào danh mục.", "%d documents that were kept during the back-up are in the catalogue.", n)
	}
	idx, err := r.openIndex()
	if err != nil {
		return err
	}
	return errors.Join(idx.Rebuild(ctx, r.feed()), idx.Close())
}

// check reads everything that was restored again, and tells what there is.
// Damage that the archive had when it was backed up is told of; it is restored
// all the same.
func (r *restoring) check(ctx context.Context) error {
	err := r.keeper.Validate(ctx, func(f ocfl.Finding) {
		if p := f.Problem(); p != nil {
			r.findings++
			report(p, r.set.Lang, r.out.err)
		}
	})
	if err != nil {
		return err
	}
	newest, err := r.checkJournal(ctx)
	if err != nil {
		return err
	}
	if r.drill {
		err := r.repo.Compare(ctx, r.snap, r.stored, func(d backup.Damage) {
			r.findings++
			fmt.Fprintf(r.out.err, "%s: %v\n", d.Key, d.Err)
		})
		if err != nil {
			return err
		}
	} else if err := os.Remove(r.path(restoringFile)); err != nil {
		return err
	}
	states, err := r.catalog.States(ctx, sohoa.Everything)
	if err != nil {
		return err
	}
	total := 0
	for _, n := range states {
		total += n
	}
	fmt.Fprintln(r.out.out, r.set.in("%s: %d tài liệu, %d đã lưu trữ, %d dừng lại; nhật ký đến %d; %d điều cần xem",
		"%s: %d documents, %d kept, %d parked; journal up to %d; %d findings",
		r.snap.ID, total, states[sohoa.StateKept], states[sohoa.StateParked], newest.Seq, r.findings))
	return nil
}

// checkJournal follows the chain, which must lead through the entry that was
// the newest in the snapshot.
func (r *restoring) checkJournal(ctx context.Context) (sohoa.Entry, error) {
	newest, err := archive.VerifyJournal(ctx, r.catalog)
	if err != nil {
		return newest, err
	}
	head := r.snap.Catalogue.Head
	if head.Seq == 0 {
		return newest, nil
	}
	at, err := r.catalog.Entries(ctx, head.Seq-1, 1)
	if err == nil && (len(at) == 0 || at[0].Hash != head.Hash) {
		err = &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "restore.journal", Args: []string{strconv.FormatUint(head.Seq, 10)}}
	}
	return newest, err
}
