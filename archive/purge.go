package archive

import (
	"context"
	"errors"
	"fmt"

	"sohoa"
)

// AllPurger is a Purger that reaches what lies under a prefix though no List
// shows it any more: versions of keys that were removed before.
type AllPurger interface {
	Purger
	// PurgeAll is Purge of every key that begins with prefix, which ends in
	// "/", removed ones included.
	PurgeAll(ctx context.Context, prefix string) error
}

// Purge removes a key, with all versions of it that the store has. b is an
// Eraser too. That there is none is no error.
func Purge(ctx context.Context, b Blobs, key string) error {
	if p, ok := b.(Purger); ok {
		return p.Purge(ctx, key)
	}
	e, err := eraser(b)
	if err != nil {
		return err
	}
	if err := e.Remove(ctx, key); !errors.Is(err, sohoa.ErrNotExist) {
		return err
	}
	return nil
}

// PurgeAll is Purge of every key that begins with prefix, which ends in "/".
func PurgeAll(ctx context.Context, b Blobs, prefix string) error {
	if p, ok := b.(AllPurger); ok {
		return p.PurgeAll(ctx, prefix)
	}
	p, ok := b.(Purger)
	if !ok {
		e, err := eraser(b)
		if err != nil {
			return err
		}
		return e.RemoveAll(ctx, prefix)
	}
	var keys []string
	for info, err := range b.List(ctx, prefix) {
		if err != nil {
			return err
		}
		keys = append(keys, info.Key)
	}
	for _, key := range keys {
		if err := p.Purge(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func eraser(b Blobs) (Eraser, error) {
	e, ok := b.(Eraser)
	if !ok {
		return nil, fmt.Errorf("the store cannot erase: %w", sohoa.ErrInvalid)
	}
	return e, nil
}
