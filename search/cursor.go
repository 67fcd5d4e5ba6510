package search

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"sohoa"
)

// A cursor is where a page of results ended. It holds the numbers by which
// the query was planned and weighed, so that the next page goes by the same:
// papers that come in meanwhile take their places without moving others.
//
// In text it is base64 of a version, the fields below, and a checksum over
// them and the query, by which damage, and use with another query, is seen.
// Nobody is trusted with it: it holds nothing but counts within the reader's
// scope, and the scope is not part of it.
type cursor struct {
	wide   bool     // the wider plan was taken
	inHead bool     // last is in the head, which was aligned with the query
	counts []uint64 // as Selection.Count gave them
	best   float64  // the engine's best score
	fit    float64  // the best fit of the head
	least  float64  // the lowest score of the head
	edge   Place    // the last of the head, as the engine ordered it
	last   Place    // the last shown
}

const (
	cursorVersion = 1
	cursorSum     = 8 // bytes of the checksum
	idLength      = 26
	maxCounts     = 8 * sohoa.MaxQueryRunes // a query's terms are fewer
)

// encode is c in text, for q.
func (c cursor) encode(q Query) string {
	b := []byte{cursorVersion, flag(c.wide) | flag(c.inHead)<<1}
	b = binary.AppendUvarint(b, uint64(len(c.counts)))
	for _, n := range c.counts {
		b = binary.AppendUvarint(b, n)
	}
	for _, f := range []float64{c.best, c.fit, c.least} {
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(f))
	}
	b = appendPlace(appendPlace(b, c.edge), c.last)
	return base64.RawURLEncoding.EncodeToString(append(b, cursorCheck(b, q)...))
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func appendPlace(b []byte, p Place) []byte {
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(p.Score))
	b = binary.AppendUvarint(b, uint64(max(0, p.Date)))
	return append(b, fmt.Sprintf("%*s", idLength, p.Document)...)
}

// cursorCheck is the checksum of b as a cursor of q.
func cursorCheck(b []byte, q Query) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %v %d %q ", q.Text, q.Like.Document, q.Like.Page, q.Sort)
	h.Write(b)
	return h.Sum(nil)[:cursorSum]
}

// decodeCursor reads q.After. What is no cursor of q is "query.after".
func decodeCursor(q Query) (*cursor, error) {
	wrong := &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.after"}
	b, err := base64.RawURLEncoding.DecodeString(q.After)
	if err != nil || len(b) < 2+cursorSum || b[0] != cursorVersion {
		return nil, wrong
	}
	b, sum := b[:len(b)-cursorSum], b[len(b)-cursorSum:]
	if !slices.Equal(sum, cursorCheck(b, q)) {
		return nil, wrong
	}
	r := cursorReader{b: b[2:]}
	c := &cursor{wide: b[1]&1 != 0, inHead: b[1]&2 != 0}
	n := r.uvarint()
	if n > maxCounts {
		return nil, wrong
	}
	for range n {
		c.counts = append(c.counts, r.uvarint())
	}
	c.best, c.fit, c.least = r.float(), r.float(), r.float()
	c.edge, c.last = r.place(), r.place()
	if r.bad || len(r.b) > 0 {
		return nil, wrong
	}
	return c, nil
}

// cursorReader reads the fields of a cursor; bad says that there were too few
// bytes or meaningless ones.
type cursorReader struct {
	b   []byte
	bad bool
}

func (r *cursorReader) take(n int) []byte {
	if len(r.b) < n {
		r.bad, r.b = true, nil
		return make([]byte, n)
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *cursorReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	r.take(max(1, n))
	r.bad = r.bad || n <= 0 || v > math.MaxInt64
	return v
}

func (r *cursorReader) float() float64 {
	f := math.Float64frombits(binary.BigEndian.Uint64(r.take(8)))
	r.bad = r.bad || math.IsNaN(f) || math.IsInf(f, 0)
	return f
}

func (r *cursorReader) place() Place {
	p := Place{Score: r.float(), Date: int(r.uvarint())}
	s := string(r.take(idLength))
	if s == fmt.Sprintf("%*s", idLength, "") {
		return p
	}
	var err error
	p.Document, err = sohoa.ParseDocumentID(s)
	r.bad = r.bad || err != nil
	return p
}

// ledger keeps the counts that a query was planned by. With a cursor it gives
// those of the first page again, in the same order of asking.
type ledger struct {
	sel    Selection
	replay bool
	counts []uint64
	at     int
}

// count is Selection.Count, now or as it was.
func (l *ledger) count(ctx context.Context, nodes []Node) (uint64, []uint64, error) {
	if len(nodes) == 0 {
		return 0, nil, nil
	}
	if !l.replay {
		all, counts, err := l.sel.Count(ctx, nodes)
		l.counts = append(append(l.counts, all), counts...)
		return all, counts, err
	}
	n := 1 + len(nodes)
	if l.at+n > len(l.counts) {
		return 0, nil, &sohoa.Problem{Kind: sohoa.ErrInvalid, Code: "query.after"}
	}
	was := l.counts[l.at : l.at+n]
	l.at += n
	return was[0], was[1:], nil
}
