package ingest

import (
	"context"
	"errors"
	"io"
	"os"

	"sohoa"
	"sohoa/archive"
	"sohoa/ingest/queue"
	"sohoa/signing"
	"sohoa/signing/validation"
)

// stamp adds the timestamp that a kept document waits for, and keeps the
// result as its next revision. Then whoever is next may sign.
func (s *Service) stamp(ctx context.Context, job *queue.Running, doc sohoa.Document) error {
	if doc.Signature != sohoa.SignatureAwaiting || s.Signing.Stamper == nil {
		return errGone
	}
	var result signing.Result
	var report *validation.Report
	file, _, err := s.seal(ctx, doc, sohoa.RoleSigned, func(ctx context.Context, in io.ReaderAt, size int64, out *os.File) (seal Seal, err error) {
		result, report, err = s.addTimestamp(ctx, in, size, out)
		return seal, err
	})
	if noTimestampRoom(err) {
		return s.unstamped(ctx, job, doc.ID, sohoa.AsProblem(err))
	}
	if err != nil {
		return err
	}
	doc.Signature, doc.SignReason, doc.ProofUntil = sohoa.SignatureTimed, nil, report.ProofUntil
	if n := len(doc.Signatures); n > 0 {
		doc.Signatures = append(doc.Signatures[:n-1:n-1], doc.Signatures[n-1])
		last := &doc.Signatures[n-1]
		last.Stamped, last.Level = result.TimestampTime.UTC(), sohoa.SignatureTimed
	}
	k := keeping{action: sohoa.ActionStamp, message: "timestamp added", replace: &file, within: s.stamped}
	if doc.Set != "" {
		if k.signing, err = s.signingAfter(ctx, doc); err != nil {
			return err
		}
	}
	return s.keep(ctx, job, doc, k)
}

// addTimestamp adds the timestamp of the newest signature. What it wrote is
// read back and judged.
func (s *Service) addTimestamp(ctx context.Context, in io.ReaderAt, size int64, out *os.File) (signing.Result, *validation.Report, error) {
	result, err := signing.AddTimestamp(ctx, in, size, out, s.Signing.Stamper)
	if err != nil {
		return result, nil, err
	}
	report, err := validation.Validate(ctx, out, result.Size, validation.Options{Roots: s.Signing.Roots, Now: s.Now()})
	if err != nil {
		return result, nil, err
	}
	// Its chain was judged when the signature was made, for keys of this
	// server by what it knows of them. A timestamp changes nothing of that.
	for _, sig := range report.Signatures {
		if sig.Field == result.Field && sig.Covers.WholeFile && sig.Intact() && sig.Indication != validation.TotalFailed {
			return result, report, nil
		}
	}
	return result, nil, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.self-check", Detail: string(report.Conclusion)}
}

// noTimestampRoom reports whether the newest signature cannot take a timestamp
// in, as where a program of others made it.
func noTimestampRoom(err error) bool {
	var p *sohoa.Problem
	return errors.As(err, &p) && (p.Code == "sign.reserve" || p.Code == "sign.not-waiting")
}

// unstamped ends the wait for a timestamp that will not come: the signature
// stays B-B, and says why.
func (s *Service) unstamped(ctx context.Context, job *queue.Running, id sohoa.DocumentID, why *sohoa.Problem) error {
	return s.Catalog.Update(ctx, func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		doc.Signature, doc.SignReason = sohoa.SignatureBasic, why
		if n := len(doc.Signatures); n > 0 {
			doc.Signatures[n-1].Level = sohoa.SignatureBasic
		}
		if err := s.stamped(tx, &doc); err != nil {
			return err
		}
		if err := tx.PutDocument(doc); err != nil {
			return err
		}
		return tx.Complete(job)
	})
}

// stamped lets the next signer of a document's set sign.
func (s *Service) stamped(tx archive.Tx, doc *sohoa.Document) error {
	item, err := tx.DocumentItem(doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && item.State != sohoa.ItemStamping {
		return nil
	}
	if err != nil {
		return err
	}
	set, err := tx.SigningSet(item.Set)
	if err != nil {
		return err
	}
	item = stampedItem(item, set, *doc)
	if err := s.putItem(tx, doc, item); err != nil {
		return err
	}
	return s.callOffice(tx, item)
}

// stampedItem is an item whose newest signature has its timestamp.
func stampedItem(item sohoa.SetItem, set sohoa.SigningSet, doc sohoa.Document) sohoa.SetItem {
	if n := len(item.Signed); n > 0 && len(doc.Signatures) > 0 {
		item.Signed = append(item.Signed[:n-1:n-1], doc.Signatures[len(doc.Signatures)-1])
	}
	return proceed(item, set)
}

// signingAfter is where a document stands in its set once it is stamped.
func (s *Service) signingAfter(ctx context.Context, doc sohoa.Document) (*RecordSigning, error) {
	item, err := s.Catalog.DocumentItem(ctx, doc.ID)
	if errors.Is(err, sohoa.ErrNotExist) || err == nil && item.State != sohoa.ItemStamping {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	set, err := s.Catalog.SigningSet(ctx, sohoa.Everything, item.Set)
	return &RecordSigning{Set: set, Item: stampedItem(item, set, doc)}, err
}
