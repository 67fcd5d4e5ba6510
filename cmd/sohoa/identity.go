package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"

	"sohoa"
	"sohoa/archive/durable"
	"sohoa/search"
)

// identityFile has, in the data folder, the key by which the search index
// hashes identity numbers, in hexadecimal. Without it one is made; with
// another one the index is made anew.
const identityFile = "identity.key"

// identitySetting is what back-ups call it.
const identitySetting = "identity_key"

// privacy is what keeps identity numbers out of the index.
func (a *app) privacy() (search.Privacy, error) {
	key, err := a.identityKey()
	if err != nil {
		return search.Privacy{}, err
	}
	return search.NewPrivacy(key), nil
}

// factorKey encrypts what is kept of people's second factors. It is derived
// from the key of identity numbers (HKDF-SHA-256, RFC 5869), so that a copy of
// the database alone opens nothing, and there is one key to look after.
func (a *app) factorKey() ([]byte, error) {
	key, err := a.identityKey()
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, key[:], nil, "sohoa second factors", sha256.Size)
}

// identityKey reads the key of identity numbers, or makes it. Processes that
// make it at the same time have the same one afterwards.
func (a *app) identityKey() (search.IdentityKey, error) {
	var key search.IdentityKey
	b, err := os.ReadFile(a.path(identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		b, err = a.makeIdentityKey()
	}
	if errors.Is(err, fs.ErrPermission) {
		err = notOurs(a.path(identityFile), err)
	}
	if err != nil {
		return key, err
	}
	if n, err := hex.Decode(key[:], trimmed(b, 2*len(key))); err != nil || n != len(key) {
		return key, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "search.key", Args: []string{a.path(identityFile)}}
	}
	return key, nil
}

// notOurs says that a part of the data folder is somebody else's.
func notOurs(path string, err error) error {
	return &sohoa.Problem{Kind: sohoa.ErrForbidden, Code: "data.owner", Args: []string{path}, Detail: err.Error()}
}

// trimmed is b without white space around it; nothing if it is not size long.
func trimmed(b []byte, size int) []byte {
	s := strings.TrimSpace(string(b))
	if len(s) != size {
		return nil
	}
	return []byte(s)
}

// makeIdentityKey makes a key where there is none yet, and returns what is
// there then.
func (a *app) makeIdentityKey() ([]byte, error) {
	var key search.IdentityKey
	if _, err := rand.Read(key[:]); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(a.set.Data)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := durable.Create(root, ".identity-"+rand.Text())
	if err != nil {
		return nil, err
	}
	defer f.Abort() // nothing to do once it is there
	if _, err := f.Write([]byte(hex.EncodeToString(key[:]) + "\n")); err != nil {
		return nil, err
	}
	if err := f.CommitNew(identityFile); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return root.ReadFile(identityFile)
}
