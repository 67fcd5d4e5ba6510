package searchtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
)

// Source is a journal with the pages it speaks of, in memory. Its methods may
// be called concurrently.
type Source struct {
	mu      sync.Mutex
	pages   map[search.PageKey]search.PageDoc
	entries []sohoa.Entry
	changed chan struct{} // closed when entries grow
	fail    int           // reads left to fail
}

// NewSource is an empty journal.
func NewSource() *Source {
	return &Source{pages: map[search.PageKey]search.PageDoc{}, changed: make(chan struct{})}
}

// Put stores a page and journals action on it; a whole document's when action
// is not sohoa.ActionRead.
func (s *Source) Put(d search.PageDoc, action sohoa.Action) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[search.PageKey{Document: d.Document, Page: d.Page}] = d
	e := sohoa.Entry{Document: d.Document, Action: action}
	if action == sohoa.ActionRead {
		e.Page = d.Page
	}
	s.enter(e)
}

// Enter journals e.
func (s *Source) Enter(e sohoa.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(e)
}

// enter needs s.mu.
func (s *Source) enter(e sohoa.Entry) {
	e.Seq = uint64(len(s.entries) + 1)
	s.entries = append(s.entries, e)
	close(s.changed)
	s.changed = make(chan struct{})
}

// Gone journals that a document was destroyed.
func (s *Source) Gone(doc sohoa.DocumentID) {
	s.Enter(sohoa.Entry{Document: doc, Action: sohoa.ActionDestroy})
}

// Forget removes the pages of a document, but not what the journal says of
// it.
func (s *Source) Forget(doc sohoa.DocumentID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.pages {
		if k.Document == doc {
			delete(s.pages, k)
		}
	}
}

// FailReads makes the next n reads fail.
func (s *Source) FailReads(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = n
}

// errDown is what a failing source says.
var errDown = errors.New("source is down")

// failing takes one of the failures asked for. It needs s.mu.
func (s *Source) failing() error {
	if s.fail == 0 {
		return nil
	}
	s.fail--
	return errDown
}

// Entries is described at search.Source.
func (s *Source) Entries(_ context.Context, after uint64, limit int) ([]sohoa.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failing(); err != nil {
		return nil, err
	}
	rest := s.entries[min(after, uint64(len(s.entries))):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

// Head is described at search.Header.
func (s *Source) Head(context.Context) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint64(len(s.entries)), nil
}

// PageDocs is described at search.Source.
func (s *Source) PageDocs(_ context.Context, pages []search.PageKey) ([]search.PageDoc, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failing(); err != nil {
		return nil, err
	}
	var out []search.PageDoc
	for _, k := range pages {
		if d, ok := s.pages[k]; ok {
			out = append(out, d)
		}
	}
	return out, nil
}

// Documents is described at search.Catalogue.
func (s *Source) Documents(_ context.Context, after sohoa.DocumentID, limit int) ([]sohoa.DocumentID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []sohoa.DocumentID
	for k := range s.pages {
		if after.IsZero() || k.Document.String() > after.String() {
			ids = append(ids, k.Document)
		}
	}
	slices.SortFunc(ids, func(a, b sohoa.DocumentID) int { return strings.Compare(a.String(), b.String()) })
	ids = slices.Compact(ids)
	return ids[:min(limit, len(ids))], nil
}

// Outlines is described at search.Source.
func (s *Source) Outlines(_ context.Context, doc sohoa.DocumentID) ([]search.PageDoc, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failing(); err != nil {
		return nil, err
	}
	var out []search.PageDoc
	for k, d := range s.pages {
		if k.Document == doc {
			out = append(out, d)
		}
	}
	return out, nil
}

// Replace stores a page of which the journal says nothing.
func (s *Source) Replace(d search.PageDoc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages[search.PageKey{Document: d.Document, Page: d.Page}] = d
}

// Wait is described at search.Waiter.
func (s *Source) Wait(ctx context.Context, after uint64) error {
	s.mu.Lock()
	changed, more := s.changed, uint64(len(s.entries)) > after
	s.mu.Unlock()
	if more {
		return nil
	}
	select {
	case <-ctx.Done():
	case <-changed:
	}
	return ctx.Err()
}

// AwaitCursor waits until idx has applied entry seq.
func AwaitCursor(t *testing.T, idx search.Index, seq uint64) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		got, err := idx.Cursor(ctx)
		if err == nil && got >= seq {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("Cursor = %d, %v, want %d in time", got, err, seq)
		case <-tick.C:
		}
	}
}

// follow runs search.Follow until the returned function is called.
func follow(t *testing.T, idx search.Index, src search.Source) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- search.Follow(ctx, idx, src) }()
	return func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Follow = %v, want context.Canceled", err)
		}
	}
}

func testFollow(t *testing.T, open Opener) {
	src := NewSource()
	for _, p := range papers() {
		src.Put(p, sohoa.ActionRead)
	}
	idx := open(t, t.TempDir())
	defer closeIndex(t, idx)
	stop := follow(t, idx, src)
	AwaitCursor(t, idx, 5)
	if got := found(find(t, idx, "khai sinh")); len(got) == 0 || got[0] != ID(2) {
		t.Errorf("Search = %v, want %v first", got, ID(2))
	}
	changed := papers()[1]
	changed.Owner = "Nông Văn Dền"
	src.Put(changed, sohoa.ActionKeep)
	src.Put(page(9, "thẻ căn cước"), sohoa.ActionRead)
	AwaitCursor(t, idx, 7)
	if got := found(find(t, idx, "nguoi:dền")); !slices.Equal(got, []sohoa.DocumentID{ID(2)}) {
		t.Errorf("Search after document.keep = %v, want %v", got, ID(2))
	}
	if got := found(find(t, idx, "căn cước")); len(got) == 0 || got[0] != ID(9) {
		t.Errorf("Search for the new page = %v, want %v first", got, ID(9))
	}
	stop()
}

// testFollowGroups changes a dossier, and the name of a procedure: all
// documents of theirs change with them.
func testFollowGroups(t *testing.T, open Opener) {
	src := NewSource()
	var pages []search.PageDoc
	for i, code := range []string{"000.00.01.H49-240611-0001", "000.00.01.H49-240611-0001", "000.00.01.H49-240611-00012"} {
		d := page(i, "đơn đề nghị")
		d.Dossier, d.Owner, d.Procedure, d.ProcedureName = code, "Lường Văn Kim", "1.001", "Cấp giấy phép"
		if i == 2 {
			d.Procedure = "1.0012"
		}
		pages = append(pages, d)
		src.Put(d, sohoa.ActionRead)
	}
	idx := open(t, t.TempDir())
	defer closeIndex(t, idx)
	defer follow(t, idx, src)()
	AwaitCursor(t, idx, 3)
	for i, d := range pages[:2] {
		d.Owner, d.ProcedureName = "Vàng A Páo", "Cấp chứng chỉ"
		pages[i] = d
		src.Replace(d)
	}
	src.Enter(sohoa.Entry{Action: sohoa.ActionDossierSet, Dossier: pages[0].Dossier})
	AwaitCursor(t, idx, 4)
	for query, want := range map[string]int{"nguoi:páo": 2, "nguoi:kim": 1} {
		if got := find(t, idx, query).Total; got != want {
			t.Errorf("Search(%q) after dossier.set = %d, want %d", query, got, want)
		}
	}
	for _, d := range pages[:2] {
		d.ProcedureName = "Cấp thẻ"
		src.Replace(d)
	}
	src.Enter(sohoa.Entry{Action: sohoa.ActionProcedure, Detail: `{"procedure":"1.001","requirements":0,"result":""}`})
	AwaitCursor(t, idx, 5)
	for query, want := range map[string]int{`thutuc:"cấp thẻ"`: 2, `thutuc:"chứng chỉ"`: 0, `thutuc:"giấy phép"`: 1} {
		if got := find(t, idx, query).Total; got != want {
			t.Errorf("Search(%q) after procedure.set = %d, want %d", query, got, want)
		}
	}
}

func testFollowTriesAgain(t *testing.T, open Opener) {
	src := NewSource()
	for _, p := range papers() {
		src.Put(p, sohoa.ActionRead)
	}
	src.FailReads(2)
	idx := open(t, t.TempDir())
	defer closeIndex(t, idx)
	stop := follow(t, idx, src)
	AwaitCursor(t, idx, 5)
	stop()
	if got := find(t, idx, "coquan:"+agency).Total; got != len(papers()) {
		t.Errorf("Search after failures = %d documents, want %d", got, len(papers()))
	}
}
