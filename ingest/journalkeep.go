package ingest

import (
	"context"
	"crypto/x509"
	"sync"
	"time"

	"sohoa/archive/journal"
	"sohoa/signing"
)

// journalKeeping is the keeper of the journal, made at its first use.
type journalKeeping struct {
	once   sync.Once
	keeper *journal.Keeper
}

// Journal is what keeps the journal in the storage root, proves and verifies
// it. Config.Signing must be what it shall be for: its Stamper stamps heads,
// its Roots are what timestamps must lead to.
func (s *Service) Journal() *journal.Keeper {
	s.journals.once.Do(func() {
		cfg := journal.Config{Catalog: s.Catalog, Blobs: s.Blobs, Vault: s.Vault, Root: s.Keeper, Judge: s.judgeStamp(), Log: s.Log, Now: s.Now}
		if s.Signing.Stamper != nil {
			cfg.Stamper = s.Signing.Stamper
		}
		if s.Second != nil {
			cfg.Copy = s.CopyObject
		}
		s.journals.keeper = journal.New(cfg)
	})
	return s.journals.keeper
}

// judgeStamp trusts the timestamps that signatures may have.
func (s *Service) judgeStamp() journal.Judge {
	roots := x509.NewCertPool()
	for _, r := range s.Signing.Roots {
		roots.AddCert(r.Certificate)
	}
	return func(token, text []byte) (time.Time, error) { return signing.CheckTimestamp(token, text, roots) }
}

// recoverJournal enters what the storage root has of the journal, before
// anything else is entered.
func (s *Service) recoverJournal(ctx context.Context) error {
	r, err := s.Journal().Restore(ctx)
	if err == nil && (r.Added > 0 || len(r.Lost) > 0) {
		s.Log.Info("the journal was restored", "added", r.Added, "last", r.Last.Seq, "heads", r.Heads, "lost", r.Lost)
	}
	return err
}
