package bleve

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2/index/scorch"

	"sohoa"
)

// Check reads the segments of the index as they are on disk and returns the
// names of those that are not what was written: flipped, cut short or gone.
// bleve itself notices none of that in an open index, and flips never.
//
// A segment ends with the CRC-32 of all before it (zap format, footer), which
// bleve writes with it and never looks at.
func (x *Index) Check(ctx context.Context) (damaged []string, err error) {
	var paths []string
	if err := x.use(func(g *generation) error { paths, err = g.segments(); return err }); err != nil {
		return nil, err
	}
	for _, path := range paths {
		err := checkSegment(ctx, path)
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, fs.ErrNotExist) && !x.has(path): // merged with others meanwhile
		default:
			slog.WarnContext(ctx, "index segment is damaged", "path", path, "err", err)
			damaged = append(damaged, filepath.Base(path))
		}
	}
	return damaged, nil
}

// has reports whether a segment is still in use.
func (x *Index) has(path string) (found bool) {
	err := x.use(func(g *generation) error {
		paths, err := g.segments()
		for _, p := range paths {
			found = found || p == path
		}
		return err
	})
	return err != nil || found
}

// segments are the files of the segments in use. Those not on disk yet are
// left out.
func (g *generation) segments() (paths []string, err error) {
	r, done, err := g.reader()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return nil, fmt.Errorf("index %s is no scorch index: %w", g.path, sohoa.ErrInvalid)
	}
	for _, s := range snapshot.Segments() {
		if f, ok := s.Segment().(interface{ Path() string }); ok {
			paths = append(paths, f.Path())
		}
	}
	return paths, nil
}

// sumBytes is the length of the checksum at the end of a segment.
const sumBytes = 4

// checkSegment compares a segment with its checksum.
func checkSegment(ctx context.Context, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() <= sumBytes {
		return fmt.Errorf("%d bytes: %w", info.Size(), sohoa.ErrVerification)
	}
	sum := crc32.NewIEEE()
	r := bufio.NewReaderSize(reader{ctx, f}, 1<<20)
	if _, err := io.CopyN(sum, r, info.Size()-sumBytes); err != nil {
		return err
	}
	var want [sumBytes]byte
	if _, err := io.ReadFull(r, want[:]); err != nil {
		return err
	}
	if got := sum.Sum32(); got != binary.BigEndian.Uint32(want[:]) {
		return fmt.Errorf("checksum %08x, want %x: %w", got, want, sohoa.ErrVerification)
	}
	return nil
}

// reader reads until ctx ends.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
