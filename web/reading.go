package web

import (
	"context"
	"strconv"
	"time"

	"sohoa"
)

// perMinute lets n events of a key pass at once, and n more in each minute.
func perMinute(now func() time.Time, n int) *limiter {
	return newLimiter(now, n, time.Minute/time.Duration(n))
}

// mayRead is the Problem "read.too-many" where a person has opened more
// papers in the last minute than a person can look at. Programs have the rate
// of their key.
func (s *Server) mayRead(ctx context.Context) error {
	return readBound(ctx, s.reads, sohoa.MaxReadsAMinute)
}

// mayFetch is mayRead for pictures of pages and for files, of which a page
// that is opened shows many.
func (s *Server) mayFetch(ctx context.Context) error {
	return readBound(ctx, s.pictures, sohoa.MaxPicturesAMinute)
}

func readBound(ctx context.Context, l *limiter, bound int) error {
	v := visitOf(ctx)
	if v.key != nil {
		return nil
	}
	who := "at " + v.addr
	if v.user != nil {
		who = v.user.Name
	}
	if !l.take(who) {
		return newProblem(sohoa.ErrUnavailable, "read.too-many", strconv.Itoa(bound))
	}
	return nil
}
