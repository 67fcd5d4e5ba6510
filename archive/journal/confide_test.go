package journal_test

import (
	"bytes"
	"strings"
	"testing"

	"sohoa/archive/archivetest"
	"sohoa/archive/vault"
)

// TestEncryptedJournal keeps and restores a journal with encryption on: no
// entry can be read in the store, heads can.
func TestEncryptedJournal(t *testing.T) {
	d := open(t)
	file, _, err := vault.NewKey(false)
	if err != nil {
		t.Fatal(err)
	}
	if d.keys, err = vault.NewKeys([]byte(file), nil); err != nil {
		t.Fatal(err)
	}
	d.reopen()
	d.work(5)
	d.away = true
	d.night()
	d.away = false
	d.work(3)
	d.night()
	d.work(2)
	if err := d.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := d.entries() // Verify adds one, which waits for the next Flush
	if got := d.codes(); len(got) != 0 {
		t.Errorf("Verify found %q, want nothing", got)
	}
	encrypted, heads := 0, 0
	for info, err := range d.store.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(archivetest.ReadBlob(t, d.store, info.Key), []byte("tiếp nhận")) {
			t.Errorf("%s can be read", info.Key)
		}
		switch {
		case strings.HasSuffix(info.Key, "/entries.jsonl.age"):
			encrypted++
		case strings.Contains(info.Key, "/content/head"):
			heads++
		}
	}
	if encrypted == 0 || heads == 0 {
		t.Errorf("%d objects with entries and %d heads, want some of both", encrypted, heads)
	}
	if r := d.restores(); r.Added != uint64(len(want)) || r.Last.Hash != want[len(want)-1].Hash {
		t.Errorf("Restore = %+v, want all %d entries", r, len(want))
	}
}
