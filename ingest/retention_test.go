package ingest_test

import (
	"testing"

	"sohoa"
	"sohoa/ingest"
)

// rules are a schedule in which a type is kept for some years.
func rules(version, years int) sohoa.Schedule {
	return sohoa.Schedule{Version: version, Rules: []sohoa.Rule{
		{Type: "giay-phep", Name: "Giấy phép", Code: sohoa.RetentionOther, Years: years, Basis: "thử"},
		{Name: "Loại khác", Code: sohoa.RetentionForever, Basis: "thử"},
	}}
}

// ruleFor puts a schedule into force and lets every document follow it.
func (of *office) ruleFor(s sohoa.Schedule) {
	of.t.Helper()
	if _, err := of.SetSchedule(of.t.Context(), "sep", s); err != nil {
		of.t.Fatalf("SetSchedule = %v", err)
	}
	if err := of.FollowSchedule(of.t.Context()); err != nil {
		of.t.Fatalf("FollowSchedule = %v", err)
	}
}

// TestRetentionFollowsTheSchedule gives a document a type, and changes the
// rule of that: what is longer applies at once, what is shorter by decision.
func TestRetentionFollowsTheSchedule(t *testing.T) {
	of := openOffice(t, options{})
	id := of.papers(1)[0]
	ctx := t.Context()
	check := func(when string, code sohoa.RetentionCode, years int, due sohoa.Date) {
		t.Helper()
		doc := of.await(id, recorded)
		r := doc.Life.Retention
		if r.Code != code || r.Years != years || r.Due != due {
			t.Errorf("%s: kept %s/%d until %q, want %s/%d until %q", when, r.Code, r.Years, r.Due, code, years, due)
		}
		if kept := of.record(id).Document.Life.Retention; kept.Due != due || kept.Code != code {
			t.Errorf("%s: the storage root says %+v", when, kept)
		}
	}
	check("nothing known of it", sohoa.RetentionForever, 0, "")
	of.ruleFor(rules(0, 5))
	if _, err := of.SetSchedule(ctx, "sep", rules(0, 6)); problemOf(err) != "schedule.changed" {
		t.Errorf("SetSchedule of an old version = %v, want schedule.changed", err)
	}
	must(of.SetType(ctx, "lan", id, "giay-phep"))(t)
	must(of.EndDossier(ctx, "lan", dossier, "2019-05-03"))(t)
	check("of a type", sohoa.RetentionOther, 5, "2025-01-01")
	of.ruleFor(rules(1, 7))
	check("the rule is longer", sohoa.RetentionOther, 7, "2027-01-01")
	of.ruleFor(rules(2, 3))
	check("the rule is shorter", sohoa.RetentionOther, 7, "2027-01-01")
	must(of.SetRetention(ctx, "sep", id, ingest.Period{Code: sohoa.RetentionOther, Years: 3, Ruling: ruled}))(t)
	check("shorter by decision", sohoa.RetentionOther, 3, "2023-01-01")
	must(of.SetRetention(ctx, "sep", id, ingest.Period{Code: sohoa.RetentionOther, Years: 2, Ruling: ruled}))(t)
	of.ruleFor(rules(3, 3))
	check("against a rule that has not changed", sohoa.RetentionOther, 2, "2022-01-01")
	of.ruleFor(rules(4, 9))
	check("the rule is longer than the decision", sohoa.RetentionOther, 9, "2029-01-01")
	must(of.EndDossier(ctx, "lan", dossier, "2020-12-31"))(t)
	check("the work ended later", sohoa.RetentionOther, 9, "2030-01-01")

	next := of.kept(of.add("b.jpg", scan(t, "trang-trang-01.jpg")).ID)
	if r := of.record(next.ID).Document.Life.Retention; r.Code != sohoa.RetentionForever || r.Starts != "2021-01-01" {
		t.Errorf("the first version of another document has %+v, want for ever from 2021", r)
	}
	of.stop()
	of.checkArchive()
}
