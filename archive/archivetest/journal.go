package archivetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// journalTests are those of the journal in Catalog.
var journalTests = map[string]func(*testing.T, archive.Catalog){
	"who saw a person's papers": testFindPerson,
	"entries are selected":      testFindEntries,
	"sealed entries come back":  testRestoreEntries,
	"tree hashes end at a gap":  testTreeHashes,
	"heads and checks are kept": testJournalHeads,
	"a lease has one holder":    testLease,
}

// appendAll appends entries, and returns them as they are then.
func appendAll(t *testing.T, c archive.Catalog, entries ...sohoa.Entry) []sohoa.Entry {
	t.Helper()
	var sealed []sohoa.Entry
	update(t, c, func(tx archive.Tx) error {
		sealed = nil
		for _, e := range entries {
			e, err := tx.Append(e)
			if err != nil {
				return err
			}
			sealed = append(sealed, e)
		}
		return nil
	})
	return sealed
}

// sequence are the numbers of entries.
func sequence(entries []sohoa.Entry) []uint64 {
	numbers := []uint64{}
	for _, e := range entries {
		numbers = append(numbers, e.Seq)
	}
	return numbers
}

func find(t *testing.T, c archive.Catalog, name string, q archive.JournalQuery, want ...uint64) {
	t.Helper()
	got, err := c.FindEntries(t.Context(), q)
	if err != nil || !slices.Equal(sequence(got), want) {
		t.Errorf("%s: FindEntries(%+v) = entries %v, %v, want %v", name, q, sequence(got), err, want)
	}
}

func testFindPerson(t *testing.T, c archive.Catalog) {
	owners := map[string]sohoa.Owner{
		"H1": {Name: "Nguyễn Văn An", IDNumber: "079012345678"},
		"H2": {Name: "Trần Thị Bé", IDNumber: "079087654321"},
		"H3": {Name: "Nguyễn Văn An", IDNumber: "079012345678"},
	}
	docs := map[string]sohoa.Document{}
	for i, code := range []string{"H1", "H2", "H3"} {
		docs[code] = document(code, i)
		update(t, c, func(tx archive.Tx) error {
			return errors.Join(tx.PutDossier(sohoa.Dossier{Code: code, Agency: "A", Owner: owners[code], CreatedAt: moment}), tx.PutDocument(docs[code]))
		})
	}
	first, other, second := docs["H1"].ID, docs["H2"].ID, docs["H3"].ID
	appendAll(t, c,
		sohoa.Entry{Actor: "lan", Action: sohoa.ActionDossier, Dossier: "H1"},
		sohoa.Entry{Actor: "lan", Action: sohoa.ActionView, Document: other, Dossier: "H2"},
		sohoa.Entry{Actor: "lan", Action: sohoa.ActionView, Document: first, Dossier: "H1"},
		sohoa.Entry{Actor: "hoa", Action: sohoa.ActionSearch, Detail: `{"query":"khai sinh","found":["` + other.String() + `","` + second.String() + `","` + second.String() + `"]}`},
		sohoa.Entry{Actor: "hoa", Action: sohoa.ActionSearch, Detail: `{"query":"khai sinh","found":["` + other.String() + `"]}`},
		sohoa.Entry{Actor: "hoa", Action: sohoa.ActionDownload, Document: second}, // no dossier is named
		sohoa.Entry{Actor: "hoa", Action: sohoa.ActionSearch, Detail: `{"found":"none"}`},
	)
	find(t, c, "by identity number", archive.JournalQuery{Person: "079012345678"}, 6, 4, 3, 1)
	find(t, c, "by name", archive.JournalQuery{Person: "Nguyễn Văn An"}, 6, 4, 3, 1)
	find(t, c, "of the other", archive.JournalQuery{Person: "079087654321"}, 5, 4, 2)
	find(t, c, "of nobody", archive.JournalQuery{Person: "0790"})
	find(t, c, "of a document", archive.JournalQuery{Document: second}, 6, 4)
	find(t, c, "of a dossier", archive.JournalQuery{Dossier: "H1"}, 3, 1)
	find(t, c, "of a dossier by its document", archive.JournalQuery{Dossier: "H3"}, 6, 4)
	find(t, c, "by somebody", archive.JournalQuery{Person: "079012345678", Actor: "hoa"}, 6, 4)
	find(t, c, "a page of them", archive.JournalQuery{Person: "079012345678", Before: 6, Limit: 2}, 4, 3)
	find(t, c, "injection", archive.JournalQuery{Person: "' OR 1=1 --"})
}

func testFindEntries(t *testing.T, c archive.Catalog) {
	at := func(m int) time.Time { return moment.Add(time.Duration(m) * time.Minute) }
	appendAll(t, c,
		sohoa.Entry{Time: at(0), Actor: "lan", Action: sohoa.ActionSignIn},
		sohoa.Entry{Time: at(1), Actor: "lan", Action: sohoa.ActionSearch},
		sohoa.Entry{Time: at(2), Actor: "hoa", Action: sohoa.ActionSignIn},
		sohoa.Entry{Time: at(3), Actor: "hoa", Action: sohoa.ActionSearch},
		sohoa.Entry{Time: at(4), Actor: "lan", Action: sohoa.ActionUser},
	)
	find(t, c, "all", archive.JournalQuery{}, 5, 4, 3, 2, 1)
	find(t, c, "oldest first", archive.JournalQuery{Oldest: true, Limit: 2}, 1, 2)
	find(t, c, "on from there", archive.JournalQuery{Oldest: true, After: 2, Limit: 2}, 3, 4)
	find(t, c, "before", archive.JournalQuery{Before: 3}, 2, 1)
	find(t, c, "actor", archive.JournalQuery{Actor: "hoa"}, 4, 3)
	find(t, c, "actions", archive.JournalQuery{Actions: []sohoa.Action{sohoa.ActionSearch, sohoa.ActionUser}}, 5, 4, 2)
	find(t, c, "from and until", archive.JournalQuery{From: at(1), Until: at(3)}, 3, 2)
	find(t, c, "everything at once", archive.JournalQuery{Actor: "lan", Actions: []sohoa.Action{sohoa.ActionSearch}, From: at(0), Until: at(9), After: 1, Before: 9}, 2)
}

func testRestoreEntries(t *testing.T, c archive.Catalog) {
	id := sohoa.NewDocumentID(moment)
	var sealed []sohoa.Entry
	var prev sohoa.Entry
	for i := range 4 {
		e := sohoa.Entry{Time: moment.Add(time.Duration(i) * time.Second), Actor: "lan", Action: sohoa.ActionSearch, Purpose: "H1", Detail: `{"found":["` + id.String() + `"]}`}
		e.Seal(prev)
		sealed, prev = append(sealed, e), e
	}
	update(t, c, func(tx archive.Tx) error { return tx.RestoreEntries(sealed[:2]...) })
	altered := sealed[2]
	altered.Actor = "hoa"
	for name, wrong := range map[string][]sohoa.Entry{
		"again": sealed[:2], "a gap": sealed[3:], "altered": {altered}, "the second altered": {sealed[2], altered},
	} {
		err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.RestoreEntries(wrong...) })
		if !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("%s: RestoreEntries = %v, want ErrVerification", name, err)
		}
	}
	update(t, c, func(tx archive.Tx) error { return tx.RestoreEntries(sealed[2:]...) })
	got, err := c.Entries(t.Context(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sealed, got, cmp.Comparer(func(a, b sohoa.DocumentID) bool { return a == b })); d != "" {
		t.Errorf("Entries after RestoreEntries (-want +got):\n%s", d)
	}
	find(t, c, "links", archive.JournalQuery{Document: id}, 4, 3, 2, 1)
	if e := appendAll(t, c, sohoa.Entry{Actor: "lan", Action: sohoa.ActionView})[0]; e.Seq != 5 || e.Prev != prev.Hash {
		t.Errorf("Append after RestoreEntries = entry %d after %v, want 5 after %v", e.Seq, e.Prev, prev.Hash)
	}
}

func testTreeHashes(t *testing.T, c archive.Catalog) {
	h := func(n byte) sohoa.Digest { return sohoa.Sum([]byte{n}) }
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutTreeHashes(8, 0, h(0), h(1), h(2)), tx.PutTreeHashes(8, 4, h(4)), tx.PutTreeHashes(16, 0, h(9)))
	})
	update(t, c, func(tx archive.Tx) error { return tx.PutTreeHashes(8, 1, h(1)) }) // once more
	for _, q := range []struct {
		level int
		from  uint64
		n     int
		want  []sohoa.Digest
	}{
		{8, 0, 10, []sohoa.Digest{h(0), h(1), h(2)}}, {8, 1, 1, []sohoa.Digest{h(1)}}, {8, 3, 10, nil},
		{8, 4, 10, []sohoa.Digest{h(4)}}, {16, 0, 10, []sohoa.Digest{h(9)}}, {24, 0, 10, nil},
	} {
		got, err := c.TreeHashes(t.Context(), q.level, q.from, q.n)
		if err != nil || !slices.Equal(got, q.want) {
			t.Errorf("TreeHashes(%d, %d, %d) = %v, %v, want %v", q.level, q.from, q.n, got, err, q.want)
		}
	}
	sealed := appendAll(t, c, sohoa.Entry{Actor: "a"}, sohoa.Entry{Actor: "b"}, sohoa.Entry{Actor: "c"})
	got, err := c.EntryHashes(t.Context(), 2, 10)
	if err != nil || !slices.Equal(got, []sohoa.Digest{sealed[1].Hash, sealed[2].Hash}) {
		t.Errorf("EntryHashes(2, 10) = %v, %v, want those of entries 2 and 3", got, err)
	}
}

func testJournalHeads(t *testing.T, c archive.Catalog) {
	if _, err := c.JournalCheck(t.Context()); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("JournalCheck before any = %v, want ErrNotExist", err)
	}
	first := archive.JournalHead{Day: "2026-03-04", Size: 5, Root: sohoa.Sum([]byte("a")), Text: "sohoa\n5\n", Made: moment,
		Problem: &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.tsa-rests"}}
	second := archive.JournalHead{Day: "2026-03-05", Size: 9, Root: sohoa.Sum([]byte("b")), Made: moment, Token: []byte{1, 2}, Stamped: moment, Kept: 1}
	check := archive.JournalCheck{At: moment, By: "lan", Size: 9, Findings: []archive.JournalFinding{{Code: "entry.altered", Seq: 3}}}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutJournalHead(second), tx.PutJournalHead(first), tx.PutJournalCheck(archive.JournalCheck{By: "hoa"}), tx.PutJournalCheck(check))
	})
	heads, err := c.JournalHeads(t.Context(), 0)
	if err != nil || len(heads) != 2 || heads[0].State() != archive.HeadStamped || heads[1].State() != archive.HeadAwaiting {
		t.Fatalf("JournalHeads = %+v, %v, want two, the newer first and stamped", heads, err)
	}
	if d := cmp.Diff(second, heads[0]); d != "" {
		t.Errorf("JournalHeads (-want +got):\n%s", d)
	}
	first.Problem.Code = "journal.no-tsa"
	update(t, c, func(tx archive.Tx) error { return tx.PutJournalHead(first) })
	if heads, err = c.JournalHeads(t.Context(), 1); err != nil || len(heads) != 1 || heads[0].Day != second.Day {
		t.Errorf("JournalHeads(1) = %+v, %v, want the newer", heads, err)
	}
	got, err := c.JournalCheck(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(check, got); d != "" {
		t.Errorf("JournalCheck (-want +got):\n%s", d)
	}
}

func testLease(t *testing.T, c archive.Catalog) {
	steps := []struct {
		holder string
		d      time.Duration
		want   bool
	}{
		{"a", time.Hour, true}, {"b", time.Hour, false}, {"a", time.Hour, true}, {"b", 0, false}, {"b", time.Hour, false},
		{"a", 0, false}, {"b", time.Nanosecond, true}, {"a", time.Hour, true}, {"b", time.Hour, false},
	}
	for i, s := range steps {
		update(t, c, func(tx archive.Tx) error {
			got, err := tx.Lease("journal", s.holder, s.d)
			if got != s.want {
				t.Errorf("step %d: Lease(%s, %v) = %v, want %v", i, s.holder, s.d, got, s.want)
			}
			return err
		})
	}
}
