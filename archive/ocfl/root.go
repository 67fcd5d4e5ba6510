package ocfl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	ocflgo "github.com/srerickson/ocfl-go"
	ocflfs "github.com/srerickson/ocfl-go/fs"

	"sohoa"
)

// rootFiles are the files of a root that create makes, by name. They are the
// same each time.
func rootFiles(ctx context.Context) (map[string]string, error) {
	l := newLayout()
	config, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	layout, err := json.Marshal(map[string]string{
		"extension": l.Name(), "description": "ID without its prefix, under two folders of two characters from its end",
	})
	if err != nil {
		return nil, err
	}
	var spec captured
	if _, err := ocflgo.WriteSpecFile(ctx, &spec, "", ocflgo.Spec1_1); err != nil {
		return nil, err
	}
	return map[string]string{
		specFile: spec.String(),
		extensionsFolder + l.Name() + "/config.json": string(config),
		layoutFile:      string(layout),
		rootDeclaration: declaration(rootDeclaration),
	}, nil
}

// captured is a file system that keeps the one file written to it.
type captured struct {
	ocflfs.WriteFS
	bytes.Buffer
}

func (c *captured) OpenFile(context.Context, string) (fs.File, error) { return nil, fs.ErrNotExist }

func (c *captured) Write(_ context.Context, _ string, r io.Reader) (int64, error) {
	return c.Buffer.ReadFrom(r)
}

// CheckRoot looks at the files of the root itself: those that create made are
// there and say the same. A root with another layout, made by others, is held
// to OCFL only. other may be nil.
func (s *Store) CheckRoot(ctx context.Context, other *Store, each func(Finding)) error {
	want, err := s.rootWanted(ctx, other)
	if err != nil {
		return err
	}
	if want == nil {
		return s.validateDeclarations(ctx, each)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		kind, err := s.compareRoot(ctx, name, want[name])
		if err != nil {
			return err
		}
		if kind != "" {
			each(Finding{Key: path.Join(s.dir, name), Kind: kind, Detail: "a file of the storage root itself"})
		}
	}
	return nil
}

// rootWanted is what the files of the root should say, nil where the root was
// made by others. Where another program version had other words, both roots
// have them.
func (s *Store) rootWanted(ctx context.Context, other *Store) (map[string]string, error) {
	layout, err := s.opened()
	if err != nil {
		return nil, err
	}
	if layout.Name() != newLayout().Name() {
		return nil, nil
	}
	want, err := rootFiles(ctx)
	if err != nil || other == nil {
		return want, err
	}
	for name, text := range want {
		ours, err := s.rootFile(ctx, name)
		if err != nil {
			return nil, err
		}
		theirs, err := other.rootFile(ctx, name)
		if err != nil {
			return nil, err
		}
		if ours == theirs && ours != "" && ours != text && name != rootDeclaration {
			want[name] = ours
		}
	}
	return want, nil
}

// rootFile is the text of a file of the root; empty if it is not there or
// cannot be read.
func (s *Store) rootFile(ctx context.Context, name string) (string, error) {
	b, err := s.read(ctx, path.Join(s.dir, name))
	if isOutage(err) {
		return "", err
	}
	if err != nil {
		return "", nil
	}
	return string(b), nil
}

func (s *Store) compareRoot(ctx context.Context, name, want string) (Kind, error) {
	b, err := s.read(ctx, path.Join(s.dir, name))
	switch {
	case isOutage(err):
		return "", err
	case errors.Is(err, sohoa.ErrNotExist):
		return Missing, nil
	case err != nil || string(b) != want:
		return Changed, nil
	}
	return "", nil
}

// MendRoot repairs what CheckRoot finds, and moves files that belong to no
// object, as Walk comes by them, into the quarantine.
func (s *Store) MendRoot(ctx context.Context, other *Store, strays []string, now time.Time) (m Mended, err error) {
	var found []Finding
	if err := s.CheckRoot(ctx, other, func(f Finding) { found = append(found, f) }); err != nil {
		return m, err
	}
	want, err := s.rootWanted(ctx, other)
	if err != nil {
		return m, err
	}
	aside := s.aside(s.dir+"/root", now)
	w := &writer{filesystem: s.fs}
	for _, f := range found {
		text, known := want[strings.TrimPrefix(f.Key, s.dir+"/")]
		if !known {
			m.Left = append(m.Left, f)
			continue
		}
		if err := s.setAside(ctx, f.Key, aside+strings.TrimPrefix(f.Key, s.dir+"/")); isOutage(err) {
			return m, err
		}
		if _, err := w.Write(ctx, f.Key, strings.NewReader(text)); err != nil {
			return m, err
		}
		m.Repaired = append(m.Repaired, Repaired{f, FromItself})
	}
	for _, key := range strays {
		f := Finding{Key: key, Kind: Extra, Detail: "it belongs to no object"}
		err := s.setAside(ctx, key, aside+strings.TrimPrefix(key, s.dir+"/"))
		if err == nil {
			err = s.fs.eraser.Remove(ctx, key)
		}
		switch {
		case isOutage(err):
			return m, err
		case errors.Is(err, sohoa.ErrNotExist): // it is gone
		case err != nil:
			f.Detail = oneLine(err)
			m.Left = append(m.Left, f)
		default:
			m.Repaired = append(m.Repaired, Repaired{f, FromQuarantine})
		}
	}
	return m, nil
}
