package ingest

import (
	"context"
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
	Stamper signing.Stamper // nil: no timestamp is asked for
	Agency  string          // name in the mark
	Now     func() time.Time
}

var _ Sealer = (*OfficeSealer)(nil)

// Seal implements Sealer.
func (o *OfficeSealer) Seal(ctx context.Context, in io.ReaderAt, size int64, out io.Writer) (Seal, error) {
	now := o.Now()
	req := signing.Request{Level: signing.LevelB, Name: o.Key.Certificate.Subject.CommonName, Time: now,
		Mark: mark.Agency("", o.Agency, now)}
	if o.Stamper != nil {
		req.Level = signing.LevelT
	}
	result, err := signing.Sign(ctx, in, size, out, o.Key, req, o.Stamper)
	if errors.Is(err, mark.ErrNoRoom) {
		req.Mark = nil // a page smaller than the mark is signed without one
		result, err = signing.Sign(ctx, in, size, out, o.Key, req, o.Stamper)
	}
	if err != nil {
		return Seal{}, fmt.Errorf("sign: %w", err)
	}
	return o.check(ctx, out, result, o.Stamper != nil)
}

// Stamp implements Sealer.
func (o *OfficeSealer) Stamp(ctx context.Context, in io.ReaderAt, size int64, out io.Writer) (Seal, error) {
	if o.Stamper == nil {
		return Seal{}, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.no-tsa"}
	}
	result, err := signing.AddTimestamp(ctx, in, size, out, o.Stamper)
	if err != nil {
		return Seal{}, err
	}
	return o.check(ctx, out, result, true)
}

// check reads the signed file back and judges its newest signature. Only the
// chain is taken as given, since it is our own key; all else must hold.
func (o *OfficeSealer) check(ctx context.Context, out io.Writer, result signing.Result, timed bool) (Seal, error) {
	f, ok := out.(*os.File)
	if !ok {
		return Seal{}, errors.New("check signature: the signed file cannot be read back")
	}
	certs := o.Key.Certificates()
	top := validation.Root{World: "own", Certificate: certs[len(certs)-1]}
	report, err := validation.Validate(ctx, f, result.Size, validation.Options{Roots: []validation.Root{top}, Now: o.Now()})
	if err != nil {
		return Seal{}, fmt.Errorf("check signature: %w", err)
	}
	for _, s := range report.Signatures {
		if s.Field == result.Field && s.Covers.WholeFile && s.Indication == validation.TotalPassed {
			return sealOf(result, timed), nil
		}
	}
	return Seal{}, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "sign.self-check", Detail: string(report.Conclusion)}
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
