package sohoa_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"sohoa"
)

func TestDocumentIDSortsByTime(t *testing.T) {
	base := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var last sohoa.DocumentID
	for i := range 100 {
		id := sohoa.NewDocumentID(base.Add(time.Duration(i) * time.Millisecond))
		if len(id.String()) != 26 {
			t.Fatalf("NewDocumentID = %q, want 26 characters", id)
		}
		if id.String() <= last.String() {
			t.Fatalf("NewDocumentID at +%d ms = %q, want it after %q", i, id, last)
		}
		back, err := sohoa.ParseDocumentID(strings.ToLower(id.String()))
		if err != nil || back != id {
			t.Fatalf("ParseDocumentID(%q) = %v, %v, want the same", id, back, err)
		}
		last = id
	}
}

func TestDocumentIDIsAULID(t *testing.T) {
	id := sohoa.NewDocumentID(time.UnixMilli(1469918176385))
	if got := id.String()[:10]; got != "01ARYZ6S41" {
		t.Errorf("time part of %q = %q, want %q as the ULID specification gives it", id, got, "01ARYZ6S41")
	}
}

func TestParseDocumentIDRefuses(t *testing.T) {
	for _, s := range []string{"", "x", "01ARYZ6S41TSV4RRFFQ69G5FA", "01ARYZ6S41TSV4RRFFQ69G5FAVV", "81ARYZ6S41TSV4RRFFQ69G5FAV",
		"01ARYZ6S41TSV4RRFFQ69G5FAI", "../../../../../etc/passwd0"} {
		if id, err := sohoa.ParseDocumentID(s); !errors.Is(err, sohoa.ErrInvalid) {
			t.Errorf("ParseDocumentID(%q) = %v, %v, want ErrInvalid", s, id, err)
		}
	}
}

func TestJournalChainShowsEveryChange(t *testing.T) {
	chain := func() []sohoa.Entry {
		var prev sohoa.Entry
		var all []sohoa.Entry
		for i := range 3 {
			e := sohoa.Entry{Time: time.UnixMicro(int64(1_000_000 + i)), Actor: "lan", Action: sohoa.ActionView, Dossier: "H1"}
			e.Seal(prev)
			all, prev = append(all, e), e
		}
		return all
	}
	verify := func(entries []sohoa.Entry) error {
		var prev sohoa.Entry
		for _, e := range entries {
			if err := e.Follows(prev); err != nil {
				return err
			}
			prev = e
		}
		return nil
	}
	if err := verify(chain()); err != nil {
		t.Fatalf("untouched chain: %v", err)
	}
	changes := map[string]func([]sohoa.Entry) []sohoa.Entry{
		"actor":       func(c []sohoa.Entry) []sohoa.Entry { c[1].Actor = "hoa"; return c },
		"time":        func(c []sohoa.Entry) []sohoa.Entry { c[1].Time = c[1].Time.Add(time.Second); return c },
		"purpose":     func(c []sohoa.Entry) []sohoa.Entry { c[1].Purpose = "x"; return c },
		"moved field": func(c []sohoa.Entry) []sohoa.Entry { c[1].Actor, c[1].Dossier = "lanH", "1"; return c },
		"removed":     func(c []sohoa.Entry) []sohoa.Entry { return append(c[:1], c[2]) },
		"swapped":     func(c []sohoa.Entry) []sohoa.Entry { c[1], c[2] = c[2], c[1]; return c },
		"resealed":    func(c []sohoa.Entry) []sohoa.Entry { c[1].Actor = "hoa"; c[1].Seal(c[0]); return c },
	}
	for name, change := range changes {
		if err := verify(change(chain())); !errors.Is(err, sohoa.ErrVerification) {
			t.Errorf("%s: verify = %v, want ErrVerification", name, err)
		}
	}
}

func TestProblemSurvivesJSON(t *testing.T) {
	p := &sohoa.Problem{Kind: sohoa.ErrTooLarge, Code: "file.too-large", Args: []string{"a.pdf", "1 MiB"}, Detail: "d"}
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back sohoa.Problem
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(&back, sohoa.ErrTooLarge) || back.Text(sohoa.Vietnamese) != p.Text(sohoa.Vietnamese) || back.Detail != "d" {
		t.Errorf("problem through JSON = %+v, want %+v", back, *p)
	}
	if text := p.Text(sohoa.Vietnamese); !strings.Contains(text, "a.pdf") || strings.Contains(text, "{") {
		t.Errorf("Text(vi) = %q, want the name filled in", text)
	}
}
