package bleve

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"sohoa"
	"sohoa/search"
)

var _ search.Engine = (*generation)(nil)

// Search is described at search.Index. A search that runs while a batch fails
// may meet its closed segment (Index.write); the next search will not.
func (g *generation) Search(ctx context.Context, q search.Query) (res search.Results, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // a segment's file may be cut short
	defer func() {
		if r := recover(); r != nil {
			g.alarm()
			slog.ErrorContext(ctx, "search met a panic in the index", "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("search: index failed: %w", sohoa.ErrUnavailable)
		}
	}()
	res, err = search.Find(ctx, g, q, g.privacy)
	res.Rebuilding = g.rebuilding()
	return res, err
}
