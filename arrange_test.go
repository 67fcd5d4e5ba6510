package sohoa_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa"
)

func TestParsePages(t *testing.T) {
	doc, other := sohoa.NewDocumentID(time.Now()), sohoa.NewDocumentID(time.Now())
	page := func(id sohoa.DocumentID, n, turn int) sohoa.PageRef {
		return sohoa.PageRef{Document: id, Page: n, Turn: turn}
	}
	tests := map[string]struct {
		in     string
		want   []sohoa.PageRef
		format string // how it is written again
	}{
		"one":       {"3", []sohoa.PageRef{page(doc, 3, 0)}, "3"},
		"order":     {"2,1", []sohoa.PageRef{page(doc, 2, 0), page(doc, 1, 0)}, "2,1"},
		"range":     {"1-3", []sohoa.PageRef{page(doc, 1, 0), page(doc, 2, 0), page(doc, 3, 0)}, "1-3"},
		"backwards": {"3-2", []sohoa.PageRef{page(doc, 3, 0), page(doc, 2, 0)}, "3,2"},
		"turned":    {"1-2@180", []sohoa.PageRef{page(doc, 1, 180), page(doc, 2, 180)}, "1-2@180"},
		"left":      {" 1 , 2@-90 ", []sohoa.PageRef{page(doc, 1, 0), page(doc, 2, 270)}, "1,2@270"},
		"round":     {"1@360", []sohoa.PageRef{page(doc, 1, 0)}, "1"},
		"other": {"1," + strings.ToLower(other.String()) + ":2-3@90", []sohoa.PageRef{page(doc, 1, 0), page(other, 2, 90), page(other, 3, 90)},
			"1," + other.String() + ":2-3@90"},
		"its own name": {doc.String() + ":1", []sohoa.PageRef{page(doc, 1, 0)}, "1"},
	}
	for name, test := range tests {
		got, err := sohoa.ParsePages(doc, test.in)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: ParsePages(%q) = %v, %v, want %v", name, test.in, got, err, test.want)
		}
		if s := sohoa.FormatPages(doc, got); s != test.format {
			t.Errorf("%s: FormatPages(%v) = %q, want %q", name, got, s, test.format)
		}
	}
	for _, in := range []string{"", ",", "0", "-1", "1-", "1@", "1@45", "x", "1;2", "1-2-3", "1@90@90", "1001", "9999999999999999999", "1:2", ":1", "١"} {
		if got, err := sohoa.ParsePages(doc, in); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("ParsePages(%q) = %v, %v, want ErrInvalid", in, got, err)
		}
	}
	if _, err := sohoa.ParsePages(doc, "1-1000,1"); !errors.Is(err, sohoa.ErrTooLarge) {
		t.Errorf("ParsePages of 1001 pages = %v, want ErrTooLarge", err)
	}
}

func FuzzParsePages(f *testing.F) {
	doc := sohoa.NewDocumentID(time.Now())
	for _, seed := range []string{"1,3-5,2@90", "3-1@-90", doc.String() + ":7", "01M80P2DMDP399Y1HMBNWTEFQA:1-2,1", "", "1@", "1-1000,2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		refs, err := sohoa.ParsePages(doc, s)
		if err != nil {
			return
		}
		again, err := sohoa.ParsePages(doc, sohoa.FormatPages(doc, refs))
		if err != nil || !slices.Equal(refs, again) {
			t.Errorf("ParsePages(FormatPages(%v)) = %v, %v, want the same", refs, again, err)
		}
	})
}

func TestTurnedText(t *testing.T) {
	text := sohoa.PageText{Width: 100, Height: 200, Turn: 270, Lines: []sohoa.Line{{
		Box: sohoa.Rect{X0: 10, Y0: 20, X1: 60, Y1: 30}, Baseline: sohoa.Segment{X0: 10, Y0: 28, X1: 60, Y1: 28}, Height: 10,
		Words: []sohoa.Word{{Text: "số", Box: sohoa.Rect{X0: 10, Y0: 20, X1: 30, Y1: 30}}},
	}}, Codes: []sohoa.Code{{Box: sohoa.Rect{X0: 0, Y0: 0, X1: 5, Y1: 5}}}}
	right := text.Turned(90)
	if right.Width != 200 || right.Height != 100 || right.Turn != 0 {
		t.Errorf("turned right it is %dx%d, turn %d, want 200x100, 0", right.Width, right.Height, right.Turn)
	}
	if got, want := right.Lines[0].Words[0].Box, (sohoa.Rect{X0: 170, Y0: 10, X1: 180, Y1: 30}); got != want {
		t.Errorf("the word is at %v, want %v", got, want)
	}
	if got, want := right.Lines[0].Baseline, (sohoa.Segment{X0: 172, Y0: 10, X1: 172, Y1: 60}); got != want {
		t.Errorf("the baseline is %v, want %v, downwards", got, want)
	}
	if got, want := right.Codes[0].Box, (sohoa.Rect{X0: 195, Y0: 0, X1: 200, Y1: 5}); got != want {
		t.Errorf("the code is at %v, want %v", got, want)
	}
	for _, degrees := range []int{90, 180, 270} {
		if got := text.Turned(degrees).Turned(360 - degrees); !reflect.DeepEqual(got, text) {
			t.Errorf("turned by %d and back it is %+v, want %+v", degrees, got, text)
		}
	}
	if text.Lines[0].Words[0].Box.X0 != 10 || text.Codes[0].Box.X0 != 0 {
		t.Error("Turned changed the text that it was given")
	}
}
