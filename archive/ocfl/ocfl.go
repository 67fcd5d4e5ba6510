// Package ocfl keeps documents for as long as the law asks: an OCFL 1.1
// storage root (https://ocfl.io/1.1/spec/) over any archive.Blobs, readable
// by anybody's tools. One document is one object; its versions are its
// history.
//
// Guarantees. When Commit returns nil every byte of the new version is
// durable and was read back. The version appears at once, with the write of
// the object's root inventory; readers never see a part of it. A crash at
// any step leaves the versions that were there readable, and what it left
// over is swept or finished by the next Commit of the object, or by Recover,
// after which the root is valid OCFL. What no Commit of ours left unfinished
// is never removed: it is damage, and is reported.
//
// In the store, for the prefix "ocfl":
//
//	ocfl/0=ocfl_1.1, ocfl/ocfl_layout.json, ocfl/extensions/   the root's declarations
//	ocfl/<layout path of the object>/                           an object
//	ocfl.pending/<name of the object>                           a Commit under way: the number of its version, its token; or "destroy"
//	ocfl.quarantine/<layout path of the object>/<time>/         what Mend took out of the object or replaced
//
// docs/decisions/ocfl.md says why SHA-256 and why this layout.
package ocfl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/srerickson/ocfl-go/extension"

	"sohoa"
	"sohoa/archive"
)

// Store is a storage root. Its methods are safe for concurrent use. Commits
// of one object are done one after the other; several processes must not
// commit to the same object at once.
type Store struct {
	fs      *filesystem
	dir     string // key prefix of the root, without a slash at the end
	pending string // key prefix of commits under way, with a slash
	layout  extension.Layout
	late    sync.Mutex // guards layout of a store that OpenLater made
	later   bool       // OpenLater made it

	locks [64]sync.Mutex // by hash of the ID: one writer an object
}

// Names inside a root and an object, after OCFL 1.1.
const (
	rootDeclaration   = "0=ocfl_1.1"
	objectDeclaration = "0=ocfl_object_1.1"
	layoutFile        = "ocfl_layout.json"
	extensionsFolder  = "extensions/"
	specFile          = "ocfl_1.1.md"
	inventoryFile     = "inventory.json"
	sidecarFile       = "inventory.json.sha256"
	maxConfigBytes    = 1 << 20
)

// Open opens the storage root under prefix, making it if there is nothing.
// blobs must also be an archive.Eraser. The layout is what the root declares.
// It is sohoa.ErrConflict if something other than a root is there.
func Open(ctx context.Context, blobs archive.Blobs, prefix string) (*Store, error) {
	s, err := newStore(blobs, prefix)
	if err != nil {
		return nil, err
	}
	if err := s.begin(ctx); err != nil {
		return nil, fmt.Errorf("open storage root %s: %w", prefix, err)
	}
	return s, nil
}

func newStore(blobs archive.Blobs, prefix string) (*Store, error) {
	eraser, ok := blobs.(archive.Eraser)
	if !ok {
		return nil, fmt.Errorf("open storage root %s: the store cannot erase: %w", prefix, sohoa.ErrInvalid)
	}
	if err := archive.CheckKey(prefix); err != nil {
		return nil, fmt.Errorf("open storage root: %w", err)
	}
	return &Store{fs: &filesystem{blobs, eraser}, dir: prefix, pending: prefix + ".pending/"}, nil
}

func (s *Store) begin(ctx context.Context) error {
	_, err := s.fs.blobs.Stat(ctx, path.Join(s.dir, rootDeclaration))
	if errors.Is(err, sohoa.ErrNotExist) {
		return s.create(ctx)
	}
	if err != nil {
		return err
	}
	return s.checkDeclarations(ctx)
}

// checkDeclarations reads what stands at the top of the root.
func (s *Store) checkDeclarations(ctx context.Context) error {
	got, err := s.read(ctx, path.Join(s.dir, rootDeclaration))
	if err != nil {
		return err
	}
	if string(got) != declaration(rootDeclaration) {
		return fmt.Errorf("%s says %q: %w", rootDeclaration, got, sohoa.ErrVerification)
	}
	return s.readLayout(ctx)
}

// declaration is the content of a NAMASTE file.
func declaration(name string) string { return strings.TrimPrefix(name, "0=") + "\n" }

// newLayout puts the object of urn:sohoa:01ABC...YZ into ZY/XW/01ABC...YZ:
// the folder bears the document's name, and its random end spreads folders
// evenly.
func newLayout() *extension.LayoutTupleOmitPrefix {
	l := extension.Ext0007().(*extension.LayoutTupleOmitPrefix)
	l.Delimiter, l.TupleSize, l.TupleNum, l.Reverse = ":", 2, 2, true
	return l
}

// create writes the root's files, the declaration last: without it this is
// done again.
func (s *Store) create(ctx context.Context) error {
	files, err := rootFiles(ctx)
	if err != nil {
		return err
	}
	if err := s.checkUnused(ctx); err != nil {
		return err
	}
	l := newLayout()
	for _, name := range []string{specFile, extensionsFolder + l.Name() + "/config.json", layoutFile, rootDeclaration} {
		if _, err := s.fs.blobs.Put(ctx, path.Join(s.dir, name), strings.NewReader(files[name])); err != nil {
			return err
		}
	}
	s.layout = l
	return nil
}

// checkUnused fails if there is anything but the rest of an earlier create,
// of which it removes what WriteSpecFile would not overwrite.
func (s *Store) checkUnused(ctx context.Context) error {
	for info, err := range s.fs.blobs.List(ctx, s.dir+"/") {
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(info.Key, s.dir+"/")
		switch {
		case name == layoutFile || strings.HasPrefix(name, extensionsFolder):
		case name == specFile:
			if err := s.fs.eraser.Remove(ctx, info.Key); err != nil {
				return err
			}
		default:
			return fmt.Errorf("%s is there without %s: %w", info.Key, rootDeclaration, sohoa.ErrConflict)
		}
	}
	return nil
}

func (s *Store) readLayout(ctx context.Context) error {
	b, err := s.read(ctx, path.Join(s.dir, layoutFile))
	if err != nil {
		return err
	}
	var declared struct{ Extension string }
	if err := json.Unmarshal(b, &declared); err != nil {
		return fmt.Errorf("%s: %w: %w", layoutFile, sohoa.ErrVerification, err)
	}
	name := extensionsFolder + declared.Extension + "/config.json"
	b, err = s.read(ctx, path.Join(s.dir, name))
	if err != nil {
		return err
	}
	ext, err := extension.DefaultRegistry().Unmarshal(b)
	if err != nil {
		return fmt.Errorf("%s: %w: %w", name, sohoa.ErrVerification, err)
	}
	layout, ok := ext.(extension.Layout)
	if !ok || ext.Name() != declared.Extension || layout.Valid() != nil {
		return fmt.Errorf("%s is not the layout that %s declares: %w", name, layoutFile, sohoa.ErrVerification)
	}
	s.layout = layout
	return nil
}

// read returns a small file.
func (s *Store) read(ctx context.Context, key string) ([]byte, error) {
	f, err := s.fs.blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = io.Copy(&b, io.LimitReader(f, maxConfigBytes))
	return b.Bytes(), errors.Join(err, f.Close())
}

// ID names an object for ever: "urn:sohoa:" and a name made of the characters
// of archive.CheckKey without a slash.
type ID string

const idPrefix = "urn:sohoa:"

// DocumentID is the ID of a document's object.
func DocumentID(id sohoa.DocumentID) ID { return ID(idPrefix + id.String()) }

// Kinds of objects that are not documents.
const (
	KindJournal  = "journal"  // entries of the journal, and its heads
	KindDisposal = "disposal" // a certificate of destruction

	KindDossier    = "dossier"    // what was decided about held results for a dossier
	KindProcedures = "procedures" // what procedures ask for
	KindAgencies   = "agencies"   // which agencies there are, and which is above which
)

// NewID is the ID of an object of a kind. name is of the characters of a key,
// and the end of names differs.
func NewID(kind, name string) ID { return ID(idPrefix + kind + "-" + name) }

// Kind is the kind of an object; empty for a document.
func (id ID) Kind() string {
	kind, _, _ := strings.Cut(id.name(), "-") // identifiers of documents have none
	if kind == id.name() {
		return ""
	}
	return kind
}

// Document is the inverse of DocumentID.
func (id ID) Document() (sohoa.DocumentID, error) { return sohoa.ParseDocumentID(id.name()) }

// name is the ID without its prefix.
func (id ID) name() string { return strings.TrimPrefix(string(id), idPrefix) }

// check reports a malformed ID.
func (id ID) check() error {
	name, ok := strings.CutPrefix(string(id), idPrefix)
	if !ok || strings.Contains(name, "/") || archive.CheckKey(name) != nil {
		return fmt.Errorf("object %q: %w", string(id), sohoa.ErrInvalid)
	}
	return nil
}

// path is the key prefix of an object, without a slash at the end.
func (s *Store) path(id ID) (string, error) {
	if err := id.check(); err != nil {
		return "", err
	}
	layout, err := s.opened()
	if err != nil {
		return "", err
	}
	p, err := layout.Resolve(string(id))
	if err != nil {
		return "", fmt.Errorf("object %q: %w: %w", string(id), sohoa.ErrInvalid, err)
	}
	return path.Join(s.dir, p), nil
}

// lock lets one writer at an object until unlock is called.
func (s *Store) lock(id ID) (unlock func()) {
	h := fnv.New32a()
	io.WriteString(h, string(id))
	m := &s.locks[h.Sum32()%uint32(len(s.locks))]
	m.Lock()
	return m.Unlock
}
