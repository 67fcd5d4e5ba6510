package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sohoa"
	"sohoa/archive/ocfl"
	"sohoa/archive/vault"
)

// What is kept may be encrypted. The catalogue and the record have the digests
// of the plaintext and the keys of the vault; the storage root has files whose
// names end in vault.Suffix, and the digests of these.

// contents is where a version takes the files of a record from. In the record
// they get the paths that they have in the object, and lose their keys: they
// are where the object is.
func (s *Service) contents(ctx context.Context, head ocfl.Object, r *Record) (map[string]ocfl.Content, error) {
	files, paths := map[string]ocfl.Content{}, map[string]string{}
	for i, f := range r.Files {
		if f.Path == "" {
			continue
		}
		if _, ok := paths[f.Path]; !ok {
			path, c, err := s.content(ctx, head, f)
			if err != nil {
				return nil, err
			}
			paths[f.Path], files[path] = path, c
		}
		r.Files[i].Path, r.Files[i].Key = paths[f.Path], ""
	}
	return files, nil
}

// content is where a version takes a file from, and its path: what the object
// has stays in the form that it has there.
func (s *Service) content(ctx context.Context, head ocfl.Object, f RecordFile) (string, ocfl.Content, error) {
	encrypted := f.Path + vault.Suffix
	switch {
	case head.Files[f.Path].Digest == f.Digest:
		return f.Path, ocfl.Kept(), nil
	case head.Files[encrypted].Key == f.Key+vault.Suffix:
		return encrypted, ocfl.Kept(), nil
	case s.Vault == nil:
		return f.Path, ocfl.Blob(f.Key, f.Digest), nil
	}
	at, err := s.Vault.Stored(ctx, f.Key, f.Digest)
	if errors.Is(err, sohoa.ErrNotExist) {
		err = &sohoa.Problem{Kind: sohoa.ErrNotExist, Code: "store.missing", Args: []string{f.Key}}
	}
	if at.Key == f.Key {
		return f.Path, ocfl.Blob(at.Key, at.Digest), err
	}
	return encrypted, ocfl.Blob(at.Key, at.Digest), err
}

// Encrypted returns a small file as a version of an object has it, and its
// path there: encrypted, if what is kept is.
func (s *Service) Encrypted(path string, b []byte) (string, ocfl.Content, error) {
	if s.Vault == nil {
		return path, ocfl.Bytes(b), nil
	}
	stored, suffix, err := s.Vault.Encrypt(b)
	return path + suffix, ocfl.Bytes(stored), err
}

// ReadFile returns a small file of an object, decrypted if it is encrypted
// there. Errors: sohoa.ErrVerification if the object has no such file, the
// Problem "store.changed" if its bytes are not those of the inventory, those
// of the vault.
func (s *Service) ReadFile(ctx context.Context, o ocfl.Object, path string) ([]byte, error) {
	f := fileOf(o, path)
	if f.Key == "" {
		return nil, fmt.Errorf("%s has no %s: %w", o.ID, path, sohoa.ErrVerification)
	}
	if s.Vault != nil {
		return s.Vault.Read(ctx, vault.Stored{Key: f.Key, Digest: f.Digest}, maxRecordBytes)
	}
	b, err := s.Blobs.Open(ctx, f.Key)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	data, err := io.ReadAll(io.LimitReader(b, maxRecordBytes))
	if err != nil {
		return nil, err
	}
	if sohoa.Sum(data) != f.Digest {
		return nil, &sohoa.Problem{Kind: sohoa.ErrVerification, Code: "store.changed", Args: []string{f.Key}}
	}
	return data, nil
}

// fileOf finds a file of an object in either form.
func fileOf(o ocfl.Object, path string) ocfl.File {
	if f, ok := o.Files[path+vault.Suffix]; ok {
		return f
	}
	return o.Files[path]
}

// selfOf describes a record as a file.
func selfOf(b []byte) sohoa.File {
	return sohoa.File{Role: sohoa.RoleMetadata, Size: int64(len(b)), Digest: sohoa.Sum(b), MediaType: "application/json"}
}
