package vault

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"filippo.io/age"

	"sohoa"
	"sohoa/archive"
)

// Stat implements archive.Blobs. It reads the header of an encrypted blob for
// its size, and does not know its digest.
func (s *Store) Stat(ctx context.Context, key string) (archive.BlobInfo, error) {
	if err := checkKey(key); err != nil {
		return archive.BlobInfo{}, err
	}
	if !s.mixed {
		info, err := s.inner.Stat(ctx, key)
		return info, s.absent(ctx, key, err)
	}
	info, err := s.inner.Stat(ctx, key+Suffix)
	if errors.Is(err, sohoa.ErrNotExist) {
		return s.inner.Stat(ctx, key)
	}
	if err != nil {
		return info, err
	}
	return s.describe(ctx, info)
}

// describe turns what the inner store says of an encrypted blob into what is
// true of its plaintext.
func (s *Store) describe(ctx context.Context, info archive.BlobInfo) (archive.BlobInfo, error) {
	in, err := s.inner.Open(ctx, info.Key)
	if err != nil {
		return info, err
	}
	header, err := age.ExtractHeader(source{in})
	size := int64(-1)
	if err == nil {
		size, err = plainSize(in.Size() - int64(len(header)))
	}
	err = errors.Join(explain(info.Key, err), in.Close())
	info.Key, info.Size, info.Digest = strings.TrimSuffix(info.Key, Suffix), size, sohoa.Digest{}
	if err != nil {
		err = fmt.Errorf("stat %s: %w", info.Key, err)
	}
	return info, err
}

// List implements archive.Blobs. It opens each encrypted blob for its size;
// that of a damaged one is -1, and no error.
func (s *Store) List(ctx context.Context, prefix string) iter.Seq2[archive.BlobInfo, error] {
	if !s.mixed {
		return s.inner.List(ctx, prefix)
	}
	return func(yield func(archive.BlobInfo, error) bool) {
		if err := archive.CheckPrefix(prefix); err != nil {
			yield(archive.BlobInfo{}, err)
			return
		}
		for info, err := range s.ordered(ctx, prefix) {
			if err != nil {
				yield(info, err)
				return
			}
			info, err = s.listed(ctx, info)
			if errors.Is(err, sohoa.ErrNotExist) {
				continue // removed meanwhile
			}
			if !yield(info, err) || err != nil {
				return
			}
		}
	}
}

// listed describes a stored blob for a listing.
func (s *Store) listed(ctx context.Context, info archive.BlobInfo) (archive.BlobInfo, error) {
	if !strings.HasSuffix(info.Key, Suffix) {
		return info, nil
	}
	info, err := s.describe(ctx, info)
	if errors.Is(err, sohoa.ErrVerification) {
		return info, nil
	}
	return info, err
}

// ordered yields the stored blobs in the order of the vault's keys, one for
// each. "a-b.age" comes before "a.age", but "a-b" after "a": what may have to
// be overtaken is held back.
func (s *Store) ordered(ctx context.Context, prefix string) iter.Seq2[archive.BlobInfo, error] {
	return func(yield func(archive.BlobInfo, error) bool) {
		q := queue{prefix: prefix}
		for info, err := range s.inner.List(ctx, prefix) {
			if err != nil {
				yield(info, err)
				return
			}
			if !q.release(info.Key, yield) {
				return
			}
			q.add(info)
		}
		q.release("\xff", yield) // behind every key
	}
}

// queue holds blobs back, in the order of their keys.
type queue struct {
	prefix string
	held   []held
}

// held is a blob that waits.
type held struct {
	archive.BlobInfo
	key   string // in the vault
	until string // nothing that comes behind this in the inner store goes before the blob
}

// add takes in a blob; of two forms of one the encrypted one.
func (q *queue) add(info archive.BlobInfo) {
	h := held{BlobInfo: info, key: strings.TrimSuffix(info.Key, Suffix)}
	if !strings.HasPrefix(h.key, q.prefix) || strings.HasPrefix(h.key, knownPrefix) {
		return // the prefix reaches into the suffix, or it is a note
	}
	h.until = last(h.key, q.prefix)
	i, both := slices.BinarySearchFunc(q.held, h.key, func(h held, key string) int { return strings.Compare(h.key, key) })
	if both {
		q.held[i] = h // the encrypted one is listed later
		return
	}
	q.held = slices.Insert(q.held, i, h)
}

// last is the last stored key below prefix that may belong to a blob whose key
// is not behind this one: the blob's own encrypted form, or that of one whose
// key is the beginning of this one.
func last(key, prefix string) string {
	until := key + Suffix
	for i, c := range []byte(key) {
		if c != '-' && c != '.' {
			continue // all others are behind the suffix's dot in the order of keys
		}
		if before := key[:i] + Suffix; strings.HasPrefix(before, prefix) {
			until = max(until, before)
		}
	}
	return until
}

// release yields what nothing from key on can overtake, and reports whether
// to go on.
func (q *queue) release(key string, yield func(archive.BlobInfo, error) bool) bool {
	n := 0
	for ; n < len(q.held) && q.held[n].until < key; n++ {
		if !yield(q.held[n].BlobInfo, nil) {
			return false
		}
	}
	q.held = slices.Delete(q.held, 0, n)
	return true
}
