package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"sohoa"
	"sohoa/archive"
)

// digests hashes every file of the storage root in a store.
func digests(ctx context.Context, store archive.Blobs) (map[string]sohoa.Digest, error) {
	found := map[string]sohoa.Digest{}
	for info, err := range store.List(ctx, "ocfl/") {
		if err != nil {
			return nil, err
		}
		b, err := store.Open(ctx, info.Key)
		if err != nil {
			return nil, err
		}
		h := sha256.New()
		_, err = io.Copy(h, b)
		if err := errors.Join(err, b.Close()); err != nil {
			return nil, err
		}
		found[info.Key] = sohoa.Digest(h.Sum(nil))
	}
	return found, nil
}
