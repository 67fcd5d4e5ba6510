package s3

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc64"
	"strconv"
	"strings"
)

// Every blob carries checksums of its blocks in its metadata, so that a part
// of it can be verified without reading the rest. They are CRC-64 (ECMA),
// against accidents: what somebody altered on purpose the digest shows. The
// sum of a block is that of the sums of its pieces, 8 bytes each, big-endian.
const (
	pieceBytes = 1 << 20
	maxSums    = 128     // 1.4 KB of the 2 KB that S3 allows
	maxBlock   = 8 << 20 // blobs of which blocks would be larger have no sums
)

var crcTable = crc64.MakeTable(crc64.ECMA)

// blockBytes is the size of the blocks of a blob.
func blockBytes(size int64) int64 {
	b := int64(pieceBytes)
	for b < maxBlock && size > b*maxSums {
		b *= 2
	}
	return b
}

// summer takes the sums of pieces of what is written to it.
type summer struct {
	crc    uint64 // of the piece that is not full yet
	n      int
	pieces []byte // of the full ones, big-endian
}

// Write implements io.Writer.
func (s *summer) Write(p []byte) (int, error) {
	all := len(p)
	for len(p) > 0 {
		m := min(len(p), pieceBytes-s.n)
		s.crc = crc64.Update(s.crc, crcTable, p[:m])
		if s.n += m; s.n == pieceBytes {
			s.cut()
		}
		p = p[m:]
	}
	return all, nil
}

func (s *summer) cut() {
	s.pieces = binary.BigEndian.AppendUint64(s.pieces, s.crc)
	s.crc, s.n = 0, 0
}

// sums are those of the blocks of all that was written, size bytes.
func (s *summer) sums(size int64) sums {
	if s.n > 0 {
		s.cut()
	}
	if size > maxBlock*maxSums {
		return nil
	}
	var all sums
	per := int(blockBytes(size)/pieceBytes) * 8
	for p := s.pieces; len(p) > 0; p = p[min(per, len(p)):] {
		all = binary.BigEndian.AppendUint64(all, crc64.Checksum(p[:min(per, len(p))], crcTable))
	}
	return all
}

// sums are the sums of a blob's blocks, 8 bytes each; none where they are not
// known.
type sums []byte

// header is the metadata that says so.
func (s sums) header(size int64) string {
	return strconv.FormatInt(size, 10) + ":" + base64.RawStdEncoding.EncodeToString(s)
}

// parseSums reads metadata. ok is false if it is not of a blob of size bytes.
func parseSums(header string, size int64) (s sums, ok bool) {
	if header == "" {
		return nil, true
	}
	n, code, _ := strings.Cut(header, ":")
	said, err := strconv.ParseInt(n, 10, 64)
	if err != nil || said != size {
		return nil, false
	}
	s, err = base64.RawStdEncoding.DecodeString(code)
	block := blockBytes(size)
	blocks := (size + block - 1) / block
	return s, err == nil && (len(s) == 0 || int64(len(s)) == 8*blocks)
}

// right reports whether data is the block.
func (s sums) right(index int64, data []byte) bool {
	if len(s) == 0 {
		return true
	}
	var got summer
	got.Write(data)
	if got.n > 0 {
		got.cut()
	}
	return binary.BigEndian.Uint64(s[8*index:]) == crc64.Checksum(got.pieces, crcTable)
}
