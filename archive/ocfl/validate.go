package ocfl

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	ocflgo "github.com/srerickson/ocfl-go"
	"github.com/srerickson/ocfl-go/digest"

	"sohoa"
)

// acceptedWarning is OCFL's W004, "digestAlgorithm should be sha512": sha256
// is our decision (docs/decisions/ocfl.md).
const acceptedWarning = "W004"

// ValidateObject checks an object by ocfl-go's validator of OCFL 1.1, all
// digests included, and calls each for every error and warning. What is wrong
// with the object is a finding; an error is about the store, or
// sohoa.ErrNotExist.
func (s *Store) ValidateObject(ctx context.Context, id ID, each func(Finding)) error {
	dir, err := s.path(id)
	if err != nil {
		return err
	}
	if err := s.validate(ctx, id, dir, each); err != nil {
		return fmt.Errorf("validate %s: %w", id, err)
	}
	return nil
}

func (s *Store) validate(ctx context.Context, id ID, dir string, each func(Finding)) error {
	sizes, err := s.sizes(ctx, dir)
	if err != nil {
		return err
	}
	if len(sizes) == 0 {
		return sohoa.ErrNotExist
	}
	v := ocflgo.ValidateObject(ctx, s.fs, dir, ocflgo.ValidationDigestConcurrency(2))
	for _, err := range v.Errors() {
		if isOutage(err) {
			return err
		}
		each(finding(id, dir, Invalid, err))
	}
	for _, err := range v.WarnErrors() {
		if f := finding(id, dir, Warning, err); f.Code != acceptedWarning {
			each(f)
		}
	}
	return ctx.Err()
}

func finding(id ID, dir string, kind Kind, err error) Finding {
	f := Finding{ID: id, Kind: kind, Detail: oneLine(err)}
	var coded *ocflgo.ValidationError
	if errors.As(err, &coded) {
		f.Code = coded.Code
	}
	var differs *digest.DigestError
	if errors.As(err, &differs) {
		f.Kind, f.Key = Changed, path.Join(dir, differs.Path)
	}
	return f
}

// Validate checks the whole root: its declarations, that every file belongs
// to it or to an object, that every object is where its ID says, and each
// object as ValidateObject does. It reads everything.
func (s *Store) Validate(ctx context.Context, each func(Finding)) error {
	if err := s.validateDeclarations(ctx, each); err != nil {
		return fmt.Errorf("validate root %s: %w", s.dir, err)
	}
	object := "" // folder of the object that the listing is in, with a slash
	for info, err := range s.fs.blobs.List(ctx, s.dir+"/") {
		if err != nil {
			return fmt.Errorf("validate root %s: %w", s.dir, err)
		}
		switch dir, isDeclaration := strings.CutSuffix(info.Key, objectDeclaration); {
		case object != "" && strings.HasPrefix(info.Key, object):
		case isDeclaration && strings.HasSuffix(dir, "/"):
			// It sorts before all else in the object's folder.
			object = dir
			if err := s.validateAt(ctx, strings.TrimSuffix(dir, "/"), each); err != nil {
				return err
			}
		case !s.isRootFile(info.Key):
			each(Finding{Key: info.Key, Kind: Extra, Detail: "it belongs to no object"})
		}
	}
	return nil
}

// validateDeclarations reads what stands at the top of the root again.
func (s *Store) validateDeclarations(ctx context.Context, each func(Finding)) error {
	err := (&Store{fs: s.fs, dir: s.dir}).checkDeclarations(ctx)
	if errors.Is(err, sohoa.ErrVerification) || errors.Is(err, sohoa.ErrNotExist) {
		each(Finding{Key: path.Join(s.dir, rootDeclaration), Kind: Malformed, Detail: oneLine(err)})
		return nil
	}
	return err
}

func (s *Store) isRootFile(key string) bool {
	name := strings.TrimPrefix(key, s.dir+"/")
	switch name {
	case rootDeclaration, layoutFile, specFile, "ocfl_1.1.txt":
		return true
	}
	return strings.HasPrefix(name, extensionsFolder)
}

// validateAt validates the object in a folder.
func (s *Store) validateAt(ctx context.Context, dir string, each func(Finding)) error {
	id, err := s.idAt(ctx, dir)
	if isOutage(err) {
		return err
	}
	if err != nil {
		each(Finding{Key: dir, Kind: Malformed, Detail: oneLine(err)})
	}
	if err := s.validate(ctx, id, dir, each); err != nil {
		return fmt.Errorf("validate %s: %w", dir, err)
	}
	return nil
}
