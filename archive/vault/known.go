package vault

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"sohoa"
)

// knownPrefix is where it is noted what blobs were encrypted to.
const knownPrefix = "vault/"

// knownFormat names the form of these notes.
const knownFormat = "sohoa vault 1"

// maxKnownBytes bounds one note.
const maxKnownBytes = 1 << 20

// known is a set of recipients that blobs were encrypted to, so that a key
// which is missing is found when the archive is opened, and named.
type known struct {
	Format     string    `json:"format"`
	Recipients []string  `json:"recipients"`
	Since      time.Time `json:"since"`
	Test       []byte    `json:"test"` // knownFormat, encrypted to them
}

// begin finds out what keys the blobs need, and notes those that are new.
func (s *Store) begin(ctx context.Context) error {
	lacking, noted, err := s.survey(ctx)
	if err != nil {
		return err
	}
	own := nameOf(s.keys.Names)
	if len(lacking) > 0 {
		s.missing = lacks(s.keys, lacking)
		return nil
	}
	if !s.Encrypts() || slices.Contains(noted, own) {
		return nil
	}
	return s.note(ctx, own)
}

// survey reads all notes. lacking are the recipients of those that no key
// opens, noted the names of those that one does.
func (s *Store) survey(ctx context.Context) (lacking, noted []string, err error) {
	for info, err := range s.inner.List(ctx, knownPrefix) {
		if err != nil {
			return nil, nil, err
		}
		s.mixed = true
		k, err := s.readNote(ctx, info.Key)
		if err != nil {
			return nil, nil, err
		}
		switch opened, err := s.opens(k); {
		case err != nil:
			return nil, nil, err
		case opened:
			noted = append(noted, info.Key)
		case k.Format == knownFormat || len(s.keys.From) == 0:
			lacking = append(lacking, k.Recipients...)
			if k.Format != knownFormat {
				lacking = append(lacking, "?")
			}
		}
	}
	return lacking, noted, nil
}

// readNote reads a note; one that is damaged is empty. It is written again
// when the key to it is there.
func (s *Store) readNote(ctx context.Context, key string) (known, error) {
	in, err := s.inner.Open(ctx, key)
	if err != nil {
		return known{}, err
	}
	data, err := io.ReadAll(io.LimitReader(in, maxKnownBytes))
	if err := errors.Join(err, in.Close()); err != nil {
		return known{}, err
	}
	var k known
	if json.Unmarshal(data, &k) != nil || k.Format != knownFormat {
		return known{}, nil
	}
	return k, nil
}

// opens reports whether one of the keys is for these recipients.
func (s *Store) opens(k known) (bool, error) {
	r, err := s.keys.decrypt(bytes.NewReader(k.Test))
	if err != nil {
		var keeper *sohoa.Problem
		if errors.As(err, &keeper) {
			return false, keeper // it does not answer
		}
		return false, nil
	}
	got, err := io.ReadAll(r)
	return err == nil && string(got) == knownFormat, nil
}

// note writes down what is encrypted to from now on.
func (s *Store) note(ctx context.Context, key string) error {
	test, err := encrypted([]byte(knownFormat), s.keys)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(known{knownFormat, s.keys.Names, time.Now().UTC().Truncate(time.Second), test}, "", " ")
	if err != nil {
		return err
	}
	_, err = s.inner.Put(ctx, key, bytes.NewReader(b))
	return err
}

// nameOf is the key of the note of a set of recipients.
func nameOf(recipients []string) string {
	sum := sohoa.Sum([]byte(strings.Join(slices.Sorted(slices.Values(recipients)), "\n")))
	return knownPrefix + hex.EncodeToString(sum[:8]) + ".json"
}

// lacks words that blobs cannot be read.
func lacks(k Keys, recipients []string) error {
	slices.Sort(recipients)
	names := strings.Join(slices.Compact(recipients), ", ")
	if len(k.From) == 0 {
		return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "vault.no-key", Args: []string{names}}
	}
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "vault.wrong-key", Args: []string{strings.Join(k.Own, ", "), names}}
}
