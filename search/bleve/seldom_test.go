package bleve

import (
	"testing"
	"time"
)

func TestBackgroundErrorsAreToldNowAndThen(t *testing.T) {
	s := seldom{every: 10 * time.Second}
	now := time.Unix(1_800_000_000, 0)
	var told []int
	for range 2500 { // a full disk for 25 s
		if n, ok := s.tell(now); ok {
			told = append(told, n)
		}
		now = now.Add(10 * time.Millisecond)
	}
	if len(told) != 3 || told[0] != 1 || told[1] != 1000 || told[2] != 1000 {
		t.Errorf("told of %v errors, want 1, 1000 and 1000", told)
	}
}
