package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
)

var council = sohoa.Council{Members: []string{"Lê Văn A", "Trần Thị B", "Phạm Văn C"}, Minutes: "01/BB-HĐ", Decision: "20/QĐ-UBND", Day: "2026-11-30"}

// withSecond gives an office a second copy in a folder beside it.
func withSecond(t testing.TB, o options) options {
	o.config = func(c *ingest.Config) {
		b := must(localfs.Open(filepath.Join(o.dir, "second")))(t)
		t.Cleanup(func() { b.Close() })
		c.Second = &ingest.SecondCopy{Blobs: b, Keeper: must(ocfl.Open(t.Context(), b, "ocfl"))(t)}
		c.Disposal.Approvers = []string{"hoa", "sep", "lan"}
	}
	return o
}

// aged keeps n documents whose retention has ended, in the second copy too.
func (of *office) aged(n int) []sohoa.DocumentID {
	of.t.Helper()
	ids := of.papers(n)
	of.ruleFor(rules(0, 2))
	must(of.EndDossier(of.t.Context(), "lan", dossier, "2015-06-30"))(of.t)
	for _, id := range ids {
		must(of.SetType(of.t.Context(), "lan", id, "giay-phep"))(of.t)
		of.await(id, recorded)
		of.copied(id)
	}
	return ids
}

// copied makes the second copy of a document.
func (of *office) copied(id sohoa.DocumentID) {
	of.t.Helper()
	if of.Second == nil {
		return
	}
	if err := of.CopyObject(of.t.Context(), ocfl.DocumentID(id)); err != nil {
		of.t.Fatal(err)
	}
}

func (of *office) propose(ids ...sohoa.DocumentID) sohoa.Disposal {
	of.t.Helper()
	return must(of.Propose(of.t.Context(), "lan", ingest.Proposal{Title: "Hủy năm 2018", Reason: "hết thời hạn", Documents: ids}))(of.t)
}

// approved proposes documents, and has them all decided and approved.
func (of *office) approved(ids ...sohoa.DocumentID) sohoa.Disposal {
	of.t.Helper()
	d := of.propose(ids...)
	var verdicts []ingest.Verdict
	for _, id := range ids {
		verdicts = append(verdicts, ingest.Verdict{Document: id})
	}
	must(of.Decide(of.t.Context(), "lan", d.ID, council, verdicts))(of.t)
	must(of.Approve(of.t.Context(), "hoa", d.ID))(of.t)
	return must(of.Approve(of.t.Context(), "sep", d.ID))(of.t)
}

// disposal waits until a disposal is as ok says.
func (of *office) disposal(id sohoa.SetID, ok func(sohoa.Disposal) bool) sohoa.Disposal {
	of.t.Helper()
	ctx, cancel := context.WithTimeout(of.t.Context(), patience)
	defer cancel()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for {
		d := must(of.catalog.Disposal(of.t.Context(), sohoa.Everything, id))(of.t)
		if ok(d) {
			return d
		}
		select {
		case <-timer.C:
		case <-ctx.Done():
			of.t.Fatalf("the disposal is still %s (%v)", d.State, d.Problem)
		}
	}
}

func done(d sohoa.Disposal) bool { return d.State == sohoa.DisposalDone }

// checkGone looks for a document that was destroyed: by its files, its
// catalogue and its bytes.
func (of *office) checkGone(id sohoa.DocumentID, by sohoa.SetID) {
	of.t.Helper()
	doc := must(of.catalog.Document(of.t.Context(), sohoa.Everything, id))(of.t)
	if doc.State != sohoa.StateDestroyed || doc.Disposal != by || doc.Destroyed.IsZero() || doc.Name != "" || len(doc.Fields) > 0 || !doc.Digest.IsZero() {
		of.t.Errorf("the tombstone is %+v", doc)
	}
	if files := must(of.catalog.Files(of.t.Context(), id))(of.t); len(files) > 0 {
		of.t.Errorf("the catalogue has files %v", files)
	}
	err := filepath.WalkDir(of.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.Contains(path, id.String()) {
			of.t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		of.t.Error(err)
	}
}

// TestDisposal disposes of three documents by the book: one is destroyed, one
// kept by the council, one put on hold after everything was approved.
func TestDisposal(t *testing.T) {
	for name, database := range map[string]func() string{
		"SQLite":     func() string { return "" },
		"PostgreSQL": func() string { return archivetest.StartPostgres(t).Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			o := withSecond(t, options{dir: t.TempDir(), database: database()})
			testDisposal(t, openOffice(t, o))
		})
	}
}

func testDisposal(t *testing.T, of *office) {
	ids, ctx := of.aged(4), t.Context()
	destroyed, kept, held, stays := ids[0], ids[1], ids[2], ids[3]
	due := must(of.catalog.Due(ctx, sohoa.Everything, archive.DueQuery{Day: sohoa.DateOf(time.Now())}))(t)
	if len(due) != 4 || due[0].Life.Retention.Due != "2018-01-01" {
		t.Fatalf("%d documents are due, want 4 since 2018", len(due))
	}
	original := of.read(destroyed, sohoa.RoleOriginal, 0)
	d := of.propose(destroyed, kept, held)
	if doc := of.kept(destroyed); doc.Disposal != d.ID || problemOf(doc.Reusable(time.Now())) != "life.disposal" {
		t.Errorf("a proposed document is %+v, want it marked and not to be used again", doc)
	}
	of.stop()
	verdicts := []ingest.Verdict{{Document: destroyed}, {Document: held}}
	if _, err := of.Decide(ctx, "lan", d.ID, council, verdicts); problemOf(err) != "disposal.verdict" {
		t.Errorf("Decide about two of three = %v, want disposal.verdict", err)
	}
	period := &ingest.Period{Code: sohoa.RetentionOther, Years: 4, Ruling: sohoa.Ruling{Reason: "còn cần cho kiểm tra"}}
	must(of.Decide(ctx, "lan", d.ID, council, append(verdicts, ingest.Verdict{Document: kept, Keep: period})))(t)
	for _, refused := range []struct{ actor, code string }{{"binh", "disposal.approver"}, {"lan", "disposal.own"}, {"hoa", ""}, {"hoa", "disposal.twice"}, {"sep", ""}, {"sep", "disposal.state"}} {
		if _, err := of.Approve(ctx, refused.actor, d.ID); codeOf(err) != refused.code {
			t.Errorf("Approve by %s = %v, want %q", refused.actor, err, refused.code)
		}
	}
	must(of.HoldLegally(ctx, "binh", held, "tòa án đang xét xử"))(t)
	of.start()
	d = of.disposal(d.ID, done)
	of.checkGone(destroyed, d.ID)
	if doc := of.await(kept, recorded); doc.State != sohoa.StateKept || doc.Disposal != "" || doc.Life.Retention.Due != "2031-01-01" || doc.Life.Retention.Ruling == nil {
		t.Errorf("what the council keeps is %+v, want it until 2031 by its decision", doc)
	}
	if doc := of.await(held, recorded); doc.State != sohoa.StateKept || doc.Disposal != "" {
		t.Errorf("what is on hold is %+v, want it kept, in no disposal", doc)
	}
	of.checkCertificate(d, original)
	if _, err := of.Propose(ctx, "lan", ingest.Proposal{Title: "a", Reason: "b", Documents: []sohoa.DocumentID{held}}); problemOf(err) != "disposal.hold" {
		t.Errorf("Propose of what is on hold = %v, want disposal.hold", err)
	}
	of.kept(stays)
	of.stop()
	of.checkArchive()
}

// checkCertificate reads the certificate of the disposal in testDisposal.
func (of *office) checkCertificate(d sohoa.Disposal, original []byte) {
	of.t.Helper()
	c := must(of.Certificate(of.t.Context(), d.ID))(of.t)
	if !c.Done() || len(c.Items) != 3 || len(c.Disposal.Approvals) != 2 {
		of.t.Fatalf("the certificate is %+v", c)
	}
	states := []sohoa.DisposalVerdict{c.Items[0].State, c.Items[1].State, c.Items[2].State}
	if fmt.Sprint(states) != "[destroyed keep spared]" {
		of.t.Errorf("the certificate says %v", states)
	}
	found := false
	for _, f := range c.Items[0].Files {
		found = found || f.Digest == sohoa.Sum(original)
	}
	if !found || strings.Join(c.Items[0].Copies, " ") != "first second" {
		of.t.Errorf("the certificate has %+v, want the digest of the original, and both copies", c.Items[0])
	}
	text := c.Text()
	for _, want := range []string{"GIẤY CHỨNG NHẬN TIÊU HỦY", council.Decision, "Phê duyệt lần 2: sep", c.Items[0].Document.String(), sohoa.Sum(original).String(), "tòa án đang xét xử"} {
		if !strings.Contains(text, want) {
			of.t.Errorf("the certificate lacks %q:\n%s", want, text)
		}
	}
	for _, keeper := range []*ocfl.Store{of.Keeper, of.Second.Keeper} {
		if o := must(keeper.Head(of.t.Context(), ocfl.NewID(ocfl.KindDisposal, string(d.ID))))(of.t); o.Head != 2 {
			of.t.Errorf("the certificate is at version %d, want 2", o.Head)
		}
	}
}

// TestDisposalIsRefused proposes what must not be proposed.
func TestDisposalIsRefused(t *testing.T) {
	of := openOffice(t, withSecond(t, options{dir: t.TempDir()}))
	ids, ctx := of.aged(4), t.Context()
	later := ids[3]
	must(of.SetRetention(ctx, "sep", later, ingest.Period{Code: sohoa.Retention70}))(t)
	fresh := of.kept(of.add("moi.jpg", page(t, 99)).ID).ID
	of.set(ids[:1], one(sohoa.PartPerson, "binh")...)
	taken := of.propose(ids[1])
	for name, tt := range map[string]struct {
		actor string
		ids   []sohoa.DocumentID
		want  string
	}{
		"nothing":             {"lan", nil, "disposal.documents"},
		"being signed":        {"lan", ids[:1], "disposal.signing"},
		"in another":          {"lan", ids[1:3], "disposal.taken"},
		"twice":               {"lan", []sohoa.DocumentID{ids[2], ids[2]}, "disposal.taken"},
		"for ever":            {"lan", []sohoa.DocumentID{fresh}, "disposal.forever"},
		"of another agency":   {"la", ids[2:3], "document.unknown"},
		"by nobody":           {"khong", ids[2:3], "set.signer"},
		"one that is not due": {"lan", []sohoa.DocumentID{later}, "disposal.not-due"},
	} {
		_, err := of.Propose(ctx, tt.actor, ingest.Proposal{Title: "a", Reason: "b", Documents: tt.ids})
		if problemOf(err) != tt.want {
			t.Errorf("Propose %s = %v, want %s", name, err, tt.want)
		}
	}
	if doc := must(of.catalog.Document(ctx, sohoa.Everything, ids[2]))(t); doc.Disposal != "" {
		t.Error("a refused proposal left its mark")
	}
	must(of.WithdrawDisposal(ctx, "lan", taken.ID, "nhầm"))(t)
	if doc := of.kept(ids[1]); doc.Disposal != "" {
		t.Error("a withdrawn proposal left its mark")
	}
	if _, err := of.Approve(ctx, "sep", taken.ID); problemOf(err) != "disposal.state" {
		t.Errorf("Approve of what was withdrawn = %v, want disposal.state", err)
	}
}

// TestSharedPagesGoTogether splits a document: neither part is destroyed
// without the other.
func TestSharedPagesGoTogether(t *testing.T) {
	of := openOffice(t, withSecond(t, options{dir: t.TempDir()}))
	ctx := t.Context()
	whole := of.addHeld("bien-ban-01.pdf")
	part := must(of.Split(ctx, "lan", must(of.Arrangement(ctx, whole))(t), 2))(t).ID
	both := []sohoa.DocumentID{whole, part}
	for _, id := range both {
		if err := of.Release(ctx, "lan", id); err != nil {
			t.Fatal(err)
		}
	}
	of.ruleFor(rules(0, 2))
	must(of.EndDossier(ctx, "lan", dossier, "2015-06-30"))(t)
	for _, id := range both {
		of.kept(id)
		must(of.SetType(ctx, "lan", id, "giay-phep"))(t)
		of.await(id, recorded)
	}
	for _, id := range both {
		d := of.propose(id)
		if _, err := of.Decide(ctx, "lan", d.ID, council, []ingest.Verdict{{Document: id}}); problemOf(err) != "disposal.shared" {
			t.Errorf("Decide about one of two that share pages = %v, want disposal.shared", err)
		}
		must(of.WithdrawDisposal(ctx, "lan", d.ID, "dùng chung trang"))(t)
	}
	d := of.approved(both...)
	of.disposal(d.ID, done)
	for _, id := range both {
		of.checkGone(id, d.ID)
	}
}

// addHeld brings in a sample that waits to be arranged.
func (of *office) addHeld(name string) sohoa.DocumentID {
	of.t.Helper()
	data := scan(of.t, name)
	doc, _, err := of.Accept(of.t.Context(), ingest.Request{Dossier: dossier, Name: name, Actor: "lan", Body: bytes.NewReader(data), Size: int64(len(data)), Hold: true})
	if err != nil {
		of.t.Fatal(err)
	}
	return of.await(doc.ID, func(d sohoa.Document) bool { return d.State == sohoa.StateRead && d.Held }).ID
}

// TestDestructionCutOff kills the program at changes of the first store during
// a destruction, at every one with SOHOA_EVERY set (ocfl tests those of an
// object): it is carried out to the end once it starts again, and a catalogue
// that is lost as well tells of it.
func TestDestructionCutOff(t *testing.T) {
	template := t.TempDir()
	of := openOffice(t, withSecond(t, options{dir: template}))
	ids := of.aged(2)
	of.stop()
	d := of.approved(ids[0])
	of.catalog.Close()
	step, n := 4, 1
	if os.Getenv("SOHOA_EVERY") != "" {
		step = 1
	}
	for i := 0; destroyCutOff(t, template, ids, d.ID, cutAt{n, i%2 == 1, i/2%2 == 1}); i++ {
		n += step
	}
	if n < 20 {
		t.Errorf("destroying a document makes %d changes in the first store, want more", n)
	}
}

// cutAt is where a destruction is cut off.
type cutAt struct {
	n     int
	after bool // the change was made
	lost  bool // the catalogue is lost too
}

// destroyCutOff reports false when n is more than the changes of the
// destruction.
func destroyCutOff(t *testing.T, template string, ids []sohoa.DocumentID, by sohoa.SetID, at cutAt) (reached bool) {
	t.Run(fmt.Sprintf("%+v", at), func(t *testing.T) {
		o := withSecond(t, options{dir: t.TempDir()})
		if err := os.CopyFS(o.dir, os.DirFS(template)); err != nil {
			t.Fatal(err)
		}
		var faults *archivetest.Faults
		faulty := o
		faulty.store = func(s ingest.Store) ingest.Store {
			faults = archivetest.NewFaults(s, 0, archivetest.Mode{Stop: true, After: at.after})
			return faults
		}
		faulty.idle = true
		of := openOffice(t, faulty)
		until := faults.Changes() + at.n
		faults.FailAt(until)
		of.start()
		of.disposal(by, func(d sohoa.Disposal) bool { return done(d) || faults.Changes() >= until })
		reached = faults.Changes() >= until
		of.stop()
		of.catalog.Close()
		if at.lost {
			for _, name := range []string{"c.db", "c.db-wal", "c.db-shm"} {
				if err := os.RemoveAll(filepath.Join(o.dir, name)); err != nil {
					t.Fatal(err)
				}
			}
		}
		restored := o
		restored.idle = true // as "sohoa recover", which holds the archive for itself
		of = openOffice(t, restored)
		if at.lost {
			_, err := of.Recover(t.Context(), func(id sohoa.DocumentID, err error) {
				if err != nil {
					t.Errorf("recover %s: %v", id, err)
				}
			})
			if err != nil {
				t.Fatalf("Recover = %v", err)
			}
		}
		of.start()
		if _, err := of.catalog.Disposal(t.Context(), sohoa.Everything, by); errors.Is(err, sohoa.ErrNotExist) && at.lost {
			of.kept(ids[0]) // the order was not kept yet: nothing is gone
			return
		}
		of.disposal(by, done)
		of.checkGone(ids[0], by)
		of.kept(ids[1])
		of.stop()
		of.checkArchive()
	})
	return reached
}

// lockable is a store that refuses to remove what lies below a folder.
type lockable struct {
	ingest.Store
	below *string
}

func (l lockable) refuse(key string) error {
	if *l.below != "" && strings.Contains(key, *l.below) {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "store.locked", Args: []string{key}}
	}
	return nil
}

func (l lockable) Remove(ctx context.Context, key string) error {
	if err := l.refuse(key); err != nil {
		return err
	}
	return l.Store.Remove(ctx, key)
}

// TestLockedWaits has a store lock one of two documents: the other goes, the
// disposal says what it waits for, and certifies nothing yet. The document
// that waits is not served.
func TestLockedWaits(t *testing.T) {
	locked := ""
	o := withSecond(t, options{dir: t.TempDir()})
	o.store = func(s ingest.Store) ingest.Store { return lockable{s, &locked} }
	of := openOffice(t, o)
	ids := of.aged(2)
	of.stop()
	d := of.approved(ids...)
	locked = ids[0].String()
	of.start()
	d = of.disposal(d.ID, func(d sohoa.Disposal) bool { return d.Problem != nil })
	if d.State != sohoa.DisposalDestroying || d.Problem.Code != "disposal.locked" {
		t.Errorf("the disposal is %s with %v, want it to wait for the lock", d.State, d.Problem)
	}
	of.checkGone(ids[1], d.ID)
	if c := must(of.Certificate(t.Context(), d.ID))(t); c.Done() {
		t.Error("it is certified already")
	}
	if doc := must(of.catalog.Document(t.Context(), sohoa.Everything, ids[0]))(t); doc.State != sohoa.StateDestroying {
		t.Errorf("the locked document is %s, want %s", doc.State, sohoa.StateDestroying)
	}
	if _, err := of.HoldLegally(t.Context(), "binh", ids[0], "quá muộn"); !errors.Is(err, sohoa.ErrConflict) {
		t.Errorf("HoldLegally of what is being destroyed = %v, want ErrConflict", err)
	}
	of.stop()
	of.checkArchiveUnless(ids[0])
}

// checkArchiveUnless is checkArchive but for the object of one document.
func (of *office) checkArchiveUnless(id sohoa.DocumentID) {
	of.t.Helper()
	err := of.Keeper.Validate(of.t.Context(), func(f ocfl.Finding) {
		if !strings.Contains(f.Key+string(f.ID), id.String()) {
			of.t.Errorf("storage root: %+v", f)
		}
	})
	if err != nil {
		of.t.Errorf("Validate: %v", err)
	}
}

// TestDestroyedDoesNotRise restores a destroyed document's object behind the
// back of the archive: a recovery does not enter it.
func TestDestroyedDoesNotRise(t *testing.T) {
	o := withSecond(t, options{dir: t.TempDir()})
	of := openOffice(t, o)
	id := of.aged(1)[0]
	backup := filepath.Join(t.TempDir(), "backup")
	if err := os.CopyFS(backup, os.DirFS(filepath.Join(o.dir, "objects"))); err != nil {
		t.Fatal(err)
	}
	d := of.approved(id)
	of.disposal(d.ID, done)
	of.stop()
	of.catalog.Close()
	restoreMissing(t, filepath.Join(o.dir, "objects"), backup)
	if err := os.Remove(filepath.Join(o.dir, "c.db")); err != nil {
		t.Fatal(err)
	}
	o.idle = true
	of = openOffice(t, o)
	var told *sohoa.Problem
	n, err := of.Recover(t.Context(), func(got sohoa.DocumentID, err error) {
		if got == id {
			told = sohoa.AsProblem(err)
		}
	})
	if n != 0 || err != nil || told == nil || told.Code != "recover.destroyed" {
		t.Errorf("Recover = %d, %v and said %v, want it to tell of what was destroyed", n, err, told)
	}
	if doc := must(of.catalog.Document(t.Context(), sohoa.Everything, id))(t); doc.State != sohoa.StateDestroyed || doc.Disposal != d.ID {
		t.Errorf("the catalogue has %+v, want a tombstone", doc)
	}
}

// restoreMissing copies what is not there any more.
func restoreMissing(t *testing.T, to, from string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		dest := filepath.Join(to, rel)
		if _, err := os.Stat(dest); err == nil || strings.HasPrefix(rel, "ocfl.pending") {
			return nil
		}
		b, err := os.ReadFile(path)
		return errors.Join(err, os.MkdirAll(filepath.Dir(dest), 0o700), os.WriteFile(dest, b, 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCertificateIsEncrypted destroys one of two documents with encryption on:
// nothing in the store can be read without the key, and the certificate, by
// which a catalogue that is made anew knows of it, can be with it.
func TestCertificateIsEncrypted(t *testing.T) {
	keys, _ := newKeys(t)
	o := withSecond(t, options{dir: t.TempDir(), keys: keys})
	of := openOffice(t, o)
	ids := of.aged(2)
	d := of.approved(ids[0])
	of.disposal(d.ID, done)
	of.checkGone(ids[0], d.ID)
	of.stop()
	of.checkArchive()
	of.checkNothingReadable(ids[1:])
	o.dir, o.objects, o.idle = t.TempDir(), filepath.Join(of.dir, "objects"), true
	again := openOffice(t, o)
	if _, err := again.Recover(t.Context(), func(sohoa.DocumentID, error) {}); err != nil {
		t.Fatal(err)
	}
	if c := must(again.Certificate(t.Context(), d.ID))(t); !c.Done() || c.Items[0].State != sohoa.VerdictDestroyed {
		t.Errorf("the certificate is %+v", c)
	}
	if doc := must(again.catalog.Document(t.Context(), sohoa.Everything, ids[0]))(t); doc.State != sohoa.StateDestroyed {
		t.Errorf("recovered, the document is %s, want its tombstone", doc.State)
	}
}
