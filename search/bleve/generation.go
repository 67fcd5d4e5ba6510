package bleve

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"sohoa"
	"sohoa/search"
)

// generation is one bleve index.
type generation struct {
	ix       bleve.Index
	path     string
	privacy  search.Privacy
	caughtUp atomic.Bool // as stored under keyCaughtUp
	doubted  atomic.Bool // something went wrong that damage may be behind
	columns  columnCache
}

// errBatch marks a batch that bleve did not take. The generation must not be
// used again, see Index.write.
var errBatch = errors.New("write index batch")

// Keys of what bleve keeps beside the pages, in the same batches.
var (
	keyCursor   = []byte("cursor")    // 8 bytes, big endian
	keyCaughtUp = []byte("caught-up") // present once true
	keyPrivacy  = []byte("privacy")   // Privacy.Check of the key that identity numbers are hashed with
	keyErasure  = []byte("erasure")   // when the first document was removed whose text may still be in a segment; absent for none
)

// options of an index. unsafe_batch must stay off: it loses acknowledged
// batches.
func options() map[string]any {
	return map[string]any{"bolt_timeout": "2s", "asyncErrorCallbackName": errorCallback}
}

// errKey says that a generation was made with another key.
var errKey = errors.New("identity numbers were hashed with another key")

// createGeneration makes an empty generation and leaves it open. Its first
// batch is on disk when it returns: bleve cannot open an index without one.
func createGeneration(path string, privacy search.Privacy) (*generation, error) {
	m := bleve.NewIndexMapping() // all fields come as terms, see page
	ix, err := bleve.NewUsing(path, m, scorch.Name, scorch.Name, options())
	if err != nil {
		return nil, fmt.Errorf("create index %s: %w", path, err)
	}
	g := &generation{ix: ix, path: path, privacy: privacy}
	err = ix.SetInternal(keyPrivacy, []byte(privacy.Check()))
	if err := errors.Join(err, g.Apply(context.Background(), nil, 0), syncDir(path)); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	return g, nil
}

// openGeneration opens what createGeneration made.
func openGeneration(path string, privacy search.Privacy) (*generation, error) {
	if _, err := os.Stat(filepath.Join(path, "index_meta.json")); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open index %s: no index there", path) // not ErrNotExist: it was named current
	}
	ix, err := bleve.OpenUsing(path, options())
	if err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	g := &generation{ix: ix, path: path, privacy: privacy}
	done, err := ix.GetInternal(keyCaughtUp)
	if err == nil {
		_, err = g.Cursor(context.Background())
	}
	if err == nil {
		err = g.checkPrivacy()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open index %s: %w", path, err), ix.Close())
	}
	g.caughtUp.Store(done != nil)
	return g, nil
}

// checkPrivacy compares the key with the one that the generation was made with.
func (g *generation) checkPrivacy() error {
	check, err := g.ix.GetInternal(keyPrivacy)
	if err == nil && string(check) != g.privacy.Check() {
		err = errKey
	}
	return err
}

// rebuilding reports whether the generation may lack pages.
func (g *generation) rebuilding() bool { return !g.caughtUp.Load() || g.doubted.Load() }

// Close ends background work and closes the files.
func (g *generation) Close() error {
	alarms.Delete(g.store())
	return g.ix.Close()
}

// Cursor is described at search.Index.
func (g *generation) Cursor(context.Context) (uint64, error) {
	b, err := g.ix.GetInternal(keyCursor)
	if err != nil {
		return 0, fmt.Errorf("read cursor: %w", err)
	}
	if len(b) != 8 {
		return 0, fmt.Errorf("read cursor: %d bytes, want 8: %w", len(b), sohoa.ErrVerification)
	}
	return binary.BigEndian.Uint64(b), nil
}

// CaughtUp notes that all of the journal has been applied.
func (g *generation) CaughtUp(context.Context) error {
	if g.caughtUp.Load() {
		return nil
	}
	b := g.ix.NewBatch()
	b.SetInternal(keyCaughtUp, []byte{1})
	if err := g.ix.Batch(b); err != nil {
		return fmt.Errorf("note that the index caught up: %w: %w", errBatch, err)
	}
	g.caughtUp.Store(true)
	return nil
}

// pagesOf are the ids of the pages of a document in the index.
func (g *generation) pagesOf(ctx context.Context, doc sohoa.DocumentID) (ids []string, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	return pagesWith(ctx, r, search.FieldDocument, doc.String())
}

// pagesWith are the ids of the pages that hold a term.
func pagesWith(ctx context.Context, r index.IndexReader, field, term string) (ids []string, err error) {
	tfr, err := r.TermFieldReader(ctx, []byte(term), field, false, false, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tfr.Close()) }()
	for {
		d, err := tfr.Next(nil)
		if err != nil || d == nil {
			return ids, err
		}
		id, err := r.ExternalID(d.ID)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
}

// reader is a view of the index as it is now; done releases it.
func (g *generation) reader() (r index.IndexReader, done func() error, err error) {
	adv, err := g.ix.Advanced()
	if err != nil {
		return nil, nil, err
	}
	r, err = adv.Reader()
	if err != nil {
		return nil, nil, err
	}
	return r, r.Close, nil
}

// pageID is the key of a page in bleve.
func pageID(k search.PageKey) string { return fmt.Sprintf("%s/%05d", k.Document, k.Page) }

// parsePageID is the inverse of pageID.
func parsePageID(s string) (search.PageKey, error) {
	doc, n, _ := strings.Cut(s, "/")
	id, err := sohoa.ParseDocumentID(doc)
	if err != nil {
		return search.PageKey{}, err
	}
	num, err := strconv.Atoi(n)
	return search.PageKey{Document: id, Page: num}, err
}

// Names of fields that are only stored.
const (
	storedName       = "name"
	storedDossier    = "dossier"
	storedIdentities = "ids"   // Terms.Identities
	storedMetaIDs    = "mids"  // Terms.MetaIdentities
	storedStamp      = "stamp" // Privacy.Stamp
)

// page is a page as bleve takes it: terms made by the search package, no
// analysis here, no positions, no columns for sorting. Nobody asks how often a
// term stands there; only pairs have frequencies, since bleve writes a term of
// one page, which most pairs are, into its dictionary only if it has one.
func page(id string, t search.Terms, stamp string) *document.Document {
	doc := document.NewDocument(id)
	for field, terms := range t.Fields {
		opts, value := index.IndexField|index.SkipFreqNorm, ""
		switch field {
		case search.FieldPairs:
			opts = index.IndexField
		case search.FieldBody:
			opts, value = opts|index.StoreField, t.Text
		case search.FieldMeta:
			opts, value = opts|index.StoreField, t.Meta
		}
		doc.AddField(document.NewTextFieldCustom(field, nil, []byte(value), opts, ready(terms)))
	}
	for field, value := range map[string]string{storedName: t.Name, storedDossier: t.Dossier,
		storedIdentities: t.Identities, storedMetaIDs: t.MetaIdentities, storedStamp: stamp} {
		if value != "" {
			doc.AddField(document.NewTextFieldCustom(field, nil, []byte(value), index.StoreField, ready(nil)))
		}
	}
	return doc
}

// ready is an analyzer that knows its terms beforehand.
type ready []string

// Analyze returns the terms.
func (terms ready) Analyze([]byte) analysis.TokenStream {
	tokens := make([]analysis.Token, len(terms))
	stream := make(analysis.TokenStream, len(terms))
	for i, s := range terms {
		tokens[i] = analysis.Token{Term: []byte(s), Position: i + 1}
		stream[i] = &tokens[i]
	}
	return stream
}
