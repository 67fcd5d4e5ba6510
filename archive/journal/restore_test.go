package journal_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/journal"
)

// restores restores into an empty catalogue.
func (d *desk) restores() journal.Restored {
	d.t.Helper()
	d.lose()
	r, err := d.Restore(d.t.Context())
	if err != nil {
		d.t.Fatalf("Restore: %v", err)
	}
	return r
}

var sameIDs = cmp.Comparer(func(a, b sohoa.DocumentID) bool { return a == b })

func TestRestoreFromDaysAndTail(t *testing.T) {
	d := open(t)
	d.work(5)
	d.night()
	d.away = true
	d.work(1200)
	d.night()
	d.work(4)
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, heads := d.entries(), d.heads()
	r := d.restores()
	got := d.entries()
	if n := len(want); r.Added != uint64(n) || len(got) != n+1 || r.Last.Hash != want[n-1].Hash {
		t.Fatalf("Restore = %d added, %d there, want %d and one that says so", r.Added, len(got), n)
	}
	if diff := cmp.Diff(want, got[:len(want)], sameIDs); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	last := got[len(got)-1]
	if last.Action != sohoa.ActionRestore || !strings.Contains(last.Detail, want[len(want)-1].Hash.String()) {
		t.Errorf("newest entry = %+v, want it to name the last that was known", last)
	}
	restored := d.heads()
	for i := range heads {
		if restored[i].Text != heads[i].Text || string(restored[i].Token) != string(heads[i].Token) || restored[i].Kept != heads[i].Kept || restored[i].From != heads[i].From {
			t.Errorf("head %d = %+v, want %+v", i, restored[i], heads[i])
		}
	}
	// Once more: nothing to do. Then life goes on, and the rest is stamped.
	if r, err := d.Restore(t.Context()); err != nil || r.Added != 0 {
		t.Errorf("Restore again = %+v, %v, want nothing added", r, err)
	}
	d.away = false
	d.work(3)
	d.night()
	if got := d.codes(); len(got) != 0 || d.heads()[1].State() != archive.HeadStamped {
		t.Errorf("Verify after Restore found %q, want nothing and every head stamped", got)
	}
}

// What was never flushed is lost; the journal goes on from what is known.
func TestRestoreNamesTheGap(t *testing.T) {
	d := open(t)
	d.work(5)
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.work(5)
	r := d.restores()
	if got := d.entries(); r.Added != 5 || len(got) != 6 || got[5].Action != sohoa.ActionRestore || got[5].Seq != 6 {
		t.Fatalf("Restore = %+v, %d entries, want 5 and one that names the gap", r, len(got))
	}
	d.work(2)
	d.night()
	if got := d.codes(); len(got) != 0 {
		t.Errorf("Verify found %q, want nothing", got)
	}
}

// A part of the tail is missing: what comes after cannot follow, and is put
// aside rather than written over.
func TestRestorePutsAsideWhatDoesNotFollow(t *testing.T) {
	d := open(t)
	for range 3 {
		d.work(4)
		if err := d.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	lost := "00000000000000000005-00000000000000000008.jsonl"
	if err := d.store.Remove(t.Context(), "journal/tail/"+lost); err != nil {
		t.Fatal(err)
	}
	r := d.restores()
	aside := "00000000000000000009-00000000000000000012.jsonl"
	if r.Added != 4 || !slices.Equal(r.Lost, []string{"journal/tail/" + aside}) {
		t.Fatalf("Restore = %+v, want 4 added and the last part lost", r)
	}
	if _, err := d.store.Stat(t.Context(), "journal/lost/"+aside); err != nil {
		t.Errorf("the part was not put aside: %v", err)
	}
	d.work(4)
	d.night()
	if got := d.codes(); len(got) != 0 {
		t.Errorf("Verify found %q, want nothing", got)
	}
	if r := d.restores(); r.Added < 9 || len(r.Lost) != 0 {
		t.Errorf("Restore of what went on = %+v, want all of it", r)
	}
}

// A catalogue that began anew beside an old storage root writes nothing over.
func TestAnotherJournalIsNotOverwritten(t *testing.T) {
	d := open(t)
	d.work(5)
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := d.entries()
	d.lose()
	d.work(9)
	var p *sohoa.Problem
	for name, do := range map[string]func() error{
		"Flush": func() error { return d.Flush(t.Context()) }, "Daily": func() error { return d.Daily(t.Context()) },
		"Restore": func() error { _, err := d.Restore(t.Context()); return err },
	} {
		if err := do(); !errors.As(err, &p) || p.Code != "journal.other" {
			t.Errorf("%s = %v, want journal.other", name, err)
		}
	}
	d.restores()
	if got := d.entries(); cmp.Diff(old, got[:5], sameIDs) != "" {
		t.Error("the old journal is not what it was")
	}
}

func TestTextThatIsNotUTF8ComesBack(t *testing.T) {
	d := open(t)
	sealed := sohoa.Entry{Time: monday, Actor: "lan", Action: sohoa.ActionView, Purpose: "a\xff<b"}
	sealed.Seal(sohoa.Entry{})
	err := d.catalog.Update(t.Context(), func(tx archive.Tx) error { return tx.RestoreEntries(sealed) })
	if err == nil {
		err = d.Flush(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	d.restores()
	if got := d.entries()[0]; got.Purpose != sealed.Purpose || got.Hash != sealed.Hash {
		t.Errorf("entry = %+v, want %+v", got, sealed)
	}
}

// Another process of the same catalogue goes on where this one stopped.
func TestReopenedKeeperGoesOn(t *testing.T) {
	d := open(t)
	d.work(3)
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.reopen()
	d.work(3)
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for info, err := range d.store.List(t.Context(), "journal/tail/") {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, info.Key[len("journal/tail/"):])
	}
	want := []string{"00000000000000000001-00000000000000000003.jsonl", "00000000000000000004-00000000000000000006.jsonl"}
	if !slices.Equal(keys, want) {
		t.Errorf("tail = %q, want %q", keys, want)
	}
}
