package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"

	"sohoa"
	"sohoa/archive/localfs"
	"sohoa/archive/moving"
	"sohoa/archive/ocfl"
	"sohoa/archive/s3"
	"sohoa/archive/vault"
	"sohoa/ingest"
	"sohoa/ingest/raster"
	"sohoa/ocr"
	"sohoa/signing"
)

// What lies where in the data folder (docs/operating.md).
const (
	catalogueFile = "sohoa.db"
	objectsDir    = "objects"
	indexDir      = "index"
	tempDir       = "tmp"
	cacheDir      = "cache"
	lockFile      = "lock"
	openingFile   = "opening"
	controlSocket = "control.sock"
	demoCADir     = "testca"
)

// ocflPrefix is where the storage root is in the object store.
const ocflPrefix = "ocfl"

// app is what every command that touches the archive stands on: the
// catalogue, the object store and the storage root. It is the one place where
// they are chosen.
type app struct {
	database
	set     *settings
	log     *slog.Logger
	stored  ingest.Store // the bytes as they are stored: what checks, copies and backs up works on these, and so does keeper
	vault   *vault.Store // what they mean: stored, decrypted where they are encrypted
	blobs   ingest.Store // vault
	keeper  *ocfl.Store
	service *ingest.Service
	tsa     *signing.TSA // nil without timestamp authorities
	closers []func() error

	restoring bool                  // a restore opens what is not whole yet
	migrating bool                  // a moving of the object store opens one that was moved
	movable   *moving.Store         // blobs, as what can be moved
	shared    *os.File              // the data folder's storeLock
	at        atomic.Pointer[place] // where it was moved to; nil is where the settings say
}

// openApp opens the archive, and makes it where there is none yet. An archive
// that is encrypted needs its key.
func openApp(ctx context.Context, set *settings, log *slog.Logger) (*app, error) {
	a, err := openStored(ctx, set, log)
	if err == nil && a.vault.Missing() != nil {
		err = errors.Join(a.vault.Missing(), a.Close())
	}
	return a, err
}

// withArchive opens the archive for f.
func withArchive(ctx context.Context, set *settings, log *slog.Logger, f func(*app) error) error {
	a, err := openApp(ctx, set, log)
	if err != nil {
		return err
	}
	return errors.Join(f(a), a.Close())
}

// openStored is openApp for what works on stored bytes alone: that needs no
// key.
func openStored(ctx context.Context, set *settings, log *slog.Logger) (a *app, err error) {
	a = &app{set: set, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if err := os.MkdirAll(set.Data, 0o700); err != nil {
		return a, unwritable(set.Data, err)
	}
	if err := a.openStores(ctx); err != nil {
		return a, err
	}
	if err := a.openTools(); err != nil {
		return a, err
	}
	return a, nil
}

func unwritable(dir string, err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "data.unwritable", Args: []string{dir}, Detail: err.Error()}
}

func (a *app) path(name string) string { return filepath.Join(a.set.Data, name) }

// openStores opens what keeps bytes.
func (a *app) openStores(ctx context.Context) error {
	probe, err := os.CreateTemp(a.set.Data, ".probe-*")
	if err != nil {
		return unwritable(a.set.Data, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return unwritable(a.set.Data, err)
	}
	if err := a.checkRestored(); err != nil {
		return err
	}
	opened, err := a.alone()
	if err != nil {
		return err
	}
	defer opened()
	if err := a.openDatabase(ctx); err != nil {
		return err
	}
	if a.stored == nil {
		a.stored, err = a.openMovable(ctx)
	}
	if err != nil {
		return err
	}
	if a.vault, err = a.openVault(ctx); err != nil {
		return err
	}
	a.blobs = a.vault
	if a.keeper, err = ocfl.Open(ctx, a.stored, ocflPrefix); err != nil {
		return fmt.Errorf("open storage root: %w", err)
	}
	return nil
}

// openBlobs opens the configured object store.
func (a *app) openBlobs(ctx context.Context) (ingest.Store, error) {
	if a.set.Store == "s3" {
		store, err := s3.Open(ctx, a.set.s3())
		if err != nil {
			return nil, fmt.Errorf("open object store: %w", err)
		}
		if !store.Conditional() {
			a.log.Warn("the object store does not honour conditional writes: a process that stands still may write over another's", "bucket", a.set.S3Bucket)
		}
		return store, nil
	}
	store, err := localfs.Open(a.path(objectsDir))
	if err != nil {
		return nil, fmt.Errorf("open object store: %w", err)
	}
	a.closers = append(a.closers, store.Close)
	return store, nil
}

// s3 is where the bucket is.
func (set *settings) s3() s3.Config {
	return s3.Config{
		Endpoint: set.S3Endpoint, Region: set.S3Region, Bucket: set.S3Bucket, Prefix: set.S3Prefix,
		AccessKey: set.S3AccessKey, SecretKey: set.S3SecretKey, SessionToken: set.S3SessionToken,
		TLS: !set.S3Insecure, CA: set.find(set.S3CA), PathStyle: !set.S3HostStyle, Encryption: set.S3SSE, Lock: set.S3Lock,
		Timeout: set.S3Timeout, Retries: set.S3Retries,
	}
}

// openTools opens what works on bytes. Their processes start when needed.
func (a *app) openTools() error {
	rasterizer, err := newRasterizer(a.set)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, rasterizer.Close)
	second, err := a.openSecond()
	if err != nil {
		return err
	}
	a.service = ingest.New(ingest.Config{
		Catalog: a.catalog, Blobs: a.blobs, Vault: a.vault, Keeper: a.keeper, Raster: rasterizer,
		Fidelity: a.set.Fidelity, Signs: a.set.Signs, TempDir: a.path(tempDir), Log: a.log,
		Second: second, Fixity: ingest.FixityPlan{Period: a.set.FixityPeriod, Rate: a.set.FixityRate * 1_000_000},
		Shared: a.set.shared(), HoldAll: a.set.Hold, ConfirmFirst: a.set.ConfirmBeforeSign,
		Disposal: ingest.Disposing{Approvers: a.set.DisposalApprovers, Wait: a.set.DisposalWait},
	})
	a.closers = append(a.closers, a.service.Close)
	return nil
}

func newReader(set *settings) (*ocr.Reader, error) {
	reader, err := ocr.New(ocr.Config{Workers: set.OcrWorkers, Tessdata: set.Tessdata, Languages: set.Languages})
	return reader, misconfigured(err)
}

// misconfigured is err for something that the settings name and that is not
// there: it is not what the command was asked for that does not exist.
func misconfigured(err error) error {
	var problem *sohoa.Problem
	if !errors.As(err, &problem) || !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	p := *problem
	p.Kind = sohoa.ErrInvalid
	return &p
}

func newRasterizer(set *settings) (*raster.Rasterizer, error) {
	cache := filepath.Join(set.Data, cacheDir)
	if _, err := os.Stat(set.Data); err != nil {
		// A command that keeps nothing makes no data folder.
		user, err := os.UserCacheDir()
		if err != nil {
			user = os.TempDir()
		}
		cache = filepath.Join(user, "sohoa")
	}
	return raster.New(raster.Config{Workers: max(1, runtime.NumCPU()/2), CacheDir: cache})
}

// Close closes everything, the last opened first.
func (a *app) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	a.closers = nil
	return errors.Join(errs...)
}

// hold takes the lock of the data folder, which one process at a time has:
// the one that works on documents and owns the index. ok is false when
// another has it.
func (a *app) hold() (release func(), ok bool, err error) {
	f, err := os.OpenFile(a.path(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, unwritable(a.set.Data, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, false, f.Close()
	}
	if err != nil {
		return nil, false, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return func() { f.Close() }, true, nil // closing releases it
}

// alone waits until no other process is opening the archive: a new one's
// tables and storage root are made once.
func (a *app) alone() (done func(), err error) {
	f, err := os.OpenFile(a.path(openingFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, unwritable(a.set.Data, err)
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return func() { f.Close() }, nil // closing releases it
}

// document finds a document by what a person typed.
func (a *app) document(ctx context.Context, id string) (sohoa.Document, error) {
	parsed, err := sohoa.ParseDocumentID(id)
	if err != nil {
		return sohoa.Document{}, err
	}
	return a.catalog.Document(ctx, sohoa.Everything, parsed)
}

// defaultWorkers is one recognition process per core.
func defaultWorkers() int { return runtime.NumCPU() }

// discardLog is for archives that are opened to look at only.
func discardLog() *slog.Logger { return slog.New(slog.DiscardHandler) }
