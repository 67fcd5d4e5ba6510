package bleve_test

import (
	"testing"

	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

func open(t *testing.T, dir string) search.Index {
	t.Helper()
	idx, _, err := bleve.Open(dir, search.Privacy{})
	if err != nil {
		t.Fatalf("Open(%q): %v", dir, err)
	}
	return idx
}

func TestIndex(t *testing.T) { searchtest.Run(t, open) }
