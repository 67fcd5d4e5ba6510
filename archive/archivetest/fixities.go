package archivetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// keptDocument is a document that was kept n minutes after the moment.
func keptDocument(n, revision, copied int) sohoa.Document {
	d := document("H1", n)
	d.State, d.Revision, d.Copied, d.KeptAt = sohoa.StateKept, revision, copied, moment.Add(time.Duration(n)*time.Minute)
	return d
}

func testCopies(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	docs := []sohoa.Document{keptDocument(3, 2, 1), keptDocument(1, 1, 0), keptDocument(2, 3, 3), document("H1", 4)}
	update(t, c, func(tx archive.Tx) error {
		for _, d := range docs {
			if err := tx.PutDocument(d); err != nil {
				return err
			}
		}
		return tx.PutObjectCopied("urn:sohoa:journal-1", 4)
	})
	counts, err := c.CountCopies(t.Context(), moment.Add(2*time.Minute))
	want := archive.CopyCounts{Kept: 3, Behind: 2, Overdue: 1, Oldest: docs[1].KeptAt}
	if err != nil || counts != want {
		t.Errorf("CountCopies = %+v, %v, want %+v", counts, err, want)
	}
	wantUncopied(t, c, docs[1].ID, docs[0].ID)
	all, err := c.KeptAfter(t.Context(), sohoa.DocumentID{}, 2)
	if err != nil || len(all) != 2 || all[0].ID != docs[1].ID || all[1].ID != docs[2].ID {
		t.Errorf("KeptAfter = %+v, %v, want the first two by identifier", all, err)
	}
	if n, err := c.ObjectCopied(t.Context(), "urn:sohoa:journal-1"); n != 4 || err != nil {
		t.Errorf("ObjectCopied = %d, %v, want 4", n, err)
	}
	if n, err := c.ObjectCopied(t.Context(), "urn:sohoa:journal-2"); n != 0 || err != nil {
		t.Errorf("ObjectCopied of another = %d, %v, want 0", n, err)
	}
	// Another store has nothing yet.
	if id, err := c.SecondStore(t.Context()); id != "" || err != nil {
		t.Errorf("SecondStore = %q, %v, want none", id, err)
	}
	update(t, c, func(tx archive.Tx) error { return tx.PutSecondStore("another") })
	if id, err := c.SecondStore(t.Context()); id != "another" || err != nil {
		t.Errorf("SecondStore = %q, %v, want the one entered", id, err)
	}
	wantUncopied(t, c, docs[1].ID, docs[2].ID, docs[0].ID)
	if d, err := c.Document(t.Context(), sohoa.Everything, docs[2].ID); err != nil || d.Copied != 0 || d.Revision != 3 {
		t.Errorf("Document = copied %d of %d, %v, want 0 of 3", d.Copied, d.Revision, err)
	}
	if n, err := c.ObjectCopied(t.Context(), "urn:sohoa:journal-1"); n != 0 || err != nil {
		t.Errorf("ObjectCopied = %d, %v, want 0", n, err)
	}
}

func wantUncopied(t *testing.T, c archive.Catalog, want ...sohoa.DocumentID) {
	t.Helper()
	docs, err := c.Uncopied(t.Context(), moment.Add(time.Hour), 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []sohoa.DocumentID
	for _, d := range docs {
		got = append(got, d.ID)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b sohoa.DocumentID) bool { return a == b })); diff != "" {
		t.Errorf("Uncopied (-want +got):\n%s", diff)
	}
}

func testPasses(t *testing.T, c archive.Catalog) {
	update(t, c, func(tx archive.Tx) error {
		if _, err := tx.FixityPass(archive.FirstCopy); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("FixityPass of none = %v, want ErrNotExist", err)
		}
		return nil
	})
	old := archive.FixityPass{ID: "1", Copy: archive.FirstCopy, Started: moment, Ended: moment.Add(time.Hour), Objects: 3, Bytes: 5 << 40}
	now := archive.FixityPass{ID: "2", Copy: archive.FirstCopy, Started: moment, Cursor: "ocfl/AB", Worker: "w", Beat: moment,
		Problem: &sohoa.Problem{Kind: sohoa.ErrUnavailable, Code: "store.unavailable"}}
	second := archive.FixityPass{ID: "3", Copy: archive.SecondCopy, Started: moment}
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutFixityPass(old), tx.PutFixityPass(archive.FixityPass{ID: "2", Copy: archive.FirstCopy}),
			tx.PutFixityPass(now), tx.PutFixityPass(second))
	})
	update(t, c, func(tx archive.Tx) error {
		if p, err := tx.FixityPass(archive.FirstCopy); err != nil || p.ID != "2" || p.Cursor != now.Cursor || !p.Beat.Equal(moment) {
			t.Errorf("FixityPass = %+v, %v, want the newest", p, err)
		}
		return nil
	})
	got, err := c.FixityPasses(t.Context(), archive.FirstCopy, 10)
	if err != nil || len(got) != 2 || got[0].ID != "2" || got[0].Problem == nil || got[1].Bytes != old.Bytes {
		t.Errorf("FixityPasses = %+v, %v, want two, the newest first", got, err)
	}
}

func testFindings(t *testing.T, c archive.Catalog) {
	f := archive.FixityFinding{ID: "1", Copy: archive.FirstCopy, Object: "urn:sohoa:1", Key: "ocfl/1/inventory.json", Kind: "changed",
		Found: moment, Seen: moment}
	stray := archive.FixityFinding{ID: "2", Copy: archive.SecondCopy, Key: "ocfl/stray", Kind: "extra", Found: moment, Seen: moment}
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutFixityFinding(f), tx.PutFixityFinding(stray)) })
	again := f
	again.ID = "3"
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutFixityFinding(again) }); err == nil {
		t.Error("a file was entered with two open findings")
	}
	update(t, c, func(tx archive.Tx) error {
		open, err := tx.OpenFinding(f.Copy, f.Object, f.Key)
		if err != nil || open.ID != "1" {
			t.Errorf("OpenFinding = %+v, %v", open, err)
		}
		if _, err := tx.OpenFinding(archive.SecondCopy, f.Object, f.Key); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("OpenFinding in the other copy = %v, want ErrNotExist", err)
		}
		open.Ended, open.From, open.Seen = moment.Add(time.Hour), "other", moment.Add(time.Minute)
		return tx.PutFixityFinding(open)
	})
	update(t, c, func(tx archive.Tx) error { return tx.PutFixityFinding(again) }) // it broke again
	if n, err := c.CountFindings(t.Context()); err != nil || n[archive.FirstCopy] != 1 || n[archive.SecondCopy] != 1 {
		t.Errorf("CountFindings = %v, %v, want one each", n, err)
	}
	queries := []struct {
		q    archive.FindingQuery
		want int
	}{
		{archive.FindingQuery{}, 3},
		{archive.FindingQuery{Open: true}, 2},
		{archive.FindingQuery{Copy: archive.SecondCopy}, 1},
		{archive.FindingQuery{Object: f.Object}, 2},
		{archive.FindingQuery{Limit: 1}, 1},
	}
	for _, q := range queries {
		if got, err := c.FindFixity(t.Context(), q.q); err != nil || len(got) != q.want || len(got) > 0 && q.q.Copy == "" && got[0].ID != "3" {
			t.Errorf("FindFixity(%+v) = %+v, %v, want %d", q.q, got, err, q.want)
		}
	}
	update(t, c, func(tx archive.Tx) error {
		n, err := tx.EndFindings(archive.SecondCopy, moment.Add(time.Second), moment.Add(time.Hour))
		if n != 1 {
			t.Errorf("EndFindings = %d, want 1", n)
		}
		return err
	})
	if n, err := c.CountFindings(t.Context()); err != nil || n[archive.SecondCopy] != 0 {
		t.Errorf("CountFindings = %v, %v, want none in the second", n, err)
	}
}
