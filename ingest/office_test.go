package ingest_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/postgres"
	"sohoa/archive/sqlite"
	"sohoa/archive/vault"
	"sohoa/ingest"
	"sohoa/ingest/queue"
	"sohoa/ingest/raster"
	"sohoa/ocr"
	"sohoa/signing"
	"sohoa/signing/testca"
)

// dossier is where the tests' papers belong.
const dossier = "H00.00.01-260304-0001"

// office is a whole pipeline in a folder of the test: nothing in it stands in
// for anything.
type office struct {
	*ingest.Service
	t       testing.TB
	dir     string
	catalog catalogue
	queue   ingest.Jobs
	tsa     *testca.TSA
	stamper *signing.TSA
	stop    func()
}

// catalogue is the one of either database.
type catalogue interface {
	archive.Catalog
	Close() error
}

// options change the office before it opens.
type options struct {
	database string                           // address of a PostgreSQL database; empty is SQLite
	objects  string                           // folder of the object store; empty is in dir
	dir      string                           // an earlier office's folder; empty is a new one
	store    func(ingest.Store) ingest.Store  // wraps the object store
	sealer   func(*ingest.OfficeSealer) error // changes the key
	keys     vault.Keys                       // encrypt what is stored, or read what was encrypted
	idle     bool                             // nobody works on documents
	config   func(*ingest.Config)             // changes the rest
}

// pdfium is compiled once for all tests of the package.
var compiled = filepath.Join(os.TempDir(), "sohoa-test-pdfium")

func openOffice(t testing.TB, o options) *office {
	t.Helper()
	if o.dir == "" {
		o.dir = t.TempDir()
	}
	log := slog.New(slog.DiscardHandler)
	of := &office{t: t, dir: o.dir, stop: func() {}}
	of.openCatalogue(o.database, log)
	t.Cleanup(func() { of.catalog.Close() })
	local := must(localfs.Open(cmp.Or(o.objects, filepath.Join(o.dir, "objects"))))(t)
	t.Cleanup(func() { local.Close() })
	var store ingest.Store = local
	if o.store != nil {
		store = o.store(store)
	}
	rasterizer := must(raster.New(raster.Config{Workers: 1, CacheDir: compiled}))(t)
	t.Cleanup(func() { rasterizer.Close() })
	reader := must(ocr.New(ocr.Config{Workers: 2}))(t)
	t.Cleanup(func() { reader.Close() })
	cfg := ingest.Config{Catalog: of.catalog, Blobs: store, Raster: rasterizer, Reader: reader, Log: log,
		Sealer: of.sealer(o), Signing: of.signing(), TempDir: filepath.Join(o.dir, "tmp"), Keeper: must(ocfl.Open(t.Context(), store, "ocfl"))(t),
		Shared: o.database != ""}
	if len(o.keys.From) > 0 {
		cfg.Vault = must(vault.Open(t.Context(), store, o.keys))(t)
		cfg.Blobs = cfg.Vault
	}
	if o.config != nil {
		o.config(&cfg)
	}
	of.Service = ingest.New(cfg)
	t.Cleanup(func() { of.Close() })
	of.enterDossier()
	of.enterUsers()
	if !o.idle {
		of.start()
	}
	return of
}

// openCatalogue opens the catalogue with its queue.
func (of *office) openCatalogue(database string, log *slog.Logger) {
	of.t.Helper()
	ctx := of.t.Context()
	if database == "" {
		q := queue.New(log)
		of.queue, of.catalog = q, must(sqlite.Open(ctx, filepath.Join(of.dir, "c.db"), q))(of.t)
		return
	}
	q := queue.NewPostgres(log, queue.WithLease(lease))
	of.queue, of.catalog = q, must(postgres.Open(ctx, database, q))(of.t)
}

// lease is short, so that tests are.
const lease = 5 * time.Second

// must unwraps a constructor's result.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sealer makes a key and a timestamp authority of a test CA.
func (of *office) sealer(o options) *ingest.OfficeSealer {
	of.t.Helper()
	ca := authority(of.t)
	agency := identity(of.t, "Ủy ban nhân dân xã Vĩnh Nghĩa")
	key := must(signing.LoadPKCS12(must(agency.PKCS12("x"))(of.t), "x"))(of.t)
	of.tsa = ca.TSA()
	server := httptest.NewServer(of.tsa)
	of.t.Cleanup(server.Close)
	of.stamper = &signing.TSA{URLs: []string{server.URL}, Roots: ca.Pool()}
	s := &ingest.OfficeSealer{Key: key, Agency: "Ủy ban nhân dân xã Vĩnh Nghĩa", Now: time.Now, Stamper: of.stamper}
	if o.sealer != nil {
		if err := o.sealer(s); err != nil {
			of.t.Fatal(err)
		}
	}
	return s
}

func (of *office) enterDossier() {
	of.t.Helper()
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		return errors.Join(tx.PutAgency(sohoa.Agency{Code: "H00.00.01", Name: "UBND xã Vĩnh Nghĩa"}),
			tx.PutDossier(sohoa.Dossier{Code: dossier, Agency: "H00.00.01", CreatedAt: time.Now()}))
	})
	if err != nil {
		of.t.Fatal(err)
	}
}

// start works on documents until stop, or until the test ends.
func (of *office) start() {
	of.t.Helper()
	if err := of.Sweep(of.t.Context()); err != nil {
		of.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- of.Work(ctx, of.queue) }()
	stopped := false
	of.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			of.t.Errorf("Work: %v", err)
		}
	}
	of.t.Cleanup(func() { of.stop() })
}

// add accepts bytes under a name.
func (of *office) add(name string, data []byte) sohoa.Document {
	of.t.Helper()
	doc, _, err := of.Accept(of.t.Context(), ingest.Request{Dossier: dossier, Name: name, Actor: "lan", Body: bytes.NewReader(data), Size: int64(len(data))})
	if err != nil {
		of.t.Fatalf("Accept(%q) = %v", name, err)
	}
	return doc
}

// scan reads one of the sample scans.
func scan(t testing.TB, name string) []byte {
	t.Helper()
	return must(os.ReadFile(filepath.Join("..", "testdata", "scans", name)))(t)
}

// patience is how long a test waits for the pipeline; only a fault takes it.
const patience = 3 * time.Minute

// await returns the document once ok says so of it.
func (of *office) await(id sohoa.DocumentID, ok func(sohoa.Document) bool) sohoa.Document {
	of.t.Helper()
	ctx, cancel := context.WithTimeout(of.t.Context(), patience)
	defer cancel()
	for {
		head := must(of.catalog.Head(ctx))(of.t)
		doc := must(of.catalog.Document(ctx, sohoa.Everything, id))(of.t)
		if ok(doc) {
			return doc
		}
		if err := of.catalog.Wait(ctx, head); err != nil {
			of.t.Fatalf("document %s is still %s at %s: %v", id, doc.State, doc.Stage, err)
		}
	}
}

func settled(d sohoa.Document) bool {
	return d.State == sohoa.StateKept || d.State == sohoa.StateParked
}

// kept waits until the document is kept.
func (of *office) kept(id sohoa.DocumentID) sohoa.Document {
	of.t.Helper()
	doc := of.await(id, settled)
	if doc.State != sohoa.StateKept {
		of.t.Fatalf("document %s is %s at %s: %v, want it kept", id, doc.State, doc.Stage, doc.Problem)
	}
	return doc
}

// checkArchive checks the storage root by the validator, and the journal.
func (of *office) checkArchive() {
	of.t.Helper()
	err := of.Keeper.Validate(of.t.Context(), func(f ocfl.Finding) { of.t.Errorf("storage root: %+v", f) })
	if err != nil {
		of.t.Errorf("Validate: %v", err)
	}
	if _, err := archive.VerifyJournal(of.t.Context(), of.catalog); err != nil {
		of.t.Errorf("VerifyJournal: %v", err)
	}
}
