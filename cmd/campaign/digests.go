package main

import (
	"context"

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
		if found[info.Key], _, err = archive.DigestOf(ctx, store, info.Key); err != nil {
			return nil, err
		}
	}
	return found, nil
}
