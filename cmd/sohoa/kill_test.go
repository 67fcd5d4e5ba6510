package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/sqlite"
	"sohoa/ingest/queue"
)

const (
	kills      = 30
	killedDocs = 20
	senders    = 3         // that bring documents in at the same time
	killed     = "HS-KILL" // the dossier
	maxLife    = 2 * time.Second
	maxWork    = 600 * time.Millisecond // about what a document takes
)

// TestKilledServerLosesNothing kills the server at 30 random moments while 20
// documents are brought in, each sent again until it is acknowledged. After
// that every one is kept, once.
func TestKilledServerLosesNothing(t *testing.T) {
	t.Parallel()
	seed := seedOf(t)
	t.Logf("seed %d", seed)
	p := newProgram(t, officeKey(t)...)
	p.ok("add", "--dossier", killed, write(t, t.TempDir(), "mo.jpg", page(t, "So 10000"))) // makes the dossier
	first := p.serve()
	k := &killing{t: t, program: p, client: first.signIn(), acknowledged: map[int]sohoa.DocumentID{}, acks: make(chan struct{}, 1)}
	k.restarted.L = &k.mu
	var sending sync.WaitGroup
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for n := range senders {
		sending.Go(func() { k.bringIn(ctx, n, rand.New(rand.NewPCG(seed, uint64(n)))) })
	}
	last := k.kill(first, rand.New(rand.NewPCG(seed, senders)))
	sending.Wait()
	if t.Failed() {
		t.FailNow()
	}
	began := time.Now()
	k.waitKept()
	t.Logf("%d uploads for %d documents; all kept %v after the last start", k.sent, killedDocs, time.Since(began).Round(time.Millisecond))
	last.stop()
	k.check()
}

// seedOf is the seed of a test: SOHOA_SEED, or a new one.
func seedOf(t *testing.T) uint64 {
	if s := os.Getenv("SOHOA_SEED"); s != "" {
		return must(strconv.ParseUint(s, 10, 64))(t)
	}
	return rand.Uint64()
}

// killing is the state of the test.
type killing struct {
	t       *testing.T
	program *program

	mu           sync.Mutex
	restarted    sync.Cond                // on mu; when life grows
	client       *person                  // guarded by mu: of the server that runs
	life         int                      // guarded by mu: servers killed so far
	sent         int                      // guarded by mu: uploads tried
	acknowledged map[int]sohoa.DocumentID // guarded by mu
	acks         chan struct{}            // tells of the last one
}

// kill kills the server 30 times, each at a random moment of its life, its
// start included, and returns the last one, which lives on.
func (k *killing) kill(s *server, random *rand.Rand) *server {
	ready := 0
	for life := 1; life <= kills; life++ {
		k.live(s, random)
		if s.isReady() {
			ready++
		}
		s.kill()
		s = k.program.launch()
		k.follow(s, life)
	}
	k.t.Logf("%d of %d servers were ready when they were killed", ready, kills)
	until(k.t, "the last server", func() bool { return s.isReady() || s.hasEnded() })
	k.follow(s, kills)
	return s
}

// live returns at a random moment of a server's life. Every second life ends
// soon after the server acknowledged a document, when there is work to cut
// off.
func (k *killing) live(s *server, random *rand.Rand) {
	pause := time.Duration(random.Int64N(int64(maxLife)))
	if random.IntN(2) == 0 {
		pause = time.Duration(random.Int64N(int64(maxWork)))
		select {
		case <-k.acks: // of an earlier life
		default:
		}
		select {
		case <-k.acks:
		case <-time.After(maxLife):
		case <-s.ended:
		}
	}
	select {
	case <-time.After(pause): // the moment is this test's input
	case <-s.ended:
		k.t.Errorf("the server ended by itself: %v\n%s", s.cmd.ProcessState, s.output())
	}
}

// follow tells the sender that another server runs, and where once it is
// ready.
func (k *killing) follow(s *server, life int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.life = life
	if s.isReady() {
		moved := *k.client
		moved.base = s.address()
		k.client = &moved
	}
	k.restarted.Broadcast()
	go func() {
		for !s.hasEnded() && !s.isReady() {
			<-time.After(tick)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.life == life && s.isReady() {
			moved := *k.client
			moved.base = s.address()
			k.client = &moved
		}
	}()
}

// bringIn is one sender: it brings its share of the documents in, one after
// the other and spread over the lives of the servers.
func (k *killing) bringIn(ctx context.Context, first int, random *rand.Rand) {
	for n := first; n < killedDocs; n += senders {
		k.mu.Lock()
		for k.life < n*(kills-1)/killedDocs {
			k.restarted.Wait()
		}
		k.mu.Unlock()
		b, err := drawPage("So " + word(n))
		for tries := 0; err == nil || errors.Is(err, errNotAcknowledged); tries++ {
			if tries > 0 {
				<-time.After(tick)
			}
			if err = k.send(ctx, n, &trickle{r: bytes.NewReader(b), random: random}); err == nil {
				break
			}
		}
		if err != nil {
			k.t.Error(err)
			return
		}
	}
}

// current is the client of the server that runs.
func (k *killing) current() *person {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.client
}

// send brings the n-th document in and notes what the server promised.
func (k *killing) send(ctx context.Context, n int, body io.Reader) error {
	client := k.current()
	k.mu.Lock()
	k.sent++
	k.mu.Unlock()
	doc, err := client.upload(ctx, killed, numbered("trang", n)+".jpg", body)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.acknowledged[n] = doc.ID
		select {
		case k.acks <- struct{}{}:
		default: // one is enough
		}
	}
	return err
}

// word is what stands on the n-th page and on no other.
func word(n int) string { return strconv.Itoa(20_417 + n*1_363) }

// trickle is a slow line: a file comes in small parts with pauses, so that
// servers die during uploads too.
type trickle struct {
	r      io.Reader
	random *rand.Rand
}

func (s *trickle) Read(p []byte) (int, error) {
	<-time.After(time.Duration(s.random.IntN(60)) * time.Millisecond)
	return s.r.Read(p[:min(len(p), 2048)])
}

// waitKept waits until every acknowledged document has ended.
func (k *killing) waitKept() {
	k.t.Helper()
	for n, id := range k.acknowledged {
		until(k.t, fmt.Sprintf("document %d", n), func() bool {
			state := k.current().document(k.t, id).State
			return state == sohoa.StateKept || state == sohoa.StateParked
		})
	}
}

// check looks at what is there after all.
func (k *killing) check() {
	k.t.Helper()
	t, p := k.t, k.program
	q := queue.New(discardLog())
	catalog := must(sqlite.Open(t.Context(), filepath.Join(p.data, catalogueFile), q))(t)
	defer catalog.Close()
	docs := must(catalog.FindDocuments(t.Context(), sohoa.Everything, archive.DocumentQuery{Dossier: killed, Limit: 1000}))(t)
	if len(docs) != killedDocs+1 {
		t.Errorf("%d documents in the catalogue, want %d", len(docs), killedDocs+1)
	}
	digests := map[sohoa.Digest]bool{}
	for _, d := range docs {
		if digests[d.Digest] {
			t.Errorf("%s has bytes that another document has too", d.ID)
		}
		digests[d.Digest] = true
	}
	for n, id := range k.acknowledged {
		doc, err := catalog.Document(t.Context(), sohoa.Everything, id)
		if err != nil || doc.State != sohoa.StateKept || doc.Revision < 1 || doc.PagesRead != 1 || doc.Signature != sohoa.SignatureBasic {
			t.Errorf("document %d: %+v, %v, want kept and signed", n, doc, err)
		}
		if found := p.ok("search", word(n)); !strings.Contains(found, id.String()) {
			t.Errorf("search %s = %q, want %s", word(n), found, id)
		}
	}
	if len(k.acknowledged) != killedDocs {
		t.Errorf("%d documents were acknowledged, want %d", len(k.acknowledged), killedDocs)
	}
	checkRoot(t, p, len(docs))
	p.ok("journal", "verify")
	p.ok("fixity")
	k.t.Logf("%d jobs were cut off and taken up again", len(jobs(t, p, `attempt > 1`)))
	if failed := jobs(t, p, `json_array_length(coalesce(errors, '[]')) > 0`); len(failed) > 0 {
		t.Errorf("jobs that failed: %q", failed)
	}
	if left := p.workCopies(); len(left) > 0 {
		// Bytes of uploads that never became documents stay for an hour, in
		// case somebody is about to enter them; nothing else may be here.
		k.checkOrphans(left, docs)
	}
}

// checkRoot validates the storage root as OCFL 1.1 and counts its objects.
func checkRoot(t *testing.T, p *program, want int) {
	t.Helper()
	blobs := must(localfs.Open(filepath.Join(p.data, objectsDir)))(t)
	defer blobs.Close()
	keeper := must(ocfl.Open(t.Context(), blobs, ocflPrefix))(t)
	if err := keeper.Validate(t.Context(), func(f ocfl.Finding) { t.Errorf("storage root: %+v", f) }); err != nil {
		t.Error(err)
	}
	objects := 0
	for _, err := range keeper.Objects(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		objects++
	}
	if objects != want {
		t.Errorf("%d objects in the storage root, want %d", objects, want)
	}
}

func (k *killing) checkOrphans(left []string, docs []sohoa.Document) {
	k.t.Helper()
	for _, file := range left {
		for _, d := range docs {
			if strings.Contains(file, d.ID.String()) {
				k.t.Errorf("%s is kept, and %s is still there", d.ID, file)
			}
		}
	}
	k.t.Logf("%d files of unfinished uploads wait for Sweep", len(left))
}
