package bleve

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
)

// errorCallback is the name under which bleve finds logAsync.
const errorCallback = "sohoa"

func init() { scorch.RegistryAsyncErrorCallbacks[errorCallback] = logAsync }

// logAsync reports what goes wrong in bleve's background work, such as a full
// disk while merging; without it nobody would hear of it. bleve tries again at
// once, a hundred times a second while a disk is full: that is told now and
// then.
func logAsync(err error, path string) {
	if errors.Is(err, scorch.ErrAsyncPanic) {
		if f, ok := alarms.Load(path); ok {
			f.(func())()
		}
	}
	if n, ok := asyncErrors.tell(time.Now()); ok {
		slog.Error("index background work failed", "path", path, "err", err, "times", n)
	}
}

var asyncErrors = seldom{every: 10 * time.Second}

// seldom lets one of many through.
type seldom struct {
	every time.Duration

	mu    sync.Mutex
	last  time.Time // that one passed; guarded by mu
	count int       // since then; guarded by mu
}

// tell reports whether this one passes, and how many did not before it, itself
// included.
func (s *seldom) tell(now time.Time) (n int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	if !s.last.IsZero() && now.Sub(s.last) < s.every {
		return s.count, false
	}
	n, s.last, s.count = s.count, now, 0
	return n, true
}

// alarm says that segments should be checked.
func (g *generation) alarm() {
	g.doubted.Store(true)
	if f, ok := alarms.Load(g.store()); ok {
		f.(func())()
	}
}

// alarms are the functions to call when the background work of an index
// panics, by the directory of its segments.
var alarms sync.Map
