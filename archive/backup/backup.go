// Package backup keeps copies of a whole archive in a repository on another
// medium, after the model of restic: every file once, under its SHA-256, and
// snapshots that say which files there were, under which keys.
//
// Guarantees. A snapshot appears with the write of its own file, after all
// that it needs is there; whatever is cut off before leaves the earlier ones
// whole, and what was copied is not copied again. A file is hashed while it
// is stored, and again whenever it is read. Nothing that a snapshot needs is
// ever removed; Forget removes snapshots, then what none needs any more.
//
// A snapshot is taken while documents are worked on. Its catalogue is of the
// moment at which it began; files of documents that are not kept are copied
// next, then the storage root, each object at one of its versions. So what
// the catalogue speaks of is in the snapshot: as a working file, or, if it was
// kept meanwhile, in the storage root, at a version that may be newer than the
// catalogue knows.
//
// In the repository (docs/format.md):
//
//	backup.json                          what it is
//	data/<2 digits>/<sha256>             a file
//	snapshots/<time>-<sha256, 16 digits>.json
//	locks/<name>.json                    who is at work
//
// The memory that is needed does not grow with the number of files.
package backup

import (
	"time"

	"sohoa"
	"sohoa/archive"
)

// Store is what holds a repository.
type Store interface {
	archive.Blobs
	archive.Eraser
}

// Format names the form of repositories and snapshots.
const Format = "sohoa backup 1"

// Snapshot is an archive at one moment. It is stored as JSON.
type Snapshot struct {
	ID        string            `json:"-"` // its file's name without ".json"
	Format    string            `json:"format"`
	Time      time.Time         `json:"time"` // when it began; that of the catalogue
	Took      time.Duration     `json:"took"` // nanoseconds
	Program   string            `json:"program"`
	Full      bool              `json:"full"` // everything was read again, here and there
	Catalogue Catalogue         `json:"catalogue"`
	Lists     []List            `json:"lists"` // of the object store, in the order in which it was copied
	Keys      []KeyFile         `json:"keys,omitempty"`
	Settings  map[string]string `json:"settings"` // without secrets
	Files     int64             `json:"files"`    // in all lists
	Bytes     int64             `json:"bytes"`    // of these
	Added     int64             `json:"added"`    // bytes that the repository did not have
	Objects   int64             `json:"objects"`  // of the storage root
}

// Catalogue is the copy of a catalogue.
type Catalogue struct {
	Kind   string       `json:"kind"` // "sqlite": the database; "postgres": postgres.Dump
	Size   int64        `json:"size"`
	Digest sohoa.Digest `json:"digest"`
	Head   Head         `json:"journal"`
}

// Head is the newest entry of the journal.
type Head struct {
	Seq  uint64       `json:"seq"`
	Hash sohoa.Digest `json:"hash"`
}

// List is a file with an Entry on each line, those of one folder, by key.
// Folders that did not change have the same list in every snapshot.
type List struct {
	Folder string       `json:"folder"`
	Digest sohoa.Digest `json:"digest"`
	Files  int64        `json:"files"`
}

// Entry is a file of the object store.
type Entry struct {
	Key      string       `json:"key"`
	Size     int64        `json:"size"`
	Digest   sohoa.Digest `json:"digest"`
	Modified time.Time    `json:"modified,omitzero"` // in the object store, to know it again
}

// KeyFile is a file that a setting names.
type KeyFile struct {
	Setting string       `json:"setting"`
	Path    string       `json:"path"` // where it was
	Size    int64        `json:"size"`
	Digest  sohoa.Digest `json:"digest"`
}

// Bounds of what is read into memory.
const (
	maxSnapshotBytes = 64 << 20
	maxInMemory      = 1 << 20 // of a file while it is stored; larger ones take a temporary file
	maxListFiles     = 20_000  // in one list, some 5 MB
)

// dataKey is where a file is in the repository.
func dataKey(d sohoa.Digest) string {
	s := d.String()
	return "data/" + s[:2] + "/" + s
}

func problem(kind error, code string, args ...string) *sohoa.Problem {
	return &sohoa.Problem{Kind: kind, Code: code, Args: args}
}
