package journal

import (
	"golang.org/x/mod/sumdb/tlog"

	"sohoa"
)

// Leaf is the hash of the leaf that an entry with this hash is.
func Leaf(entry sohoa.Digest) tlog.Hash { return tlog.RecordHash(entry[:]) }

// Frontier is the right edge of a tree: enough to add leaves and to know its
// root. The zero value is the empty tree.
type Frontier struct {
	size  uint64
	parts []tlog.Hash // of whole subtrees, the largest first; one for each bit of size
}

// Size is the number of leaves.
func (f *Frontier) Size() uint64 { return f.size }

// Push adds a leaf. It calls whole, unless that is nil, with each subtree that
// becomes whole by it: that of number n of those with 2^level leaves.
func (f *Frontier) Push(leaf tlog.Hash, whole func(level int, n uint64, h tlog.Hash)) {
	h, n := leaf, f.size
	for level := 1; n&1 == 1; level++ {
		last := len(f.parts) - 1
		h, n = tlog.NodeHash(f.parts[last], h), n>>1
		f.parts = f.parts[:last]
		if whole != nil {
			whole(level, n, h)
		}
	}
	f.parts = append(f.parts, h)
	f.size++
}

// Root is the root of the tree; that of no leaves is the hash of nothing (RFC
// 9162, 2.1.1).
func (f *Frontier) Root() sohoa.Digest {
	if len(f.parts) == 0 {
		return sohoa.Sum(nil)
	}
	root := f.parts[len(f.parts)-1]
	for i := len(f.parts) - 2; i >= 0; i-- {
		root = tlog.NodeHash(f.parts[i], root)
	}
	return sohoa.Digest(root)
}
