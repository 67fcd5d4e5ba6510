package signing

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"sohoa/signing/revision"
	"sohoa/signing/validation/cms"
)

// Bounds on the signatures of a document that gets evidence.
const (
	maxWitnesses    = 500
	maxWitnessBytes = 64 << 20 // of all CMS objects, in hexadecimal
)

// witness is a signature or document timestamp that is in a document.
type witness struct {
	covers  [4]int64 // byte range
	message *cms.Message
	signer  *cms.Signer
	token   *cms.Token // of a document timestamp; else nil
}

// end is where what w covers ends.
func (w *witness) end() int64 { return w.covers[2] + w.covers[3] }

// findWitnesses reads the signatures of a document, oldest first. Those whose
// form is not known are left out.
func findWitnesses(pdf io.ReaderAt, size int64, fm *form) ([]*witness, error) {
	var out []*witness
	total := int64(0)
	for _, f := range fm.fields {
		n, ok := ranges(f.value, size)
		if !f.isSignature() || !ok {
			continue
		}
		if total += n[2] - n[1]; total > maxWitnessBytes || len(out) == maxWitnesses {
			return nil, fmt.Errorf("more signatures than are read: %w", revision.ErrDamaged)
		}
		contents, err := readContents(pdf, n[1], n[2])
		if err != nil && !errors.Is(err, revision.ErrDamaged) {
			return nil, err
		}
		w := readWitness(f.value, contents)
		if err != nil || w == nil {
			continue
		}
		w.covers = n
		out = append(out, w)
	}
	slices.SortStableFunc(out, func(a, b *witness) int { return cmp.Compare(a.end(), b.end()) })
	return out, nil
}

// readWitness reads the CMS object of a signature dictionary; nil if it cannot
// be read, or is not what the byte range leaves out.
func readWitness(v *revision.Dict, contents []byte) *witness {
	if s, ok := v.Get("Contents").(revision.String); !ok || !bytes.Equal(s, contents) {
		return nil
	}
	if v.Get("SubFilter") == revision.Name("ETSI.RFC3161") {
		t, err := cms.ParseToken(contents)
		if err != nil {
			return nil
		}
		return &witness{message: t.Message, signer: t.Signers[0], token: t}
	}
	m, err := cms.Parse(contents)
	if err != nil || len(m.Signers) != 1 || !m.Detached {
		return nil
	}
	return &witness{message: m, signer: m.Signers[0]}
}

// verify checks that the signature is over the bytes of its range, by the key
// of its certificate.
func (w *witness) verify(ctx context.Context, pdf io.ReaderAt) error {
	if w.signer.Certificate == nil {
		return errors.New("the signature has no certificate")
	}
	if w.token != nil {
		return errors.Join(w.verifyDigest(ctx, pdf, w.token.Digest, w.token.Imprint), w.token.Verify())
	}
	signed, err := w.signer.MessageDigest()
	if err != nil {
		return err
	}
	if _, err := w.signer.Binding(); err != nil {
		return err
	}
	return errors.Join(w.verifyDigest(ctx, pdf, w.signer.Digest, signed), w.signer.Verify())
}

func (w *witness) verifyDigest(ctx context.Context, pdf io.ReaderAt, hash cms.Hash, want []byte) error {
	h := hash.Func.New()
	for i := 0; i < 4; i += 2 {
		part := io.NewSectionReader(pdf, w.covers[i], w.covers[i+1])
		if _, err := io.Copy(h, withContext(ctx, part)); err != nil {
			return fmt.Errorf("read the document: %w", err)
		}
	}
	if !bytes.Equal(h.Sum(nil), want) {
		return errors.New("the document is not what was signed")
	}
	return nil
}
