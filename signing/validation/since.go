package validation

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"sohoa"
	"sohoa/signing/validation/pdfrev"
)

// Since tells what the revisions after the first from bytes of a PDF changed,
// oldest first, whether they are signed or not. Beside what a Report says, it
// names revisions that readers may take differently (file.ambiguous,
// file.hybrid, file.irregular), and change.description where the description
// of the document changed beyond its date and program. Nothing is judged: what
// may change is the caller's to say.
//
// It fails as Validate does, and with verify.no-base if the first from bytes
// are not a revision. It is safe for concurrent use.
func Since(ctx context.Context, r io.ReaderAt, size, from int64) (changes []Change, err error) {
	defer func() {
		if p := recover(); p != nil {
			changes, err = nil, damaged(fmt.Errorf("panic: %v", p))
		}
	}()
	if size > sohoa.MaxVerifyBytes {
		return nil, &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "verify.too-large", Args: []string{strconv.Itoa(sohoa.MaxVerifyBytes >> 20)}}
	}
	limited, cancel := context.WithTimeout(ctx, sohoa.MaxOpenTime)
	defer cancel()
	v := newValidator(Options{})
	changes, err = v.since(limited, r, size, from)
	if err = v.readFailure(err); err != nil {
		return nil, unreadable(ctx, err)
	}
	return changes, nil
}

// since compares the revisions after the first from bytes.
func (v *validator) since(ctx context.Context, r io.ReaderAt, size, from int64) ([]Change, error) {
	var err error
	if v.file, err = pdfrev.Open(ctx, r, size); err != nil {
		return nil, err
	}
	if v.file.Encrypted {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "pdf.encrypted"}
	}
	base := -1
	if from >= 0 && from <= v.file.Size() {
		base = v.revisionAt(from)
	}
	if base < 0 {
		return nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "verify.no-base"}
	}
	if err := v.collect(ctx); err != nil {
		return nil, err
	}
	var all []Change
	steps := 0
	for i := base + 1; i < len(v.file.Revisions); i++ {
		all = append(all, v.written(i)...)
		made, err := difference(ctx, v.forms[i-1], v.forms[i], i+1, &steps)
		if err != nil {
			return nil, err
		}
		all = append(all, made...)
		all = append(all, v.described(i)...)
	}
	return all, nil
}

// written reports how revision i is written, where readers may differ.
func (v *validator) written(i int) []Change {
	var out []Change
	for _, f := range []struct {
		is   bool
		code string
	}{{v.file.Ambiguous(i), "file.ambiguous"}, {v.file.Revisions[i].Hybrid, "file.hybrid"}, {v.file.Irregular, "file.irregular"}} {
		if f.is {
			out = append(out, Change{Revision: i + 1, Kind: ChangeOther, Code: f.code, class: never})
		}
	}
	return out
}

// described reports whether revision i changed the description of the
// document other than as every program that saves does.
func (v *validator) described(i int) []Change {
	old, now := v.forms[i-1].view, v.forms[i].view
	a, b := old.Dict(old.Trailer()["Info"]), now.Dict(now.Trailer()["Info"])
	for _, key := range keys(a, b) {
		if key == "ModDate" || key == "Producer" {
			continue
		}
		x, y := old.Resolve(a[key]), now.Resolve(b[key])
		if !scalarEqual(x, y) && (a[key] != nil || b[key] != nil) {
			return []Change{{Revision: i + 1, Kind: ChangeOther, Code: "change.description", class: never}}
		}
	}
	return nil
}
