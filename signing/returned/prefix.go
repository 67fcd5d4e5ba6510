package returned

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"sohoa"
)

// checkSize refuses what cannot be the document with one signature.
func checkSize(sent, back File) error {
	switch {
	case back.Size > sohoa.MaxVerifyBytes:
		return problem(sohoa.ErrTooLarge, "verify.too-large", strconv.Itoa(sohoa.MaxVerifyBytes>>20))
	case back.Size-sent.Size > sohoa.MaxReturnedBytes:
		return problem(sohoa.ErrTooLarge, "returned.too-large", strconv.Itoa(sohoa.MaxReturnedBytes>>20))
	}
	return nil
}

// checkPrefix requires that the document that was sent is the beginning of the
// file, and not all of it.
func checkPrefix(ctx context.Context, sent, back File) error {
	common := min(sent.Size, back.Size)
	at, err := firstDifference(ctx, sent, back, common)
	switch {
	case err != nil:
		return err
	case at < common:
		return problem(sohoa.ErrInvalid, "returned.other", strconv.FormatInt(at+1, 10))
	case back.Size < sent.Size:
		return problem(sohoa.ErrInvalid, "returned.truncated")
	case back.Size == sent.Size:
		return problem(sohoa.ErrInvalid, "returned.unsigned")
	}
	return nil
}

// firstDifference is where the first n bytes of a and b differ, or n.
func firstDifference(ctx context.Context, a, b io.ReaderAt, n int64) (int64, error) {
	x, y := make([]byte, 256<<10), make([]byte, 256<<10)
	for at := int64(0); at < n; at += int64(len(x)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		x, y = x[:min(int64(len(x)), n-at)], y[:min(int64(len(y)), n-at)]
		if err := errors.Join(readAt(a, x, at), readAt(b, y, at)); err != nil {
			return 0, fmt.Errorf("compare with the document that was sent: %w", err)
		}
		if bytes.Equal(x, y) {
			continue
		}
		for i := range x {
			if x[i] != y[i] {
				return at + int64(i), nil
			}
		}
	}
	return n, nil
}

func readAt(r io.ReaderAt, p []byte, at int64) error {
	if n, err := r.ReadAt(p, at); n < len(p) {
		return err
	}
	return nil
}
