package archivetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
)

// reuseTests are those of procedures and reuses in Catalog.
var reuseTests = map[string]func(*testing.T, archive.Catalog){
	"procedures ask for papers":        testProcedures,
	"reuses come back":                 testReuses,
	"one result a requirement":         testOneReuse,
	"two clerks, one result":           testTwoClerks,
	"what is held is found":            testHeldOf,
	"what a dossier uses is seen":      testShared,
	"results are counted in a dossier": testResults,
	"reuses are counted by agency":     testReuseCounts,
	"force that time changes is found": testTurned,
	"records know what they lack":      testRecords,
}

func testProcedures(t *testing.T, c archive.Catalog) {
	want := sohoa.Procedure{Code: "1.001", Name: "Đăng ký khai sinh", Result: "giay-khai-sinh", Requirements: []sohoa.Requirement{
		{Code: "TP1", Name: "Giấy chứng sinh", Types: []string{"giay-chung-sinh"}, Scope: "toàn quốc", MaxDays: 90},
		{Code: "TP2", Name: "Tờ khai", Optional: true}}}
	plain := sohoa.Procedure{Code: "1.000", Name: "Cũ"}
	update(t, c, func(tx archive.Tx) error { return errors.Join(tx.PutProcedure(want), tx.PutProcedure(plain)) })
	got, err := c.Procedure(t.Context(), "1.001")
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("Procedure: %v (-want +got):\n%s", err, d)
	}
	all, err := c.Procedures(t.Context())
	if d := cmp.Diff([]sohoa.Procedure{plain, want}, all); err != nil || d != "" {
		t.Errorf("Procedures: %v (-want +got):\n%s", err, d)
	}
	if _, err := c.Procedure(t.Context(), "9"); sohoa.AsProblem(err).Code != "procedure.unknown" {
		t.Errorf("an unknown procedure: %v, want procedure.unknown", err)
	}
}

// reuse is an accepted one of a document in a dossier, made n seconds after
// moment.
func reuse(dossier, requirement string, id sohoa.DocumentID, n int) sohoa.Reuse {
	at := moment.Add(time.Duration(n) * time.Second)
	return sohoa.Reuse{ID: sohoa.NewSetID(at), Dossier: dossier, Requirement: requirement, Document: id, State: sohoa.ReuseAccepted,
		By: "lan", At: at, Checks: []sohoa.ReuseCheck{{Rule: sohoa.RuleOwner, Outcome: sohoa.ReusePass}}, Digest: sohoa.Sum([]byte("x"))}
}

func putReuses(t *testing.T, c archive.Catalog, all ...sohoa.Reuse) {
	t.Helper()
	update(t, c, func(tx archive.Tx) error {
		for _, r := range all {
			if err := tx.PutReuse(r); err != nil {
				return err
			}
		}
		return nil
	})
}

func testReuses(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	one, two := sohoa.NewDocumentID(moment), sohoa.NewDocumentID(moment)
	accepted, declined, other := reuse("H1", "TP1", one, 0), reuse("H1", "TP2", one, 1), reuse("H2", "TP1", two, 2)
	declined.State, declined.Reason = sohoa.ReuseDeclined, sohoa.ReuseOutdated
	other.Lost = &sohoa.ReuseLoss{Force: sohoa.ForceRevoked, At: moment}
	putReuses(t, c, accepted, declined, other)
	agencyA := sohoa.Scope{Agencies: []string{"A"}}
	for name, tt := range map[string]struct {
		scope sohoa.Scope
		q     archive.ReuseQuery
		want  []sohoa.Reuse
	}{
		"all":         {sohoa.Everything, archive.ReuseQuery{}, []sohoa.Reuse{other, declined, accepted}},
		"agency A":    {agencyA, archive.ReuseQuery{}, []sohoa.Reuse{declined, accepted}},
		"nobody":      {sohoa.Scope{}, archive.ReuseQuery{}, nil},
		"dossier":     {sohoa.Everything, archive.ReuseQuery{Dossier: "H1"}, []sohoa.Reuse{declined, accepted}},
		"requirement": {sohoa.Everything, archive.ReuseQuery{Dossier: "H1", Requirement: "TP1"}, []sohoa.Reuse{accepted}},
		"document":    {sohoa.Everything, archive.ReuseQuery{Document: two}, []sohoa.Reuse{other}},
		"state":       {sohoa.Everything, archive.ReuseQuery{State: sohoa.ReuseDeclined}, []sohoa.Reuse{declined}},
		"lost":        {sohoa.Everything, archive.ReuseQuery{Lost: true}, []sohoa.Reuse{other}},
		"unseen":      {agencyA, archive.ReuseQuery{Unseen: true}, nil},
		"from":        {sohoa.Everything, archive.ReuseQuery{From: declined.At}, []sohoa.Reuse{other, declined}},
		"until":       {sohoa.Everything, archive.ReuseQuery{Until: declined.At}, []sohoa.Reuse{accepted}},
		"limit":       {sohoa.Everything, archive.ReuseQuery{Limit: 1}, []sohoa.Reuse{other}},
	} {
		got, err := c.FindReuses(t.Context(), tt.scope, tt.q)
		if d := cmp.Diff(tt.want, got, sameID); err != nil || d != "" {
			t.Errorf("FindReuses, %s: %v (-want +got):\n%s", name, err, d)
		}
	}
	if got, err := c.Reuse(t.Context(), agencyA, accepted.ID); err != nil || got.ID != accepted.ID {
		t.Errorf("Reuse = %s, %v, want %s", got.ID, err, accepted.ID)
	}
	if _, err := c.Reuse(t.Context(), agencyA, other.ID); sohoa.AsProblem(err).Code != "reuse.unknown" {
		t.Errorf("a reuse of another agency: %v, want reuse.unknown", err)
	}
	other.Lost.Seen = moment
	putReuses(t, c, other)
	if got, err := c.FindReuses(t.Context(), sohoa.Everything, archive.ReuseQuery{Unseen: true}); err != nil || len(got) != 0 {
		t.Errorf("unseen after it was seen: %d, %v, want none", len(got), err)
	}
	update(t, c, func(tx archive.Tx) error {
		of, err1 := tx.DossierReuses("H1")
		by, err2 := tx.DocumentReuses(two)
		one, err3 := tx.Reuse(declined.ID)
		if d := cmp.Diff([]sohoa.Reuse{accepted, declined}, of, sameID); d != "" {
			t.Errorf("DossierReuses (-want +got):\n%s", d)
		}
		if len(by) != 1 || by[0].ID != other.ID || one.ID != declined.ID {
			t.Errorf("DocumentReuses = %v, Reuse = %s, want %s and %s", by, one.ID, other.ID, declined.ID)
		}
		return errors.Join(err1, err2, err3)
	})
}

func testOneReuse(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	first, second := reuse("H1", "TP1", sohoa.NewDocumentID(moment), 0), reuse("H1", "TP1", sohoa.NewDocumentID(moment), 1)
	putReuses(t, c, first)
	err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutReuse(second) })
	if !errors.Is(err, sohoa.ErrConflict) || sohoa.AsProblem(err).Code != "reuse.taken" {
		t.Errorf("a second result for a requirement: %v, want reuse.taken", err)
	}
	first.State = sohoa.ReuseEnded
	putReuses(t, c, first, second)
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutReuse(reuse("H9", "TP1", first.Document, 3)) }); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a reuse in no dossier: %v, want ErrNotExist", err)
	}
}

func testTwoClerks(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	errs := make([]error, 8)
	var clerks sync.WaitGroup
	for i := range errs {
		clerks.Go(func() {
			errs[i] = c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutReuse(reuse("H1", "TP1", sohoa.NewDocumentID(moment), i)) })
		})
	}
	clerks.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if sohoa.AsProblem(err).Code != "reuse.taken" {
			t.Errorf("a clerk who came late: %v, want reuse.taken", err)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d clerks won, want 1", won, len(errs))
	}
}

func testHeldOf(t *testing.T, c archive.Catalog) {
	owners := []sohoa.Owner{
		{Name: "Nguyễn Thị Hòa", IDNumber: "001190000001", BirthDate: "1990-05-01"},
		{Name: "NGUYỄN THỊ HOÀ", BirthDate: "1990-05-01"},
		{Name: "Nguyễn Thị Hòa", IDNumber: "001190000002", BirthDate: "1990-05-01"},
		{Name: "Nguyễn Thị Hòa"},
		{Name: "Nguyễn Thị Hoa", BirthDate: "1990-05-01"},
	}
	var docs []sohoa.Document
	update(t, c, func(tx archive.Tx) error {
		docs = nil
		for i, o := range owners {
			code := fmt.Sprintf("H%d", i)
			d := aged(code, i, "", "x")
			if i == 1 {
				d.Life.Type = ""
			}
			docs = append(docs, d)
			if err := errors.Join(tx.PutDossier(sohoa.Dossier{Code: code, Agency: "A", Owner: o, CreatedAt: moment}), tx.PutDocument(d)); err != nil {
				return err
			}
		}
		unfinished, moved := document("H0", 8), aged("H0", 9, "", "x")
		moved.MovedTo = []sohoa.DocumentID{docs[0].ID}
		return errors.Join(tx.PutDocument(unfinished), tx.PutDocument(moved))
	})
	for name, tt := range map[string]struct {
		q    archive.HeldQuery
		want []int
	}{
		"by number":                {archive.HeldQuery{IDNumber: "001190000002"}, []int{2}},
		"number, name and date":    {archive.HeldQuery{IDNumber: "001190000001", Name: "nguyễn  thị hoà", BirthDate: "1990-05-01"}, []int{0, 1}},
		"name and date":            {archive.HeldQuery{Name: "Nguyễn Thị Hòa", BirthDate: "1990-05-01"}, []int{2, 0, 1}},
		"name alone":               {archive.HeldQuery{Name: "Nguyễn Thị Hòa"}, nil},
		"nothing":                  {archive.HeldQuery{}, nil},
		"another kind":             {archive.HeldQuery{Name: "Nguyễn Thị Hòa", BirthDate: "1990-05-01", Types: []string{"y"}}, []int{1}},
		"kinds":                    {archive.HeldQuery{Name: "Nguyễn Thị Hòa", BirthDate: "1990-05-01", Types: []string{"y", "x"}}, []int{2, 0, 1}},
		"limit":                    {archive.HeldQuery{Name: "Nguyễn Thị Hòa", BirthDate: "1990-05-01", Limit: 1}, []int{2}},
		"kinds before none":        {archive.HeldQuery{IDNumber: "001190000001", Name: "Nguyễn Thị Hòa", BirthDate: "1990-05-01", Limit: 1}, []int{0}},
		"marks count":              {archive.HeldQuery{Name: "Nguyen Thi Hoa", BirthDate: "1990-05-01"}, nil},
		"date of birth without it": {archive.HeldQuery{Name: "Nguyễn Thị Hòa", BirthDate: "1990-05-02"}, nil},
	} {
		found, err := c.Held(t.Context(), tt.q)
		var want, got []sohoa.DocumentID
		for _, i := range tt.want {
			want = append(want, docs[i].ID)
		}
		for _, d := range found {
			got = append(got, d.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("Held, %s = %v, %v, want %v", name, got, err, want)
		}
	}
	if d, err := c.Dossier(t.Context(), sohoa.Everything, "H1"); err != nil || d.Owner != owners[1] {
		t.Errorf("owner of a dossier = %+v, %v, want %+v", d.Owner, err, owners[1])
	}
	if list, err := c.FindDossiers(t.Context(), sohoa.Everything, archive.DossierQuery{Text: "H1"}); err != nil || len(list) != 1 || list[0].Owner != owners[1] {
		t.Errorf("FindDossiers = %+v, %v, want H1 with its owner", list, err)
	}
}

func testShared(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	seed(t, c, "H2", "B")
	doc := aged("H1", 1, "", "x")
	r := reuse("H2", "TP1", doc.ID, 0)
	update(t, c, func(tx archive.Tx) error { return tx.PutDocument(doc) })
	agencyB := sohoa.Scope{Agencies: []string{"B"}}
	sees := func(name string, want bool) {
		t.Helper()
		if _, err := c.Document(t.Context(), agencyB, doc.ID); (err == nil) != want || err != nil && !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("%s: Document = %v, want it seen: %v", name, err, want)
		}
		if _, err := archive.Owned(t.Context(), c, agencyB, doc.ID); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("%s: Owned = %v, want ErrNotExist", name, err)
		}
		if found, err := c.FindDocuments(t.Context(), agencyB, archive.DocumentQuery{}); err != nil || len(found) != 0 {
			t.Errorf("%s: FindDocuments = %d, %v, want none", name, len(found), err)
		}
	}
	sees("before", false)
	r.State = sohoa.ReuseDeclined
	putReuses(t, c, r)
	sees("declined", false)
	r.State = sohoa.ReuseAccepted
	putReuses(t, c, r)
	sees("accepted", true)
	if _, err := archive.Owned(t.Context(), c, sohoa.Scope{Agencies: []string{"A"}}, doc.ID); err != nil {
		t.Errorf("Owned by its own agency: %v", err)
	}
	if _, err := c.Document(t.Context(), sohoa.Scope{Agencies: []string{"C"}}, doc.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("a third agency: %v, want ErrNotExist", err)
	}
	update(t, c, func(tx archive.Tx) error {
		return tx.PutDossier(sohoa.Dossier{Code: "H2", Agency: "C", CreatedAt: moment})
	})
	sees("its dossier went to another agency", false)
	if _, err := c.Document(t.Context(), sohoa.Scope{Agencies: []string{"C"}}, doc.ID); err != nil {
		t.Errorf("the agency to which the dossier went: %v", err)
	}
	r.State = sohoa.ReuseEnded
	putReuses(t, c, r)
	if _, err := c.Document(t.Context(), sohoa.Scope{Agencies: []string{"C"}}, doc.ID); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("after the reuse ended: %v, want ErrNotExist", err)
	}
}

func testResults(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	first, second, none := aged("H1", 1, "", "x"), aged("H1", 2, "", "x"), aged("H1", 3, "", "x")
	first.Life.Result, second.Life.Result = "H1-KQ1", "H1-KQ2"
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(first), tx.PutDocument(second), tx.PutDocument(none))
	})
	none.Life.Result = "H1-KQ2"
	if err := c.Update(t.Context(), func(tx archive.Tx) error { return tx.PutDocument(none) }); err == nil {
		t.Error("two documents have one code of a result")
	}
	tomb := sohoa.Document{ID: second.ID, Dossier: "H1", State: sohoa.StateDestroyed, Life: sohoa.Life{Result: "H1-KQ2"}}
	update(t, c, func(tx archive.Tx) error { return tx.BuryDocument(tomb) })
	update(t, c, func(tx archive.Tx) error {
		if got, err := tx.Results("H1"); err != nil || !slices.Equal(got, []string{"H1-KQ1", "H1-KQ2"}) {
			t.Errorf("Results = %v, %v, want both codes", got, err)
		}
		return nil
	})
}

func testReuseCounts(t *testing.T, c archive.Catalog) {
	day := 24 * time.Hour
	update(t, c, func(tx archive.Tx) error {
		errs := []error{tx.PutAgency(sohoa.Agency{Code: "A", Name: "A"}), tx.PutAgency(sohoa.Agency{Code: "B", Name: "B"}), tx.PutAgency(sohoa.Agency{Code: "C", Name: "C"})}
		for i, agency := range []string{"A", "A", "A", "B"} {
			errs = append(errs, tx.PutDossier(sohoa.Dossier{Code: fmt.Sprintf("H%d", i), Agency: agency, CreatedAt: moment.Add(time.Duration(i) * day)}))
		}
		return errors.Join(errs...)
	})
	doc := sohoa.NewDocumentID(moment)
	declined, lost, late := reuse("H1", "TP3", doc, 90000), reuse("H1", "TP2", doc, 90000), reuse("H0", "TP2", doc, 400000)
	declined.State, lost.Lost = sohoa.ReuseDeclined, &sohoa.ReuseLoss{Force: sohoa.ForceExpired, At: moment}
	putReuses(t, c, reuse("H0", "TP1", doc, 0), reuse("H1", "TP1", doc, 90000), lost, declined, late)
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutOffer("H0", "TP1", moment), tx.PutOffer("H0", "TP1", moment.Add(9*day)), tx.PutOffer("H3", "TP1", moment.Add(day)))
	})
	for name, tt := range map[string]struct {
		scope      sohoa.Scope
		from, till time.Time
		want       []archive.ReuseCount
	}{
		"all": {sohoa.Everything, moment, moment.Add(9 * day), []archive.ReuseCount{
			{Agency: "A", Received: 3, Reusing: 2, Accepted: 4, Declined: 1, Lost: 1, Unseen: 1, Offered: 1}, {Agency: "B", Received: 1, Offered: 1}}},
		"first day": {sohoa.Everything, moment, moment.Add(day), []archive.ReuseCount{{Agency: "A", Received: 1, Reusing: 1, Accepted: 1, Offered: 1}}},
		"B":         {sohoa.Scope{Agencies: []string{"B"}}, moment, moment.Add(9 * day), []archive.ReuseCount{{Agency: "B", Received: 1, Offered: 1}}},
		"later":     {sohoa.Everything, moment.Add(30 * day), moment.Add(60 * day), nil},
	} {
		got, err := c.ReuseCounts(t.Context(), tt.scope, tt.from, tt.till)
		if d := cmp.Diff(tt.want, got, sameID); err != nil || d != "" && len(tt.want)+len(got) > 0 {
			t.Errorf("ReuseCounts, %s: %v (-want +got):\n%s", name, err, d)
		}
	}
}

func testTurned(t *testing.T, c archive.Catalog) {
	seed(t, c, "H1", "A")
	until, revoked, forever, unused := aged("H1", 1, "", "x"), aged("H1", 2, "", "x"), aged("H1", 3, "", "x"), aged("H1", 4, "", "x")
	begins, other := aged("H1", 5, "", "x"), aged("H1", 6, "", "x")
	begins.Life.ValidFrom, other.Life.ValidFrom = "2026-03-05", "2026-03-05"
	until.Life.ValidUntil = "2026-03-04" // to its end in Việt Nam: 17:00 UTC
	unused.Life.ValidUntil = "2026-03-04"
	revoked.Life.Revoked = &sohoa.Revocation{At: moment, Decision: "1/QĐ"}
	end := time.Date(2026, 3, 4, 17, 0, 0, 0, time.UTC)
	update(t, c, func(tx archive.Tx) error {
		return errors.Join(tx.PutDocument(until), tx.PutDocument(revoked), tx.PutDocument(forever), tx.PutDocument(unused), tx.PutDocument(begins), tx.PutDocument(other))
	})
	told := reuse("H1", "TP4", revoked.ID, 4)
	told.Lost = &sohoa.ReuseLoss{Force: sohoa.ForceRevoked, At: moment}
	early, gone := reuse("H1", "TP5", begins.ID, 5), reuse("H1", "TP6", other.ID, 6)
	early.Lost = &sohoa.ReuseLoss{Force: sohoa.ForceNotYet, At: moment}
	gone.Lost = &sohoa.ReuseLoss{Force: sohoa.ForceDisposal, At: moment}
	putReuses(t, c, reuse("H1", "TP1", until.ID, 1), reuse("H1", "TP2", revoked.ID, 2), reuse("H1", "TP3", forever.ID, 3), told, early, gone)
	for name, tt := range map[string]struct {
		from, until time.Time
		want        []sohoa.DocumentID
	}{
		"all":            {time.Time{}, end.Add(time.Second), []sohoa.DocumentID{revoked.ID, until.ID, begins.ID}},
		"since":          {moment.Add(time.Second), end.Add(time.Second), []sohoa.DocumentID{until.ID, begins.ID}},
		"after its end":  {end.Add(time.Second), end.AddDate(0, 1, 0), []sohoa.DocumentID{begins.ID}},
		"as it ends":     {moment.Add(time.Second), end, []sohoa.DocumentID{begins.ID}},
		"before any end": {time.Time{}, moment, nil},
	} {
		got, err := c.Turned(t.Context(), tt.from, tt.until, 0)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("Turned, %s = %v, %v, want %v", name, got, err, tt.want)
		}
	}
}

func testRecords(t *testing.T, c archive.Catalog) {
	r := archive.Record{ID: sohoa.NewSetID(moment), Kind: "dossier", Name: "H1", Change: 1}
	kept := archive.Record{ID: sohoa.NewSetID(moment.Add(time.Second)), Kind: "procedures", Change: 2, Kept: 2}
	update(t, c, func(tx archive.Tx) error {
		if _, err := tx.NamedRecord("dossier", "H1"); !errors.Is(err, sohoa.ErrNotExist) {
			t.Errorf("a record that is not there: %v, want ErrNotExist", err)
		}
		return errors.Join(tx.PutRecord(r), tx.PutRecord(kept))
	})
	behind, err := c.Unrecorded(t.Context(), 0)
	if d := cmp.Diff([]archive.Record{r}, behind); err != nil || d != "" {
		t.Errorf("Unrecorded: %v (-want +got):\n%s", err, d)
	}
	r.Kept = 1
	update(t, c, func(tx archive.Tx) error {
		if got, err := tx.NamedRecord("dossier", "H1"); err != nil || got.ID != r.ID {
			t.Errorf("NamedRecord = %v, %v, want %v", got, err, r)
		}
		return tx.PutRecord(r)
	})
	if behind, err = c.Unrecorded(t.Context(), 0); err != nil || len(behind) > 0 {
		t.Errorf("Unrecorded = %v, %v, want none", behind, err)
	}
	if got, err := c.Record(t.Context(), r.ID); err != nil || got != r {
		t.Errorf("Record = %v, %v, want %v", got, err, r)
	}
	if _, err := c.Record(t.Context(), sohoa.NewSetID(moment)); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("an unknown record: %v, want ErrNotExist", err)
	}
	if err := c.Update(t.Context(), func(tx archive.Tx) error {
		return tx.PutRecord(archive.Record{ID: sohoa.NewSetID(moment), Kind: "dossier", Name: "H1"})
	}); err == nil {
		t.Error("two records of a kind have one name")
	}
}
