package localfs_test

import (
	"fmt"
	"strings"
	"testing"

	"sohoa/archive/localfs"
)

// TestListWhileFoldersGo lists a store from which others remove folders: what
// goes may be in the listing or not, and is no error.
func TestListWhileFoldersGo(t *testing.T) {
	s, err := localfs.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const folders = 300
	for i := range folders {
		if _, err := s.Put(t.Context(), fmt.Sprintf("work/%03d/a", i), strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	gone := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < folders && err == nil; i++ {
			err = s.RemoveAll(t.Context(), fmt.Sprintf("work/%03d/", i))
		}
		gone <- err
	}()
	for left := folders; left > 0; {
		left = 0
		for _, err := range s.List(t.Context(), "work/") {
			if err != nil {
				t.Fatalf("List while folders go = %v", err)
			}
			left++
		}
	}
	if err := <-gone; err != nil {
		t.Fatal(err)
	}
}
