package ingest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
	"sohoa/archive"
	"sohoa/archive/archivetest"
	"sohoa/archive/ocfl"
	"sohoa/ingest"
)

// asks is a dossier of another agency whose procedure asks for papers.
const asks = "H00.00.02-261130-0007"

var hoa = sohoa.Owner{Name: "Nguyễn Thị Hòa", IDNumber: "001190000001", BirthDate: "1990-05-01"}

// clerk works at the agency of asks.
var clerk = ingest.ReuseActor{Name: "la", Scope: sohoa.Scope{Agencies: []string{"H00.00.02"}}, For: "motcua/hoa"}

var asked = sohoa.Procedure{Code: "1.004", Name: "Cấp giấy phép", Result: "giay-phep", Requirements: []sohoa.Requirement{
	{Code: "TP1", Name: "Giấy chứng nhận quyền sử dụng đất", Types: []string{"gcn-qsdd"}},
	{Code: "TP2", Name: "Đơn đề nghị"},
}}

// enterAsking makes the dossier that asks, gives both dossiers their owner, and
// enters what the procedure asks for.
func (of *office) enterAsking(theirs, ours sohoa.Owner) {
	of.t.Helper()
	if err := of.SetProcedures(of.t.Context(), "sep", []sohoa.Procedure{asked}); err != nil {
		of.t.Fatal(err)
	}
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		return errors.Join(tx.PutAgency(sohoa.Agency{Code: "H00.00.02", Name: "UBND xã Vĩnh Phước"}),
			tx.PutDossier(sohoa.Dossier{Code: dossier, Agency: "H00.00.01", Owner: theirs, CreatedAt: time.Now()}),
			tx.PutDossier(sohoa.Dossier{Code: asks, Agency: "H00.00.02", Procedure: asked.Code, Owner: ours, CreatedAt: time.Now()}))
	})
	if err != nil {
		of.t.Fatal(err)
	}
}

// heldResults keeps n papers of the kind that is asked for.
func (of *office) heldResults(n int) []sohoa.DocumentID {
	of.t.Helper()
	ids := of.papers(n)
	for _, id := range ids {
		must(of.SetType(of.t.Context(), "lan", id, "gcn-qsdd"))(of.t)
		of.await(id, recorded)
	}
	return ids
}

// outcomes are the checks by rule, with the code of the reason.
func outcomes(checks []sohoa.ReuseCheck) map[sohoa.ReuseRule]string {
	all := map[sohoa.ReuseRule]string{}
	for _, c := range checks {
		all[c.Rule] = string(c.Outcome)
		if c.Because != nil {
			all[c.Rule] += " " + c.Because.Code
		}
	}
	return all
}

// want is a request to use a document in asks.
func want(id sohoa.DocumentID, confirmed bool) ingest.ReuseRequest {
	return ingest.ReuseRequest{Dossier: asks, Requirement: "TP1", Document: id, Confirmed: confirmed}
}

// TestReuse finds what is held of a person, uses it, and follows it through
// revocation, reinstatement and the end of the reuse.
func TestReuse(t *testing.T) {
	of := openOffice(t, options{})
	of.enterAsking(hoa, hoa)
	ids := of.heldResults(2)
	ctx := t.Context()
	papers := must(of.Papers(ctx, clerk.Scope, asks))(t)
	if len(papers) != 2 || papers[0].Offers != 2 || papers[1].Offers != 0 || papers[0].Reuse != nil {
		t.Fatalf("Papers = %+v, want two offers for the first of two", papers)
	}
	offers := must(of.Held(ctx, clerk, asks, "TP1"))(t)
	if len(offers) != 2 || offers[0].Document.ID != ids[1] || offers[0].Agency.Code != "H00.00.01" {
		t.Fatalf("Held = %+v, want two, the newest first", offers)
	}
	if d := cmp.Diff(map[sohoa.ReuseRule]string{"owner": "pass", "type": "pass", "force": "pass", "scope": "pass", "age": "pass",
		"signature": "confirm reuse.signature-unchecked", "origin": "confirm reuse.origin"}, outcomes(offers[0].Checks)); d != "" {
		t.Errorf("the rules (-want +got):\n%s", d)
	}
	id := ids[0]
	if _, err := of.AcceptReuse(ctx, clerk, want(id, false)); codeOf(err) != "reuse.confirm" {
		t.Errorf("accepted without a confirmation: %v, want reuse.confirm", err)
	}
	if _, err := of.catalog.Document(ctx, clerk.Scope, id); !errors.Is(err, sohoa.ErrNotExist) {
		t.Errorf("seen before it is used: %v, want ErrNotExist", err)
	}
	r := must(of.AcceptReuse(ctx, clerk, want(id, true)))(t)
	if r.Result != dossier+"-KQ1" || !r.Confirmed || r.State != sohoa.ReuseAccepted || len(r.Checks) != 7 || r.Digest.IsZero() || r.Revision == 0 {
		t.Errorf("accepted as %+v", r)
	}
	if again := must(of.AcceptReuse(ctx, clerk, want(id, true)))(t); again.ID != r.ID {
		t.Errorf("accepted again as %s, want %s", again.ID, r.ID)
	}
	if _, err := of.AcceptReuse(ctx, clerk, want(ids[1], true)); codeOf(err) != "reuse.taken" {
		t.Errorf("a second result: %v, want reuse.taken", err)
	}
	if doc := must(of.catalog.Document(ctx, clerk.Scope, id))(t); doc.Life.Result != r.Result {
		t.Errorf("the result is %q, want %q", doc.Life.Result, r.Result)
	}
	of.checkLoss(r)
	if _, err := of.EndReuse(ctx, clerk, r.ID, "because", ""); codeOf(err) != "reuse.reason" {
		t.Errorf("ended for a reason that is none: %v, want reuse.reason", err)
	}
	ended := must(of.EndReuse(ctx, clerk, r.ID, sohoa.ReuseBrought, "nộp bản giấy"))(t)
	if ended.State != sohoa.ReuseEnded || ended.Ended == nil || ended.Ended.By != "la" {
		t.Errorf("ended as %+v", ended)
	}
	second := must(of.AcceptReuse(ctx, clerk, want(ids[1], true)))(t)
	if second.Result != dossier+"-KQ2" {
		t.Errorf("the second result is %q, want %s-KQ2", second.Result, dossier)
	}
	if _, err := of.DeclineReuse(ctx, clerk, ingest.ReuseRequest{Dossier: asks, Requirement: "TP1", Document: id}); codeOf(err) != "reuse.reason" {
		t.Errorf("declined without a reason: %v, want reuse.reason", err)
	}
	declined := must(of.DeclineReuse(ctx, clerk, ingest.ReuseRequest{Dossier: asks, Requirement: "TP1", Document: id, Reason: sohoa.ReuseOutdated}))(t)
	if declined.State != sohoa.ReuseDeclined || declined.Reason != sohoa.ReuseOutdated {
		t.Errorf("declined as %+v", declined)
	}
	day := sohoa.DateOf(time.Now())
	figures := must(of.ReuseFigures(ctx, clerk.Scope, day, day))(t)
	if len(figures) != 1 || figures[0].Received != 1 || figures[0].Reusing != 1 || figures[0].Accepted != 1 || figures[0].Declined != 1 || figures[0].Offered != 1 {
		t.Errorf("ReuseFigures = %+v, want one dossier that reuses", figures)
	}
	of.checkEntries(id, map[sohoa.Action]int{sohoa.ActionReuse: 1, sohoa.ActionReuseEnd: 1, sohoa.ActionReuseLost: 3, sohoa.ActionDecline: 1, sohoa.ActionReuseSeen: 1, sohoa.ActionResult: 1})
}

// checkLoss revokes what is used, which tells its dossier; takes that back, and
// lets it expire.
func (of *office) checkLoss(r sohoa.Reuse) {
	of.t.Helper()
	ctx := of.t.Context()
	lost := func() *sohoa.ReuseLoss { return must(of.catalog.Reuse(ctx, clerk.Scope, r.ID))(of.t).Lost }
	must(of.Revoke(ctx, "binh", r.Document, time.Time{}, ruled))(of.t)
	if l := lost(); l == nil || l.Force != sohoa.ForceRevoked || !l.Seen.IsZero() {
		of.t.Fatalf("after the revocation the loss is %+v", l)
	}
	if got := must(of.SeenLoss(ctx, clerk, r.ID, "đã báo người dân"))(of.t); got.Lost.Seen.IsZero() || got.Lost.By != "la" {
		of.t.Errorf("seen as %+v", got.Lost)
	}
	must(of.Reinstate(ctx, "binh", r.Document, sohoa.Ruling{Decision: "15/QĐ-UBND", Reason: "thu hồi quyết định hủy"}))(of.t)
	if l := lost(); l != nil {
		of.t.Errorf("after it is in force again the loss is %+v", l)
	}
	if _, err := of.SeenLoss(ctx, clerk, r.ID, ""); codeOf(err) != "reuse.not-lost" {
		of.t.Errorf("a loss that is none is seen: %v, want reuse.not-lost", err)
	}
	must(of.SetValidity(ctx, "binh", r.Document, ingest.Validity{Until: sohoa.DateOf(time.Now().AddDate(0, 0, -1))}))(of.t)
	if l := lost(); l == nil || l.Force != sohoa.ForceExpired {
		of.t.Errorf("after its last day the loss is %+v", l)
	}
}

// TestTimeTurnsForce lets days pass: a dossier is told that what it uses has
// expired, and that what was not yet in force is.
func TestTimeTurnsForce(t *testing.T) {
	of := openOffice(t, options{})
	of.enterAsking(hoa, hoa)
	ids := of.heldResults(2)
	other := want(ids[1], true)
	other.Requirement = "TP3"
	third := asked
	third.Requirements = append(slices.Clone(asked.Requirements), sohoa.Requirement{Code: "TP3", Name: "Bản đồ", Types: []string{"gcn-qsdd"}})
	if err := of.SetProcedures(t.Context(), "sep", []sohoa.Procedure{third}); err != nil {
		t.Fatal(err)
	}
	ends := must(of.AcceptReuse(t.Context(), clerk, want(ids[0], true)))(t)
	begins := must(of.AcceptReuse(t.Context(), clerk, other))(t)
	tomorrow := sohoa.DateOf(time.Now().AddDate(0, 0, 1))
	must(of.SetValidity(t.Context(), "binh", ids[0], ingest.Validity{Until: tomorrow}))(t)
	must(of.SetValidity(t.Context(), "binh", ids[1], ingest.Validity{From: tomorrow}))(t)
	lost := func(r sohoa.Reuse) *sohoa.ReuseLoss {
		return must(of.catalog.Reuse(t.Context(), clerk.Scope, r.ID))(t).Lost
	}
	if l := lost(begins); lost(ends) != nil || l == nil || l.Force != sohoa.ForceNotYet {
		t.Fatalf("today the losses are %+v and %+v, want none and not-yet", lost(ends), l)
	}
	of.stop()
	of.catalog.Close()
	of = openOffice(t, options{dir: of.dir, config: func(c *ingest.Config) { c.Now = func() time.Time { return time.Now().AddDate(0, 0, 2) } }})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		head := must(of.catalog.Head(ctx))(t)
		if l := lost(ends); l != nil && l.Force == sohoa.ForceExpired && lost(begins) == nil {
			return
		}
		if err := of.catalog.Wait(ctx, head); err != nil {
			t.Fatalf("after two days the losses are %+v and %+v, want expired and none", lost(ends), lost(begins))
		}
	}
}

// checkEntries counts the journal entries of a document that name the dossier
// that asks, or the code of its result.
func (of *office) checkEntries(id sohoa.DocumentID, want map[sohoa.Action]int) {
	of.t.Helper()
	got := map[sohoa.Action]int{}
	for _, e := range must(of.catalog.History(of.t.Context(), id))(of.t) {
		if _, ok := want[e.Action]; !ok {
			continue
		}
		got[e.Action]++
		if e.Action != sohoa.ActionResult && (e.Dossier != asks || e.Purpose != asks+"/TP1") {
			of.t.Errorf("entry %+v, want it about %s/TP1", e, asks)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		of.t.Errorf("entries (-want +got):\n%s", d)
	}
}

// TestReuseRules judges one paper for dossiers and requirements of all sorts.
func TestReuseRules(t *testing.T) {
	of := openOffice(t, options{})
	of.enterAsking(hoa, hoa)
	id := of.heldResults(1)[0]
	ctx := t.Context()
	for name, tt := range map[string]struct {
		theirs, ours sohoa.Owner
		requirement  sohoa.Requirement
		rule         sohoa.ReuseRule
		want         string
	}{
		"same number":            {hoa, sohoa.Owner{Name: "Khác", IDNumber: hoa.IDNumber}, sohoa.Requirement{}, sohoa.RuleOwner, "pass"},
		"other number":           {hoa, sohoa.Owner{Name: hoa.Name, IDNumber: "2", BirthDate: hoa.BirthDate}, sohoa.Requirement{}, sohoa.RuleOwner, "fail reuse.owner-number"},
		"name and birth date":    {hoa, sohoa.Owner{Name: "NGUYỄN THỊ HOÀ", BirthDate: hoa.BirthDate}, sohoa.Requirement{}, sohoa.RuleOwner, "confirm reuse.owner-unproven"},
		"name alone":             {sohoa.Owner{Name: hoa.Name}, hoa, sohoa.Requirement{}, sohoa.RuleOwner, "fail reuse.owner-name"},
		"another birth date":     {sohoa.Owner{Name: hoa.Name, BirthDate: "1990-05-02"}, hoa, sohoa.Requirement{}, sohoa.RuleOwner, "fail reuse.owner-name"},
		"other marks":            {sohoa.Owner{Name: "Nguyễn Thị Hoa", BirthDate: hoa.BirthDate}, hoa, sohoa.Requirement{}, sohoa.RuleOwner, "fail reuse.owner-other"},
		"nobody":                 {sohoa.Owner{}, sohoa.Owner{}, sohoa.Requirement{}, sohoa.RuleOwner, "fail reuse.owner-other"},
		"another kind":           {hoa, hoa, sohoa.Requirement{Types: []string{"giay-phep"}}, sohoa.RuleType, "fail reuse.type"},
		"no kind":                {hoa, hoa, sohoa.Requirement{Types: []string{""}}, sohoa.RuleType, "fail reuse.type"},
		"one of two kinds":       {hoa, hoa, sohoa.Requirement{Types: []string{"giay-phep", "gcn-qsdd"}}, sohoa.RuleType, "pass"},
		"scope is not known":     {hoa, hoa, sohoa.Requirement{Scope: "tỉnh Khánh Hòa"}, sohoa.RuleScope, "confirm reuse.scope-unknown"},
		"no age":                 {hoa, hoa, sohoa.Requirement{MaxDays: 180}, sohoa.RuleAge, "confirm reuse.age-unknown"},
		"signature not checked":  {hoa, hoa, sohoa.Requirement{}, sohoa.RuleSignature, "confirm reuse.signature-unchecked"},
		"scanned and unattested": {hoa, hoa, sohoa.Requirement{}, sohoa.RuleOrigin, "confirm reuse.origin"},
	} {
		if tt.requirement.Types == nil {
			tt.requirement.Types = []string{"gcn-qsdd"}
		}
		if got := of.judged(id, tt.theirs, tt.ours, tt.requirement)[tt.rule]; got != tt.want {
			t.Errorf("%s: %s = %q, want %q", name, tt.rule, got, tt.want)
		}
	}
	must(of.Compare(ctx, "lan", id, sohoa.PaperOriginal))(t)
	must(of.SetValidity(ctx, "lan", id, ingest.Validity{Scope: "Tỉnh Khánh Hoà"}))(t)
	for scope, want := range map[string]string{"tỉnh Khánh Hòa": "pass", "tỉnh Phú Yên": "fail reuse.scope", "": "pass"} {
		got := of.judged(id, hoa, hoa, sohoa.Requirement{Types: []string{"gcn-qsdd"}, Scope: scope})
		if got[sohoa.RuleScope] != want || got[sohoa.RuleOrigin] != "pass" {
			t.Errorf("for scope %q the rules say %v, want %q, and a compared paper", scope, got, want)
		}
	}
	if _, err := of.Compare(ctx, "lan", id, "photocopy"); codeOf(err) != "compare.form" {
		t.Errorf("compared with a photocopy: %v, want compare.form", err)
	}
	day := func(ago int) string { return string(sohoa.DateOf(time.Now().AddDate(0, 0, -ago))) }
	for issued, want := range map[sohoa.Field]string{
		{Value: day(29), Confirmed: true}: "pass",
		{Value: day(29)}:                  "confirm reuse.age-read",
		{Value: day(40)}:                  "fail reuse.age",
		{Value: day(-2)}:                  "confirm reuse.age-unknown",
		{Value: "01/11", Confirmed: true}: "confirm reuse.age-unknown",
	} {
		issued.Name = sohoa.FieldIssuedDate
		of.setField(id, issued)
		if got := of.judged(id, hoa, hoa, sohoa.Requirement{Types: []string{"gcn-qsdd"}, MaxDays: 30})[sohoa.RuleAge]; got != want {
			t.Errorf("issued on %q, confirmed %v: %q, want %q", issued.Value, issued.Confirmed, got, want)
		}
	}
	must(of.Revoke(ctx, "binh", id, time.Time{}, ruled))(t)
	if got := of.judged(id, hoa, hoa, sohoa.Requirement{Types: []string{"gcn-qsdd"}})[sohoa.RuleForce]; got != "fail life.revoked" {
		t.Errorf("revoked: %q, want fail life.revoked", got)
	}
	if _, err := of.AcceptReuse(ctx, clerk, want(id, true)); codeOf(err) != "life.revoked" {
		t.Errorf("a revoked result is used: %v, want life.revoked", err)
	}
}

// judged are the outcomes that are stored when a document is declined.
func (of *office) judged(id sohoa.DocumentID, theirs, ours sohoa.Owner, r sohoa.Requirement) map[sohoa.ReuseRule]string {
	of.t.Helper()
	r.Code, r.Name = "TP1", "Giấy chứng nhận"
	of.enterAsking(theirs, ours)
	if err := of.SetProcedures(of.t.Context(), "sep", []sohoa.Procedure{{Code: asked.Code, Name: asked.Name, Requirements: []sohoa.Requirement{r}}}); err != nil {
		of.t.Fatal(err)
	}
	note := sohoa.NewDocumentID(time.Now()).String() // another decision each time
	d := must(of.DeclineReuse(of.t.Context(), clerk, ingest.ReuseRequest{Dossier: asks, Requirement: "TP1", Document: id, Reason: sohoa.ReuseOther, Note: note}))(of.t)
	return outcomes(d.Checks)
}

// setField enters a field of a document.
func (of *office) setField(id sohoa.DocumentID, f sohoa.Field) {
	of.t.Helper()
	err := of.catalog.Update(of.t.Context(), func(tx archive.Tx) error {
		doc, err := tx.Document(id)
		if err != nil {
			return err
		}
		doc.Fields = []sohoa.Field{f}
		return tx.PutDocument(doc)
	})
	if err != nil {
		of.t.Fatal(err)
	}
}

// TestReadTypeIsConfirmed offers a paper whose kind nobody entered, by what was
// read on it.
func TestReadTypeIsConfirmed(t *testing.T) {
	of := openOffice(t, options{})
	of.enterAsking(hoa, hoa)
	id := of.papers(1)[0]
	of.setField(id, sohoa.Field{Name: sohoa.FieldTypeName, Value: "GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG ĐẤT"})
	offers := must(of.Held(t.Context(), clerk, asks, "TP1"))(t)
	if len(offers) != 1 || outcomes(offers[0].Checks)[sohoa.RuleType] != "confirm reuse.type-read" {
		t.Errorf("Held = %+v, want it to be confirmed", offers)
	}
	of.setField(id, sohoa.Field{Name: sohoa.FieldTypeName, Value: "Giấy khai sinh"})
	if offers := must(of.Held(t.Context(), clerk, asks, "TP1"))(t); len(offers) != 0 {
		t.Errorf("Held = %+v, want nothing of another kind", offers)
	}
}

// TestTwoClerksReuse lets several accept different results for one
// requirement at once: one wins, the others hear why.
func TestTwoClerksReuse(t *testing.T) {
	of := openOffice(t, options{})
	of.enterAsking(hoa, hoa)
	ids := of.heldResults(3)
	errs := make([]error, len(ids))
	var clerks sync.WaitGroup
	for i, id := range ids {
		clerks.Go(func() { _, errs[i] = of.AcceptReuse(t.Context(), clerk, want(id, true)) })
	}
	clerks.Wait()
	codes := []string{codeOf(errs[0]), codeOf(errs[1]), codeOf(errs[2])}
	slices.Sort(codes)
	if !slices.Equal(codes, []string{"", "reuse.taken", "reuse.taken"}) {
		t.Errorf("the clerks hear %v, want one to win and two to hear reuse.taken", errs)
	}
}

// TestReuseIsOfAPurpose refuses what lies outside of the dossier at hand.
func TestReuseIsOfAPurpose(t *testing.T) {
	of := openOffice(t, options{})
	of.enterAsking(hoa, hoa)
	id := of.heldResults(1)[0]
	stranger := ingest.ReuseActor{Name: "la", Scope: sohoa.Scope{Agencies: []string{"H99"}}}
	_, held := of.Held(t.Context(), stranger, asks, "TP1")
	_, accepted := of.AcceptReuse(t.Context(), stranger, want(id, true))
	_, papers := of.Papers(t.Context(), stranger.Scope, asks)
	for name, err := range map[string]error{"Held": held, "AcceptReuse": accepted, "Papers": papers} {
		if codeOf(err) != "dossier.unknown" {
			t.Errorf("%s of a dossier of another agency: %v, want dossier.unknown", name, err)
		}
	}
	_, unknown := of.Held(t.Context(), clerk, asks, "TP9")
	_, own := of.AcceptReuse(t.Context(), ingest.ReuseActor{Name: "sep", Scope: sohoa.Everything}, ingest.ReuseRequest{Dossier: asks, Requirement: "TP9", Document: id})
	if codeOf(unknown) != "requirement.unknown" || codeOf(own) != "requirement.unknown" {
		t.Errorf("a paper that is not asked for: %v and %v, want requirement.unknown", unknown, own)
	}
	must(of.Held(t.Context(), clerk, asks, "TP1"))(t)
	entries := must(of.catalog.FindEntries(t.Context(), archive.JournalQuery{Document: id, Actions: []sohoa.Action{sohoa.ActionHeld}}))(t)
	if len(entries) != 1 || entries[0].Purpose != asks+"/TP1" || !strings.Contains(entries[0].Detail, "motcua/hoa") {
		t.Errorf("the look-up stands in the journal as %+v, want its purpose, what it found and for whom", entries)
	}
}

// TestDisposalSparesWhatIsUsed proposes a document that an open dossier uses.
func TestDisposalSparesWhatIsUsed(t *testing.T) {
	of := openOffice(t, withSecond(t, options{dir: t.TempDir()}))
	ids := of.aged(1)
	of.enterAsking(hoa, hoa)
	asked := asked
	asked.Requirements = []sohoa.Requirement{{Code: "TP1", Name: "Giấy phép", Types: []string{"giay-phep"}}}
	if err := of.SetProcedures(t.Context(), "sep", []sohoa.Procedure{asked}); err != nil {
		t.Fatal(err)
	}
	r := must(of.AcceptReuse(t.Context(), clerk, want(ids[0], true)))(t)
	propose := ingest.Proposal{Title: "Hủy", Reason: "hết thời hạn", Documents: ids}
	if _, err := of.Propose(t.Context(), "lan", propose); codeOf(err) != "disposal.reused" {
		t.Errorf("proposed while it is used: %v, want disposal.reused", err)
	}
	must(of.EndDossier(t.Context(), "la", asks, "2026-11-30"))(t)
	of.await(ids[0], recorded)
	of.copied(ids[0])
	d := of.propose(ids...)
	if l := must(of.catalog.Reuse(t.Context(), clerk.Scope, r.ID))(t).Lost; l == nil || l.Force != sohoa.ForceDisposal {
		t.Errorf("while it is proposed the loss is %+v", l)
	}
	must(of.WithdrawDisposal(t.Context(), "lan", d.ID, "chưa hủy"))(t)
	if l := must(of.catalog.Reuse(t.Context(), clerk.Scope, r.ID))(t).Lost; l != nil {
		t.Errorf("after the proposal was withdrawn the loss is %+v", l)
	}
	d = of.approved(ids...)
	of.disposal(d.ID, done)
	if l := must(of.catalog.Reuse(t.Context(), clerk.Scope, r.ID))(t).Lost; l == nil || l.Force != sohoa.ForceDestroyed {
		t.Errorf("after its destruction the loss is %+v", l)
	}
	if tomb := must(of.catalog.Document(t.Context(), sohoa.Everything, ids[0]))(t); tomb.Life.Result != r.Result {
		t.Errorf("the tombstone has result %q, want %q: it is never given to another", tomb.Life.Result, r.Result)
	}
}

// reuseRecorded waits until the storage root has all decisions.
func (of *office) reuseRecorded() {
	of.t.Helper()
	of.reuseRecordedOr(func() bool { return false })
}

// reuseRecordedOr is reuseRecorded that also ends when end says so.
func (of *office) reuseRecordedOr(ends func() bool) {
	of.t.Helper()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for end := time.Now().Add(patience); time.Now().Before(end); <-timer.C {
		if ends() || len(must(of.catalog.Unrecorded(of.t.Context(), 0))(of.t)) == 0 {
			return
		}
	}
	of.t.Fatal("decisions are not in the storage root")
}

// recordsCopied waits until the second copy has every record.
func (of *office) recordsCopied() {
	of.t.Helper()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for object, err := range of.Keeper.Objects(of.t.Context()) {
		if err != nil {
			of.t.Fatal(err)
		}
		if kind := object.Kind(); kind != ocfl.KindDossier && kind != ocfl.KindProcedures {
			continue
		}
		head := must(of.Keeper.Head(of.t.Context(), object))(of.t)
		for end := time.Now().Add(patience); ; <-timer.C {
			there, err := of.Second.Keeper.Head(of.t.Context(), object)
			if err == nil && there.Head == head.Head {
				break
			}
			if time.Now().After(end) {
				of.t.Fatalf("the second copy of %s is %d, %v, want %d", object, there.Head, err, head.Head)
			}
		}
	}
}

// loseCatalogue removes the catalogue of a stopped office.
func loseCatalogue(t *testing.T, of *office) {
	t.Helper()
	of.catalog.Close()
	for _, name := range []string{"c.db", "c.db-wal", "c.db-shm"} {
		if err := os.RemoveAll(filepath.Join(of.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// recoverAll is Recover that has nothing to complain about.
func (of *office) recoverAll() {
	of.t.Helper()
	_, err := of.Recover(of.t.Context(), func(id sohoa.DocumentID, err error) {
		if err != nil {
			of.t.Errorf("recover %s: %v", id, err)
		}
	})
	if err != nil {
		of.t.Fatalf("Recover = %v", err)
	}
}

// TestADossierKeepsItsPerson changes who a dossier belongs to: not while it
// uses a result of theirs, and so that the storage root alone knows it.
func TestADossierKeepsItsPerson(t *testing.T) {
	of := openOffice(t, options{})
	bare := sohoa.Owner{Name: hoa.Name, BirthDate: hoa.BirthDate}
	of.enterAsking(hoa, bare)
	id := of.heldResults(1)[0]
	r := must(of.AcceptReuse(t.Context(), clerk, want(id, true)))(t)
	change := func(owner sohoa.Owner) error {
		return of.catalog.Update(t.Context(), func(tx archive.Tx) error {
			had, err := tx.Dossier(asks)
			if err != nil {
				return err
			}
			now := had
			now.Owner = owner
			return errors.Join(tx.PutDossier(now), of.DossierChanged(tx, had, now))
		})
	}
	other := sohoa.Owner{Name: "Lê Văn Bình", IDNumber: "001090000009", BirthDate: "1980-01-01"}
	for name, tt := range map[string]struct {
		owner sohoa.Owner
		want  string
	}{
		"another person":     {other, "dossier.owner-reused"},
		"another birth date": {sohoa.Owner{Name: hoa.Name, BirthDate: "1990-05-02"}, "dossier.owner-reused"},
		"no birth date":      {sohoa.Owner{Name: hoa.Name}, "dossier.owner-reused"},
		"the same name":      {sohoa.Owner{Name: "NGUYỄN THỊ HOÀ", BirthDate: hoa.BirthDate}, ""},
	} {
		if err := change(tt.owner); codeOf(err) != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if err := change(hoa); err != nil { // its number became known
		t.Fatal(err)
	}
	if err := change(bare); codeOf(err) != "dossier.owner-reused" {
		t.Errorf("the number is taken away: %v, want dossier.owner-reused", err)
	}
	must(of.EndReuse(t.Context(), clerk, r.ID, sohoa.ReuseMistake, ""))(t)
	if err := change(other); err != nil {
		t.Fatal(err)
	}
	of.reuseRecorded()
	of.stop()
	loseCatalogue(t, of)
	of = openOffice(t, options{dir: of.dir, idle: true})
	of.recoverAll()
	if d := must(of.catalog.Dossier(t.Context(), sohoa.Everything, asks))(t); d.Owner != other {
		t.Errorf("recovered with owner %+v, want %+v", d.Owner, other)
	}
}

// TestReuseSurvivesTheCatalogue loses the catalogue at every change of the
// store that it takes to record a decision, and rebuilds it from the storage
// root alone: what was recorded is there, for a dossier without any document
// too.
func TestReuseSurvivesTheCatalogue(t *testing.T) {
	template := t.TempDir()
	of := openOffice(t, withSecond(t, options{dir: template}))
	of.enterAsking(hoa, hoa)
	id := of.heldResults(1)[0]
	of.copied(id)
	of.reuseRecorded()
	of.stop()
	r := must(of.AcceptReuse(t.Context(), clerk, want(id, true)))(t)
	must(of.Revoke(t.Context(), "binh", id, time.Time{}, ruled))(t)
	of.catalog.Close()
	n := 1
	for recordCutOff(t, template, r, n) {
		n++
	}
	if n < 4 {
		t.Errorf("recording takes %d changes of the store, want more", n)
	}
}

// recordCutOff reports false when n is more than the changes it takes.
func recordCutOff(t *testing.T, template string, r sohoa.Reuse, n int) (reached bool) {
	o := withSecond(t, options{dir: t.TempDir()})
	if err := os.CopyFS(o.dir, os.DirFS(template)); err != nil {
		t.Fatal(err)
	}
	var faults *archivetest.Faults
	faulty := o
	faulty.idle = true
	faulty.store = func(s ingest.Store) ingest.Store {
		faults = archivetest.NewFaults(s, 0, archivetest.Mode{Stop: true, After: n%2 == 0})
		return faults
	}
	of := openOffice(t, faulty)
	until := faults.Changes() + n
	faults.FailAt(until)
	of.start()
	of.reuseRecordedOr(func() bool { return faults.Changes() >= until })
	reached = faults.Changes() >= until
	of.stop()
	of.catalog.Close()

	of = openOffice(t, o) // goes on
	of.reuseRecorded()
	of.recordsCopied()
	of.await(r.Document, recorded)
	of.stop()
	of.checkArchive()
	loseCatalogue(t, of)
	again := o
	again.idle = true
	of = openOffice(t, again)
	of.recoverAll()
	got := must(of.catalog.Reuse(t.Context(), clerk.Scope, r.ID))(t)
	if got.Result != r.Result || got.Lost == nil || got.Lost.Force != sohoa.ForceRevoked || len(got.Checks) != 7 {
		t.Errorf("cut off at %d: recovered %+v, want %s, revoked", n, got, r.Result)
	}
	if d := must(of.catalog.Dossier(t.Context(), clerk.Scope, asks))(t); d.Owner != hoa || d.Procedure != asked.Code {
		t.Errorf("cut off at %d: recovered the dossier %+v", n, d)
	}
	if p := must(of.catalog.Procedure(t.Context(), asked.Code))(t); len(p.Requirements) != 2 || p.Result != asked.Result {
		t.Errorf("cut off at %d: recovered the procedure %+v", n, p)
	}
	return reached
}
