package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"sohoa"
	"sohoa/signing"
)

// maxBaseBytes bounds what was noted of one PDF; a thousand pages take 10 KiB.
const maxBaseBytes = 128 << 10

// baseKey is where what was noted of a PDF waits for its next signature.
func baseKey(id sohoa.DocumentID, role sohoa.Role) string {
	return cacheDir(id) + "base-" + string(role) + ".json"
}

// note keeps what the next signature on a file needs to know of it. Without
// that the file is read again, so a failure is none of the stage's.
func (s *Service) note(ctx context.Context, id sohoa.DocumentID, file sohoa.File, noted *signing.Base) {
	data, err := json.Marshal(noted)
	if err == nil {
		_, err = s.Blobs.Put(ctx, baseKey(id, file.Role), bytes.NewReader(data))
	}
	if err != nil {
		s.Log.Warn("nothing noted for the next signature", "document", id.String(), "role", file.Role, "err", err)
	}
}

// noted is what was noted of a file, or nil: then it has to be read.
func (s *Service) noted(ctx context.Context, id sohoa.DocumentID, file sohoa.File) *signing.Base {
	b, err := s.Blobs.Open(ctx, baseKey(id, file.Role))
	if err != nil {
		return nil
	}
	defer b.Close()
	base := new(signing.Base)
	err = json.NewDecoder(io.LimitReader(b, maxBaseBytes)).Decode(base)
	if err != nil || base.Digest != file.Digest || base.Size != file.Size {
		return nil
	}
	return base
}

// notedAs is noted for a rendition.
func (s *Service) notedAs(ctx context.Context, id sohoa.DocumentID, role sohoa.Role) *signing.Base {
	file, err := s.file(ctx, id, role, 0)
	if err != nil {
		return nil
	}
	return s.noted(ctx, id, file)
}
