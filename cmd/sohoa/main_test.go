// The tests are inside the package because the program under test is this
// one: the test binary, run again under the name sohoa, is main.
package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"sohoa/ocr/child"
)

func TestMain(m *testing.M) {
	child.Run()
	testscript.Main(m, map[string]func(){"sohoa": main})
}
