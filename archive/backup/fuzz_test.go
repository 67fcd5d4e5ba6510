package backup_test

import (
	"errors"
	"testing"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/backup"
)

// FuzzEntry reads lines of lists: what comes of them can be a key of the
// object store, and nothing else is believed.
func FuzzEntry(f *testing.F) {
	f.Add([]byte(`{"key":"ocfl/a","size":1,"digest":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`))
	f.Add([]byte(`{"key":"../../etc/passwd","size":-1}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		e, err := backup.ParseEntry(line)
		if err != nil && !errors.Is(err, sohoa.ErrVerification) && !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("ParseEntry(%q) = %v", line, err)
		}
		if err == nil && (archive.CheckKey(e.Key) != nil || e.Digest.IsZero() || e.Size < 0) {
			t.Errorf("ParseEntry(%q) = %+v", line, e)
		}
	})
}
