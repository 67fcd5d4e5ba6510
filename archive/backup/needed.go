package backup

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sohoa"
)

// needed is the set of files that snapshots need, in files by the first byte
// of the digest: one of these fits into memory, all of them need not.
type needed struct {
	dir     string
	buckets [256]*os.File
	writers [256]*bufio.Writer
	lists   map[sohoa.Digest]bool // that were read
}

const neededRecord = 32 + 8 // digest and size

func newNeeded(temp string) (n *needed, err error) {
	n = &needed{lists: map[sohoa.Digest]bool{}}
	if n.dir, err = os.MkdirTemp(temp, "backup-*"); err != nil {
		return nil, err
	}
	for i := range n.buckets {
		if n.buckets[i], err = os.Create(filepath.Join(n.dir, fmt.Sprintf("%02x", i))); err != nil {
			return nil, errors.Join(err, n.close())
		}
		n.writers[i] = bufio.NewWriter(n.buckets[i])
	}
	return n, nil
}

func (n *needed) close() error {
	for _, f := range n.buckets {
		if f != nil {
			f.Close() // it goes with its folder
		}
	}
	return os.RemoveAll(n.dir)
}

// unknownSize is that of a file whose size no entry says.
const unknownSize = -1

func (n *needed) add(d sohoa.Digest, size int64) error {
	w := n.writers[d[0]]
	if _, err := w.Write(d[:]); err != nil {
		return err
	}
	return binary.Write(w, binary.BigEndian, size)
}

// bucket reads what begins with a byte.
func (n *needed) bucket(i int) (map[sohoa.Digest]int64, error) {
	if err := n.writers[i].Flush(); err != nil {
		return nil, err
	}
	if _, err := n.buckets[i].Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	all := map[sohoa.Digest]int64{}
	r := bufio.NewReader(n.buckets[i])
	for {
		var record [neededRecord]byte
		_, err := io.ReadFull(r, record[:])
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		d, size := sohoa.Digest(record[:32]), int64(binary.BigEndian.Uint64(record[32:]))
		if have, ok := all[d]; !ok || have == unknownSize {
			all[d] = size
		}
	}
}

// need collects what a snapshot needs. damaged is called for a list that
// cannot be relied on; if it returns an error that ends it.
func (r *Repository) need(ctx context.Context, n *needed, s Snapshot, damaged func(List, error) error) error {
	if err := n.add(s.Catalogue.Digest, s.Catalogue.Size); err != nil {
		return err
	}
	for _, k := range s.Keys {
		if err := n.add(k.Digest, k.Size); err != nil {
			return err
		}
	}
	for _, l := range s.Lists {
		if n.lists[l.Digest] {
			continue
		}
		n.lists[l.Digest] = true
		if err := n.add(l.Digest, unknownSize); err != nil {
			return err
		}
		for e, err := range r.list(ctx, l) {
			if errors.Is(err, sohoa.ErrVerification) {
				err = damaged(l, err)
				if err == nil {
					break
				}
			}
			if err == nil {
				err = n.add(e.Digest, e.Size)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
