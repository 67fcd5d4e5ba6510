package bleve

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"sohoa/search"
)

// Health tells how the index is.
func (x *Index) Health() (search.Health, error) {
	x.state.Lock()
	h := x.health
	x.state.Unlock()
	err := x.use(func(g *generation) (err error) {
		h.Rebuilding = g.rebuilding()
		h.Pages, err = g.ix.DocCount()
		return err
	})
	if !h.Rebuilding {
		h.Why = ""
	}
	b, readErr := os.ReadFile(filepath.Join(x.dir, verifiedFile))
	if readErr == nil {
		h.Verified = new(search.Verified)
		readErr = json.Unmarshal(b, h.Verified)
	}
	if errors.Is(readErr, os.ErrNotExist) {
		readErr = nil
	}
	return h, errors.Join(err, readErr)
}
