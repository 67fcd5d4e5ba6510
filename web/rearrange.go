package web

import (
	"slices"

	"sohoa"
)

// rearranged are the pages of a document after one of the operations that need
// no more than the pages that are selected; ok is false for another operation.
func rearranged(now sohoa.Arrangement, op string, chosen map[sohoa.PageRef]bool) (pages []sohoa.PageRef, ok bool) {
	pages = slices.Clone(now.Pages)
	picked := func(r sohoa.PageRef) bool { return chosen[r.Leaf()] }
	switch op {
	case "left", "right", "over":
		turn := map[string]int{"left": 270, "right": 90, "over": 180}[op]
		for i, r := range pages {
			if picked(r) {
				pages[i].Turn = (r.Turn + turn) % 360
			}
		}
	case "drop":
		pages = slices.DeleteFunc(pages, picked)
	case "restore":
		for _, r := range now.Dropped {
			if picked(r) {
				pages = slices.Insert(pages, placeOf(pages, r), r)
			}
		}
	case "earlier":
		for i := 1; i < len(pages); i++ {
			if picked(pages[i]) && !picked(pages[i-1]) {
				pages[i-1], pages[i] = pages[i], pages[i-1]
			}
		}
	case "later":
		for i := len(pages) - 2; i >= 0; i-- {
			if picked(pages[i]) && !picked(pages[i+1]) {
				pages[i+1], pages[i] = pages[i], pages[i+1]
			}
		}
	default:
		return nil, false
	}
	return pages, true
}

// placeOf is where a page that comes back belongs: before the first page that
// follows it in its original, or at the end.
func placeOf(pages []sohoa.PageRef, r sohoa.PageRef) int {
	i := slices.IndexFunc(pages, func(p sohoa.PageRef) bool { return p.Document == r.Document && p.Page > r.Page })
	if i < 0 {
		return len(pages)
	}
	return i
}

// placed are the pages after the chosen ones were put before another one, or
// at the end if that is not there.
func placed(now sohoa.Arrangement, chosen map[sohoa.PageRef]bool, before sohoa.PageRef) []sohoa.PageRef {
	var moved, rest []sohoa.PageRef
	at := -1
	for _, r := range now.Pages {
		if r.Leaf() == before.Leaf() {
			at = len(rest)
		}
		if chosen[r.Leaf()] {
			moved = append(moved, r)
		} else {
			rest = append(rest, r)
		}
	}
	if at < 0 {
		at = len(rest)
	}
	return slices.Insert(rest, at, moved...)
}

// replaced are the pages with others in the place of the first chosen one; the
// chosen ones are dropped.
func replaced(now sohoa.Arrangement, chosen map[sohoa.PageRef]bool, by []sohoa.PageRef) []sohoa.PageRef {
	var pages []sohoa.PageRef
	for _, r := range now.Pages {
		if !chosen[r.Leaf()] {
			pages = append(pages, r)
			continue
		}
		pages, by = append(pages, by...), nil
	}
	return append(pages, by...)
}

// lastChosen is the number of the last page that is chosen; 0 if none is.
func lastChosen(now sohoa.Arrangement, chosen map[sohoa.PageRef]bool) int {
	for i := len(now.Pages); i > 0; i-- {
		if chosen[now.Pages[i-1].Leaf()] {
			return i
		}
	}
	return 0
}

// only are the pages of a list that are chosen.
func only(pages []sohoa.PageRef, chosen map[sohoa.PageRef]bool) []sohoa.PageRef {
	return slices.DeleteFunc(slices.Clone(pages), func(r sohoa.PageRef) bool { return !chosen[r.Leaf()] })
}
