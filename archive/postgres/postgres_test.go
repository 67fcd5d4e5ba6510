package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/postgres"
)

func open(t *testing.T, address string) *postgres.Catalog {
	t.Helper()
	c, err := postgres.Open(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return c
}

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address+"&search_path=sohoa")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func appendEntry(c archive.Catalog, ctx context.Context) error {
	return c.Update(ctx, func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView})
		return err
	})
}

func TestCatalog(t *testing.T) {
	server := archivetest.StartPostgres(t)
	archivetest.Catalog(t, func(t *testing.T) archive.Catalog { return open(t, server.Database(t)) })
}

// One server is enough for all that is not about the server.
func TestDatabase(t *testing.T) {
	server := archivetest.StartPostgres(t)
	tests := map[string]func(*testing.T, string){
		"the journal refuses change":       testJournalRefusesChange,
		"entries of another process wake":  testWakes,
		"sessions":                         testSessions,
		"processes open together":          testOpenTogether,
		"pages of a document count once":   testPagesCountOnce,
		"the same bytes are one document":  testSameBytes,
		"a dossier is made once":           testDossierOnce,
		"one chain from many processes":    testOneChain,
		"a deadlock is run again":          testDeadlock,
		"what it cannot keep is invalid":   testInvalidText,
		"commits wait for the disk":        testDurable,
		"nobody is let in without a right": testRefused,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, server.Database(t)) })
	}
}

func testJournalRefusesChange(t *testing.T, address string) {
	c := open(t, address)
	if err := appendEntry(c, t.Context()); err != nil {
		t.Fatal(err)
	}
	db := connect(t, address)
	for _, q := range []string{`UPDATE journal SET actor = 'hoa'`, `DELETE FROM journal`, `TRUNCATE journal`} {
		if _, err := db.Exec(t.Context(), q); err == nil {
			t.Errorf("%s succeeded, want it refused", q)
		}
	}
	// Somebody who takes the trigger away is found out by the chain.
	if _, err := db.Exec(t.Context(), `DROP TRIGGER journal_append_only ON journal; UPDATE journal SET actor = 'hoa'`); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.VerifyJournal(t.Context(), c); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("VerifyJournal of an altered journal = %v, want ErrVerification", err)
	}
}

func testWakes(t *testing.T, address string) {
	reader, writer := open(t, address), open(t, address)
	// The second entry finds the listener listening, whenever the first did.
	var waited time.Duration
	for after := range uint64(20) {
		woken := make(chan error, 1)
		go func() { woken <- reader.Wait(t.Context(), after) }()
		if err := appendEntry(writer, t.Context()); err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		if err := <-woken; err != nil {
			t.Errorf("Wait(%d) = %v, want nil", after, err)
		}
		waited += time.Since(started)
	}
	if waited > 10*time.Second {
		t.Errorf("20 waits took %v, want them to end with the notice and not by looking every two seconds", waited)
	}
}

func testSessions(t *testing.T, address string) {
	c := open(t, address)
	s := c.Sessions()
	if err := s.Commit("token-1", []byte("data"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if data, found, err := s.Find("token-1"); err != nil || !found || string(data) != "data" {
		t.Errorf("Find = %q, %v, %v, want the data", data, found, err)
	}
	if err := s.Commit("token-2", []byte("old"), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Find("token-2"); err != nil || found {
		t.Errorf("Find of an expired session = %v, %v, want not found", found, err)
	}
	var shown bool
	err := connect(t, address).QueryRow(t.Context(), `SELECT bool_or(strpos(s::text, 'token-1') > 0 OR token = 'token-1'::bytea) FROM sessions s`).Scan(&shown)
	if err != nil || shown {
		t.Errorf("the table shows a session token: %v, %v, want its hash only", shown, err)
	}
	if err := s.Delete("token-1"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Find("token-1"); err != nil || found {
		t.Errorf("Find after Delete = %v, %v, want not found", found, err)
	}
}

// together calls f n times at once.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func testOpenTogether(t *testing.T, address string) {
	together(6, func(int) {
		c, err := postgres.Open(t.Context(), address, nil)
		if err != nil {
			t.Errorf("Open beside others = %v", err)
			return
		}
		c.Close()
	})
}

// sample makes a dossier and a document of n pages in it.
func sample(t *testing.T, c archive.Catalog, pages int) sohoa.Document {
	t.Helper()
	doc := sohoa.Document{ID: sohoa.NewDocumentID(time.Now()), Dossier: "H1", Digest: sohoa.Sum([]byte("a")), State: sohoa.StateReading, Pages: pages}
	err := c.Update(t.Context(), func(tx archive.Tx) error {
		if err := tx.PutDossier(sohoa.Dossier{Code: "H1", Agency: "A"}); err != nil {
			return err
		}
		return tx.PutDocument(doc)
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func testPagesCountOnce(t *testing.T, address string) {
	nodes := []*postgres.Catalog{open(t, address), open(t, address)}
	const pages = 24
	doc := sample(t, nodes[0], pages)
	var mu sync.Mutex
	seen := map[int]int{} // how often each count was the result
	together(pages, func(i int) {
		var n int
		err := nodes[i%2].Update(t.Context(), func(tx archive.Tx) error {
			d, err := tx.Document(doc.ID)
			if err != nil {
				return err
			}
			if err := tx.PutPage(sohoa.Page{Document: doc.ID, Number: i + 1, Read: true}); err != nil {
				return err
			}
			if n, err = tx.CountRead(doc.ID); err != nil {
				return err
			}
			d.PagesRead++
			return tx.PutDocument(d)
		})
		if err != nil {
			t.Errorf("page %d: %v", i+1, err)
		}
		mu.Lock()
		defer mu.Unlock()
		seen[n]++
	})
	for n := 1; n <= pages; n++ {
		if seen[n] != 1 {
			t.Errorf("%d transactions counted %d pages, want 1", seen[n], n)
		}
	}
	if got, err := nodes[0].Document(t.Context(), sohoa.Everything, doc.ID); err != nil || got.PagesRead != pages {
		t.Errorf("PagesRead = %d, %v, want %d", got.PagesRead, err, pages)
	}
}

func testSameBytes(t *testing.T, address string) {
	nodes := []*postgres.Catalog{open(t, address), open(t, address)}
	first := sample(t, nodes[0], 1)
	var mu sync.Mutex
	ids := map[sohoa.DocumentID]bool{}
	together(12, func(i int) {
		doc := first
		doc.ID, doc.Digest = sohoa.NewDocumentID(time.Now()), sohoa.Sum([]byte("b"))
		err := nodes[i%2].Update(t.Context(), func(tx archive.Tx) error {
			found, err := tx.FindDigest(doc.Dossier, doc.Digest)
			if err == nil {
				doc = found
			}
			if !errors.Is(err, sohoa.ErrNotExist) {
				return err
			}
			return tx.PutDocument(doc)
		})
		if err != nil {
			t.Errorf("enter: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		ids[doc.ID] = true
	})
	if len(ids) != 1 {
		t.Errorf("the same bytes at once are %d documents, want 1", len(ids))
	}
}

func testDossierOnce(t *testing.T, address string) {
	nodes := []*postgres.Catalog{open(t, address), open(t, address)}
	var mu sync.Mutex
	made := 0
	together(8, func(i int) {
		mine := false
		err := nodes[i%2].Update(t.Context(), func(tx archive.Tx) error {
			_, err := tx.Dossier("H9")
			if mine = errors.Is(err, sohoa.ErrNotExist); mine {
				return tx.PutDossier(sohoa.Dossier{Code: "H9", Agency: "A"})
			}
			return err
		})
		if err != nil {
			t.Errorf("make: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		if mine {
			made++
		}
	})
	if made != 1 {
		t.Errorf("%d made the dossier, want 1", made)
	}
}

func testOneChain(t *testing.T, address string) {
	nodes := []*postgres.Catalog{open(t, address), open(t, address), open(t, address)}
	const writers, each = 9, 15
	ctx, cancel := context.WithCancel(t.Context())
	watched := make(chan uint64, 1)
	go func() { // a follower never sees a gap
		var last uint64
		for last < writers*each {
			if nodes[0].Wait(ctx, last) != nil {
				break
			}
			entries, _ := nodes[0].Entries(ctx, last, 1000)
			for _, e := range entries {
				if e.Seq != last+1 {
					t.Errorf("entry %d was seen after %d", e.Seq, last)
				}
				last = e.Seq
			}
		}
		watched <- last
	}()
	together(writers, func(i int) {
		for range each {
			if err := appendEntry(nodes[i%3], t.Context()); err != nil {
				t.Errorf("Append beside others: %v", err)
				cancel()
			}
		}
	})
	if got := <-watched; got != writers*each {
		t.Errorf("the follower saw %d entries, want %d", got, writers*each)
	}
	cancel()
	if head, err := archive.VerifyJournal(t.Context(), nodes[1]); err != nil || head.Seq != writers*each {
		t.Errorf("VerifyJournal = %d, %v, want %d entries in one chain", head.Seq, err, writers*each)
	}
}

// testDeadlock has two transactions take two documents in opposite order,
// each after the other has its first.
func testDeadlock(t *testing.T, address string) {
	c := open(t, address)
	a := sample(t, c, 1)
	b := a
	b.ID, b.Digest = sohoa.NewDocumentID(time.Now()), sohoa.Sum([]byte("b"))
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutDocument(b) }); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	both.Add(2)
	order := [][]sohoa.DocumentID{{a.ID, b.ID}, {b.ID, a.ID}}
	runs := make([]int, 2)
	together(2, func(i int) {
		err := c.Update(t.Context(), func(tx archive.Tx) error {
			runs[i]++
			for n, id := range order[i] {
				d, err := tx.Document(id)
				if err != nil {
					return err
				}
				d.PagesRead++
				if err := tx.PutDocument(d); err != nil {
					return err
				}
				if n == 0 && runs[i] == 1 {
					both.Done()
					both.Wait()
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("Update in a deadlock = %v, want it run again", err)
		}
	})
	if runs[0]+runs[1] != 3 {
		t.Errorf("the two ran %v times, want one of them twice", runs)
	}
	for _, id := range order[0] {
		if d, err := c.Document(t.Context(), sohoa.Everything, id); err != nil || d.PagesRead != 2 {
			t.Errorf("PagesRead = %d, %v, want 2", d.PagesRead, err)
		}
	}
}

func testInvalidText(t *testing.T, address string) {
	c := open(t, address)
	for name, text := range map[string]string{"NUL": "a\x00b", "no UTF-8": "a\xffb"} {
		err := c.Update(t.Context(), func(tx archive.Tx) error {
			_, err := tx.Append(sohoa.Entry{Actor: text, Action: sohoa.ActionView})
			return err
		})
		if !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("%s: Append = %v, want ErrInvalid", name, err)
		}
	}
	// In a document such a name is no harm: it is kept as JSON.
	doc := sample(t, c, 1)
	doc.Name = "a\x00b"
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutDocument(doc) }); err != nil {
		t.Errorf("PutDocument(%q) = %v, want nil", doc.Name, err)
	}
	if got, err := c.Document(t.Context(), sohoa.Everything, doc.ID); err != nil || got.Name != doc.Name {
		t.Errorf("Document = %q, %v, want %q", got.Name, err, doc.Name)
	}
}

func testDurable(t *testing.T, address string) {
	db := connect(t, address)
	var name string
	if err := db.QueryRow(t.Context(), `SELECT current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `ALTER DATABASE `+name+` SET synchronous_commit = off`); err != nil {
		t.Fatal(err)
	}
	var seen string
	c, err := postgres.Open(t.Context(), address, nil, postgres.WithClock(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	seen, err = c.Setting(t.Context(), "synchronous_commit")
	if err != nil || seen != "on" {
		t.Errorf("synchronous_commit = %q, %v, want on", seen, err)
	}
}

func testRefused(t *testing.T, address string) {
	bad := map[string]struct {
		address string
		kind    error
	}{
		"no such user":     {strings.Replace(address, "sohoa@", "nobody@", 1), sohoa.ErrForbidden},
		"no such database": {strings.Replace(address, "/test", "/other", 1), sohoa.ErrForbidden},
		"no server":        {"postgres://sohoa:secret@127.0.0.1:1/x?connect_timeout=2", sohoa.ErrUnavailable},
		"no address":       {"postgres://sohoa:secret@:x", sohoa.ErrInvalid},
	}
	for name, b := range bad {
		c, err := postgres.Open(t.Context(), b.address, nil)
		if err == nil {
			c.Close()
		}
		if !errors.Is(err, b.kind) {
			t.Errorf("%s: Open = %v, want %v", name, err, b.kind)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the password: %v", name, err)
		}
	}
}

func TestServerMayComeAndGo(t *testing.T) {
	server := archivetest.StartPostgres(t)
	c := open(t, server.Database(t))
	if err := appendEntry(c, t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Stop(t)
	if err := appendEntry(c, t.Context()); !errors.Is(err, sohoa.ErrUnavailable) {
		t.Errorf("Update without a server = %v, want ErrUnavailable", err)
	}
	server.Start(t)
	if err := appendEntry(c, t.Context()); err != nil {
		t.Errorf("Update after the server came back = %v, want nil", err)
	}
	if head, err := archive.VerifyJournal(t.Context(), c); err != nil || head.Seq != 2 {
		t.Errorf("VerifyJournal = %d, %v, want 2", head.Seq, err)
	}
}
