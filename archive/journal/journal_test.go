package journal_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/journal"
	"sohoa/archive/localfs"
	"sohoa/archive/ocfl"
	"sohoa/archive/sqlite"
	"sohoa/archive/vault"
)

// monday is when the tests begin, in the morning of Việt Nam.
var monday = time.Date(2026, 11, 30, 8, 0, 0, 0, sohoa.Hanoi)

// desk is a journal with its keeper, in a folder of the test.
type desk struct {
	*journal.Keeper
	t       *testing.T
	path    string // of the catalogue
	catalog *sqlite.Catalog
	store   *localfs.Store
	clock   time.Time
	away    bool       // the authority
	keys    vault.Keys // encrypt what is stored
}

func open(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, clock: monday}
	var err error
	if d.store, err = localfs.Open(filepath.Join(t.TempDir(), "objects")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.store.Close() })
	d.lose()
	return d
}

// lose begins with an empty catalogue.
func (d *desk) lose() {
	d.t.Helper()
	d.path = filepath.Join(d.t.TempDir(), "c.db")
	d.reopen()
}

// reopen is what a new process does.
func (d *desk) reopen() {
	d.t.Helper()
	if d.catalog != nil {
		d.catalog.Close()
	}
	var err error
	if d.catalog, err = sqlite.Open(d.t.Context(), d.path, nil, sqlite.WithClock(d.now)); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { d.catalog.Close() })
	root, err := ocfl.Open(d.t.Context(), d.store, "ocfl")
	if err != nil {
		d.t.Fatal(err)
	}
	cfg := journal.Config{Catalog: d.catalog, Blobs: d.store, Root: root, Stamper: d, Judge: d.judge, Now: d.now}
	if len(d.keys.From) > 0 {
		if cfg.Vault, err = vault.Open(d.t.Context(), d.store, d.keys); err != nil {
			d.t.Fatal(err)
		}
		cfg.Blobs = cfg.Vault
	}
	d.Keeper = journal.New(cfg)
}

func (d *desk) now() time.Time { return d.clock }

// Stamp implements journal.Stamper: a token is the time and the digest.
func (d *desk) Stamp(_ context.Context, digest []byte) ([]byte, error) {
	if d.away {
		return nil, &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "sign.tsa-rests"}
	}
	return append([]byte(d.clock.UTC().Format(time.RFC3339)+" "), digest...), nil
}

func (d *desk) judge(token, text []byte) (time.Time, error) {
	at, digest, _ := strings.Cut(string(token), " ")
	if want := sohoa.Sum(text); digest != string(want[:]) {
		return time.Time{}, errors.New("the timestamp is over something else")
	}
	return time.Parse(time.RFC3339, at)
}

// work appends n entries, a second apart.
func (d *desk) work(n int) {
	d.t.Helper()
	err := d.catalog.Update(d.t.Context(), func(tx archive.Tx) error {
		for i := range n {
			e := sohoa.Entry{Time: d.clock, Actor: "lan", Action: sohoa.ActionView, Dossier: fmt.Sprint("H", i), Purpose: "tiếp nhận"}
			if _, err := tx.Append(e); err != nil {
				return err
			}
			d.clock = d.clock.Add(time.Second)
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// night goes on to the next morning, and lets the keeper do its work.
func (d *desk) night() {
	d.t.Helper()
	d.clock = d.clock.AddDate(0, 0, 1)
	if err := errors.Join(d.Flush(d.t.Context()), d.Daily(d.t.Context())); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) heads() []archive.JournalHead {
	d.t.Helper()
	heads, err := d.catalog.JournalHeads(d.t.Context(), 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return heads
}

func (d *desk) entries() []sohoa.Entry {
	d.t.Helper()
	entries, err := d.catalog.Entries(d.t.Context(), 0, 100_000)
	if err != nil {
		d.t.Fatal(err)
	}
	return entries
}

// codes verifies the journal and returns what was found.
func (d *desk) codes(elsewhere ...journal.Named) []string {
	d.t.Helper()
	check, err := d.Verify(d.t.Context(), "admin", elsewhere...)
	if err != nil {
		d.t.Fatalf("Verify: %v", err)
	}
	codes := []string{}
	for _, f := range check.Findings {
		codes = append(codes, strings.TrimSpace(fmt.Sprint(f.Code, " ", f.Seq, " ", f.Head)))
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// tamper changes the catalogue as somebody who may do everything there would.
func (d *desk) tamper(queries ...string) {
	d.t.Helper()
	db, err := sql.Open("sqlite", "file:"+d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	for _, q := range append([]string{`DROP TRIGGER IF EXISTS journal_no_update`, `DROP TRIGGER IF EXISTS journal_no_delete`}, queries...) {
		if _, err := db.Exec(q); err != nil {
			d.t.Fatalf("%s: %v", q, err)
		}
	}
}

// rewrite replaces the whole journal by what change makes of it, as a valid
// chain.
func (d *desk) rewrite(change func([]sohoa.Entry) []sohoa.Entry) {
	d.t.Helper()
	entries := change(d.entries())
	d.tamper(`DELETE FROM journal`)
	var prev sohoa.Entry
	for i := range entries {
		entries[i].Seal(prev)
		prev = entries[i]
	}
	err := d.catalog.Update(d.t.Context(), func(tx archive.Tx) error { return tx.RestoreEntries(entries...) })
	if err != nil {
		d.t.Fatal(err)
	}
}

func TestTamperingIsFoundAndNamed(t *testing.T) {
	tests := map[string]struct {
		change func(*desk)
		want   []string // code, entry, head
	}{
		"nothing": {func(*desk) {}, []string{}},
		"altered": {func(d *desk) { d.tamper(`UPDATE journal SET actor = 'hoa' WHERE seq = 3`) }, []string{"entry.altered 3"}},
		"altered with its hash": {func(d *desk) {
			e := d.entries()[2]
			e.Actor = "hoa"
			e.Seal(d.entries()[1])
			d.tamper(fmt.Sprintf(`UPDATE journal SET actor = 'hoa', hash = '%v' WHERE seq = 3`, e.Hash))
		}, []string{"entry.chain 4", "entry.differs 3 2026-11-30", "head.differs 0 2026-11-30", "head.differs 0 2026-12-01"}},
		"cut at the end": {func(d *desk) { d.tamper(`DELETE FROM journal WHERE seq > 7`) }, []string{"head.cut 7 2026-12-01"}},
		"cut in the middle": {func(d *desk) { d.tamper(`DELETE FROM journal WHERE seq IN (3, 4)`) },
			[]string{"entry.differs 3 2026-11-30", "entry.missing 5", "head.differs 0 2026-11-30", "head.differs 0 2026-12-01"}},
		"cut in the middle and chained again": {func(d *desk) {
			d.rewrite(func(all []sohoa.Entry) []sohoa.Entry { return append(all[:2:2], all[4:]...) })
		}, []string{"entry.differs 3 2026-11-30", "entry.differs 6 2026-12-01", "head.differs 0 2026-11-30", "head.differs 0 2026-12-01"}},
		"reordered": {func(d *desk) {
			d.tamper(`UPDATE journal SET seq = -3 WHERE seq = 3`, `UPDATE journal SET seq = 3 WHERE seq = 4`, `UPDATE journal SET seq = 4 WHERE seq = -3`)
		}, []string{"entry.altered 3", "entry.altered 4", "entry.chain 5", "entry.differs 3 2026-11-30", "head.differs 0 2026-11-30", "head.differs 0 2026-12-01"}},
		"reordered and chained again": {func(d *desk) {
			d.rewrite(func(all []sohoa.Entry) []sohoa.Entry { all[2], all[3] = all[3], all[2]; return all })
		}, []string{"entry.differs 3 2026-11-30", "entry.differs 6 2026-12-01", "head.differs 0 2026-11-30", "head.differs 0 2026-12-01"}},
		"replaced whole by another valid chain": {func(d *desk) {
			d.rewrite(func(all []sohoa.Entry) []sohoa.Entry {
				for i := range all {
					all[i].Actor = "hoa"
				}
				return all
			})
		}, []string{"entry.differs 1 2026-11-30", "entry.differs 6 2026-12-01", "head.other 0 2026-11-30", "head.other 0 2026-12-01"}},
		"replaced with all heads of the catalogue": {func(d *desk) {
			d.tamper(`DELETE FROM journal_heads`)
			d.rewrite(func(all []sohoa.Entry) []sohoa.Entry { all[8].Actor = "hoa"; return all })
		}, []string{"entry.differs 9 2026-12-01", "head.differs 0 2026-12-01", "head.unknown 0 2026-11-30", "head.unknown 0 2026-12-01"}},
		"a head altered": {func(d *desk) {
			d.tamper(`UPDATE journal_heads SET data = json_set(data, '$.size', 4) WHERE day = '2026-11-30'`)
		}, []string{"head.malformed 0 2026-11-30"}},
		"a timestamp altered": {func(d *desk) {
			d.tamper(`UPDATE journal_heads SET data = json_set(data, '$.token', 'AAAA') WHERE day = '2026-11-30'`)
		}, []string{"head.timestamp 0 2026-11-30"}},
		"a day taken from the storage root": {func(d *desk) {
			if err := d.store.RemoveAll(t.Context(), "ocfl/03/-1/journal-2026-11-30/"); err != nil {
				d.t.Fatal(err)
			}
		}, []string{"head.not-kept 0 2026-11-30"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			d.work(5)
			d.night() // entries 6, 7
			d.work(5)
			d.night() // entries 13, 14
			test.change(d)
			if got := d.codes(); !slices.Equal(got, test.want) {
				t.Errorf("Verify found %q, want %q", got, test.want)
			}
		})
	}
}

func TestHeadKeptElsewhere(t *testing.T) {
	d := open(t)
	d.work(20)
	head, err := d.Tree.Head(t.Context(), 15)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := journal.ParseHead([]byte("  " + strings.ReplaceAll(strings.TrimSpace(head.Text()), "\n", " \r\n ")))
	if err != nil || copied.Head != head {
		t.Fatalf("ParseHead of a copy by hand = %+v, %v, want %+v", copied, err, head)
	}
	paper := journal.Named{Name: "paper", Signed: copied}
	if got := d.codes(paper); len(got) != 0 {
		t.Errorf("Verify with a head from elsewhere found %q, want nothing", got)
	}
	all := d.entries()
	for name, test := range map[string]struct {
		change func([]sohoa.Entry) []sohoa.Entry
		want   string
	}{
		"cut":            {func(e []sohoa.Entry) []sohoa.Entry { return e[:12] }, "head.cut 12 paper"},
		"altered before": {func(e []sohoa.Entry) []sohoa.Entry { e[14].Purpose = "khác"; return e }, "head.differs 0 paper"},
		"altered after":  {func(e []sohoa.Entry) []sohoa.Entry { e[15].Purpose = "khác"; return e }, ""},
		"another":        {func(e []sohoa.Entry) []sohoa.Entry { e[0].Purpose = "khác"; return e }, "head.other 0 paper"},
	} {
		d.rewrite(func([]sohoa.Entry) []sohoa.Entry { return test.change(slices.Clone(all)) })
		if got := strings.Join(d.codes(paper), ";"); got != test.want {
			t.Errorf("%s: Verify found %q, want %q", name, got, test.want)
		}
	}
}

func TestHeadsWaitForTheAuthority(t *testing.T) {
	d := open(t)
	d.away = true
	d.work(3)
	d.night()
	h := d.heads()[0]
	if h.Day != "2026-11-30" || h.Size != 3 || h.State() != archive.HeadAwaiting || h.Problem.Code != "sign.tsa-rests" || h.Kept != 1 {
		t.Fatalf("head without the authority = %+v, want it kept, waiting, with the reason", h)
	}
	d.reopen()
	d.away = false
	d.clock = d.clock.Add(time.Hour)
	if err := d.Daily(t.Context()); err != nil {
		t.Fatal(err)
	}
	h = d.heads()[0]
	if h.State() != archive.HeadStamped || !h.Stamped.Equal(d.clock) || h.Kept != 2 || h.Problem != nil {
		t.Errorf("head with the authority back = %+v, want it stamped, in version 2", h)
	}
	o, err := d.Root.Head(t.Context(), ocfl.NewID(ocfl.KindJournal, "2026-11-30"))
	if err != nil || o.Head != 2 || len(o.Files) != 3 {
		t.Errorf("object of the day = %+v, %v, want entries, head and timestamp", o, err)
	}
	if err := d.Root.Validate(t.Context(), func(f ocfl.Finding) { t.Errorf("storage root: %+v", f) }); err != nil {
		t.Error(err)
	}
	for info, err := range d.store.List(t.Context(), "journal/") {
		if err != nil || strings.HasPrefix(info.Key, "journal/day/") {
			t.Errorf("left over: %v, %v", info.Key, err)
		}
	}
	if len(d.codes()) != 0 {
		t.Error("the journal does not verify")
	}
}

func TestWithoutAuthorityHeadsSaySo(t *testing.T) {
	d := open(t)
	d.Stamper = nil
	d.work(3)
	d.night()
	if h := d.heads()[0]; h.State() != archive.HeadUnstamped || h.Kept != 1 {
		t.Errorf("head = %+v, want it kept and unstamped", h)
	}
}

// Days without work have no head of their own beyond those for the keeper's
// entries; days when nobody was there go with the next.
func TestDaysThatWereMissed(t *testing.T) {
	d := open(t)
	d.work(3)
	if err := d.Daily(t.Context()); err != nil || len(d.heads()) != 0 {
		t.Fatalf("Daily on the same day = %v with %d heads, want none", err, len(d.heads()))
	}
	d.clock = d.clock.AddDate(0, 0, 4) // nobody was there
	d.work(2)
	if err := d.Daily(t.Context()); err != nil {
		t.Fatal(err)
	}
	heads := d.heads()
	if len(heads) != 1 || heads[0].Day != "2026-11-30" || heads[0].Size != 3 {
		t.Fatalf("heads = %+v, want one of Monday over 3 entries", heads)
	}
	d.clock = d.clock.AddDate(-1, 0, 0) // the clock is set wrong, and right again
	d.work(2)
	d.clock = d.clock.AddDate(1, 0, 1)
	if err := errors.Join(d.Daily(t.Context()), d.Daily(t.Context())); err != nil {
		t.Fatal(err)
	}
	if heads = d.heads(); len(heads) != 2 || heads[0].Day != "2026-12-04" || heads[0].From != 3 {
		t.Errorf("heads = %+v, want a second of 4 December", heads)
	}
	if got := d.codes(); len(got) != 0 {
		t.Errorf("Verify found %q, want nothing", got)
	}
}

// The tree's own hashes are not trusted: a head goes on from the one before.
func TestAlteredTreeIsFoundAndMended(t *testing.T) {
	d := open(t)
	d.bulk(66_000)
	d.night()
	d.tamper(`UPDATE journal_tree SET hash = (SELECT hash FROM journal WHERE seq = 1) WHERE level = 16 OR n = 3`)
	if got := d.codes(); !slices.Equal(got, []string{"tree.hash 1", "tree.hash 769"}) {
		t.Errorf("Verify found %q, want the two hashes", got)
	}
	d.work(1)
	d.night()
	if got := d.codes(); len(got) != 0 {
		t.Errorf("Verify after the next head found %q, want nothing", got)
	}
}

// bulk appends many entries in few transactions.
func (d *desk) bulk(n int) {
	d.t.Helper()
	for n > 0 {
		some := min(n, 5000)
		err := d.catalog.Update(d.t.Context(), func(tx archive.Tx) error {
			for range some {
				if _, err := tx.Append(sohoa.Entry{Actor: "lan", Action: sohoa.ActionView, Dossier: "H1"}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			d.t.Fatal(err)
		}
		n -= some
	}
}

func TestProofs(t *testing.T) {
	d := open(t)
	d.bulk(1500)
	for _, extended := range []bool{false, true} {
		if extended {
			if err := d.Tree.Extend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var f journal.Frontier
		for i, e := range d.entries() {
			f.Push(journal.Leaf(e.Hash), nil)
			size := uint64(i + 1)
			if size%97 != 0 && size > 3 {
				continue
			}
			head, err := d.Tree.Head(t.Context(), size)
			if err != nil || head.Root != f.Root() {
				t.Fatalf("Head(%d) = %v, %v, want root %v", size, head, err, f.Root())
			}
			for _, seq := range []uint64{1, size/2 + 1, size} {
				d.proves(d.Tree.ProveEntry(t.Context(), seq, size))
				d.proves(d.Tree.ProveHead(t.Context(), seq, size))
			}
		}
	}
	for _, bad := range [][2]uint64{{0, 5}, {6, 5}, {1, 1501}} {
		_, err1 := d.Tree.ProveEntry(t.Context(), bad[0], bad[1])
		_, err2 := d.Tree.ProveHead(t.Context(), bad[0], bad[1])
		if !errors.Is(err1, sohoa.ErrNotExist) || !errors.Is(err2, sohoa.ErrNotExist) {
			t.Errorf("proofs of %v = %v, %v, want ErrNotExist", bad, err1, err2)
		}
	}
}

// proves checks that a proof holds, and no longer after any part of it changed.
func (d *desk) proves(p journal.Proof, err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	if _, err := p.Check(); err != nil {
		d.t.Errorf("Check = %v, want nil", err)
	}
	changes := map[string]func(*journal.Proof){
		"a hash less": func(p *journal.Proof) { p.Hashes = p.Hashes[:max(0, len(p.Hashes)-1)] },
		"a hash more": func(p *journal.Proof) { p.Hashes = append(slices.Clone(p.Hashes), [32]byte{}) },
		"a hash else": func(p *journal.Proof) {
			if p.Hashes = slices.Clone(p.Hashes); len(p.Hashes) > 0 {
				p.Hashes[0][5] ^= 1
			}
		},
		"entry": func(p *journal.Proof) {
			if p.Entry != nil {
				e := *p.Entry
				e.Purpose, p.Entry = "khác", &e
			}
		},
		"head": func(p *journal.Proof) {
			h, err := journal.ParseHead([]byte(p.Head))
			if err != nil {
				d.t.Fatal(err)
			}
			h.Root[7] ^= 1
			p.Head = h.File()
		},
	}
	for name, change := range changes {
		changed := p
		change(&changed)
		if changed.Head == p.Head && changed.Entry == p.Entry && slices.Equal(changed.Hashes, p.Hashes) {
			continue // there was nothing to change
		}
		if _, err := changed.Check(); !errors.Is(err, sohoa.ErrVerification) {
			d.t.Errorf("Check with another %s = %v, want ErrVerification", name, err)
		}
	}
}

func TestHeadFile(t *testing.T) {
	s := journal.Signed{Head: journal.Head{Origin: journal.Origin(sohoa.Sum([]byte("x"))), Size: 12, Root: sohoa.Sum([]byte("y"))}, Token: []byte{1, 2, 3}}
	got, err := journal.ParseHead([]byte(s.File()))
	if err != nil || got.Head != s.Head || !bytes.Equal(got.Token, s.Token) {
		t.Errorf("ParseHead(File) = %+v, %v, want %+v", got, err, s)
	}
	text := s.Text()
	for name, bad := range map[string]string{
		"nothing": "", "two lines": "a\n1", "origin": "x" + text, "size": strings.Replace(text, "12", "012", 1), "negative": strings.Replace(text, "12", "-1", 1),
		"root": strings.Replace(text, "=", "", 1), "no blank line": text + "— timestamp AQID\n", "two stamps": text + "\n— timestamp AQID\n— timestamp AQID\n",
		"no base64": text + "\n— timestamp !\n",
	} {
		if _, err := journal.ParseHead([]byte(bad)); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("ParseHead of %s = %v, want ErrInvalid", name, err)
		}
	}
}

func FuzzParseHead(f *testing.F) {
	s := journal.Signed{Head: journal.Head{Origin: journal.Origin(sohoa.Sum([]byte("x"))), Size: 12, Root: sohoa.Sum([]byte("y"))}, Token: []byte{1, 2, 3}}
	f.Add([]byte(s.File()))
	f.Add([]byte(s.Text()))
	f.Fuzz(func(t *testing.T, b []byte) {
		head, err := journal.ParseHead(b)
		if err != nil {
			if !errors.Is(err, sohoa.ErrInvalid) {
				t.Errorf("ParseHead = %v, want ErrInvalid", err)
			}
			return
		}
		again, err := journal.ParseHead([]byte(head.File()))
		if err != nil || again.Head != head.Head || !bytes.Equal(again.Token, head.Token) {
			t.Errorf("ParseHead(%q) = %+v, %v, want %+v", head.File(), again, err, head)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add([]byte(`{"format":"sohoa journal proof 1","entry":{"seq":1},"hashes":["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="],"head":"x"}`))
	s := journal.Head{Origin: journal.Origin(sohoa.Sum([]byte("x"))), Size: 12, Root: sohoa.Sum([]byte("y"))}
	f.Add(fmt.Appendf(nil, `{"format":"sohoa journal proof 1","from":%q,"hashes":[],"head":%q}`, s.Text(), s.Text()))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := journal.ParseProof(b)
		if err == nil {
			_, err = p.Check()
		}
		if err != nil && !errors.Is(err, sohoa.ErrInvalid) && !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("a proof = %v, want ErrInvalid or ErrVerification", err)
		}
	})
}
