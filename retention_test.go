package sohoa_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sohoa"
)

func TestRetentionCountsFromTheEndOfTheYear(t *testing.T) {
	for name, tt := range map[string]struct {
		r     sohoa.Retention
		ended sohoa.Date
		due   sohoa.Date
	}{
		"ten years":       {sohoa.Retention{Code: sohoa.Retention10}, "2026-03-05", "2037-01-01"},
		"the last day":    {sohoa.Retention{Code: sohoa.Retention10}, "2026-12-31", "2037-01-01"},
		"two years":       {sohoa.Retention{Code: sohoa.RetentionOther, Years: 2}, "2024-02-29", "2027-01-01"},
		"for ever":        {sohoa.Retention{Code: sohoa.RetentionForever}, "2026-03-05", ""},
		"nothing decided": {sohoa.Retention{}, "2026-03-05", ""},
		"not ended":       {sohoa.Retention{Code: sohoa.Retention70}, "", ""},
	} {
		if got := tt.r.From(sohoa.RetentionStart(tt.ended)); got.Due != tt.due {
			t.Errorf("%s: due %q, want %q", name, got.Due, tt.due)
		}
	}
	r := sohoa.Retention{Code: sohoa.Retention10, Due: "2037-01-01"}
	if r.MayEnd("2036-12-31") == nil || r.MayEnd("2037-01-01") != nil {
		t.Error("it may end on its day, and not before")
	}
	r.Holds = []sohoa.LegalHold{{Reason: "tòa án"}}
	if !errors.Is(r.MayEnd("2099-01-01"), sohoa.ErrConflict) {
		t.Error("a hold does not hold")
	}
}

func TestForceAtTheEdges(t *testing.T) {
	at := time.Date(2026, 11, 30, 17, 0, 0, 0, time.UTC) // midnight in Việt Nam: the first of December
	l := sohoa.Life{ValidUntil: "2026-11-30"}
	if f := l.Force(at.Add(-time.Second)); f != sohoa.ForceIn {
		t.Errorf("in the last second of its last day it is %s", f)
	}
	if f := l.Force(at); f != sohoa.ForceExpired {
		t.Errorf("a second later it is %s, want expired", f)
	}
	l.Revoked = &sohoa.Revocation{At: at}
	if f := l.Force(at); f != sohoa.ForceRevoked {
		t.Errorf("revoked and expired it is %s, want revoked", f)
	}
	if f := l.Force(at.Add(-time.Second)); f != sohoa.ForceIn {
		t.Errorf("before its revocation it is %s", f)
	}
}

func TestScheduleAsATable(t *testing.T) {
	want := sohoa.DefaultSchedule()
	if err := want.Check(); err != nil {
		t.Fatalf("the default schedule: %v", err)
	}
	var written []string
	for _, row := range want.Rows() {
		written = append(written, strings.Join(row, "|"))
	}
	got, wrong := sohoa.RulesOf(tableRows(written...))
	if d := cmp.Diff(want.Rules, got); len(wrong) > 0 || d != "" {
		t.Errorf("read again: %v (-want +got):\n%s", wrong, d)
	}
	rules, wrong := sohoa.RulesOf(tableRows("a|Tên|7|5|luật", "|Khác|1||luật"))
	if s := (sohoa.Schedule{Rules: rules}); len(wrong) > 0 || s.For("a").Years != 5 || s.For("b").Code != sohoa.RetentionForever {
		t.Errorf("a person's table = %+v, %v", s, wrong)
	}
	for name, lines := range map[string][]string{
		"twice": {"a|A|01||b", "a|A|01||b"}, "years of a fixed period": {"a|A|05|3|b"}, "no such code": {"a|A|09||b"}, "no basis": {"a|A|01||"},
		"capital letters": {"A|A|01||b"}, "years that are none": {"a|A|07|x|b"},
	} {
		if _, wrong := sohoa.RulesOf(tableRows(lines...)); len(wrong) != 1 || wrong[0].Row != len(lines)+1 || wrong[0].Problem.Code != "schedule.rule" {
			t.Errorf("%s: %v, want one problem at the last line", name, wrong)
		}
	}
	if err := (sohoa.Schedule{}).Check(); !errors.Is(err, sohoa.ErrInvalid) {
		t.Errorf("a schedule without rules: %v, want ErrInvalid", err)
	}
}
