package s3

import (
	"bytes"
	"testing"
)

// TestSums takes sums of blobs around the sizes where they change form, and
// finds a flipped bit in each of their blocks.
func TestSums(t *testing.T) {
	for _, row := range []struct{ size, block, sums int }{
		{0, pieceBytes, 0}, {1, pieceBytes, 1}, {pieceBytes, pieceBytes, 1}, {pieceBytes + 1, pieceBytes, 2},
		{128 * pieceBytes, pieceBytes, 128}, {128*pieceBytes + 1, 2 * pieceBytes, 65}, {200*pieceBytes + 7, 2 * pieceBytes, 101},
	} {
		data := bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, row.size/7+1)[:row.size]
		var s summer
		for rest := data; len(rest) > 0; rest = rest[min(len(rest), 1<<20+13):] {
			s.Write(rest[:min(len(rest), 1<<20+13)])
		}
		made := s.sums(int64(row.size))
		header := made.header(int64(row.size))
		got, ok := parseSums(header, int64(row.size))
		if !ok || len(got) != 8*row.sums || blockBytes(int64(row.size)) != int64(row.block) || len(header) > 1400 {
			t.Fatalf("%d bytes: %d sums of blocks of %d, header of %d bytes, %v; want %d of %d",
				row.size, len(got)/8, blockBytes(int64(row.size)), len(header), ok, row.sums, row.block)
		}
		for i := range row.sums {
			b := bytes.Clone(data[i*row.block : min(row.size, (i+1)*row.block)])
			if !got.right(int64(i), b) {
				t.Fatalf("%d bytes: block %d is not right as it is", row.size, i)
			}
			if b[len(b)/2] ^= 4; got.right(int64(i), b) {
				t.Fatalf("%d bytes: block %d is right with a flipped bit", row.size, i)
			}
		}
		if _, ok := parseSums(header, int64(row.size)+1); ok {
			t.Errorf("the sums of %d bytes are taken for those of %d", row.size, row.size+1)
		}
	}
}

func FuzzParseSums(f *testing.F) {
	f.Add("12:AAAAAAAAAAA", int64(12))
	f.Add("0:", int64(0))
	f.Add("x", int64(-1))
	f.Fuzz(func(t *testing.T, header string, size int64) {
		if size < 0 || size > 1<<50 {
			return
		}
		s, ok := parseSums(header, size)
		if ok && len(s) > 0 {
			s.right((size-1)/blockBytes(size), nil) // no index is out of range
		}
	})
}
