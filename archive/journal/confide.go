package journal

import (
	"context"

	"sohoa"
	"sohoa/archive/ocfl"
	"sohoa/archive/vault"
)

// Entries tell who looked at whose papers: where what is stored is encrypted,
// so are they. Heads and timestamps are digests, and stay plain.

// confided is what the storage root takes from a blob with entries, and the
// name that it has there.
func (k *Keeper) confided(ctx context.Context, key string, plain sohoa.Digest) (string, ocfl.Content, error) {
	if k.Vault == nil {
		return entriesFile, ocfl.Blob(key, plain), nil
	}
	at, err := k.Vault.Stored(ctx, key, plain)
	name := entriesFile
	if at.Key != key {
		name += vault.Suffix
	}
	return name, ocfl.Blob(at.Key, at.Digest), err
}

// entriesName is the path of the entries in the object of a day.
func entriesName(o ocfl.Object) string {
	if _, ok := o.Files[entriesFile+vault.Suffix]; ok {
		return entriesFile + vault.Suffix
	}
	return entriesFile
}

// entriesKey is where Blobs has them.
func entriesKey(o ocfl.Object) string { return vault.Key(o.Files[entriesName(o)].Key) }
