package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"sohoa"
	"sohoa/archive/pdfa"
	"sohoa/ocr"
)

// storeLayers keeps what reading took a page apart into until the access copy
// is made. Layers are no file of the document: they can be made again.
func (s *Service) storeLayers(ctx context.Context, page sohoa.Page, layers *sohoa.Layers) error {
	if layers == nil {
		return nil
	}
	b, err := json.Marshal(layers)
	if err != nil {
		return err
	}
	_, err = s.Blobs.Put(ctx, layersKey(page.Origin()), bytes.NewReader(b))
	return err
}

// layers returns the layers of a page, made anew if reading left none.
func (s *Service) layers(ctx context.Context, page sohoa.Page, p pdfa.Page) (*sohoa.Layers, error) {
	b, err := s.Blobs.Open(ctx, layersKey(page.Origin()))
	if errors.Is(err, sohoa.ErrNotExist) {
		return s.remakeLayers(ctx, page, p)
	}
	if err != nil {
		return nil, err
	}
	defer b.Close()
	layers := new(sohoa.Layers)
	if err := json.NewDecoder(b).Decode(layers); err != nil {
		return nil, fmt.Errorf("layers of page %d of %s: %w", page.Number, page.Document, err)
	}
	return layers, nil
}

// reasonLayersFailed is the reason of a page that could not be taken apart.
const reasonLayersFailed = "layer.failed"

// remakeLayers takes a page apart that was not recognised here: it brought
// its text along, could not be read, or was moved from another document. One
// that cannot be taken apart keeps its image.
func (s *Service) remakeLayers(ctx context.Context, page sohoa.Page, p pdfa.Page) (*sohoa.Layers, error) {
	layers, err := s.Reader.Layers(ctx, ocr.Page{
		Image: p.Image, Number: page.Number, DPI: page.DPI, Turn: page.Turn, Fidelity: s.Fidelity,
	})
	var problem *sohoa.Problem
	if errors.As(err, &problem) {
		return failedLayers(page, problem), nil
	}
	if err != nil {
		return nil, fmt.Errorf("take page %d of %s apart: %w", page.Number, page.Document, err)
	}
	return layers, nil
}

// maxCause bounds what is told of a failure, in bytes.
const maxCause = 300

// failedLayers are those of a page that is its stored image, because of err.
func failedLayers(page sohoa.Page, err error) *sohoa.Layers {
	cause := err.Error()
	return &sohoa.Layers{Width: page.Width, Height: page.Height, Treatment: sohoa.Treatment{
		Form: sohoa.FormOriginal, Reason: reasonLayersFailed, Detail: cause[:min(len(cause), maxCause)]}}
}
