package archive

import (
	"context"
	"errors"
	"io"
	"time"

	"sohoa"
)

// Creator is a store that refuses late writers: who changes a blob says what
// it takes to be there. It keeps two processes from overwriting each other's
// versions of an object, also when one of them stood still in between.
type Creator interface {
	// Conditional reports whether the conditions are honoured. Where they are
	// not, PutNew and PutOver are as Put.
	Conditional() bool
	// PutNew is as Put where there is nothing under key. It is
	// sohoa.ErrConflict if something else is there; if the same bytes are, it
	// succeeds. Of several at once one succeeds.
	PutNew(ctx context.Context, key string, r io.Reader) (BlobInfo, error)
	// PutOver is as Put where what is under key still has the tag
	// (BlobInfo.Tag of Stat). It is sohoa.ErrConflict if not, unless what is
	// there has the same bytes by now.
	PutOver(ctx context.Context, key, tag string, r io.Reader) (BlobInfo, error)
}

// Overtaken is the error of PutNew and PutOver: sohoa.ErrConflict.
func Overtaken(key string, err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrConflict, Code: "store.overtaken", Args: []string{key}, Detail: err.Error()}
}

// Retainer is a store that can refuse to remove or change a blob, whoever
// asks for it: S3 Object Lock.
type Retainer interface {
	// Retains reports whether blobs are to be locked. Where they are not,
	// Retain and Hold do nothing.
	Retains() bool
	// Retain locks the bytes under key until then, or for longer if they are
	// already. A lock is never shortened. A moment that has passed does
	// nothing.
	Retain(ctx context.Context, key string, until time.Time) error
	// Retained is until when the bytes under key are locked; zero is not.
	Retained(ctx context.Context, key string) (time.Time, error)
	// Hold locks the bytes under key until it is taken back: a legal hold. It
	// goes beside Retain.
	Hold(ctx context.Context, key string, on bool) error
}

// Purger is a store in which what Eraser removes may remain as an earlier
// version. Its methods remove all versions: afterwards the bytes are gone.
// What is locked stays, and is the Problem "store.locked"
// (sohoa.ErrForbidden); the rest is removed all the same.
type Purger interface {
	// Purge removes all versions of one blob. That there is none is no error.
	Purge(ctx context.Context, key string) error
	// PurgeAll removes all versions of the blobs whose key begins with
	// prefix, which is as for Eraser.RemoveAll.
	PurgeAll(ctx context.Context, prefix string) error
}

// Purge removes what is under key, and its earlier versions where the store
// keeps them. That there is nothing is no error.
func Purge(ctx context.Context, e Eraser, key string) error {
	if p, ok := e.(Purger); ok {
		return p.Purge(ctx, key)
	}
	if err := e.Remove(ctx, key); !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	return nil
}

// PurgeAll is Purge for a folder.
func PurgeAll(ctx context.Context, e Eraser, prefix string) error {
	if p, ok := e.(Purger); ok {
		return p.PurgeAll(ctx, prefix)
	}
	return e.RemoveAll(ctx, prefix)
}
