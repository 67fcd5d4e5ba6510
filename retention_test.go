package sohoa_test

import (
	"bytes"
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
	var b bytes.Buffer
	if err := want.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	got, err := sohoa.ReadScheduleCSV(&b)
	if d := cmp.Diff(want, got); err != nil || d != "" {
		t.Errorf("read again: %v (-want +got):\n%s", err, d)
	}
	sheet := "\ufefftype;name;code;years;basis\r\na;Tên;7;5;luật\r\n;Khác;1;;luật\r\n"
	if got, err := sohoa.ReadScheduleCSV(strings.NewReader(sheet)); err != nil || got.For("a").Years != 5 || got.For("b").Code != sohoa.RetentionForever {
		t.Errorf("a spreadsheet's table = %+v, %v", got, err)
	}
	for name, table := range map[string]string{
		"nothing": "", "no rules": "type,name,code,years,basis\n", "a column less": "type,name,code,years\n",
		"twice": "type,name,code,years,basis\na,A,01,,b\na,A,01,,b\n", "years of a fixed period": "type,name,code,years,basis\na,A,05,3,b\n",
		"no such code": "type,name,code,years,basis\na,A,09,,b\n", "no basis": "type,name,code,years,basis\na,A,01,,\n",
		"capital letters": "type,name,code,years,basis\nA,A,01,,b\n", "years that are none": "type,name,code,years,basis\na,A,07,x,b\n",
	} {
		if _, err := sohoa.ReadScheduleCSV(strings.NewReader(table)); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

// FuzzReadScheduleCSV reads any bytes; what is read can be written and read
// again.
func FuzzReadScheduleCSV(f *testing.F) {
	f.Add([]byte("type,name,code,years,basis\na,A,07,2,b\n,Khác,01,,c\n"))
	f.Add([]byte("\ufefftype;name;code;years;basis\r\na;\"T\nên\";7;5;luật\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := sohoa.ReadScheduleCSV(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := s.WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
		again, err := sohoa.ReadScheduleCSV(&out)
		if err != nil || len(again.Rules) != len(s.Rules) {
			t.Errorf("%q becomes %+v, %v", b, again, err)
		}
	})
}
