package sqlite_test

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/sqlite"
)

func open(t *testing.T, path string) *sqlite.Catalog {
	t.Helper()
	c, err := sqlite.Open(t.Context(), path, nil)
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

func TestCatalog(t *testing.T) {
	archivetest.Catalog(t, func(t *testing.T) archive.Catalog {
		return open(t, filepath.Join(t.TempDir(), "catalogue ?#%.db"))
	})
}

func TestJournalRefusesChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	c := open(t, path)
	err := c.Update(t.Context(), func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{`UPDATE journal SET actor = 'hoa'`, `DELETE FROM journal`} {
		if _, err := db.Exec(q); err == nil {
			t.Errorf("%s succeeded, want it refused", q)
		}
	}
	// Somebody who takes the triggers away is found out by the chain.
	if _, err := db.Exec(`DROP TRIGGER journal_no_update; UPDATE journal SET actor = 'hoa'`); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.VerifyJournal(t.Context(), c); !errors.Is(err, sohoa.ErrVerification) {
		t.Errorf("VerifyJournal of an altered journal = %v, want ErrVerification", err)
	}
}

func TestEntriesOfAnotherProcessWake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	reader, writer := open(t, path), open(t, path)
	woken := make(chan error, 1)
	go func() { woken <- reader.Wait(t.Context(), 0) }()
	err := writer.Update(t.Context(), func(tx archive.Tx) error {
		_, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-woken; err != nil {
		t.Errorf("Wait = %v, want nil", err)
	}
}

func TestSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	s := open(t, path).Sessions()
	later := time.Now().Add(time.Hour)
	if err := s.Commit("token-1", []byte("data"), later); err != nil {
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
	raw, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) == 0 || bytes.Contains(raw, []byte("token-1")) {
		t.Error("the file shows a session token, want its hash only")
	}
	if err := s.Delete("token-1"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Find("token-1"); err != nil || found {
		t.Errorf("Find after Delete = %v, %v, want not found", found, err)
	}
}

func TestOpenRefusesWhatIsNoCatalogue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.db")
	if err := os.WriteFile(path, []byte("this is not a database, but long enough to be looked at as one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := sqlite.Open(t.Context(), path, nil); err == nil {
		c.Close()
		t.Error("Open of a text file succeeded, want an error")
	}
}
