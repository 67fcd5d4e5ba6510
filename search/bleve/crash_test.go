package bleve_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/search"
	"sohoa/search/bleve"
	"sohoa/search/searchtest"
)

// writerDir makes the test binary a writer to the index in that directory.
const writerDir = "SOHOA_TEST_INDEX_WRITER"

// rebuilder has that writer rebuild the index.
const rebuilder = "SOHOA_TEST_INDEX_REBUILDER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerDir); dir != "" {
		if err := writeForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// batchPages is how many documents each batch of the writer adds, beside
// rewriting the counter, document 0.
const batchPages = 4

// writeForEver says "open" and opens the index, then applies batch after
// batch and prints the number of each once it is acknowledged.
func writeForEver(dir string) error {
	fmt.Println("open")
	idx, rebuilt, err := bleve.Open(dir, search.Privacy{})
	if err != nil {
		return err
	}
	if rebuilt {
		return fmt.Errorf("index %s was rebuilt", dir)
	}
	cursor, err := idx.Cursor(context.Background())
	if err != nil {
		return err
	}
	if os.Getenv(rebuilder) != "" {
		return rebuildForEver(idx)
	}
	for {
		cursor++
		if err := idx.Apply(context.Background(), writerBatch(int(cursor)), cursor); err != nil {
			return err
		}
		fmt.Println(cursor)
	}
}

// rebuilt are the documents of the journal of rebuildForEver.
const rebuilt = 40

// rebuildForEver follows a journal, and rebuilds the index again and again.
// It prints a line for each time that it was whole.
func rebuildForEver(idx *bleve.Index) error {
	src := scans(rebuilt)
	if err := search.CatchUp(context.Background(), idx, src); err != nil {
		return err
	}
	for n := 0; ; n++ {
		fmt.Println(n)
		if err := idx.Rebuild(context.Background(), src); err != nil {
			return err
		}
	}
}

// writerBatch is the batch numbered n, from 1.
func writerBatch(n int) []search.Change {
	changes := []search.Change{put(0, fmt.Sprintf("bộ đếm %d", n))}
	for i := range batchPages {
		changes = append(changes, put(1+(n-1)*batchPages+i, fmt.Sprintf("tờ trình lô số %d", n)))
	}
	return changes
}

// put is the change that writes document n with text.
func put(n int, text string) search.Change {
	d := search.PageDoc{Document: searchtest.ID(n), Page: 1, Text: text, Agency: "H1"}
	return search.Change{Document: d.Document, Page: 1, Put: &d}
}

// writer is a process that writes to an index.
type writer struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	errs  *strings.Builder
}

func startWriter(t *testing.T, dir string, env ...string) *writer {
	t.Helper()
	w := &writer{cmd: exec.Command(os.Args[0]), errs: new(strings.Builder)}
	w.cmd.Env = append(append(os.Environ(), writerDir+"="+dir), env...)
	w.cmd.Stderr = w.errs
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.lines = bufio.NewScanner(io.Reader(out))
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.next(t) // "open"
	return w
}

// next is the next line that the writer prints.
func (w *writer) next(t *testing.T) string {
	t.Helper()
	if !w.lines.Scan() {
		w.cmd.Wait()
		t.Fatalf("writer ended: %s", w.errs)
	}
	return w.lines.Text()
}

// kill kills the writer and returns the last line it printed.
func (w *writer) kill(t *testing.T) (last string) {
	t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for w.lines.Scan() {
		last = w.lines.Text()
	}
	w.cmd.Wait() // always "signal: killed"
	if w.errs.Len() > 0 {
		t.Errorf("writer said %q", w.errs)
	}
	return last
}

// moment waits for a random part of d, so that a kill falls anywhere.
func moment(d time.Duration) { time.Sleep(rand.N(d)) }

// kills is how often a writer is killed at each of its tasks.
const kills = 50

func TestKillWhileWriting(t *testing.T) {
	dir := t.TempDir()
	var total uint64
	for n := range kills {
		w := startWriter(t, dir)
		acked := w.next(t)
		moment(80 * time.Millisecond)
		if last := w.kill(t); last != "" {
			acked = last
		}
		total = checkWritten(t, dir, acked)
		if t.Failed() {
			t.Fatalf("after kill %d", n+1)
		}
	}
	t.Logf("%d kills, %d batches", kills, total)
}

// checkWritten checks that the index has all of every batch up to its cursor,
// that this is acked or later, and nothing of later batches.
func checkWritten(t *testing.T, dir, acked string) uint64 {
	t.Helper()
	idx, rebuilt, err := bleve.Open(dir, search.Privacy{})
	if err != nil || rebuilt {
		t.Fatalf("Open after a kill = rebuilt %v, %v, want the index as it was", rebuilt, err)
	}
	defer idx.Close()
	cursor, err := idx.Cursor(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, err := strconv.ParseUint(acked, 10, 64); err != nil || cursor < n {
		t.Errorf("Cursor = %d, %v, want at least the acknowledged %q", cursor, err, acked)
	}
	all := search.Query{Text: "coquan:H1", Scope: sohoa.Everything}
	if got, want := count(t, idx, all), int(cursor)*batchPages+1; got != want {
		t.Errorf("index holds %d documents at cursor %d, want %d", got, cursor, want)
	}
	counter := search.Query{Text: fmt.Sprintf(`"bộ đếm %d"`, cursor), Scope: sohoa.Everything}
	if got := count(t, idx, counter); got != 1 {
		t.Errorf("counter does not say %d", cursor)
	}
	return cursor
}

func count(t *testing.T, idx search.Index, q search.Query) int {
	t.Helper()
	q.Offset = 1 << 20 // counts everything there is
	res, err := idx.Search(t.Context(), q)
	if err != nil {
		t.Fatalf("Search(%q): %v", q.Text, err)
	}
	return res.Total
}

func TestKillWhileCreating(t *testing.T) {
	for range kills {
		dir := t.TempDir()
		w := startWriter(t, dir)
		moment(40 * time.Millisecond)
		w.kill(t)
		idx, rebuilt, err := bleve.Open(dir, search.Privacy{})
		if err != nil || rebuilt {
			t.Fatalf("Open after a kill = rebuilt %v, %v, want an index", rebuilt, err)
		}
		if err := idx.Apply(t.Context(), []search.Change{put(1, "a")}, 99); err != nil {
			t.Errorf("Apply after a kill: %v", err)
		}
		if err := idx.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// TestKillWhileRebuilding kills a process that rebuilds its index: the old one
// or the new one is there, whole, and nothing else.
func TestKillWhileRebuilding(t *testing.T) {
	dir, number := t.TempDir(), ""
	generations := map[string]bool{}
	for n := range kills {
		w := startWriter(t, dir, rebuilder+"=1")
		w.next(t)
		moment(120 * time.Millisecond)
		w.kill(t)
		idx, anew, err := bleve.Open(dir, search.Privacy{})
		if err != nil || anew {
			t.Fatalf("Open after kill %d = rebuilt %v, %v, want an index", n+1, anew, err)
		}
		if got := count(t, idx, everything); got != rebuilt {
			t.Errorf("after kill %d: %d documents, want %d", n+1, got, rebuilt)
		}
		if cursor, err := idx.Cursor(t.Context()); err != nil || cursor != rebuilt {
			t.Errorf("after kill %d: Cursor = %d, %v, want %d", n+1, cursor, err, rebuilt)
		}
		if damaged, err := idx.Check(t.Context()); err != nil || len(damaged) > 0 {
			t.Errorf("after kill %d: damaged %v, %v", n+1, damaged, err)
		}
		if err := idx.Close(); err != nil {
			t.Error(err)
		}
		left, err := filepath.Glob(filepath.Join(dir, "*-*"))
		if err != nil || len(left) != 1 {
			t.Fatalf("after kill %d: generations %v, %v, want one", n+1, left, err)
		}
		number = filepath.Base(left[0])
		generations[number] = true
	}
	t.Logf("%d kills, up to generation %s", kills, number)
	if len(generations) < 2 {
		t.Error("no rebuild came to its end")
	}
}

// TestTwoProcesses has a second process try to open an index that a first one
// writes to: it is told so, and nothing is lost.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	w := startWriter(t, dir)
	w.next(t)
	_, _, err := bleve.Open(dir, search.Privacy{})
	var p *sohoa.Problem
	if !errors.As(err, &p) || p.Code != "search.locked" {
		t.Errorf("Open of an index that another process writes to = %v, want search.locked", err)
	}
	acked := w.next(t)
	if last := w.kill(t); last != "" {
		acked = last
	}
	checkWritten(t, dir, acked)
}
