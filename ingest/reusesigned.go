package ingest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/signing/validation"
)

// How long a verdict on a file is taken as it was, and how many are
// remembered. What is trusted changes with the settings, which a start reads
// anew; evidence inside the file does not change with the digest.
const (
	verdictAgain = time.Hour
	verdictsMost = 4096
)

// verdict is what the signatures of a file are worth for reuse.
type verdict struct {
	finding

	at time.Time
}

// reuseKeeping is what the service remembers for reuse.
type reuseKeeping struct {
	mu       sync.Mutex
	verdicts map[verdictKey]verdict
	swept    time.Time // results whose force ended before are told of
}

// verdictKey is a file, and since when it is here.
type verdictKey struct {
	digest sohoa.Digest
	since  time.Time
}

// signatures judges the signatures of the file that is kept: the signed
// rendition, or the original of a PDF that came signed. scanned is of a paper.
func (s *Service) signatures(ctx context.Context, doc sohoa.Document, scanned bool) (verdict, sohoa.Digest, error) {
	file, err := s.judgedFile(ctx, doc)
	if err != nil {
		return verdict{}, file.Digest, err
	}
	if file.Role != sohoa.RoleSigned && scanned || file.MediaType != "application/pdf" {
		return verdict{finding: refused("reuse.unsigned")}, file.Digest, nil
	}
	since := doc.KeptAt
	if file.Role == sohoa.RoleOriginal {
		since = doc.AcceptedAt
	}
	key := verdictKey{file.Digest, since.UTC()}
	s.reuse.mu.Lock()
	known, ok := s.reuse.verdicts[key]
	s.reuse.mu.Unlock()
	if ok && s.Now().Sub(known.at) < verdictAgain {
		return known, file.Digest, nil
	}
	f, err := s.validateKept(ctx, doc, file, since)
	if err != nil {
		return verdict{}, file.Digest, err
	}
	v := verdict{f, s.Now()}
	s.reuse.mu.Lock()
	defer s.reuse.mu.Unlock()
	if s.reuse.verdicts == nil || len(s.reuse.verdicts) >= verdictsMost {
		s.reuse.verdicts = map[verdictKey]verdict{}
	}
	s.reuse.verdicts[key] = v
	return v, file.Digest, nil
}

// judgedFile is the file by which a document is judged: the signed one, else
// its master.
func (s *Service) judgedFile(ctx context.Context, doc sohoa.Document) (sohoa.File, error) {
	files, err := s.Catalog.Files(ctx, doc.ID)
	if err != nil {
		return sohoa.File{}, err
	}
	master := sohoa.RolePDF
	if doc.Master == sohoa.MasterOriginal {
		master = sohoa.RoleOriginal
	}
	for _, role := range []sohoa.Role{sohoa.RoleSigned, master, sohoa.RoleOriginal} {
		if i := slices.IndexFunc(files, func(f sohoa.File) bool { return f.Role == role }); i >= 0 {
			return files[i], nil
		}
	}
	return sohoa.File{Digest: doc.Digest}, nil
}

// validateKept checks the signatures of a file: as they are proven today, or
// else as they were when the file came to be here, which the journal proves.
// What cannot be read at all is no valid signature.
func (s *Service) validateKept(ctx context.Context, doc sohoa.Document, file sohoa.File, since time.Time) (finding, error) {
	blob, _, err := s.Open(ctx, doc.ID, file.Role, 0)
	if err != nil {
		return finding{}, err
	}
	defer blob.Close()
	roots := s.Signing.Roots
	if o, ok := s.Sealer.(*OfficeSealer); ok {
		roots = append(roots[:len(roots):len(roots)], own(o.Key.Certificates()))
	}
	trust := trust{roots: roots}
	if doc.Master == sohoa.MasterOriginal {
		trust.ours = ownFields(doc)
	}
	now, err := trust.judge(ctx, blob, s.Now())
	if err != nil || now.outcome == sohoa.ReusePass {
		return now, err
	}
	if now.because.Code != "reuse.signature-unproven" {
		return now, nil
	}
	then, err := trust.judge(ctx, blob, since)
	if err != nil || then.outcome == sohoa.ReuseFail {
		return now, err
	}
	return unsure("reuse.signature-received", sohoa.OnPaper(since)), nil
}

// trust is what signatures are judged by.
type trust struct {
	roots []validation.Root
	ours  []string // fields of signatures that say no more than that a file is kept here
}

// ownFields are the signatures that the office's own key made by itself.
func ownFields(doc sohoa.Document) (fields []string) {
	for _, m := range doc.Signatures {
		if m.User == "" {
			fields = append(fields, m.Field)
		}
	}
	return fields
}

// judge is what the signatures of a file are worth at a time.
func (t trust) judge(ctx context.Context, blob archive.Blob, at time.Time) (finding, error) {
	report, err := validation.Validate(ctx, blob, blob.Size(), validation.Options{Roots: t.roots, Now: at})
	var p *sohoa.Problem
	if errors.As(err, &p) && ctx.Err() == nil {
		return refused("reuse.signature-bad", p.Code), nil
	}
	if err != nil {
		return finding{}, err
	}
	worst := pass()
	signed, theirs := false, false
	for i := range report.Signatures {
		sig := &report.Signatures[i]
		if sig.Type == validation.TypeSignature {
			signed, theirs = true, theirs || !slices.Contains(t.ours, sig.Field)
		}
		if f := signatureFinding(sig); severity(f.outcome) > severity(worst.outcome) || f.outcome == sohoa.ReuseFail && f.because.Code == "reuse.signature-bad" {
			worst = f
		}
	}
	switch {
	case !signed:
		return refused("reuse.unsigned"), nil
	case !theirs && worst.outcome == sohoa.ReusePass:
		return unsure("reuse.signature-ours"), nil
	}
	return worst, nil
}

// signatureFinding is what one signature is worth.
func signatureFinding(sig *validation.Signature) finding {
	switch {
	case sig.Indication == validation.TotalFailed:
		return refused("reuse.signature-bad", string(sig.Sub))
	case sig.Indication == validation.Indeterminate && sig.Sub == validation.TryLater:
		return unsure("reuse.signature-unchecked", sig.Signer)
	case sig.Indication == validation.Indeterminate && (sig.Sub == validation.OutOfBoundsNoPOE || sig.Sub == validation.CryptoConstraintsPOE):
		return refused("reuse.signature-unproven", sig.Signer)
	case sig.Indication != validation.TotalPassed:
		return refused("reuse.signature-untrusted", sig.Signer, string(sig.Sub))
	case sig.Type == validation.TypeSignature && (sig.Revocation == validation.RevocationNotChecked || sig.Revocation == validation.RevocationOutdated):
		return unsure("reuse.signature-unchecked", sig.Signer)
	}
	return pass()
}

func severity(o sohoa.ReuseOutcome) int {
	return slices.Index([]sohoa.ReuseOutcome{sohoa.ReusePass, sohoa.ReuseConfirm, sohoa.ReuseFail}, o)
}
