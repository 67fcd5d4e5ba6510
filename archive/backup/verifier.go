package backup

import (
	"errors"
	"hash"
	"io"

	"sohoa"
)

// verifier reads r and ends with the Problem "backup.damaged" in place of
// io.EOF if the bytes are not those with the digest: whoever stores them on the
// way stores nothing then.
type verifier struct {
	r    io.Reader
	h    hash.Hash
	want sohoa.Digest
	name string
}

func (v *verifier) Read(p []byte) (int, error) {
	n, err := v.r.Read(p)
	v.h.Write(p[:n])
	var known *sohoa.Problem
	switch {
	case errors.Is(err, io.EOF) && sohoa.Digest(v.h.Sum(nil)) != v.want:
		err = problem(sohoa.ErrVerification, "backup.damaged", v.name)
	case errors.Is(err, sohoa.ErrVerification) && errors.As(err, &known):
		err = &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "backup.damaged", Args: []string{v.name}, Detail: known.Detail}
	}
	return n, err
}
