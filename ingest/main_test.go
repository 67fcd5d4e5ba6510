package ingest_test

import (
	"os"
	"testing"

	"sohoa/ocr/child"
)

func TestMain(m *testing.M) {
	child.Run()
	os.Exit(m.Run())
}
