package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"sohoa"
)

// maxTextBytes bounds the stored text of one page that is read into memory.
const maxTextBytes = 64 << 20

// pageText reads what stands on a page.
func (s *Server) pageText(ctx context.Context, id sohoa.DocumentID, page int) (sohoa.PageText, error) {
	blob, _, err := s.cfg.Intake.Open(ctx, id, sohoa.RoleText, page)
	if err != nil {
		return sohoa.PageText{}, err
	}
	defer blob.Close()
	var text sohoa.PageText
	if err := json.NewDecoder(io.LimitReader(blob, maxTextBytes)).Decode(&text); err != nil {
		return sohoa.PageText{}, fmt.Errorf("text of page %d of %s: %w", page, id, err)
	}
	return text, nil
}
