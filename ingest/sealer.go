package ingest

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa"
	"sohoa/signing"
	"sohoa/signing/mark"
	"sohoa/signing/validation"
)

// OfficeSealer signs with a key that this server holds: the agency's mark top
// right on the first page (TT 05/2025/TT-BNV, Article 8.1), PAdES B-B, or B-T
// where there is a timestamp authority.
type OfficeSealer struct {
	Key     *signing.Key
	Stamper signing.Stamper   // nil: no timestamp is asked for
	Agency  string            // name in the mark
	Roots   []validation.Root // what timestamps must lead to, for Seal.ProofUntil
	Now     func() time.Time
}

var _ Sealer = (*OfficeSealer)(nil)

// Seal implements Sealer.
func (o *OfficeSealer) Seal(ctx context.Context, in io.ReaderAt, size int64, out io.Writer, as Sealing) (Seal, error) {
	now := o.Now()
	req := signing.Request{Level: signing.LevelB, Name: o.Key.Certificate.Subject.CommonName, Time: now,
		Mark: signedBy(as.Mark, o.Agency, now), Base: as.Base}
	if o.Stamper != nil {
		req.Level = signing.LevelT
	}
	result, err := signing.Sign(ctx, in, size, out, o.Key, req, o.Stamper)
	for relent(&req, err) {
		result, err = signing.Sign(ctx, in, size, out, o.Key, req, o.Stamper)
	}
	if err != nil {
		return Seal{}, fmt.Errorf("sign: %w", err)
	}
	seal, err := o.check(ctx, out, result, o.Stamper != nil)
	seal.Made = sohoa.SignatureMade{Signer: req.Name, Field: result.Field, Time: now.UTC(), Stamped: result.TimestampTime,
		Level: seal.State, Size: result.Size}
	return seal, err
}

// signedBy completes a mark with a name and a time; none stays none.
func signedBy(m *mark.Mark, name string, at time.Time) *mark.Mark {
	if m == nil {
		return nil
	}
	return m.Signed(name, at)
}

// check reads the signed file back and judges its newest signature. Only the
// chain is taken as given, since it is our own key; all else must hold.
func (o *OfficeSealer) check(ctx context.Context, out io.Writer, result signing.Result, timed bool) (Seal, error) {
	f, ok := out.(*os.File)
	if !ok {
		return Seal{}, errors.New("check signature: the signed file cannot be read back")
	}
	opts := validation.Options{Roots: append([]validation.Root{own(o.Key.Certificates())}, o.Roots...), Now: o.Now()}
	report, err := judge(ctx, f, result.Size, result.Field, opts)
	if err != nil {
		return Seal{}, err
	}
	seal := sealOf(result, timed)
	seal.ProofUntil = report.ProofUntil
	return seal, nil
}

// own takes the chain of a key that this office was given as it is.
func own(certs []*x509.Certificate) validation.Root {
	return validation.Root{World: "own", Certificate: certs[len(certs)-1]}
}

// judge reads back a file whose newest signature is in field. It fails unless
// that covers all of it and passes.
func judge(ctx context.Context, f io.ReaderAt, size int64, field string, opts validation.Options) (*validation.Report, error) {
	report, err := validation.Validate(ctx, f, size, opts)
	if err != nil {
		return nil, fmt.Errorf("check signature: %w", err)
	}
	why := string(report.Conclusion)
	for _, s := range report.Signatures {
		if s.Field != field {
			continue
		}
		if s.Covers.WholeFile && s.Indication == validation.TotalPassed {
			return report, nil
		}
		why = fmt.Sprintf("%s %s %+v", s.Indication, s.Sub, s.Reasons)
	}
	return nil, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.self-check", Detail: why}
}

// sealOf says what was reached.
func sealOf(result signing.Result, timed bool) Seal {
	switch {
	case result.Level == signing.LevelT:
		return Seal{State: sohoa.SignatureTimed}
	case timed:
		return Seal{State: sohoa.SignatureAwaiting, Problem: result.TimestampProblem}
	}
	return Seal{State: sohoa.SignatureBasic}
}
