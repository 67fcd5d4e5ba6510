package archivetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// Catalog checks that what open returns is an archive.Catalog. open makes a
// new, empty one each time it is called, and closes it when its test ends.
func Catalog(t *testing.T, open func(t *testing.T) archive.Catalog) {
	tests := map[string]func(*testing.T, archive.Catalog){
		"update is all or nothing":     testAllOrNothing,
		"documents come back":          testDocuments,
		"one document a digest":        testFindDigest,
		"scope hides what is outside":  testScope,
		"pages are counted when done":  testPages,
		"the journal is a chain":       testJournal,
		"wait wakes up":                testWait,
		"users and their credentials":  testUsers,
		"updates do not overtake":      testConcurrent,
		"what is read is locked":       testReadThenWrite,
		"unknown things do not exist":  testUnknown,
		"dossiers carry their summary": testDossiers,
		"arrangements come back":       testArrangements,
		"leaves have one holder":       testLeaves,
		"pages are replaced":           testReplacePages,
		"parts have no original":       testParts,
		"held documents are found":     testHeld,
		"signing sets come back":       testSets,
		"what waits is found":          testWaiting,
		"a document waits in one set":  testOneSet,
		"one signature at a time":      testPending,
		"proofs that end are found":    testProof,
		"copies are counted":           testCopies,
		"fixity passes come back":      testPasses,
		"findings are open once":       testFindings,

		"the schedule has versions":          testSchedule,
		"what is due is found":               testDue,
		"disposals come back":                testDisposals,
		"shared pages are found":             testSharing,
		"of the destroyed a tombstone stays": testBury,
		"ended dossiers that wait are found": testEnded,

		"saved searches are their owner's": testSaved,

		"factors are found":                              testFactors,
		"devices are their user's":                       testDevices,
		"documents that wait for confirmation are found": testUnconfirmed,
	}
	maps.Copy(tests, sampleTests)
	maps.Copy(tests, figureTests)
	maps.Copy(tests, journalTests)
	maps.Copy(tests, reuseTests)
	maps.Copy(tests, programTests)
	maps.Copy(tests, agencyTests)
	maps.Copy(tests, counterTests)
	maps.Copy(tests, parkedTests)
	maps.Copy(tests, flagTests)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// moment is a time that every store can keep exactly.
var moment = time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC)

// errStop makes an update fail.
var errStop = errors.New("stop")

func update(t *testing.T, c archive.Catalog, f func(archive.Tx) error) {
	t.Helper()
	if err := c.Update(t.Context(), f); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

// seed makes a dossier of an agency.
func seed(t *testing.T, c archive.Catalog, code, agency string) {
	t.Helper()
	update(t, c, func(tx archive.Tx) error {
		return tx.PutDossier(sohoa.Dossier{Code: code, Agency: agency, CreatedAt: moment, Owner: sohoa.Owner{Name: "Nguyễn Vĩnh Nghĩa"}})
	})
}

// document makes a document that stands for nothing in particular.
func document(dossier string, n int) sohoa.Document {
	return sohoa.Document{
		ID: sohoa.NewDocumentID(moment.Add(time.Duration(n) * time.Millisecond)), Dossier: dossier, Name: "giấy khai sinh.jpg",
		MediaType: "image/jpeg", Size: 12, Digest: sohoa.Sum(fmt.Append(nil, n)), State: sohoa.StateAccepted,
		Signature: sohoa.SignaturePending, AcceptedAt: moment.Add(time.Duration(n) * time.Second), AcceptedBy: "lan",
	}
}

func testAllOrNothing(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc := document("H1", 1)
	err := c.Update(t.Context(), func(tx archive.Tx) error {
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		if _, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionAccept, Document: doc.ID}); err != nil {
			return err
		}
		return errStop
	})
	if !errors.Is(err, errStop) {
		t.Fatalf("Update = %v, want the error of the function", err)
	}
	if _, err := c.Document(t.Context(), sohoa.Everything, doc.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Document after a failed update = %v, want ErrNotExist", err)
	}
	if head, err := c.Head(t.Context()); head != 0 || err != nil {
		t.Errorf("Head after a failed update = %d, %v, want 0", head, err)
	}
}

func testDocuments(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	want := document("H1", 1)
	want.Problem = &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "image.damaged"}
	want.Fields = []sohoa.Field{{Name: sohoa.FieldCodeNumber, Value: "12", Confidence: 90}}
	update(t, c, func(tx archive.Tx) error { return tx.PutDocument(want) })
	want.State, want.Pages, want.KeptAt = sohoa.StateKept, 2, moment
	file := sohoa.File{Role: sohoa.RoleOriginal, Key: "work/x/original", Size: 12, Digest: want.Digest, MediaType: "image/jpeg"}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(want), tx.PutFile(want.ID, sohoa.File{Role: file.Role, Key: "old"}), tx.PutFile(want.ID, file))
	})
	got, err := c.Document(t.Context(), sohoa.Everything, want.ID)
	if err != nil {
		t.Fatal(err)
	}
	opts := cmp.Options{
		cmp.Comparer(func(a, b *sohoa.Problem) bool {
			return a == b || a != nil && b != nil && a.Kind == b.Kind && a.Error() == b.Error()
		}),
		cmp.Comparer(func(a, b sohoa.DocumentID) bool { return a == b }),
	}
	if d := cmp.Diff(want, got, opts); d != "" {
		t.Errorf("Document (-want +got):\n%s", d)
	}
	files, err := c.Files(t.Context(), want.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]sohoa.File{file}, files); d != "" {
		t.Errorf("Files (-want +got):\n%s", d)
	}
}

func testFindDigest(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "A")
	doc := document("H1", 1)
	update(t, c, func(tx archive.Tx) error { return tx.PutDocument(doc) })
	update(t, c, func(tx archive.Tx) error {
		if got, err := tx.FindDigest("H1", doc.Digest); err != nil || got.ID != doc.ID {
			t.Errorf("FindDigest in the dossier = %v, %v, want %v", got.ID, err, doc.ID)
		}
		if _, err := tx.FindDigest("H2", doc.Digest); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("FindDigest in another dossier = %v, want ErrNotExist", err)
		}
		return nil
	})
	twin := document("H1", 2)
	twin.Digest = doc.Digest
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutDocument(twin) }); err == nil {
		t.Error("a second document with the same bytes in one dossier was entered")
	}
}

func testScope(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	a, b := document("H1", 1), document("H2", 2)
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutDocument(a), tx.PutDocument(b)) })
	scopes := map[string]struct {
		scope sohoa.Scope
		want  int
	}{
		"nothing":    {sohoa.Scope{}, 0},
		"agency A":   {sohoa.Scope{Agencies: []string{"A"}}, 1},
		"both":       {sohoa.Scope{Agencies: []string{"A", "B"}}, 2},
		"everything": {sohoa.Everything, 2},
		"injection":  {sohoa.Scope{Agencies: []string{"' OR 1=1 --"}}, 0},
	}
	for name, s := range scopes {
		docs, err := c.FindDocuments(t.Context(), s.scope, archive.DocumentQuery{})
		if err != nil || len(docs) != s.want {
			t.Errorf("%s: FindDocuments = %d documents, %v, want %d", name, len(docs), err, s.want)
		}
		dossiers, err := c.FindDossiers(t.Context(), s.scope, archive.DossierQuery{})
		if err != nil || len(dossiers) != s.want {
			t.Errorf("%s: FindDossiers = %d dossiers, %v, want %d", name, len(dossiers), err, s.want)
		}
		states, err := c.States(t.Context(), s.scope)
		if err != nil || states[sohoa.StateAccepted] != s.want {
			t.Errorf("%s: States = %v, %v, want %d accepted", name, states, err, s.want)
		}
	}
	ids := []sohoa.DocumentID{a.ID, b.ID}
	slices.SortFunc(ids, func(a, b sohoa.DocumentID) int { return strings.Compare(a.String(), b.String()) })
	var got []sohoa.DocumentID
	for q := (archive.DocumentQuery{ByID: true, Limit: 1}); len(got) < 4; q.After = got[len(got)-1] {
		docs, err := c.FindDocuments(t.Context(), sohoa.Everything, q)
		if err != nil || len(docs) != 1 {
			break
		}
		got = append(got, docs[0].ID)
	}
	if !slices.Equal(got, ids) {
		t.Errorf("FindDocuments by identifier, one at a time = %v, want %v", got, ids)
	}
	onlyA := sohoa.Scope{Agencies: []string{"A"}}
	if _, err := c.Document(t.Context(), onlyA, b.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Document of another agency = %v, want ErrNotExist", err)
	}
	if _, err := c.Dossier(t.Context(), onlyA, "H2"); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("Dossier of another agency = %v, want ErrNotExist", err)
	}
}

func testPages(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	doc := document("H1", 1)
	doc.Pages = 3
	update(t, c, func(tx archive.Tx) error { return tx.PutDocument(doc) })
	states := []sohoa.Page{
		{Number: 1, Read: true, Width: 2480, DPI: 300},
		{Number: 2, Problem: &sohoa.Problem{Code: "page.timeout"}},
		{Number: 3},
	}
	update(t, c, func(tx archive.Tx) error {
		for _, p := range states {
			p.Document = doc.ID
			if err := tx.PutPage(p); err != nil {
				return err
			}
		}
		n, err := tx.CountRead(doc.ID)
		if n != 2 {
			t.Errorf("CountRead = %d, want 2: the one read and the one given up", n)
		}
		return err
	})
	pages, err := c.Pages(t.Context(), doc.ID)
	if err != nil || len(pages) != 3 || pages[0].Width != 2480 || pages[1].Problem == nil || pages[2].Number != 3 {
		t.Errorf("Pages = %+v, %v, want the three in order", pages, err)
	}
}

func testJournal(t *testing.T, c archive.Catalog) {
	id := sohoa.NewDocumentID(moment)
	for i := range 5 {
		update(t, c, func(tx archive.Tx) error {
			e, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView, Document: id, Page: i, Purpose: "H1", Detail: `{"a":1}`})
			if e.Seq != uint64(i+1) {
				t.Errorf("Append = entry %d, want %d", e.Seq, i+1)
			}
			return err
		})
	}
	head, err := archive.VerifyJournal(t.Context(), c)
	if err != nil || head.Seq != 5 {
		t.Errorf("VerifyJournal = %d, %v, want 5", head.Seq, err)
	}
	entries, err := c.Entries(t.Context(), 2, 2)
	if err != nil || len(entries) != 2 || entries[0].Seq != 3 || entries[1].Purpose != "H1" {
		t.Errorf("Entries(2, 2) = %+v, %v, want 3 and 4", entries, err)
	}
	if history, err := c.History(t.Context(), id); err != nil || len(history) != 5 {
		t.Errorf("History = %d entries, %v, want 5", len(history), err)
	}
}

func testWait(t *testing.T, c archive.Catalog) {
	woken := make(chan error, 1)
	go func() { woken <- c.Wait(t.Context(), 0) }()
	update(t, c, func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionSearch})
		return err
	})
	if err := <-woken; err != nil {
		t.Errorf("Wait = %v, want nil after an entry", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait for nothing = %v, want the error of its context", err)
	}
}

func testUsers(t *testing.T, c archive.Catalog) {
	want := sohoa.User{Name: "lan", FullName: "Trần Thị Lan", Roles: []sohoa.UserRole{sohoa.UserClerk}, Agency: "A", CreatedAt: moment}
	cred := archive.Credentials{Setup: sohoa.Sum([]byte("token")), SetupExpires: moment}
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutUser(want), tx.PutCredentials("lan", cred)) })
	if got, err := c.User(t.Context(), "lan"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("User = %+v, %v, want %+v", got, err, want)
	}
	if got, err := c.Credentials(t.Context(), "lan"); err != nil || got != cred {
		t.Errorf("Credentials = %+v, %v, want %+v", got, err, cred)
	}
	update(t, c, func(tx archive.Tx) error {
		if got, err := tx.Credentials("lan"); err != nil || got != cred {
			t.Errorf("Credentials in a transaction = %+v, %v, want %+v", got, err, cred)
		}
		return nil
	})
	update(t, c, func(tx archive.Tx) error { return tx.PutCredentials("lan", archive.Credentials{Password: "hash"}) })
	if got, err := c.User(t.Context(), "lan"); err != nil || !got.Ready {
		t.Errorf("User with a password = %+v, %v, want it ready", got, err)
	}
	if got, err := c.Credentials(t.Context(), "lan"); err != nil || !got.Setup.IsZero() {
		t.Errorf("Credentials = %+v, %v, want no set-up token any more", got, err)
	}
	// Putting the user again leaves the password alone.
	update(t, c, func(tx archive.Tx) error { return tx.PutUser(want) })
	if got, err := c.Credentials(t.Context(), "lan"); err != nil || got.Password != "hash" {
		t.Errorf("Credentials after PutUser = %+v, %v, want the password kept", got, err)
	}
}

func testConcurrent(t *testing.T, c archive.Catalog) {
	const writers, each = 8, 10
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := c.Update(t.Context(), func(tx archive.Tx) error {
					_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionSearch})
					return err
				})
				if err != nil {
					t.Errorf("Update beside others: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if head, err := archive.VerifyJournal(t.Context(), c); err != nil || head.Seq != writers*each {
		t.Errorf("VerifyJournal = %d, %v, want %d entries in one chain", head.Seq, err, writers*each)
	}
}

// testReadThenWrite has many find out that something is not there and make
// it: one does.
func testReadThenWrite(t *testing.T, c archive.Catalog) {
	things := map[string]struct {
		read, write func(archive.Tx) error
	}{
		"dossier": {
			func(tx archive.Tx) error { _, err := tx.Dossier("H1"); return err },
			func(tx archive.Tx) error { return tx.PutDossier(sohoa.Dossier{Code: "H1", Agency: "A"}) },
		},
		"user": {
			func(tx archive.Tx) error { _, err := tx.Credentials("lan"); return err },
			func(tx archive.Tx) error { return tx.PutUser(sohoa.User{Name: "lan"}) },
		},
		"document": {
			func(tx archive.Tx) error { _, err := tx.FindDigest("H1", document("H1", 1).Digest); return err },
			func(tx archive.Tx) error { return tx.PutDocument(document("H1", 1)) },
		},
	}
	for _, name := range []string{"dossier", "user", "document"} {
		var made atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				missing := false
				err := c.Update(t.Context(), func(tx archive.Tx) error {
					err := things[name].read(tx)
					if missing = errors.Is(err, sohoa.ErrNotExist); !missing {
						return err
					}
					return things[name].write(tx)
				})
				if err != nil {
					t.Errorf("%s: Update beside others: %v", name, err)
				}
				if missing {
					made.Add(1)
				}
			})
		}
		wg.Wait()
		if n := made.Load(); n != 1 {
			t.Errorf("%d made the %s, want 1", n, name)
		}
	}
}

func testUnknown(t *testing.T, c archive.Catalog) {
	id := sohoa.NewDocumentID(moment)
	_, docErr := c.Document(t.Context(), sohoa.Everything, id)
	_, dossierErr := c.Dossier(t.Context(), sohoa.Everything, "H9")
	_, userErr := c.User(t.Context(), "nobody")
	_, credErr := c.Credentials(t.Context(), "nobody")
	credPut := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutCredentials("nobody", archive.Credentials{}) })
	for name, err := range map[string]error{"document": docErr, "dossier": dossierErr, "user": userErr, "credentials": credErr, "put credentials": credPut} {
		if !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("unknown %s: %v, want ErrNotExist", name, err)
		}
	}
}

func testDossiers(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	kept, parked := document("H1", 1), document("H1", 2)
	kept.State, parked.State = sohoa.StateKept, sohoa.StateParked
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutDocument(kept), tx.PutDocument(parked)) })
	for _, text := range []string{"vĩnh nghĩa", "VINH NGHIA", "h1", "vi\u0303nh"} {
		got, err := c.FindDossiers(t.Context(), sohoa.Everything, archive.DossierQuery{Text: text})
		if err != nil || len(got) != 1 || got[0].Documents != 2 || got[0].Kept != 1 || got[0].Parked != 1 {
			t.Errorf("FindDossiers(%q) = %+v, %v, want one with 2 documents, 1 kept, 1 parked", text, got, err)
		}
	}
	if got, err := c.FindDossiers(t.Context(), sohoa.Everything, archive.DossierQuery{Text: "khác"}); err != nil || len(got) != 0 {
		t.Errorf("FindDossiers of other text = %+v, %v, want none", got, err)
	}
}
